//! Lanes loaded from and stored to flat arrays.

use crate::noise::Word;
use crate::scalar::{Bits8, Lanes8, Single};

/// Numbers that stand side by side in an array.
pub(super) trait Pack: Single {
    /// How many.
    const WIDTH: usize;
    /// The integers beside them, as Philox wants them.
    type Words: Word;

    /// The first `WIDTH` numbers of `from`.
    fn load(from: &[f32]) -> Self;
    /// Writes them to the front of `to`.
    fn store(self, to: &mut [f32]);
    /// `x` in every lane.
    fn splat(x: f32) -> Self;
    /// The same two; the compiler takes each to depend on both, and so keeps the work on them together.
    #[inline(always)]
    fn side_by_side(both: [Self; 2]) -> [Self; 2] {
        both
    }
    /// The first `WIDTH` integers of `from`.
    fn load_words(from: &[u32]) -> Self::Words;
    /// The same integers, as bits.
    fn bits(words: Self::Words) -> Self::Bits;
}

impl Pack for f32 {
    const WIDTH: usize = 1;
    type Words = u32;
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        from[0]
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        to[0] = self;
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        x
    }
    #[inline(always)]
    fn load_words(from: &[u32]) -> u32 {
        from[0]
    }
    #[inline(always)]
    fn bits(words: u32) -> u32 {
        words
    }
}

impl Pack for Lanes8 {
    const WIDTH: usize = 8;
    type Words = Bits8;
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        Self(*from.first_chunk().expect("eight numbers"))
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        *to.first_chunk_mut().expect("room for eight numbers") = self.0;
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; 8])
    }
    #[inline(always)]
    fn load_words(from: &[u32]) -> Bits8 {
        Bits8(*from.first_chunk().expect("eight numbers"))
    }
    #[inline(always)]
    fn bits(words: Bits8) -> Bits8 {
        words
    }
}
