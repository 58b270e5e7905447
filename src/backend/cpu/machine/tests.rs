//! Fused operations have the bits of plain ones, and are found where they should be.

use super::*;
use crate::dynamics::{Argument, Recipe};
use crate::model::{self, MODELS, Model};
use crate::noise::philox;
use ndarray::{Array1, Array2};

const LANES: usize = 8;
/// Rows of sums and fed-back signals: as many as any step reads.
const ROWS: usize = 8;

/// Between -1 and 1, the same for the same `k`.
fn number(k: usize, stream: u32) -> f32 {
    philox([k as u32, stream, 0, 0], [3, 4])[0] as f32 / 2f32.powi(31) - 1.0
}

/// A step's machine, its blocks and number of operations.
fn machine(step: &Step, n_places: usize, fusion: Fusion, common: bool, differ: bool) -> Machine {
    machine_of(Phase::Step, step, n_places, fusion, common, differ)
}

/// That of one of the step's programs.
fn machine_of(
    phase: Phase,
    step: &Step,
    n_places: usize,
    fusion: Fusion,
    common: bool,
    differ: bool,
) -> Machine {
    let blocks = Blocks::new(n_places, LANES);
    let number = |k: usize, place: usize, lane: usize| {
        let of_place = if differ { 0.1 * number(place, 7) } else { 0.0 };
        0.3 + 0.2 * number(100 * k + lane, 1) + of_place
    };
    Machine::new(&Setting {
        step,
        phase,
        blocks,
        lanes: Lanes::Portable,
        fusion,
        number: &number,
        normal_row: n_places * LANES + 32,
        common_normals: common,
        row: n_places * LANES,
    })
}

/// What is kept after a few steps.
fn run(mut machine: Machine, n_places: usize, n_targets: usize) -> Vec<u32> {
    let blocks = machine.blocks;
    let n = blocks.len() * blocks.n_in_block * LANES;
    let mut kept: Vec<f32> = (0..machine.n_quantities * n)
        .map(|k| 0.3 * number(k, 2))
        .collect();
    let row = n_places * LANES + 32;
    for step in 0..4 {
        let of = |stream: u32, n: usize| -> Vec<f32> {
            (0..n).map(|k| number(k + 10_000 * step, stream)).collect()
        };
        let rows = ROWS * n_places * LANES;
        let (sums, feedback, predicted) = (of(3, rows), of(4, rows), of(6, rows));
        let waves = of(8, rows);
        let normal = of(5, n_targets * row);
        machine.run(Arrays {
            kept: &mut kept,
            sums: &sums,
            predicted: &predicted,
            feedback: &feedback,
            waves: &waves,
            normal: &normal,
        });
    }
    // What is not a number has no bits of its own: which operand's it takes is up to the compiler.
    let bits = |x: f32| if x.is_nan() { u32::MAX } else { x.to_bits() };
    kept.into_iter().map(bits).collect()
}

/// A model that looks up tables of one and of two arguments.
fn tabled() -> &'static Model {
    const TEXT: &str = r#"
name = "tabled"
summary = ""
equations = """
dx/dt = f(x, y) - f(y, p*x) - x
dy/dt = floor(4*x) + g(p) + g(x + x_ext)*f(p, y) - y
"""
states = { x = { unit = "1", meaning = "" }, y = { unit = "1", meaning = "" } }
parameters = { p = { unit = "1", default = 0.4, meaning = "" } }
inputs = { x_ext = { unit = "1", meaning = "" } }
tables.f = { file = "", key = "f", first = "u", second = "v", unit = "1", meaning = "" }
tables.g = { file = "", key = "g", first = "v", unit = "1", meaning = "" }
"#;
    let files = |_: &str, key: &str| {
        let (u, v) = (
            Array1::linspace(-1.0, 1.0, 9),
            Array1::linspace(-0.5, 0.5, 33),
        );
        Ok(match key {
            "u" => u.into_dyn(),
            "v" => v.into_dyn(),
            "g" => v.mapv(f64::sin).into_dyn(),
            _ => Array2::from_shape_fn((9, 33), |(i, j)| (u[i] + 2.0 * v[j]).sin()).into_dyn(),
        })
    };
    model::intern_with("tabled", TEXT, &files).expect("a sound text")
}

/// Every model x integrator x noise, numbers that differ between nodes and that do not, shared and own normal numbers, one block and
/// several of which the last is shorter.
#[test]
fn fused_operations_have_the_bits_of_plain_ones() {
    for model in MODELS.iter().copied().chain([tabled()]) {
        let n_targets = model.noise_targets().len();
        for (k, recipe) in Recipe::each(model).enumerate() {
            let step = Step::new(
                model,
                &recipe,
                &(0..model.observables().len()).collect::<Vec<_>>(),
            );
            for (common, differ, n_places) in [
                (true, false, 3),
                (false, true, 47),
                (true, true, 41 + k),
                (false, false, 1),
            ] {
                let predicts = step.prediction.as_ref().map(|_| Phase::Prediction);
                for phase in [Some(Phase::Step), predicts].into_iter().flatten() {
                    let with = |fusion| machine_of(phase, &step, n_places, fusion, common, differ);
                    let (plain, fused) = (with(Fusion::None), with(Fusion::All));
                    let what = format!("{} {recipe:?} {phase:?}", model.name);
                    assert!(fused.n_ops() <= plain.n_ops(), "{what}");
                    let plain = run(plain, n_places, n_targets);
                    let differing = run(fused, n_places, n_targets)
                        .iter()
                        .zip(&plain)
                        .filter(|(a, b)| a != b)
                        .count();
                    assert_eq!(differing, 0, "{what}, {common} {differ} {n_places}");
                }
            }
        }
    }
}

/// The operations of FitzHugh-Nagumo's step: `recipe` counts among [`Recipe::each`].
fn kinds(recipe: usize) -> Vec<ops::Kind> {
    let model = model::find("fitzhugh-nagumo").expect("a model of ours");
    let recipe = Recipe::each(model).nth(recipe).expect("one of them");
    let machine = machine(
        &Step::new(model, &recipe, &[0]),
        80,
        Fusion::All,
        true,
        false,
    );
    machine.ops.iter().map(|op| op.kind).collect()
}

/// What makes the machine as fast as compiled code: a step of the default study is a dozen operations.
#[test]
fn fitzhugh_nagumo_is_a_dozen_operations() {
    use ops::Kind;
    let noisy = kinds(2);
    for kind in [
        Kind::DriveFirst,
        Kind::Drive,
        Kind::SettleExponential,
        Kind::Settle,
    ] {
        assert_eq!(
            noisy.iter().filter(|k| **k == kind).count(),
            1,
            "{kind:?} in {noisy:?}"
        );
    }
    assert!(noisy.len() <= 13, "{noisy:?}");
    let euler = kinds(3);
    assert_eq!(
        euler.iter().filter(|k| **k == Kind::Settle).count(),
        2,
        "{euler:?}"
    );
}

/// Where the inside of a fragment is needed elsewhere, it is not taken: here the change of x is also the output that y receives.
#[test]
fn a_fragment_whose_inside_is_needed_elsewhere_is_not_taken() {
    let model = model::find("fitzhugh-nagumo").expect("a model of ours");
    let euler = Recipe::each(model)
        .nth(3)
        .expect("Euler's method without noise");
    let mut step = Step::new(model, &euler, &[]);
    let state = |s: usize| {
        let argument = |a: &Argument| *a == Argument::State(s);
        step.arguments.iter().position(argument).expect("a state") as u32
    };
    // The last result becomes the sum of x and its change, which is inside of the fragment of x.
    let next = step.program.results()[0];
    let Some(crate::program::Op::Add(a, b)) = step.program.op(next) else {
        panic!("a state is moved by a sum")
    };
    let change = if a == state(0) { b } else { a };
    let mut results = step.program.results().to_vec();
    results[3] = change;
    step.program = step.program.with_results(&results);
    let plain = machine(&step, 5, Fusion::None, true, false);
    let fused = machine(&step, 5, Fusion::All, true, false);
    let settles = fused.ops.iter().filter(|op| op.kind == ops::Kind::Settle);
    assert_eq!(
        settles.count(),
        0,
        "neither may be taken: the change of x is needed, and y's rest is gone"
    );
    assert_eq!(run(fused, 5, 2), run(plain, 5, 2));
}
