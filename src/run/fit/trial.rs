//! What a fit would take: simulations, memory, time.

use super::Fit;
use super::brains::Brain;
use crate::backend::Backend;
use crate::control::Control;
use crate::error::Result;
use crate::plan::Plan;
use crate::record::Streamed;
use crate::run::pace::Pace;

impl Fit {
    /// Simulations, at most: those of each search, the finalists among them.
    pub fn most_runs(&self) -> usize {
        self.settings.runs * self.targets.len()
    }

    /// Steps of all simulations, at most.
    pub fn n_steps(&self) -> u64 {
        self.most_runs() as u64 * u64::from(self.n_steps)
    }

    /// Steps of one simulation.
    pub fn steps_of_a_run(&self) -> u32 {
        self.n_steps
    }

    /// Generations of the search, at most, the first of them among these.
    pub fn n_generations(&self) -> usize {
        let s = &self.settings;
        let candidates = (s.runs - s.last) / self.runs_of_a_candidate();
        1 + (candidates - s.start) / s.population
    }

    /// Memory of this machine that it fills at most, about.
    pub fn bytes(&self) -> u64 {
        let s = &self.settings;
        let of_a_generation = s.start.max(s.population) * self.runs_of_a_candidate();
        let of_finalists = s.finalists * s.held_out * self.brains_of_finalists(0).len();
        let together = of_a_generation.max(of_finalists) * self.targets.len();
        let table = 8 * (self.most_runs() * (self.feature_names().len() + 2)) as u64;
        let of_a_run = self.brains.iter().map(Brain::bytes_of_a_run).max();
        together as u64 * of_a_run.unwrap_or(0) + 3 * table
    }

    /// Seconds that the whole fit would take, by a trial of one generation for a few steps.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub fn trial(&self, backend: &dyn Backend) -> Result<f64> {
        const TRIAL_STEPS: u32 = 2000;
        let n = self.settings.population * self.settings.replicas;
        let studies = (0..n).map(|_| self.ends().study(0, 0));
        let whole = Plan::batch(&studies.collect::<Result<Vec<_>>>()?)?;
        let mut trial = whole.clone();
        trial.recording.n_transient = 0;
        let pace = Pace::measure(&trial, TRIAL_STEPS, |trial| {
            let start = std::time::Instant::now();
            let recorder = Streamed::new(trial);
            backend.run(trial, &recorder, &Control::default())?;
            Ok(start.elapsed().as_secs_f64())
        })?;
        let n_trials = self.n_steps() as f64 / (n as f64 * f64::from(whole.n_steps));
        Ok(n_trials * pace.seconds(whole.n_steps))
    }
}

impl Brain {
    /// Memory of a run: its state, its sums of products, its functional connectivity and its samples where measures need them.
    fn bytes_of_a_run(&self) -> u64 {
        let n = self.ends.base().connectome.n_nodes() as u64;
        let samples = match self.scope.needs_samples() {
            true => 8 * self.scope.n_samples as u64 * n,
            false => 0,
        };
        8 * (n * (n + 1) / 2 + n * n + 5 * n) + samples + self.plan.bytes_per_simulation()
    }
}
