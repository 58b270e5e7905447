//! Computes one cycle after the other: predicts along the tangent, corrects, and takes the
//! multipliers.

use num_complex::Complex64;

use super::Cycle;
use super::collocation::Collocation;
use super::floquet;
use super::motion::Motion;
use crate::continuation::curve::{Convergence, Curve, OnCurve, along, correct, hermite, normalise};
use crate::continuation::event::Event;
use crate::continuation::linear::dot;
use crate::continuation::problem::Problem;
use crate::continuation::settings::Settings;

/// A cycle that Newton's method has reached, with the multipliers that show events.
#[derive(Debug, Clone)]
pub(super) struct ConvergedCycle {
    pub on: OnCurve,
    pub multipliers: Vec<Complex64>,
    pub trivial_error: f64,
    /// In the plane, the logarithm of the one multiplier: there it is positive, and may be anything
    /// from 1e-300 to 1e300.
    pub growth: Option<f64>,
    pub n_unstable: usize,
}

/// Follows cycles; made where branches begin.
pub(super) struct Follower<'a> {
    pub system: Collocation<Motion<'a>>,
    pub settings: &'a Settings,
    pub convergence: Convergence,
    /// Parameter values at which the events found do not explain the change of stability.
    pub unexplained: Vec<f64>,
    /// Mesh intervals at first.
    pub first_mesh: usize,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        problem: &'a dyn Problem,
        parameters: &[f64],
        active: usize,
        period: f64,
        settings: &'a Settings,
    ) -> Self {
        let mesh = (0..=settings.mesh)
            .map(|j| j as f64 / settings.mesh as f64)
            .collect();
        let motion = Motion {
            problem,
            parameters: parameters.to_vec(),
            active,
        };
        let degree = settings.collocation.clamp(2, 7);
        let weights = vec![period.powi(-2), 1.0];
        Self {
            system: Collocation::new(motion, degree, mesh, weights),
            settings,
            convergence: Convergence {
                tolerance: settings.newton_tolerance.max(1e-10),
                max_iterations: settings.newton_iterations,
                early: false,
            },
            unexplained: Vec::new(),
            first_mesh: settings.mesh,
        }
    }

    /// On the mesh of `cycle`, if its points fit the settings.
    pub fn at_cycle(
        problem: &'a dyn Problem,
        parameters: &[f64],
        active: usize,
        cycle: &Cycle,
        settings: &'a Settings,
    ) -> Option<Self> {
        let mut parameters = parameters.to_vec();
        parameters[active] = cycle.parameter;
        let mut made = Self::new(problem, &parameters, active, cycle.period, settings);
        let degree = made.system.basis.degree;
        if cycle.profile.len() % degree != 1 {
            return None;
        }
        let mesh = cycle.times.iter().copied().step_by(degree).collect();
        made.system.remesh(mesh, &mut []);
        made.first_mesh = made.system.n_intervals();
        Some(made)
    }

    pub(super) fn n(&self) -> usize {
        self.system.n()
    }

    /// The index of the period in the unknowns; that of the parameter is the next one.
    pub(super) fn period_at(&self) -> usize {
        self.system.n_points() * self.n()
    }

    pub(super) fn parameter(&self, on: &OnCurve) -> f64 {
        on.x[self.period_at() + 1]
    }

    pub(super) fn period(&self, on: &OnCurve) -> f64 {
        on.x[self.period_at()]
    }

    pub(super) fn parameter_speed(&self, on: &OnCurve) -> f64 {
        on.tangent[self.period_at() + 1]
    }

    /// All parameters of the problem.
    pub(super) fn parameters(&self, on: &OnCurve) -> Vec<f64> {
        let mut parameters = self.system.field.parameters.clone();
        parameters[self.system.field.active] = self.parameter(on);
        parameters
    }

    fn flow(&self, on: &OnCurve) -> Vec<f64> {
        let n = self.n();
        let mut flow = vec![0.0; n];
        let problem = self.system.field.problem;
        problem.value(&on.x[..n], &self.parameters(on), &mut flow);
        flow
    }

    pub(super) fn converged(&self, on: OnCurve) -> ConvergedCycle {
        let transfers = self.system.transfers(&on.x);
        let flow = self.flow(&on);
        let trivial_error = floquet::trivial_error(&transfers, &flow);
        let growth = (self.n() == 2).then(|| self.system.divergence(&on.x));
        let (multipliers, n_unstable) = match growth {
            Some(growth) => {
                let multiplier = growth.exp().min(f64::MAX);
                (vec![multiplier.into()], usize::from(growth > 0.0))
            }
            None => {
                let multipliers = floquet::multipliers(&transfers, &flow);
                let n_unstable = multipliers.iter().filter(|m| m.norm() > 1.0).count();
                (multipliers, n_unstable)
            }
        };
        ConvergedCycle {
            on,
            multipliers,
            trivial_error,
            growth,
            n_unstable,
        }
    }

    pub(super) fn cycle(&self, converged: &ConvergedCycle, events: Vec<Event>) -> Cycle {
        let n = self.n();
        let x = &converged.on.x;
        let (minima, maxima) = self.system.extrema(x);
        let mut times = self.system.times();
        times.push(1.0);
        let mut profile: Vec<Vec<f64>> = x[..self.period_at()]
            .chunks_exact(n)
            .map(<[f64]>::to_vec)
            .collect();
        profile.push(profile[0].clone());
        Cycle {
            parameter: self.parameter(&converged.on),
            period: self.period(&converged.on),
            minima,
            maxima,
            multipliers: converged.multipliers.clone(),
            trivial_error: converged.trivial_error,
            mesh_error: Some(self.defect(&converged.on)),
            n_unstable: converged.n_unstable,
            times,
            profile,
            events,
            residual: converged.on.residual,
            newton_iterations: converged.on.iterations,
        }
    }

    pub(super) fn between(&mut self, a: &OnCurve, b: &OnCurve, t: f64) -> Option<OnCurve> {
        let length = self.distance(a, b);
        let guess = hermite(a, b, length, t * length);
        let mut across: Vec<f64> = a
            .tangent
            .iter()
            .zip(&b.tangent)
            .map(|(a, b)| (1.0 - t) * a + t * b)
            .collect();
        normalise(self.system.weights(), &mut across);
        correct(&mut self.system, guess, &across, self.convergence).ok()
    }

    pub(super) fn distance(&self, a: &OnCurve, b: &OnCurve) -> f64 {
        let apart = along(&a.x, &b.x, -1.0);
        dot(self.system.weights(), &apart, &apart).sqrt()
    }

    /// The next cycle on this mesh, `step` away or less.
    pub(super) fn advance(&mut self, here: &ConvergedCycle, step: &mut f64) -> Option<OnCurve> {
        let weights = self.system.weights().to_vec();
        while *step >= self.settings.step_min {
            let guess = along(&here.on.x, &here.on.tangent, *step);
            let convergence = Convergence {
                early: true,
                ..self.convergence
            };
            let tangent = &here.on.tangent;
            if let Ok(on) = correct(&mut self.system, guess.clone(), tangent, convergence) {
                // Farther from its tangent than it may turn is another part of the branch.
                let away = along(&on.x, &guess, -1.0);
                let away = dot(&weights, &away, &away).sqrt();
                let left = away > 3.0 * self.settings.turn_max * *step;
                let turn = dot(&weights, &on.tangent, &here.on.tangent)
                    .clamp(-1.0, 1.0)
                    .acos();
                if !left && turn <= 3.0 * self.settings.turn_max && on.x[self.period_at()] > 0.0 {
                    let by_turn = 2.0 * self.settings.turn_max / turn.max(1e-12);
                    let by_newton = [2.0, 2.0, 2.0, 1.6, 1.2, 0.8][on.iterations.min(5)];
                    let factor = by_turn.min(by_newton).clamp(0.5, 2.0);
                    let profile = ..self.period_at();
                    let size = dot(&weights[profile], &on.x[profile], &on.x[profile]).sqrt();
                    let longest = self.settings.longest(size, self.parameter_speed(&on));
                    *step = (*step * factor).min(2.0 * longest);
                    return Some(on);
                }
            }
            *step *= 0.5;
        }
        None
    }
}

impl Cycle {
    /// A Hopf point as a cycle of no amplitude.
    pub(super) fn at_hopf(hopf: &Event) -> Self {
        Self {
            parameter: hopf.parameters[0],
            period: hopf.period.unwrap_or(f64::NAN),
            minima: hopf.state.clone(),
            maxima: hopf.state.clone(),
            multipliers: Vec::new(),
            trivial_error: 0.0,
            mesh_error: Some(0.0),
            n_unstable: hopf.n_unstable_before.min(hopf.n_unstable_after),
            times: vec![0.0, 1.0],
            profile: vec![hopf.state.clone(); 2],
            events: Vec::new(),
            residual: hopf.residual,
            newton_iterations: 0,
        }
    }
}
