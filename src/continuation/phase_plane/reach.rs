//! Where to look: a plane that holds the equilibria and what orbits do between them, whatever the
//! units of the states.

use super::cycles::{fill_a_curve, rests};
use super::{Maker, PlaneEquilibrium, extent};
use crate::continuation::plane::{Flow, Rest};
use crate::error::Remark;

/// How often the plane grows at most.
const GROWTHS: usize = 8;
/// Where the plane has no equilibria, planes so many times as large are looked at.
const LARGER: [f64; 3] = [10.0, 100.0, 1000.0];
/// Orbits begin at the corners of a plane this many times as large, too.
const BEYOND: f64 = 4.0;
/// Steps of an orbit: at least half a dozen times round in each third.
const STEPS: usize = 1800;
/// An orbit that goes beyond this many planes does not belong to it.
const FAR: f64 = 1e3;
/// Where orbits begin beside an equilibrium, as a share of the plane.
const BESIDE: f64 = 1e-3;
/// The plane grows by this share of its extent more than to what is seen; and orbits that wind
/// outward by less have settled.
const ROOM: f64 = 0.1;

impl Maker<'_> {
    /// The plane that is looked at, with the equilibria that are found there. It is the window where
    /// that is given; else it grows from the search box until equilibria and attractors are in it.
    pub(super) fn reach(&mut self) -> ([[f64; 2]; 2], Vec<PlaneEquilibrium>) {
        let open = self.settings.window.map(|window| window.is_none());
        let mut wide = self
            .settings
            .window
            .map(|w| w.unwrap_or(self.settings.search_box));
        let mut equilibria = Vec::new();
        for growth in 0..=GROWTHS {
            equilibria = self.equilibria(wide);
            if equilibria.is_empty() {
                equilibria = self.farther(wide);
            }
            if growth == GROWTHS || !open.contains(&true) || self.settings.control.is_stopped() {
                break;
            }
            let seen = match fill_a_curve(&equilibria) {
                true => Vec::new(),
                false => self.attractors(wide, &equilibria),
            };
            let mut grown = wide;
            for u in equilibria.iter().map(|e| e.state).chain(seen) {
                for i in (0..2).filter(|&i| open[i]) {
                    grown[i] = [grown[i][0].min(u[i]), grown[i][1].max(u[i])];
                }
            }
            if grown == wide {
                break;
            }
            wide = [0, 1].map(|i| {
                let [low, high] = grown[i];
                let room = |moved: bool| if moved { ROOM * extent(grown[i]) } else { 0.0 };
                [low - room(low < wide[i][0]), high + room(high > wide[i][1])]
            });
        }
        if equilibria.is_empty() && !self.settings.control.is_stopped() {
            let [[a, b], [c, d]] = wide;
            let [x, y] = self.problem.unknown_names().try_into().unwrap_or_default();
            self.stopped.push(Remark::new(format!(
                "no fixed point was found, with {x} from {a} to {b} and {y} from {c} to {d}, nor in planes up to {} times as large",
                LARGER[LARGER.len() - 1]
            )));
        }
        (wide, equilibria)
    }

    /// The equilibria of ever larger planes, until there are any.
    fn farther(&self, wide: [[f64; 2]; 2]) -> Vec<PlaneEquilibrium> {
        let larger = LARGER
            .iter()
            .map(|times| self.equilibria(larger(wide, *times)));
        let mut found = larger.skip_while(Vec::is_empty);
        found.next().unwrap_or_default()
    }

    /// States of the attractors, forward and backward in time, of orbits that leave equilibria or
    /// come from the start or beyond the plane.
    fn attractors(&self, wide: [[f64; 2]; 2], equilibria: &[PlaneEquilibrium]) -> Vec<[f64; 2]> {
        let [[left, right], [below, above]] = larger(wide, BEYOND);
        let corners = [[left, below], [right, below], [right, above], [left, above]];
        let forward = self.flow(wide);
        let mut seen = Vec::new();
        let rests = rests(equilibria);
        for flow in [forward, forward.backward()] {
            let leaves = |e: &&PlaneEquilibrium| e.eigenvalues.iter().any(|v| flow.repels(*v));
            let beside = equilibria.iter().filter(leaves).map(|e| {
                let aside = |i: usize| e.state[i] + BESIDE * extent(wide[i]);
                [aside(0), aside(1)]
            });
            for from in beside.chain(corners).chain(self.settings.start) {
                seen.extend(settled(&flow, from, &rests).into_iter().flatten());
            }
        }
        seen.retain(|u| self.allowed(*u));
        seen
    }
}

/// The last third of the orbit from a state, if that stays within what the second third has
/// passed through.
fn settled(flow: &Flow<'_>, from: [f64; 2], rests: &[Rest<'_>]) -> Option<Vec<[f64; 2]>> {
    let mut steps = 0;
    let path = flow.orbit(from, |_, next| {
        steps += 1;
        steps < STEPS
            && !rests.iter().any(|rest| rest.takes(flow, next.u))
            && flow.length([next.u[0] - from[0], next.u[1] - from[1]]) < FAR
    });
    // One that ends before has come to rest or left.
    if path.len() <= STEPS {
        return None;
    }
    let part = |k: usize| path[k * STEPS / 3..(k + 1) * STEPS / 3].iter().map(|m| m.u);
    let stays = (0..2).all(|i| {
        let reach = |k: usize| {
            let low = part(k).map(|u| u[i]).fold(f64::INFINITY, f64::min);
            (low, part(k).map(|u| u[i]).fold(f64::NEG_INFINITY, f64::max))
        };
        let ((low, high), (last_low, last_high)) = (reach(1), reach(2));
        let room = ROOM * (high - low);
        low - room <= last_low && last_high <= high + room
    });
    stays.then(|| part(2).collect())
}

/// A plane `times` as large about the same middle.
fn larger(plane: [[f64; 2]; 2], times: f64) -> [[f64; 2]; 2] {
    plane.map(|[low, high]| {
        let (middle, half) = (0.5 * (low + high), 0.5 * times * (high - low));
        [middle - half, middle + half]
    })
}
