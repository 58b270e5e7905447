//! Ends at infinite period: saddle-nodes on the cycle, and connections of a saddle with itself.

use num_complex::Complex64;

use super::follower::{ConvergedCycle, Follower};
use crate::continuation::curve::{Convergence, OnCurve, along, correct};
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::equilibrium::fold::fold_near;
use crate::continuation::equilibrium::normal_form;
use crate::continuation::event::{Criticality, Event, EventKind};
use crate::continuation::linear::{eigenvalues, norm};

/// A cycle ends at a saddle if it comes as near to it, as a share of its amplitude, and if its
/// parameter is that of the connection to this, relative to 1 + |parameter|.
pub(in crate::continuation) const AT_SADDLE: (f64, f64) = (1e-3, 1e-9);
/// The same where its period is as long as it may be.
pub(in crate::continuation) const NEAR_SADDLE: (f64, f64) = (3e-2, 1e-6);
/// What a parameter changes by at a step, relative to 1 + |parameter|, where it is about to settle.
pub(in crate::continuation) const SETTLES: f64 = 1e-5;
/// How near to the cycle a saddle-node is that is about to be born on it.
const AT_FOLD: f64 = 0.1;
/// Finer meshes that the parameter of a connection is computed on, until it stands still to
/// `EXACT`.
const FINER: usize = 3;
const EXACT: f64 = 1e-10;

/// The eigenvalues, or characteristic roots, of a saddle that rule a connection with itself: the
/// nearest to the imaginary axis on each side of it.
pub(in crate::continuation) struct SaddleRates {
    unstable: f64,
    stable: f64,
}

impl SaddleRates {
    /// Of a spectrum, rightmost first; `None` if all of it is on one side.
    pub fn of(spectrum: &[Complex64]) -> Option<Self> {
        Some(Self {
            unstable: spectrum.iter().rev().find(|e| e.re > 0.0)?.re,
            stable: spectrum.iter().find(|e| e.re <= 0.0)?.re,
        })
    }

    /// How the parameter comes to that of the connection as periods grow: `p - p* = K exp(-rate T)`.
    /// The slower of the two rates rules.
    pub fn of_period(&self) -> f64 {
        self.unstable.min(-self.stable)
    }

    /// The connection, with what the rates say of it.
    pub fn describe(&self, connection: Event) -> Event {
        let quantity = self.unstable + self.stable;
        Event {
            coefficient: Some(quantity),
            coefficients: vec![
                ("unstable_eigenvalue", self.unstable),
                ("stable_eigenvalue", self.stable),
                ("saddle_quantity", quantity),
                ("period_rate", self.of_period()),
            ],
            criticality: Criticality::of(quantity),
            ..connection
        }
    }
}

impl<'a> Follower<'a> {
    /// The event in which the branch ends if the period goes to infinity; `here` is the last cycle,
    /// and `history` holds parameter, period and d(parameter)/d(period).
    ///
    /// A parameter that stands still is not enough: it also does so where cycles grow explosively
    /// (a canard), and there the branch goes on. So a connection needs its saddle, and a
    /// saddle-node its fold.
    pub(super) fn infinite_period(
        &mut self,
        here: &ConvergedCycle,
        history: &[[f64; 3]],
    ) -> Option<Event> {
        let long = self.period(&here.on) > self.settings.period_max;
        let [.., earlier, last] = history else {
            return None;
        };
        let change = (last[0] - earlier[0]).abs() / (1.0 + last[0].abs());
        if !long && (last[1] < earlier[1] || change > SETTLES) {
            return None;
        }
        let bounds = match long {
            false => AT_SADDLE,
            true => NEAR_SADDLE,
        };
        let connection = self.homoclinic(here, bounds);
        connection.or_else(|| if long { self.snic(here, history) } else { None })
    }

    /// The connection with itself of the saddle that the cycle comes near.
    fn homoclinic(&mut self, here: &ConvergedCycle, (near, settled): (f64, f64)) -> Option<Event> {
        let n = self.n();
        let (slow, _) = self.slowest(&here.on);
        let mut curve = self.equilibria();
        let convergence = Convergence {
            tolerance: 1e-12,
            max_iterations: 30,
            early: false,
        };
        let mut x = slow.clone();
        x.push(self.parameter(&here.on));
        let on = curve.at(&x, convergence).ok()?;
        let apart = along(&on.x[..n], &slow, -1.0);
        if norm(&apart) > near * self.system.amplitude(&here.on.x) {
            return None;
        }
        let rates = SaddleRates::of(&eigenvalues(curve.jacobian(&on.x)))?;
        let mut x = on.x;
        let left;
        (x[n], left) = self.connection(&here.on, rates.of_period());
        if left > settled * (1.0 + x[n].abs()) {
            return None;
        }
        let on = curve.at(&x, convergence).ok()?;
        Some(rates.describe(self.at_infinity(EventKind::Homoclinic, here, (&on.x, on.residual))))
    }

    /// The parameter of the connection that cycles near `on` lead to, where the period goes by
    /// `rate`, and how far from it they are; on meshes as fine as its last digits take.
    fn connection(&mut self, on: &OnCurve, rate: f64) -> (f64, f64) {
        let estimate = |follower: &Self, on: &OnCurve| {
            let left = follower.parameter_speed(on) / on.tangent[follower.period_at()] / rate;
            (follower.parameter(on) + left, left.abs())
        };
        let mesh = self.system.mesh.clone();
        let mut best = estimate(self, on);
        let mut on = on.clone();
        for finer in 0..FINER {
            let Some(fine) = self.refined(&on, if finer == 0 { 3 } else { 2 }) else {
                break;
            };
            let before = std::mem::replace(&mut best, estimate(self, &fine));
            if (best.0 - before.0).abs() < EXACT * (1.0 + best.0.abs()) {
                break;
            }
            on = fine;
        }
        self.system.remesh(mesh, &mut []);
        best
    }

    /// The saddle-node born on the cycle. There `p - p* = (C/T)^2`, so it lies within what the
    /// parameter changed while the period grew by half.
    fn snic(&mut self, here: &ConvergedCycle, history: &[[f64; 3]]) -> Option<Event> {
        let n = self.n();
        let last = history.last()?;
        let earlier = history.iter().rev().find(|h| 1.5 * h[1] < last[1])?;
        let (slow, _) = self.slowest(&here.on);
        let mut x = slow.clone();
        x.push(last[0] + 0.5 * last[1] * last[2]);
        let mut curve = self.equilibria();
        let parameters = curve.parameters_at(&x);
        let (fold, residual) = fold_near(curve.problem, &parameters, curve.active, &x)?;
        let (left, change) = (fold[n] - last[0], last[0] - earlier[0]);
        let apart = along(&fold[..n], &slow, -1.0);
        let away = norm(&apart);
        if left * change < 0.0
            || left.abs() > change.abs()
            || away > AT_FOLD * self.system.amplitude(&here.on.x)
        {
            return None;
        }
        let parameters = curve.parameters_at(&fold);
        let j = curve.jacobian(&fold).to_owned();
        let (problem, active) = (curve.problem, curve.active);
        let constant = normal_form::passage(problem, &fold[..n], &parameters, active, j.as_ref());
        Some(Event {
            coefficient: Some(constant),
            coefficients: vec![("period_sqrt_distance", constant)],
            ..self.at_infinity(EventKind::Snic, here, (&fold, residual))
        })
    }

    fn equilibria(&self) -> Equilibria<'a> {
        let motion = &self.system.field;
        Equilibria::new(motion.problem, &motion.parameters, motion.active)
    }

    /// An event at the equilibrium and parameter `x` that the cycle `here` is the last before.
    fn at_infinity(
        &self,
        kind: EventKind,
        here: &ConvergedCycle,
        (x, residual): (&[f64], f64),
    ) -> Event {
        let n = self.n();
        Event {
            period: Some(self.period(&here.on)),
            n_unstable_before: here.n_unstable,
            n_unstable_after: here.n_unstable,
            residual,
            eigenvalues: eigenvalues(self.equilibria().jacobian(x)),
            ..Event::new(kind, &x[n..], &x[..n])
        }
    }

    /// The cycle of the same period on a mesh with every interval divided, which then is the mesh.
    pub(super) fn refined(&mut self, on: &OnCurve, parts: usize) -> Option<OnCurve> {
        let mut mesh = vec![0.0];
        for ends in self.system.mesh.windows(2) {
            let width = (ends[1] - ends[0]) / parts as f64;
            mesh.extend((1..=parts).map(|k| ends[0] + width * k as f64));
        }
        if let Some(end) = mesh.last_mut() {
            *end = 1.0;
        }
        let mut x = on.x.clone();
        self.system.remesh(mesh, &mut [&mut x]);
        self.system.refer_to(&x);
        let mut across = vec![0.0; x.len()];
        across[x.len() - 2] = 1.0;
        // Twice: the mesh is spread anew where the finer solution wants it.
        let on = correct(&mut self.system, x, &across, self.convergence).ok()?;
        let mesh = self.system.adapted_mesh(&on.x, self.system.n_intervals());
        let mut x = on.x;
        self.system.remesh(mesh, &mut [&mut x]);
        self.system.refer_to(&x);
        correct(&mut self.system, x, &across, self.convergence).ok()
    }

    /// The profile's point where |f| is least, and that |f|.
    pub(super) fn slowest(&self, on: &OnCurve) -> (Vec<f64>, f64) {
        let n = self.n();
        let parameters = self.parameters(on);
        let mut rates = vec![0.0; n];
        on.x[..self.period_at()]
            .chunks_exact(n)
            .map(|state| {
                self.system
                    .field
                    .problem
                    .value(state, &parameters, &mut rates);
                (state.to_vec(), norm(&rates))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .expect("a profile has points")
    }
}
