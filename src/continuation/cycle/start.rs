//! Where branches of cycles begin: Hopf points and simulated orbits.

use num_complex::Complex64;

use super::follower::Follower;
use super::{Cycle, CycleBranch};
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
        let sampled = |times: Vec<f64>| -> Vec<f64> {
            let profile = times.into_iter().flat_map(orbit);
            profile.chain([period, parameters[active]]).collect()
        };
        let x = sampled(follower.system.times());
        let mesh = follower
            .system
            .adapted_mesh(&x, follower.system.n_intervals());
        follower.system.remesh(mesh, &mut []);
        let x = sampled(follower.system.times());
        follower.system.refer_to(&x);
        let mut across = vec![0.0; x.len()];
        across[x.len() - 1] = 1.0;
        let convergence = Convergence {
            tolerance: follower.convergence.tolerance,
            max_iterations: 30,
            early: false,
        };
        let mut on = correct(&mut follower.system, x, &across, convergence).map_err(|failure| {
            Error::not_converged(
                "a cycle near the orbit",
                describe(problem, parameters),
                failure.residual,
                "simulate longer, so that the orbit closes, or take more mesh intervals",
            )
        })?;
        let speed = on.tangent[on.tangent.len() - 1];
        if (speed > 0.0) != ahead {
            on = on.reversed();
        }
        Ok(follower.follow(Vec::new(), on, &[], None))
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
