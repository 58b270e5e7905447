//! `f64`: the accuracy reference, and what continuation computes with.

use super::{Scalar, Table};

impl Scalar for f64 {
    type Mask = bool;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self < other
    }
    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    fn exp(self) -> Self {
        f64::exp(self)
    }
    fn exprel(self) -> Self {
        if self == 0.0 {
            1.0
        } else {
            self.exp_m1() / self
        }
    }
    fn log(self) -> Self {
        f64::ln(self)
    }
    fn recip(self) -> Self {
        f64::recip(self)
    }
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    fn tanh(self) -> Self {
        f64::tanh(self)
    }
    fn sigmoid(self) -> Self {
        (1.0 + (-self).exp()).recip()
    }
    fn sin(self) -> Self {
        f64::sin(self)
    }
    fn cos(self) -> Self {
        f64::cos(self)
    }
    fn erfc(self) -> Self {
        libm::erfc(self)
    }
    fn floor(self) -> Self {
        f64::floor(self)
    }
    fn look(self, table: &'static Table) -> Self {
        table.at(self)
    }
}
