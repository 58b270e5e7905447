//! Simulates until a trajectory settles on a cycle, and takes one lap of it.
//!
//! The step adapts to the error of a Runge-Kutta pair of orders 3 and 2 (Bogacki & Shampine 1989,
//! Appl. Math. Lett. 2, 321). A lap begins at a state and ends where the trajectory passes the
//! plane through that state, across its motion there.

use super::CycleBranch;
use crate::Control;
use crate::continuation::curve::largest;
use crate::continuation::event::Event;
use crate::continuation::linear::{distance, dot, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::error::{Error, Result};

/// Error that a step may make, relative to 1 + |u|.
const TOLERANCE: f64 = 1e-6;
/// Steps of a simulation at most,
const STEPS: usize = 12_000;
/// those before the first lap, and those after which a lap is given up.
const TRANSIENT: usize = 200;
const LONGEST: usize = 4000;
/// A lap that misses its beginning by this share of its extent is closed;
const CLOSED: f64 = 1e-3;
/// one that misses it by more than this has not come round yet.
const NEAR: f64 = 0.3;
/// At rest is what is this near to an equilibrium, relative to 1 + |u|.
const AT_REST: f64 = 1e-4;

/// A state on the way.
#[derive(Clone)]
struct Moment {
    /// ms
    t: f64,
    u: Vec<f64>,
    rate: Vec<f64>,
}

/// One lap of a simulated cycle.
pub(in crate::continuation) struct Lap(Vec<Moment>);

impl Lap {
    /// ms
    pub fn period(&self) -> f64 {
        self.0[self.0.len() - 1].t - self.0[0].t
    }

    /// The state at a fraction of the period, from 0 to 1.
    pub fn at(&self, fraction: f64) -> Vec<f64> {
        let t = self.0[0].t + fraction * self.period();
        let last = self.0.len() - 1;
        let k = self.0.partition_point(|m| m.t <= t).clamp(1, last);
        between(&self.0[k - 1], &self.0[k], t)
    }

    /// Smallest and largest value of each state.
    pub fn extrema(&self) -> Vec<[f64; 2]> {
        extrema(&self.0)
    }
}

fn extrema(path: &[Moment]) -> Vec<[f64; 2]> {
    let of_state = |i: usize| {
        let values = path.iter().map(|moment| moment.u[i]);
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], u| {
            [low.min(u), high.max(u)]
        })
    };
    (0..path[0].u.len()).map(of_state).collect()
}

/// The state at time `t` on the cubic from `a` to `b`.
fn between(a: &Moment, b: &Moment, t: f64) -> Vec<f64> {
    let h = b.t - a.t;
    let s = (t - a.t) / h;
    let (s2, s3) = (s * s, s * s * s);
    (0..a.u.len())
        .map(|i| {
            (2.0 * s3 - 3.0 * s2 + 1.0) * a.u[i]
                + (3.0 * s2 - 2.0 * s3) * b.u[i]
                + h * ((s3 - 2.0 * s2 + s) * a.rate[i] + (s3 - s2) * b.rate[i])
        })
        .collect()
}

/// A lap of the cycle that the trajectory from `start` settles on.
///
/// `None` if the trajectory comes to rest at one of `equilibria`, goes farther than `farthest`, or
/// settles on nothing in time.
pub(in crate::continuation) fn settled(
    problem: &dyn Problem,
    parameters: &[f64],
    start: &[f64],
    (equilibria, farthest): (&[Vec<f64>], f64),
    control: &Control,
) -> Option<Lap> {
    let mut flow = Flow::new(problem, parameters, start);
    let mut path = Vec::new();
    for step in 0..STEPS {
        if control.is_stopped() {
            return None;
        }
        flow.advance()?;
        let here = &flow.here;
        let is_here = |u: &Vec<f64>| distance(u, &here.u) < AT_REST * (1.0 + largest(u));
        if largest(&here.u) > farthest || equilibria.iter().any(is_here) {
            return None;
        }
        if step < TRANSIENT {
            continue;
        }
        path.push(here.clone());
        let [first, _, .., before, after] = &path[..] else {
            continue;
        };
        let ahead = |u: &[f64]| dot(&[], u, &first.rate) - dot(&[], &first.u, &first.rate);
        let (behind, beyond) = (ahead(&before.u), ahead(&after.u));
        if behind < 0.0 && beyond >= 0.0 {
            let t = before.t + (after.t - before.t) * behind / (behind - beyond);
            let end = between(before, after, t);
            let widths: Vec<f64> = extrema(&path).iter().map(|[a, b]| b - a).collect();
            let miss = distance(&end, &first.u) / norm(&widths);
            if miss < CLOSED {
                let rate = after.rate.clone();
                path.pop();
                path.push(Moment { t, u: end, rate });
                return Some(Lap(path));
            }
            if miss < NEAR {
                path.drain(..path.len() - 1);
            }
        }
        if path.len() > LONGEST {
            path.clear();
        }
    }
    None
}

impl CycleBranch {
    /// The branch, followed both ways, of the cycle that the trajectory from `state` settles on at
    /// `parameters`; it may end at one of `hopf_points`.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if it settles on no cycle, as at
    /// rest or on a torus, or comes round too slowly.
    pub fn from_simulation(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        state: &[f64],
        hopf_points: &[Event],
        settings: &Settings,
    ) -> Result<Self> {
        let failed = |residual: f64| {
            Error::not_converged(
                "a cycle that the simulation settles on",
                describe(problem, parameters),
                residual,
                "start from another state, or at a value at which a simulation oscillates without end",
            )
        };
        let limits = (&[][..], settings.state_max);
        let lap = settled(problem, parameters, state, limits, &settings.control);
        let lap = lap.ok_or_else(|| failed(f64::NAN))?;
        let orbit = |fraction: f64| lap.at(fraction);
        let orbit = (&orbit as &dyn Fn(f64) -> Vec<f64>, lap.period());
        let one = Settings {
            max_cycles: 1,
            ..settings.clone()
        };
        let found = Self::from_orbit(problem, parameters, active, orbit, true, &one)
            .map_err(|_| failed(f64::NAN))?;
        let cycle = &found.cycles[0];
        // A lap round a focus is near an equilibrium, which solves the equations of a cycle, too.
        let simulated = largest(lap.extrema().iter().map(|[low, high]| high - low));
        let size = largest((0..state.len()).map(|i| cycle.maxima[i] - cycle.minima[i]));
        if !cycle.is_stable() || (size - simulated).abs() > 0.1 * simulated {
            return Err(failed(cycle.residual));
        }
        Self::through(problem, parameters, active, cycle, hopf_points, settings)
    }
}

/// A trajectory, step by step.
struct Flow<'a> {
    problem: &'a dyn Problem,
    parameters: &'a [f64],
    here: Moment,
    /// ms
    step: f64,
}

impl<'a> Flow<'a> {
    fn new(problem: &'a dyn Problem, parameters: &'a [f64], start: &[f64]) -> Self {
        let mut rate = vec![0.0; start.len()];
        problem.value(start, parameters, &mut rate);
        let step = 1e-3 * (1.0 + norm(start)) / norm(&rate).max(1e-6);
        let u = start.to_vec();
        Self {
            problem,
            parameters,
            here: Moment { t: 0.0, u, rate },
            step,
        }
    }

    /// One step ahead; `None` if there is none.
    fn advance(&mut self) -> Option<()> {
        let n = self.here.u.len();
        let rate = |u: &[f64]| {
            let mut rate = vec![0.0; n];
            self.problem.value(u, self.parameters, &mut rate);
            rate
        };
        for _ in 0..60 {
            let (h, u, k1) = (self.step, &self.here.u, &self.here.rate);
            let at = |i: usize, k: &[f64], share: f64| u[i] + share * h * k[i];
            let k2 = rate(&(0..n).map(|i| at(i, k1, 0.5)).collect::<Vec<_>>());
            let k3 = rate(&(0..n).map(|i| at(i, &k2, 0.75)).collect::<Vec<_>>());
            let sum = |i: usize| 2.0 * k1[i] + 3.0 * k2[i] + 4.0 * k3[i];
            let next: Vec<f64> = (0..n).map(|i| u[i] + h / 9.0 * sum(i)).collect();
            let k4 = rate(&next);
            let error = (0..n)
                .map(|i| {
                    let miss = -5.0 * k1[i] + 6.0 * k2[i] + 8.0 * k3[i] - 9.0 * k4[i];
                    (h / 72.0 * miss).abs() / (TOLERANCE * (1.0 + u[i].abs()))
                })
                .fold(
                    0.0,
                    |largest, error| if error <= largest { largest } else { error },
                );
            let factor = 0.9 * error.max(1e-9).cbrt().recip();
            self.step *= if factor.is_finite() {
                factor.clamp(0.2, 4.0)
            } else {
                0.2
            };
            if error <= 1.0 {
                self.here = Moment {
                    t: self.here.t + h,
                    u: next,
                    rate: k4,
                };
                return Some(());
            }
        }
        None
    }
}
