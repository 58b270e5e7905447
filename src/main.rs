use std::sync::Arc;
use brainsweep::{*, study::*, coupling::*, integrator::*, backend::{*, cpu::*}, record::*, plan::*};
fn main() {
    let mut z = ndarray_npy::NpzReader::new(std::fs::File::open("data/hcp.npz").unwrap()).unwrap();
    let w: ndarray::Array2<f64> = z.by_name("Cmat").unwrap();
    let d: ndarray::Array2<f64> = z.by_name("Dmat").unwrap();
    let mut c = connectome::Connectome::uncoupled(80);
    c.weights = w; c.delays = connectome::Delays::TractLengths(d);
    let model = model::find("fitzhugh-nagumo").unwrap();
    let study = Study { name: "a".into(), model, integrator: Integrator::ExponentialEuler, parameters: model.defaults().into_iter().map(Values::Uniform).collect(), connectome: Arc::new(c),
      coupling: Coupling { kind: CouplingKind::Diffusive, g: 1.0, conduction_speed: 20.0, delay_rounding: DelayRounding::Truncate, delay_reads: DelayReads::OneLater },
      input: vec![Values::Uniform(0.72), Values::Uniform(0.0)], noise: Noise { kind: NoiseKind::OrnsteinUhlenbeck, tau: 5.0, mean: vec![0.0.into(), 0.0.into()], sigma: vec![0.01.into(), 0.01.into()], replay: None},
      initial: Initial { state: vec![study::Start::Uniform{low:0.0,high:0.05}, study::Start::Uniform{low:0.0,high:0.05}], history: None, feedback: 0.0.into() },
      protocol: Protocol { duration: 6000.0, dt: 0.1, seed: 1, simulation: 0, transient: 0.0}, record: Record { states: vec![0], every: 0.1 } };
    let n: usize = std::env::args().nth(1).map_or(1, |a| a.parse().unwrap());
    let studies: Vec<Study> = (0..n).map(|k| { let mut s = study.clone(); s.protocol.seed = k as u64; s }).collect();
    let plan = Plan::batch(&studies).unwrap();
    println!("{plan}");
    for k in [match std::env::args().nth(2).unwrap().as_str() { "r" => Kernel::Reference, "n" => Kernel::Nodes, _ => Kernel::Simulations }] {
        let cpu = Cpu::with_kernel(k).with_threads(1).unwrap();
        let raw = Raw::new(&plan);
        let t = std::time::Instant::now();
        cpu.run(&plan, &raw, &Control::default()).unwrap();
        let r = raw.into_recorded();
        println!("{k:?} {:?} per run, {:?}", t.elapsed() / n as u32, &r[n-1].end.state.row(0).as_slice().unwrap()[..4]);
    }
}
