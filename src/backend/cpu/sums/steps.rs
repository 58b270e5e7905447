//! Sums of one simulation: a lane is a step of the block.

use super::{Edge, Sums};
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;

/// Steps per block.
pub(super) const BLOCK: usize = 16;
/// Targets whose sums are formed at a time, so that one sum's additions need not wait for each other.
pub(super) const TARGETS: usize = 8;
/// Steps of a block whose near edges are added together.
const TOGETHER: usize = 4;

/// 0, 1, 2 ...: which step of the block a lane is.
const LANE: [f32; BLOCK] = {
    let mut lane = [0.0; BLOCK];
    let mut k = 0;
    while k < BLOCK {
        lane[k] = k as f32;
        k += 1;
    }
    lane
};

impl Sums {
    /// Forms the sums of the next step, `[node]`; begins a block if need be. `VECTORS` vectors `V` hold the steps of a block.
    #[inline(always)]
    pub(super) fn next_of_steps<V: Pack, const VECTORS: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) {
        let samples = &line.samples[line.now(step)..];
        if self.done == self.block {
            self.done = 0;
            if self.block == BLOCK {
                self.begin_steps::<V, VECTORS>(samples);
            } else {
                self.sums.fill(0.0);
            }
        }
        if self.block == 1 || self.together == 1 {
            if self.block == BLOCK {
                self.take_step();
            }
            self.add_late_of_step(samples);
        } else if self.done.is_multiple_of(TOGETHER) {
            self.add_late_of_steps::<V>(samples);
        }
        self.done += 1;
    }

    /// Begins a block: all of the far edges, and of the near ones what is known.
    #[inline(always)]
    fn begin_steps<V: Pack, const VECTORS: usize>(&mut self, samples: &[f32]) {
        let tiles = self.wiring.tiles.windows(2);
        for (first_target, tile) in (0..self.n_nodes).step_by(TARGETS).zip(tiles) {
            let tile = &self.wiring.tiled[tile[0] as usize..tile[1] as usize];
            let mut sum = [[V::splat(0.0); VECTORS]; TARGETS];
            for edges in tile.chunks_exact(TARGETS) {
                for (sum, edge) in sum.iter_mut().zip(edges) {
                    edge.add(sum, samples);
                }
            }
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            for (target, &sum) in sum[..n_targets].iter().enumerate() {
                let node = first_target + target;
                let mut sum = sum;
                for edge in &self.wiring.far(node)[tile.len() / TARGETS..] {
                    edge.add(&mut sum, samples);
                }
                for (edge, lag) in self.wiring.near(node) {
                    let mut all = sum;
                    edge.add(&mut all, samples);
                    let n_known = V::splat(lag + 1.0);
                    for (k, sum) in sum.iter_mut().enumerate() {
                        let is_known = V::load(&LANE[k * V::WIDTH..]).less(n_known);
                        *sum = V::select(is_known, all[k], *sum);
                    }
                }
                for (k, sum) in sum.into_iter().enumerate() {
                    sum.store(&mut self.begun[node * BLOCK + k * V::WIDTH..]);
                }
            }
        }
    }

    /// What was begun for this step.
    #[inline(always)]
    fn take_step(&mut self) {
        let to = &mut self.sums[self.done * self.row..][..self.n_nodes];
        for (to, begun) in to.iter_mut().zip(self.begun.chunks_exact(BLOCK)) {
            *to = begun[self.done];
        }
    }

    /// Adds to the sums of this step, which is `done` steps into its block, the edges with a lag below `done`.
    #[inline(always)]
    fn add_late_of_step(&mut self, samples: &[f32]) {
        let row = self.done * self.row;
        for first_target in (0..self.n_nodes).step_by(TARGETS) {
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            let mut late: [&[Edge]; TARGETS] = [&[]; TARGETS];
            for (target, late) in late[..n_targets].iter_mut().enumerate() {
                let node = first_target + target;
                *late = self.wiring.late(self.done * self.n_nodes, node);
            }
            let mut n_common = late[0].len();
            for late in &late[1..] {
                n_common = n_common.min(late.len());
            }
            let common = late.map(|late| &late[..n_common]);
            let mut sum = [0.0; TARGETS];
            sum.copy_from_slice(&self.sums[row + first_target..][..TARGETS]);
            for k in 0..n_common {
                for (sum, late) in sum.iter_mut().zip(&common) {
                    *sum += late[k].weight * samples[late[k].at as usize];
                }
            }
            for (target, late) in late[..n_targets].iter().enumerate() {
                for edge in &late[n_common..] {
                    sum[target] += edge.weight * samples[edge.at as usize];
                }
                self.sums[row + first_target + target] = sum[target];
            }
        }
    }

    /// The sums of this step and the next three: what was begun, and the edges that were not known then. As every lag is at least
    /// 3, all that these steps read is known now.
    #[inline(always)]
    fn add_late_of_steps<V: Pack>(&mut self, samples: &[f32]) {
        let (row, first_step) = (self.row, self.done);
        let last_step = (first_step + TOGETHER - 1) * self.n_nodes;
        let steps = &mut self.sums[first_step * row..][..TOGETHER * row];
        let first = first_step as f32;
        // Only the first four lanes mean something.
        let lane = V::load(&LANE);
        for node in 0..self.n_nodes {
            let mut sum = V::load(&self.begun[node * BLOCK + first_step..]);
            for (edge, lag) in self.wiring.late_with_lags(last_step, node) {
                let at = edge.at as usize;
                let more = sum + V::splat(edge.weight) * V::load(&samples[at..at + V::WIDTH]);
                let is_late = V::splat(lag - first).less(lane);
                sum = V::select(is_late, more, sum);
            }
            let mut all = [0.0; BLOCK];
            sum.store(&mut all);
            for s in 0..TOGETHER {
                steps[s * row + node] = all[s];
            }
        }
    }
}

impl Edge {
    /// Adds it to the sums of all steps of a block.
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
