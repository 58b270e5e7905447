//! Orbits in the plane: an adaptive Runge-Kutta method, forward or backward in time.
//!
//! Dormand & Prince (1980), J. Comput. Appl. Math. 6, 19-26: order 5 with an error estimate of
//! order 4.

use std::f64::consts::TAU;

use num_complex::Complex64;

use crate::Control;
use crate::continuation::curve::root;
use crate::continuation::cycle::Lap;
use crate::continuation::problem::Problem;

use super::winding::Rest;

/// Local error that a step may make, relative to the size of the state and of the plane.
const TOLERANCE: f64 = 1e-10;
/// By how much the direction of motion may turn in a step, rad: a drawn orbit is smooth then.
const TURN: f64 = 0.08;
/// An orbit so many planes away does not come back.
pub(super) const FAR: f64 = 50.0;
/// An orbit is given up after so many steps.
const MOST_STEPS: usize = 60_000;

/// What moves a point: `sign f(u, p)` at fixed parameters.
#[derive(Clone, Copy)]
pub(in crate::continuation) struct Flow<'a> {
    problem: &'a dyn Problem,
    parameters: &'a [f64],
    /// 1 forward, -1 backward in time.
    sign: f64,
    /// Size of the plane in each state.
    scale: [f64; 2],
    control: &'a Control,
}

/// A state on the way.
#[derive(Debug, Clone, Copy)]
pub(in crate::continuation) struct Moment {
    /// ms since the start, also backward in time.
    pub t: f64,
    pub u: [f64; 2],
    /// The rate of change there, with the sign of the time's direction.
    pub rate: [f64; 2],
}

impl<'a> Flow<'a> {
    /// Forward in time; `control` may stop it.
    pub fn new(
        problem: &'a dyn Problem,
        parameters: &'a [f64],
        scale: [f64; 2],
        control: &'a Control,
    ) -> Self {
        Self {
            problem,
            parameters,
            sign: 1.0,
            scale,
            control,
        }
    }

    pub fn backward(self) -> Self {
        Self {
            sign: -self.sign,
            ..self
        }
    }

    pub fn rate(&self, u: [f64; 2]) -> [f64; 2] {
        let mut value = [0.0; 2];
        self.problem.value(&u, self.parameters, &mut value);
        value.map(|v| self.sign * v)
    }

    pub fn start(&self, u: [f64; 2]) -> Moment {
        Moment {
            t: 0.0,
            u,
            rate: self.rate(u),
        }
    }

    /// A vector in units of the plane.
    fn scaled(&self, v: [f64; 2]) -> [f64; 2] {
        [v[0] / self.scale[0], v[1] / self.scale[1]]
    }

    /// Whether orbits that begin beside an equilibrium leave it along an eigenvector of this eigenvalue.
    pub fn repels(&self, eigenvalue: Complex64) -> bool {
        self.sign * eigenvalue.re > 0.0
    }

    /// The length of a vector, as a share of the plane.
    pub fn length(&self, v: [f64; 2]) -> f64 {
        let [a, b] = self.scaled(v);
        a.hypot(b)
    }

    /// A path, forward in time.
    pub fn lap_of(&self, path: &[Moment]) -> Lap {
        let end = path.last().map_or(0.0, |m| m.t);
        let forward = |m: &Moment| match self.sign > 0.0 {
            true => (m.t, m.u.to_vec(), m.rate.to_vec()),
            false => (end - m.t, m.u.to_vec(), m.rate.map(|r| -r).to_vec()),
        };
        match self.sign > 0.0 {
            true => Lap::new(path.iter().map(forward)),
            false => Lap::new(path.iter().rev().map(forward)),
        }
    }

    /// One step of `h` ms, and the error it makes over the one allowed.
    fn step(&self, from: &Moment, h: f64) -> (Moment, f64) {
        let at = |weights: &[f64], k: &[[f64; 2]]| -> [f64; 2] {
            std::array::from_fn(|i| {
                from.u[i] + h * weights.iter().zip(k).map(|(w, k)| w * k[i]).sum::<f64>()
            })
        };
        let mut k = [[0.0; 2]; 7];
        k[0] = from.rate;
        for stage in 1..7 {
            k[stage] = self.rate(at(STAGES[stage - 1], &k));
        }
        let u = at(STAGES[5], &k);
        let error = (0..2)
            .map(|i| {
                let miss: f64 = ERROR.iter().zip(&k).map(|(e, k)| h * e * k[i]).sum();
                miss.abs() / (TOLERANCE * (self.scale[i] + u[i].abs()))
            })
            .fold(0.0, f64::max);
        let next = Moment {
            t: from.t + h,
            u,
            rate: k[6],
        };
        (next, error)
    }

    /// The orbit from `from`, one moment per step, for as long as `go_on` says so and it stays
    /// finite.
    ///
    /// `go_on` receives both ends of each step; the orbit ends with the step at which `go_on` says
    /// no. Once the control has stopped the work, the orbit is only its start.
    pub fn orbit(
        &self,
        from: [f64; 2],
        mut go_on: impl FnMut(&Moment, &Moment) -> bool,
    ) -> Vec<Moment> {
        let mut path = vec![self.start(from)];
        if self.control.is_stopped() {
            return path;
        }
        let mut h = { 1e-3 / self.length(path[0].rate).max(1e-9) };
        for _ in 0..MOST_STEPS {
            let here = *path.last().expect("it has its start");
            let (next, error) = self.step(&here, h);
            let turn = angle(self.scaled(here.rate), self.scaled(next.rate)).abs();
            if !(error.is_finite() && next.u.iter().all(|u| u.is_finite())) || h < 1e-14 {
                h *= 0.1;
                if h < 1e-14 {
                    break;
                }
                continue;
            }
            let by_error = 0.9 * error.max(1e-12).powf(-0.2);
            let by_turn = 0.8 * TURN / turn.max(1e-12);
            let factor = by_error.min(by_turn).clamp(0.2, 4.0);
            if error > 1.0 || turn > TURN && h > 1e-9 {
                h *= factor.min(0.7);
                continue;
            }
            path.push(next);
            if !go_on(&here, &next) {
                break;
            }
            h *= factor;
        }
        path
    }

    /// By how much a step turns round `centre`, rad, counterclockwise.
    pub fn turn(&self, centre: [f64; 2], here: &Moment, next: &Moment) -> f64 {
        let [a, b] = [here, next].map(|m| self.scaled(minus(m.u, centre)));
        angle(a, b)
    }

    /// The orbit from `centre + distance along` until it has gone once round `centre`, with where
    /// it ends on that ray.
    ///
    /// `None` if it never does: it comes to rest, at one of `rests` or elsewhere, or goes far beyond
    /// the plane.
    pub fn lap(
        &self,
        centre: [f64; 2],
        along: [f64; 2],
        distance: f64,
        rests: &[Rest<'_>],
    ) -> Option<(f64, Vec<Moment>)> {
        // Round a focus an orbit goes however near it comes.
        let is_other = |rest: &&Rest<'_>| rest.state != centre || !rest.is_focus();
        let rests: Vec<&Rest<'_>> = rests.iter().filter(is_other).collect();
        let begin = std::array::from_fn(|i| centre[i] + distance * along[i]);
        let speed = |m: &Moment| self.length(m.rate);
        let slowest = 1e-9 * speed(&self.start(begin));
        let (mut turned, mut round) = (0.0, false);
        let mut path = self.orbit(begin, |here, next| {
            turned += self.turn(centre, here, next);
            round = f64::abs(turned) >= TAU;
            !round
                && self.length(minus(next.u, centre)) < FAR
                && speed(next) > slowest
                && !rests.iter().any(|rest| rest.takes(self, next.u))
        });
        if !round {
            return None;
        }
        // The last step again, only as far as the ray.
        let beyond = path.pop()?;
        let last = *path.last()?;
        let ray = self.scaled(along);
        let aside = |m: &Moment| {
            let [a, b] = self.scaled(minus(m.u, centre));
            ray[0] * b - ray[1] * a
        };
        let ends = [(0.0, aside(&last)), (beyond.t - last.t, aside(&beyond))];
        let (_, _, end) = root(ends[0], ends[1], 1e-15, |h| {
            let (there, _) = self.step(&last, h);
            Some((aside(&there), there))
        })?;
        path.push(end);
        let out = minus(end.u, centre);
        let length =
            (out[0] * along[0] + out[1] * along[1]) / (along[0].powi(2) + along[1].powi(2));
        (length > 0.0).then_some((length, path))
    }
}

pub(super) fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// From `a` to `b`, rad, counterclockwise, at most half a turn.
fn angle(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] * b[1] - a[1] * b[0]).atan2(a[0] * b[0] + a[1] * b[1])
}

/// Where each stage is evaluated: weights of the rates before it. The last row is the step itself.
const STAGES: [&[f64]; 6] = [
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[
        19372.0 / 6561.0,
        -25360.0 / 2187.0,
        64448.0 / 6561.0,
        -212.0 / 729.0,
    ],
    &[
        9017.0 / 3168.0,
        -355.0 / 33.0,
        46732.0 / 5247.0,
        49.0 / 176.0,
        -5103.0 / 18656.0,
    ],
    &[
        35.0 / 384.0,
        0.0,
        500.0 / 1113.0,
        125.0 / 192.0,
        -2187.0 / 6784.0,
        11.0 / 84.0,
    ],
];

/// What the method of order 5 has beyond that of order 4, as weights of the rates.
const ERROR: [f64; 7] = [
    71.0 / 57600.0,
    0.0,
    -71.0 / 16695.0,
    71.0 / 1920.0,
    -17253.0 / 339200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];
