//! Numbers with a bound on their rounding error.
//!
//! A quantity that a symmetry makes 0 is computed as a few roundings of its terms, with either
//! sign. Such a sign says nothing: a quantity that is 0 at both ends of a step does not cross 0
//! between.

/// A number and the largest error that rounding is expected to have made in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounded {
    pub value: f64,
    pub rounding: f64,
}

impl Rounded {
    /// A number whose sign is taken as it is.
    pub fn exact(value: f64) -> Self {
        Self {
            value,
            rounding: 0.0,
        }
    }

    /// Whether rounding could have made the number of 0.
    pub fn is_zero(self) -> bool {
        self.value.abs() <= self.rounding
    }

    /// The number; exactly 0 where rounding could have made it of 0.
    pub fn known(self) -> f64 {
        if self.is_zero() { 0.0 } else { self.value }
    }

    /// Whether the numbers have different signs, of which one at least is known.
    pub fn crosses(self, other: Self) -> bool {
        self.value * other.value < 0.0 && !(self.is_zero() && other.is_zero())
    }
}
