//! Sums over incoming edges, a block of steps at a time.
//!
//! Each sum is sequential, in the canonical order: by lag descending. So the sums of `BLOCK` successive steps can be begun
//! together: an edge whose lag is at least `BLOCK - 1` reads only what is known when the block begins, for every step of it,
//! and in the delay line these samples lie side by side. Of a nearer edge, with lag d, the first d + 1 steps are begun, and the later
//! ones are added when they come. Nothing is ever added out of order, so the bits are those of [`Sums::plain`].
//!
//! `members.rs` has the lanes over simulations, `steps.rs` those over time.

mod members;
mod steps;

use super::Kernel;
use super::aligned::Aligned;
use super::lanes::Work;
use super::line::DelayLine;
use super::pack::Pack;
use crate::plan::Edges;

/// An edge: what it weighs, and where in the delay line its source's sample lies (see [`DelayLine::place`]).
#[derive(Debug, Clone, Copy)]
struct Edge {
    weight: f32,
    at: u32,
}

/// The sums of a block of steps.
#[derive(Debug)]
pub(super) struct Sums {
    /// Steps per block; 1: every edge is added when its step comes.
    block: usize,
    /// Steps of the current block that are done; `block` if a new one has to begin.
    done: usize,
    /// Steps whose near edges are added together: 4 where every lag is at least 3, else 1.
    together: usize,
    n_nodes: usize,
    wiring: Wiring,
    /// With lanes over time: what was begun, `[node][step of the block]`.
    begun: Aligned,
    /// `[step of the block][node][member]`, rows padded to whole lanes.
    sums: Aligned,
    /// Numbers in a row.
    row: usize,
}

/// The edges, and which of them are added when.
#[derive(Debug)]
struct Wiring {
    edges: Vec<Edge>,
    /// Lags, as numbers to compare lanes with.
    lags: Vec<f32>,
    /// With lanes over time: the far edges of `TARGETS` nodes by turns, `[tile][edge][node of the tile]`, as many as each of them has.
    tiled: Vec<Edge>,
    /// Where the tiles begin.
    tiles: Vec<u32>,
    /// Per node: where its edges begin, where the near ones begin, where they end.
    ranges: Vec<[u32; 3]>,
    /// `[step of the block][node]`: the first edge that was not known at this step when the block began.
    late: Vec<u32>,
}

/// Steps that one look at the far edges serves, if there are enough of them.
fn block_of(edges: &Edges, largest: usize) -> usize {
    let is_far = |lag: &&u32| **lag as usize >= largest - 1;
    let far = edges.lag.iter().filter(is_far).count();
    if 2 * far >= edges.lag.len().max(1) {
        largest
    } else {
        1
    }
}

impl Sums {
    /// Sums for these edges, read from this delay line, in blocks of at most `largest` steps.
    pub(super) fn new(edges: &Edges, line: &DelayLine, n_nodes: usize, largest: usize) -> Self {
        let width = line.width;
        let block = block_of(edges, largest);
        // How many of a node's edges have at least this lag.
        let beyond = |node: usize, least: usize| {
            edges.lag[edges.of(node)].partition_point(|&lag| lag as usize >= least) as u32
        };
        let range = |node: usize| {
            let range = edges.of(node);
            let (first, end) = (range.start as u32, range.end as u32);
            let far = if block == 1 {
                0
            } else {
                beyond(node, block - 1)
            };
            [first, first + far, end]
        };
        let late = |step: usize, node: usize| {
            let known = if block == 1 { 0 } else { beyond(node, step) };
            edges.of(node).start as u32 + known
        };
        let edge = |e: usize| Edge {
            weight: edges.weight[e],
            at: u32::try_from(line.place(edges.source[e] as usize, edges.lag[e])).expect(
                "a plan's delay line is short enough, and so are several where they are taken",
            ),
        };
        let all: Vec<Edge> = (0..edges.lag.len()).map(edge).collect();
        let ranges: Vec<[u32; 3]> = (0..n_nodes).map(range).collect();
        let (mut tiled, mut tiles) = (Vec::new(), vec![0]);
        for tile in ranges.chunks(steps::TARGETS) {
            let full = width == 1 && tile.len() == steps::TARGETS;
            let n_common = tile.iter().map(|[first, near, _]| near - first).min();
            for k in 0..n_common.filter(|_| full).unwrap_or(0) {
                tiled.extend(tile.iter().map(|[first, ..]| all[(first + k) as usize]));
            }
            tiles.push(tiled.len() as u32);
        }
        let row = (n_nodes * width).next_multiple_of(32);
        Self {
            block,
            done: block,
            together: if edges.lag.iter().all(|&lag| lag >= 3) {
                4
            } else {
                1
            },
            n_nodes,
            wiring: Wiring {
                edges: all,
                tiled,
                tiles,
                lags: edges.lag.iter().map(|&lag| lag as f32).collect(),
                ranges,
                late: (0..block * n_nodes)
                    .map(|k| late(k / n_nodes, k % n_nodes))
                    .collect(),
            },
            begun: Aligned::zeros(if width == 1 {
                (n_nodes + 1) * steps::BLOCK
            } else {
                0
            }),
            sums: Aligned::zeros(block * row),
            row,
        }
    }

    /// The sums of the step last asked for, `[node][member]`.
    #[inline(always)]
    pub(super) fn of_step(&self) -> &[f32] {
        &self.sums[self.done.saturating_sub(1) * self.row..][..self.row]
    }

    /// The sums of the next step in the plainest way.
    fn plain(&mut self, line: &DelayLine, step: u32) {
        let now = line.now(step);
        for node in 0..self.n_nodes {
            let mut sum = 0.0;
            let near = self.wiring.near(node).map(|(edge, _)| edge);
            for edge in self.wiring.far(node).iter().chain(near) {
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
            (_, 16) => sums.next_of_steps::<V, 1>(line, step),
            _ => sums.next_of_steps::<V, 2>(line, step),
        }
    }
}

impl Wiring {
    /// The edges of `node` whose windows lie before a block's beginning.
    #[inline(always)]
    fn far(&self, node: usize) -> &[Edge] {
        let [first, near, _] = self.ranges[node];
        &self.edges[first as usize..near as usize]
    }

    /// The others, with their lags.
    #[inline(always)]
    fn near(&self, node: usize) -> impl Iterator<Item = (&Edge, f32)> {
        let [_, near, end] = self.ranges[node];
        self.with_lags(near, end)
    }

    /// Those that were not known at this step of the block (`first` is the step times nodes) when it began.
    #[inline(always)]
    fn late(&self, first: usize, node: usize) -> &[Edge] {
        &self.edges[self.late[first + node] as usize..self.ranges[node][2] as usize]
    }

    /// The same, with their lags.
    #[inline(always)]
    fn late_with_lags(&self, first: usize, node: usize) -> impl Iterator<Item = (&Edge, f32)> {
        self.with_lags(self.late[first + node], self.ranges[node][2])
    }

    #[inline(always)]
    fn with_lags(&self, first: u32, end: u32) -> impl Iterator<Item = (&Edge, f32)> {
        let range = first as usize..end as usize;
        self.edges[range.clone()]
            .iter()
            .zip(self.lags[range].iter().copied())
    }
}
