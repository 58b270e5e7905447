//! FC within windows that overlap: from one window to the next only the samples that come and go are
//! counted.
//!
//! ```text
//! z_i = x_i - (mean of x_i over the series)       p_ij = sum of z_i z_j over the window
//! cov_ij = p_ij - s_i s_j / n                     s_i  = sum of z_i over the window
//! ```
//!
//! What has left a window leaves its rounding behind in `p_ij`. So the sums are made anew after
//! [`AS_LONG`] windows, and wherever a node moves so little within a window that the rounding would
//! show: see [`LOST`].

use std::ops::Range;

use ndarray::{ArrayView1, ArrayView2, Axis, s};

use super::fc;
use super::moments::is_constant;
use super::score::below;
use crate::product::wide;

/// So many windows may follow one from the other before their sums are made anew.
const AS_LONG: usize = 64;
/// The least share of the largest sum of squares so far that a node's squares within a window may
/// be: below it, four of sixteen digits would be gone.
const LOST: f64 = 1e-4;
/// Numbers that the widest registers hold.
const VECTOR: usize = 8;

/// Calls `take` for each of `windows` with the FC of the pairs below the diagonal, row by row,
/// `[n_pairs]`. `samples` is `[n_samples, n_nodes]`. Pairs with a node that is constant within the
/// window are NaN, as those of [`fc`].
pub(super) fn windowed_fc(
    samples: ArrayView2<f64>,
    windows: &[Range<usize>],
    mut take: impl FnMut(&[f64]),
) {
    let anew = |window: &Range<usize>| below(fc(samples.slice(s![window.clone(), ..])).view());
    let Some(mean) = samples.mean_axis(Axis(0)) else {
        return;
    };
    // A sum never gets rid of a sample that is not finite.
    if !samples.iter().all(|x| x.is_finite()) || !mean.iter().all(|x| x.is_finite()) {
        windows.iter().for_each(|window| take(&anew(window)));
        return;
    }
    let offsets = mean.to_vec();
    let centred = |row: ArrayView1<f64>| {
        let mut row: Vec<f64> = row.iter().zip(&offsets).map(|(x, mean)| x - mean).collect();
        row.resize(offsets.len().next_multiple_of(VECTOR), 0.0);
        row
    };
    let rows: Vec<Vec<f64>> = samples.outer_iter().map(centred).collect();
    let mut sums = Products::new(&rows, offsets.len());
    let mut pairs = vec![0.0; offsets.len() * offsets.len().saturating_sub(1) / 2];
    for window in windows {
        sums.move_to(window);
        match sums.scales(&offsets) {
            Some(scales) => {
                let n = window.len() as f64;
                correlations(&sums.below, &sums.sums, n, &scales, &mut pairs);
                take(&pairs);
            }
            None => take(&anew(window)),
        }
    }
}

/// The sums over the samples of one window.
struct Products<'a> {
    /// Samples less their means over the series, `[n_samples][n_nodes]`, and 0 up to a whole number of vectors.
    rows: &'a [Vec<f64>],
    window: Range<usize>,
    /// How many windows the sums have come along.
    age: usize,
    /// Products of two nodes, below the diagonal, row by row, each up to a whole number of vectors.
    below: Vec<f64>,
    /// The largest sum of squares of each node since the sums were made anew, `[n_nodes]`.
    largest: Vec<f64>,
    /// Sums and squares of each node, of this window's samples alone, `[n_nodes]`.
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl<'a> Products<'a> {
    fn new(rows: &'a [Vec<f64>], n_nodes: usize) -> Self {
        Self {
            rows,
            window: 0..0,
            age: 0,
            below: vec![0.0; (0..n_nodes).map(|node| node.next_multiple_of(VECTOR)).sum()],
            largest: vec![0.0; n_nodes],
            sums: vec![0.0; n_nodes],
            squares: vec![0.0; n_nodes],
        }
    }

    /// Goes on to a window that begins and ends no earlier than the one before.
    fn move_to(&mut self, window: &Range<usize>) {
        let n_nodes = self.sums.len();
        let stays = self.window.end.saturating_sub(window.start);
        if self.age == AS_LONG || stays < window.len() / 2 {
            self.below.fill(0.0);
            self.largest.fill(0.0);
            self.age = 0;
            add_products(&self.rows[window.clone()], n_nodes, 1.0, &mut self.below);
        } else {
            self.age += 1;
            let (left, came) = (self.window.start..window.start, self.window.end..window.end);
            add_products(&self.rows[left], n_nodes, -1.0, &mut self.below);
            add_products(&self.rows[came], n_nodes, 1.0, &mut self.below);
        }
        self.window = window.clone();
        self.sums.fill(0.0);
        self.squares.fill(0.0);
        add_samples(
            &self.rows[window.clone()],
            &mut self.sums,
            &mut self.squares,
        );
        for node in 0..self.largest.len() {
            self.largest[node] = self.largest[node].max(self.squares[node]);
        }
    }

    /// One over the root of each node's sum of squares about its mean within the window, NaN where
    /// the node is constant; nothing where the sums no longer have the digits for it.
    fn scales(&self, offsets: &[f64]) -> Option<Vec<f64>> {
        let n = self.window.len() as f64;
        let mut scales = Vec::with_capacity(offsets.len());
        for (node, &offset) in offsets.iter().enumerate() {
            let mean = self.sums[node] / n;
            let squares: f64 = self.squares[node] - self.sums[node] * mean;
            if squares <= LOST * self.largest[node] {
                return None;
            }
            let is_still = is_constant(offset + mean, (squares / n).sqrt());
            scales.push(match is_still {
                true => f64::NAN,
                false => 1.0 / squares.sqrt(),
            });
        }
        Some(scales)
    }
}

wide! {
    /// Adds each node's samples, and their squares.
    fn add_samples(rows: &[Vec<f64>], sums: &mut [f64], squares: &mut [f64]) {
        for row in rows {
            let n = sums.len();
            let (row, squares) = (&row[..n], &mut squares[..n]);
            for node in 0..n {
                sums[node] += row[node];
                squares[node] += row[node] * row[node];
            }
        }
    }
}

wide! {
    /// Adds the products of the nodes below the diagonal in each of `rows`, times `sign`.
    fn add_products(rows: &[Vec<f64>], n_nodes: usize, sign: f64, below: &mut [f64]) {
        let (fours, rest) = rows.as_chunks::<4>();
        let mut first = 0;
        for node in 0..n_nodes {
            let width = node.next_multiple_of(VECTOR);
            let target = &mut below[first..][..width];
            first += width;
            // Four samples at a time: each sum is loaded and stored once for all of them.
            for [a, b, c, d] in fours {
                let scale = [sign * a[node], sign * b[node], sign * c[node], sign * d[node]];
                let (a, b, c, d) = (&a[..width], &b[..width], &c[..width], &d[..width]);
                for k in 0..width {
                    target[k] +=
                        scale[0] * a[k] + scale[1] * b[k] + (scale[2] * c[k] + scale[3] * d[k]);
                }
            }
            for row in rest {
                let (scale, row) = (sign * row[node], &row[..width]);
                for k in 0..width {
                    target[k] += scale * row[k];
                }
            }
        }
    }
}

wide! {
    /// The correlations below the diagonal, row by row, from sums of products and of nodes over a window of `n` samples.
    fn correlations(below: &[f64], sums: &[f64], n: f64, scales: &[f64], pairs: &mut [f64]) {
        let mut first = 0;
        for node in 0..scales.len() {
            let (mean, scale) = (sums[node] / n, scales[node]);
            let products = &below[first..][..node];
            let pairs = &mut pairs[node * node.saturating_sub(1) / 2..][..node];
            let (sums, scales) = (&sums[..node], &scales[..node]);
            first += node.next_multiple_of(VECTOR);
            for k in 0..node {
                let r = (products[k] - mean * sums[k]) * (scale * scales[k]);
                pairs[k] = r.clamp(-1.0, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// Against the FC of each window alone: what comes and goes, in steps that divide the window or not, a node that is nearly or
    /// exactly still for a while, a large offset, a drift, a sample that is not a number.
    #[test]
    fn each_window_has_the_fc_of_its_own_samples() {
        let signal = |t: f64, k: f64| (0.3 * t + k * k).sin() + (0.011 * t * k).cos() + 0.01 * t;
        let clean =
            Array2::from_shape_fn((700, 6), |(t, node)| signal(t as f64, node as f64) + 50.0);
        let mut quiet = clean.clone();
        quiet
            .slice_mut(s![200..330, 2])
            .mapv_inplace(|x| 52.0 + 1e-4 * (x - 52.0));
        quiet.slice_mut(s![400..520, 4]).fill(3.0);
        let mut damaged = clean.clone();
        damaged[[330, 1]] = f64::NAN;
        for (samples, n_still) in [(&clean, 0), (&quiet, 1), (&damaged, 1)] {
            for (length, step) in [(50, 1), (83, 4), (60, 7), (40, 30), (30, 45)] {
                let n_windows = (700 - length) / step + 1;
                let windows: Vec<_> = (0..n_windows)
                    .map(|k| k * step..k * step + length)
                    .collect();
                let (mut window, mut n_nan) = (windows.iter(), 0);
                windowed_fc(samples.view(), &windows, |pairs| {
                    let range = window.next().expect("as many windows").clone();
                    let alone = below(fc(samples.slice(s![range.clone(), ..])).view());
                    assert_eq!(alone.len(), pairs.len());
                    for (a, b) in alone.iter().zip(pairs) {
                        assert_eq!(a.is_nan(), b.is_nan(), "{range:?}");
                        assert!(a.is_nan() || (a - b).abs() < 1e-11, "{a} {b} {range:?}");
                    }
                    n_nan += usize::from(pairs.iter().any(|r| r.is_nan()));
                });
                assert!(window.next().is_none());
                assert_eq!(n_nan > 0, n_still > 0, "{length} {step}");
            }
        }
    }
}
