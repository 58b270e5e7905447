fn main() {
    let recipe = brainsweep::dynamics::Recipe { integrator: brainsweep::integrator::Integrator::ExponentialEuler, coupling: brainsweep::coupling::CouplingKind::Diffusive, noise: brainsweep::study::NoiseKind::OrnsteinUhlenbeck, process: 3, random: 3 };
    for m in brainsweep::model::MODELS { println!("{}", brainsweep::dynamics::wgsl(m, &recipe)); }
}
