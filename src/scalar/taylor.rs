//! Taylor coefficients of the functions of [`Scalar`](super::Scalar), up to order 5: what the jets compose with.

use std::f64::consts::FRAC_2_SQRT_PI;

use super::Scalar;

/// The highest order there is.
pub(super) const ORDER: usize = 5;

/// `g^(k)(a) / k!` for k = 0..=5.
pub(super) type Coefficients = [f64; ORDER + 1];

pub(super) fn exp(a: f64) -> Coefficients {
    let mut term = a.exp();
    std::array::from_fn(|k| {
        if k > 0 {
            term /= k as f64;
        }
        term
    })
}

/// Of `(e^a - 1)/a`: near 0 by its series, elsewhere from `a E = e^a - 1`, order by order.
pub(super) fn exprel(a: f64) -> Coefficients {
    if a.abs() < 2.0 {
        // sum over j of binomial(j + k, k) a^j / (j + k + 1)!
        return std::array::from_fn(|k| {
            let mut term = 1.0 / (1..=k + 1).product::<usize>() as f64;
            let mut sum = term;
            for j in 1..40 {
                term *= a * (j + k) as f64 / (j as f64 * (j + k + 1) as f64);
                sum += term;
            }
            sum
        });
    }
    let exponential = exp(a);
    let mut before = 1.0;
    std::array::from_fn(|k| {
        before = (exponential[k] - before) / a;
        before
    })
}

pub(super) fn log(a: f64) -> Coefficients {
    let mut power = -1.0;
    std::array::from_fn(|k| {
        if k == 0 {
            a.ln()
        } else {
            power /= -a;
            power / k as f64
        }
    })
}

pub(super) fn recip(a: f64) -> Coefficients {
    let mut power = -1.0;
    std::array::from_fn(|_| {
        power /= -a;
        power
    })
}

pub(super) fn sqrt(a: f64) -> Coefficients {
    let mut term = a.sqrt();
    std::array::from_fn(|k| {
        if k > 0 {
            term *= (1.5 - k as f64) / (k as f64 * a);
        }
        term
    })
}

/// From `t' = 1 - t^2`.
pub(super) fn tanh(a: f64) -> Coefficients {
    let mut t = [a.tanh(), 0.0, 0.0, 0.0, 0.0, 0.0];
    for k in 0..ORDER {
        let square: f64 = (0..=k).map(|i| t[i] * t[k - i]).sum();
        let constant = if k == 0 { 1.0 } else { 0.0 };
        t[k + 1] = (constant - square) / (k + 1) as f64;
    }
    t
}

/// From `s' = s - s^2`.
pub(super) fn sigmoid(a: f64) -> Coefficients {
    let mut s = [(1.0 + (-a).exp()).recip(), 0.0, 0.0, 0.0, 0.0, 0.0];
    for k in 0..ORDER {
        let square: f64 = (0..=k).map(|i| s[i] * s[k - i]).sum();
        s[k + 1] = (s[k] - square) / (k + 1) as f64;
    }
    s
}

pub(super) fn sin(a: f64) -> Coefficients {
    oscillation(a.sin(), a.cos())
}

pub(super) fn cos(a: f64) -> Coefficients {
    oscillation(a.cos(), -a.sin())
}

/// Of the solution of `g'' = -g` with this value and slope.
fn oscillation(value: f64, slope: f64) -> Coefficients {
    let mut g = [value, slope, 0.0, 0.0, 0.0, 0.0];
    for k in 2..=ORDER {
        g[k] = -g[k - 2] / (k * (k - 1)) as f64;
    }
    g
}

/// From `g' = -2/sqrt(pi) f`, `f = e^(-a^2)`, `f' = -2 a f`.
pub(super) fn erfc(a: f64) -> Coefficients {
    let mut f = [(-a * a).exp(), 0.0, 0.0, 0.0, 0.0, 0.0];
    for k in 0..ORDER {
        let before = if k == 0 { 0.0 } else { f[k - 1] };
        f[k + 1] = -2.0 * (a * f[k] + before) / (k + 1) as f64;
    }
    std::array::from_fn(|k| {
        if k == 0 {
            Scalar::erfc(a)
        } else {
            -FRAC_2_SQRT_PI * f[k - 1] / k as f64
        }
    })
}
