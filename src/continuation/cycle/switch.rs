//! Switches branches at an event of cycles: at a period doubling to cycles of twice the period, at
//! a branch point to the other cycles of the same period.
//!
//! A cycle at its period doubling, gone round twice, is a branch point among the cycles of twice
//! the period. At a branch point two directions solve the linearised equations; the one across the
//! known branch leads onto the other (Doedel, Keller & Kernevez 1991, Int. J. Bifurcation Chaos 1,
//! 745).

use super::follower::Follower;
use super::{Cycle, CycleBranch, CycleEnd};
use crate::continuation::curve::{Convergence, Curve, along, correct, normalise};
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::dot;
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::error::{ContinuationError, Error, Result};

/// The first distance from the event, as a share of the cycle's size.
const AWAY: f64 = 0.02;
/// Beside the event the equations are nearly singular, and rounding shows in Newton's correction: the first
/// cycle is found when that is below this share of the distance. The next ones are as exact as any.
const ROUNDED: f64 = 1e-6;

impl CycleBranch {
    /// The cycles that branch off at a period doubling or at a branch point of cycles, followed
    /// until they end.
    ///
    /// `event` is one of another branch; `parameters` are all of the problem's, of which `active`
    /// varies. At a branch point `ahead` chooses the side; at a period doubling both are the same
    /// cycles. `ends` are the Hopf points and period doublings where the branch may end.
    ///
    /// # Errors
    /// [`Error::Continuation`] for other kinds of events, [`NotConverged`](crate::error::ContinuationError::NotConverged) if no cycle is found
    /// off the known branch.
    pub fn from_event(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        event: &Event,
        ahead: bool,
        ends: &[Event],
        settings: &Settings,
    ) -> Result<Self> {
        let doubles = event.kind == EventKind::PeriodDoubling;
        let (Some(cycle), true) = (
            &event.cycle,
            doubles || event.kind == EventKind::BranchPoint,
        ) else {
            return Err(ContinuationError::WrongEvent {
                branch: "branch of cycles",
                event: event.kind.to_string(),
                rule: "cycles branch off at period doublings and branch points of cycles",
            }
            .into());
        };
        let (profile, known) = event.tangent.split_at(event.tangent.len() - 2);
        let mut tangent = profile.to_vec();
        let start = if doubles {
            cycle.twice()
        } else {
            (**cycle).clone()
        };
        if doubles {
            tangent.extend(profile);
        }
        tangent.extend([known[0] * start.period / cycle.period, known[1]]);
        let mut follower = Follower::at_cycle(problem, parameters, active, &start, settings)
            .ok_or_else(|| {
                let rule = "must be that of the branch of the event";
                Error::argument("settings.collocation", settings.collocation, rule)
            })?;
        let x = start.unknowns();
        follower.system.refer_to(&x);

        let mut at = parameters.to_vec();
        at[active] = event.parameters[0];
        let failed = |residual: f64| {
            Error::not_converged(
                format!("a cycle that branches off at the {}", event.kind),
                describe(problem, &at),
                residual,
                "locate the event on a finer mesh (more mesh intervals), or start from a simulated orbit",
            )
        };
        let [mut across, other] = follower
            .system
            .null_vectors(&x)
            .ok_or_else(|| failed(f64::NAN))?;
        // Of the two directions, that across the known branch.
        let weights = follower.system.weights().to_vec();
        let parts = [&across, &other].map(|v| dot(&weights, &tangent, v));
        across.iter_mut().for_each(|v| *v *= parts[1]);
        across = along(&across, &other, -parts[0]);
        normalise(&weights, &mut across);
        if !ahead {
            across.iter_mut().for_each(|v| *v = -*v);
        }
        let size = follower.system.amplitude(&x);
        let mut residual = f64::NAN;
        for shrink in 0..14 {
            let away = AWAY * size * 0.5f64.powi(shrink);
            let guess = along(&x, &across, away);
            let convergence = Convergence {
                tolerance: follower.convergence.tolerance.max(ROUNDED * away),
                ..follower.convergence
            };
            match correct(&mut follower.system, guess, &across, convergence) {
                Ok(on) => {
                    let moved = along(&on.x, &x, -1.0);
                    let far = dot(&weights, &moved, &moved).sqrt();
                    if far < 3.0 * away && dot(&weights, &moved, &across) > 0.5 * far {
                        return Ok(follower.follow(vec![start], on, ends, Some(event.clone())));
                    }
                }
                Err(failure) => residual = failure.residual,
            }
        }
        Err(failed(residual))
    }

    /// The cycles of half the period that this branch meets at an end, where its own become ones gone round
    /// twice, if that is at none of `known`.
    pub(in crate::continuation) fn halved(
        &self,
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        known: &[Event],
        settings: &Settings,
    ) -> Vec<Cycle> {
        let is_known = |p: f64| {
            let mut doublings = known.iter().filter(|e| e.kind == EventKind::PeriodDoubling);
            doublings.any(|event| event.parameters[0] == p)
        };
        let one = Settings {
            max_cycles: 1,
            ..settings.clone()
        };
        let half = |cycle: &Cycle| -> Option<Cycle> {
            let follower = Follower::at_cycle(problem, parameters, active, cycle, settings)?;
            let x = cycle.unknowns();
            // The mean of both halves: it is near the cycle that they part from.
            let orbit = |t: f64| -> Vec<f64> {
                let halves =
                    [0.5 * t, 0.5 * t + 0.5].map(|t| follower.system.profile_at(&x, t.fract()));
                let pairs = halves[0].iter().zip(&halves[1]);
                pairs.map(|(a, b)| 0.5 * (a + b)).collect()
            };
            let mut at = parameters.to_vec();
            at[active] = cycle.parameter;
            let orbit = (&orbit as &dyn Fn(f64) -> Vec<f64>, 0.5 * cycle.period);
            let found = Self::from_orbit(problem, &at, active, orbit, true, &one).ok()?;
            found.cycles.into_iter().next()
        };
        let first = self.begin.as_ref().zip(self.cycles.first());
        let ends = first
            .into_iter()
            .chain(Some(&self.end).zip(self.cycles.last()));
        let halves = ends.filter_map(|(end, cycle)| match end {
            CycleEnd::PeriodDoubling(p) if !is_known(*p) => half(cycle),
            _ => None,
        });
        halves.collect()
    }
}

impl Cycle {
    /// Gone round twice.
    pub(super) fn twice(&self) -> Self {
        let half = |shift: f64| self.times.iter().map(move |t| 0.5 * t + shift);
        let multipliers: Vec<_> = self.multipliers.iter().map(|m| m * m).collect();
        Self {
            period: 2.0 * self.period,
            times: half(0.0).chain(half(0.5).skip(1)).collect(),
            profile: self
                .profile
                .iter()
                .chain(&self.profile[1..])
                .cloned()
                .collect(),
            multipliers,
            events: Vec::new(),
            ..self.clone()
        }
    }
}
