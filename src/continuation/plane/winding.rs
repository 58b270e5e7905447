//! The cycles that orbits wind onto which leave equilibria and other cycles.
//!
//! An orbit that stays bounded and comes to rest nowhere winds onto a cycle, or onto connections of
//! saddles (Poincare and Bendixson). Forward in time what leaves a saddle finds the stable cycles
//! beside it, backward in time the unstable ones, as near to a connection as they may be: they
//! attract all the more there.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::flow::{Flow, Moment, minus};
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
/// An orbit so many planes away does not come back.
const FAR: f64 = 50.0;
/// A lap that ends where it began, to this share of its distance from the centre, is that of a cycle.
const CLOSED: f64 = 1e-5;
/// Laps at most until one is closed.
const LAPS: usize = 300;
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
    fn takes(&self, flow: &Flow<'_>, u: [f64; 2]) -> bool {
        flow.length(minus(u, self.state)) < AT_REST && self.attracts(flow)
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
    /// What that does.
    pub way: Way,
}

/// What the last lap of an orbit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::continuation) enum Way {
    /// It ends where it began.
    Closed,
    /// It still winds outward.
    Outward,
    /// It still winds inward.
    Inward,
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
            if let Some((path, way)) = end(flow, start, equilibria) {
                found.push(Winding {
                    from: rest.state,
                    lap: flow.lap_of(&path),
                    way,
                });
            }
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
        if let Some((path, way)) = end(flow, from, equilibria) {
            let lap = flow.lap_of(&path);
            found.push(Winding { from, lap, way });
        }
    }
    found
}

/// The last lap of the orbit from `start`, and what that does; `None` if it comes to rest, or
/// leaves for good.
fn end(
    flow: &Flow<'_>,
    mut start: [f64; 2],
    equilibria: &[Rest<'_>],
) -> Option<(Vec<Moment>, Way)> {
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
        match winds(flow, path.last()?.u, centres[round?]) {
            Round::Onto(lap, way) => return Some((lap, way)),
            Round::Rests => return None,
            Round::Elsewhere(from) => start = from,
        }
    }
    None
}

/// What an orbit does that has gone once round an equilibrium.
enum Round {
    /// It winds onto a cycle, or still towards one; its last lap.
    Onto(Vec<Moment>, Way),
    /// It comes to rest there.
    Rests,
    /// From here on it does not go round it any more.
    Elsewhere([f64; 2]),
}

fn winds(flow: &Flow<'_>, begin: [f64; 2], centre: &Rest<'_>) -> Round {
    let along = minus(begin, centre.state);
    let at = |distance: f64| [0, 1].map(|i| centre.state[i] + distance * along[i]);
    let mut distance = 1.0;
    let mut last = (Vec::new(), Way::Closed);
    for _ in 0..LAPS {
        let Some((next, path)) = flow.lap(centre.state, along, distance, FAR) else {
            return Round::Elsewhere(at(distance));
        };
        if (next - distance).abs() < CLOSED * distance {
            return Round::Onto(path, Way::Closed);
        }
        if centre.takes(flow, at(next)) {
            return Round::Rests;
        }
        let way = match next > distance {
            true => Way::Outward,
            false => Way::Inward,
        };
        (distance, last) = (next, (path, way));
    }
    // Slowly inward to an equilibrium that attracts.
    match last.1 == Way::Inward && centre.attracts(flow) {
        true => Round::Rests,
        false => Round::Onto(last.0, last.1),
    }
}
