//! Sums over the samples of a run, made while it runs: all that FC, means and variances need, whatever the run's length.
//!
//! ```text
//! y_i = x_i - shift_i                       shift: the first sample
//! s_i = sum y_i    p_ij = sum y_i y_j       over blocks of 16 samples, each sum sequential, in plain f32
//! total + carry    <-  s_i, p_ij            at the end of each block, compensated
//! ```
//!
//! The inner sums are short and the outer ones compensated, so that 32 bits keep their digits for runs of any length; every sum
//! has a fixed order, so that all backends give the same bits. What cancels is bounded as in [`crate::measure::Moments`]: by the
//! square of the first sample's distance from the mean, against the variance.

use ndarray::ArrayView1;

use crate::measure::Moments;
use crate::scalar::{Scalar, compensated};

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
    /// Samples whose sums are plain, before they go into the compensated ones.
    pub const BLOCK: usize = 16;

    /// No samples yet.
    pub fn new(n_nodes: usize) -> Self {
        Self {
            n_nodes,
            n_samples: 0,
            shift: Vec::new(),
            block: Vec::with_capacity(Self::BLOCK * n_nodes),
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
        if self.block.len() == Self::BLOCK * self.n_nodes {
            self.add_block();
        }
    }

    /// The sums over all samples so far.
    pub fn finish(mut self) -> Moments {
        if !self.block.is_empty() {
            self.add_block();
        }
        let values = |sums: Vec<Compensated>| sums.into_iter().map(Compensated::value).collect();
        let nodes = |values: Vec<f32>| values.into_iter().map(f64::from).collect();
        Moments {
            n_samples: u64::from(self.n_samples),
            shift: nodes(self.shift),
            sums: values(self.sums),
            products: values(self.products),
            min: nodes(self.min),
            max: nodes(self.max),
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
                let fold =
                    |f: fn(f32, f32) -> f32| f64::from(column.iter().copied().reduce(f).unwrap());
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
