//! Holds the mean of a noisy output at its target, where [`rest`](crate::plan::rest) holds the output of the network at rest.
//!
//! Noise moves the mean of an output off the value that it rests at, since rates are convex functions of what a node receives. So the network
//! is made to rest elsewhere: at `T_i`, in place of the target, such that the simulated mean `m_i(T)` is at the target. The parameters that
//! make it rest there are solved for exactly, with all that nodes do to each other; what is left to find is how far noise moves each node,
//!
//! ```text
//! T_i  <-  T_i - (m_i - target_i) / s_i        s_i = dm_i/dT_i: 1, then the secant of the last two rounds
//! ```
//!
//! All rounds have the same noise, so that what changes from round to round is due to `T`. Without noise the first round is the last: the
//! exact solution.
//!
//! Deco, Ponce-Alvarez, Hagmann, Romani, Mantini & Corbetta (2014), J. Neurosci. 34, 7886, move local inhibition by fixed amounts until mean
//! rates are near 3 Hz; the secants take the place of these amounts.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::continuation::network::hold::Held;
use crate::control::{Control, Progress};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::{Recorder, Streamed};
use crate::study::{OnMean, Study};

/// The least and the largest secant that is believed: means follow what is rested at, more or less.
const SLOPES: [f64; 2] = [0.3, 5.0];
/// A change below this part of the first one tells nothing of the slope.
const LEAST_CHANGE: f64 = 1e-3;
/// How often a change is halved towards where the network could be held before.
const MOST_HALVINGS: u32 = 8;

/// What [`hold_on_mean`] found: of all rounds the one whose means were nearest to their targets.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanHeld {
    /// Where the network rests, `[n_nodes]`, in units of the output: given as `hold.target`, with `hold.on = "rest"`, the study holds its
    /// mean at the target.
    pub rests: Vec<f64>,
    /// The parameter of each node, `[n_nodes]`.
    pub values: Vec<f64>,
    /// The largest real part among the eigenvalues of that rest state, 1/ms: it is stable below 0.
    pub eigenvalue: f64,
    /// The mean of the output of each node less its target, over time and seeds, `[n_nodes]`.
    pub left: Vec<f64>,
    /// Rounds that were run.
    pub rounds: u32,
    /// Whether every mean is within the tolerance.
    pub is_converged: bool,
}

impl MeanHeld {
    /// Rounds, convergence and what is left, for manifests and `--json`.
    pub fn to_json(&self) -> Value {
        json!({
            "rounds": self.rounds,
            "converged": self.is_converged,
            "most_left": self.most_left(),
        })
    }

    /// The largest distance of a node's mean from its target; NaN if a mean is undefined.
    pub fn most_left(&self) -> f64 {
        let farther = |most: f64, left: &f64| match left.is_nan() {
            true => f64::NAN,
            false if most.is_nan() => most,
            false => most.max(left.abs()),
        };
        self.left.iter().fold(0.0, farther)
    }
}

/// Chooses the parameter that [`Study::hold`] names, at every node, such that the mean of the output over time and seeds is at its target,
/// by the rounds of [`Hold::mean`](crate::study::Hold::mean), whatever the study holds its output [`on`](crate::study::Hold::on). `None`
/// where it holds nothing.
///
/// Means are of the output itself, at every step, whatever the study records. Their noise is that of the rounds' own seeds: neither the
/// seed of the study nor what it records nor how long it runs change what is found. A round in which a simulation diverges, and one whose
/// rest state cannot be found, is answered with half the change. Where the means do not come within the tolerance,
/// [`MeanHeld::is_converged`] says so.
///
/// Every round is a [`Progress`](crate::Progress).
///
/// # Errors
/// Those of [`Plan::batch`] for the first round, [`Error::Study`] for numbers that make no round, [`Error::Device`] if the device fails,
/// [`Error::Interrupted`] if `control` stops it.
pub fn hold_on_mean(
    study: &Study,
    backend: &dyn Backend,
    control: &Control,
) -> Result<Option<MeanHeld>> {
    let run = |plan: &Plan, recorder: &dyn Recorder| backend.run(plan, recorder, control);
    if study.hold.is_none() {
        return Ok(None);
    }
    let found = rounds(std::slice::from_ref(study), &run, control)?;
    found.into_iter().next().transpose()
}

/// How a plan is run.
pub(super) type Run<'a> = &'a dyn Fn(&Plan, &dyn Recorder) -> Result<()>;

/// [`hold_on_mean`] of studies that can run side by side and each hold an output, where `run` runs what there is to run: each has the bits
/// that it has alone, or why there are none.
pub(super) fn rounds(
    studies: &[Study],
    run: Run,
    control: &Control,
) -> Result<Vec<Result<MeanHeld>>> {
    let searches = studies.iter().map(Search::new);
    let mut searches: Vec<Search> = searches.collect::<Result<_>>()?;
    loop {
        let mut going: Vec<&mut Search> = searches.iter_mut().filter(|one| !one.is_over).collect();
        if going.is_empty() {
            return Ok(searches.into_iter().map(Search::found).collect());
        }
        let next: Vec<Vec<Study>> = going.iter().map(|one| one.next()).collect();
        match simulated(&next.concat(), run, control) {
            Ok(runs) => {
                let mut runs = runs.into_iter();
                for search in &mut going {
                    let own = runs.by_ref().take(search.studies.len()).collect();
                    search.learn(own);
                }
            }
            Err(error @ (Error::Interrupted | Error::Device(_))) => return Err(error),
            // One that cannot be planned is no reason for the others.
            Err(_) if going.len() > 1 => {
                for (search, next) in going.iter_mut().zip(&next) {
                    match simulated(next, run, control) {
                        Ok(own) => search.learn(own),
                        Err(error @ (Error::Interrupted | Error::Device(_))) => return Err(error),
                        Err(error) => search.step_back(error),
                    }
                }
            }
            Err(error) => going[0].step_back(error),
        }
        if let Some(told) = Search::told(&going)
            && !control.goes_on(told)
        {
            return Err(Error::Interrupted);
        }
    }
}

/// What became of one simulation of a round: what is rested at, the parameters and the largest eigenvalue; and the means, unless it diverged.
type Simulated = (Arc<Held>, Option<Vec<f64>>);

/// Runs these studies, in their order.
fn simulated(studies: &[Study], run: Run, control: &Control) -> Result<Vec<Simulated>> {
    let plan = Plan::batch(studies)?;
    let recorder = Streamed::new(&plan);
    run(&plan, &recorder)?;
    if control.is_stopped() {
        return Err(Error::Interrupted);
    }
    let means = recorder.into_moments().into_iter();
    let means = means.map(|(moments, _)| moments.map(|moments| moments.mean().to_vec()));
    Ok(plan.held.iter().cloned().zip(means).collect())
}

/// The search of one study for what it has to rest at.
struct Search {
    /// The simulations of a round, but for what they rest at.
    studies: Vec<Study>,
    how: OnMean,
    tolerance: f64,
    targets: Vec<f64>,
    /// What the next round rests at.
    rests: Vec<f64>,
    /// What was rested at in the round before, and what was left.
    before: Option<(Vec<f64>, Vec<f64>)>,
    slopes: Vec<f64>,
    best: Option<MeanHeld>,
    /// Why there is no best.
    failed: Option<Error>,
    n_rounds: u32,
    n_halvings: u32,
    is_over: bool,
}

impl Search {
    fn new(study: &Study) -> Result<Self> {
        let hold = study.hold.as_ref().expect("it holds something");
        hold.check_rounds(study.protocol.dt)?;
        let (how, tolerance) = (hold.mean, hold.tolerance());
        let targets = hold.target.expand(study.connectome.n_nodes());
        let mut study = study.clone();
        study.record.states = vec![hold.observable];
        study.record.every = study.protocol.dt;
        study.monitors.clear();
        study.protocol.duration = how.duration_ms;
        study.protocol.transient = how.transient_ms;
        study.protocol.simulation = 0;
        let seeded = |k: u32| {
            let mut study = study.clone();
            study.protocol.seed = how.seed + u64::from(k);
            study
        };
        Ok(Self {
            studies: (0..how.n_seeds).map(seeded).collect(),
            how,
            tolerance,
            rests: targets.clone(),
            slopes: vec![1.0; targets.len()],
            targets,
            before: None,
            best: None,
            failed: None,
            n_rounds: 0,
            n_halvings: 0,
            is_over: false,
        })
    }

    /// The simulations of the next round.
    fn next(&self) -> Vec<Study> {
        let studies = self.studies.iter();
        studies.map(|study| study.resting_at(&self.rests)).collect()
    }

    /// Takes what became of them, and says what to rest at next.
    fn learn(&mut self, simulated: Vec<Simulated>) {
        let n_seeds = simulated.len() as f64;
        let mut left: Vec<f64> = self.targets.iter().map(|target| -target).collect();
        for (_, means) in &simulated {
            let Some(means) = means else {
                let problem = "a simulation whose mean is to be held diverged";
                let hint = "choose a smaller step or weaker noise";
                return self.step_back(Error::conflict(problem, hint));
            };
            for (left, mean) in left.iter_mut().zip(means) {
                *left += mean / n_seeds;
            }
        }
        self.n_rounds += 1;
        let held = &simulated[0].0;
        let found = MeanHeld {
            rests: self.rests.clone(),
            values: held.values.clone(),
            eigenvalue: held.eigenvalue,
            left: left.clone(),
            rounds: 0,
            is_converged: false,
        };
        if self
            .best
            .as_ref()
            .is_none_or(|best| best.most_left().is_nan() || found.most_left() < best.most_left())
        {
            self.best = Some(found);
        }
        if let Some(best) = &mut self.best {
            best.is_converged = best.most_left() <= self.tolerance;
            self.is_over = best.is_converged || self.n_rounds >= self.how.rounds;
        }
        if let Some((from, left_before)) = &self.before {
            for (k, slope) in self.slopes.iter_mut().enumerate() {
                let change = self.rests[k] - from[k];
                if change.abs() > LEAST_CHANGE * (self.rests[k] - self.targets[k]).abs() {
                    let secant = (left[k] - left_before[k]) / change;
                    *slope = secant.clamp(SLOPES[0], SLOPES[1]);
                }
            }
        }
        let next = (0..left.len()).map(|k| self.rests[k] - left[k] / self.slopes[k]);
        let next = next.collect();
        self.before = Some((std::mem::replace(&mut self.rests, next), left));
    }

    /// Answers a round that failed with half the change; the first has none and ends the search.
    fn step_back(&mut self, error: Error) {
        let Some((from, _)) = &self.before else {
            (self.failed, self.is_over) = (Some(error), true);
            return;
        };
        self.n_rounds += 1;
        self.n_halvings += 1;
        self.is_over = self.n_halvings > MOST_HALVINGS || self.n_rounds >= self.how.rounds;
        let middle = self.rests.iter().zip(from).map(|(a, b)| 0.5 * (a + b));
        self.rests = middle.collect();
    }

    /// How far the searches have come: the one that has most left.
    fn told(searches: &[&mut Self]) -> Option<Progress> {
        let left = |search: &Self| search.best.as_ref().map_or(f64::NAN, MeanHeld::most_left);
        let by_left = |a: &&&mut Self, b: &&&mut Self| left(a).total_cmp(&left(b));
        searches
            .iter()
            .max_by(by_left)
            .map(|search| Progress::Round {
                number: search.n_rounds,
                most: search.how.rounds,
                left: left(search),
                tolerance: search.tolerance,
            })
    }

    fn found(self) -> Result<MeanHeld> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut best = self.best.expect("a search is over after a round that ran");
        best.rounds = self.n_rounds;
        Ok(best)
    }
}
