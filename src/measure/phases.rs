//! Amplitudes and phases of oscillations, from the analytic signal.
//!
//! ```text
//! z = x + i H(x) = A exp(i theta)          H: the Hilbert transform
//! R = |1/N sum_j exp(i theta_j)|           the Kuramoto order parameter, from 0 to 1
//! ```
//!
//! `x` is a signal within a band: without one, amplitude and phase have no meaning.

use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;

use super::fourier::Fourier;

/// The analytic signal of each column of `samples`, `[n_samples, n_nodes]`, less its mean; with the numbers of SciPy's `hilbert`.
pub fn analytic(samples: ArrayView2<f64>) -> Array2<Complex64> {
    let (n, n_nodes) = samples.dim();
    let fourier = Fourier::new(n);
    let mut all = Array2::zeros((n, n_nodes));
    let mut signal = vec![Complex64::new(0.0, 0.0); n];
    for node in 0..n_nodes {
        let column = samples.column(node);
        let mean = column.sum() / n as f64;
        for k in 0..n {
            signal[k] = Complex64::new(column[k] - mean, 0.0);
        }
        fourier.forward(&mut signal);
        for (k, value) in signal.iter_mut().enumerate() {
            *value *= match k {
                0 => 1.0,
                _ if 2 * k == n => 1.0,
                _ if 2 * k < n => 2.0,
                _ => 0.0,
            };
        }
        fourier.backward(&mut signal);
        for k in 0..n {
            all[[k, node]] = signal[k];
        }
    }
    all
}

/// The amplitudes of analytic signals, of their shape.
pub fn envelopes(analytic: ArrayView2<Complex64>) -> Array2<f64> {
    analytic.mapv(|z| z.norm())
}

/// The Kuramoto order parameter of analytic signals, `[n_samples, n_nodes]`, at each sample: `[n_samples]`. NaN where a signal is 0, which
/// has no phase.
pub fn kuramoto_order(analytic: ArrayView2<Complex64>) -> Vec<f64> {
    let n_nodes = analytic.ncols() as f64;
    let rows = analytic.outer_iter();
    rows.map(|row| {
        let sum: Complex64 = row.iter().map(|z| z / z.norm()).sum();
        sum.norm() / n_nodes
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_have_their_amplitude_and_the_order_of_their_phases() {
        let turn = std::f64::consts::TAU;
        for n in [200, 201] {
            // Whole cycles: three nodes, a third of a cycle apart, and one more in phase with the first.
            let wave = |t: usize, node: usize| {
                let phase = turn * (7.0 * t as f64 / n as f64 + (node % 3) as f64 / 3.0);
                (1.0 + node as f64) * phase.cos() + 4.0
            };
            let samples = Array2::from_shape_fn((n, 4), |(t, node)| wave(t, node));
            let found = analytic(samples.view());
            for ((_, node), amplitude) in envelopes(found.view()).indexed_iter() {
                assert!((amplitude - (1.0 + node as f64)).abs() < 1e-12);
            }
            let of = |first: usize, last: usize| {
                kuramoto_order(found.slice(ndarray::s![.., first..last]))
            };
            assert!(of(0, 3).iter().all(|r| r.abs() < 1e-12));
            assert!(of(0, 4).iter().all(|r| (r - 0.25).abs() < 1e-12));
            assert!(of(0, 1).iter().all(|r| (r - 1.0).abs() < 1e-12));
        }
        let still = analytic(Array2::from_elem((10, 2), 0.5).view());
        assert!(kuramoto_order(still.view())[3].is_nan());
    }
}
