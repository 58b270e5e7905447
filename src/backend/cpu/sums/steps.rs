//! Sums of one simulation: a lane is a step of the block.

use super::{Edge, Sums, Wiring};
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;

/// Steps of the longest block.
const LONGEST: usize = 32;
/// Steps for which the farther ones of the near edges are added together.
const HALF: usize = LONGEST / 2;
/// Targets whose sums are formed at a time, so that one sum's additions need not wait for each other.
const TARGETS: usize = 4;

/// Sums that are formed for several steps at a time.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// `[node][step of the block]`
    sums: Vec<[f32; LONGEST]>,
    /// The far edges of `TARGETS` nodes by turns, `[tile][edge][node of the tile]`, as many as each of them has.
    tiled: Vec<Edge>,
    /// Where the tiles begin.
    tiles: Vec<u32>,
    /// The near edges of all nodes by turns, so that no addition need wait for the one before: those that are added for `HALF` steps
    /// together, and the nearer ones.
    near: [Vec<NearEdge>; 2],
}

/// A near edge, and the node that receives it.
#[derive(Debug, Clone, Copy)]
struct NearEdge {
    edge: Edge,
    target: u32,
}

impl Begun {
    /// For these edges with these lags.
    pub(super) fn new(wiring: &Wiring, lags: &[u32]) -> Self {
        let n_edges = |of: fn(&[u32; 4]) -> u32| wiring.ranges.iter().map(of).sum::<u32>() as usize;
        let n_far = n_edges(|[first, near, ..]| near - first);
        let n_near = n_edges(|[_, near, _, end]| end - near);
        let (mut tiled, mut tiles) = (Vec::with_capacity(n_far), vec![0]);
        for tile in wiring.ranges.chunks_exact(TARGETS) {
            let n_common = tile.iter().map(|[first, near, ..]| near - first).min();
            for k in 0..n_common.unwrap_or(0) {
                let turn = tile
                    .iter()
                    .map(|[first, ..]| wiring.edges[(first + k) as usize]);
                tiled.extend(turn);
            }
            tiles.push(tiled.len() as u32);
        }
        tiles.resize(
            wiring.ranges.len().div_ceil(TARGETS) + 1,
            tiled.len() as u32,
        );
        let mut near = [Vec::with_capacity(n_near), Vec::with_capacity(n_near)];
        let n_turns = wiring
            .ranges
            .iter()
            .map(|[_, near, _, end]| end - near)
            .max();
        for turn in 0..n_turns.unwrap_or(0) {
            for (target, [_, first, _, end]) in wiring.ranges.iter().enumerate() {
                let e = (first + turn) as usize;
                if e < *end as usize {
                    let is_farther = lags[e] as usize >= HALF - 1;
                    near[usize::from(!is_farther)].push(NearEdge {
                        edge: wiring.edges[e],
                        target: target as u32,
                    });
                }
            }
        }
        Self {
            sums: vec![[0.0; LONGEST]; wiring.ranges.len()],
            tiled,
            tiles,
            near,
        }
    }

    /// The far edges. (Steps beyond the block's end come to nothing.)
    #[inline(always)]
    fn begin<V: Pack, const VECTORS: usize>(&mut self, wiring: &Wiring, samples: &[f32]) {
        let n_rows = self.sums.len();
        for tile in 0..n_rows.div_ceil(TARGETS) {
            let edges = &self.tiled[self.tiles[tile] as usize..self.tiles[tile + 1] as usize];
            let (edges, _) = edges.as_chunks::<TARGETS>();
            let mut sum = [[V::splat(0.0); VECTORS]; TARGETS];
            for edges in edges {
                for target in 0..TARGETS {
                    edges[target].add(&mut sum[target], samples);
                }
            }
            // (No index into the sums that is known only at run time, which would keep them in memory.)
            for target in 0..TARGETS {
                let row = tile * TARGETS + target;
                if row >= n_rows {
                    break;
                }
                let mut sum = sum[target];
                for edge in &wiring.far(row)[edges.len()..] {
                    edge.add(&mut sum, samples);
                }
                for k in 0..VECTORS {
                    sum[k].store(&mut self.sums[row][k * V::WIDTH..]);
                }
            }
        }
    }

    /// Adds near edges to the sums of the step that is `done` steps into the block and those after it, `STEPS` in all.
    #[inline(always)]
    fn add<const STEPS: usize>(&mut self, near: usize, done: usize, samples: &[f32]) {
        let part = done / STEPS;
        let sums = &mut self.sums[..];
        for &NearEdge { edge, target } in &self.near[near] {
            let at = edge.at as usize;
            let window: &[f32; STEPS] = samples[at..].first_chunk().expect("in the delay line");
            let (parts, _) = sums[target as usize].as_chunks_mut::<STEPS>();
            let sum = &mut parts[part];
            for s in 0..STEPS {
                sum[s] += edge.weight * window[s];
            }
        }
    }

    /// Adds the nearest edges, as [`Begun::add`], and hands the sums over, `[step][node]` in rows of `row`.
    #[inline(always)]
    fn finish<const STEPS: usize>(
        &mut self,
        done: usize,
        samples: &[f32],
        to: &mut [f32],
        row: usize,
    ) {
        self.add::<STEPS>(1, done, samples);
        let part = done / STEPS;
        let to = &mut to[..STEPS * row];
        for (node, sums) in self.sums.iter().enumerate() {
            let (parts, _) = sums.as_chunks::<STEPS>();
            let sums = &parts[part];
            for s in 0..STEPS {
                to[s * row + node] = sums[s];
            }
        }
    }
}

impl Sums {
    /// Forms the sums of the next step, `[node]`; begins a block if need be. `VECTORS` vectors `V` hold the steps of the longest block.
    #[inline(always)]
    pub(super) fn next_of_steps<V: Pack, const VECTORS: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) {
        let samples = &line.samples[line.now(step)..];
        self.done %= self.block;
        let (begun, wiring, done) = (&mut self.begun, &self.wiring, self.done);
        if done == 0 {
            match self.block.div_ceil(V::WIDTH) {
                1 => begun.begin::<V, 1>(wiring, samples),
                2 => begun.begin::<V, 2>(wiring, samples),
                _ => begun.begin::<V, VECTORS>(wiring, samples),
            }
        }
        if done.is_multiple_of(HALF) {
            begun.add::<HALF>(0, done, samples);
        }
        if done.is_multiple_of(self.together) {
            let sums = &mut self.sums[done * self.row..];
            match self.together {
                1 => begun.finish::<1>(done, samples, sums, self.row),
                2 => begun.finish::<2>(done, samples, sums, self.row),
                _ => begun.finish::<4>(done, samples, sums, self.row),
            }
        }
        self.done += 1;
    }
}
