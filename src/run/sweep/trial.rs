//! What a sweep would cost: time by a short trial, memory and disk by arithmetic.

use std::time::Instant;

use super::fill::{DEVICE_REPLICAS, bytes_waiting, takes};
use super::rehearsal::Rehearsal;
use super::{StoredSweep, unheld};
use crate::backend::cpu::Cpu;
use crate::backend::{Backend, Device};
use crate::control::Control;
use crate::error::Result;
use crate::io;
use crate::measure::{Moments, Scope};
use crate::plan::Plan;
use crate::record::Takes;
use crate::run::pace::Pace;
use crate::run::{counted, memory};

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
    /// Memory of this machine that the sweep fills at most, and no less than this process has filled to read its data.
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
        let read = io::memory::peak_bytes().unwrap_or(0);
        let (sweep, chunks) = (&of.sweep, &of.chunks);
        let n_threads = rayon::current_num_threads();
        let device = backend.device().clone();
        let on_cpu = is_cpu(backend);
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
            let rehearsal = Rehearsal::new(of);
            let start = Instant::now();
            backend.run(trial, &rehearsal, &Control::default())?;
            Ok(start.elapsed().as_secs_f64())
        };
        if !on_cpu {
            // The first run of a device builds its program.
            run(&trial.first_steps(TRIAL_STEPS.div_ceil(8)))?;
        }
        let pace = Pace::measure(&trial, TRIAL_STEPS, run)?;
        let n_trials = sweep.n_replicas() as f64 / trial.n_simulations() as f64;
        // Replicas are measured on all threads.
        let measuring_s = of.seconds_to_measure()? * sweep.n_replicas() as f64
            / n_threads.min(sweep.n_replicas()) as f64;
        let expected_s = n_trials * pace.seconds(whole.n_steps) + measuring_s;
        let total = sweep.n_replicas() as f64 * f64::from(whole.n_steps);

        Ok(Self {
            n_steps: pace.n_steps,
            n_chunks: chunks.len(),
            n_batches: chunks.len().max(sweep.n_delay_tables()),
            host_bytes: read.max(of.host_bytes(backend)?),
            device_bytes: backend.device_bytes(&whole, takes(sweep))?,
            disk_bytes: of.disk_bytes(),
            steps_per_s: total / expected_s,
            expected_s,
            device,
        })
    }
}

impl StoredSweep {
    /// Bytes of this machine's memory that filling the store takes at most, the program and the network among them.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    fn host_bytes(&self, backend: &dyn Backend) -> Result<u64> {
        let network = memory::of_network(self.sweep.base(), &self.plan);
        Ok(memory::of_program() + network + self.bytes_to_come(backend)?)
    }

    /// Bytes of this machine's memory that filling the store takes at most, beside what is there once it is planned: chunks in the
    /// making, and what runs or is written of them; then a number for each replica, the best point again, and figures.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    fn bytes_to_come(&self, backend: &dyn Backend) -> Result<u64> {
        let (sweep, chunks, arrays) = (&self.sweep, &self.chunks, &self.arrays);
        let (n_replicas, n_nodes) = (sweep.n_replicas(), self.plan.n_nodes);
        // Replicas that are planned together, and by how many at a time.
        let (together, n_making) = match is_cpu(backend) {
            true => (
                chunks.room(),
                rayon::current_num_threads().min(chunks.len()),
            ),
            false => (chunks.room().max(DEVICE_REPLICAS), 2),
        };
        let together = together.min(n_replicas);
        let of_replica = arrays.bytes_per_replica() + BYTES_OF_A_STUDY;
        let making = together as u64 * of_replica + self.plan.edges.bytes();
        // An array that is written is there twice. Chunks are written while others run, or all of them when the last have.
        let writing = chunks.room().min(n_replicas) as u64 * arrays.most_bytes_per_replica();
        let running = self.bytes_of_runs(backend, together, n_making)?;
        let busy = (n_making as u64 - 1) * writing + writing.max(running);
        let filling = n_making as u64 * making + busy;
        let mut summary = 16 * n_replicas + 8 * sweep.n_points() * sweep.axes().len();
        if sweep.has_own_seeds() {
            summary += 16 * n_replicas;
        }
        // The best point runs once more, to be drawn beside the mean of what was measured.
        let best = match sweep.base().connectome.functional {
            Some(_) => {
                let of_one = Scope::new(n_nodes, self.scope.n_subjects);
                let cpu = Cpu::new().host_bytes(&self.plan, Takes::MOMENTS);
                cpu + of_one.bytes(false).at_most() + 8 * (n_nodes as u64).pow(2)
            }
            None => 0,
        };
        Ok(filling.max(summary as u64 + best + memory::FIGURES))
    }

    /// Bytes of this machine's memory that simulations fill at most while they run and are measured, `together` of them in each of
    /// `n_making` plans, beside the plans and what is kept of them.
    ///
    /// # Errors
    /// Those of [`Plan::batch`].
    fn bytes_of_runs(
        &self,
        backend: &dyn Backend,
        together: usize,
        n_making: usize,
    ) -> Result<u64> {
        let (sweep, scope) = (&self.sweep, &self.scope);
        let (n_nodes, n_threads) = (self.plan.n_nodes, rayon::current_num_threads());
        let n_runs = n_making * together;
        let study = unheld::to_plan(sweep, self.largest_point)?;
        let plan = Plan::batch(&vec![study; together.min(LANES * n_threads)])?;
        // Plans of fewer simulations than threads run beside each other.
        let n_plans = n_threads.min(n_runs) / n_threads.min(together);
        let at_once = n_plans * backend.at_once(&plan);
        let bytes = |takes| n_plans as u64 * backend.host_bytes(&plan, takes);
        let without_sums = Takes {
            moments: false,
            ..takes(sweep)
        };
        let running = bytes(without_sums);
        let sums = bytes(takes(sweep)) - running;
        // The CPU measures a replica as soon as it ends; of a device, all of a batch wait for that.
        let waiting = match is_cpu(backend) {
            true => at_once as u64 * bytes_waiting(sweep, scope),
            false => n_runs as u64 * (bytes_waiting(sweep, scope) + Moments::bytes(n_nodes)),
        };
        let n_measuring = n_threads.min(n_runs) as u64;
        let adding = match self.plan.measured() {
            Some(_) => n_measuring * Moments::bytes_to_add(scope.n_samples, n_nodes),
            None => sums,
        };
        let ending = adding + n_measuring * Moments::bytes(n_nodes);
        // The sums of simulations side by side are together, and stay; others give way to what is measured of them.
        let beside = if at_once > n_threads { sums } else { 0 };
        let measuring = beside + n_measuring * scope.bytes(false).at_most();
        Ok(waiting + running + ending.max(measuring))
    }

    /// Checks that the memory which filling the store takes is there.
    ///
    /// # Errors
    /// [`Error::Study`](crate::Error::Study) if it is not, with what it takes and what there is.
    pub fn check_memory(&self, backend: &dyn Backend, available: Option<u64>) -> Result<()> {
        let what = format!(
            "on {} the sweep",
            counted(rayon::current_num_threads(), "thread")
        );
        let hint = "take fewer --threads, keep less, or shorten the delays";
        memory::refuse_beyond(available, self.bytes_to_come(backend)?, &what, hint)
    }
}

/// Whether simulations run in this machine's memory.
fn is_cpu(backend: &dyn Backend) -> bool {
    backend.device().backend == "cpu"
}
