//! Simulates until a trajectory settles on a cycle, and takes one lap of it.
//!
//! The step adapts to the error of a Runge-Kutta pair of orders 3 and 2 (Bogacki & Shampine 1989,
//! Appl. Math. Lett. 2, 321). A lap begins at a state and ends where the trajectory passes the
//! plane through that state, across its motion there.

use super::follower::Follower;
use super::{Cycle, CycleBranch};
use crate::Control;
use crate::continuation::curve::largest;
use crate::continuation::event::Event;
use crate::continuation::linear::{distance, dot, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::error::{Error, Result};

/// Error that a step may make, relative to 1 + |u|.
const TOLERANCE: f64 = 1e-6;
/// Steps of a simulation at most: where one asks for the cycle that it settles on, and where one of many looks
/// whether it does.
const LONG: usize = 120_000;
pub(in crate::continuation) const SHORT: usize = 40_000;
/// Those before the first lap, and those after which a lap is given up.
const TRANSIENT: usize = 200;
const LONGEST: usize = 10_000;
/// A lap that misses its beginning by this share of its extent is closed, if each state misses it by
/// so much of its own at most,
const CLOSED: f64 = 1e-3;
const CLOSED_EACH: f64 = 0.03;
/// to which this counts, relative to 1 + |u|: a state that stands still has no extent.
const STILL: f64 = 0.01;
/// A lap that misses its beginning by more than this has not come round yet.
const NEAR: f64 = 0.3;
/// Laps at most that are looked at.
const TRIES: usize = 12;
/// A cycle that is the same after a part of its period, to this share of its size, is one gone round several
/// times,
const SAME: f64 = 1e-3;
/// so many at most.
const MOST_ROUNDS: usize = 12;
/// At rest is what is this near to an equilibrium, relative to 1 + |u|, or has gone no farther in `RESTS_FOR` steps.
const AT_REST: f64 = 1e-4;
const RESTS_FOR: usize = 400;

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
    /// Through times, states and rates of change, in the order of time.
    pub fn new(moments: impl Iterator<Item = (f64, Vec<f64>, Vec<f64>)>) -> Self {
        Self(moments.map(|(t, u, rate)| Moment { t, u, rate }).collect())
    }

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

/// What a trajectory leads to.
pub(in crate::continuation) enum Outcome<T> {
    /// What was made of a lap.
    Took(T),
    /// It is at rest here, or hardly moves.
    AtRest(Vec<f64>),
    /// Neither.
    Nothing,
}

/// The first lap of the cycle that the trajectory from `start` settles on that `take` makes something of.
///
/// A lap closes where the trajectory is back at its beginning, after one round or several: a doubled cycle,
/// or one of bursts, passes nearby before. A lap that nearly closes may be no cycle, or not the one that is
/// settled on; `take` decides, and makes nothing of such a lap.
///
/// Nothing if the trajectory comes to rest at one of `equilibria`, goes farther than `farthest`, or
/// settles on nothing in time.
pub(in crate::continuation) fn settled<T>(
    problem: &dyn Problem,
    parameters: &[f64],
    start: &[f64],
    (equilibria, farthest, steps): (&[Vec<f64>], f64, usize),
    control: &Control,
    mut take: impl FnMut(Lap) -> Option<T>,
) -> Outcome<T> {
    let mut flow = Flow::new(problem, parameters, start);
    let mut rounds = Rounds::default();
    let mut path: Vec<Moment> = Vec::new();
    let mut tries = 0;
    // Where it was last away from, and in which step.
    let mut rest = (start.to_vec(), 0);
    for step in 0..steps {
        if control.is_stopped() || flow.advance().is_none() {
            return Outcome::Nothing;
        }
        let here = &flow.here;
        let is_here = |u: &Vec<f64>| distance(u, &here.u) < AT_REST * (1.0 + largest(u));
        if !is_here(&rest.0) {
            rest = (here.u.clone(), step);
        }
        if largest(&here.u) > farthest || equilibria.iter().any(is_here) {
            return Outcome::Nothing;
        }
        if step > rest.1 + RESTS_FOR {
            return Outcome::AtRest(here.u.clone());
        }
        if step < TRANSIENT {
            continue;
        }
        path.push(here.clone());
        if let Some(end) = flow.back(&path) {
            let miss = Miss::of(&path, &end.u);
            // After a lap that was no cycle only one that closes far better.
            if miss.is_closed() && miss.overall < 0.5 * rounds.tried {
                let mut lap = path[..path.len() - 1].to_vec();
                lap.push(end);
                if let Some(made) = take(Lap(lap)) {
                    return Outcome::Took(made);
                }
                rounds.tried = miss.overall;
                tries += 1;
                if tries == TRIES {
                    return Outcome::Nothing;
                }
            }
            if miss.overall < NEAR && rounds.are_over() {
                path.drain(..path.len() - 1);
            }
        }
        if path.len() > LONGEST {
            path.clear();
            rounds.restart();
        }
    }
    Outcome::Nothing
}

/// By how much a lap misses its beginning,
struct Miss {
    /// as a share of its extent,
    overall: f64,
    /// and of the state that misses it most, as a share of that state's own extent.
    of_one: f64,
}

impl Miss {
    fn of(path: &[Moment], end: &[f64]) -> Self {
        let first = &path[0].u;
        let extents: Vec<f64> = extrema(path).iter().map(|[a, b]| b - a).collect();
        let share =
            |i: usize| (end[i] - first[i]).abs() / (extents[i] + STILL * (1.0 + end[i].abs()));
        Self {
            overall: distance(end, first) / norm(&extents),
            of_one: largest((0..end.len()).map(share)),
        }
    }

    /// A slow state has to be back, too: else each spike of a burst would be a cycle.
    fn is_closed(&self) -> bool {
        self.overall < CLOSED && self.of_one < CLOSED_EACH
    }
}

/// Counts the rounds that are compared with the same beginning: one at first, then two, three and
/// so on, so that a cycle of any number of rounds closes some time, and its beginning is settled as well as
/// can be.
struct Rounds {
    most: usize,
    done: usize,
    /// The smallest miss of a lap from this beginning that was no cycle.
    tried: f64,
}

impl Default for Rounds {
    fn default() -> Self {
        Self {
            most: 1,
            done: 0,
            tried: f64::INFINITY,
        }
    }
}

impl Rounds {
    /// Counts one; whether it was the last from this beginning.
    fn are_over(&mut self) -> bool {
        self.done += 1;
        let over = self.done == self.most;
        if over {
            self.most += 1;
            self.restart();
        }
        over
    }

    fn restart(&mut self) {
        self.done = 0;
        self.tried = f64::INFINITY;
    }
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
        let cycle = Self::settled_cycle(problem, parameters, active, state, settings)?;
        Self::through(problem, parameters, active, &cycle, hopf_points, settings)
    }

    /// The cycle that the trajectory from `state` settles on; errors are those of
    /// [`CycleBranch::from_simulation`].
    pub(in crate::continuation) fn settled_cycle(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        state: &[f64],
        settings: &Settings,
    ) -> Result<Cycle> {
        let failed = |residual: f64| {
            Error::not_converged(
                "a cycle that the simulation settles on",
                describe(problem, parameters),
                residual,
                "start from another state, or at a value at which a simulation oscillates without end",
            )
        };
        let limits = (&[][..], settings.state_max, LONG);
        let mut residual = f64::NAN;
        let take = |lap: Lap| match Self::on_lap(problem, parameters, active, &lap, settings) {
            Ok(cycle) if cycle.is_stable() => Some(cycle),
            Ok(cycle) => {
                residual = cycle.residual;
                None
            }
            Err(left) => {
                residual = left;
                None
            }
        };
        match settled(problem, parameters, state, limits, &settings.control, take) {
            Outcome::Took(cycle) => Ok(cycle),
            Outcome::AtRest(_) | Outcome::Nothing => Err(failed(residual)),
        }
    }

    /// The cycle that a simulated lap is near, gone round once; the residual that is left, if there is none.
    pub(in crate::continuation) fn on_lap(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        lap: &Lap,
        settings: &Settings,
    ) -> std::result::Result<Cycle, f64> {
        let one = Settings {
            max_cycles: 1,
            ..settings.clone()
        };
        let near = |rounds: usize| -> std::result::Result<Cycle, f64> {
            let orbit = |fraction: f64| lap.at(fraction / rounds as f64);
            let orbit = (
                &orbit as &dyn Fn(f64) -> Vec<f64>,
                lap.period() / rounds as f64,
            );
            let found = Self::from_orbit(problem, parameters, active, orbit, true, &one);
            let cycle = found.map_err(|_| f64::NAN)?.cycles.swap_remove(0);
            // A lap round a focus is near an equilibrium, which solves the equations of a cycle, too.
            let simulated = largest(lap.extrema().iter().map(|[low, high]| high - low));
            let states = cycle.minima.iter().zip(&cycle.maxima);
            let size = largest(states.map(|(low, high)| high - low));
            match (size - simulated).abs() <= 0.1 * simulated {
                true => Ok(cycle),
                false => Err(cycle.residual),
            }
        };
        let cycle = near(1)?;
        // A trajectory that swings into its cycle from both sides by turns comes back best after two rounds.
        let follower = Follower::at_cycle(problem, parameters, active, &cycle, settings);
        let follower = follower.ok_or(cycle.residual)?;
        let x = cycle.unknowns();
        let size = follower.system.amplitude(&x);
        let again = |n: &usize| largest(follower.change_after(1.0 / *n as f64, &x)) < SAME * size;
        let rounds = (2..=MOST_ROUNDS).rev().find(again);
        Ok(rounds.and_then(|n| near(n).ok()).unwrap_or(cycle))
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

    /// Where the last step of `path` passes the plane through its beginning, across the motion there and
    /// the same way.
    fn back(&self, path: &[Moment]) -> Option<Moment> {
        let [first, _, .., before, after] = path else {
            return None;
        };
        let ahead = |u: &[f64]| dot(&[], u, &first.rate) - dot(&[], &first.u, &first.rate);
        let (behind, beyond) = (ahead(&before.u), ahead(&after.u));
        (behind < 0.0 && beyond >= 0.0).then(|| {
            let t = before.t + (after.t - before.t) * behind / (behind - beyond);
            let u = between(before, after, t);
            let mut rate = vec![0.0; u.len()];
            self.problem.value(&u, self.parameters, &mut rate);
            Moment { t, u, rate }
        })
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
