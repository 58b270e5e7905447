//! What a fit would take: simulations, memory, time.

use super::Fit;
use super::brains::Brain;
use crate::backend::Backend;
use crate::connectome::Delays;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Streamed;
use crate::run::held::of_any_hold;
use crate::run::pace::Pace;

/// Simulations side by side on one thread, at most.
const LANES: usize = 16;
/// Bytes of a connection in a plan, and in the form in which it runs.
const EDGE: u64 = 40;
/// Bytes that figures fill while they are made, about.
const FIGURES: u64 = 32 << 20;

impl Fit {
    /// Simulations, at most: those of each search, the finalists among them.
    pub fn most_runs(&self) -> usize {
        self.settings.runs * self.targets.len()
    }

    /// Steps of all simulations, at most.
    pub fn n_steps(&self) -> u64 {
        self.most_runs() as u64 * u64::from(self.steps_of_a_run())
    }

    /// Steps of one simulation.
    pub fn steps_of_a_run(&self) -> u32 {
        self.brains[0].n_steps
    }

    /// Generations of the search, at most, the first of them among these.
    pub fn n_generations(&self) -> usize {
        let s = &self.settings;
        let candidates = (s.runs - s.last) / self.runs_of_a_candidate();
        1 + (candidates - s.start) / s.population
    }

    /// Memory of this machine that it fills at most, about, beside the program itself: networks, a generation's runs or those of the
    /// finalists with what is measured of them, the table of candidates, figures.
    pub fn bytes(&self) -> u64 {
        let s = &self.settings;
        let of_a_generation = s.start.max(s.population) * self.runs_of_a_candidate();
        let of_finalists = s.finalists * s.held_out * self.brains_of_finalists(0).len();
        let together = of_a_generation.max(of_finalists) * self.targets.len();
        let table = 8 * (self.most_runs() * (self.feature_names().len() + 2)) as u64;
        let n_threads = rayon::current_num_threads();
        let largest = |of: &dyn Fn(&Brain) -> u64| self.brains.iter().map(of).max().unwrap_or(0);
        let networks: u64 = self.brains.iter().map(Brain::bytes_of_network).sum();
        let planned = n_threads.min(self.brains.len()) as u64 * largest(&Brain::bytes_of_edges);
        let running = together.min(LANES * n_threads) as u64 * largest(&Brain::bytes_of_sums);
        let runs = together as u64 * largest(&Brain::bytes_of_a_run);
        networks + planned + running + runs + 3 * table + FIGURES
    }

    /// Checks that this memory is there.
    ///
    /// # Errors
    /// [`Error::Study`] if it is not, with what the fit takes and what there is.
    pub fn check_memory(&self, available: Option<u64>) -> Result<()> {
        let bytes = self.bytes();
        let Some(available) = available.filter(|available| bytes > *available) else {
            return Ok(());
        };
        let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
        let problem = format!(
            "the fit needs {:.1} GiB of memory, and there are {:.1} GiB",
            gibibytes(bytes),
            gibibytes(available)
        );
        let hint =
            "take fewer --finalists or --held-out seeds, a smaller --population, or fewer subjects";
        Err(Error::conflict(problem, hint))
    }

    /// Seconds that the whole fit would take, by a trial of one generation for a few steps.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub fn trial(&self, backend: &dyn Backend) -> Result<f64> {
        const TRIAL_STEPS: u32 = 2000;
        let n = self.settings.population * self.settings.replicas;
        let study = of_any_hold(self.ends().study(0, 0)?);
        let whole = Plan::batch(&vec![study; n])?;
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
    /// Memory of the connectome's matrices.
    fn bytes_of_network(&self) -> u64 {
        let connectome = &self.ends.base().connectome;
        let n = self.scope.n_nodes as u64;
        let of_delays = match connectome.delays {
            Delays::None => 0,
            Delays::Steps(_) => 4,
            Delays::TractLengths(_) | Delays::Milliseconds(_) => 8,
        };
        let n_matrices = 1 + connectome.matrices.len() + connectome.n_subjects();
        (8 * n_matrices as u64 + of_delays) * n * n
    }

    /// Memory of its connections in a plan.
    fn bytes_of_edges(&self) -> u64 {
        EDGE * self.n_edges as u64
    }

    /// Memory of a run while it runs: its state, and compensated sums of the products of all pairs.
    fn bytes_of_sums(&self) -> u64 {
        let n = self.scope.n_nodes as u64;
        8 * n * n + self.bytes_of_state
    }

    /// Memory of a run that has ended: sums of products, functional connectivity, and samples where measures need them.
    fn bytes_of_a_run(&self) -> u64 {
        let n = self.scope.n_nodes as u64;
        let samples = match self.scope.needs_samples() {
            true => 8 * self.scope.n_samples as u64 * n,
            false => 0,
        };
        8 * (n * (n + 1) / 2 + n * n + 5 * n) + samples
    }
}
