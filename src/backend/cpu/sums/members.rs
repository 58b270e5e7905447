//! Sums of several simulations side by side: a lane is a member.

use super::{Edge, Sums};
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;

/// Targets whose near edges are added at a time, so that one sum's additions need not wait for each other.
const TARGETS: usize = 4;

impl Sums {
    /// Forms the sums of the next step, `[node][member]`; begins a block of `BLOCK` steps if need be, which needs as many registers.
    #[inline(always)]
    pub(super) fn next_of_members<L: Pack, const BLOCK: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) {
        let samples = &line.samples[line.now(step)..];
        if self.done == self.block {
            self.done = 0;
            if self.block == BLOCK {
                self.begin_members::<L, BLOCK>(samples);
            } else {
                self.sums.fill(0.0);
            }
        }
        if self.done > 0 || self.block == 1 {
            self.add_late::<L>(samples);
        }
        self.done += 1;
    }

    /// Begins a block: all of the far edges, and of the near ones what is known.
    #[inline(always)]
    fn begin_members<L: Pack, const BLOCK: usize>(&mut self, samples: &[f32]) {
        let row = self.row;
        for node in 0..self.n_nodes {
            let mut sum = [L::splat(0.0); BLOCK];
            for edge in self.wiring.far(node) {
                let weight = L::splat(edge.weight);
                let at = edge.at as usize;
                let window = &samples[at..at + BLOCK * L::WIDTH];
                for (s, sum) in sum.iter_mut().enumerate() {
                    *sum = *sum + weight * L::load(&window[s * L::WIDTH..]);
                }
            }
            for (s, sum) in sum.into_iter().enumerate() {
                sum.store(&mut self.sums[s * row + node * L::WIDTH..]);
            }
            for (edge, lag) in self.wiring.near(node) {
                let weight = L::splat(edge.weight);
                let n_known = lag as usize + 1;
                let at = edge.at as usize;
                let window = &samples[at..at + n_known * L::WIDTH];
                for (s, x) in window.chunks_exact(L::WIDTH).enumerate() {
                    let to = &mut self.sums[s * row + node * L::WIDTH..];
                    (L::load(to) + weight * L::load(x)).store(to);
                }
            }
        }
    }

    /// Adds to the sums of this step, which is `done` steps into its block, the edges with a lag below `done`.
    #[inline(always)]
    fn add_late<L: Pack>(&mut self, samples: &[f32]) {
        let row = self.done * self.row;
        for first_target in (0..self.n_nodes).step_by(TARGETS) {
            let late = |target: usize| -> &[Edge] {
                let node = first_target + target;
                if node < self.n_nodes {
                    self.wiring.late(self.done * self.n_nodes, node)
                } else {
                    &[]
                }
            };
            let late: [&[Edge]; TARGETS] = [late(0), late(1), late(2), late(3)];
            let mut n_common = late[0].len();
            for late in &late[1..] {
                n_common = n_common.min(late.len());
            }
            let mut sum = [L::splat(0.0); TARGETS];
            let n_targets = TARGETS.min(self.n_nodes - first_target);
            let place = |target: usize| row + (first_target + target) * L::WIDTH;
            for (target, sum) in sum[..n_targets].iter_mut().enumerate() {
                *sum = L::load(&self.sums[place(target)..]);
            }
            for k in 0..n_common {
                for (sum, late) in sum.iter_mut().zip(late) {
                    *sum = *sum + late[k].term::<L>(samples);
                }
            }
            for (target, late) in late[..n_targets].iter().enumerate() {
                let mut sum = sum[target];
                for edge in &late[n_common..] {
                    sum = sum + edge.term::<L>(samples);
                }
                sum.store(&mut self.sums[place(target)..]);
            }
        }
    }
}

impl Edge {
    /// What it adds to the sum of one step.
    #[inline(always)]
    fn term<L: Pack>(self, samples: &[f32]) -> L {
        let at = self.at as usize;
        L::splat(self.weight) * L::load(&samples[at..at + L::WIDTH])
    }
}
