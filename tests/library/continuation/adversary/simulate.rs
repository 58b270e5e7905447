//! Simulations, and the attractors that they settle on.

use brainsweep::continuation::{Cycle, Diagram, NodeProblem, Problem, Settings};

use super::{Case, Random, distance};

/// What decays by less than this in a step does not settle within a simulation.
const SLOW: f64 = 5e-4;

fn runge_kutta(node: &NodeProblem, u: [f64; 2], parameter: f64, h: f64) -> [f64; 2] {
    let rate = |u: [f64; 2]| {
        let mut value = [0.0; 2];
        node.value(&u, &[parameter], &mut value);
        value
    };
    let ahead = |k: [f64; 2], h: f64| [u[0] + h * k[0], u[1] + h * k[1]];
    let a = rate(u);
    let b = rate(ahead(a, 0.5 * h));
    let c = rate(ahead(b, 0.5 * h));
    let d = rate(ahead(c, h));
    let sum = |i: usize| u[i] + h / 6.0 * (a[i] + 2.0 * (b[i] + c[i]) + d[i]);
    [sum(0), sum(1)]
}

/// Lowest and highest value of each state after a long simulation.
fn attractor(node: &NodeProblem, mut u: [f64; 2], parameter: f64, step: f64) -> [[f64; 2]; 2] {
    let mut range = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for k in 0..60_000 {
        u = runge_kutta(node, u, parameter, step);
        if k >= 40_000 {
            for (range, u) in range.iter_mut().zip(u) {
                *range = [range[0].min(u), range[1].max(u)];
            }
        }
    }
    range
}

/// Which attractors of simulations the diagram lacks, and which of its cycles are none.
pub fn against_simulations(
    node: &NodeProblem,
    case: &Case,
    diagram: &Diagram,
    settings: &Settings,
    random: &mut Random,
) -> Vec<String> {
    let [low, high] = settings.range;
    let mut faults = Vec::new();
    for _ in 0..5 {
        let p = random.between(low, high);
        let points = diagram.equilibria_at(node, node.start(), p, settings);
        let branches = diagram.cycles.iter();
        let cycles: Vec<Cycle> = branches
            .flat_map(|branch| branch.cycles_at(node, node.start(), 0, p, settings))
            .collect();
        for _ in 0..3 {
            let start = case.starts.map(|[low, high]| random.between(low, high));
            let range = attractor(node, start, p, case.step);
            let size = range.map(|[low, high]| high - low);
            if size.iter().any(|size| !size.is_finite()) {
                continue;
            }
            let unit = case.units();
            let is_here =
                |state: &[f64]| (0..2).all(|i| (state[i] - range[i][0]).abs() < 1e-3 * unit[i]);
            let at_rest = (0..2).all(|i| size[i] < 1e-3 * unit[i]);
            let is_cycle = |cycle: &Cycle| {
                let off = |i: usize| {
                    let [low, high] = range[i];
                    (cycle.minima[i] - low)
                        .abs()
                        .max((cycle.maxima[i] - high).abs())
                };
                cycle.is_stable() && (0..2).all(|i| off(i) < 0.02 * size[i] + 1e-3 * unit[i])
            };
            let near_rest = |point: &[f64]| {
                let within = |i: usize| {
                    let slack = 0.05 * unit[i] + size[i];
                    (range[i][0] - slack..=range[i][1] + slack).contains(&point[i])
                };
                within(0) && within(1)
            };
            let known = match at_rest {
                true => points.iter().any(|(_, point)| is_here(&point.state)),
                false => cycles.iter().any(is_cycle),
            };
            // Near a bifurcation a simulation does not settle in any time.
            let slow = points.iter().any(|(_, point)| {
                point.eigenvalues[0].re.abs() < SLOW / case.step && near_rest(&point.state)
            }) || cycles
                .iter()
                .any(|cycle| (cycle.multipliers[0].re - 1.0).abs() < 0.05);
            if !known && !slow {
                faults.push(format!(
                    "{p}: a simulation from {start:?} settles on {range:?}, which is missing"
                ));
            }
        }
        for cycle in cycles
            .iter()
            .filter(|cycle| cycle.is_stable() && cycle.profile.len() > 2)
        {
            let steps = (cycle.period / (0.4 * case.step)).ceil().max(400.0);
            let first = [cycle.profile[0][0], cycle.profile[0][1]];
            let mut u = first;
            for _ in 0..steps as usize {
                u = runge_kutta(node, u, p, cycle.period / steps);
            }
            let size = (0..2)
                .map(|i| cycle.maxima[i] - cycle.minima[i])
                .fold(0.0, f64::max);
            if distance(u, first) > 0.01 * size {
                faults.push(format!(
                    "{p}: the cycle of period {} misses itself by {:e} of its size",
                    cycle.period,
                    distance(u, first) / size
                ));
            }
        }
    }
    faults
}
