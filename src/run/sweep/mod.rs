//! Sweeps that fill a store: a study at many points, measured while it runs, kept chunk by chunk.
//!
//! ```text
//! Sweep            points and seeds
//!     v  StoredSweep::new      arrays and chunks of the store; every extreme point is checked
//! StoredSweep
//!     v  create                Store: metadata and coordinates
//!     v  fill                  chunks that are not done, claimed, each written when it is whole
//!     v  summary               a number for each point, the best points
//! Output           best.csv, figures
//! ```
//!
//! A store that is filled twice, by several processes or after an interruption ends with the same
//! bytes.

pub(in crate::run) mod arrays;
mod batch;
mod checkpoint;
mod chunk;
mod fill;
mod half_step;
mod held;
mod journal;
pub(super) mod machine;
mod means;
pub(super) mod points;
mod queue;
pub(super) mod record;
mod rehearsal;
pub(super) mod seeds;
mod shard;
mod summary;
mod trial;
mod undefined;
mod unheld;
mod watched;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use checkpoint::CHECKPOINT_EVERY;
pub use fill::Filled;
pub use half_step::HalfStep;
pub use journal::Todo;
pub use machine::{Reopen, reopen};
pub use seeds::OverSeeds;
pub use shard::Shard;
pub use summary::{Best, Summary};
pub use trial::Trial;
pub use undefined::UndefinedReplicas;
pub use watched::Watched;

use super::scope::{lacking, scope};
use crate::backend::{Backend, Device};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::io::store::{Skeleton, Store};
use crate::measure::{Measure, Scope};
use crate::plan::Plan;
use crate::study::Study;
use crate::sweep::{Chunks, Description, Sweep};
use arrays::Arrays;
use fill::Work;
use machine::Machine;

/// A store of at most so many bytes is read through in less than a second.
const SMALL: u64 = 256 << 20;

/// A sweep whose results go into a store.
///
/// `examples/sweep.rs` fills one.
#[derive(Debug)]
pub struct StoredSweep {
    sweep: Sweep,
    description: Description,
    /// The plan of the first replica.
    plan: Plan,
    arrays: Arrays,
    /// What is measured of every replica.
    scope: Arc<Scope>,
    chunks: Chunks,
    /// The point whose simulations take the most memory.
    largest_point: usize,
}

/// How a store is filled; the default fills all of it.
#[derive(Default)]
pub struct FillOptions<'a> {
    /// The part of the sweep to run; left out: all of it.
    pub shard: Option<Shard>,
    /// What to do when a device fails; left out: [`reopen`].
    pub reopen: Option<Reopen<'a>>,
    /// Whether to end once nothing is left to claim, though other processes are still at work. Otherwise this one waits for them,
    /// and takes over what they leave behind.
    pub no_wait: bool,
    /// The time between two checkpoints of the chunks in the making; zero: there are none; left out: [`CHECKPOINT_EVERY`].
    pub checkpoint_every: Option<Duration>,
    /// The command line, for the note of the run in the store.
    pub command: Vec<String>,
}

impl StoredSweep {
    /// Plans a sweep.
    ///
    /// # Errors
    /// Those of [`Sweep::new`], and of [`Plan::new`] at the sweep's extreme points; of these one at least has to be held where an output
    /// is to be held.
    pub fn new(study: &Study, description: &Description) -> Result<Self> {
        let sweep = Sweep::new(study, description)?;
        unheld::check(&sweep, &sweep.extremes())?;
        let (mut largest_point, mut most_bytes) = (0, 0);
        for point in sweep.extremes() {
            let bytes = Plan::new(&unheld::to_plan(&sweep, point)?)?.bytes_per_simulation();
            if bytes > most_bytes {
                (largest_point, most_bytes) = (point, bytes);
            }
        }
        let plan = Plan::new(&unheld::to_plan(&sweep, 0)?)?;
        let scope = scope(sweep.base(), &plan)?;
        for name in sweep.kept_measures() {
            let measure = Measure::named(name);
            if !measure.applies(&scope) {
                let (why, hint) = lacking(measure, &scope);
                return Err(Error::unusable(*name, "kept", why, Some(&hint)));
            }
        }
        let arrays = Arrays::new(&sweep, &plan, &scope)?;
        let chunks = Chunks::new(&sweep, arrays.bytes_per_replica());
        Ok(Self {
            sweep,
            description: description.clone(),
            plan,
            arrays,
            scope,
            chunks,
            largest_point,
        })
    }

    /// Points and seeds.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// The plan of the first replica.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is measured of every replica.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The parts in which the store is filled.
    pub fn chunks(&self) -> &Chunks {
        &self.chunks
    }

    /// Runs a few replicas for a few steps, to say how long all would take.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails, or if not even one replica fits it.
    pub fn trial(&self, backend: &dyn Backend) -> Result<Trial> {
        Trial::new(self, backend)
    }

    /// Makes the store at `path`, or opens the one that is there if it is of the same sweep; with
    /// `replace`, results of ours that are there give way. Results of `device` go into it.
    ///
    /// # Errors
    /// [`Error::Data`] if there is something else, [`Error::Disk`] if the place cannot be written to.
    pub fn create(&self, path: &Path, replace: bool, device: &Device) -> Result<Store> {
        Store::create_or_open(path, &self.skeleton(device), replace)
    }

    /// Makes the store at the first free of `PARENT/STUDY-sweep-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Disk`] if the place cannot be written to.
    pub fn create_numbered(&self, parent: &Path, device: &Device) -> Result<Store> {
        let stem = format!("{}-sweep", self.sweep.base().name);
        Store::create_numbered(parent, &stem, &self.skeleton(device))
    }

    fn skeleton(&self, device: &Device) -> Skeleton {
        let attributes = record::attributes(&self.sweep, &self.description, device);
        self.arrays
            .skeleton(&self.sweep, &self.chunks, &self.plan, attributes)
    }

    /// Bytes of all chunks of the store.
    fn disk_bytes(&self) -> u64 {
        let places = self.chunks.len() * self.chunks.room();
        places as u64 * self.arrays.bytes_per_replica()
    }

    /// Whether the store is read through so soon that this is done whenever it is opened, to [`verify`](Self::verify) it.
    pub fn is_small(&self) -> bool {
        self.disk_bytes() <= SMALL
    }

    /// What is left to do in a store; with a shard, of its own chunks.
    ///
    /// # Errors
    /// [`Error::Disk`] if the store cannot be read.
    pub fn todo(&self, store: &Store, shard: Option<Shard>) -> Result<Todo> {
        Todo::new(store, &self.chunks, shard)
    }

    /// Reads every chunk of a store; with a shard, its own. Those that are damaged are to be done again; how many there are. What is
    /// missing or cut, [`StoredSweep::todo`] finds without this.
    ///
    /// # Errors
    /// [`Error::Disk`] if the store cannot be read, or a damaged chunk not be marked.
    pub fn verify(&self, store: &Store, shard: Option<Shard>) -> Result<usize> {
        journal::verify(store, &self.chunks, shard)
    }

    /// Runs the chunks of a store that are not done, until all are or `control` stops it, and leaves
    /// a note of the run in the store. What was finished is kept in every case. Any number of processes may do this at the same time,
    /// on any hosts that share the store: each claims the chunks that it runs.
    ///
    /// [`Control::steps_done`] counts steps of replicas, and every chunk that is written is a
    /// [`Progress`](crate::Progress). A failure stops `control`, too, so that all threads end.
    ///
    /// # Errors
    /// [`Error::Disk`] if the store cannot be read, or the note not written. What else ended the run
    /// early is in [`Filled::outcome`].
    pub fn fill(
        &self,
        store: &Store,
        backend: Box<dyn Backend>,
        options: &FillOptions,
        control: &Control,
    ) -> Result<Filled> {
        let start = Instant::now();
        let todo = self.todo(store, options.shard)?.chunks;
        let reopened = |attempt: usize, failed: &dyn Backend, error: &Error| match options.reopen {
            Some(reopen) => reopen(attempt, failed, error),
            None => reopen(attempt, failed),
        };
        let machine = Machine::new(backend, rayon::current_num_threads(), &reopened);
        let every = options.checkpoint_every.unwrap_or(CHECKPOINT_EVERY);
        let work = Work::new(self, store, &machine, control, (&todo, every));
        let outcome = work.run(&todo, !options.no_wait);
        let missing = self.todo(store, None)?.chunks;
        if missing.is_empty() {
            store.tidy();
        }
        let filled = Filled {
            device: machine.device(),
            shard: options.shard,
            missing,
            n_replicas: work.n_replicas(),
            n_resumed: work.keeping.n_resumed(),
            n_steps_resumed: work.keeping.n_steps_resumed(),
            n_unsound: work.keeping.n_unsound(),
            unkept: work.keeping.unkept(),
            n_steps: self.plan.n_steps,
            wall_s: start.elapsed().as_secs_f64(),
            interrupted: control.is_stopped() && outcome.is_ok(),
            outcome,
        };
        record::note(&filled, &self.sweep, store, &options.command)?;
        Ok(filled)
    }

    /// What a store that is complete holds: a number for each point, and the best points.
    ///
    /// # Errors
    /// [`Error::Disk`] or [`Error::Data`] if the store cannot be read.
    pub fn summary(&self, store: &Store) -> Result<Summary<'_>> {
        Summary::new(self, store)
    }

    /// Replicas of some chunks.
    fn n_replicas_in(&self, chunks: &[usize]) -> usize {
        let each = chunks.iter();
        each.map(|&chunk| self.chunks.replicas(chunk).count()).sum()
    }

    /// Steps of replicas that are left to do.
    pub fn n_steps(&self, todo: &Todo) -> u64 {
        self.n_replicas_in(&todo.chunks) as u64 * u64::from(self.plan.n_steps)
    }
}
