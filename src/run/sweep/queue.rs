//! Which chunks this process takes next, beside others that fill the same store.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::fill::lock;
use super::journal;
use crate::control::{Control, Progress};
use crate::error::Result;
use crate::io::store::Store;
use crate::sweep::Chunks;

/// Between two looks at what other processes have claimed, once there is nothing else to do.
const LOOK: Duration = Duration::from_millis(500);
/// Between two looks whether this process is to stop.
const NAP: Duration = Duration::from_millis(20);

/// The chunks of a store that are left to do.
pub(super) struct Queue<'a> {
    store: &'a Store,
    chunks: &'a Chunks,
    control: &'a Control,
    /// Whether to wait for chunks that other processes have claimed, and take over those of processes that end.
    waits: bool,
    left: Mutex<Left>,
}

struct Left {
    /// Nobody is known to have claimed these.
    open: VecDeque<usize>,
    /// Other processes claimed these.
    theirs: VecDeque<usize>,
    /// When these were looked at.
    looked: Option<Instant>,
}

/// Chunks that this process has claimed. Dropped, it gives them back.
pub(super) struct Claimed<'a> {
    store: &'a Store,
    /// By number.
    pub chunks: Vec<usize>,
}

impl Drop for Claimed<'_> {
    fn drop(&mut self) {
        for &chunk in &self.chunks {
            self.store.release(chunk);
        }
    }
}

/// What became of the attempt to take a chunk.
enum Attempt {
    Mine,
    Theirs,
    /// Another process has finished it since.
    Done,
}

impl<'a> Queue<'a> {
    pub fn new(
        (store, chunks): (&'a Store, &'a Chunks),
        todo: &[usize],
        waits: bool,
        control: &'a Control,
    ) -> Self {
        Self {
            store,
            chunks,
            control,
            waits,
            left: Mutex::new(Left {
                open: todo.iter().copied().collect(),
                theirs: VecDeque::new(),
                looked: None,
            }),
        }
    }

    /// Claims the next chunks, at most `most`; none once there are none left to claim, or the work is to stop. `done` is told which
    /// chunks others have finished.
    pub fn next(&self, most: usize, done: impl Fn(usize)) -> Result<Option<Claimed<'a>>> {
        let mut claimed = Claimed {
            store: self.store,
            chunks: Vec::new(),
        };
        while !self.control.is_stopped() {
            let mut left = lock(&self.left);
            while claimed.chunks.len() < most
                && let Some(chunk) = left.open.pop_front()
            {
                match self.attempt(chunk)? {
                    Attempt::Mine => claimed.chunks.push(chunk),
                    Attempt::Theirs => left.theirs.push_back(chunk),
                    Attempt::Done => done(chunk),
                }
            }
            let is_time = left.looked.is_none_or(|looked| looked.elapsed() > LOOK);
            if claimed.chunks.is_empty() && is_time {
                for chunk in std::mem::take(&mut left.theirs) {
                    if claimed.chunks.len() == most {
                        left.theirs.push_back(chunk);
                        continue;
                    }
                    match self.attempt(chunk)? {
                        Attempt::Mine => claimed.chunks.push(chunk),
                        Attempt::Theirs => left.theirs.push_back(chunk),
                        Attempt::Done => done(chunk),
                    }
                }
                left.looked = Some(Instant::now());
            }
            if !claimed.chunks.is_empty() {
                return Ok(Some(claimed));
            }
            if !self.waits || left.theirs.is_empty() {
                return Ok(None);
            }
            let n_chunks = left.theirs.len();
            drop(left);
            if is_time {
                self.control.goes_on(Progress::Waiting { n_chunks });
            }
            std::thread::sleep(NAP);
        }
        Ok(None)
    }

    fn attempt(&self, chunk: usize) -> Result<Attempt> {
        let is_done = || journal::is_done(self.store, self.chunks, chunk);
        if is_done()? {
            return Ok(Attempt::Done);
        }
        if !self.store.claim(chunk)? {
            return Ok(Attempt::Theirs);
        }
        // It may have been finished, and its claim given back, in between.
        if is_done()? {
            self.store.release(chunk);
            return Ok(Attempt::Done);
        }
        Ok(Attempt::Mine)
    }
}
