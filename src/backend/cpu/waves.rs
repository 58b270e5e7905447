//! What differs from step to step, of all nodes and members of a group: waveforms of stimuli, numbers that depend on the time.

use super::aligned::Aligned;
use crate::plan::Plan;

/// The waves of one step.
pub(super) struct Waves<'p> {
    plan: &'p Plan,
    /// Which simulation each lane is.
    members: Vec<usize>,
    /// Numbers of one wave.
    row: usize,
    /// Of each wave that all nodes share, the number of each lane in the step before.
    of_lanes: Vec<Vec<f32>>,
    /// `[wave][node][member]`
    of_step: Aligned,
}

impl<'p> Waves<'p> {
    /// Of a group `width` lanes wide; lanes beyond the last member repeat it.
    pub(super) fn new(plan: &'p Plan, members: &[usize], [width, row]: [usize; 2]) -> Self {
        let n = plan.waves.len();
        let member = |lane: usize| members[lane.min(members.len() - 1)];
        Self {
            plan,
            members: (0..width).map(member).collect(),
            row,
            of_lanes: vec![vec![0.0; width]; n],
            of_step: Aligned::zeros(n * row),
        }
    }

    /// Takes the waves of a step. Where all nodes share one and it is that of the step before, as in a pulse, nothing is written.
    pub(super) fn take(&mut self, step: u32) {
        let width = self.members.len();
        let each = self.plan.waves.iter().zip(&mut self.of_lanes);
        for (k, (wave, of_lanes)) in each.enumerate() {
            if wave.is_per_node() {
                let row = &mut self.of_step[k * self.row..][..self.plan.n_nodes * width];
                for (index, x) in row.iter_mut().enumerate() {
                    *x = wave.at(self.members[index % width], index / width, step);
                }
                continue;
            }
            let mut has_changed = false;
            for lane in 0..width {
                let is_same = lane > 0 && wave.are_same(self.members[lane - 1], self.members[lane]);
                let now = match is_same {
                    true => of_lanes[lane - 1],
                    false => wave.at(self.members[lane], 0, step),
                };
                has_changed |= now.to_bits() != of_lanes[lane].to_bits();
                of_lanes[lane] = now;
            }
            if has_changed {
                let row = &mut self.of_step[k * self.row..(k + 1) * self.row];
                for (index, x) in row.iter_mut().enumerate() {
                    *x = of_lanes[index % width];
                }
            }
        }
    }

    /// What was taken last, `[wave][node][member]`.
    pub(super) fn of_step(&self) -> &[f32] {
        &self.of_step
    }
}
