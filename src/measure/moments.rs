//! Sums over the samples of a run: all that means, standard deviations, FC and synchrony need.
//!
//! ```text
//! y_i = x_i - shift_i        shift: the first sample
//! s_i = sum y_i              p_ij = sum y_i y_j
//! cov_ij = p_ij / n - (s_i / n) (s_j / n)
//! ```
//!
//! The shift bounds what cancels: the first sample is one of the n, so its square distance from the
//! mean is at most n times the variance. At worst, with a first sample that outweighs all others,
//! that costs n roundings (of f64: 1e-10 for 60 000 samples); ordinarily nothing.
//!
//! Sums come in two precisions, and [`Precision`] names them. [`Moments::of`] adds up kept samples
//! in 64 bits; the backends add up samples as they come in 32 bits
//! ([`MomentsStream`](crate::record::MomentsStream)). Everything after the sums is the same code.

use ndarray::{Array1, ArrayView2, Axis};

use crate::product::{BLOCK, Column, Gram};

/// Samples of which sums are taken at a time, whole blocks: copies of all of them would fill twice their memory.
const STRETCH: usize = 16 * BLOCK;

/// The largest ratio of standard deviation to mean of a constant signal: 8 roundings of a 32-bit
/// number. At rest, networks of all models flicker by one; what is meant to move moves by far more.
const CONSTANT: f64 = 8.0 * f32::EPSILON as f64;

/// The precision in which the sums of [`Moments`] were added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 64 bits, from kept samples.
    Double,
    /// 32 bits, compensated, while the run goes on.
    Single,
}

impl Precision {
    /// As manifests name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Double => "64 bits, of the kept samples",
            Self::Single => "32 bits compensated, while the run goes on",
        }
    }
}

/// The sums over the samples of one state of one simulation, without the transient.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The number of samples in the sums.
    pub n_samples: u64,
    /// The first sample, `[n_nodes]`.
    pub shift: Vec<f64>,
    /// Sums of `x - shift`, `[n_nodes]`.
    pub sums: Vec<f64>,
    /// Sums of products of `x - shift`: pairs (0, 0), (0, 1) .. (1, 1), (1, 2) ..,
    /// `[n_nodes (n_nodes + 1) / 2]`.
    pub products: Vec<f64>,
    /// The least sample of each node, `[n_nodes]`; NaN without samples.
    pub min: Vec<f64>,
    /// The largest sample of each node, `[n_nodes]`; NaN without samples.
    pub max: Vec<f64>,
}

impl Moments {
    /// The number of pairs (i, j) with i <= j.
    pub fn n_pairs(n_nodes: usize) -> usize {
        n_nodes * (n_nodes + 1) / 2
    }

    /// The index of the pair (i, j), i <= j, among the products.
    #[inline]
    pub fn pair(n_nodes: usize, i: usize, j: usize) -> usize {
        i * (2 * n_nodes + 1 - i) / 2 + (j - i)
    }

    /// Bytes of memory that the sums of so many nodes fill.
    pub fn bytes(n_nodes: usize) -> u64 {
        8 * (Self::n_pairs(n_nodes) + 5 * n_nodes) as u64
    }

    /// Bytes of memory that [`Moments::of`] fills beside its result: sums of all pairs, and a stretch of samples in 64 bits.
    pub fn bytes_to_add(n_samples: usize, n_nodes: usize) -> u64 {
        let samples = n_nodes * (n_samples.min(STRETCH) + BLOCK);
        Self::bytes_of_rows(n_nodes, 8) + 8 * samples as u64
    }

    /// Bytes of memory that a matrix of pairs fills of which nothing is written but the rows from the diagonal on, with so many bytes
    /// for a pair: half of it, in whole pages.
    pub fn bytes_of_rows(n_nodes: usize, bytes_of_pair: usize) -> u64 {
        const PAGE: usize = 4096;
        let of_row =
            |row: usize| (bytes_of_pair * (n_nodes - row) + PAGE).min(bytes_of_pair * n_nodes);
        (0..n_nodes).map(|row| of_row(row) as u64).sum()
    }

    /// A number for each pair, in the order of the products.
    pub(crate) fn of_pairs(n_nodes: usize, value: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        // Grown as they come, they would take up to twice their memory.
        let mut all = Vec::with_capacity(Self::n_pairs(n_nodes));
        for i in 0..n_nodes {
            all.extend((i..n_nodes).map(|j| value(i, j)));
        }
        all
    }

    /// Adds up `samples`, `[n_samples, n_nodes]`, in 64 bits.
    ///
    /// Equal numbers give equal bits, whatever their type and memory layout.
    pub fn of<T: Copy + Into<f64>>(samples: ArrayView2<T>) -> Self {
        let (n_samples, n_nodes) = samples.dim();
        let first = samples.outer_iter().next();
        let or = |none: f64| match first {
            Some(row) => row.iter().map(|&x| x.into()).collect(),
            None => vec![none; n_nodes],
        };
        let (shift, mut min, mut max) = (or(0.0), or(f64::NAN), or(f64::NAN));
        let mut sums = vec![0.0; n_nodes];
        let mut products = Gram::new(n_nodes);
        // Each node's samples together, a stretch at a time.
        let mut of_nodes = vec![0.0; n_nodes * n_samples.min(STRETCH)];
        for stretch in samples.axis_chunks_iter(Axis(0), STRETCH) {
            let n = stretch.nrows();
            for (k, row) in stretch.outer_iter().enumerate() {
                for (node, &x) in row.iter().enumerate() {
                    of_nodes[node * n + k] = x.into();
                }
            }
            let column = |node: usize| Column {
                values: &of_nodes[node * n..][..n],
                shift: shift[node],
                scale: 1.0,
            };
            let columns: Vec<Column> = (0..n_nodes).map(column).collect();
            products.add(&columns);
            for (node, column) in columns.iter().enumerate() {
                for &x in column.values {
                    sums[node] += x - column.shift;
                    min[node] = if x < min[node] { x } else { min[node] };
                    max[node] = if max[node] < x { x } else { max[node] };
                }
            }
        }
        Self {
            n_samples: n_samples as u64,
            products: Self::of_pairs(n_nodes, |i, j| products.sum(i, j)),
            sums,
            min,
            max,
            shift,
        }
    }

    /// The number of nodes.
    pub fn n_nodes(&self) -> usize {
        self.sums.len()
    }

    /// The number of samples as a divisor: 1 where there are none, so that 0 stays 0.
    fn n(&self) -> f64 {
        self.n_samples.max(1) as f64
    }

    /// The mean of one node.
    pub fn mean_of(&self, node: usize) -> f64 {
        self.shift[node] + self.sums[node] / self.n()
    }

    /// Covariance of two nodes, a <= b, times the number of samples.
    #[inline]
    pub(super) fn covariance(&self, a: usize, b: usize) -> f64 {
        let product = self.products[Self::pair(self.n_nodes(), a, b)];
        product - self.sums[a] * (self.sums[b] / self.n())
    }

    /// Variance of one node, times the number of samples.
    ///
    /// Rounding may leave a little less than nothing, which becomes 0. NaN stays NaN: `f64::max`
    /// would hide it.
    pub(super) fn squares(&self, node: usize) -> f64 {
        let squares = self.covariance(node, node);
        if squares < 0.0 { 0.0 } else { squares }
    }

    /// The mean of each node, `[n_nodes]`, in the state's unit; NaN without samples.
    pub fn mean(&self) -> Array1<f64> {
        let n = self.n_samples as f64;
        let mean = |(&sum, &shift): (&f64, &f64)| shift + sum / n;
        self.sums.iter().zip(&self.shift).map(mean).collect()
    }

    /// The standard deviation of each node, `[n_nodes]`, in the state's unit: of the samples
    /// themselves, so divided by their number. NaN without samples.
    pub fn sd(&self) -> Array1<f64> {
        let n = self.n_samples as f64;
        let sd = |node| {
            let product = self.products[Self::pair(self.n_nodes(), node, node)];
            let variance = (product - self.sums[node] * (self.sums[node] / n)) / n;
            if variance < 0.0 { 0.0 } else { variance.sqrt() }
        };
        (0..self.n_nodes()).map(sd).collect()
    }

    /// Whether a node does not move: see [`is_constant`]. A node without two samples does not.
    pub fn is_constant(&self, node: usize) -> bool {
        let sd = (self.squares(node) / self.n()).sqrt();
        is_constant(self.mean_of(node), sd)
    }
}

/// Whether a signal of this mean and standard deviation is constant: whether all that moves are the
/// last bits of a 32-bit number, 1e-6 of the mean.
///
/// A network at rest does not stand still: its 32-bit states flicker in their last bits, and last
/// bits correlate, with anything.
pub fn is_constant(mean: f64, sd: f64) -> bool {
    sd <= CONSTANT * mean.abs()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn pairs_are_the_rows_of_the_upper_triangle() {
        let mut next = 0;
        for i in 0..7 {
            for j in i..7 {
                assert_eq!(Moments::pair(7, i, j), next);
                next += 1;
            }
        }
        assert_eq!(Moments::n_pairs(7), next);
    }

    #[test]
    fn sums_are_those_of_the_samples() {
        for (n_samples, n_nodes) in [(1, 1), (64, 4), (193, 5), (STRETCH + 70, 2)] {
            let samples = Array2::from_shape_fn((n_samples, n_nodes), |(k, node)| {
                (0.37 * k as f64 * (1.0 + node as f64)).sin() + 10.0 * node as f64
            });
            let found = Moments::of(samples.view());
            let mean = samples.mean_axis(Axis(0)).unwrap();
            let sd = samples.std_axis(Axis(0), 0.0);
            assert_eq!(found.n_samples, n_samples as u64);
            for node in 0..n_nodes {
                // A few roundings of numbers near 40.
                assert!((found.mean()[node] - mean[node]).abs() < 1e-13);
                assert!((found.sd()[node] - sd[node]).abs() < 1e-13);
                let column = samples.column(node);
                let fold = |f: fn(f64, f64) -> f64| column.iter().copied().reduce(f).unwrap();
                assert_eq!(found.min[node], fold(f64::min));
                assert_eq!(found.max[node], fold(f64::max));
                for other in node..n_nodes {
                    let y = |node: usize| samples.column(node).mapv(|x| x - samples[[0, node]]);
                    let product = found.products[Moments::pair(n_nodes, node, other)];
                    assert!((product - y(node).dot(&y(other))).abs() < 1e-11);
                }
            }
        }
    }

    /// A stretch of samples at a time, they have the bits that all of them have together.
    #[test]
    fn stretches_do_not_show() {
        let value = |(k, node): (usize, usize)| ((k * k + 3 * node) as f64 * 0.7).sin();
        let samples = Array2::from_shape_fn((2 * STRETCH + BLOCK + 13, 3), value);
        let found = Moments::of(samples.view());
        let of_nodes: Vec<Vec<f64>> = samples.columns().into_iter().map(|x| x.to_vec()).collect();
        let column = |values| Column {
            values,
            shift: values[0],
            scale: 1.0,
        };
        let columns: Vec<Column> = of_nodes.iter().map(|values| column(values)).collect();
        let whole = Gram::of(&columns);
        for (a, b) in (0..3).flat_map(|a| (a..3).map(move |b| (a, b))) {
            let product = found.products[Moments::pair(3, a, b)];
            assert_eq!(product.to_bits(), whole.sum(a, b).to_bits(), "{a} {b}");
        }
        for (values, sum) in of_nodes.iter().zip(found.sums) {
            let shifted = values.iter().map(|x| x - values[0]);
            assert_eq!(sum.to_bits(), shifted.fold(0.0, |sum, x| sum + x).to_bits());
        }
    }

    #[test]
    fn without_samples_there_are_none() {
        let none = Moments::of(Array2::<f32>::zeros((0, 2)).view());
        assert!(none.mean()[0].is_nan() && none.sd()[1].is_nan() && none.min[0].is_nan());
    }
}
