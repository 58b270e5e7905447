//! Products and sums of vectors. They go by indices: see `[profile.release]` in `Cargo.toml`.

/// Adds `factor * x` to `y`, as far as both go.
#[inline]
pub(crate) fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    let n = y.len().min(x.len());
    let (y, x) = (&mut y[..n], &x[..n]);
    for k in 0..n {
        y[k] += factor * x[k];
    }
}

/// Sets `y` to `factor` times every `step`th number of `x`.
#[inline]
pub(crate) fn set_scaled(y: &mut [f64], factor: f64, x: &[f64], step: usize) {
    if step == 1 {
        let x = &x[..y.len()];
        for k in 0..y.len() {
            y[k] = factor * x[k];
        }
    } else {
        for k in 0..y.len() {
            y[k] = factor * x[k * step];
        }
    }
}

/// The sum of `weights * a * b`; no weights are weights of 1.
#[inline]
pub(crate) fn dot(weights: &[f64], a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sum = 0.0;
    if weights.is_empty() {
        for k in 0..n {
            sum += a[k] * b[k];
        }
    } else {
        for k in 0..n.min(weights.len()) {
            sum += a[k] * b[k] * weights[k];
        }
    }
    sum
}
