//! The past: what the edges and the delayed feedback read.

use super::aligned::Aligned;
use super::chunks::Chunks;
use super::pack::Pack;
use crate::record::Passage;

/// Samples beyond the newest that a window may reach (it makes nothing of them).
const OVERHANG: usize = 16;
/// Steps after which the past is moved back, at least.
const LEAST_ROOM: usize = 64;
/// Numbers that a line may have so as to be moved back more rarely: with what else a step needs they still fit the second-level cache.
const SMALL: usize = 1 << 17;

/// The past of what nodes send, `[row][time][member]`; a row is a line of a node.
///
/// Each row has a stretch of memory longer than the longest lag, in which the present moves on; at its end, what can still be read is
/// moved back to its beginning. So every window into the past lies in one piece. (A ring would need a test per window, or every
/// sample twice. What is moved is two samples per node and step.)
#[derive(Debug)]
pub(super) struct DelayLine {
    pub(super) samples: Aligned,
    max_lag: usize,
    /// Steps between two moves.
    room: usize,
    /// The step whose sample stands `max_lag` after a stretch's beginning.
    base: u32,
    /// Members side by side.
    pub(super) width: usize,
}

impl DelayLine {
    /// Steps between two moves, of a line of `n` numbers a step; all of a run of fewer.
    fn room(max_lag: usize, n: usize, n_steps: usize) -> usize {
        let small = (SMALL / n.max(1)).saturating_sub(max_lag);
        let room = max_lag.max(LEAST_ROOM).max(small.min(8 * max_lag));
        room.min(n_steps)
    }

    /// How many numbers it holds.
    pub(super) fn numbers(n_rows: usize, max_lag: usize, width: usize, n_steps: usize) -> usize {
        let room = Self::room(max_lag, n_rows * width, n_steps);
        (max_lag + room + 1 + OVERHANG) * n_rows * width
    }

    /// Room to look `max_lag` steps back in a run of `n_steps`.
    pub(super) fn new(n_rows: usize, max_lag: usize, width: usize, n_steps: usize) -> Self {
        Self {
            samples: Aligned::zeros(Self::numbers(n_rows, max_lag, width, n_steps)),
            max_lag,
            room: Self::room(max_lag, n_rows * width, n_steps),
            base: 0,
            width,
        }
    }

    /// Numbers per row.
    #[inline(always)]
    fn stride(&self) -> usize {
        (self.max_lag + self.room + 1 + OVERHANG) * self.width
    }

    /// Where the sample of `row` that is `lag` steps older than `step` lies, less [`DelayLine::now`] of that step.
    pub(super) fn place(&self, row: usize, lag: u32) -> usize {
        row * self.stride() + (self.max_lag - lag as usize) * self.width
    }

    /// How far the present has moved at `step`.
    #[inline(always)]
    pub(super) fn now(&self, step: u32) -> usize {
        (step - self.base) as usize * self.width
    }

    /// The samples of `row` that are `lag` steps older than `step`, one per member.
    pub(super) fn read(&self, row: usize, step: u32, lag: u32) -> &[f32] {
        let at = self.place(row, lag) + self.now(step);
        &self.samples[at..at + self.width]
    }

    /// Makes `step` the present of a line whose past is put back next.
    pub(super) fn go_to(&mut self, step: u32) {
        self.base = step;
    }

    /// Passes what can still be read of a member at `step`, of each row the oldest first.
    pub(super) fn pass(&mut self, step: u32, member: usize, passage: &mut Passage) {
        for row in 0..self.samples.len() / self.stride() {
            let oldest = row * self.stride() + self.now(step) + member;
            for back in 0..=self.max_lag {
                passage.single(&mut self.samples[oldest + back * self.width]);
            }
        }
    }

    /// Makes room for what is sent after `step`.
    #[inline]
    pub(super) fn begin(&mut self, step: u32) {
        if (step - self.base) as usize > self.room {
            self.move_back();
        }
    }

    /// Takes what the nodes send after `step`, a quantity of theirs, into the rows from `row` on, in order. [`DelayLine::begin`] comes
    /// before.
    #[inline(always)]
    pub(super) fn push<L: Pack>(
        &mut self,
        step: u32,
        [row, n_rows]: [usize; 2],
        (nodes, quantity): (&Chunks, usize),
    ) {
        let stride = self.stride();
        let first = row * stride + self.max_lag * L::WIDTH + self.now(step);
        // The parts are padded: there may be more in them than nodes.
        let samples = &mut self.samples[..(row + n_rows) * stride];
        let mut at = first;
        for block in 0..nodes.n_blocks() {
            let part = nodes.row(block, quantity);
            for from in (0..part.len()).step_by(L::WIDTH) {
                // Also keeps the compiler from scatter instructions, which are slower than single stores.
                if at >= samples.len() {
                    return;
                }
                L::load(&part[from..]).store(&mut samples[at..]);
                at += stride;
            }
        }
    }

    #[inline(never)]
    fn move_back(&mut self) {
        let (stride, moved) = (self.stride(), self.room * self.width);
        let kept = (self.max_lag + 1) * self.width;
        for line in self.samples.chunks_exact_mut(stride) {
            line.copy_within(moved..moved + kept, 0);
        }
        self.base += self.room as u32;
    }
}

/// What one member sent before t = 0, a few steps of all nodes at a time: rows lie far apart, so a row is written for all of these
/// steps at once.
#[derive(Debug)]
pub(super) struct Stretch {
    n_nodes: usize,
    /// The row of node 0, and the latest of the steps, counted back from t = 0.
    first: (usize, u32),
    /// `[steps back][node]`.
    samples: Vec<f32>,
}

/// Steps of a stretch.
const STRETCH: usize = 64;

impl Stretch {
    pub(super) fn new(n_nodes: usize) -> Self {
        Self {
            n_nodes,
            first: (0, 0),
            samples: Vec::with_capacity(STRETCH * n_nodes),
        }
    }

    /// Takes what the nodes, of which the first has row `row`, had sent `back` steps before t = 0. Of a row, steps come in their order.
    pub(super) fn take(
        &mut self,
        line: &mut DelayLine,
        member: usize,
        (row, back): (usize, u32),
        sent: &[f32],
    ) {
        if row != self.first.0 || self.samples.len() == STRETCH * self.n_nodes {
            self.put(line, member);
        }
        if self.samples.is_empty() {
            self.first = (row, back);
        }
        self.samples.extend_from_slice(sent);
    }

    /// Puts what was taken into the line.
    pub(super) fn put(&mut self, line: &mut DelayLine, member: usize) {
        let (row, back) = self.first;
        for node in 0..self.n_nodes {
            let latest = line.place(row + node, back) + member;
            let sent = self.samples.iter().skip(node).step_by(self.n_nodes);
            for (k, &x) in sent.enumerate() {
                line.samples[latest - k * line.width] = x;
            }
        }
        self.samples.clear();
    }
}
