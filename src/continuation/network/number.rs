//! Numbers that carry derivatives: a value and its slope along one direction, or along two.

use crate::scalar::{Dual, Scalar, Series, Slope};

/// A value and its derivative along one direction.
pub(crate) type D1 = Dual<f64>;
/// A value and its mixed derivatives along two directions.
pub(super) type D2 = Dual<D1>;

/// A number that may carry derivatives.
pub(crate) trait Number: Scalar {
    /// The value without its derivatives.
    fn value(self) -> f64;
}

impl Number for f64 {
    fn value(self) -> f64 {
        self
    }
}

impl<S: Number> Number for Dual<S> {
    fn value(self) -> f64 {
        self.value.value()
    }
}

impl<const V: usize, const L: usize> Number for Series<V, L> {
    fn value(self) -> f64 {
        self.coefficients[0].re
    }
}

/// `value` that moves by `slope` per unit along the direction.
pub(crate) fn d1(value: f64, slope: f64) -> D1 {
    Dual {
        value,
        slope: if slope == 0.0 {
            Slope::Zero
        } else {
            Slope::Of(slope)
        },
    }
}

/// `value` that moves by `a` along the first direction and by `b` along the second.
pub(super) fn d2(value: f64, a: f64, b: f64) -> D2 {
    Dual {
        value: d1(value, a),
        slope: outer(D1::constant(b), b),
    }
}

fn outer<S>(slope: S, size: f64) -> Slope<S> {
    if size == 0.0 {
        Slope::Zero
    } else {
        Slope::Of(slope)
    }
}

/// The mixed derivative along both directions.
pub(super) fn mixed2(x: D2) -> f64 {
    x.derivative().derivative()
}
