//! The numbers that derivatives need.

use crate::scalar::{Dual, Scalar, Series2, Series4, Slope};

/// A value and its derivative along one direction.
pub(crate) type D1 = Dual<f64>;
/// A value and its mixed derivatives along two directions.
pub(crate) type D2 = Dual<D1>;
/// A value and its mixed derivatives along three directions.
pub(crate) type D3 = Dual<D2>;

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

impl Number for Series2 {
    fn value(self) -> f64 {
        self.coefficients[0].re
    }
}

impl Number for Series4 {
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
pub(crate) fn d2(value: f64, a: f64, b: f64) -> D2 {
    Dual {
        value: d1(value, a),
        slope: outer(D1::constant(b), b),
    }
}

/// `value` that moves by `a`, `b`, `c` along the three directions.
pub(crate) fn d3(value: f64, a: f64, b: f64, c: f64) -> D3 {
    Dual {
        value: d2(value, a, b),
        slope: outer(D2::constant(D1::constant(c)), c),
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
pub(crate) fn mixed2(x: D2) -> f64 {
    x.derivative().derivative()
}

/// The mixed derivative along all three directions.
pub(crate) fn mixed3(x: D3) -> f64 {
    x.derivative().derivative().derivative()
}
