//! The cycles that orbits wind onto which leave equilibria and other cycles.
//!
//! An orbit that stays bounded and comes to rest nowhere winds onto a cycle, or onto connections of
//! saddles (Poincare and Bendixson). Forward in time what leaves a saddle finds the stable cycles
//! beside it, backward in time the unstable ones, as near to a connection as they may be: they
//! attract all the more there.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::flow::{FAR, Flow, Moment, minus};
use crate::continuation::curve::root;
use crate::continuation::cycle::Lap;
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::event::Cycle;
use crate::continuation::problem::Problem;
use crate::continuation::stability::Stability;

/// Orbits begin so far from a saddle, and from any other equilibrium, as a share of the plane; from a cycle, as a share of it.
const BESIDE_SADDLE: f64 = 1e-5;
const BESIDE: f64 = 1e-3;
/// An orbit this near to an equilibrium that attracts it, as a share of the plane, comes to rest there.
const AT_REST: f64 = 1e-4;
/// A lap that ends where it began, to this share of its distance from the centre, is that of a cycle.
const CLOSED: f64 = 1e-8;
/// Laps at most until one is closed.
const LAPS: usize = 400;
/// After so many laps an orbit that winds slowly is led on: from one lap to the next by more and more times what a lap moves it,
const PLAIN: usize = 12;
const FASTER: f64 = 1.5;
/// but by no more than this share of its distance from the centre.
const FARTHEST: f64 = 0.04;
/// Where laps move orbits to the other side without moving them by as little as this in between, relative to their distance from the
/// centre, there is no cycle between them: a saddle's manifold is.
pub(in crate::continuation) const JUMP: f64 = 1e-3;
/// Times at most that an orbit begins to wind round a centre and goes elsewhere.
const TRIES: usize = 8;

/// An equilibrium.
pub(in crate::continuation) struct Rest<'a> {
    pub state: [f64; 2],
    /// Rightmost first.
    pub eigenvalues: &'a [Complex64],
}

impl<'a> Rest<'a> {
    pub fn new(state: &[f64], eigenvalues: &'a [Complex64]) -> Self {
        let state = [state[0], state[1]];
        Self { state, eigenvalues }
    }

    pub(super) fn is(&self, stability: Stability) -> bool {
        Stability::of(self.eigenvalues) == stability
    }

    pub(super) fn is_saddle(&self) -> bool {
        self.is(Stability::Saddle)
    }

    /// Whether an orbit that has come to `u` ends there.
    pub(in crate::continuation) fn takes(&self, flow: &Flow<'_>, u: [f64; 2]) -> bool {
        flow.length(minus(u, self.state)) < AT_REST && self.attracts(flow)
    }

    pub(super) fn is_focus(&self) -> bool {
        self.eigenvalues.iter().any(|value| value.im != 0.0)
    }

    fn attracts(&self, flow: &Flow<'_>) -> bool {
        !self.eigenvalues.iter().any(|value| flow.repels(*value))
    }
}

/// What an orbit winds onto.
pub(in crate::continuation) struct Winding {
    /// Where it began, or the equilibrium that it left.
    pub from: [f64; 2],
    /// Its last lap, forward in time.
    pub lap: Lap,
    /// Whether that ends where it began; else nothing was decided.
    pub is_closed: bool,
}

/// The last laps of the orbits that leave `equilibria` and wind onto something.
pub(in crate::continuation) fn laps(
    flow: &Flow<'_>,
    (problem, parameters): (&dyn Problem, &[f64]),
    equilibria: &[Rest<'_>],
) -> Vec<Winding> {
    // Round a centre nothing winds onto anything.
    if equilibria.iter().any(|rest| rest.is(Stability::Centre)) {
        return Vec::new();
    }
    let mut curve = Equilibria::new(problem, parameters, 0);
    let mut found = Vec::new();
    for rest in equilibria {
        let rightmost_first = rest.eigenvalues.iter();
        let Some(&fastest) = rightmost_first
            .filter(|value| flow.repels(**value))
            .max_by(|a, b| a.re.abs().total_cmp(&b.re.abs()))
        else {
            continue;
        };
        let away = match rest.is_saddle() {
            true => BESIDE_SADDLE,
            false => BESIDE,
        };
        for side in curve.beside(&rest.state, fastest) {
            let share = away / flow.length([side[0], side[1]]);
            let start = [0, 1].map(|i| rest.state[i] + share * side[i]);
            found.extend(end(flow, (rest.state, start), equilibria));
        }
    }
    found
}

/// The last laps of the orbits that leave `cycle` to both sides and wind onto something.
pub(in crate::continuation) fn laps_beside(
    flow: &Flow<'_>,
    equilibria: &[Rest<'_>],
    cycle: &Cycle,
) -> Vec<Winding> {
    let on = [cycle.profile[0][0], cycle.profile[0][1]];
    let size = [0, 1].map(|i| cycle.maxima[i] - cycle.minima[i]);
    let rate = flow.rate(on);
    let [x, y] = [rate[0] / size[0], rate[1] / size[1]];
    let across = [-y / x.hypot(y), x / x.hypot(y)];
    let mut found = Vec::new();
    for side in [1.0, -1.0] {
        let from = [0, 1].map(|i| on[i] + side * BESIDE * size[i] * across[i]);
        found.extend(end(flow, (from, from), equilibria));
    }
    found
}

/// What the orbit from `start`, said to be from `from`, winds onto; `None` if it comes to rest, or
/// leaves for good.
fn end(
    flow: &Flow<'_>,
    (from, mut start): ([f64; 2], [f64; 2]),
    equilibria: &[Rest<'_>],
) -> Option<Winding> {
    let centres: Vec<&Rest<'_>> = equilibria.iter().filter(|r| !r.is_saddle()).collect();
    for _ in 0..TRIES {
        let mut turned = vec![0.0; centres.len()];
        let (mut round, mut is_over) = (None, false);
        let path = flow.orbit(start, |here, next| {
            for (turned, centre) in turned.iter_mut().zip(&centres) {
                *turned += flow.turn(centre.state, here, next);
            }
            round = turned.iter().position(|t| f64::abs(*t) >= TAU);
            is_over = centres.iter().any(|centre| centre.takes(flow, next.u))
                || flow.length(minus(next.u, start)) > FAR;
            round.is_none() && !is_over
        });
        if is_over {
            return None;
        }
        match winds(flow, path.last()?.u, centres[round?], equilibria) {
            Round::Onto(path, is_closed) => {
                let lap = flow.lap_of(&path);
                return Some(Winding {
                    from,
                    lap,
                    is_closed,
                });
            }
            Round::Rests => return None,
            Round::Elsewhere(from) => start = from,
        }
    }
    None
}

/// What an orbit does that has gone once round an equilibrium.
enum Round {
    /// It winds onto a cycle; its last lap, and whether that is closed.
    Onto(Vec<Moment>, bool),
    /// It comes to rest there.
    Rests,
    /// From here on it does not go round it any more.
    Elsewhere([f64; 2]),
}

/// Laps of one orbit move it to one side along a ray, ever less before a cycle. An orbit that winds
/// slowly, as beside a Hopf point, is not waited for: it is led on along the ray, and where laps move
/// it to the other side a cycle has been passed.
fn winds(flow: &Flow<'_>, begin: [f64; 2], centre: &Rest<'_>, equilibria: &[Rest<'_>]) -> Round {
    let along = minus(begin, centre.state);
    let at = |distance: f64| [0, 1].map(|i| centre.state[i] + distance * along[i]);
    // By how much a lap moves the orbit, relative to its distance.
    let lap = |distance: f64| {
        let (next, path) = flow.lap(centre.state, along, distance, equilibria)?;
        Some((next / distance - 1.0, path))
    };
    let (mut distance, mut times, mut farthest) = (1.0, 1.0, FARTHEST);
    // The lap before, and by how much farther out the orbit was taken up after it.
    let mut before: Option<(f64, f64, f64)> = None;
    let mut last = Vec::new();
    for k in 0..LAPS {
        let there = lap(distance);
        let turns_back = |moves: f64| before.is_some_and(|(_, m, _)| (m > 0.0) != (moves > 0.0));
        let passed = match &there {
            None => before,
            Some((moves, _)) if turns_back(*moves) => before,
            Some(_) => None,
        };
        if let Some((from, moved, step)) = passed {
            if let Some((moves, _)) = there
                && let Some((_, off, path)) = root((from, moved), (distance, moves), 1e-13, lap)
                && off.abs() < JUMP
            {
                return Round::Onto(path, true);
            }
            if step.abs() <= moved.abs() {
                return Round::Elsewhere(at(distance));
            }
            // Once more from there, with shorter steps.
            farthest = 0.25 * step.abs();
            times = 1.0;
            distance = from * (1.0 + moved);
            before = Some((from, moved, moved));
            continue;
        }
        let Some((moves, path)) = there else {
            return Round::Elsewhere(at(distance));
        };
        if moves.abs() < CLOSED {
            return Round::Onto(path, true);
        }
        if centre.takes(flow, at(distance * (1.0 + moves))) {
            return Round::Rests;
        }
        if k >= PLAIN {
            times *= FASTER;
        }
        let step = moves.signum() * moves.abs().max((times * moves.abs()).min(farthest));
        before = Some((distance, moves, step));
        distance *= 1.0 + step;
        last = path;
    }
    Round::Onto(last, false)
}
