//! Arrays over nodes and members, cut into chunks as wide as the lanes that work on them.

use super::aligned::Aligned;

/// Several quantities per node and member: `[chunk][quantity][lane]`, where node x members + member = chunk x lanes + lane.
/// All that a step needs of a chunk lies together.
#[derive(Debug)]
pub(super) struct Chunks {
    values: Aligned,
    n_quantities: usize,
    lanes: usize,
}

impl Chunks {
    /// Zeros for `n` nodes times members.
    pub(super) fn new(n_quantities: usize, n: usize, lanes: usize) -> Self {
        let values = Aligned::zeros(n.div_ceil(lanes) * n_quantities * lanes);
        Self {
            values,
            n_quantities,
            lanes,
        }
    }

    /// Where a quantity of place `at` (node x members + member) lies.
    #[inline(always)]
    pub(super) fn index(&self, quantity: usize, at: usize) -> usize {
        (at / self.lanes * self.n_quantities + quantity) * self.lanes + at % self.lanes
    }

    pub(super) fn get(&self, quantity: usize, at: usize) -> f32 {
        self.values[self.index(quantity, at)]
    }

    pub(super) fn set(&mut self, quantity: usize, at: usize, x: f32) {
        let index = self.index(quantity, at);
        self.values[index] = x;
    }

    /// All numbers.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// All numbers, to be changed.
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// One quantity of every place, as far as `to` has room.
    #[inline(always)]
    pub(super) fn copy(&self, quantity: usize, to: &mut [f32]) {
        let chunks = self.values.chunks_exact(self.n_quantities * self.lanes);
        for (to, chunk) in to.chunks_mut(self.lanes).zip(chunks) {
            to.copy_from_slice(&chunk[quantity * self.lanes..][..to.len()]);
        }
    }
}
