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

impl Sums {
    /// The sums of the next step, `[node]`; begins a block if need be. `VECTORS` vectors `V` hold the steps of a block.
    #[inline(always)]
    pub(in super::super) fn next_of_steps<V: Pack, const VECTORS: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) -> &[f32] {
        let slot = line.slot(step);
        if self.done == self.block {
            self.done = 0;
            if self.block == BLOCK {
                self.begin_steps::<V, VECTORS>(&line.samples, slot);
            } else {
                self.sums.fill(0.0);
            }
        }
        if self.block == 1 || self.together == 1 && self.done > 0 {
            self.add_late_of_step(&line.samples, slot);
        } else if self.done > 0 && self.done % TOGETHER == 0 {
            self.add_late_of_steps(&line.samples, slot);
        }
        let sums = &self.sums[self.done * self.row..][..self.row];
        self.done += 1;
        sums
    }

    /// Begins a block: all of the far edges, and of the near ones what is known.
    #[inline(always)]
    fn begin_steps<V: Pack, const VECTORS: usize>(&mut self, samples: &[f32], slot: usize) {
        let ring = self.ring;
        for first_target in (0..self.n_nodes).step_by(TARGETS) {
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            let far = |target: usize| -> &[Edge] {
                if target >= n_targets {
                    return &[];
                }
                self.wiring.far(first_target + target)
            };
            let far: [&[Edge]; TARGETS] = std::array::from_fn(far);
            let mut n_common = far[0].len();
            for edges in &far[1..] {
                n_common = n_common.min(edges.len());
            }
            let mut sum = [[V::splat(0.0); VECTORS]; TARGETS];
            for k in 0..n_common {
                for (sum, far) in sum.iter_mut().zip(&far) {
                    far[k].add(sum, samples, slot, ring);
                }
            }
            for target in 0..n_targets {
                let mut sum = sum[target];
                for &edge in &far[target][n_common..] {
                    edge.add(&mut sum, samples, slot, ring);
                }
                let mut steps = [0.0; BLOCK];
                for (k, sum) in sum.into_iter().enumerate() {
                    sum.store(&mut steps[k * V::WIDTH..]);
                }
                let node = first_target + target;
                for edge in self.wiring.near(node) {
                    let from = edge.from(slot, ring);
                    let known = &samples[from..=from + edge.lag as usize];
                    for (sum, x) in steps.iter_mut().zip(known) {
                        *sum += edge.weight * x;
                    }
                }
                for (s, &sum) in steps.iter().enumerate() {
                    self.sums[s * self.row + node] = sum;
                }
            }
        }
    }

    /// Adds to the sums of this step, which is `done` steps into its block, the edges with a lag below `done`.
    #[inline(always)]
    fn add_late_of_step(&mut self, samples: &[f32], slot: usize) {
        let row = self.done * self.row;
        for first_target in (0..self.n_nodes).step_by(TARGETS) {
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            let mut late: [&[Edge]; TARGETS] = [&[]; TARGETS];
            for (target, late) in late[..n_targets].iter_mut().enumerate() {
                let node = first_target + target;
                *late = self.wiring.late(self.done * self.n_nodes, node);
            }
            let mut n_common = late[0].len();
            for edges in &late[1..] {
                n_common = n_common.min(edges.len());
            }
            let mut sum = [0.0; TARGETS];
            sum.copy_from_slice(&self.sums[row + first_target..][..TARGETS]);
            for k in 0..n_common {
                for (sum, late) in sum.iter_mut().zip(late) {
                    *sum += late[k].weight * samples[late[k].from(slot, self.ring)];
                }
            }
            for (target, late) in late[..n_targets].iter().enumerate() {
                for edge in &late[n_common..] {
                    sum[target] += edge.weight * samples[edge.from(slot, self.ring)];
                }
                self.sums[row + first_target + target] = sum[target];
            }
        }
    }

    /// Adds to the sums of this step and the next three the edges that were not known when the block began: as every lag is at
    /// least 3, all that these steps read is known now.
    #[inline(always)]
    fn add_late_of_steps(&mut self, samples: &[f32], slot: usize) {
        let (row, first_step) = (self.row, self.done);
        let last_step = first_step + TOGETHER - 1;
        for node in 0..self.n_nodes {
            let late = self.wiring.late(last_step * self.n_nodes, node);
            if late.is_empty() {
                continue;
            }
            let mut sum = [0.0; TOGETHER];
            for (s, sum) in sum.iter_mut().enumerate() {
                *sum = self.sums[(first_step + s) * row + node];
            }
            // Edges that some of the steps knew come first; then those that none did.
            let n_none = self.wiring.late(first_step * self.n_nodes, node).len();
            let (partial, all) = late.split_at(late.len() - n_none);
            for edge in partial {
                let from = edge.from(slot, self.ring);
                for s in edge.lag as usize + 1 - first_step..TOGETHER {
                    sum[s] += edge.weight * samples[from + s];
                }
            }
            for edge in all {
                let window = &samples[edge.from(slot, self.ring)..][..TOGETHER];
                for (sum, x) in sum.iter_mut().zip(window) {
                    *sum += edge.weight * x;
                }
            }
            for (s, sum) in sum.into_iter().enumerate() {
                self.sums[(first_step + s) * row + node] = sum;
            }
        }
    }
}

impl Edge {
    /// Adds it to the sums of all steps of a block.
    #[inline(always)]
    fn add<V: Pack, const VECTORS: usize>(
        self,
        sum: &mut [V; VECTORS],
        samples: &[f32],
        slot: usize,
        ring: usize,
    ) {
        let weight = V::splat(self.weight);
        let window = &samples[self.from(slot, ring)..][..VECTORS * V::WIDTH];
        for (k, sum) in sum.iter_mut().enumerate() {
            *sum = *sum + weight * V::load(&window[k * V::WIDTH..]);
        }
    }
}
