//! Stability of the 80-node network with 3160 distinct delays, and network equilibria with their events.

use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::coupling;
use brainsweep::io::connectome::hcp;
use brainsweep::model;
use brainsweep::study::Study;
use criterion::{Criterion, criterion_group, criterion_main};

fn delay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("delay");
    group.sample_size(10);
    let mut study = Study::new(model::find("fitzhugh-nagumo").unwrap(), hcp());
    let network = Network::new(&study, "x_ext").unwrap();
    let start = network.start(&study);
    let at = network.equilibrium(&start, 0.72).unwrap();
    let characteristic = Characteristic::new(&network, &at.u, at.p);
    let roots = characteristic.rightmost(12).unwrap().roots;
    group.bench_function("twelve rightmost roots, certified", |bencher| {
        bencher.iter(|| characteristic.rightmost(12).unwrap());
    });
    group.bench_function("a root followed by Newton's method", |bencher| {
        let near = roots[0].lambda + 1e-3;
        bencher.iter(|| characteristic.polish(near, &roots[0].x).unwrap());
    });
    group.bench_function("branch in x_ext with four Hopf points", |bencher| {
        bencher.iter(|| {
            NetworkBranch::new(&network, &start, NetworkBranchSettings::new((0.7, 1.3)))
                .unwrap()
                .count()
        });
    });
    let first =
        NetworkBranch::new(&network, &start, NetworkBranchSettings::new((0.8, 0.9))).unwrap();
    let hopf = first
        .flat_map(|point| point.unwrap().events)
        .next()
        .unwrap();
    group.bench_function("orbits up to x_ext 0.9", |bencher| {
        let settings = OrbitSettings::new((0.8, 0.9));
        bencher.iter(|| {
            OrbitBranch::from_hopf(&network, &hopf, settings.clone())
                .unwrap()
                .count()
        });
    });
    study.couple(coupling::find("additive").unwrap());
    let additive = Network::new(&study, "x_ext").unwrap().without_delays();
    group.bench_function("additive branch with 64 Hopf points", |bencher| {
        bencher.iter(|| {
            NetworkBranch::new(&additive, &start, NetworkBranchSettings::new((-1.0, 1.5)))
                .unwrap()
                .count()
        });
    });
    group.finish();
}

criterion_group!(benches, delay);
criterion_main!(benches);
