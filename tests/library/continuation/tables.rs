//! Every cycle of the reference tables, to 1e-6 and better; and the time map as a second method.

use brainsweep::continuation::{Cycle, CycleBranch, EventKind, Problem, Settings};
use num_complex::Complex64;

use crate::continuation::common::{
    close, equilibria, fitzhugh_nagumo, of_kind, time_map, wilson_cowan,
};
use crate::continuation::textbook::Brusselator;

fn table(name: &str) -> Vec<Vec<f64>> {
    let tables: serde_json::Value = serde_json::from_str(include_str!("cycles.json")).unwrap();
    let rows = tables[name].as_array().unwrap().iter();
    rows.map(|row| {
        let numbers = row.as_array().unwrap().iter();
        numbers.map(|x| x.as_f64().unwrap()).collect()
    })
    .collect()
}

/// The branch from the first Hopf point, with what it was made from.
fn branch(problem: &dyn Problem, parameters: &[f64], settings: &Settings) -> CycleBranch {
    let diagram = equilibria(problem, parameters, settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    CycleBranch::from_hopf(problem, parameters, 0, &hopf[0], &hopf, settings).unwrap()
}

#[test]
fn cycles_are_those_of_the_tables() {
    let fine = |low: f64, high: f64| {
        let mut settings = Settings::new(low, high);
        settings.mesh = 100;
        settings
    };
    type Case = (&'static str, Box<dyn Problem>, Vec<f64>, Settings);
    let cases: [Case; 5] = [
        (
            "fitzhugh-nagumo",
            Box::new(fitzhugh_nagumo()),
            vec![0.0, -1.5],
            fine(0.0, 2.0),
        ),
        (
            "wilson-cowan y_ext=0",
            Box::new(wilson_cowan("wilson-cowan", 0.0)),
            vec![0.0, 0.0],
            fine(-2.0, 6.0),
        ),
        (
            "wilson-cowan y_ext=-1",
            Box::new(wilson_cowan("wilson-cowan", -1.0)),
            vec![0.0, -1.0],
            fine(-2.0, 6.0),
        ),
        (
            "wilson-cowan y_ext=2",
            Box::new(wilson_cowan("wilson-cowan", 2.0)),
            vec![0.0, 2.0],
            fine(-2.0, 6.0),
        ),
        (
            "brusselator",
            Box::new(Brusselator),
            vec![1.0],
            fine(1.0, 4.5),
        ),
    ];
    for (name, problem, parameters, settings) in cases {
        let problem = problem.as_ref();
        let branch = branch(problem, &parameters, &settings);
        for row in table(name) {
            let &[parameter, period, x_min, x_max, y_min, y_max, multiplier] = row.as_slice()
            else {
                panic!("seven columns");
            };
            let found = branch.cycles_at(problem, &parameters, 0, parameter, &settings);
            assert_eq!(found.len(), 1, "{name} {parameter}");
            let cycle = &found[0];
            close(cycle.period, period, 1e-6);
            close(cycle.minima[0], x_min, 1e-6);
            close(cycle.maxima[0], x_max, 1e-6);
            close(cycle.minima[1], y_min, 1e-6);
            close(cycle.maxima[1], y_max, 1e-6);
            close(cycle.multipliers[0].re, multiplier, 1e-6);
        }
    }
}

/// Integrated over its period a cycle returns to where it began, and the derivative of the flow has the multipliers found. Measured:
/// 1e-11 for most, 3e-10 at worst.
#[test]
fn the_time_map_returns_with_the_multipliers() {
    let node = fitzhugh_nagumo();
    let fhn = branch(&node, &[0.0, -1.5], &Settings::new(0.0, 2.0));
    check(&node, &[-1.5], &fhn.cycles);
    let brusselator = branch(&Brusselator, &[1.0], &Settings::new(1.0, 3.0));
    check(&Brusselator, &[], &brusselator.cycles);
}

fn check(problem: &dyn Problem, others: &[f64], cycles: &[Cycle]) {
    for cycle in cycles.iter().filter(|c| c.profile.len() > 2).step_by(7) {
        let mut parameters = vec![cycle.parameter];
        parameters.extend(others);
        let start = &cycle.profile[0];
        let (end, derivative) = time_map(problem, &parameters, start, cycle.period, 20_000);
        for (a, b) in start.iter().zip(&end) {
            close(*b, *a, 1e-7);
        }
        let n = start.len();
        let map = faer::Mat::from_fn(n, n, |r, c| derivative[c * n + r]);
        let values: Vec<Complex64> = map.eigenvalues().unwrap();
        for multiplier in &cycle.multipliers {
            let miss = values.iter().map(|v| (v - multiplier).norm());
            let miss = miss.fold(f64::INFINITY, f64::min);
            assert!(miss < 1e-7, "{miss:.1e} of {multiplier}");
        }
    }
}
