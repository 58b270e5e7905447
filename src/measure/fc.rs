//! Functional connectivity: Pearson correlation between the signals of all pairs of regions.

use ndarray::{Array2, ArrayView2};

use super::Moments;

/// Functional connectivity: Pearson correlation between the columns of `samples`.
///
/// `samples` is `[n_samples, n_nodes]`, of `f32` or `f64`; the result is `[n_nodes, n_nodes]`, exactly
/// symmetric, with ones on the diagonal. A constant node has no correlation: its row, its column and
/// its diagonal entry are NaN, as `numpy.corrcoef` gives, and [`constant_nodes`] lists it. So has a
/// node with a sample that is not finite.
pub fn fc<T: Copy + Into<f64>>(samples: ArrayView2<T>) -> Array2<f64> {
    fc_of(&Moments::of(samples))
}

/// [`fc`] from sums over samples. With fewer than two samples every node is constant.
pub fn fc_of(moments: &Moments) -> Array2<f64> {
    let n_nodes = moments.n_nodes();
    // The root of a node's sum of squares; NaN where there is no correlation to be had.
    let scale = |node: usize| {
        let squares = moments.squares(node);
        match squares.is_finite() && !moments.is_constant(node) {
            true => squares.sqrt(),
            false => f64::NAN,
        }
    };
    let scale: Vec<f64> = (0..n_nodes).map(scale).collect();
    let mut fc = Array2::zeros((n_nodes, n_nodes));
    for a in 0..n_nodes {
        for b in a..n_nodes {
            let r = if a == b && !scale[a].is_nan() {
                1.0
            } else {
                (moments.covariance(a, b) / (scale[a] * scale[b])).clamp(-1.0, 1.0)
            };
            fc[[a, b]] = r;
            fc[[b, a]] = r;
        }
    }
    fc
}

/// The nodes without a correlation, whose signal is constant or not finite: NaN on the diagonal of
/// their `fc`, `[n_nodes, n_nodes]`.
pub fn constant_nodes(fc: ArrayView2<f64>) -> Vec<usize> {
    (0..fc.nrows().min(fc.ncols()))
        .filter(|&node| fc[[node, node]].is_nan())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Correlated signals of very different size and offset, deterministic.
    fn signals(n_samples: usize, n_nodes: usize) -> Array2<f64> {
        Array2::from_shape_fn((n_samples, n_nodes), |(n, node)| {
            let (t, k) = (n as f64, node as f64);
            (0.01 * t + 0.3 * k).sin() * (1.0 + k) + (0.37 * t * (1.0 + 0.1 * k)).cos() + 100.0 * k
        })
    }

    /// The definition: means first, then products of what is left.
    fn two_pass(samples: &Array2<f64>) -> Array2<f64> {
        let centred = samples - &samples.mean_axis(ndarray::Axis(0)).unwrap();
        let covariance = centred.t().dot(&centred);
        Array2::from_shape_fn(covariance.dim(), |(a, b)| {
            covariance[[a, b]] / (covariance[[a, a]] * covariance[[b, b]]).sqrt()
        })
    }

    #[test]
    fn any_number_of_nodes_and_samples_agrees_with_the_definition() {
        for (n_samples, n_nodes) in [(2, 1), (3, 5), (64, 8), (65, 7), (1000, 13)] {
            let samples = signals(n_samples, n_nodes);
            let (found, expected) = (fc(samples.view()), two_pass(&samples));
            assert!(
                found
                    .iter()
                    .zip(&expected)
                    .all(|(a, b)| (a - b).abs() < 1e-12),
                "{n_samples} samples of {n_nodes} nodes"
            );
            assert_eq!(found, found.t());
            assert!(found.diag().iter().all(|&r| r == 1.0));
        }
    }

    #[test]
    fn a_first_sample_far_off_costs_no_digits() {
        let mut samples = signals(20_000, 4);
        samples.row_mut(0).fill(-1e6);
        let (found, expected) = (fc(samples.view()), two_pass(&samples));
        let furthest = found
            .iter()
            .zip(&expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        // 1.8e-11 was seen: 20 000 roundings of f64 are 4e-12, and so many additions round more than once.
        assert!(furthest < 1e-10, "{furthest}");
    }

    #[test]
    fn equal_numbers_give_equal_bits_whatever_their_type_and_layout() {
        let samples = signals(500, 6).mapv(|x| x as f32);
        assert_eq!(fc(samples.mapv(f64::from).view()), fc(samples.view()));
        assert_eq!(
            fc(samples.t().as_standard_layout().t().view()),
            fc(samples.view())
        );
    }

    #[test]
    fn constant_nodes_have_no_correlation_and_are_listed() {
        let mut samples = signals(300, 5);
        let clean = fc(samples.view());
        samples.column_mut(2).fill(0.1);
        let found = fc(samples.view());
        assert_eq!(constant_nodes(found.view()), [2]);
        for ((a, b), r) in found.indexed_iter() {
            match a == 2 || b == 2 {
                true => assert!(r.is_nan()),
                false => assert_eq!(*r, clean[[a, b]]),
            }
        }
        let one_sample = fc(samples.slice(ndarray::s![..1, ..]));
        assert_eq!(constant_nodes(one_sample.view()), [0, 1, 2, 3, 4]);
        assert!(
            fc(Array2::<f32>::zeros((0, 2)).view())
                .iter()
                .all(|r| r.is_nan())
        );
        assert_eq!(fc(Array2::<f32>::zeros((9, 0)).view()).len(), 0);
    }

    /// A state at rest flickers by a few roundings; an oscillation may be small.
    #[test]
    fn last_bits_are_no_signal_and_a_small_signal_is_one() {
        let value = 0.7_f32;
        let bits =
            |n: usize, node: usize| f32::from_bits(value.to_bits() + ((n * (7 + node)) % 5) as u32);
        let flicker = Array2::from_shape_fn((300, 2), |(n, node)| bits(n, node));
        assert_eq!(constant_nodes(fc(flicker.view()).view()), [0, 1]);
        let wave =
            |n: usize, node: usize| value + 1e-4 * value * (0.1 * n as f32 + node as f32).sin();
        let small = Array2::from_shape_fn((300, 2), |(n, node)| wave(n, node));
        let found = fc(small.view());
        assert!((found[[0, 1]] - 1_f64.cos()).abs() < 0.05, "{found}");
    }

    #[test]
    fn a_sample_that_is_not_finite_spoils_its_own_node_only() {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut samples = signals(300, 5);
            let clean = fc(samples.view());
            samples[[170, 1]] = bad;
            let found = fc(samples.view());
            for ((a, b), &r) in found.indexed_iter() {
                assert!(
                    if a == 1 || b == 1 {
                        r.is_nan()
                    } else {
                        r == clean[[a, b]]
                    },
                    "{bad} at {a}, {b}: {r}"
                );
            }
        }
    }
}
