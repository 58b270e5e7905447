//! A brute-force scan of equilibria and of the signs of determinant and trace.

use brainsweep::continuation::{Diagram, EventKind, NodeProblem, Problem, Settings};

use super::{Case, distance};

/// Values of the parameter in the scan.
const VALUES: usize = 160;
/// Starts of Newton's method along each state, over the box.
const STARTS: usize = 14;

/// An equilibrium as the scan sees it.
#[derive(Clone, Copy)]
struct Found {
    u: [f64; 2],
    determinant: f64,
    trace: f64,
}

impl Found {
    fn n_unstable(&self) -> usize {
        match (self.determinant > 0.0, self.trace > 0.0) {
            (false, _) => 1,
            (true, true) => 2,
            (true, false) => 0,
        }
    }
}

/// f and its Jacobian, by rows.
fn linearised(node: &NodeProblem, u: [f64; 2], parameter: f64) -> ([f64; 2], [f64; 4]) {
    let (mut value, mut slopes) = ([0.0; 2], [0.0; 6]);
    node.derivative(&u, &[parameter], &mut value, &mut slopes);
    (value, [slopes[0], slopes[2], slopes[1], slopes[3]])
}

/// Newton's method from `u`.
fn newton(node: &NodeProblem, mut u: [f64; 2], parameter: f64) -> Option<Found> {
    for _ in 0..40 {
        let (f, [a, b, c, d]) = linearised(node, u, parameter);
        let determinant = a * d - b * c;
        let step = [
            (d * f[0] - b * f[1]) / determinant,
            (a * f[1] - c * f[0]) / determinant,
        ];
        let size = step[0].abs().max(step[1].abs());
        if !size.is_finite() || size > 1e3 {
            return None;
        }
        u = [u[0] - step[0], u[1] - step[1]];
        if size < 1e-12 * (1.0 + u[0].abs().max(u[1].abs())) {
            let trace = a + d;
            return Some(Found {
                u,
                determinant,
                trace,
            });
        }
    }
    None
}

/// All equilibria at one value: from a grid, and from those at the value before.
fn scan(node: &NodeProblem, case: &Case, parameter: f64, before: &[Found]) -> Vec<Found> {
    let place = |i: usize, k: usize| {
        let [low, high] = case.states[i];
        low + (high - low) * (k as f64 + 0.5) / STARTS as f64
    };
    let grid = (0..STARTS * STARTS).map(|k| [place(0, k / STARTS), place(1, k % STARTS)]);
    let mut all: Vec<Found> = Vec::new();
    for start in before.iter().map(|found| found.u).chain(grid) {
        if let Some(found) = newton(node, start, parameter)
            && all.iter().all(|other| distance(other.u, found.u) > 1e-7)
        {
            all.push(found);
        }
    }
    all
}

/// Where the diagram and the scan differ.
pub fn against_scan(
    node: &NodeProblem,
    case: &Case,
    diagram: &Diagram,
    settings: &Settings,
) -> Vec<String> {
    let [low, high] = settings.range;
    let mut faults = Vec::new();
    // The last value whose equilibria are known, and these.
    let mut last: Option<(f64, Vec<Found>)> = None;
    let inside = |u: &[f64]| {
        u.iter()
            .zip(case.states)
            .all(|(u, [low, high])| (low..=high).contains(u))
    };
    let parameter = |k: usize| low + (high - low) * (k as f64 + 0.37) / (VALUES as f64 + 1.0);
    let is_near_event = |p: f64| {
        let off = |event: &brainsweep::continuation::Event| (event.parameters[0] - p).abs();
        diagram.events().any(|(_, event)| off(event) < 1e-6)
    };
    for k in 0..VALUES {
        let p = parameter(k);
        let before = last.as_ref().map_or(&[][..], |(_, found)| found);
        let here = scan(node, case, p, before);
        // The indices of all equilibria add up to 1, so that their number is odd. Beside a fold the scan sees two as one.
        if here.len().is_multiple_of(2) {
            continue;
        }
        let known = diagram.equilibria_at(node, node.start(), p, settings);
        for found in &here {
            let same = |state: &[f64]| distance(found.u, [state[0], state[1]]) < 1e-5;
            match known.iter().find(|(_, point)| same(&point.state)) {
                None if inside(&found.u) => {
                    faults.push(format!("{p}: the equilibrium {:?} is missing", found.u));
                }
                Some((_, point)) if point.n_unstable != found.n_unstable() && !is_near_event(p) => {
                    faults.push(format!(
                        "{p}: {:?} has {} unstable eigenvalues, not {}",
                        found.u,
                        found.n_unstable(),
                        point.n_unstable
                    ));
                }
                _ => (),
            }
        }
        if let Some((from, before)) = &last {
            faults.extend(against_events(diagram, [*from, p], [before, &here]));
        }
        last = Some((p, here));
    }
    faults
}

/// Between two values of the scan: as many Hopf points as equilibria change their stability, as many folds as pairs of them appear
/// or vanish; or two more, which the scan does not see between its values.
fn against_events(
    diagram: &Diagram,
    [from, to]: [f64; 2],
    [before, after]: [&[Found]; 2],
) -> Vec<String> {
    let between = |kind: fn(EventKind) -> bool| {
        let events = diagram.events().map(|(_, event)| event);
        let here = events.filter(|e| kind(e.kind) && (from..to).contains(&e.parameters[0]));
        here.count()
    };
    let (hopfs, folds) = (
        between(EventKind::is_hopf),
        between(|kind| kind == EventKind::Fold),
    );
    let branch_points = between(|kind| kind == EventKind::BranchPoint);
    if branch_points > 0 {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let vanished = before.len().abs_diff(after.len());
    if vanished % 2 == 1 || folds < vanished / 2 || (folds - vanished / 2) % 2 == 1 {
        faults.push(format!(
            "{from} to {to}: {} equilibria become {}, but {folds} folds are known",
            before.len(),
            after.len()
        ));
    }
    if vanished == 0 && folds == 0 {
        let changed = before.iter().filter(|found| {
            // Without a fold between both values a saddle stays one. A node beside a fold moves so fast that the saddle of the
            // value before may be nearer.
            let is_saddle = |found: &&Found| found.determinant < 0.0;
            let alike = after
                .iter()
                .filter(|there| is_saddle(there) == is_saddle(found));
            let nearest =
                alike.min_by(|a, b| distance(a.u, found.u).total_cmp(&distance(b.u, found.u)));
            nearest.is_none_or(|there| there.n_unstable() != found.n_unstable())
        });
        let changed = changed.count();
        if hopfs < changed || (hopfs - changed) % 2 == 1 {
            faults.push(format!(
                "{from} to {to}: {changed} equilibria change their stability, but {hopfs} Hopf points are known"
            ));
        }
    }
    faults
}
