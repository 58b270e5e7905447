//! Where branches of cycles begin: Hopf points and simulated orbits.

use num_complex::Complex64;

use super::follower::Follower;
use super::resolution::{RESOLVED, UNRESOLVED};
use super::{Cycle, CycleBranch, CycleEnd};
use crate::continuation::curve::{Convergence, Curve, OnCurve, along, correct, normalise};
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::equilibrium::normal_form::Mode;
use crate::continuation::event::{Event, EventKind, degenerate};
use crate::continuation::linear::dot;
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::error::{Error, Result};

impl CycleBranch {
    /// The cycles born at a Hopf point, followed until they end.
    ///
    /// `parameters` are all of the problem's, of which `active` varies; `hopf_points` are where the
    /// branch may end.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if no cycle is found near the Hopf point, [`Error::Continuation`] if it
    /// is degenerate.
    pub fn from_hopf(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        hopf: &Event,
        hopf_points: &[Event],
        settings: &Settings,
    ) -> Result<Self> {
        if hopf.kind == EventKind::DegenerateHopf {
            let name = &problem.parameter_names()[active];
            return Err(degenerate(name, hopf.parameters[0]));
        }
        let mut parameters = parameters.to_vec();
        parameters[active] = hopf.parameters[0];
        let omega = hopf.omega.unwrap_or(f64::NAN);
        let period = std::f64::consts::TAU / omega;
        let mut curve = Equilibria::new(problem, &parameters, active);
        let mut x = hopf.state.clone();
        x.push(hopf.parameters[0]);
        let j = curve.jacobian(&x).to_owned();
        let mode = Mode::near(j.as_ref(), Complex64::new(0.0, omega));
        let mut follower = Follower::new(problem, &parameters, active, period, settings);
        let times = follower.system.times();
        let mut tangent: Vec<f64> = times
            .iter()
            .flat_map(|t| {
                let turn = Complex64::cis(std::f64::consts::TAU * t);
                mode.right
                    .iter()
                    .map(move |q| (q * turn).re)
                    .collect::<Vec<_>>()
            })
            .collect();
        tangent.extend([0.0, 0.0]);
        normalise(follower.system.weights(), &mut tangent);
        let mut centre: Vec<f64> = (0..times.len()).flat_map(|_| hopf.state.clone()).collect();
        centre.extend([period, hopf.parameters[0]]);
        follower.system.refer_to_both(&centre, &tangent);
        let mut convergence = follower.convergence;
        convergence.max_iterations = 15;
        for shrink in 0..8 {
            let amplitude = 0.01 * 0.25f64.powi(shrink);
            let guess = along(&centre, &tangent, amplitude);
            let Ok(mut on) = correct(&mut follower.system, guess, &tangent, convergence) else {
                continue;
            };
            // Not the equilibrium itself.
            if follower.system.amplitude(&on.x) < 0.1 * amplitude * 1e-2 {
                continue;
            }
            if dot(follower.system.weights(), &on.tangent, &tangent) < 0.0 {
                on = on.reversed();
            }
            let known = vec![Cycle::at_hopf(hopf)];
            return Ok(follower.follow(known, on, hopf_points, Some(hopf.clone())));
        }
        Err(Error::not_converged(
            "a small cycle",
            describe(problem, &parameters),
            f64::NAN,
            "the Hopf point may be degenerate (first Lyapunov coefficient near 0); start from a simulated orbit",
        ))
    }

    /// The cycle near a simulated orbit, followed towards larger (`ahead`) or smaller parameter
    /// values.
    ///
    /// `orbit(t)` is the state at the fraction `t` of the period, from 0 to 1.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if Newton's method does not find a cycle from it.
    pub fn from_orbit(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        (orbit, period): (&dyn Fn(f64) -> Vec<f64>, f64),
        ahead: bool,
        settings: &Settings,
    ) -> Result<Self> {
        let mut follower = Follower::new(problem, parameters, active, period, settings);
        let mut on = follower
            .near_orbit(orbit, period, parameters[active])
            .map_err(|residual| {
                Error::not_converged(
                    "a cycle near the orbit",
                    describe(problem, parameters),
                    residual,
                    "simulate longer, so that the orbit closes, or take more mesh intervals",
                )
            })?;
        let speed = on.tangent[on.tangent.len() - 1];
        if (speed > 0.0) != ahead {
            on = on.reversed();
        }
        Ok(follower.follow(Vec::new(), on, &[], None))
    }

    /// The branch through the cycle near an orbit, followed both ways; arguments and errors are those
    /// of [`CycleBranch::from_orbit`].
    ///
    /// # Errors
    /// As there.
    pub fn through_orbit(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        orbit: (&dyn Fn(f64) -> Vec<f64>, f64),
        settings: &Settings,
    ) -> Result<Self> {
        let side = |ahead| Self::from_orbit(problem, parameters, active, orbit, ahead, settings);
        let ahead = side(true)?;
        match ahead.end {
            CycleEnd::Closed => Ok(ahead),
            _ => Ok(side(false)?.joined(ahead)),
        }
    }

    /// The branch through `cycle`, followed both ways until it ends; it may end at one of
    /// `hopf_points`.
    ///
    /// `parameters` are all of the problem's, of which `active` varies. `settings` are those the
    /// cycle was made with.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if Newton's method does not keep
    /// to the cycle, [`Error::Continuation`] if it was made with another number of collocation
    /// points.
    pub fn through(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        cycle: &Cycle,
        hopf_points: &[Event],
        settings: &Settings,
    ) -> Result<Self> {
        let side = |ahead: bool| -> Result<Self> {
            let mut follower = Follower::at_cycle(problem, parameters, active, cycle, settings)
                .ok_or_else(|| {
                    let rule = "must be that of the cycle";
                    Error::argument("settings.collocation", settings.collocation, rule)
                })?;
            follower.first_mesh = settings.mesh;
            let x = cycle.unknowns();
            follower.system.refer_to(&x);
            let mut across = vec![0.0; x.len()];
            across[x.len() - 1] = 1.0;
            let convergence = follower.convergence;
            let on = correct(&mut follower.system, x, &across, convergence).map_err(|failure| {
                Error::not_converged(
                    "the cycle that a branch is to go through",
                    describe(problem, parameters),
                    failure.residual,
                    "take more mesh intervals, or fewer",
                )
            })?;
            let is_ahead = on.tangent[on.tangent.len() - 1] > 0.0;
            let on = if is_ahead == ahead { on } else { on.reversed() };
            Ok(follower.follow(Vec::new(), on, hopf_points, None))
        };
        let ahead = side(true)?;
        match ahead.end {
            CycleEnd::Closed => Ok(ahead),
            _ => Ok(side(false)?.joined(ahead)),
        }
    }

    /// This branch, turned round, and then `ahead`; both begin at the same cycle.
    fn joined(self, ahead: Self) -> Self {
        let mut events: Vec<Vec<Event>> = Vec::new();
        let mut cycles: Vec<Cycle> = self
            .cycles
            .into_iter()
            .rev()
            .map(|mut cycle| {
                // What happened before a cycle now happens after it.
                let mut before = std::mem::take(&mut cycle.events);
                before.reverse();
                for event in &mut before {
                    std::mem::swap(&mut event.n_unstable_before, &mut event.n_unstable_after);
                    event.tangent.iter_mut().for_each(|t| *t = -*t);
                }
                events.push(before);
                cycle
            })
            .collect();
        for (next, events) in cycles.iter_mut().skip(1).zip(events) {
            next.events = events;
        }
        cycles.extend(ahead.cycles.into_iter().skip(1));
        Self {
            cycles,
            from: None,
            begin: Some(self.end),
            end: ahead.end,
            unexplained: [self.unexplained, ahead.unexplained].concat(),
        }
    }

    /// The cycles of this branch at one parameter value, each corrected there from the nearest of
    /// its neighbours; usually one, none outside the branch, more where it turns.
    ///
    /// `problem`, `parameters`, `active` and `settings` are those the branch was made with.
    pub fn cycles_at(
        &self,
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        parameter: f64,
        settings: &Settings,
    ) -> Vec<Cycle> {
        let within = |pair: &&[Cycle]| {
            let [a, b] = [pair[0].parameter, pair[1].parameter];
            // Each end belongs to one of two neighbours.
            (a < parameter && parameter <= b) || (b <= parameter && parameter < a)
        };
        let corrected = |pair: &[Cycle]| -> Option<Cycle> {
            let near = pair
                .iter()
                .filter(|cycle| cycle.profile.len() > 2)
                .min_by(|a, b| {
                    let away = |cycle: &Cycle| (cycle.parameter - parameter).abs();
                    away(a).total_cmp(&away(b))
                })?;
            let mut follower = Follower::at_cycle(problem, parameters, active, near, settings)?;
            let x = near.unknowns();
            follower.system.refer_to(&x);
            let on = follower.carried_to(x, parameter)?;
            let converged = follower.converged(on);
            Some(follower.cycle(&converged, Vec::new()))
        };
        let pairs = self.cycles.windows(2).filter(within);
        pairs.filter_map(corrected).collect()
    }
}

impl Follower<'_> {
    /// The cycle at `parameter` near an orbit, on a mesh fine enough for it; the residual that is
    /// left, if there is none.
    fn near_orbit(
        &mut self,
        orbit: &dyn Fn(f64) -> Vec<f64>,
        period: f64,
        parameter: f64,
    ) -> std::result::Result<OnCurve, f64> {
        let convergence = Convergence {
            tolerance: self.convergence.tolerance,
            max_iterations: 30,
            early: false,
        };
        let sampled = |times: Vec<f64>| -> Vec<f64> {
            let profile = times.into_iter().flat_map(orbit);
            profile.chain([period, parameter]).collect()
        };
        let mut residual = f64::NAN;
        let mut best: Option<(f64, OnCurve, Vec<f64>)> = None;
        for n_intervals in self.finer_meshes() {
            // The mesh follows the orbit at first, then the cycle near it.
            let x = sampled(self.system.times());
            let mesh = self.system.adapted_mesh(&x, n_intervals);
            self.system.remesh(mesh, &mut []);
            let mut x = sampled(self.system.times());
            let mut found = None;
            for spread in [false, true] {
                if spread {
                    let mesh = self.system.adapted_mesh(&x, n_intervals);
                    self.system.remesh(mesh, &mut [&mut x]);
                }
                self.system.refer_to(&x);
                let mut across = vec![0.0; x.len()];
                across[x.len() - 1] = 1.0;
                match correct(&mut self.system, x.clone(), &across, convergence) {
                    Ok(on) => {
                        x.clone_from(&on.x);
                        found = Some((on, self.system.mesh.clone()));
                    }
                    Err(failure) => {
                        residual = failure.residual;
                        break;
                    }
                }
            }
            let Some((on, mesh)) = found else { continue };
            self.system.remesh(mesh.clone(), &mut []);
            let defect = self.defect(&on);
            if best.as_ref().is_none_or(|(least, ..)| defect < *least) {
                best = Some((defect, on, mesh));
            }
            if defect <= RESOLVED {
                break;
            }
        }
        let (defect, on, mesh) = best.ok_or(residual)?;
        self.system.remesh(mesh, &mut []);
        self.system.refer_to(&on.x);
        match defect <= UNRESOLVED {
            true => Ok(on),
            false => Err(defect),
        }
    }

    /// From the cycle `x` to the one at `parameter`, in as many steps as it takes.
    fn carried_to(&mut self, x: Vec<f64>, parameter: f64) -> Option<OnCurve> {
        let last = x.len() - 1;
        let mut across = vec![0.0; x.len()];
        across[last] = 1.0;
        let mut on = correct(&mut self.system, x, &across, self.convergence).ok()?;
        let mut share = 1.0;
        for _ in 0..200 {
            let left = parameter - on.x[last];
            if left == 0.0 {
                return Some(on);
            }
            let step = share * left / on.tangent[last];
            let mut guess = along(&on.x, &on.tangent, step);
            if share == 1.0 {
                guess[last] = parameter;
            }
            match correct(&mut self.system, guess, &across, self.convergence) {
                Ok(next) => {
                    on = next;
                    share = f64::min(1.0, 2.0 * share);
                }
                Err(_) => share *= 0.5,
            }
        }
        None
    }
}

impl Cycle {
    /// As collocation has it: the profile but for its last point, period, parameter.
    pub(super) fn unknowns(&self) -> Vec<f64> {
        let mut x = self.profile[..self.profile.len() - 1].concat();
        x.extend([self.period, self.parameter]);
        x
    }
}
