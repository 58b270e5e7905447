//! The weighted sums over incoming edges, a block of steps at a time.
//!
//! Each sum is sequential, in the canonical order: by lag descending. So the sums of `BLOCK` successive steps can be begun
//! together: an edge whose lag is at least the block reads only what is known when the block begins, for every step of it,
//! and in the delay line these samples lie side by side. An edge of shorter lag d is begun for the first d + 1 steps, and
//! added to each later step when that step comes. Nothing is ever added out of order, so the bits are those of
//! [`Sums::plain`].

use super::chunks::Chunks;
use super::pack::Pack;
use crate::plan::Edges;

/// The first state's past, `[node][time][member]`: a ring per node, each sample twice, so that a look back never wraps.
#[derive(Debug)]
pub(super) struct DelayLine {
    samples: Vec<f32>,
    /// Samples in the ring.
    length: usize,
    /// Members side by side.
    width: usize,
    n_nodes: usize,
}

impl DelayLine {
    /// How many numbers it holds.
    pub(super) fn numbers(n_nodes: usize, max_lag: usize, width: usize) -> usize {
        2 * (max_lag + 1) * n_nodes * width + 8
    }

    /// Room to look `max_lag` steps back.
    pub(super) fn new(n_nodes: usize, max_lag: usize, width: usize) -> Self {
        let length = max_lag + 1;
        Self {
            samples: vec![0.0; Self::numbers(n_nodes, max_lag, width)],
            length,
            width,
            n_nodes,
        }
    }

    /// Where `node`'s samples begin.
    fn node(&self, node: usize) -> usize {
        node * 2 * self.length * self.width
    }

    /// Where the sample of step `step`, seen from a step at most `length` later, lies after its node's beginning.
    fn now(&self, step: u32) -> usize {
        (self.length + step as usize % self.length) * self.width
    }

    /// The samples of `node` that are `lag` steps older than `step`, one per member.
    #[inline(always)]
    pub(super) fn read(&self, node: usize, step: u32, lag: u32) -> &[f32] {
        let at = self.node(node) + self.now(step) - lag as usize * self.width;
        &self.samples[at..at + self.width]
    }

    /// Sets the sample of one member at a step (counted modulo the ring).
    pub(super) fn set(&mut self, node: usize, slot: usize, member: usize, x: f32) {
        let first = self.node(node) + slot * self.width + member;
        self.samples[first] = x;
        self.samples[first + self.length * self.width] = x;
    }

    /// The slot of the sample `back` steps before t = 0.
    pub(super) fn slot_before_start(&self, back: usize) -> usize {
        self.length - back
    }

    /// Takes the first states of the nodes, after `step`.
    #[inline(always)]
    pub(super) fn push<L: Pack>(&mut self, step: u32, nodes: &Chunks) {
        let second = self.now(step);
        let first = second - self.length * L::WIDTH;
        for node in 0..self.n_nodes {
            let x = L::load(&nodes.values()[nodes.index(0, node * L::WIDTH)..]);
            let node = self.node(node);
            x.store(&mut self.samples[node + first..]);
            x.store(&mut self.samples[node + second..]);
        }
    }
}

/// An edge: what it weighs and where its source's sample of the current step lies, less the step's own place.
#[derive(Debug, Clone, Copy)]
struct Edge {
    weight: f32,
    at: u32,
    lag: u32,
}

/// The sums of a block of steps.
#[derive(Debug)]
pub(super) struct Sums {
    /// Steps per block; 1: every edge is added when its step comes.
    block: usize,
    /// Steps of the current block that are done; `block` if a new one has to begin.
    done: usize,
    n_nodes: usize,
    edges: Vec<Edge>,
    /// Per node: where its edges begin, where the near ones (with a lag below the block) begin, where they end.
    ranges: Vec<[u32; 3]>,
    /// `[step of the block][node][member]`, with room for whole lanes at the end.
    sums: Vec<f32>,
}

/// Targets whose sums are formed at a time, so that one sum's additions need not wait for each other.
const TARGETS: usize = 4;

impl Sums {
    /// Sums for these edges, read from this delay line.
    pub(super) fn new(edges: &Edges, line: &DelayLine, n_nodes: usize) -> Self {
        let width = line.width;
        let block = block_of(edges, width);
        let ranges = (0..n_nodes).map(|node| {
            let range = edges.of(node);
            let far = if block == 1 {
                0
            } else {
                edges.lag[range.clone()].partition_point(|&lag| lag as usize >= block)
            };
            [
                range.start as u32,
                (range.start + far) as u32,
                range.end as u32,
            ]
        });
        let edge = |e: usize| Edge {
            weight: edges.weight[e],
            at: u32::try_from(
                line.node(edges.source[e] as usize) + (line.length - edges.lag[e] as usize) * width,
            )
            .expect("a plan's delay line is short enough, and so are eight where eight are taken"),
            lag: edges.lag[e],
        };
        Self {
            block,
            done: block,
            n_nodes,
            edges: (0..edges.lag.len()).map(edge).collect(),
            ranges: ranges.collect(),
            sums: vec![0.0; block * n_nodes * width + 8],
        }
    }

    /// The sums of the next step, `[node][member]`, in the plainest way.
    #[inline(always)]
    pub(super) fn plain(&mut self, line: &DelayLine, step: u32) -> &[f32] {
        let slot = step as usize % line.length;
        for (node, sum) in self.sums[..self.n_nodes].iter_mut().enumerate() {
            let [first, _, end] = self.ranges[node];
            *sum = 0.0;
            for edge in &self.edges[first as usize..end as usize] {
                *sum += edge.weight * line.samples[edge.at as usize + slot];
            }
        }
        &self.sums
    }

    /// The sums of the next step, `[node][member]`; begins a block if need be.
    #[inline(always)]
    pub(super) fn next<V: Pack, L: Pack>(&mut self, line: &DelayLine, step: u32) -> &[f32] {
        if self.done == self.block {
            self.done = 0;
            match (L::WIDTH, self.block) {
                (1, 16) => self.begin::<V, L, 2, TARGETS>(line, step),
                (8, 8) => self.begin::<V, L, 8, 1>(line, step),
                _ => self.sums.fill(0.0),
            }
        }
        if self.done > 0 || self.block == 1 {
            self.add_near::<L>(line, step);
        }
        let row = self.n_nodes * L::WIDTH;
        let sums = &self.sums[self.done * row..];
        self.done += 1;
        sums
    }

    /// Begins a block at `step`: all of the far edges, and of the near ones what is known. A block is `8 LANES` numbers
    /// per node, steps times members.
    #[inline(always)]
    fn begin<V: Pack, L: Pack, const LANES: usize, const TARGETS: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) {
        let slot = step as usize % line.length * L::WIDTH;
        let row = self.n_nodes * L::WIDTH;
        for first_target in (0..self.n_nodes).step_by(TARGETS) {
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            let mut sum = [[V::splat(0.0); LANES]; TARGETS];
            let far = |target: usize| -> &[Edge] {
                if target >= n_targets {
                    return &[];
                }
                let [first, near, _] = self.ranges[first_target + target];
                &self.edges[first as usize..near as usize]
            };
            let far: [&[Edge]; TARGETS] = std::array::from_fn(far);
            let mut n_common = far[0].len();
            for edges in &far[1..] {
                n_common = n_common.min(edges.len());
            }
            for k in 0..n_common {
                for (sum, far) in sum.iter_mut().zip(&far) {
                    add::<V, LANES>(sum, far[k], &line.samples, slot);
                }
            }
            for target in 0..n_targets {
                for &edge in &far[target][n_common..] {
                    add::<V, LANES>(&mut sum[target], edge, &line.samples, slot);
                }
                let node = first_target + target;
                for (lane, &sum) in sum[target].iter().enumerate() {
                    if L::WIDTH == 8 {
                        sum.store(&mut self.sums[lane * row + node * 8..]);
                        continue;
                    }
                    let mut steps = [0.0; 8];
                    sum.store(&mut steps);
                    for (s, x) in steps.into_iter().enumerate() {
                        self.sums[(8 * lane + s) * row + node] = x;
                    }
                }
            }
        }
        for (node, &[_, near, end]) in self.ranges.iter().enumerate() {
            for edge in &self.edges[near as usize..end as usize] {
                for s in 0..=edge.lag as usize {
                    let to = &mut self.sums[s * row + node * L::WIDTH..];
                    let x = L::load(&line.samples[edge.at as usize + slot + s * L::WIDTH..]);
                    (L::load(to) + L::splat(edge.weight) * x).store(to);
                }
            }
        }
    }

    /// Adds to the sums of `step`, which is `done` steps into its block, the edges with a lag below `done`.
    #[inline(always)]
    fn add_near<L: Pack>(&mut self, line: &DelayLine, step: u32) {
        const SIDE_BY_SIDE: usize = 8;
        let slot = step as usize % line.length * L::WIDTH;
        let row = self.n_nodes * L::WIDTH;
        let sums = &mut self.sums[self.done * row..];
        for first_target in (0..self.n_nodes).step_by(SIDE_BY_SIDE) {
            let n_targets = SIDE_BY_SIDE.min(self.n_nodes - first_target);
            let mut late: [&[Edge]; SIDE_BY_SIDE] = [&[]; SIDE_BY_SIDE];
            let mut longest = 0;
            for (target, late) in late.iter_mut().enumerate().take(n_targets) {
                let [_, near, end] = self.ranges[first_target + target];
                let near = &self.edges[near as usize..end as usize];
                // What was known when the block began is in the sum.
                let known = |edge: &&Edge| self.block > 1 && edge.lag as usize >= self.done;
                let known = near.iter().take_while(known).count();
                *late = &near[known..];
                longest = longest.max(late.len());
            }
            for k in 0..longest {
                for (target, late) in late.iter().enumerate() {
                    if let Some(edge) = late.get(k) {
                        let to = &mut sums[(first_target + target) * L::WIDTH..];
                        let x = L::load(&line.samples[edge.at as usize + slot..]);
                        (L::load(to) + L::splat(edge.weight) * x).store(to);
                    }
                }
            }
        }
    }
}

/// Adds an edge to the sums of all steps of a block.
#[inline(always)]
fn add<V: Pack, const LANES: usize>(
    sum: &mut [V; LANES],
    edge: Edge,
    samples: &[f32],
    slot: usize,
) {
    let weight = V::splat(edge.weight);
    let window = &samples[edge.at as usize + slot..][..8 * LANES];
    for (lane, sum) in sum.iter_mut().enumerate() {
        *sum = *sum + weight * V::load(&window[8 * lane..]);
    }
}

/// Steps per block: as many as registers hold, or one where most edges are too short for that.
fn block_of(edges: &Edges, width: usize) -> usize {
    let block = if width == 8 { 8 } else { 16 };
    let far = edges
        .lag
        .iter()
        .filter(|&&lag| lag as usize >= block)
        .count();
    if 2 * far >= edges.lag.len().max(1) {
        block
    } else {
        1
    }
}
