//! Adds to a picture of the plane: its window, the vector field, orbits and separatrices.

use super::{
    AT_REST, AWAY, Maker, PADDING, PlaneEquilibrium, PlaneOrbit, Polyline, Separatrix, extent,
};
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::event::Cycle;
use crate::continuation::plane::{Flow, Moment};
use crate::continuation::stability::Stability;

impl Maker<'_> {
    /// What must be seen, with white around it, where the settings leave it open.
    pub(super) fn window(
        &self,
        wide: [[f64; 2]; 2],
        equilibria: &[PlaneEquilibrium],
        cycles: &[Cycle],
    ) -> [[f64; 2]; 2] {
        let mut seen: Vec<[f64; 2]> = equilibria.iter().map(|e| e.state).collect();
        for cycle in cycles {
            seen.extend([&cycle.minima, &cycle.maxima].map(|u| [u[0], u[1]]));
        }
        for state in 0..2 {
            seen.extend(
                self.nullcline(state, wide)
                    .iter()
                    .flat_map(|curve| bends(curve))
                    .filter(|u| self.allowed(*u)),
            );
        }
        let reach = [0, 1].map(|i| {
            let low = seen.iter().map(|u| u[i]).fold(f64::INFINITY, f64::min);
            let high = seen.iter().map(|u| u[i]).fold(f64::NEG_INFINITY, f64::max);
            [low, high]
        });
        let widest = reach.map(extent).into_iter().fold(0.0, f64::max);
        std::array::from_fn(|i| {
            self.settings.window[i].unwrap_or_else(|| {
                if seen.is_empty() {
                    return wide[i];
                }
                let [low, high] = reach[i];
                // A single point has no extent: as wide as the other state, or 1.
                let width = if high - low > 1e-3 * widest {
                    high - low
                } else if widest > 0.0 {
                    widest
                } else {
                    1.0
                };
                let white = PADDING * width + 0.5 * (width - (high - low));
                // Below its lowest value nothing is to be seen.
                let floor = self.settings.lowest[i].unwrap_or(f64::NEG_INFINITY);
                [(low - white).max(floor - 0.04 * width), high + white]
            })
        })
    }

    pub(super) fn field(&self, window: [[f64; 2]; 2]) -> Vec<[[f64; 2]; 2]> {
        let (flow, n) = (self.flow(window), self.settings.arrows);
        let coordinate =
            |i: usize, k: usize| window[i][0] + extent(window[i]) * (k as f64 + 0.5) / n as f64;
        let at = |k: usize| [coordinate(0, k % n), coordinate(1, k / n)];
        (0..n * n).map(|k| [at(k), flow.rate(at(k))]).collect()
    }

    /// An orbit until it rests, leaves the surroundings of the window, or its time is over.
    pub(super) fn orbit(
        &self,
        flow: &Flow<'_>,
        from: [f64; 2],
        window: [[f64; 2]; 2],
        attractors: &[[f64; 2]],
    ) -> PlaneOrbit {
        let apart = |u: [f64; 2], v: [f64; 2]| {
            let [a, b] = [0, 1].map(|i| (u[i] - v[i]) / extent(window[i]));
            a.hypot(b)
        };
        let inside = |u: [f64; 2]| {
            (0..2).all(|i| {
                let away = AWAY * extent(window[i]);
                (window[i][0] - away..=window[i][1] + away).contains(&u[i])
            })
        };
        let path = flow.orbit(from, |_, next| {
            let rests = attractors.iter().any(|&u| apart(u, next.u) < AT_REST);
            !rests && inside(next.u) && next.t < self.settings.duration_ms
        });
        PlaneOrbit {
            t_ms: path.iter().map(|m: &Moment| m.t).collect(),
            states: path.iter().map(|m| m.u).collect(),
        }
    }

    pub(super) fn orbits(
        &self,
        window: [[f64; 2]; 2],
        equilibria: &[PlaneEquilibrium],
    ) -> Vec<PlaneOrbit> {
        let at = |[a, b]: [f64; 2]| {
            [
                window[0][0] + a * extent(window[0]),
                window[1][0] + b * extent(window[1]),
            ]
        };
        let starts = if self.settings.starts.is_empty() {
            STARTS.map(at).to_vec()
        } else {
            self.settings.starts.clone()
        };
        let rests = resting(equilibria, |e| e.eigenvalues.iter().all(|l| l.re < 0.0));
        let flow = self.flow(window);
        let orbits = starts.into_iter();
        orbits
            .map(|from| self.orbit(&flow, from, window, &rests))
            .collect()
    }

    pub(super) fn separatrices(
        &self,
        window: [[f64; 2]; 2],
        equilibria: &[PlaneEquilibrium],
    ) -> Vec<Separatrix> {
        let mut all = Vec::new();
        let mut curve = Equilibria::new(self.problem, self.parameters, 0);
        for (index, saddle) in equilibria.iter().enumerate() {
            if saddle.stability != Stability::Saddle {
                continue;
            }
            for (eigenvalue, enters) in saddle.eigenvalues.iter().zip([false, true]) {
                let size = window.map(extent).into_iter().fold(f64::INFINITY, f64::min);
                let (flow, rests) = if enters {
                    let leaves = |e: &PlaneEquilibrium| e.eigenvalues.iter().all(|l| l.re > 0.0);
                    (self.flow(window).backward(), resting(equilibria, leaves))
                } else {
                    let stays = |e: &PlaneEquilibrium| e.eigenvalues.iter().all(|l| l.re < 0.0);
                    (self.flow(window), resting(equilibria, stays))
                };
                for side in curve.beside(&saddle.state, *eigenvalue) {
                    let from = [0, 1].map(|i| saddle.state[i] + 1e-4 * size * side[i]);
                    let orbit = self.orbit(&flow, from, window, &rests);
                    all.push(Separatrix {
                        saddle: index,
                        enters,
                        orbit,
                    });
                }
            }
        }
        all
    }
}

/// Starts of orbits, as fractions of the window.
const STARTS: [[f64; 2]; 6] = [
    [0.04, 0.06],
    [0.96, 0.08],
    [0.05, 0.93],
    [0.95, 0.94],
    [0.5, 0.03],
    [0.45, 0.97],
];

fn resting(
    equilibria: &[PlaneEquilibrium],
    is: impl Fn(&PlaneEquilibrium) -> bool,
) -> Vec<[f64; 2]> {
    let those = equilibria.iter().filter(|e| is(e));
    those.map(|e| e.state).collect()
}

/// Where curves of the one and of the other state cross.
pub(super) fn crossings([a, b]: &[Vec<Polyline>; 2]) -> Vec<[f64; 2]> {
    let pieces = |curves: &[Polyline]| -> Vec<[[f64; 2]; 2]> {
        curves
            .iter()
            .flat_map(|c| c.windows(2).map(|p| [p[0], p[1]]))
            .collect()
    };
    let cross = |u: [f64; 2], v: [f64; 2]| u[0] * v[1] - u[1] * v[0];
    let minus = |u: [f64; 2], v: [f64; 2]| [u[0] - v[0], u[1] - v[1]];
    let (first, second) = (pieces(a), pieces(b));
    let mut found = Vec::new();
    for [p, q] in &first {
        for [r, s] in &second {
            let (along, other, apart) = (minus(*q, *p), minus(*s, *r), minus(*r, *p));
            let area = cross(along, other);
            let (t, u) = (cross(apart, other) / area, cross(apart, along) / area);
            if [t, u].iter().all(|v| (-0.01..=1.01).contains(v)) {
                found.push([p[0] + t * along[0], p[1] + t * along[1]]);
            }
        }
    }
    found
}

/// Where a curve turns back in one of its coordinates.
fn bends(curve: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let turns = |p: &&[[f64; 2]]| {
        (0..2).any(|i| {
            let (before, after) = (p[1][i] - p[0][i], p[2][i] - p[1][i]);
            before * after < 0.0
        })
    };
    curve.windows(3).filter(turns).map(|p| p[1]).collect()
}
