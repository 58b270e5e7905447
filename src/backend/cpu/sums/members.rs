//! Sums of several simulations side by side: a lane is a member.

use super::{Edge, MEMBERS_TOGETHER, Sums};
use crate::backend::cpu::line::DelayLine;
use crate::backend::cpu::pack::Pack;

impl Sums {
    /// Forms the sums of the next step, `[node][member]`. `BLOCK` is the longest block: so many registers hold the sums of a node.
    #[inline(always)]
    pub(super) fn next_of_members<L: Pack, const BLOCK: usize>(
        &mut self,
        line: &DelayLine,
        step: u32,
    ) {
        let samples = &line.samples[line.now(step)..];
        self.done %= self.block;
        if self.done == 0 {
            match self.block {
                1 => self.begin::<L, 1, 8>(samples),
                2 => self.begin::<L, 2, 4>(samples),
                4 => self.begin::<L, 4, 2>(samples),
                _ => self
                    .passes
                    .begin::<L, BLOCK>(samples, &mut self.sums, self.row),
            }
        }
        if self.block > MEMBERS_TOGETHER && self.done.is_multiple_of(MEMBERS_TOGETHER) {
            self.add_near::<L, MEMBERS_TOGETHER, true>(samples);
        }
        if self.done.is_multiple_of(self.together) {
            match self.together {
                1 => self.add_near::<L, 1, false>(samples),
                2 => self.add_near::<L, 2, false>(samples),
                _ => self.add_near::<L, 4, false>(samples),
            }
        }
        self.done += 1;
    }

    /// The far edges of a short block of `STEPS` steps, of `TARGETS` nodes at a time, so that no addition need wait for the one before.
    #[inline(always)]
    fn begin<L: Pack, const STEPS: usize, const TARGETS: usize>(&mut self, samples: &[f32]) {
        let row = self.row;
        for first in (0..self.n_rows).step_by(TARGETS) {
            let n_targets = TARGETS.min(self.n_rows - first);
            let mut far: [&[Edge]; TARGETS] = [&[]; TARGETS];
            for (target, far) in far[..n_targets].iter_mut().enumerate() {
                *far = self.wiring.far(first + target);
            }
            let mut n_common = far[0].len();
            for far in &far[1..] {
                n_common = n_common.min(far.len());
            }
            let mut sum = [[L::splat(0.0); STEPS]; TARGETS];
            for k in 0..n_common {
                for target in 0..TARGETS {
                    far[target][k].add(&mut sum[target], samples);
                }
            }
            for (target, far) in far[..n_targets].iter().enumerate() {
                let mut sum = sum[target];
                for edge in &far[n_common..] {
                    edge.add(&mut sum, samples);
                }
                for (s, sum) in sum.into_iter().enumerate() {
                    sum.store(&mut self.sums[s * row + (first + target) * L::WIDTH..]);
                }
            }
        }
    }

    /// Adds the farther or the nearer ones of the near edges to the sums of this step and those after it, `STEPS` in all.
    #[inline(always)]
    fn add_near<L: Pack, const STEPS: usize, const FARTHER: bool>(&mut self, samples: &[f32]) {
        let row = self.row;
        let sums = &mut self.sums[self.done * row..][..STEPS * row];
        for node in 0..self.n_rows {
            let near = self.wiring.part_of_near(node, FARTHER);
            if near.is_empty() {
                continue;
            }
            let at = node * L::WIDTH;
            let mut sum = [L::splat(0.0); STEPS];
            for (s, sum) in sum.iter_mut().enumerate() {
                *sum = L::load(&sums[s * row + at..]);
            }
            for edge in near {
                edge.add(&mut sum, samples);
            }
            for (s, sum) in sum.into_iter().enumerate() {
                sum.store(&mut sums[s * row + at..]);
            }
        }
    }
}
