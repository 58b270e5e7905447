//! Sums over the samples of a run, made while it runs: all that FC, means and variances need, whatever the run's length.
//!
//! ```text
//! y_i = x_i - shift_i                       shift: the first sample
//! s_i = sum y_i    p_ij = sum y_i y_j       over blocks of 16 samples, each sum sequential, in plain f32
//! total + carry    <-  s_i, p_ij            at the end of each block, compensated
//! ```
//!
//! The inner sums are short and the outer ones compensated, so that 32 bits keep their digits for runs of any length; every sum
//! has a fixed order, so that all backends give the same bits. What cancels is bounded as in [`crate::measure::fc`]: by the square
//! of the first sample's distance from the mean, against the variance.

use ndarray::{Array1, ArrayView1};

use crate::scalar::{Scalar, compensated};

/// The sums over the samples of one simulation's first recorded state, those of the transient left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The number of samples in the sums.
    pub n_samples: u32,
    /// The first of them, `[n_nodes]`.
    pub shift: Vec<f32>,
    /// Sums of `x - shift`, `[n_nodes]`.
    pub sums: Vec<f64>,
    /// Sums of products of `x - shift`: pairs (0, 0), (0, 1) .. (1, 1), (1, 2) .., `[n_nodes (n_nodes + 1) / 2]`.
    pub products: Vec<f64>,
    /// The least sample of each node.
    pub min: Vec<f32>,
    /// The largest sample of each node.
    pub max: Vec<f32>,
}

impl Moments {
    /// Samples whose sums are plain, before they go into the compensated ones.
    pub const BLOCK: usize = 16;

    /// The number of pairs (i, j) with i <= j.
    pub fn n_pairs(n_nodes: usize) -> usize {
        n_nodes * (n_nodes + 1) / 2
    }

    /// Where the pair (i, j), i <= j, is among the products.
    pub fn pair(n_nodes: usize, i: usize, j: usize) -> usize {
        i * (2 * n_nodes + 1 - i) / 2 + (j - i)
    }

    /// The mean of each node, `[n_nodes]`, in the state's unit.
    pub fn mean(&self) -> Array1<f64> {
        let n = f64::from(self.n_samples);
        let mean = |(&sum, &shift): (&f64, &f32)| f64::from(shift) + sum / n;
        self.sums.iter().zip(&self.shift).map(mean).collect()
    }

    /// The standard deviation of each node, `[n_nodes]`, in the state's unit; of the samples themselves, so divided by their number.
    pub fn sd(&self) -> Array1<f64> {
        let n = f64::from(self.n_samples);
        let n_nodes = self.sums.len();
        let sd = |(i, sum): (usize, &f64)| {
            let variance = (self.products[Self::pair(n_nodes, i, i)] - sum * (sum / n)) / n;
            // Rounding may leave a little less than nothing; what is not a number stays so.
            if variance < 0.0 { 0.0 } else { variance.sqrt() }
        };
        self.sums.iter().enumerate().map(sd).collect()
    }
}

/// [`Moments`] of samples that come one by one: the plain statement of what the backends compute.
#[derive(Debug, Clone)]
pub struct MomentsStream {
    n_nodes: usize,
    n_samples: u32,
    shift: Vec<f32>,
    /// Samples less the shift of the block begun, `[sample][node]`.
    block: Vec<f32>,
    sums: Vec<Compensated>,
    products: Vec<Compensated>,
    min: Vec<f32>,
    max: Vec<f32>,
}

/// A sum, and what rounding cut off.
#[derive(Debug, Clone, Copy, Default)]
struct Compensated {
    total: f32,
    carry: f32,
}

impl Compensated {
    fn add(&mut self, x: f32) {
        (self.total, self.carry) = compensated(self.total, self.carry, x);
    }

    fn value(self) -> f64 {
        f64::from(self.total) + f64::from(self.carry)
    }
}

impl MomentsStream {
    /// No samples yet.
    pub fn new(n_nodes: usize) -> Self {
        Self {
            n_nodes,
            n_samples: 0,
            shift: Vec::new(),
            block: Vec::with_capacity(Moments::BLOCK * n_nodes),
            sums: vec![Compensated::default(); n_nodes],
            products: vec![Compensated::default(); Moments::n_pairs(n_nodes)],
            min: Vec::new(),
            max: Vec::new(),
        }
    }

    /// Adds one sample of every node, `[n_nodes]`.
    pub fn push(&mut self, sample: ArrayView1<'_, f32>) {
        if self.n_samples == 0 {
            self.shift = sample.to_vec();
            self.min = sample.to_vec();
            self.max = sample.to_vec();
        }
        self.n_samples += 1;
        for (node, &x) in sample.iter().enumerate() {
            self.block.push(x - self.shift[node]);
            let (min, max) = (self.min[node], self.max[node]);
            self.min[node] = Scalar::select(x.less(min), x, min);
            self.max[node] = Scalar::select(max.less(x), x, max);
        }
        if self.block.len() == Moments::BLOCK * self.n_nodes {
            self.add_block();
        }
    }

    /// The sums over all samples so far.
    pub fn finish(mut self) -> Moments {
        if !self.block.is_empty() {
            self.add_block();
        }
        let values = |sums: Vec<Compensated>| sums.into_iter().map(Compensated::value).collect();
        Moments {
            n_samples: self.n_samples,
            shift: self.shift,
            sums: values(self.sums),
            products: values(self.products),
            min: self.min,
            max: self.max,
        }
    }

    fn add_block(&mut self) {
        let block = || self.block.chunks(self.n_nodes);
        let mut pair = 0;
        for i in 0..self.n_nodes {
            self.sums[i].add(block().fold(0.0, |sum, y| sum + y[i]));
            for j in i..self.n_nodes {
                self.products[pair].add(block().fold(0.0, |sum, y| sum + y[i] * y[j]));
                pair += 1;
            }
        }
        self.block.clear();
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis};

    use super::*;

    /// Signals with an offset and a first sample away from the mean, as after a short transient.
    fn samples(n_samples: usize, n_nodes: usize) -> Array2<f32> {
        Array2::from_shape_fn((n_samples, n_nodes), |(n, node)| {
            let (t, k) = (n as f32, node as f32);
            (0.37 * t * (1.0 + 0.1 * k)).cos() + 0.3 * (0.05 * t + k).sin() + 0.5 * k
        })
    }

    fn moments(samples: &Array2<f32>) -> Moments {
        let mut stream = MomentsStream::new(samples.ncols());
        samples.outer_iter().for_each(|row| stream.push(row));
        stream.finish()
    }

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

    /// Also with a last block that is not whole.
    #[test]
    fn means_deviations_and_extrema_are_those_of_the_samples() {
        for n_samples in [1, 15, 16, 1000] {
            let samples = samples(n_samples, 5);
            let found = moments(&samples);
            let exact = samples.mapv(f64::from);
            let mean = exact.mean_axis(Axis(0)).unwrap();
            let sd = exact.std_axis(Axis(0), 0.0);
            for node in 0..5 {
                let (off, wide) = (found.mean()[node] - mean[node], found.sd()[node] - sd[node]);
                // A few roundings of numbers near 4.
                assert!(
                    off.abs() < 5e-7 && wide.abs() < 5e-7,
                    "{n_samples}: {off} {wide}"
                );
                let column = samples.column(node);
                let fold = |f: fn(f32, f32) -> f32| column.iter().copied().reduce(f).unwrap();
                assert_eq!(found.min[node], fold(f32::min));
                assert_eq!(found.max[node], fold(f32::max));
            }
        }
    }

    /// Sums of a million samples in plain f32 would be wrong in the third digit.
    #[test]
    fn long_runs_keep_their_digits() {
        let mut stream = MomentsStream::new(1);
        let mut exact = 0.0;
        for n in 0..1_000_000_u32 {
            let x = 0.1 + (n % 7) as f32;
            stream.push(ndarray::aview1(&[x]));
            exact += f64::from(x - 0.1_f32).powi(2);
        }
        let found = stream.finish().products[0];
        assert!((found / exact - 1.0).abs() < 1e-8, "{found} {exact}");
    }
}
