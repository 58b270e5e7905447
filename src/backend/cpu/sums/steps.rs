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

/// A near edge, and the node that hears it.
#[derive(Debug, Clone, Copy)]
struct NearEdge {
    edge: Edge,
    target: u32,
}

impl Begun {
    /// For these edges with these lags.
    pub(super) fn new(wiring: &Wiring, lags: &[u32]) -> Self {
        let (mut tiled, mut tiles) = (Vec::new(), vec![0]);
        for tile in wiring.ranges.chunks_exact(TARGETS) {
            let n_common = tile.iter().map(|[first, near, _]| near - first).min();
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
        let mut near = [Vec::new(), Vec::new()];
        let n_turns = wiring.ranges.iter().map(|[_, near, end]| end - near).max();
        for turn in 0..n_turns.unwrap_or(0) {
            for (target, [_, first, end]) in wiring.ranges.iter().enumerate() {
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
        let tiles = self.tiles.windows(2);
        for ((sums, tile), far) in self
            .sums
            .chunks_mut(TARGETS)
            .zip(tiles)
            .zip(wiring.ranges.chunks(TARGETS))
        {
            let tile = &self.tiled[tile[0] as usize..tile[1] as usize];
            let mut sum = [[V::splat(0.0); VECTORS]; TARGETS];
            for edges in tile.chunks_exact(TARGETS) {
                for (sum, edge) in sum.iter_mut().zip(edges) {
                    edge.add(sum, samples);
                }
            }
            for ((to, mut sum), [first, near, _]) in sums.iter_mut().zip(sum).zip(far) {
                for edge in &wiring.edges[*first as usize..*near as usize][tile.len() / TARGETS..] {
                    edge.add(&mut sum, samples);
                }
                for (k, sum) in sum.into_iter().enumerate() {
                    sum.store(&mut to[k * V::WIDTH..]);
                }
            }
        }
    }

    /// Adds near edges to the sums of the step that is `done` steps into the block and those after it, `STEPS` in all.
    #[inline(always)]
    fn add<const STEPS: usize>(&mut self, near: usize, done: usize, samples: &[f32]) {
        let part = done / STEPS;
        for &NearEdge { edge, target } in &self.near[near] {
            let at = edge.at as usize;
            let mut window = [0.0; STEPS];
            window.copy_from_slice(&samples[at..at + STEPS]);
            let (parts, _) = self.sums[target as usize].as_chunks_mut::<STEPS>();
            let sum = &mut parts[part];
            for s in 0..STEPS {
                sum[s] += edge.weight * window[s];
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
            match self.together {
                1 => begun.add::<1>(1, done, samples),
                2 => begun.add::<2>(1, done, samples),
                _ => begun.add::<4>(1, done, samples),
            }
            let steps = self.sums.chunks_exact_mut(self.row);
            for (k, sums) in steps.enumerate().skip(done).take(self.together) {
                for (sum, begun) in sums.iter_mut().zip(&begun.sums) {
                    *sum = begun[k];
                }
            }
        }
        self.done += 1;
    }
}
