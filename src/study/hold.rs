//! A parameter of each node that follows from where an output is to rest.

use std::borrow::Cow;

use super::key::{HOLD_ROUND_DURATION, HOLD_ROUND_SEEDS, HOLD_ROUND_TRANSIENT, HOLD_ROUNDS, shown};
use super::{Study, Values};
use crate::error::{Error, Result};
use crate::word::words;

/// What is held: an output of every node rests at a target, because one parameter of each node is chosen so.
///
/// The plan solves for the parameter; the value that the study itself has for it is where the search begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// What rests: the index of a state or output, see [`Model::observables`](crate::model::Model::observables).
    pub observable: usize,
    /// Where it rests.
    pub target: Values,
    /// The key of the parameter, such as `parameters.J_i`.
    pub by: String,
    /// What is at the target.
    pub on: HoldOn,
    /// How the mean is brought there, where it is to be the mean.
    pub mean: OnMean,
}

impl Hold {
    /// What is held at rest.
    pub fn at_rest(observable: usize, target: impl Into<Values>, by: impl Into<String>) -> Self {
        Self {
            observable,
            target: target.into(),
            by: by.into(),
            on: HoldOn::Rest,
            mean: OnMean::default(),
        }
    }

    /// The largest distance of a mean from its target that counts as none, in units of the output.
    pub fn tolerance(&self) -> f64 {
        let largest = match &self.target {
            Values::Uniform(target) => target.abs(),
            Values::PerNode(targets) => targets.iter().fold(0.0, |most, x| x.abs().max(most)),
        };
        self.mean.tolerance.unwrap_or(OnMean::PART * largest)
    }

    /// Refuses numbers that make no round with this step.
    ///
    /// # Errors
    /// [`Error::Study`] with the key.
    pub(crate) fn check_rounds(&self, dt_ms: f64) -> Result<()> {
        let how = &self.mean;
        for (key, n) in [(&HOLD_ROUNDS, how.rounds), (&HOLD_ROUND_SEEDS, how.n_seeds)] {
            if n == 0 {
                return Err(Error::out_of_range(key.path, n, "must be at least 1"));
            }
        }
        let refused = |key: &super::key::Key, ms: f64, rule: String| {
            Err(Error::out_of_range(
                key.path,
                format!("{} ms", shown(ms)),
                rule,
            ))
        };
        let (duration, transient) = (how.duration_ms, how.transient_ms);
        if !(transient.is_finite() && transient >= 0.0) {
            return refused(&HOLD_ROUND_TRANSIENT, transient, "must be 0 or more".into());
        }
        if !(duration.is_finite() && transient + dt_ms <= duration) {
            let rule = format!(
                "must be longer than {} = {transient} ms by a step: nothing would be left of which to take the mean",
                HOLD_ROUND_TRANSIENT.path
            );
            return refused(&HOLD_ROUND_DURATION, duration, rule);
        }
        let tolerance = self.tolerance();
        if !(tolerance.is_finite() && tolerance > 0.0) {
            let problem = format!(
                "a mean is at its target within {}, which is {} here",
                super::key::HOLD_TOLERANCE.path,
                shown(tolerance)
            );
            let hint = "set it above 0, in units of hold.output; left out, it is a hundredth of the largest hold.target";
            return Err(Error::conflict(problem, hint));
        }
        Ok(())
    }
}

/// What is held at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldOn {
    /// The output at rest.
    Rest,
    /// The mean of the output over time, with noise.
    Mean,
}

words!(HoldOn {
    Rest = "rest",
    Mean = "mean",
});

/// How the mean of an output is brought to its target: in rounds of simulations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnMean {
    /// Largest distance of a node's mean from its target, in units of the output; left out: a hundredth of the largest target.
    pub tolerance: Option<f64>,
    /// Rounds of simulations, at most.
    pub rounds: u32,
    /// Length of each simulation of a round, ms.
    pub duration_ms: f64,
    /// Time from its start that the mean leaves out, ms.
    pub transient_ms: f64,
    /// Simulations of a round, side by side.
    pub n_seeds: u32,
    /// Seed of the first simulation of a round; the others have the next ones.
    pub seed: u64,
}

impl OnMean {
    /// The tolerance that is left out, as a part of the largest target.
    const PART: f64 = 0.01;
}

impl Default for OnMean {
    /// The seeds are far from those that people choose, so that what is measured has other noise than what was fitted.
    fn default() -> Self {
        Self {
            tolerance: None,
            rounds: 20,
            duration_ms: 6000.0,
            transient_ms: 1000.0,
            n_seeds: 16,
            seed: 1_000_000,
        }
    }
}

impl Study {
    /// Whether the mean of an output is to be held, for which rounds of simulations have to run.
    pub fn holds_mean(&self) -> bool {
        self.hold
            .as_ref()
            .is_some_and(|hold| hold.on == HoldOn::Mean)
    }

    /// Steps of all simulations of all rounds that bring a mean to its target, at most; 0 where no mean is held.
    pub fn most_round_steps(&self) -> u64 {
        let Some(hold) = self.hold.as_ref().filter(|_| self.holds_mean()) else {
            return 0;
        };
        let how = hold.mean;
        let n_steps = (how.duration_ms / self.protocol.dt).floor() as u64;
        u64::from(how.rounds) * u64::from(how.n_seeds) * n_steps
    }

    /// The same, with the output itself at rest at the target: what is planned before anything is known of means, and what has the same
    /// shape and takes the same memory.
    ///
    /// # Errors
    /// [`Error::Study`] for numbers that make no round.
    pub(crate) fn at_rest(&self) -> Result<Cow<'_, Self>> {
        let Some(hold) = self.hold.as_ref().filter(|_| self.holds_mean()) else {
            return Ok(Cow::Borrowed(self));
        };
        hold.check_rounds(self.protocol.dt)?;
        Ok(Cow::Owned(self.resting()))
    }

    fn resting(&self) -> Self {
        let mut study = self.clone();
        study
            .hold
            .iter_mut()
            .for_each(|hold| hold.on = HoldOn::Rest);
        study
    }

    /// The same, at rest at these outputs, `[n_nodes]`.
    pub(crate) fn resting_at(&self, rests: &[f64]) -> Self {
        let mut study = self.resting();
        if let Some(hold) = &mut study.hold {
            hold.target = Values::PerNode(rests.to_vec());
        }
        study
    }
}
