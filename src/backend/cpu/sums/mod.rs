//! Sums over incoming edges, a block of steps at a time.
//!
//! Each sum is sequential, in the canonical order of `plan::edges`: by delay class descending, then by source. So the sums of
//! `block` successive steps can be begun together: an edge whose lag is at least `block - 1` reads only what is known when the block
//! begins, for every step of it, and in the delay line these samples lie side by side. The nearer edges come after these in any case.
//! They are added to the sums of a few steps at a time, as many as their class allows. Nothing is ever added out of order, so the
//! bits are those of [`Sums::plain`].
//!
//! `members.rs` has the lanes over simulations, `passes.rs` their long blocks, `steps.rs` the lanes over time.

mod members;
mod passes;
mod steps;

use super::aligned::Aligned;
use super::lanes::Work;
use super::line::DelayLine;
use super::pack::Pack;
use super::{Kernel, Shape};
use crate::plan::RowEdges;

/// An edge: what it weighs, and where in the delay line its source's sample lies (see [`DelayLine::place`]).
#[derive(Debug, Clone, Copy)]
struct Edge {
    weight: f32,
    at: u32,
}

/// The sums of a block of steps.
#[derive(Debug)]
pub(super) struct Sums {
    /// Steps per block.
    block: usize,
    /// Steps of the current block that are done.
    done: usize,
    /// Steps for which the nearest edges are added together: a divisor of `block`.
    together: usize,
    n_rows: usize,
    wiring: Wiring,
    /// With lanes over simulations and long blocks.
    passes: passes::Passes,
    /// With lanes over time.
    begun: steps::Begun,
    /// `[step of the block][node][member]`, rows padded to whole lanes.
    sums: Aligned,
    /// Numbers in a row.
    row: usize,
}

/// With lanes over simulations, steps for which the farther ones of the near edges are added together; blocks of fewer are short.
const MEMBERS_TOGETHER: usize = 8;

/// The edges, and which of them are added when.
#[derive(Debug)]
struct Wiring {
    edges: Vec<Edge>,
    /// Per node: where its edges begin, where the near ones begin, where the nearest begin, where they end.
    ranges: Vec<[u32; 4]>,
}

/// Steps per block, the first of `lengths` for which most edges are far (else no more than can be added together anyway); and steps for
/// which the nearest edges can be added together.
fn blocks(lags: &[u32], lengths: &[usize]) -> (usize, usize) {
    let least = lags.iter().min().map_or(0, |&lag| lag as usize);
    let together = match least {
        0 => 1,
        1 | 2 => 2,
        _ => 4,
    };
    let most_are_far = |&&length: &&usize| {
        let n_far = lags.iter().filter(|&&lag| lag as usize >= length - 1);
        2 * n_far.count() >= lags.len()
    };
    let block = lengths.iter().find(most_are_far);
    let block = *block.unwrap_or(&together);
    (block, together.min(block))
}

impl Sums {
    /// Sums for these edges, read from this delay line, in blocks of one of these lengths, the longest first.
    pub(super) fn new(edges: &RowEdges, line: &DelayLine, lengths: &[usize]) -> Self {
        let n_rows = edges.n_rows();
        let (block, together) = blocks(&edges.lag, lengths);
        let range = |node: usize| {
            let range = edges.of(node);
            let lags = &edges.lag[range.clone()];
            // Classes descend, and a block's length is where one begins.
            let from =
                |steps: usize| range.start + lags.partition_point(|&lag| lag as usize >= steps - 1);
            [
                range.start,
                from(block),
                from(block.min(MEMBERS_TOGETHER)),
                range.end,
            ]
            .map(|at| at as u32)
        };
        let edge = |e: usize| Edge {
            weight: edges.weight[e],
            at: u32::try_from(line.place(edges.source[e] as usize, edges.lag[e])).expect(
                "a plan's delay line is short enough, and so are several where they are taken",
            ),
        };
        let wiring = Wiring {
            edges: (0..edges.lag.len()).map(edge).collect(),
            ranges: (0..n_rows).map(range).collect(),
        };
        let row = (n_rows * line.width).next_multiple_of(32);
        let passes = if line.width > 1 && block >= MEMBERS_TOGETHER {
            passes::Passes::new(edges, &wiring, block * line.width)
        } else {
            passes::Passes::default()
        };
        Self {
            passes,
            block,
            done: 0,
            together,
            n_rows,
            begun: if line.width == 1 {
                steps::Begun::new(&wiring, &edges.lag)
            } else {
                steps::Begun::default()
            },
            wiring,
            sums: Aligned::zeros(block * row),
            row,
        }
    }

    /// Bytes of memory that sums of so many edges at `n_rows` rows fill at most.
    pub(super) fn bytes(n_edges: usize, n_rows: usize, shape: Shape) -> usize {
        // As they are read, and once more in the order in which they are added, with a target at most.
        const EDGE: usize = 2 * size_of::<Edge>() + 4;
        let longest = shape.blocks.iter().max().map_or(0, |&longest| longest);
        // Of the far edges, and all.
        let sums = 2 * 4 * longest * n_rows * shape.width;
        EDGE * n_edges + sums
    }

    /// The sums of the step last asked for, `[node][member]`.
    #[inline(always)]
    pub(super) fn of_step(&self) -> &[f32] {
        &self.sums[self.done.saturating_sub(1) * self.row..][..self.row]
    }

    /// The sums of the next step in the plainest way.
    fn plain(&mut self, line: &DelayLine, step: u32) {
        let now = line.now(step);
        for node in 0..self.n_rows {
            let mut sum = 0.0;
            for edge in self.wiring.far(node).iter().chain(self.wiring.near(node)) {
                sum += edge.weight * line.samples[edge.at as usize + now];
            }
            self.sums[node] = sum;
        }
        self.done = 1;
    }
}

/// Forms the sums of the next step.
pub(super) struct Add<'a> {
    pub(super) sums: &'a mut Sums,
    pub(super) line: &'a DelayLine,
    pub(super) step: u32,
    pub(super) kernel: Kernel,
}

impl Work for Add<'_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let Self {
            sums, line, step, ..
        } = self;
        // The widths are known when this is compiled, and only one of these is.
        match (self.kernel, V::WIDTH) {
            (_, 1) => sums.plain(line, step),
            (Kernel::Batch(_), 16) => sums.next_of_members::<V, 16>(line, step),
            (Kernel::Batch(_), _) => sums.next_of_members::<V, 8>(line, step),
            (_, 16) => sums.next_of_steps::<V, 2>(line, step),
            _ => sums.next_of_steps::<V, 4>(line, step),
        }
    }
}

impl Edge {
    /// Adds it to sums whose samples lie side by side, `VECTORS` of them.
    #[inline(always)]
    fn add<V: Pack, const VECTORS: usize>(self, sum: &mut [V; VECTORS], samples: &[f32]) {
        let weight = V::splat(self.weight);
        let at = self.at as usize;
        let window = &samples[at..at + VECTORS * V::WIDTH];
        for (k, sum) in sum.iter_mut().enumerate() {
            *sum = *sum + weight * V::load(&window[k * V::WIDTH..]);
        }
    }
}

impl Wiring {
    /// The edges of `node` whose windows lie before a block's beginning.
    #[inline(always)]
    fn far(&self, node: usize) -> &[Edge] {
        let [first, near, ..] = self.ranges[node];
        &self.edges[first as usize..near as usize]
    }

    /// The others.
    #[inline(always)]
    fn near(&self, node: usize) -> &[Edge] {
        let [_, near, _, end] = self.ranges[node];
        &self.edges[near as usize..end as usize]
    }

    /// The near edges of `node` that are added for [`MEMBERS_TOGETHER`] steps together if `farther`, else the nearer ones.
    #[inline(always)]
    fn part_of_near(&self, node: usize, farther: bool) -> &[Edge] {
        let [_, near, nearest, end] = self.ranges[node];
        let (first, end) = if farther {
            (near, nearest)
        } else {
            (nearest, end)
        };
        &self.edges[first as usize..end as usize]
    }
}

#[cfg(test)]
mod tests;
