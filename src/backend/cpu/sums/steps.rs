//! Sums of one simulation: a lane is a step of the block.

use super::Sums;
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;

/// Steps per block.
pub(super) const BLOCK: usize = 16;
/// Targets whose sums are formed at a time, so that one sum's additions need not wait for each other.
pub(super) const TARGETS: usize = 8;

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
        if self.done == 0 {
            self.begin_steps::<V, VECTORS>(samples);
        }
        if self.done.is_multiple_of(self.together) {
            match self.together {
                1 => self.finish_steps::<1>(samples),
                2 => self.finish_steps::<2>(samples),
                _ => self.finish_steps::<4>(samples),
            }
        }
        self.done += 1;
    }

    /// Begins a block: its far edges. (Lanes beyond the block's end come to nothing.)
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
                for (k, sum) in sum.into_iter().enumerate() {
                    sum.store(&mut self.begun[node * BLOCK + k * V::WIDTH..]);
                }
            }
        }
    }

    /// The sums of this step and those after it, `STEPS` in all: what was begun, and the near edges.
    #[inline(always)]
    fn finish_steps<const STEPS: usize>(&mut self, samples: &[f32]) {
        let row = self.row;
        let steps = &mut self.sums[self.done * row..][..STEPS * row];
        for node in 0..self.n_nodes {
            let mut sum = [0.0; STEPS];
            sum.copy_from_slice(&self.begun[node * BLOCK + self.done..][..STEPS]);
            for edge in self.wiring.near(node) {
                let window = &samples[edge.at as usize..][..STEPS];
                for s in 0..STEPS {
                    sum[s] += edge.weight * window[s];
                }
            }
            for s in 0..STEPS {
                steps[s * row + node] = sum[s];
            }
        }
    }
}
