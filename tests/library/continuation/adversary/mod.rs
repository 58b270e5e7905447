//! Diagrams of random nodes against a brute-force scan, simulations and phase planes: nothing may be missing and nothing may be surplus. Nor may
//! what is found depend on how it is looked for.
//!
//! The scan (`scan`) knows nothing of continuation. At many parameter values Newton's method starts from a grid of states, and the
//! determinant and the trace of the Jacobian say what each equilibrium is. Between two values an equilibrium that turns from stable to
//! unstable is a Hopf point, and two that appear or vanish are a fold. Simulations (`simulate`) say which attractors there are, phase
//! planes (`planes`) which cycles, stable and unstable. The same problem in another guise (`consistent`) has the same events: other steps
//! and meshes, other units of time, the other direction, states in another order, a part of the range.
//!
//! ```sh
//! cargo run --release --example adversary -- 1000
//! ```

pub mod cases;
mod consistent;
mod planes;
mod scan;
mod simulate;

use crate::random::Random;
use brainsweep::continuation::{Diagram, NodeProblem};
use brainsweep::model::find;

use cases::{CASES, Case};

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).abs().max((a[1] - b[1]).abs())
}

/// What is wrong with the diagram of a node, in words.
fn faults(node: &NodeProblem, case: &Case, random: &mut Random, guises: bool) -> Vec<String> {
    let settings = case.settings();
    let diagram = match Diagram::new(node, node.start(), &settings) {
        Ok(diagram) => diagram,
        Err(error) => return vec![error.to_string()],
    };
    let stopped = diagram.stopped.iter();
    let mut faults: Vec<String> = stopped.map(|remark| remark.report()).collect();
    faults.extend(scan::against_scan(node, case, &diagram, &settings));
    faults.extend(simulate::against_simulations(
        node, case, &diagram, &settings, random,
    ));
    faults.extend(planes::against_planes(
        node, case, &diagram, &settings, random,
    ));
    if guises {
        faults.extend(consistent::against_guises(node, &diagram, &settings));
    }
    faults
}

/// What was wrong with so many random sets of parameters of each model, of which every `guises`th is looked at in other guises, too.
/// `tell` hears of every set: the model, the number of the set and its faults.
fn tried(
    cases: &[Case],
    (sets, guises): (usize, usize),
    mut tell: impl FnMut(&str, usize, &[String]),
) -> Vec<String> {
    let mut all = Vec::new();
    for case in cases {
        let mut random = Random(20);
        for set in 0..sets {
            let values = case.set(&mut random);
            let node =
                NodeProblem::new(find(case.model).unwrap(), &values, &[case.varies]).unwrap();
            let mut own = Random(set as u64);
            let found = faults(&node, case, &mut own, set % guises == guises - 1);
            let set_to = values.iter().map(|(n, v)| format!("--set {n}={v}"));
            let set_to = set_to.collect::<Vec<_>>().join(" ");
            let told = |fault| format!("{} {set}: {fault}\n    {set_to}", case.model);
            let faults: Vec<String> = found.into_iter().map(told).collect();
            tell(case.model, set, &faults);
            all.extend(faults);
        }
    }
    all
}

/// All models; one of ten sets in other guises.
pub fn all(sets: usize, tell: impl FnMut(&str, usize, &[String])) -> Vec<String> {
    tried(&CASES, (sets, sets.min(10)), tell)
}

#[cfg(test)]
#[track_caller]
fn assert_none(wrong: &[String]) {
    let told = wrong.join("\n");
    assert!(wrong.is_empty(), "{} faults\n{told}", wrong.len());
}

#[test]
fn nothing_is_missing_and_nothing_is_surplus() {
    assert_none(&tried(&CASES[..3], (20, usize::MAX), |_, _, _| ()));
}

#[test]
fn nothing_depends_on_how_it_is_looked_for() {
    assert_none(&all(1, |_, _, _| ()));
}
