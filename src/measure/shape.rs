//! The shape of a node's signal: how long it remembers itself, and to which side it is skewed.

use ndarray::ArrayView2;

use super::Moments;

/// Of each column of `samples`, `[n_samples, n_nodes]`, the time until its autocorrelation falls to 1/e, in steps between samples,
/// interpolated between two lags. NaN of a constant node, and where it does not fall that far.
///
/// ```text
/// r_k = sum_t (x_t - <x>)(x_t+k - <x>) / sum_t (x_t - <x>)^2
/// ```
///
/// Murray et al. (2014), A hierarchy of intrinsic timescales across primate cortex, Nat. Neurosci. 17, 1661.
pub fn autocorrelation_steps(samples: ArrayView2<f64>) -> Vec<f64> {
    let moments = Moments::of(samples);
    let level = (-1.0_f64).exp();
    let of_node = |node: usize| {
        if moments.is_constant(node) {
            return f64::NAN;
        }
        let mean = moments.mean_of(node);
        let x: Vec<f64> = samples.column(node).iter().map(|x| x - mean).collect();
        let product = |lag: usize| -> f64 {
            let mut sum = 0.0;
            for k in lag..x.len() {
                sum += x[k] * x[k - lag];
            }
            sum
        };
        let squares = product(0);
        let mut before = 1.0;
        for lag in 1..x.len() {
            let r = product(lag) / squares;
            if r <= level {
                return (lag - 1) as f64 + (before - level) / (before - r);
            }
            before = r;
        }
        f64::NAN
    };
    (0..samples.ncols()).map(of_node).collect()
}

/// The skewness of each column of `samples`, `[n_samples, n_nodes]`: the mean cube of the distances from the mean, over the cube of the
/// standard deviation. NaN of a constant node.
pub fn skewness(samples: ArrayView2<f64>) -> Vec<f64> {
    let moments = Moments::of(samples);
    let n = samples.nrows() as f64;
    let of_node = |node: usize| {
        if moments.is_constant(node) {
            return f64::NAN;
        }
        let mean = moments.mean_of(node);
        let (mut squares, mut cubes) = (0.0, 0.0);
        for x in samples.column(node) {
            let d = x - mean;
            squares += d * d;
            cubes += d * d * d;
        }
        (cubes / n) / (squares / n).powf(1.5)
    };
    (0..samples.ncols()).map(of_node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn small_series_by_hand() {
        // 0, 0, 3: mean 1, distances -1, -1, 2: cubes 6, squares 6.
        let samples = array![[0.0, 0.5], [0.0, 0.5], [3.0, 0.5]];
        let found = skewness(samples.view());
        assert!((found[0] - 2.0 / 8f64.sqrt()).abs() < 1e-15 && found[1].is_nan());
        // 1, 1, -1, -1: r_1 = 1/4, so that 1/e is crossed within the first step.
        let samples = array![[1.0], [1.0], [-1.0], [-1.0]];
        let expected = (1.0 - (-1.0_f64).exp()) / 0.75;
        assert!((autocorrelation_steps(samples.view())[0] - expected).abs() < 1e-15);
        assert!(autocorrelation_steps(Array2::from_elem((5, 1), 2.0).view())[0].is_nan());
    }
}
