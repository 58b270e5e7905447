//! How far a simulation is from what a step of 0 would give.
//!
//! The same simulation runs with its step, half of it, a quarter of it, ..., on one path of noise
//! ([`Plan::refined`](crate::plan::Plan::refined)). What changes is the step's doing, and from how the changes shrink follow the
//! order, the error and the limit ([`Estimate`]).

mod estimate;
mod report;

use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use super::{Simulated, Simulation, simulate};
use crate::Control;
use crate::backend::cpu::Cpu;
use crate::error::{Error, Result};
use crate::measure::mean;
use crate::plan::Plan;
use crate::study::Study;
pub use estimate::{Basis, Estimate};

/// The mean score is to be right to this: for the step that [`StepError::step_ms`] recommends.
pub const SCORE_TOLERANCE: f64 = 0.01;

/// How far a simulation is from what a step of 0 would give.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepError {
    /// The order by theory: how fast errors fall with the step.
    pub theoretical_order: f64,
    /// The runs, the study's own first; each of the others has half the step of the one before.
    pub runs: Vec<Refined>,
    /// The mean score; none if nothing is scored.
    pub mean_score: Option<Estimate>,
    /// The score of each subject; empty if nothing is scored.
    pub scores: Vec<Estimate>,
    /// The order that the changes of functional connectivity show, by their root mean square over pairs of nodes; none with a single
    /// halving.
    pub fc_order: Option<f64>,
    /// The largest step with which the mean score would be right to [`SCORE_TOLERANCE`], at most the study's, ms; none if that is
    /// not known.
    #[serde(rename = "dt_for_score_within_0.01_ms")]
    pub step_ms: Option<f64>,
    /// The recorded states of a simulation without noise; empty with noise.
    pub states: Vec<StateError>,
}

/// One of the runs of a [`StepError`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refined {
    /// Its step, ms.
    pub dt_ms: f64,
    /// The number of its steps.
    pub n_steps: u32,
    /// When it left the finite numbers, ms; nothing is known of it then.
    pub diverged_at_ms: Option<f64>,
    /// How far functional connectivity is from that of the run before; none of the first.
    pub fc_change: Option<FcChange>,
}

/// How far two matrices of functional connectivity are apart, over pairs of nodes where both are defined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FcChange {
    /// The largest absolute change.
    pub max: f64,
    /// The mean absolute change.
    pub mean: f64,
    /// The root mean square.
    pub rms: f64,
}

/// How far a recorded state is off at worst.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateError {
    /// The state or output.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its largest change between the samples of a run and those of the run before, over time and nodes; one for each halving.
    pub changes: Vec<f64>,
    /// The order that the last two changes show.
    pub measured_order: Option<f64>,
    /// The largest error of the study's own run: from the largest change of its samples by all halvings, and the order by theory.
    pub largest: f64,
    /// The node where that is.
    pub node: usize,
    /// When that is, ms.
    pub t_ms: f64,
}

/// Runs a study with its step halved again and again, `halvings` times, and says how far its own run is off.
///
/// The runs share one path of noise and take 2^(halvings + 1) - 1 times as long as the study's own. All are done by the CPU.
///
/// ```
/// use brainsweep::{Control, io::study, run};
///
/// let study = study::load(None, &["duration=300", "transient=100", "noise.kind=none"])?;
/// let error = run::step_error(&study, 1, &Control::default())?;
/// assert_eq!(error.theoretical_order, 1.0);
/// let score = error.mean_score.expect("there is measured connectivity");
/// assert_eq!(score.values.len(), 2);
/// assert!(score.limit.is_some());
/// # Ok::<(), brainsweep::Error>(())
/// ```
///
/// # Errors
/// Those of [`Plan::refined`] and [`simulate`]; [`Error::Study`] for no halving at all; [`Error::Interrupted`] if `control` stopped
/// it.
pub fn step_error(study: &Study, halvings: u32, control: &Control) -> Result<StepError> {
    let own = simulate(study, &Cpu::new(), control)?;
    own.step_error(halvings, control)
}

impl Simulated<'_> {
    /// How far this simulation is off: see [`step_error`], of which it is the first run.
    ///
    /// # Errors
    /// Those of [`step_error`].
    pub fn step_error(&self, halvings: u32, control: &Control) -> Result<StepError> {
        if halvings == 0 {
            let rule = "must be 1 or more: the runs have halved steps";
            return Err(Error::out_of_range("halvings", halvings, rule));
        }
        if !self.is_over() {
            return Err(Error::Interrupted);
        }
        let plans = (1..=halvings).map(|h| Simulation::refined(self.study(), h, halvings));
        let plans: Vec<Simulation> = plans.collect::<Result<_>>()?;
        // The longest first, so that no thread is left with it in the end.
        let finer = plans.into_par_iter().rev().map(|simulation| {
            let simulated = simulation.run(&Cpu::new(), control)?;
            match simulated.is_over() {
                true => Ok(simulated),
                false => Err(Error::Interrupted),
            }
        });
        let mut finer: Vec<Simulated> = finer.collect::<Result<_>>()?;
        finer.reverse();
        let runs: Vec<&Simulated> = std::iter::once(self).chain(&finer).collect();
        Ok(compared(&runs))
    }
}

/// How far the first of the runs is off.
fn compared(runs: &[&Simulated]) -> StepError {
    let own = runs[0];
    let theory = theoretical_order(own.plan());
    let has_diverged = |run: &Simulated| run.recorded().end.divergence.is_some();
    let fcs: Vec<Option<Array2<f64>>> = runs
        .iter()
        .map(|run| (run.has_fc() && !has_diverged(run)).then(|| run.measures().fc().clone()))
        .collect();
    let fc_change = |k: usize| match (fcs.get(k.checked_sub(1)?)?, &fcs[k]) {
        (Some(before), Some(after)) => FcChange::new(before, after),
        _ => None,
    };
    let refined: Vec<Refined> = runs
        .iter()
        .enumerate()
        .map(|(k, run)| Refined {
            dt_ms: run.plan().dt_ms,
            n_steps: run.plan().n_steps,
            diverged_at_ms: run.recorded().end.divergence.map(|end| end.time_ms),
            fc_change: fc_change(k),
        })
        .collect();
    let n_subjects = own.scores().map_or(0, <[f64]>::len);
    let score = |of: &dyn Fn(&[f64]) -> f64| {
        let value = |run: &&Simulated| match run.scores() {
            Some(scores) if !has_diverged(run) => of(scores),
            _ => f64::NAN,
        };
        Estimate::new(runs.iter().map(value).collect(), theory)
    };
    let mean_score = (n_subjects > 0).then(|| score(&mean));
    let rms = refined.iter().skip(1);
    let rms = rms.map(|run| run.fc_change.map_or(f64::NAN, |change| change.rms));
    let is_random = own.plan().recipe.random != 0;
    StepError {
        theoretical_order: theory,
        fc_order: estimate::measured_order(&rms.collect::<Vec<_>>()),
        step_ms: mean_score
            .as_ref()
            .and_then(|score| score.step_for(SCORE_TOLERANCE, own.plan().dt_ms)),
        mean_score,
        scores: (0..n_subjects)
            .map(|k| score(&|scores| scores[k]))
            .collect(),
        states: match is_random || runs.iter().any(|run| has_diverged(run)) {
            true => Vec::new(),
            false => state_errors(runs, theory),
        },
        runs: refined,
    }
}

/// How fast the errors of a plan's results fall with the step, by theory.
///
/// Noise allows an error of first order and no less, whatever the integrator; so does what nodes receive if it is held over a step
/// ([`CouplingAt::Start`](crate::integrator::CouplingAt)), and so do delays that are rounded to whole steps. The mean of a stimulus over
/// a step, and what follows the time in the middle of it, allow second order.
pub(in crate::run) fn theoretical_order(plan: &Plan) -> f64 {
    let is_alone = plan.edges.lag.is_empty() && plan.feedback.is_empty();
    let is_held = !is_alone && plan.recipe.stages.is_none();
    let is_rounded =
        plan.edges.are_rounded || plan.feedback.iter().any(|feedback| feedback.is_rounded);
    if plan.recipe.random != 0 || is_held || is_rounded {
        1.0
    } else if plan.waves.is_empty() {
        f64::from(plan.recipe.integrator.order())
    } else {
        f64::from(plan.recipe.integrator.order().min(2))
    }
}

/// The recorded states of runs without noise, whose samples are of the same times.
fn state_errors(runs: &[&Simulated], theory: f64) -> Vec<StateError> {
    let (own, finest) = (runs[0], runs[runs.len() - 1]);
    let samples = |run: &Simulated, r: usize| {
        let samples = run.recorded().samples.index_axis(Axis(1), r);
        samples.mapv(f64::from)
    };
    let recorded = own.plan().recording.states.iter().enumerate();
    recorded
        .map(|(r, &state)| {
            let state = own.plan().model.observable(state);
            let changes = runs.windows(2).map(|pair| {
                let gap = samples(pair[0], r) - samples(pair[1], r);
                gap.iter().fold(0.0, |most: f64, gap| most.max(gap.abs()))
            });
            let changes: Vec<f64> = changes.collect();
            let gap = samples(own, r) - samples(finest, r);
            let all = gap.indexed_iter().map(|(at, gap)| (at, gap.abs()));
            let worst = all.reduce(|a, b| if b.1 > a.1 { b } else { a });
            let ((sample, node), most) = worst.unwrap_or(((0, 0), 0.0));
            // An error e of the study's run and e / 2^(p n) of the finest one are that far apart.
            let share = 1.0 - (-theory * changes.len() as f64).exp2();
            StateError {
                name: state.name,
                unit: state.unit,
                measured_order: estimate::measured_order(&changes),
                changes,
                largest: most / share,
                node,
                t_ms: own.plan().sample_time_ms(sample),
            }
        })
        .collect()
}

impl FcChange {
    /// Between two matrices `[n_nodes, n_nodes]`; none if no pair of nodes is defined in both.
    fn new(before: &Array2<f64>, after: &Array2<f64>) -> Option<Self> {
        let n_nodes = before.nrows();
        let pairs = (0..n_nodes).flat_map(|i| (0..i).map(move |j| [i, j]));
        let gaps = pairs.map(|pair| (after[pair] - before[pair]).abs());
        let gaps: Vec<f64> = gaps.filter(|gap| !gap.is_nan()).collect();
        if gaps.is_empty() {
            return None;
        }
        Some(Self {
            max: gaps.iter().copied().fold(0.0, f64::max),
            mean: mean(&gaps),
            rms: (gaps.iter().map(|gap| gap * gap).sum::<f64>() / gaps.len() as f64).sqrt(),
        })
    }
}
