//! Functional connectivity: Pearson correlation between the signals of all pairs of regions.
//!
//! Sums and products are taken of `x - shift`, with the first sample as the shift, in f64, block by block in the order of time.
//! Whether the samples come one by one or as a whole, the same additions are made, so both forms give the same bits.
//!
//! The shift bounds what cancels: the first sample is one of the n, so its square distance from the mean is at most n times the
//! variance. At worst, with a first sample that outweighs all others, that costs n roundings of f64 (1e-10 for 60 000 samples);
//! ordinarily nothing.
//!
//! A network at rest does not stand still: its 32-bit states flicker in their last bits, and last bits correlate, with anything.
//! So a signal is constant where its standard deviation is a few roundings of its mean: see [`is_constant`].

use ndarray::{Array2, ArrayView2};

/// Samples that are gathered before products are taken: few enough for the cache, many enough to use it.
const BLOCK: usize = 64;
/// A signal whose standard deviation is at most this share of its mean is constant: 16 roundings of a 32-bit number. At rest, networks
/// of all models flicker by one, whatever the size of the mean; what is meant to move moves by far more.
const CONSTANT: f64 = 8.0 * f32::EPSILON as f64;
/// Nodes of one side of a tile; the tile's 4 x 4 sums stay in registers.
const TILE: usize = 4;

/// Functional connectivity: Pearson correlation between the columns of `samples`.
///
/// `samples` is `[n_samples, n_nodes]`, of `f32` or `f64`; the result is `[n_nodes, n_nodes]`, exactly symmetric, with ones on the diagonal.
/// A constant node has no correlation: its row, its column and its diagonal entry are NaN, as `numpy.corrcoef` gives, and
/// [`constant_nodes`] lists it. So has a node with a sample that is not finite.
pub fn fc<T: Copy + Into<f64>>(samples: ArrayView2<T>) -> Array2<f64> {
    let mut stream = FcStream::new(samples.ncols());
    for row in samples.outer_iter() {
        stream.push_values(row.len(), row.iter().copied());
    }
    stream.finish()
}

/// The nodes without a correlation, whose signal is constant (or not finite): NaN on the diagonal of their `fc`, `[n_nodes, n_nodes]`.
pub fn constant_nodes(fc: ArrayView2<f64>) -> Vec<usize> {
    (0..fc.nrows().min(fc.ncols()))
        .filter(|&node| fc[[node, node]].is_nan())
        .collect()
}

/// Whether a signal of this mean and standard deviation is constant: whether all that moves are the last bits of a 32-bit number,
/// 1e-6 of the mean.
pub fn is_constant(mean: f64, sd: f64) -> bool {
    sd <= CONSTANT * mean.abs()
}

/// [`fc`] of samples that come one by one and are not kept.
///
/// ```
/// use brainsweep::measure::FcStream;
///
/// let mut stream = FcStream::new(2);
/// for row in [[0.0_f32, 1.0], [1.0, 0.5], [2.0, 0.0]] {
///     stream.push(&row);
/// }
/// assert!((stream.finish()[[0, 1]] + 1.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone)]
pub struct FcStream {
    n_nodes: usize,
    /// `n_nodes` up to a whole number of tiles; the nodes past the end stay 0.
    width: usize,
    n_samples: u64,
    /// The first sample.
    shift: Vec<f64>,
    /// Sums of `x - shift`, `[width]`.
    sums: Vec<f64>,
    /// Sums of products of `x - shift`, `[width, width]`; tiles on and above the diagonal are used.
    products: Vec<f64>,
    /// Samples less the shift that are not in the sums yet, `[BLOCK, width]`.
    block: Vec<f64>,
    /// How many of the block's rows are filled.
    filled: usize,
}

impl FcStream {
    /// No samples yet, of `n_nodes` nodes.
    pub fn new(n_nodes: usize) -> Self {
        let width = n_nodes.next_multiple_of(TILE);
        Self {
            n_nodes,
            width,
            n_samples: 0,
            shift: vec![0.0; n_nodes],
            sums: vec![0.0; width],
            products: vec![0.0; width * width],
            block: vec![0.0; BLOCK * width],
            filled: 0,
        }
    }

    /// The number of samples so far.
    pub fn n_samples(&self) -> u64 {
        self.n_samples
    }

    /// Adds one sample of every node, `[n_nodes]`.
    ///
    /// # Panics
    /// If `row` is not `n_nodes` long.
    pub fn push<T: Copy + Into<f64>>(&mut self, row: &[T]) {
        self.push_values(row.len(), row.iter().copied());
    }

    fn push_values<T: Into<f64>>(&mut self, len: usize, row: impl Iterator<Item = T> + Clone) {
        assert_eq!(len, self.n_nodes, "a sample has one value per node");
        if self.n_samples == 0 {
            self.shift
                .iter_mut()
                .zip(row.clone())
                .for_each(|(shift, value)| *shift = value.into());
        }
        let slot = &mut self.block[self.filled * self.width..][..self.n_nodes];
        for ((slot, shift), value) in slot.iter_mut().zip(&self.shift).zip(row) {
            *slot = value.into() - shift;
        }
        self.n_samples += 1;
        self.filled += 1;
        if self.filled == BLOCK {
            self.add_block();
        }
    }

    /// The functional connectivity of all samples so far, as [`fc`] gives it. With fewer than two samples every node is constant.
    pub fn finish(mut self) -> Array2<f64> {
        self.add_block();
        let sums = &self.sums[..self.n_nodes];
        fc_of_sums(self.n_samples, &self.shift, sums, |a, b| {
            self.products[a * self.width + b]
        })
    }

    /// Moves the filled rows of the block into the sums.
    fn add_block(&mut self) {
        let rows = &self.block[..self.filled * self.width];
        for row in rows.chunks_exact(self.width.max(1)) {
            self.sums
                .iter_mut()
                .zip(row)
                .for_each(|(sum, value)| *sum += value);
        }
        for a in (0..self.width).step_by(TILE) {
            for b in (a..self.width).step_by(TILE) {
                add_tile(rows, self.width, a, b, &mut self.products);
            }
        }
        self.filled = 0;
    }
}

/// Functional connectivity from sums over samples: `sums` of `x - shift` per node, and `product(a, b)`, for a <= b, of their products.
/// The shift may be any, one per node; results are as those of [`fc`].
pub fn fc_of_sums<T: Copy + Into<f64>>(
    n_samples: u64,
    shift: &[T],
    sums: &[f64],
    product: impl Fn(usize, usize) -> f64,
) -> Array2<f64> {
    let n_nodes = sums.len();
    let n = n_samples.max(1) as f64;
    let covariance = |a: usize, b: usize| product(a, b) - sums[a] * (sums[b] / n);
    // The root of a node's sum of squares; NaN where there is no correlation to be had.
    let scale = |node: usize| {
        // Rounding may leave a little less than nothing. NaN stays NaN: `f64::max` would hide it.
        let squares = covariance(node, node);
        let squares = if squares < 0.0 { 0.0 } else { squares };
        let mean = shift[node].into() + sums[node] / n;
        match squares.is_finite() && !is_constant(mean, (squares / n).sqrt()) {
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
                (covariance(a, b) / (scale[a] * scale[b])).clamp(-1.0, 1.0)
            };
            fc[[a, b]] = r;
            fc[[b, a]] = r;
        }
    }
    fc
}

/// Adds the products of nodes `a..a + TILE` with nodes `b..b + TILE`.
fn add_tile(rows: &[f64], width: usize, a: usize, b: usize, products: &mut [f64]) {
    let mut tile = [[0.0; TILE]; TILE];
    for row in rows.chunks_exact(width) {
        let (left, _) = row[a..].as_chunks::<TILE>();
        let (right, _) = row[b..].as_chunks::<TILE>();
        let (left, right) = (left[0], right[0]);
        for (sums, left) in tile.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum += left * right;
            }
        }
    }
    for (offset, sums) in tile.iter().enumerate() {
        let target = &mut products[(a + offset) * width + b..][..TILE];
        target
            .iter_mut()
            .zip(sums)
            .for_each(|(product, sum)| *product += sum);
    }
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
        for (n_samples, n_nodes) in [(2, 1), (3, 5), (BLOCK, 8), (BLOCK + 1, 7), (1000, 13)] {
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
    fn streamed_and_whole_are_the_same_bits() {
        let samples = signals(500, 6).mapv(|x| x as f32);
        let mut stream = FcStream::new(6);
        samples
            .outer_iter()
            .for_each(|row| stream.push(row.as_slice().unwrap()));
        assert_eq!(stream.n_samples(), 500);
        assert_eq!(stream.finish(), fc(samples.view()));
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
