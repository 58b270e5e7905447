//! The runs of the finalists on unseen seeds, and what is kept of them.

use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, s, stack};

use super::Fit;
use super::search::Rows;
use crate::error::{Error, Result};
use crate::io::folder::GrowingFolder;
use crate::io::npz::{Archive, Writer};
use crate::measure::{Measures, mean, scores};

/// The file of their runs.
pub(super) const HELD_OUT: &str = "state/held_out.npz";

/// The runs of the finalists on unseen seeds.
pub(super) struct HeldOut {
    /// `[n_finalists, n_free]`.
    pub values: Array2<f64>,
    /// `[n_finalists, n_seeds, n_features]`.
    pub features: Array3<f64>,
    /// `[n_finalists]`.
    pub between_seeds: Array1<f64>,
    /// `[n_finalists, n_nodes, n_nodes]`.
    pub fc: Array3<f64>,
}

impl Fit {
    /// What is kept of the runs of finalists with these `values`, `[n_finalists, n_free]`.
    pub(super) fn held_out(&self, values: Array2<f64>, rows: &Rows) -> HeldOut {
        let n = values.nrows();
        let n_seeds = self.settings.held_out;
        let n_runs = rows.features.len() / n;
        let n_nodes = self.ends().base().connectome.n_nodes();
        let n_features = rows.features[0].len();
        let features = rows.features.concat();
        let features = Array3::from_shape_vec((n, n_runs, n_features), features);
        let mut between_seeds = Array1::from_elem(n, f64::NAN);
        let mut fc = Array3::from_elem((n, n_nodes, n_nodes), f64::NAN);
        for (k, runs) in rows.measures.chunks(n_runs).enumerate() {
            // Of every connectome of the fit, not of those that are kept out; nothing of one on which all runs diverged.
            let of_brains = runs.chunks(n_seeds).take(self.settings.connectomes);
            let of_brains = of_brains.filter_map(|runs| {
                let runs: Vec<&Measures> = runs.iter().flatten().collect();
                if n_nodes < 2 || runs.is_empty() {
                    return None;
                }
                let views: Vec<ArrayView2<f64>> = runs.iter().map(|run| run.fc().view()).collect();
                let all = stack(Axis(0), &views).expect("matrices of one network");
                let mean = all.mean_axis(Axis(0)).expect("at least one");
                Some((between(&all), mean))
            });
            let (between, means): (Vec<f64>, Vec<Array2<f64>>) = of_brains.unzip();
            if means.is_empty() {
                continue;
            }
            between_seeds[k] = mean(&between);
            let n = means.len() as f64;
            let sum = means.into_iter().reduce(|sum, one| sum + one);
            fc.index_axis_mut(Axis(0), k)
                .assign(&(sum.expect("at least one") / n));
        }
        HeldOut {
            values,
            features: features.expect("a row for each run"),
            between_seeds,
            fc,
        }
    }
}

impl HeldOut {
    /// Those in a folder, if they are there and whole.
    pub fn load(folder: &GrowingFolder) -> Option<Self> {
        let path = folder.existing(HELD_OUT)?;
        let mut archive = Archive::open(&path).ok()?;
        let mut read = |key: &str| archive.read_f64(key).ok();
        let features: Array3<f64> = read("features")?.into_dimensionality().ok()?;
        Some(Self {
            values: read("values")?.into_dimensionality().ok()?,
            features,
            between_seeds: read("between_seeds")?.into_dimensionality().ok()?,
            fc: read("fc")?.into_dimensionality().ok()?,
        })
    }

    pub fn save(&self, folder: &GrowingFolder) -> Result<(), Error> {
        let mut writer = Writer::create(&folder.place(HELD_OUT)?)?;
        writer.add("values", &self.values)?;
        writer.add("features", &self.features)?;
        writer.add("between_seeds", &self.between_seeds)?;
        writer.add("fc", &self.fc)?;
        writer.finish()
    }
}

/// The mean correlation between the matrices, `[n, n_nodes, n_nodes]`, over all pairs; NaN of one, or where one is undefined.
pub(super) fn between(all: &Array3<f64>) -> f64 {
    let n = all.len_of(Axis(0));
    let mut found = Vec::new();
    for k in 0..n {
        let others = all.slice(s![k + 1.., .., ..]);
        if let Ok(scores) = scores(all.index_axis(Axis(0), k), others) {
            found.extend(scores);
        }
    }
    mean(&found)
}
