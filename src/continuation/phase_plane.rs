//! The phase plane of two states at fixed parameters: nullclines, flow, equilibria, cycles, separatrices, orbits.
//!
//! ```
//! use brainsweep::continuation::{NodeProblem, PhasePlane, PlaneSettings};
//! use brainsweep::model::find;
//!
//! let node = NodeProblem::new(find("fitzhugh-nagumo")?, &[("x_ext", 1.0)], &["x_ext"])?;
//! let plane = PhasePlane::new(&node, node.start(), &PlaneSettings::default())?;
//! assert_eq!(plane.equilibria.len(), 1);
//! assert!((plane.cycles[0].period - 30.5455).abs() < 1e-4); // ms
//! # Ok::<(), brainsweep::Error>(())
//! ```

mod cycles;
mod flow;
mod nullcline;

use num_complex::Complex64;

use super::curve::{dot, normalise};
use super::cycle::Cycle;
use super::equilibrium::{Equilibria, convergence};
use super::event::Stability;
use super::linear::eigenvalues;
use super::normal_form::Mode;
use super::problem::Problem;
use super::search;
use super::settings::Settings;
use crate::error::{Error, Result};
use flow::{Flow, Moment};
pub use nullcline::Polyline;

/// What to look at.
#[derive(Debug, Clone)]
pub struct PlaneSettings {
    /// From where to where each state goes; `None`: so that all equilibria, cycles and bends of the nullclines are in.
    pub window: [Option<[f64; 2]>; 2],
    /// What each state never goes below, if there is such a value: nothing is looked for there.
    pub lowest: [Option<f64>; 2],
    /// Where orbits start; empty: near the window's corners and edges.
    pub starts: Vec<[f64; 2]>,
    /// How long orbits are followed, ms; they end before where they come to rest.
    pub duration_ms: f64,
    /// Squares that nullclines are marched over, along each side.
    pub cells: usize,
    /// Arrows of the vector field along each side.
    pub arrows: usize,
    /// Where equilibria and cycles are looked for if the window is left open: the same interval for both states.
    pub search_box: [f64; 2],
}

impl Default for PlaneSettings {
    fn default() -> Self {
        Self {
            window: [None; 2],
            lowest: [None; 2],
            starts: Vec::new(),
            duration_ms: 500.0,
            cells: 240,
            arrows: 20,
            search_box: [-2.0, 2.0],
        }
    }
}

/// A point at rest.
#[derive(Debug, Clone)]
pub struct Equilibrium {
    /// `[2]`
    pub state: [f64; 2],
    /// In BrainPy's words.
    pub stability: Stability,
    /// Rightmost first, 1/ms.
    pub eigenvalues: Vec<Complex64>,
    /// The largest rate of change there.
    pub residual: f64,
}

/// A way through the plane.
#[derive(Debug, Clone, Default)]
pub struct Orbit {
    /// ms since its start; backward in time for a stable manifold.
    pub t_ms: Vec<f64>,
    /// States at these times.
    pub states: Vec<[f64; 2]>,
}

/// Half a separatrix: the orbits that leave a saddle, or enter it, on one side.
#[derive(Debug, Clone)]
pub struct Separatrix {
    /// Index of the saddle among the equilibria.
    pub saddle: usize,
    /// Whether it enters the saddle (its stable manifold); else it leaves it.
    pub enters: bool,
    /// From the saddle on; backward in time if it enters.
    pub orbit: Orbit,
}

/// A phase plane.
#[derive(Debug, Clone)]
pub struct PhasePlane {
    /// The names of the states.
    pub states: [String; 2],
    /// From where to where each state goes.
    pub window: [[f64; 2]; 2],
    /// Of each state: the curves on which it does not change.
    pub nullclines: [Vec<Polyline>; 2],
    /// Places and rates of change, 1/ms, on a grid over the window.
    pub field: Vec<[[f64; 2]; 2]>,
    /// In the order of their first state.
    pub equilibria: Vec<Equilibrium>,
    /// Limit cycles, stable and unstable, by period.
    pub cycles: Vec<Cycle>,
    /// Of every saddle.
    pub separatrices: Vec<Separatrix>,
    /// From the starts asked for.
    pub orbits: Vec<Orbit>,
    /// What could not be done, in words.
    pub stopped: Vec<String>,
}

/// Starts of the search for equilibria, beside the nullclines' crossings.
const SEARCHES: usize = 200;
/// Equilibria closer than this, relative to the plane, are one.
const SAME: f64 = 1e-7;
/// White around what must be seen, relative to its extent.
const PADDING: f64 = 0.25;
/// An orbit this near a stable equilibrium, relative to the plane, is at rest.
const AT_REST: f64 = 1e-4;
/// An orbit ends so many windows away: it may come back before.
const AWAY: f64 = 20.0;

impl PhasePlane {
    /// The phase plane of `problem` at `parameters`.
    ///
    /// Equilibria are found by a deflated search and from every square of the grid that both nullclines pass; cycles from return
    /// maps round every equilibrium that is no saddle, stable and unstable ones alike, and corrected by collocation.
    ///
    /// # Errors
    /// [`Error::BadValue`] for a problem that has not two states, or a window that does not rise.
    pub fn new(
        problem: &dyn Problem,
        parameters: &[f64],
        settings: &PlaneSettings,
    ) -> Result<Self> {
        let names = problem.unknown_names();
        let Ok(states) = <[String; 2]>::try_from(names.clone()) else {
            let rule = "a phase plane has two states; simulate it, or follow its branches over a parameter";
            return Err(Error::bad_value("states", names.join(", "), rule));
        };
        for (state, window) in states.iter().zip(&settings.window) {
            if let Some([low, high]) = window
                && !(low < high && low.is_finite() && high.is_finite())
            {
                let rule = "it must rise and be finite";
                return Err(Error::bad_value(
                    format!("window of {state}"),
                    format!("{low}:{high}"),
                    rule,
                ));
            }
        }
        let mut maker = Maker {
            problem,
            parameters,
            settings,
            stopped: Vec::new(),
        };
        let wide = settings.window.map(|w| w.unwrap_or(settings.search_box));
        let mut equilibria =
            maker.equilibria(wide, &[maker.nullcline(0, wide), maker.nullcline(1, wide)]);
        let cycles = maker.cycles(wide, &equilibria);
        let window = maker.window(wide, &equilibria, &cycles);
        let nullclines = [0, 1].map(|state| maker.nullcline(state, window));
        // A finer grid, and perhaps a larger plane.
        for found in maker.equilibria(window, &nullclines) {
            if !maker.knows(&equilibria, found.state, window) {
                equilibria.push(found);
            }
        }
        equilibria.sort_by(|a, b| {
            let order = a.state[0].total_cmp(&b.state[0]);
            order.then(a.state[1].total_cmp(&b.state[1]))
        });
        Ok(Self {
            field: maker.field(window),
            separatrices: maker.separatrices(window, &equilibria),
            orbits: maker.orbits(window, &equilibria),
            stopped: maker.stopped,
            states,
            window,
            nullclines,
            equilibria,
            cycles,
        })
    }
}

struct Maker<'a> {
    problem: &'a dyn Problem,
    parameters: &'a [f64],
    settings: &'a PlaneSettings,
    stopped: Vec<String>,
}

fn extent([low, high]: [f64; 2]) -> f64 {
    high - low
}

impl Maker<'_> {
    fn flow(&self, window: [[f64; 2]; 2]) -> Flow<'_> {
        Flow::new(self.problem, self.parameters, window.map(extent))
    }

    fn nullcline(&self, state: usize, window: [[f64; 2]; 2]) -> Vec<Polyline> {
        let flow = self.flow(window);
        nullcline::zero_curves(|u| flow.rate(u)[state], window, self.settings.cells)
    }

    /// Whether no state is below its lowest value.
    fn allowed(&self, u: [f64; 2]) -> bool {
        let above = |(u, lowest): (&f64, &Option<f64>)| lowest.is_none_or(|lowest| *u >= lowest);
        u.iter().zip(&self.settings.lowest).all(above)
    }

    /// Whether one of `equilibria` is at `u`.
    fn knows(&self, equilibria: &[Equilibrium], u: [f64; 2], window: [[f64; 2]; 2]) -> bool {
        equilibria
            .iter()
            .any(|known| (0..2).all(|i| (known.state[i] - u[i]).abs() < SAME * extent(window[i])))
    }

    fn equilibria(
        &self,
        window: [[f64; 2]; 2],
        nullclines: &[Vec<Polyline>; 2],
    ) -> Vec<Equilibrium> {
        let mut curve = Equilibria::new(self.problem, self.parameters, 0);
        let parameter = self.parameters[0];
        let settings = Settings {
            search_box: [
                window[0][0].min(window[1][0]),
                window[0][1].max(window[1][1]),
            ],
            search_starts: SEARCHES,
            ..Settings::new(parameter - 1.0, parameter + 1.0)
        };
        let searched = search::others(&mut curve, parameter, &[], &settings);
        let mut places: Vec<[f64; 2]> = searched.iter().map(|u| [u[0], u[1]]).collect();
        for guess in crossings(nullclines) {
            if let Ok(on) = curve.at(&[guess[0], guess[1], parameter], convergence(&settings)) {
                places.push([on.x[0], on.x[1]]);
            }
        }
        let mut found: Vec<Equilibrium> = Vec::new();
        for state in places {
            if self.knows(&found, state, window) || !self.allowed(state) {
                continue;
            }
            let j = curve.jacobian(&[state[0], state[1], parameter]).to_owned();
            let eigenvalues = eigenvalues(j.as_ref());
            let rate = self.flow(window).rate(state);
            found.push(Equilibrium {
                state,
                stability: Stability::of(&eigenvalues),
                eigenvalues,
                residual: rate[0].abs().max(rate[1].abs()),
            });
        }
        found
    }

    fn cycles(&mut self, wide: [[f64; 2]; 2], equilibria: &[Equilibrium]) -> Vec<Cycle> {
        let settings = Settings::new(self.parameters[0] - 1.0, self.parameters[0] + 1.0);
        let mut all: Vec<Cycle> = Vec::new();
        for equilibrium in equilibria {
            if equilibrium.stability == Stability::Saddle {
                continue;
            }
            // Farther than the plane reaches: a cycle may go round all of it.
            let reach = 2.0 * extent(wide[0]);
            let place = (self.problem, self.parameters);
            let flow = self.flow(wide);
            let (found, failed) =
                cycles::around(&flow, place, equilibrium.state, [reach, 0.0], &settings);
            for cycle in found {
                let same = |known: &Cycle| {
                    let near = |a: f64, b: f64| (a - b).abs() < 1e-6 * (1.0 + a.abs());
                    near(known.period, cycle.period)
                        && (0..2).all(|i| near(known.maxima[i], cycle.maxima[i]))
                        && (0..2).all(|i| near(known.minima[i], cycle.minima[i]))
                };
                if !all.iter().any(same) {
                    all.push(cycle);
                }
            }
            self.stopped.extend(failed);
        }
        all.sort_by(|a, b| a.period.total_cmp(&b.period));
        all
    }

    /// What must be seen, with white around it, where the settings leave it open.
    fn window(
        &self,
        wide: [[f64; 2]; 2],
        equilibria: &[Equilibrium],
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

    fn field(&self, window: [[f64; 2]; 2]) -> Vec<[[f64; 2]; 2]> {
        let (flow, n) = (self.flow(window), self.settings.arrows);
        let place =
            |i: usize, k: usize| window[i][0] + extent(window[i]) * (k as f64 + 0.5) / n as f64;
        let at = |k: usize| [place(0, k % n), place(1, k / n)];
        (0..n * n).map(|k| [at(k), flow.rate(at(k))]).collect()
    }

    /// An orbit until it rests, leaves the surroundings of the window, or its time is over.
    fn orbit(
        &self,
        flow: &Flow<'_>,
        from: [f64; 2],
        window: [[f64; 2]; 2],
        attractors: &[[f64; 2]],
    ) -> Orbit {
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
        Orbit {
            t_ms: path.iter().map(|m: &Moment| m.t).collect(),
            states: path.iter().map(|m| m.u).collect(),
        }
    }

    fn orbits(&self, window: [[f64; 2]; 2], equilibria: &[Equilibrium]) -> Vec<Orbit> {
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

    fn separatrices(&self, window: [[f64; 2]; 2], equilibria: &[Equilibrium]) -> Vec<Separatrix> {
        let mut all = Vec::new();
        let mut curve = Equilibria::new(self.problem, self.parameters, 0);
        for (index, saddle) in equilibria.iter().enumerate() {
            if saddle.stability != Stability::Saddle {
                continue;
            }
            let [x, y] = saddle.state;
            let j = curve.jacobian(&[x, y, self.parameters[0]]).to_owned();
            for (eigenvalue, enters) in saddle.eigenvalues.iter().zip([false, true]) {
                let mode = Mode::near(j.as_ref(), *eigenvalue);
                let mut along: Vec<f64> = mode.right.iter().map(|c| c.re).collect();
                if dot(&[], &along, &along) < 0.5 {
                    along = mode.right.iter().map(|c| c.im).collect();
                }
                normalise(&[], &mut along);
                let size = window.map(extent).into_iter().fold(f64::INFINITY, f64::min);
                let (flow, rests) = if enters {
                    let leaves = |e: &Equilibrium| e.eigenvalues.iter().all(|l| l.re > 0.0);
                    (self.flow(window).backward(), resting(equilibria, leaves))
                } else {
                    let stays = |e: &Equilibrium| e.eigenvalues.iter().all(|l| l.re < 0.0);
                    (self.flow(window), resting(equilibria, stays))
                };
                for side in [1.0, -1.0] {
                    let from = [0, 1].map(|i| saddle.state[i] + side * 1e-4 * size * along[i]);
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

fn resting(equilibria: &[Equilibrium], is: impl Fn(&Equilibrium) -> bool) -> Vec<[f64; 2]> {
    let those = equilibria.iter().filter(|e| is(e));
    those.map(|e| e.state).collect()
}

/// Where curves of the one and of the other state cross.
fn crossings([a, b]: &[Vec<Polyline>; 2]) -> Vec<[f64; 2]> {
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
