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

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::control::{Control, Progress};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::{Recorder, Streamed};
use crate::study::Study;

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
    rounds(study, &run, control)
}

/// How a plan is run.
pub(super) type Run<'a> = &'a dyn Fn(&Plan, &dyn Recorder) -> Result<()>;

/// [`hold_on_mean`], where `run` runs what there is to run.
pub(super) fn rounds(study: &Study, run: Run, control: &Control) -> Result<Option<MeanHeld>> {
    let Some(hold) = &study.hold else {
        return Ok(None);
    };
    let (how, tolerance) = (hold.mean, hold.tolerance());
    let targets = hold.target.expand(study.connectome.n_nodes());
    let round = Round::new(study)?;
    let mut rests = targets.clone();
    // What was rested at in the round before, and what was left.
    let mut before: Option<(Vec<f64>, Vec<f64>)> = None;
    let mut slopes = vec![1.0; targets.len()];
    let mut best: Option<MeanHeld> = None;
    let (mut n_rounds, mut n_halvings) = (0, 0);
    while n_rounds < how.rounds {
        n_rounds += 1;
        let found = match round.run(&rests, &targets, (run, control)) {
            Ok(found) => found,
            Err(error @ (Error::Interrupted | Error::Device(_))) => return Err(error),
            Err(error) => {
                let Some((from, _)) = &before else {
                    return Err(error);
                };
                n_halvings += 1;
                if n_halvings > MOST_HALVINGS {
                    break;
                }
                let middle = rests.iter().zip(from).map(|(a, b)| 0.5 * (a + b));
                rests = middle.collect();
                continue;
            }
        };
        let left = found.left.clone();
        if best
            .as_ref()
            .is_none_or(|best| best.most_left().is_nan() || found.most_left() < best.most_left())
        {
            best = Some(found);
        }
        if let Some(best) = &mut best {
            best.is_converged = best.most_left() <= tolerance;
            let told = Progress::Round {
                number: n_rounds,
                most: how.rounds,
                left: best.most_left(),
                tolerance,
            };
            if !control.goes_on(told) {
                return Err(Error::Interrupted);
            }
            if best.is_converged {
                break;
            }
        }
        if let Some((from, left_before)) = &before {
            for (k, slope) in slopes.iter_mut().enumerate() {
                let change = rests[k] - from[k];
                if change.abs() > LEAST_CHANGE * (rests[k] - targets[k]).abs() {
                    let secant = (left[k] - left_before[k]) / change;
                    *slope = secant.clamp(SLOPES[0], SLOPES[1]);
                }
            }
        }
        let next = (0..rests.len()).map(|k| rests[k] - left[k] / slopes[k]);
        let next = next.collect();
        before = Some((std::mem::replace(&mut rests, next), left));
    }
    if let Some(best) = &mut best {
        best.rounds = n_rounds;
    }
    Ok(best)
}

/// The simulations of a round, but for what they rest at.
struct Round {
    studies: Vec<Study>,
}

impl Round {
    fn new(study: &Study) -> Result<Self> {
        let hold = study.hold.as_ref().expect("it holds something");
        hold.check_rounds(study.protocol.dt)?;
        let how = hold.mean;
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
        })
    }

    /// Runs it with the network at rest at these outputs.
    fn run(
        &self,
        rests: &[f64],
        targets: &[f64],
        (run, control): (Run, &Control),
    ) -> Result<MeanHeld> {
        let studies = self.studies.iter().map(|study| study.resting_at(rests));
        let studies: Vec<Study> = studies.collect();
        let plan = Plan::batch(&studies)?;
        let recorder = Streamed::new(&plan);
        run(&plan, &recorder)?;
        let n_seeds = studies.len() as f64;
        let mut left: Vec<f64> = targets.iter().map(|target| -target).collect();
        for (moments, _) in recorder.into_moments() {
            let Some(moments) = moments else {
                if control.is_stopped() {
                    return Err(Error::Interrupted);
                }
                let problem = "a simulation whose mean is to be held diverged";
                return Err(Error::conflict(
                    problem,
                    "choose a smaller step or weaker noise",
                ));
            };
            for (left, mean) in left.iter_mut().zip(moments.mean()) {
                *left += mean / n_seeds;
            }
        }
        let held = &plan.held[0];
        Ok(MeanHeld {
            rests: rests.to_vec(),
            values: held.values.clone(),
            eigenvalue: held.eigenvalue,
            left,
            rounds: 0,
            is_converged: false,
        })
    }
}
