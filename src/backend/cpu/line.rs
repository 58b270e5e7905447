//! The past: what the edges and the delayed feedback read.

use super::aligned::Aligned;
use super::pack::Pack;

/// Samples that stand a second time beyond a ring's end, so that a window which begins in the ring never wraps.
pub(super) const OVERHANG: usize = 16;

/// The first state's past, `[node][time][member]`: a ring per node, with its first samples once more at its end.
#[derive(Debug)]
pub(super) struct DelayLine {
    pub(super) samples: Aligned,
    /// Samples in the ring.
    pub(super) length: usize,
    /// Members side by side.
    pub(super) width: usize,
}

impl DelayLine {
    /// How many numbers it holds.
    pub(super) fn numbers(n_nodes: usize, max_lag: usize, width: usize) -> usize {
        (max_lag + 1 + OVERHANG) * n_nodes * width
    }

    /// Room to look `max_lag` steps back.
    pub(super) fn new(n_nodes: usize, max_lag: usize, width: usize) -> Self {
        Self {
            samples: Aligned::zeros(Self::numbers(n_nodes, max_lag, width)),
            length: max_lag + 1,
            width,
        }
    }

    /// Where `node`'s ring begins.
    pub(super) fn node(&self, node: usize) -> usize {
        node * (self.length + OVERHANG) * self.width
    }

    /// Where in a ring the sample of `step` lies.
    #[inline(always)]
    pub(super) fn slot(&self, step: u32) -> usize {
        step as usize % self.length
    }

    /// The samples of `node` that are `lag` steps older than `step`, one per member.
    #[inline(always)]
    pub(super) fn read(&self, node: usize, step: u32, lag: u32) -> &[f32] {
        let at = self.node(node) + self.slot(step + self.length as u32 - lag) * self.width;
        &self.samples[at..at + self.width]
    }

    /// Sets the sample of one member.
    pub(super) fn set(&mut self, node: usize, slot: usize, member: usize, x: f32) {
        let first = self.node(node) + slot * self.width + member;
        self.samples[first] = x;
        if slot < OVERHANG {
            let again = first + self.length * self.width;
            self.samples[again] = x;
        }
    }

    /// The slot of the sample `back` steps before t = 0.
    pub(super) fn slot_before_start(&self, back: usize) -> usize {
        self.length - back
    }

    /// Takes the states of the nodes after `step`: `states` holds those of some nodes at the beginning of each `chunk` numbers, in
    /// packs `E`.
    #[inline(always)]
    pub(super) fn push<E: Pack, L: Pack>(&mut self, step: u32, states: &[f32], chunk: usize) {
        let slot = self.slot(step);
        self.put::<E, L>(slot, states, chunk);
        if slot < OVERHANG {
            self.put::<E, L>(slot + self.length, states, chunk);
        }
    }

    // No closures here: they would be compiled without the caller's CPU features.
    #[inline(always)]
    fn put<E: Pack, L: Pack>(&mut self, slot: usize, states: &[f32], chunk: usize) {
        let stride = (self.length + OVERHANG) * L::WIDTH;
        let at_a_time = E::WIDTH / L::WIDTH;
        let rings = self.samples.chunks_mut(at_a_time * stride);
        for (rings, states) in rings.zip(states.chunks_exact(chunk)) {
            for (ring, x) in rings
                .chunks_exact_mut(stride)
                .zip(states.chunks_exact(L::WIDTH))
            {
                L::load(x).store(&mut ring[slot * L::WIDTH..]);
            }
        }
    }
}
