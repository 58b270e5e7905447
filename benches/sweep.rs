//! Points of a sweep simulated and scored as `brainsweep sweep` does it, over the number of replicas and over the network's size, all threads.
//!
//! Throughput is in replica-steps: simulations x steps. Points share their random numbers; moments are summed every ten steps, and every
//! replica's FC is made of them and compared with each subject's.

use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::backend::{Backend, Control};
use brainsweep::connectome::synthetic;
use brainsweep::io::study;
use brainsweep::measure::{self, Measures};
use brainsweep::plan::Plan;
use brainsweep::record::{Moments, Streamed};
use brainsweep::sweep::{Description, Sweep, Vary};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, Array3};

const STEPS: u64 = 1000;

/// So many values of g on the tutorial's network, or on a random one with so many nodes and an empirical FC of noise.
fn sweep(n_nodes: usize, n_replicas: usize) -> Sweep {
    let mut study = study::load(None, &["protocol.duration=100"]).expect("the shipped study");
    let mut most = 2.0;
    if n_nodes != study.connectome.n_nodes() {
        let mut connectome = synthetic::random(n_nodes, 1.0, 250.0, 1);
        connectome.functional = Some(Array3::from_shape_fn((7, n_nodes, n_nodes), |(s, i, j)| {
            (((i * j + 1) * (i + j + s)) as f64 * 0.37).sin()
        }));
        study.connectome = Arc::new(connectome);
        // Weak enough that the random network, whose weights are larger, stays bounded.
        most /= n_nodes as f64;
    }
    let values = match n_replicas {
        1 => format!("g={most}"),
        n => format!("g=0:{most}:{n}"),
    };
    let vary = Vary::parse(&values).expect("a range");
    let description = Description {
        vary: vec![vary],
        ..Description::default()
    };
    Sweep::new(&study, &description).expect("the study takes these values")
}

/// The best mean score of the plan's simulations.
fn best(sweep: &Sweep, recorder: Streamed) -> f64 {
    let functional = sweep.base().connectome.functional.as_ref();
    let functional = functional.expect("there are subjects");
    let score = |moments: Moments| {
        let measures = Measures::new(moments, Some(functional)).expect("same shape");
        measures.mean_score()
    };
    let all = recorder.into_moments().into_iter();
    all.filter_map(|(moments, _)| moments.map(score))
        .fold(f64::NEG_INFINITY, f64::max)
}

fn bench(criterion: &mut Criterion, name: &str, cases: &[(usize, usize)]) {
    let cpu = Cpu::default();
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    for &(n_nodes, n_replicas) in cases {
        let sweep = sweep(n_nodes, n_replicas);
        let studies = (0..n_replicas).map(|point| sweep.study(point, 0));
        let studies: Vec<_> = studies.collect::<Result<_, _>>().expect("all go");
        let plan = Plan::batch(&studies).expect("the studies differ in numbers only");
        group.throughput(Throughput::Elements(n_replicas as u64 * STEPS));
        let id = BenchmarkId::from_parameter(format!("{n_nodes} nodes x {n_replicas}"));
        group.bench_function(id, |bencher| {
            bencher.iter_batched(
                || Streamed::new(&plan),
                |recorder| {
                    cpu.run(&plan, &recorder, &Control::default())
                        .expect("the CPU runs the plan");
                    best(&sweep, recorder)
                },
                BatchSize::PerIteration,
            );
        });
    }
}

fn over_replicas(criterion: &mut Criterion) {
    bench(
        criterion,
        "replicas, simulated and scored",
        &[1, 8, 16, 64, 256, 1024].map(|n_replicas| (80, n_replicas)),
    );
}

fn over_nodes(criterion: &mut Criterion) {
    bench(
        criterion,
        "nodes, simulated and scored",
        &[20, 80, 200, 400, 800].map(|n_nodes| (n_nodes, 32)),
    );
}

/// FC of one network's moments, and its correlation with seven subjects'.
fn scores(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scores of moments");
    for n_nodes in [80, 200, 400] {
        let samples = Array2::from_shape_fn((100, n_nodes), |(k, node)| {
            ((k * (node + 3)) as f64 * 0.37).sin()
        });
        let fc = measure::fc(samples.view());
        let functional = fc.broadcast((7, n_nodes, n_nodes)).expect("seven of it");
        group.bench_function(BenchmarkId::from_parameter(n_nodes), |bencher| {
            bencher.iter(|| measure::scores(fc.view(), functional).expect("same shape"));
        });
    }
}

criterion_group!(benches, over_replicas, over_nodes, scores);
criterion_main!(benches);
