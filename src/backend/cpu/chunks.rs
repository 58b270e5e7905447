//! What is kept of nodes and members from step to step, laid out for the lanes that work on it.

use super::aligned::Aligned;
use super::machine::Blocks;
use crate::record::Passage;

/// Several quantities per node and member: `[block][quantity][place][lane]`, where node x members + member = place x lanes + lane.
/// All that a step needs of a block lies together.
#[derive(Debug)]
pub(super) struct Chunks {
    values: Aligned,
    n_quantities: usize,
    lanes: usize,
    blocks: Blocks,
}

impl Chunks {
    /// Zeros.
    pub(super) fn new(n_quantities: usize, blocks: Blocks, lanes: usize) -> Self {
        let n = blocks.len() * blocks.n_in_block * lanes;
        Self {
            values: Aligned::zeros(n_quantities * n),
            n_quantities,
            lanes,
            blocks,
        }
    }

    /// Where a quantity of node x members + member = `at` lies.
    #[inline(always)]
    pub(super) fn index(&self, quantity: usize, at: usize) -> usize {
        let (place, n) = (at / self.lanes, self.blocks.n_in_block);
        let row = place / n * self.n_quantities + quantity;
        (row * n + place % n) * self.lanes + at % self.lanes
    }

    pub(super) fn get(&self, quantity: usize, at: usize) -> f32 {
        self.values[self.index(quantity, at)]
    }

    pub(super) fn set(&mut self, quantity: usize, at: usize, x: f32) {
        let index = self.index(quantity, at);
        self.values[index] = x;
    }

    /// Passes all quantities at some places, each a node x members + member.
    pub(super) fn pass(
        &mut self,
        places: impl Iterator<Item = usize> + Clone,
        passage: &mut Passage,
    ) {
        for quantity in 0..self.n_quantities {
            for at in places.clone() {
                let index = self.index(quantity, at);
                passage.single(&mut self.values[index]);
            }
        }
    }

    /// All numbers, to be changed.
    #[inline(always)]
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The number of blocks.
    #[inline(always)]
    pub(super) fn n_blocks(&self) -> usize {
        self.blocks.len()
    }

    /// One quantity of a block, its places in order.
    #[inline(always)]
    pub(super) fn row(&self, block: usize, quantity: usize) -> &[f32] {
        let row = self.blocks.n_in_block * self.lanes;
        &self.values[(block * self.n_quantities + quantity) * row..][..row]
    }

    /// One quantity of every place, as far as `to` has room.
    #[inline(always)]
    pub(super) fn copy(&self, quantity: usize, to: &mut [f32]) {
        let mut at = 0;
        for block in 0..self.n_blocks() {
            let from = self.row(block, quantity);
            let n = from.len().min(to.len() - at);
            to[at..at + n].copy_from_slice(&from[..n]);
            at += n;
        }
    }
}
