//! What a run sums while it goes on is what its samples, kept, would give.

use crate::common;

use brainsweep::backend::cpu::{Cpu, Kernel};
use brainsweep::backend::{Backend, Control};
use brainsweep::io::study::load;
use brainsweep::measure;
use brainsweep::plan::Plan;
use brainsweep::record::{End, Moments, MomentsStream, Streamed};
use brainsweep::study::{NoiseKind, Values};
use ndarray::{Axis, s};

fn streamed(backend: &dyn Backend, plan: &Plan) -> Vec<(Option<Moments>, Option<End>)> {
    let recorder = Streamed::new(plan);
    backend.run(plan, &recorder, &Control::default()).unwrap();
    recorder.into_moments()
}

/// Ten replicas of the tutorial's network that differ in seed and coupling: two groups of lanes, the second not full.
fn replicas(flags: &[&str]) -> Plan {
    let study = load(None, flags).unwrap();
    let studies: Vec<_> = (0..10)
        .map(|k| {
            let mut study = study.clone();
            study.protocol.seed = k;
            study.set_number("coupling.g", 0.2 * k as f64).unwrap();
            study
        })
        .collect();
    Plan::batch(&studies).unwrap()
}

each_backend! {
    /// Bit for bit, and with a last block of 16 that is not whole.
    fn a_backend_sums_what_it_would_have_recorded(backend) {
        let plan = replicas(&["protocol.duration=61.3", "protocol.transient=20", "record.every=0.5"]);
        let recorded = common::run(backend, &plan);
        for (run, (moments, end)) in recorded.iter().zip(streamed(backend, &plan)) {
            let mut stream = MomentsStream::new(plan.n_nodes);
            let samples = run.samples.slice(s![plan.recording.n_transient.., 0, ..]);
            assert_eq!(samples.nrows() % MomentsStream::BLOCK, 2);
            samples.outer_iter().for_each(|row| stream.push(row));
            assert_eq!(moments.unwrap(), stream.finish());
            assert_eq!(end.unwrap().state, run.end.state);
        }
    }

    /// At the first sample that is not finite, of the first recorded state, also within the transient.
    fn a_diverged_simulation_has_no_moments_and_says_when_and_where(backend) {
        let mut study = load(None, &["protocol.duration=30", "protocol.transient=20", "record.every=0.5"]).unwrap();
        study.set_number("input.x[7]", 3e37).unwrap();
        let mut healthy = study.clone();
        healthy.set_number("input.x[7]", 0.72).unwrap();
        let plan = Plan::batch(&[healthy, study]).unwrap();
        let samples = common::run(backend, &plan);
        let found = streamed(backend, &plan);
        assert!(found[0].0.is_some() && found[1].0.is_none());
        let divergence = found[1].1.as_ref().unwrap().divergence;
        assert_eq!(divergence.unwrap().node, 7);
        assert_eq!(divergence, samples[1].end.divergence);
    }
}

/// FC of the samples in f64 and of the sums in f32, over a run long enough to have an FC, first samples included.
#[test]
fn streamed_fc_agrees_with_the_fc_of_all_samples() {
    let plan = replicas(&["protocol.duration=2000", "record.every=1"]);
    let recorded = common::run(&Cpu::new(), &plan);
    let mut furthest = 0.0_f64;
    for (run, (moments, _)) in recorded.iter().zip(streamed(&Cpu::new(), &plan)) {
        let samples = run.samples.slice(s![plan.recording.n_transient.., 0, ..]);
        let moments = moments.unwrap();
        let difference = (&measure::fc_of(&moments) - &measure::fc(samples)).mapv(f64::abs);
        furthest = difference.iter().copied().fold(furthest, f64::max);
        let mean = samples.mapv(f64::from).mean_axis(Axis(0)).unwrap();
        assert!((moments.mean() - mean).iter().all(|d| d.abs() < 1e-7));
    }
    assert!(furthest < 1e-6, "{furthest}");
}

/// At rest the last bits move; a little noise is a signal. Samples and sums know one from the other alike.
#[test]
fn a_network_at_rest_is_constant_in_samples_and_in_sums() {
    let flags = [
        "noise.kind=none",
        "initial={x = 0.7, y = 0.5}",
        "input=0.2",
        "protocol.duration=900",
        "protocol.transient=800",
        "record.every=1",
    ];
    let mut noisy = load(None, &flags).unwrap();
    noisy.noise.kind = NoiseKind::White;
    noisy.noise.sigma.fill(Values::Uniform(0.0));
    noisy.set_number("noise.sigma.x[7]", 1e-4).unwrap();
    noisy.set_g(0.0);
    let rest = load(None, &flags).unwrap();
    for (study, n_constant) in [(rest, 80), (noisy, 79)] {
        let plan = Plan::new(&study).unwrap();
        let run = common::run(&Cpu::new(), &plan).remove(0);
        let samples = run.samples.slice(s![plan.recording.n_transient.., 0, ..]);
        let whole = measure::constant_nodes(measure::fc(samples).view());
        let moments = streamed(&Cpu::new(), &plan).remove(0).0.unwrap();
        let fc = measure::fc_of(&moments);
        assert_eq!(measure::constant_nodes(fc.view()), whole);
        assert_eq!(
            (whole.len(), whole.contains(&7)),
            (n_constant, n_constant == 80)
        );
        let (mean, sd) = (moments.mean(), moments.sd());
        let by_sd = (0..80).filter(|&node| measure::is_constant(mean[node], sd[node]));
        assert_eq!(by_sd.collect::<Vec<_>>(), whole);
    }
}

/// Also where one of the replicas diverges: when and where do not depend on the kernel, nor do its neighbours' sums.
#[test]
fn every_cpu_kernel_sums_the_same_bits() {
    let mut study = load(None, &["protocol.duration=40", "record.every=0.3"]).unwrap();
    let mut studies = Vec::new();
    for k in 0..10 {
        study.protocol.seed = k / 4;
        study.set_number("coupling.g", 0.2 * k as f64).unwrap();
        let input = if k == 6 { 3e37 } else { 0.72 };
        study.set_number("input.x[7]", input).unwrap();
        studies.push(study.clone());
    }
    let plan = Plan::batch(&studies).unwrap();
    let on = |kernel| streamed(&Cpu::with_kernel(kernel).unwrap(), &plan);
    let reference = on(Kernel::Reference);
    for (k, (moments, end)) in reference.iter().enumerate() {
        assert_eq!(moments.is_none(), k == 6);
        assert_eq!(end.as_ref().unwrap().divergence.is_some(), k == 6);
    }
    for kernel in Cpu::kernels() {
        for (found, expected) in on(kernel).iter().zip(&reference) {
            let (found_end, end) = (found.1.as_ref().unwrap(), expected.1.as_ref().unwrap());
            assert_eq!(found.0, expected.0, "{}", kernel.name());
            assert_eq!(found_end.divergence, end.divergence, "{}", kernel.name());
        }
    }
}
