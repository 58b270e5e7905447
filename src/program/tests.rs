//! Programs compute what was recorded, in as few operations, and derivatives of programs are programs.

use super::*;
use crate::scalar::Dual;

/// `[a b + a, (a b)^2, exp(c) a]`, c being the third argument.
fn program() -> Program {
    record(|| {
        let [a, b, c] = [0, 1, 2].map(Symbol::argument);
        let product = a * b;
        (3, vec![product + a, product * (b * a), c.exp() * a])
    })
}

#[test]
fn equal_values_are_made_once() {
    let program = program();
    assert_eq!(program.ops().len(), 5, "{program:?}");
    let found: Vec<f64> = program.evaluate(&[&[2.0, 3.0], &[0.0]]);
    assert_eq!(found, [8.0, 36.0, 2.0]);
    let single: Vec<f32> = program.evaluate(&[&[2.0, 3.0, 0.0]]);
    assert_eq!(single, [8.0, 36.0, 2.0]);
}

#[test]
fn signs_move_outwards() {
    let program = record(|| {
        let [a, b] = [0, 1].map(Symbol::argument);
        (
            2,
            vec![
                -a * -b,
                a + -b,
                -(-a),
                a * Symbol::lit(-1.0),
                a * Symbol::lit(1.0),
            ],
        )
    });
    assert_eq!(
        program.ops().len(),
        3,
        "a product, a difference, a sign: {program:?}"
    );
    assert_eq!(
        program.evaluate::<f64>(&[&[2.0, 5.0]]),
        [10.0, -3.0, 2.0, -2.0, 2.0]
    );
}

#[test]
fn derivatives_of_programs_are_programs() {
    let program = program();
    let slope = record(|| {
        let values = [0, 1, 2].map(Symbol::argument);
        let mut seeded = values.map(Dual::constant);
        seeded[0] = Dual::variable(values[0]);
        let results = program.evaluate(&[&seeded[..]]);
        (3, results.into_iter().map(Dual::derivative).collect())
    });
    // b + 1, 2 a b^2, e^c
    let found: Vec<f64> = slope.evaluate(&[&[2.0, 3.0, 0.0]]);
    assert_eq!(found, [4.0, 36.0, 1.0]);
}

#[test]
fn what_is_known_early_is_split_off() {
    let program = program();
    let split = program.split(|argument| argument == 2);
    assert_eq!(split.early.ops().len(), 1, "the exponential");
    assert_eq!(
        (split.early_arguments, split.late_arguments),
        (vec![2], vec![0, 1])
    );
    let early: Vec<f64> = split.early.evaluate(&[&[1.5]]);
    let late: Vec<f64> = split.late.evaluate(&[&[2.0, 3.0], &early]);
    assert_eq!(late, program.evaluate::<f64>(&[&[2.0, 3.0, 1.5]]));
}

#[test]
fn what_depends_on_an_argument_is_known() {
    let program = program();
    let depends = program.depends(|argument| argument == 2);
    let results = program.results().iter().map(|&id| depends[id as usize]);
    assert_eq!(results.collect::<Vec<_>>(), [false, false, true]);
}
