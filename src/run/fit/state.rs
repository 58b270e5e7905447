//! The table of evaluations: all that is kept of a search.

use ndarray::{Array1, Array2, Array3};

use super::Fit;
use crate::error::{Error, Result};
use crate::io::folder::GrowingFolder;
use crate::io::npz::{Archive, Writer};

/// The file of the table.
pub(super) const EVALUATIONS: &str = "state/evaluations.npz";

/// A normal distribution in the unit box.
#[derive(Debug, Clone)]
pub(super) struct Distribution {
    /// `[n_free]`.
    pub mean: Vec<f64>,
    /// `[n_free, n_free]`, row by row.
    pub covariance: Vec<f64>,
    /// How much of the covariance the search has learnt, from 0 to 1.
    pub learnt: f64,
}

/// Who asked for a candidate first. A fit that goes on asks anew, so this is not kept in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The search, by its number.
    pub search: usize,
    /// The run of its strategy, from 0; -1 of a search without one.
    pub restart: i64,
}

/// Candidates in the order in which they were tried.
#[derive(Debug, Clone)]
pub(super) struct Evaluations {
    n_free: usize,
    /// Each seed on each connectome.
    n_runs: usize,
    n_features: usize,
    /// The generation of each candidate, from 0.
    pub generation: Vec<f64>,
    /// Who asked for each of them; empty of a table that was just read.
    pub asked: Vec<Asked>,
    /// `[n_candidates, n_free]`.
    values: Vec<f64>,
    /// `[n_candidates, n_runs, n_features]`; NaN of runs that diverged.
    features: Vec<f64>,
    /// Where each search would look next; none of one that has not begun.
    pub last: Vec<Option<Distribution>>,
}

impl Evaluations {
    /// None yet.
    pub fn new(fit: &Fit) -> Self {
        Self {
            n_free: fit.ends().axes().len(),
            n_runs: fit.runs_of_a_candidate(),
            n_features: fit.feature_names().len(),
            generation: Vec::new(),
            asked: Vec::new(),
            values: Vec::new(),
            features: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Candidates.
    pub fn len(&self) -> usize {
        self.generation.len()
    }

    /// The free numbers of a candidate.
    pub fn values(&self, candidate: usize) -> &[f64] {
        &self.values[candidate * self.n_free..][..self.n_free]
    }

    /// The features of one of its runs.
    pub fn features(&self, candidate: usize, run: usize) -> &[f64] {
        let run = candidate * self.n_runs + run;
        &self.features[run * self.n_features..][..self.n_features]
    }

    /// Adds candidates, `[n][n_free]`, with the features of their runs, `[n n_runs][n_features]`.
    pub fn push(&mut self, generation: u32, values: &[Vec<f64>], features: &[Vec<f64>]) {
        let n = self.len() + values.len();
        self.generation.resize(n, f64::from(generation));
        values.iter().for_each(|row| self.values.extend(row));
        features.iter().for_each(|row| self.features.extend(row));
    }

    /// The objectives of a candidate for some subjects, `[n_objectives]`: the means over its runs; NaN, all of them, if a run has not
    /// all of them.
    pub fn objectives_of(&self, fit: &Fit, candidate: usize, subjects: &[usize]) -> Vec<f64> {
        let mut means = vec![0.0; fit.objectives.len()];
        let brains = fit.brains_of(self.asked[candidate].search);
        let n_seeds = fit.settings.replicas;
        let features = |run| self.features(candidate, run);
        for values in fit.objectives_by_seed((brains, n_seeds), features, subjects) {
            means.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
        }
        means.iter_mut().for_each(|sum| *sum /= n_seeds as f64);
        match means.iter().any(|mean| mean.is_nan()) {
            true => vec![f64::NAN; means.len()],
            false => means,
        }
    }

    /// Those of every candidate, `[n_candidates][n_objectives]`.
    pub fn objectives(&self, fit: &Fit, subjects: &[usize]) -> Vec<Vec<f64>> {
        let all = 0..self.len();
        all.map(|candidate| self.objectives_of(fit, candidate, subjects))
            .collect()
    }

    /// The objectives of every candidate for those for whom it is compared with all others, `[n_candidates][n_objectives]`.
    pub fn own_objectives(&self, fit: &Fit) -> Vec<Vec<f64>> {
        let all = self.asked.iter().enumerate();
        all.map(|(candidate, asked)| {
            self.objectives_of(fit, candidate, fit.subjects_of(asked.search))
        })
        .collect()
    }

    /// Runs that diverged: all their features are NaN.
    pub fn n_diverged(&self) -> usize {
        let runs = self.features.chunks(self.n_features);
        runs.filter(|row| row.iter().all(|x| x.is_nan())).count()
    }

    /// Moves the next candidates of this table into `done`, if there are any; whether there were.
    ///
    /// # Errors
    /// [`Error::Data`] if they have other values.
    pub fn take(
        &mut self,
        values: &[Vec<f64>],
        done: &mut Self,
        folder: &GrowingFolder,
    ) -> Result<bool> {
        let first = done.len();
        if self.len() <= first {
            return Ok(false);
        }
        let n = values.len();
        let is_same = self.len() >= first + n
            && (0..n).all(|k| self.values(first + k) == values[k].as_slice());
        if !is_same {
            return Err(damaged(folder));
        }
        done.generation.extend(&self.generation[first..first + n]);
        done.values
            .extend(&self.values[first * self.n_free..(first + n) * self.n_free]);
        let length = self.n_runs * self.n_features;
        done.features
            .extend(&self.features[first * length..(first + n) * length]);
        Ok(true)
    }

    /// The table in a folder; an empty one if there is none.
    pub fn load(folder: &GrowingFolder, fit: &Fit) -> Result<Self> {
        let mut table = Self::new(fit);
        let Some(path) = folder.existing(EVALUATIONS) else {
            return Ok(table);
        };
        let mut archive = Archive::open(&path).map_err(|_| damaged(folder))?;
        let mut read = |key: &str, shape: &[usize]| -> Result<Vec<f64>> {
            let array = archive.read_f64(key).map_err(|_| damaged(folder))?;
            match array.ndim() == shape.len() + 1 && &array.shape()[1..] == shape {
                true => Ok(array.into_iter().collect()),
                false => Err(damaged(folder)),
            }
        };
        table.generation = read("generation", &[])?;
        table.values = read("values", &[table.n_free])?;
        table.features = read("features", &[table.n_runs, table.n_features])?;
        let n = table.len();
        let is_whole = table.values.len() == n * table.n_free
            && table.features.len() == n * table.n_runs * table.n_features;
        if is_whole {
            Ok(table)
        } else {
            Err(damaged(folder))
        }
    }

    /// Writes the table as a whole.
    pub fn save(&self, folder: &GrowingFolder) -> Result<()> {
        let mut writer = Writer::create(&folder.place(EVALUATIONS)?)?;
        writer.add("generation", &Array1::from(self.generation.clone()))?;
        writer.add("values", &self.all_values())?;
        writer.add("features", &self.all_features())?;
        writer.finish()
    }

    /// `[n_candidates, n_free]`.
    pub fn all_values(&self) -> Array2<f64> {
        let shape = (self.len(), self.n_free);
        Array2::from_shape_vec(shape, self.values.clone()).expect("as many as there should be")
    }

    /// `[n_candidates, n_runs, n_features]`.
    pub fn all_features(&self) -> Array3<f64> {
        let shape = (self.len(), self.n_runs, self.n_features);
        Array3::from_shape_vec(shape, self.features.clone()).expect("as many as there should be")
    }
}

fn damaged(folder: &GrowingFolder) -> Error {
    let path = folder.path().join(EVALUATIONS);
    let problem = "is damaged, or was not written by this fit";
    Error::data_hint(path, problem, "remove it, and the fit begins anew")
}
