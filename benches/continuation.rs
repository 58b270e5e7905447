//! Times of continuation: one node's equilibria, cycles, curves in two parameters.

use brainsweep::continuation::{
    CycleBranch, Diagram, EquilibriumBranch, Event, EventKind, Locus, NodeProblem, Settings, Start,
};
use brainsweep::model::find;
use criterion::{Criterion, criterion_group, criterion_main};

fn wilson_cowan(y_ext: f64) -> NodeProblem {
    let set = [
        ("wEE", 16.0),
        ("wIE", 15.0),
        ("wEI", 12.0),
        ("wII", 3.0),
        ("E_a", 1.5),
        ("I_a", 1.5),
        ("E_theta", 3.0),
        ("I_theta", 3.0),
        ("y_ext", y_ext),
    ];
    let model = find("wilson-cowan").expect("in the list");
    NodeProblem::new(model, &set, &["x_ext", "y_ext"]).expect("two inputs")
}

fn fitzhugh_nagumo() -> NodeProblem {
    let model = find("fitzhugh-nagumo").expect("in the list");
    NodeProblem::new(model, &[], &["x_ext"]).expect("an input")
}

fn start(problem: &NodeProblem, low: f64) -> Start {
    let mut parameters = problem.start().to_vec();
    parameters[0] = low;
    Start {
        state: vec![0.0; 2],
        parameters,
        active: 0,
        tangent: None,
    }
}

fn hopf_points(problem: &NodeProblem, settings: &Settings) -> Vec<Event> {
    let mut settings = settings.clone();
    settings.cycles = false;
    let diagram = Diagram::new(problem, problem.start(), &settings).expect("an equilibrium");
    let events = diagram.events().map(|(_, event)| event.clone());
    events.filter(|e| e.kind == EventKind::Hopf).collect()
}

fn continuation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("continuation");
    group.sample_size(20);

    let node = fitzhugh_nagumo();
    let settings = Settings::new(0.0, 2.0);
    group.bench_function("fitzhugh-nagumo equilibria with events", |b| {
        let start = start(&node, 0.0);
        b.iter(|| EquilibriumBranch::through(&node, &start, &settings).expect("converges"));
    });
    let hopf = hopf_points(&node, &settings);
    let mut fine = settings.clone();
    fine.mesh = 50;
    fine.step_max = 0.006;
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

    let node = wilson_cowan(0.0);
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

    let node = wilson_cowan(-1.0);
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
}

criterion_group!(benches, continuation);
criterion_main!(benches);
