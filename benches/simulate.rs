//! Steps of networks per second, on every kernel that this CPU can run, one thread.
//!
//! Throughput is in replica-steps: simulations x steps. A batch kernel runs as many simulations as it has lanes, with a seed each or
//! with one for all (as in a sweep), with and without the moments for FC every ten steps.

use std::sync::Arc;

use brainsweep::backend::cpu::{Cpu, Kernel};
use brainsweep::backend::{Backend, Control};
use brainsweep::connectome::synthetic;
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::io::study;
use brainsweep::measure;
use brainsweep::plan::Plan;
use brainsweep::record::{End, Recorder, Takes};
use brainsweep::study::Study;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;

const STEPS: u64 = 1000;

/// So many simulations of the tutorial's network, or of a random one with so many nodes; they differ in g, and in their seeds or not.
fn studies(n_nodes: usize, n_simulations: usize, own_seeds: bool) -> Vec<Study> {
    let flags = ["protocol.duration=100", "record.every=1"];
    let mut study = study::load(None, &flags).expect("the shipped study");
    if n_nodes != study.connectome.n_nodes() {
        study.connectome = Arc::new(synthetic::random(n_nodes, 1.0, 250.0, 1));
    }
    (0..n_simulations)
        .map(|k| {
            let mut study = study.clone();
            // Weak enough that the random network, whose weights are larger, stays bounded.
            study.set_g((0.5 + 0.01 * k as f64) / n_nodes as f64);
            study.protocol.seed = if own_seeds { k as u64 } else { 0 };
            study
        })
        .collect()
}

/// The plan of these studies.
fn plan(n_nodes: usize, n_simulations: usize, own_seeds: bool) -> Plan {
    let studies = studies(n_nodes, n_simulations, own_seeds);
    Plan::batch(&studies).expect("the studies differ in numbers only")
}

/// Takes what it is told to, and forgets it.
struct Forget(Takes);

impl Recorder for Forget {
    fn takes(&self) -> Takes {
        self.0
    }
    fn finish(&self, _simulation: usize, _end: End) {}
}

fn kernels(criterion: &mut Criterion) {
    let nothing = Takes {
        samples: false,
        moments: false,
    };
    for n_nodes in [80, 200, 400] {
        let mut group = criterion.benchmark_group(format!("{n_nodes} nodes, one thread"));
        group.sample_size(10);
        for kernel in Cpu::kernels() {
            let cpu = Cpu::with_kernel(kernel).expect("it was found");
            let cpu = cpu.with_threads(1).expect("a thread");
            let seeds: &[bool] = match kernel {
                Kernel::Batch(_) => &[true, false],
                _ => &[true],
            };
            for &own_seeds in seeds {
                let plan = plan(n_nodes, kernel.width(), own_seeds);
                group.throughput(Throughput::Elements(kernel.width() as u64 * STEPS));
                for (what, takes) in [("", nothing), (", moments", Takes::MOMENTS)] {
                    let seeds = if own_seeds { "own seeds" } else { "one seed" };
                    let id = BenchmarkId::new(kernel.name(), format!("{seeds}{what}"));
                    group.bench_with_input(id, &plan, |bencher, plan| {
                        bencher.iter(|| cpu.run(plan, &Forget(takes), &Control::default()));
                    });
                }
            }
        }
    }
}

/// What Heun's method costs with the coupling at both ends of the step: the tutorial's network, every delay at least one step, so that
/// a step has one sum either way; and without delays, where it has two.
fn stages(criterion: &mut Criterion) {
    let nothing = Takes {
        samples: false,
        moments: false,
    };
    for (delays, speed) in [("delays", 20.0), ("no delays", f64::INFINITY)] {
        let mut group = criterion.benchmark_group(format!("Heun, 80 nodes, {delays}, one thread"));
        group.sample_size(10);
        let all = Cpu::kernels().into_iter();
        for kernel in all.filter(|&kernel| kernel != Kernel::Reference) {
            let cpu = Cpu::with_kernel(kernel).expect("it was found");
            let cpu = cpu.with_threads(1).expect("a thread");
            group.throughput(Throughput::Elements(kernel.width() as u64 * STEPS));
            for at in CouplingAt::ALL {
                let mut studies = studies(80, kernel.width(), false);
                for study in &mut studies {
                    study.integrator = Integrator::Heun;
                    study.protocol.coupling_at = at;
                    study.coupling.conduction_speed = speed;
                }
                let plan = Plan::batch(&studies).expect("the studies differ in numbers only");
                let id = BenchmarkId::new(kernel.name(), at.name());
                group.bench_with_input(id, &plan, |bencher, plan| {
                    bencher.iter(|| cpu.run(plan, &Forget(nothing), &Control::default()));
                });
            }
        }
    }
}

fn functional_connectivity(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fc of 6000 samples");
    for n_nodes in [80, 200, 400] {
        let x = Array2::from_shape_fn((6000, n_nodes), |(k, node)| {
            ((k * (node + 3)) as f32 * 0.37).sin()
        });
        group.throughput(Throughput::Elements(6000 * n_nodes as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n_nodes), &x, |bencher, x| {
            bencher.iter(|| measure::fc(x.view()));
        });
    }
}

criterion_group!(benches, kernels, stages, functional_connectivity);
criterion_main!(benches);
