//! What a sweep would cost: time by a short trial, memory and disk by arithmetic.

use std::time::Instant;

use super::fill::{DEVICE_REPLICAS, bytes_held, bytes_waiting, takes};
use super::{StoredSweep, unheld};
use crate::backend::{Backend, Device};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Streamed;
use crate::run::counted;
use crate::run::pace::Pace;
use crate::run::simulation::{FIGURES, bytes_of_edges, bytes_of_network, bytes_of_pairs};

/// Steps of the trial, and its replicas per thread on the CPU.
const TRIAL_STEPS: u32 = 2000;
const TRIAL_REPLICAS: usize = 32;

/// Bytes of one replica's numbers while its plan is made, about.
const BYTES_OF_A_STUDY: u64 = 4096;
/// Simulations side by side on one thread, at most.
const LANES: usize = 16;

/// What a trial showed, and what follows from it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What it ran on.
    pub device: Device,
    /// Steps of the trial.
    pub n_steps: u32,
    /// Chunks of the store.
    pub n_chunks: usize,
    /// Batches that run one after the other, at least.
    pub n_batches: usize,
    /// Memory of this machine that the sweep fills at most.
    pub host_bytes: u64,
    /// Memory of the device that it fills at most.
    pub device_bytes: u64,
    /// Bytes of the finished store, without its metadata.
    pub disk_bytes: u64,
    /// Steps of replicas per second.
    pub steps_per_s: f64,
    /// Seconds that the whole sweep would take.
    pub expected_s: f64,
}

impl Trial {
    /// Runs the trial.
    pub(super) fn new(of: &StoredSweep, backend: &dyn Backend) -> Result<Self> {
        let (sweep, chunks) = (&of.sweep, &of.chunks);
        let n_threads = rayon::current_num_threads();
        let device = backend.device().clone();
        let on_cpu = device.backend == "cpu";
        let together = if on_cpu {
            chunks.room()
        } else {
            chunks.room().max(DEVICE_REPLICAS)
        };
        let n_trial = if on_cpu {
            TRIAL_REPLICAS * n_threads
        } else {
            together
        };
        let first = unheld::to_plan(sweep, 0)?;
        let studies = (0..n_trial.min(sweep.n_replicas())).map(|k| {
            let mut study = first.clone();
            // Random numbers that are not shared take longer.
            if sweep.has_own_seeds() {
                study.protocol.seed += k as u64;
            }
            study
        });
        let studies: Vec<_> = studies.collect();
        let whole = Plan::batch(&studies)?;
        drop(studies);
        let mut trial = whole.clone();
        trial.recording.n_transient = 0;
        let run = |trial: &Plan| -> Result<f64> {
            let start = Instant::now();
            backend.run(trial, &Streamed::new(trial), &Control::default())?;
            Ok(start.elapsed().as_secs_f64())
        };
        if !on_cpu {
            // The first run of a device builds its program.
            run(&trial.first_steps(TRIAL_STEPS.div_ceil(8)))?;
        }
        let pace = Pace::measure(&trial, TRIAL_STEPS, run)?;
        let n_trials = sweep.n_replicas() as f64 / trial.n_simulations() as f64;
        let expected_s = n_trials * pace.seconds(whole.n_steps);
        let total = sweep.n_replicas() as f64 * f64::from(whole.n_steps);

        Ok(Self {
            n_steps: pace.n_steps,
            n_chunks: chunks.len(),
            n_batches: chunks.len().max(sweep.n_delay_tables()),
            host_bytes: of.host_bytes(backend)?,
            device_bytes: backend.device_bytes(&whole, takes(sweep))?,
            disk_bytes: of.disk_bytes(),
            steps_per_s: total / expected_s,
            expected_s,
            device,
        })
    }
}

impl StoredSweep {
    /// Bytes of this machine's memory that the network fills, and all that filling the store takes at most.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    fn host_bytes(&self, backend: &dyn Backend) -> Result<u64> {
        Ok(bytes_of_network(self.sweep.base(), &self.plan) + self.bytes_to_come(backend)?)
    }

    /// Bytes of this machine's memory that filling the store takes at most, beside what is there once it is planned: chunks in the
    /// making with a plan each, simulations that run; then a number for each replica, the best point again, and figures.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    fn bytes_to_come(&self, backend: &dyn Backend) -> Result<u64> {
        let (sweep, chunks) = (&self.sweep, &self.chunks);
        let n_threads = rayon::current_num_threads();
        let on_cpu = backend.device().backend == "cpu";
        let n = self.plan.n_nodes as u64;
        let (together, n_making, moments) = match on_cpu {
            true => (chunks.room(), n_threads.min(chunks.len()), 0),
            false => {
                let moments = 8 * (n * (n + 1) / 2 + n) + 24 * n;
                (chunks.room().max(DEVICE_REPLICAS), 2, moments)
            }
        };
        let of_plans = n_making as u64 * bytes_of_edges(&self.plan);
        let per_replica = self.arrays.bytes_per_replica() + BYTES_OF_A_STUDY + moments;
        let making = (n_making * together.min(sweep.n_replicas())) as u64 * per_replica;
        let at_once = (LANES * n_threads).min(n_making * chunks.room());
        // The CPU measures a replica as soon as it ends; of a device, all of a batch wait for that.
        let held = match on_cpu {
            true => 2 * at_once as u64 * bytes_held(&self.scope),
            false => {
                let waiting = (n_making * together.min(sweep.n_replicas())) as u64;
                waiting * bytes_waiting(sweep, &self.scope)
            }
        };
        // Of every simulation that runs on the CPU, compensated sums of the products of all pairs; of every one that is being measured,
        // these sums in 64 bits, and functional connectivity.
        let (n_summing, n_measuring) = match on_cpu {
            true => {
                let n = at_once.min(sweep.n_replicas());
                (n, n_threads.min(n))
            }
            false => (0, n_making),
        };
        let measuring = n * n * (8 * n_summing as u64 + 12 * n_measuring as u64);
        let study = unheld::to_plan(sweep, self.largest_point)?;
        let plan = Plan::batch(&vec![study; at_once])?;
        let running = backend.host_bytes(&plan);
        let mut summary = 16 * sweep.n_replicas() + 8 * sweep.n_points() * sweep.axes().len();
        if sweep.has_own_seeds() {
            summary += 16 * sweep.n_replicas();
        }
        let best = match sweep.base().connectome.functional {
            Some(_) => bytes_of_pairs(&self.plan),
            None => 0,
        };
        let in_the_end = summary as u64 + best + FIGURES;
        Ok((of_plans + making + held + running + measuring).max(in_the_end))
    }

    /// Checks that the memory which filling the store takes is there.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is not, with what it takes and what there is.
    pub fn check_memory(&self, backend: &dyn Backend, available: Option<u64>) -> Result<()> {
        let bytes = self.bytes_to_come(backend)?;
        match available {
            Some(available) if bytes > available => {
                let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
                let problem = format!(
                    "the sweep needs {:.1} GiB of memory on {}, and there are {:.1} GiB",
                    gibibytes(bytes),
                    counted(rayon::current_num_threads(), "thread"),
                    gibibytes(available)
                );
                let hint = "take fewer --threads, keep less, or shorten the delays";
                Err(Error::conflict(problem, hint))
            }
            _ => Ok(()),
        }
    }
}
