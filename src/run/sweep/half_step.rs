//! The best points of a sweep, run again with half the step on the same noise.

use rayon::prelude::*;
use serde::Serialize;

use super::summary::TOP;
use super::{Best, OverSeeds, StoredSweep, Summary};
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::measure::Measures;
use crate::output::cell;
use crate::plan::Plan;
use crate::record::Streamed;
use crate::run::step_error::{Estimate, theoretical_order};
use crate::study::Study;
use crate::sweep::Sweep;

/// The score of a point with half the step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HalfStep {
    /// The mean score over the seeds that have one with either step.
    #[serde(rename = "mean_score_half_step")]
    pub mean_score: f64,
    /// By how much the mean score of each seed moved.
    #[serde(rename = "step_change")]
    pub change: OverSeeds,
    /// What the mean score tends to as the step goes to 0, by the order of the scheme in theory.
    #[serde(rename = "mean_score_step_0")]
    pub limit: f64,
}

impl HalfStep {
    /// Columns of `best.csv`.
    pub(super) const COLUMNS: [&'static str; 4] = [
        "mean_score_half_step",
        "step_change",
        "step_change_standard_error",
        "mean_score_step_0",
    ];

    /// A cell for each of the columns.
    pub(super) fn cells(&self) -> [String; 4] {
        let change = self.change;
        [
            self.mean_score,
            change.mean,
            change.standard_error,
            self.limit,
        ]
        .map(cell)
    }

    /// Runs the seeds of a point again.
    fn new(sweep: &Sweep, best: &Best, control: &Control) -> Result<Self> {
        let scored = best.scores.iter().enumerate();
        let scored = scored.filter(|(_, score)| !score.is_nan());
        let (seeds, whole): (Vec<usize>, Vec<f64>) = scored.unzip();
        let studies = seeds.iter().map(|&seed| best.study(sweep, seed));
        let studies: Vec<Study> = studies.collect::<Result<_>>()?;
        let plan = Plan::refined(&studies, 1)?;
        let recorder = Streamed::new(&plan);
        Cpu::new().run(&plan, &recorder, control)?;
        if control.is_stopped() {
            return Err(Error::Interrupted);
        }
        let functional = studies[0].connectome.functional.as_ref();
        let score = |(moments, _)| match moments {
            // One that diverged has none.
            None => Ok(f64::NAN),
            Some(moments) => Ok(Measures::new(moments, functional)?.mean_score()),
        };
        let halves = recorder.into_moments().into_iter().map(score);
        let halves: Vec<f64> = halves.collect::<Result<_>>()?;
        let change = OverSeeds::of_difference(&halves, &whole);
        let both = whole.iter().zip(&halves).filter(|(_, half)| !half.is_nan());
        let whole = OverSeeds::of(both.map(|(whole, _)| *whole)).mean;
        let mean_score = whole + change.mean;
        let estimate = Estimate::new(vec![whole, mean_score], theoretical_order(&plan));
        Ok(Self {
            mean_score,
            change,
            limit: estimate.limit.unwrap_or(f64::NAN),
        })
    }
}

impl StoredSweep {
    /// Steps of replicas that [`Summary::halve_step`] takes at most.
    pub fn most_half_steps(&self) -> u64 {
        let n_points = self.sweep.n_points().min(TOP);
        2 * (n_points * self.sweep.n_seeds()) as u64 * u64::from(self.plan.n_steps)
    }
}

impl Summary<'_> {
    /// Runs the best points again with half the step, every seed on the same path of noise, and keeps how far that moves their
    /// scores. The CPU does it.
    ///
    /// # Errors
    /// Those of [`Plan::refined`]; [`Error::Interrupted`] if `control` stopped it.
    pub fn halve_step(&mut self, control: &Control) -> Result<()> {
        let sweep = self.sweep;
        let best = self.best.par_iter();
        let halved = best.map(|best| HalfStep::new(sweep, best, control));
        let halved: Vec<HalfStep> = halved.collect::<Result<_>>()?;
        for (best, half) in self.best.iter_mut().zip(halved) {
            best.half_step = Some(half);
        }
        Ok(())
    }

    /// Steps of replicas that [`Summary::halve_step`] takes.
    pub fn n_half_steps(&self) -> u64 {
        let n_replicas: usize = self.best.iter().map(|best| best.score.n_seeds).sum();
        2 * n_replicas as u64 * self.sweep.base().protocol.n_steps() as u64
    }
}
