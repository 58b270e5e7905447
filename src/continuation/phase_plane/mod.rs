//! The phase plane of two states at fixed parameters: nullclines, flow, equilibria, cycles,
//! separatrices, orbits.
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
mod nullcline;
mod picture;
mod reach;

use num_complex::Complex64;

use super::equilibrium::equilibria::{Equilibria, convergence, on_axis};
use super::equilibrium::search;
use super::event::Cycle;
use super::linear::eigenvalues;
use super::plane::Flow;
use super::problem::Problem;
use super::settings::Settings;
use super::stability::Stability;
use crate::Control;
use crate::error::{Error, Remark, Result};
pub use nullcline::Polyline;
use picture::crossings;

/// What to look at.
#[derive(Debug, Clone)]
pub struct PlaneSettings {
    /// The range of each state.
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
    /// Where equilibria and cycles are looked for first if the window is left open, the same interval
    /// for both states. The plane grows from there as far as equilibria and bounded orbits reach.
    pub search_box: [f64; 2],
    /// A state from where equilibria are looked for as well, as the one where simulations begin.
    pub start: Option<[f64; 2]>,
    /// Is asked while it works, and may end it; what comes of it then is not whole.
    pub control: Control,
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
            start: None,
            control: Control::default(),
        }
    }
}

/// A point at rest.
#[derive(Debug, Clone)]
pub struct PlaneEquilibrium {
    /// `[2]`
    pub state: [f64; 2],
    /// Its type, in BrainPy's words.
    pub stability: Stability,
    /// Rightmost first, 1/ms.
    pub eigenvalues: Vec<Complex64>,
    /// The largest rate of change there.
    pub residual: f64,
}

/// A trajectory in the plane.
#[derive(Debug, Clone, Default)]
pub struct PlaneOrbit {
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
    pub orbit: PlaneOrbit,
}

/// A phase plane.
#[derive(Debug, Clone)]
pub struct PhasePlane {
    /// The names of the states.
    pub states: [String; 2],
    /// From where to where each state goes.
    pub window: [[f64; 2]; 2],
    /// The curves on which each state does not change.
    pub nullclines: [Vec<Polyline>; 2],
    /// Points and rates of change, 1/ms, on a grid over the window.
    pub field: Vec<[[f64; 2]; 2]>,
    /// In the order of their first state.
    pub equilibria: Vec<PlaneEquilibrium>,
    /// Limit cycles, stable and unstable, by period.
    pub cycles: Vec<Cycle>,
    /// Of every saddle.
    pub separatrices: Vec<Separatrix>,
    /// From the starts asked for.
    pub orbits: Vec<PlaneOrbit>,
    /// Messages about what could not be done.
    pub stopped: Vec<Remark>,
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
    /// Equilibria are found by a deflated search and from every square of the grid that both
    /// nullclines pass; cycles from return maps round every equilibrium that is no saddle and from
    /// orbits that leave equilibria, forward and backward in time, stable and unstable ones alike,
    /// and corrected by collocation. [`PhasePlane::stopped`] says where what was found demands more:
    /// an equilibrium or a cycle that is missing.
    ///
    /// # Errors
    /// [`Error::Continuation`] for a problem that has not two states, or a window that does not rise.
    pub fn new(
        problem: &dyn Problem,
        parameters: &[f64],
        settings: &PlaneSettings,
    ) -> Result<Self> {
        let names = problem.unknown_names();
        let Ok(states) = <[String; 2]>::try_from(names.clone()) else {
            let what = format!("a model with the states {}", names.join(", "));
            let why = "a phase plane has two states";
            let hint = "simulate it, or follow its branches over a parameter";
            return Err(Error::not_continued(what, why, hint));
        };
        for (state, window) in states.iter().zip(&settings.window) {
            if let Some([low, high]) = window
                && !(low < high && low.is_finite() && high.is_finite())
            {
                let what = format!("the window of {state}");
                let found = format!("{low}:{high}");
                return Err(Error::argument(what, found, "must rise and be finite"));
            }
        }
        let mut maker = Maker {
            problem,
            parameters,
            settings,
            stopped: Vec::new(),
        };
        let (wide, mut equilibria) = maker.reach();
        let cycles = maker.cycles(wide, &equilibria);
        let window = maker.window(wide, &equilibria, &cycles);
        // A finer grid, and perhaps a larger plane.
        let nullclines = [0, 1].map(|state| maker.nullcline(state, window));
        for found in maker.equilibria_by(window, &nullclines) {
            if !maker.knows(&equilibria, found.state, window) {
                equilibria.push(found);
            }
        }
        equilibria.sort_by(|a, b| {
            let order = a.state[0].total_cmp(&b.state[0]);
            order.then(a.state[1].total_cmp(&b.state[1]))
        });
        maker.check(&equilibria, &cycles);
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
    stopped: Vec<Remark>,
}

fn extent([low, high]: [f64; 2]) -> f64 {
    high - low
}

impl Maker<'_> {
    fn flow(&self, window: [[f64; 2]; 2]) -> Flow<'_> {
        Flow::new(
            self.problem,
            self.parameters,
            window.map(extent),
            &self.settings.control,
        )
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
    fn knows(&self, equilibria: &[PlaneEquilibrium], u: [f64; 2], window: [[f64; 2]; 2]) -> bool {
        equilibria
            .iter()
            .any(|known| (0..2).all(|i| (known.state[i] - u[i]).abs() < SAME * extent(window[i])))
    }

    fn equilibria(&self, window: [[f64; 2]; 2]) -> Vec<PlaneEquilibrium> {
        self.equilibria_by(window, &[0, 1].map(|state| self.nullcline(state, window)))
    }

    /// The equilibria of a search, and those where nullclines cross.
    fn equilibria_by(
        &self,
        window: [[f64; 2]; 2],
        nullclines: &[Vec<Polyline>; 2],
    ) -> Vec<PlaneEquilibrium> {
        let mut curve = Equilibria::new(self.problem, self.parameters, 0);
        let parameter = self.parameters[0];
        let settings = Settings {
            search_box: [
                window[0][0].min(window[1][0]),
                window[0][1].max(window[1][1]),
            ],
            search_starts: SEARCHES,
            control: self.settings.control.clone(),
            ..Settings::new(parameter - 1.0, parameter + 1.0)
        };
        let searched = search::others(&mut curve, parameter, &[], &settings);
        let mut states: Vec<[f64; 2]> = searched.iter().map(|u| [u[0], u[1]]).collect();
        for guess in crossings(nullclines).into_iter().chain(self.settings.start) {
            if let Ok(on) = curve.at(&[guess[0], guess[1], parameter], convergence(&settings)) {
                states.push([on.x[0], on.x[1]]);
            }
        }
        let mut found: Vec<PlaneEquilibrium> = Vec::new();
        for state in states {
            if self.knows(&found, state, window) || !self.allowed(state) {
                continue;
            }
            found.push(self.equilibrium(window, state));
        }
        found
    }

    fn equilibrium(&self, window: [[f64; 2]; 2], state: [f64; 2]) -> PlaneEquilibrium {
        let mut curve = Equilibria::new(self.problem, self.parameters, 0);
        let j = curve.jacobian(&[state[0], state[1], self.parameters[0]]);
        let mut eigenvalues = eigenvalues(j);
        on_axis(&mut eigenvalues, j.norm_max());
        let rate = self.flow(window).rate(state);
        PlaneEquilibrium {
            state,
            stability: Stability::of(&eigenvalues),
            eigenvalues,
            residual: rate[0].abs().max(rate[1].abs()),
        }
    }
}
