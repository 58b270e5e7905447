//! Times of continuation: one node's equilibria, cycles, curves in two parameters.

use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::network::Network;
use brainsweep::continuation::{
    BranchStart, CycleBranch, Diagram, EquilibriumBranch, Event, EventKind, Locus, NodeProblem,
    Settings,
};
use brainsweep::io::connectome::hcp;
use brainsweep::model::find;
use brainsweep::study::Study;
use criterion::{Criterion, criterion_group, criterion_main};

#[allow(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "the tests use the rest"
)]
#[path = "../tests/library/continuation/common.rs"]
mod common;

fn start(problem: &NodeProblem, low: f64) -> BranchStart {
    let mut parameters = problem.start().to_vec();
    parameters[0] = low;
    BranchStart {
        state: vec![0.0; 2],
        parameters,
        active: 0,
        tangent: None,
    }
}

fn hopf_points(problem: &NodeProblem, settings: &Settings) -> Vec<Event> {
    let diagram = common::equilibria(problem, problem.start(), settings);
    common::of_kind(&diagram, EventKind::Hopf)
}

fn continuation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("continuation");
    group.sample_size(20);

    let model = find("fitzhugh-nagumo").expect("in the list");
    let node = NodeProblem::new(model, &[], &["x_ext"]).expect("an input");
    let settings = Settings::new(0.0, 2.0);
    group.bench_function("fitzhugh-nagumo equilibria with events", |b| {
        let start = start(&node, 0.0);
        b.iter(|| EquilibriumBranch::through(&node, &start, &settings).expect("converges"));
    });
    let hopf = hopf_points(&node, &settings);
    let mut fine = settings.clone();
    fine.mesh = 50;
    // About 200 cycles, as AUTO-07p was timed with.
    fine.step_max = 0.0037;
    let cycles = || {
        CycleBranch::from_hopf(&node, node.start(), 0, &hopf[0], &hopf, &fine).expect("converges")
    };
    let count = cycles().cycles.len();
    group.bench_function(
        format!("fitzhugh-nagumo {count} cycles, 50 intervals"),
        |b| {
            b.iter(cycles);
        },
    );
    group.bench_function("fitzhugh-nagumo diagram with cycles", |b| {
        b.iter(|| Diagram::new(&node, node.start(), &settings).expect("converges"));
    });

    let node = common::wilson_cowan("wilson-cowan", 0.0);
    let mut settings = Settings::new(-2.0, 6.0);
    settings.step_max = 0.0113;
    let start = start(&node, -2.0);
    let equilibria = || EquilibriumBranch::through(&node, &start, &settings).expect("converges");
    let count = equilibria().points.len();
    group.bench_function(
        format!("wilson-cowan {count} equilibria with events"),
        |b| {
            b.iter(equilibria);
        },
    );

    let node = common::wilson_cowan("wilson-cowan", -1.0);
    let settings = Settings::new(-2.0, 6.0);
    let hopf = hopf_points(&node, &settings);
    group.bench_function("wilson-cowan cycles into a snic, period 1000", |b| {
        b.iter(|| {
            CycleBranch::from_hopf(&node, node.start(), 0, &hopf[0], &hopf, &settings)
                .expect("converges")
        });
    });
    let ranges = [[-8.0, 10.0], [-10.0, 10.0]];
    group.bench_function("wilson-cowan hopf curve", |b| {
        b.iter(|| {
            Locus::through(&node, &hopf[0], EventKind::Hopf, -1.0, ranges, &settings)
                .expect("converges")
        });
    });
    group.finish();

    // 160 unknowns, as AUTO-07p was timed with: five cycles beyond the Hopf point.
    let mut group = criterion.benchmark_group("network cycles");
    group.sample_size(10);
    let study = Study::new(find("fitzhugh-nagumo").expect("in the list"), hcp());
    let network = Network::new(&study, "x_ext").expect("an input");
    let network = network.without_delays();
    let range = NetworkBranchSettings::new((0.72, 0.74));
    let points = NetworkBranch::new(&network, &network.start(&study), range).expect("converges");
    let events = points.flat_map(|point| point.expect("converges").events);
    let hopf: Vec<Event> = events.map(|event| Event::from(&event)).collect();
    for mesh in [10, 20] {
        let mut settings = Settings::new(0.7, 1.4);
        (settings.mesh, settings.max_cycles) = (mesh, 6);
        group.bench_function(format!("five, {mesh} intervals"), |b| {
            b.iter(|| {
                CycleBranch::from_hopf(&network, &[0.7], 0, &hopf[0], &hopf, &settings)
                    .expect("converges")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, continuation);
criterion_main!(benches);
