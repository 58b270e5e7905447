//! Arrays that begin where a cache line begins, so that no aligned vector in them lies across two.

use std::ops::{Deref, DerefMut};

/// A cache line, in numbers.
const LINE: usize = 16;

/// So many numbers, zero at first.
#[derive(Debug)]
pub(super) struct Aligned {
    values: Vec<f32>,
    first: usize,
    len: usize,
}

impl Aligned {
    /// `len` zeros. The system gives their memory only once it is written to.
    pub(super) fn zeros(len: usize) -> Self {
        let values = vec![0.0; len + LINE];
        let off = values.as_ptr().align_offset(LINE * size_of::<f32>());
        Self {
            values,
            first: off.min(LINE),
            len,
        }
    }
}

impl Deref for Aligned {
    type Target = [f32];
    #[inline(always)]
    fn deref(&self) -> &[f32] {
        &self.values[self.first..self.first + self.len]
    }
}

impl DerefMut for Aligned {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.first..self.first + self.len]
    }
}
