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

use crate::backend::Backend;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Streamed;
use crate::study::{Study, Values};

/// The least and the largest secant that is believed: means follow what is rested at, more or less.
const SLOPES: [f64; 2] = [0.3, 5.0];
/// A change below this part of the first one tells nothing of the slope.
const LEAST_CHANGE: f64 = 1e-3;
/// How often a change is halved towards where the network could be held before.
const MOST_HALVINGS: u32 = 8;

/// How the mean of an output is brought to its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnMean {
    /// Largest distance of a node's mean from its target, in units of the output.
    pub tolerance: f64,
    /// Rounds of simulations, at most.
    pub rounds: u32,
    /// Length of each simulation of a round, ms.
    pub duration_ms: f64,
    /// Time from its start that the mean leaves out, ms.
    pub transient_ms: f64,
    /// Simulations of a round, side by side, with the study's seed and the next ones.
    pub n_seeds: u32,
}

/// What [`hold_on_mean`] found: of all rounds the one whose means were nearest to their targets.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanHeld {
    /// Where the network rests, `[n_nodes]`, in units of the output: given as `hold.target`, the study holds its mean at the target.
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
    /// The largest distance of a node's mean from its target.
    pub fn most_left(&self) -> f64 {
        self.left
            .iter()
            .fold(0.0, |most, left| most.max(left.abs()))
    }
}

/// Chooses the parameter that [`Study::hold`] names, at every node, such that the mean of the output over time and seeds is at its target.
/// `None` where the study holds nothing.
///
/// Means are of the output itself, at every step, whatever the study records. A round in which a simulation diverges, and one whose
/// rest state cannot be found, is answered with half the change. Where the means do not come within the tolerance,
/// [`MeanHeld::is_converged`] says so.
///
/// # Errors
/// Those of [`Plan::batch`] for the first round, [`Error::Study`] for numbers that make no round, [`Error::Device`] if the device fails,
/// [`Error::Interrupted`] if `control` stops it.
pub fn hold_on_mean(
    study: &Study,
    how: &OnMean,
    backend: &dyn Backend,
    control: &Control,
) -> Result<Option<MeanHeld>> {
    let Some(hold) = &study.hold else {
        return Ok(None);
    };
    let targets = hold.target.expand(study.connectome.n_nodes());
    let round = Round::new(study, how)?;
    let mut rests = targets.clone();
    // What was rested at in the round before, and what was left.
    let mut before: Option<(Vec<f64>, Vec<f64>)> = None;
    let mut slopes = vec![1.0; targets.len()];
    let mut best: Option<MeanHeld> = None;
    let (mut n_rounds, mut n_halvings) = (0, 0);
    while n_rounds < how.rounds {
        n_rounds += 1;
        let found = match round.run(&rests, &targets, (backend, control)) {
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
            .is_none_or(|best| found.most_left() < best.most_left())
        {
            best = Some(found);
        }
        if let Some(best) = &mut best {
            best.is_converged = best.most_left() <= how.tolerance;
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
    fn new(study: &Study, how: &OnMean) -> Result<Self> {
        let is_time = |time: f64| time.is_finite() && time >= 0.0;
        let makes_sense = how.rounds > 0
            && how.n_seeds > 0
            && how.tolerance > 0.0
            && is_time(how.transient_ms)
            && is_time(how.duration_ms)
            && how.transient_ms + study.protocol.dt <= how.duration_ms;
        if !makes_sense {
            let problem = "a mean needs at least one round, one seed, a tolerance above 0, and a transient shorter than the duration";
            let hint = "give all five numbers of OnMean values that do";
            return Err(Error::conflict(problem, hint));
        }
        let mut study = study.clone();
        let hold = study.hold.as_ref().expect("it holds something");
        study.record.states = vec![hold.observable];
        study.record.every = study.protocol.dt;
        study.monitors.clear();
        study.protocol.duration = how.duration_ms;
        study.protocol.transient = how.transient_ms;
        let seeded = |k: u32| {
            let mut study = study.clone();
            study.protocol.seed += u64::from(k);
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
        (backend, control): (&dyn Backend, &Control),
    ) -> Result<MeanHeld> {
        let mut studies = self.studies.clone();
        for hold in studies.iter_mut().filter_map(|study| study.hold.as_mut()) {
            hold.target = Values::PerNode(rests.to_vec());
        }
        let plan = Plan::batch(&studies)?;
        let recorder = Streamed::new(&plan);
        backend.run(&plan, &recorder, control)?;
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
