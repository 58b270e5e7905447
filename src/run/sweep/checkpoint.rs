//! Chunks on their way: what is kept of their replicas, and found of them after the process was killed.
//!
//! A chunk takes from less than a second to hours. Once it has taken [`CHECKPOINT_EVERY`], and again after each such time, every group of
//! simulations that runs writes where it stands, with what was recorded of them; those that came to their end are written by whoever comes
//! first. Whoever takes up the chunk, this process or another, goes on from there. All is removed with the chunk written.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::chunk::Chunk;
use super::fill::lock;
use crate::error::Error;
use crate::io::store::Store;
use crate::measure::Scope;
use crate::record::Passage;
use crate::sweep::Replica;

/// The time between two checkpoints of a chunk, if nothing else is said.
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);
/// A chunk that is stopped after a shorter time is not kept.
const SHORT: Duration = Duration::from_secs(10);
/// Checkpoints take less than this part of the time, on slow disks, too.
const SHARE: u32 = 20;
/// Of the hash that names a checkpoint.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// How the chunks of a fill are kept, and what became of it.
#[derive(Debug)]
pub(super) struct Keeping<'a> {
    store: &'a Store,
    /// Zero: nothing is kept.
    every: Duration,
    n_resumed: AtomicUsize,
    n_steps_resumed: AtomicU64,
    n_unsound: AtomicUsize,
    /// Why a checkpoint could not be written.
    unkept: Mutex<Option<Error>>,
}

impl<'a> Keeping<'a> {
    pub fn new(store: &'a Store, every: Duration) -> Self {
        Self {
            store,
            every,
            n_resumed: AtomicUsize::new(0),
            n_steps_resumed: AtomicU64::new(0),
            n_unsound: AtomicUsize::new(0),
            unkept: Mutex::new(None),
        }
    }

    /// Replicas that went on from a checkpoint.
    pub fn n_resumed(&self) -> usize {
        self.n_resumed.load(Ordering::Relaxed)
    }

    /// Steps that these had done.
    pub fn n_steps_resumed(&self) -> u64 {
        self.n_steps_resumed.load(Ordering::Relaxed)
    }

    fn note_resumed(&self, n_replicas: usize, n_steps: u32) {
        self.n_resumed.fetch_add(n_replicas, Ordering::Relaxed);
        let n_steps = n_replicas as u64 * u64::from(n_steps);
        self.n_steps_resumed.fetch_add(n_steps, Ordering::Relaxed);
    }

    /// Checkpoints that could not be used.
    pub fn n_unsound(&self) -> usize {
        self.n_unsound.load(Ordering::Relaxed)
    }

    /// Why a checkpoint could not be written.
    pub fn unkept(&self) -> Option<Error> {
        lock(&self.unkept).take()
    }
}

/// What is kept of one replica.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// Its index in the chunk's arrays.
    pub index: usize,
    /// Steps done; [`Kept::WHOLE`] of one that came to its end, or diverged.
    pub n_steps: u32,
    /// Where it stands, as the backend has it; nothing of one that came to its end.
    pub backend: Vec<u32>,
    /// The samples that are held for its measures, unless it came to its end; and its part of the chunk.
    pub recorded: Vec<u32>,
}

impl Kept {
    const WHOLE: u32 = u32::MAX;

    fn is_whole(&self) -> bool {
        self.n_steps == Self::WHOLE
    }

    fn pass(&mut self, passage: &mut Passage) {
        passage.index(&mut self.index);
        passage.word(&mut self.n_steps);
        passage.words(&mut self.backend);
        passage.words(&mut self.recorded);
    }

    /// Whether it can be of a replica of a chunk with room for `n_replicas`, of `n_words` each, whose replicas have `n_steps` steps.
    fn fits(&self, n_replicas: usize, n_words: usize, n_steps: u32, scope: &Scope) -> bool {
        let mut n_held = 0;
        let mut rest = Passage::back(&self.recorded);
        if scope.needs_samples() && !self.is_whole() {
            rest.index(&mut n_held);
            n_held = n_held.saturating_add(2);
        }
        let is_of_run = self.is_whole() || (1..n_steps).contains(&self.n_steps);
        is_of_run
            && self.index < n_replicas
            && self.recorded.len() == n_held.saturating_add(n_words)
    }
}

/// The chunks that are made together, from their beginning in this process to their end.
pub(super) struct Journey<'a, 'r> {
    keeping: &'a Keeping<'r>,
    fillings: &'a [(usize, Mutex<Chunk<'r>>)],
    begun: Instant,
    /// The longest that keeping something took.
    cost: Mutex<Duration>,
    /// What was found, by chunk and the replica's index in it.
    found: HashMap<(usize, usize), Kept>,
    /// Replicas that came to their end, and are not kept yet.
    finished: Mutex<Vec<Replica>>,
}

impl<'a, 'r> Journey<'a, 'r> {
    /// Begins, with what is found of these chunks, whose replicas have `n_steps` steps. The parts of replicas that came to their end are
    /// filled in.
    pub fn new(
        keeping: &'a Keeping<'r>,
        fillings: &'a [(usize, Mutex<Chunk<'r>>)],
        scope: &Scope,
        n_steps: u32,
    ) -> Self {
        let mut found: HashMap<(usize, usize), Kept> = HashMap::new();
        for (chunk, filling) in fillings {
            let mut filling = lock(filling);
            let (room, n_words) = (filling.room(), filling.words_of_replica());
            let mut kept = keeping.store.kept(*chunk);
            for words in kept.words {
                let Some(replicas) = read(&words) else {
                    kept.n_unsound += 1;
                    continue;
                };
                if !replicas
                    .iter()
                    .all(|one| one.fits(room, n_words, n_steps, scope))
                {
                    kept.n_unsound += 1;
                    continue;
                }
                for one in replicas {
                    let place = (*chunk, one.index);
                    // What came furthest.
                    if found
                        .get(&place)
                        .is_none_or(|other| other.n_steps < one.n_steps)
                    {
                        found.insert(place, one);
                    }
                }
            }
            keeping
                .n_unsound
                .fetch_add(kept.n_unsound, Ordering::Relaxed);
            for ((of, index), one) in &found {
                if of == chunk && one.is_whole() {
                    filling.pass(*index, &mut Passage::back(&one.recorded));
                }
            }
        }
        let journey = Self {
            keeping,
            fillings,
            begun: Instant::now(),
            cost: Mutex::default(),
            found,
            finished: Mutex::default(),
        };
        keeping.note_resumed(journey.n_whole(), n_steps);
        journey
    }

    /// Replicas that were found to have come to their end.
    pub fn n_whole(&self) -> usize {
        self.found.values().filter(|one| one.is_whole()).count()
    }

    /// Whether a replica was found to have come to its end.
    pub fn is_whole(&self, replica: &Replica) -> bool {
        let found = self.found.get(&(replica.chunk, replica.index));
        found.is_some_and(Kept::is_whole)
    }

    /// Where a replica was kept on its way.
    pub fn on_its_way(&self, replica: &Replica) -> Option<&Kept> {
        let found = self.found.get(&(replica.chunk, replica.index));
        found.filter(|one| !one.is_whole())
    }

    /// Where the results of a replica go.
    pub fn filling(&self, replica: &Replica) -> &'a Mutex<Chunk<'r>> {
        let mut all = self.fillings.iter();
        let filling = all.find(|(chunk, _)| *chunk == replica.chunk);
        &filling.expect("a batch is of these chunks").1
    }

    /// Notes that a replica goes on from where it was.
    pub fn note_resumed(&self, kept: &Kept) {
        self.keeping.note_resumed(1, kept.n_steps);
    }

    /// Whether anything is kept, or goes on from what was.
    pub fn has_checkpoints(&self) -> bool {
        self.is_kept() || !self.found.is_empty()
    }

    /// Whether anything is kept.
    fn is_kept(&self) -> bool {
        !self.keeping.every.is_zero()
    }

    /// When what begins or was kept now is due next: all that runs at about the same time.
    pub fn due(&self) -> Instant {
        let never = || Instant::now() + Duration::from_secs(u32::MAX.into());
        if !self.is_kept() {
            return never();
        }
        let every = self.keeping.every.max(SHARE * *lock(&self.cost));
        let n = self.begun.elapsed().as_nanos() / every.as_nanos().max(1);
        let next = every.saturating_mul(u32::try_from(n + 1).unwrap_or(u32::MAX));
        self.begun.checked_add(next).unwrap_or_else(never)
    }

    /// Whether it took so long that what was done should be kept if it is stopped.
    pub fn is_worthwhile(&self) -> bool {
        self.is_kept() && self.begun.elapsed() >= SHORT.min(self.keeping.every)
    }

    /// Notes that a replica came to its end.
    pub fn finish(&self, replica: Replica) {
        lock(&self.finished).push(replica);
    }

    /// Keeps replicas of a group, by their chunks, and those that came to their end since.
    pub fn keep(&self, replicas: impl Iterator<Item = (usize, Kept)>) {
        let start = Instant::now();
        let mut by_chunk: BTreeMap<usize, Vec<Kept>> = BTreeMap::new();
        replicas.for_each(|(chunk, one)| by_chunk.entry(chunk).or_default().push(one));
        for (chunk, kept) in by_chunk {
            self.write(chunk, kept, false);
        }
        self.keep_finished();
        let mut cost = lock(&self.cost);
        *cost = start.elapsed().max(*cost);
    }

    /// Keeps what came to its end, if that is worthwhile: the work is stopped.
    pub fn stop(&self) {
        if self.is_worthwhile() {
            self.keep_finished();
        }
    }

    fn keep_finished(&self) {
        let mut by_chunk: BTreeMap<usize, Vec<Kept>> = BTreeMap::new();
        for replica in std::mem::take(&mut *lock(&self.finished)) {
            let mut recorded = Vec::new();
            lock(self.filling(&replica)).pass(replica.index, &mut Passage::out(&mut recorded));
            by_chunk.entry(replica.chunk).or_default().push(Kept {
                index: replica.index,
                n_steps: Kept::WHOLE,
                backend: Vec::new(),
                recorded,
            });
        }
        for (chunk, kept) in by_chunk {
            self.write(chunk, kept, true);
        }
    }

    /// Writes a checkpoint. A later one replaces it if it is of the same replicas, all on their way or all at their end: else it would take
    /// others with it that are not in it.
    fn write(&self, chunk: usize, mut kept: Vec<Kept>, are_whole: bool) {
        // Fowler, Noll & Vo's FNV-1a, an index at a time.
        let places = kept.iter().map(|one| one.index as u64);
        let number = places
            .chain([u64::from(are_whole)])
            .fold(FNV_BASIS, |hash, place| {
                (hash ^ place).wrapping_mul(FNV_PRIME)
            });
        let mut words = Vec::new();
        let mut passage = Passage::out(&mut words);
        passage.index(&mut kept.len());
        kept.iter_mut().for_each(|one| one.pass(&mut passage));
        if let Err(error) = self.keeping.store.keep(chunk, number, &words) {
            // The run goes on: what is lost is time, if it is killed.
            lock(&self.keeping.unkept).get_or_insert(error);
        }
    }
}

/// The replicas of a checkpoint; `None` if it holds anything else.
fn read(words: &[u32]) -> Option<Vec<Kept>> {
    let mut passage = Passage::back(words);
    let mut n = 0;
    passage.index(&mut n);
    // Each takes some words.
    let mut kept = vec![Kept::default(); n.min(words.len())];
    kept.iter_mut().for_each(|one| one.pass(&mut passage));
    (passage.is_whole() && n == kept.len()).then_some(kept)
}
