//! The normal numbers of half steps, made of those of whole steps.

use super::drawn::Drawn;
use crate::backend::cpu::aligned::Aligned;
use crate::backend::cpu::pack::Pack;
use crate::noise;

/// The numbers of the steps that one halving makes.
#[derive(Debug)]
pub(super) struct Halved {
    /// See [`noise::turn`].
    turn: [f32; 2],
    /// What the halves have that the whole steps have not, one number for two halves.
    fresh: Drawn,
    /// Of the present half step, as [`Drawn::of`] gives them.
    normal: Aligned,
}

impl Halved {
    /// Before the first step.
    pub(super) fn new(turn: [f32; 2], fresh: Drawn) -> Self {
        Self {
            turn,
            normal: Aligned::zeros(fresh.of(0).len()),
            fresh,
        }
    }

    /// Goes on at half step `step`.
    pub(super) fn go_to(&mut self, step: u32) {
        self.fresh.go_to(step / 2);
    }

    /// The numbers of the present half step.
    #[inline(always)]
    pub(super) fn of_step(&self) -> &[f32] {
        &self.normal
    }

    /// Makes the numbers of half step `step` of those of the whole step that it is half of.
    #[inline(always)]
    pub(super) fn advance<V: Pack>(&mut self, step: u32, whole: &[f32]) {
        let (pair, is_second) = (step / 2, step % 2 == 1);
        if self.fresh.is_due(pair) {
            self.fresh.draw::<V>(None);
        }
        let turn = self.turn.map(V::splat);
        let fresh = self.fresh.of(pair);
        // Rows are whole vectors, padded with what is never read.
        for at in (0..self.normal.len()).step_by(V::WIDTH) {
            let [whole, fresh] = [whole, fresh].map(|numbers| V::load(&numbers[at..]));
            noise::half(is_second, whole, fresh, turn).store(&mut self.normal[at..]);
        }
    }
}
