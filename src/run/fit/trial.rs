//! What a fit would take: simulations, memory, time.

use super::Fit;
use crate::backend::Backend;
use crate::control::Control;
use crate::error::Result;
use crate::io;
use crate::plan::Plan;
use crate::record::{Streamed, Takes};
use crate::run::held::of_any_hold;
use crate::run::memory;
use crate::run::pace::Pace;

/// Simulations side by side on one thread, at most.
const LANES: usize = 16;

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

    /// Bytes of this machine's memory that it fills at most, the program and the networks among them, and no less than this process has
    /// filled to read its data; to be asked once [`Fit::trial`] has run.
    ///
    /// # Errors
    /// Those of [`Plan::batch`].
    pub fn host_bytes(&self, backend: &dyn Backend) -> Result<u64> {
        let networks = self.brains.iter().map(|brain| brain.ends.base());
        let networks: u64 = networks
            .map(|study| memory::of_connectome(&study.connectome))
            .sum();
        let all = memory::of_program() + networks + self.bytes_to_come(backend)?;
        Ok(all.max(io::memory::peak_bytes().unwrap_or(0)))
    }

    /// Bytes of this machine's memory that it fills at most beside what is there once it is planned: a generation's runs or those of the
    /// finalists, while they run, are measured and are compared; the table of candidates; figures.
    ///
    /// # Errors
    /// Those of [`Plan::batch`].
    fn bytes_to_come(&self, backend: &dyn Backend) -> Result<u64> {
        let s = &self.settings;
        let n_threads = rayon::current_num_threads();
        let of_a_generation = s.start.max(s.population) * self.runs_of_a_candidate();
        let of_finalists = s.finalists * s.held_out * self.brains_of_finalists(0).len();
        let together = of_a_generation.max(of_finalists) * self.targets.len();
        let brains = self.brains.iter();
        let brain = brains.max_by_key(|brain| (brain.scope.bytes(false).kept, brain.n_edges));
        let brain = brain.expect("a fit has a connectome");
        let study = of_any_hold(brain.ends.study(0, 0)?);
        let plan = Plan::batch(&vec![study; together.min(LANES * n_threads)])?;
        let takes = Takes {
            samples: brain.scope.needs_samples(),
            moments: true,
        };
        // Networks that differ are planned and run beside each other, on the same threads.
        let n_plans = n_threads.min(self.brains.len()) as u64;
        let planned = n_plans * plan.edges.bytes() + backend.host_bytes(&plan, takes);
        let of_run = brain.scope.bytes(false);
        let n = brain.scope.n_nodes;
        let matrix = 8 * (n * n) as u64;
        let runs = together as u64;
        // Functional connectivity and what else is read off a run come when all have ended.
        let running = planned + runs * (of_run.kept - if n > 1 { matrix } else { 0 });
        let measuring = runs * of_run.kept + n_threads.min(together) as u64 * of_run.making;
        // Those of one finalist side by side, and their mean, for each finalist.
        let means = s.finalists as u64 * matrix;
        let of_finalist = (s.held_out as u64 + 1) * matrix + of_run.making;
        let comparing = runs * of_run.kept + means + of_finalist;
        let drawing = memory::FIGURES + means;
        let table = 8 * (self.most_runs() * (self.feature_names().len() + 2)) as u64;
        let phases = [running, measuring, comparing, drawing];
        Ok(phases.into_iter().max().unwrap_or(0) + 3 * table)
    }

    /// Checks that the memory which it fills is there.
    ///
    /// # Errors
    /// [`Error::Study`](crate::Error::Study) if it is not, with what the fit takes and what there is.
    pub fn check_memory(&self, backend: &dyn Backend, available: Option<u64>) -> Result<()> {
        let hint =
            "take fewer --finalists or --held-out seeds, a smaller --population, or fewer subjects";
        memory::refuse_beyond(available, self.bytes_to_come(backend)?, "the fit", hint)
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
