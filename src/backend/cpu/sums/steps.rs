//! Sums of one simulation: a lane is a step of the block.

use super::{Edge, Sums};
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;

/// Steps per block.
pub(in super::super) const BLOCK: usize = 16;
/// Targets whose sums are formed at a time, so that one sum's additions need not wait for each other.
const TARGETS: usize = 8;
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
    /// The sums of the next step, `[node]`; begins a block if need be. `VECTORS` vectors `V` hold the steps of a block.
    #[inline(always)]
    pub(in super::super) fn next_of_steps<V: Pack, const VECTORS: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) -> &[f32] {
        let samples = &line.samples[line.now(step)..];
        if self.done == self.block {
            self.done = 0;
            if self.block == BLOCK {
                self.begin_steps::<V, VECTORS>(samples);
            } else {
                self.sums.fill(0.0);
            }
        }
        if self.block == 1 || self.together == 1 && self.done > 0 {
            self.add_late_of_step(samples);
        } else if self.done > 0 && self.done % TOGETHER == 0 {
            self.add_late_of_steps(samples);
        }
        let sums = &self.sums[self.done * self.row..][..self.row];
        self.done += 1;
        sums
    }

    /// Begins a block: all of the far edges, and of the near ones what is known.
    #[inline(always)]
    fn begin_steps<V: Pack, const VECTORS: usize>(&mut self, samples: &[f32]) {
        for first_target in (0..self.n_nodes).step_by(TARGETS) {
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            let mut far: [&[Edge]; TARGETS] = [&[]; TARGETS];
            for (target, far) in far[..n_targets].iter_mut().enumerate() {
                *far = self.wiring.far(first_target + target);
            }
            let mut n_common = far[0].len();
            for far in &far[1..] {
                n_common = n_common.min(far.len());
            }
            let common = far.map(|far| &far[..n_common]);
            let mut sum = [[V::splat(0.0); VECTORS]; TARGETS];
            for k in 0..n_common {
                for (sum, far) in sum.iter_mut().zip(&common) {
                    far[k].add(sum, samples);
                }
            }
            for target in 0..n_targets {
                let node = first_target + target;
                let mut sum = sum[target];
                for edge in &far[target][n_common..] {
                    edge.add(&mut sum, samples);
                }
                for (edge, lag) in self.wiring.near(node) {
                    let mut all = sum;
                    edge.add(&mut all, samples);
                    let n_known = V::splat((lag + 1) as f32);
                    for (k, sum) in sum.iter_mut().enumerate() {
                        let is_known = V::load(&LANE[k * V::WIDTH..]).less(n_known);
                        *sum = V::select(is_known, all[k], *sum);
                    }
                }
                let mut steps = [0.0; BLOCK];
                for (k, sum) in sum.into_iter().enumerate() {
                    sum.store(&mut steps[k * V::WIDTH..]);
                }
                for (sums, sum) in self.sums.chunks_exact_mut(self.row).zip(steps) {
                    sums[node] = sum;
                }
            }
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

    /// Adds to the sums of this step and the next three the edges that were not known when the block began: as every lag is at
    /// least 3, all that these steps read is known now.
    #[inline(always)]
    fn add_late_of_steps(&mut self, samples: &[f32]) {
        let first_step = self.done;
        let last_step = first_step + TOGETHER - 1;
        let steps = &mut self.sums[first_step * self.row..][..TOGETHER * self.row];
        let [a, b, c, d] = std::array::from_fn(|s| s * self.row);
        for node in 0..self.n_nodes {
            let at = [a, b, c, d].map(|row| row + node);
            let mut sum = at.map(|at| steps[at]);
            for (edge, lag) in self.wiring.late_with_lags(last_step * self.n_nodes, node) {
                let window = &samples[edge.at as usize..][..TOGETHER];
                for s in 0..TOGETHER {
                    let more = sum[s] + edge.weight * window[s];
                    let is_late = (lag as usize) < first_step + s;
                    sum[s] = if is_late { more } else { sum[s] };
                }
            }
            for (at, sum) in at.into_iter().zip(sum) {
                steps[at] = sum;
            }
        }
    }
}

impl Edge {
    /// Adds it to the sums of all steps of a block.
    #[inline(always)]
    fn add<V: Pack, const VECTORS: usize>(self, sum: &mut [V; VECTORS], samples: &[f32]) {
        let weight = V::splat(self.weight);
        let window = &samples[self.at as usize..][..VECTORS * V::WIDTH];
        for (k, sum) in sum.iter_mut().enumerate() {
            *sum = *sum + weight * V::load(&window[k * V::WIDTH..]);
        }
    }
}
