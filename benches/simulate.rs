//! Steps of networks per second: CPU kernels over nodes and simulations.
//!
//! Throughput is in node-steps: nodes x simulations x steps.

use std::sync::Arc;

use brainsweep::backend::cpu::{Cpu, Kernel};
use brainsweep::backend::{Backend, Control};
use brainsweep::connectome::synthetic;
use brainsweep::io::study;
use brainsweep::measure;
use brainsweep::plan::Plan;
use brainsweep::record::Raw;
use brainsweep::study::Study;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;

const STEPS: u32 = 1000;

/// So many simulations of the tutorial's network, or of a random one with so many nodes.
fn plan(n_nodes: usize, n_simulations: u64) -> Plan {
    let flags = ["protocol.duration=100", "record.every=10"];
    let mut study = study::load(None, &flags).expect("the shipped study");
    if n_nodes != study.connectome.n_nodes() {
        study.connectome = Arc::new(synthetic::random(n_nodes, 1.0, 250.0, 1));
    }
    let studies: Vec<Study> = (0..n_simulations)
        .map(|seed| {
            let mut study = study.clone();
            study.protocol.seed = seed;
            study
        })
        .collect();
    Plan::batch(&studies).expect("the studies differ in their seeds only")
}

fn kernels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulate, one thread");
    group.sample_size(20);
    for (kernel, n_simulations) in [
        (Kernel::Reference, 1),
        (Kernel::Nodes, 1),
        (Kernel::Simulations, 8),
    ] {
        let cpu = Cpu::with_kernel(kernel).with_threads(1).expect("a thread");
        for n_nodes in [80, 200, 400] {
            let plan = plan(n_nodes, n_simulations);
            group.throughput(Throughput::Elements(
                n_nodes as u64 * n_simulations * u64::from(STEPS),
            ));
            let id = BenchmarkId::new(
                format!("{kernel:?} x {n_simulations}"),
                format!("{n_nodes} nodes"),
            );
            group.bench_with_input(id, &plan, |bencher, plan| {
                bencher.iter(|| {
                    cpu.run(
                        plan,
                        &Raw::new(plan).expect("room for the samples"),
                        &Control::default(),
                    )
                    .expect("the CPU runs")
                });
            });
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

criterion_group!(benches, kernels, functional_connectivity);
criterion_main!(benches);
