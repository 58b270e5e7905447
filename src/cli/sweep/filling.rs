//! One chunk of every array while it fills.

use ndarray::ArrayView3;

use super::results::{Array, Content, DIVERGED, DONE, Results};
use crate::error::Result;
use crate::io::store::{Kind, Store};
use crate::measure;
use crate::record::Moments;
use crate::sweep::Sweep;

/// What is measured of a replica that ran to its end.
pub(super) struct Measured {
    scores: Vec<f64>,
    moments: Moments,
    fc: Option<ndarray::Array2<f64>>,
}

impl Measured {
    /// Scores a replica by its moments.
    pub fn new(sweep: &Sweep, moments: Moments) -> Result<Self> {
        let functional = sweep.base().connectome.functional.as_ref();
        let fc = (functional.is_some() || sweep.keeps_fc()).then(|| fc_of(&moments));
        let scores = match (functional, &fc) {
            (Some(functional), Some(fc)) => measure::scores(fc.view(), functional.view())?,
            _ => Vec::new(),
        };
        Ok(Self {
            scores,
            moments,
            fc,
        })
    }

    /// Mean over subjects, if there are any.
    pub fn mean_score(&self) -> Option<f64> {
        (!self.scores.is_empty()).then(|| measure::mean(&self.scores))
    }
}

/// Functional connectivity by its sums.
pub(super) fn fc_of(moments: &Moments) -> ndarray::Array2<f64> {
    let n = moments.sums.len();
    let product = |a, b| moments.products[Moments::pair(n, a, b)];
    measure::fc_of_sums(
        u64::from(moments.n_samples),
        &moments.shift,
        &moments.sums,
        product,
    )
}

/// One chunk of every array, in memory until it is whole.
pub(super) struct Filling<'a> {
    results: &'a Results,
    columns: Vec<Column>,
}

enum Column {
    Double(Vec<f64>),
    Single(Vec<f32>),
    Flag(Vec<u8>),
}

impl<'a> Filling<'a> {
    /// Room for `n` replicas, nothing in it.
    pub fn new(results: &'a Results, n: usize) -> Self {
        let column = |array: &Array| {
            let n = n * array.length();
            match array.kind {
                Kind::Double => Column::Double(vec![f64::NAN; n]),
                Kind::Single => Column::Single(vec![f32::NAN; n]),
                Kind::Flag => Column::Flag(vec![0; n]),
            }
        };
        Self {
            results,
            columns: results.arrays.iter().map(column).collect(),
        }
    }

    /// The measures of the replica at `place`.
    pub fn put(&mut self, place: usize, measured: &Measured) {
        let moments = &measured.moments;
        let (mean, sd) = (moments.mean(), moments.sd());
        for (array, column) in self.results.arrays.iter().zip(&mut self.columns) {
            let length = array.length();
            let at = place * length..(place + 1) * length;
            match (array.content, column) {
                (Content::Score, Column::Double(all)) => all[at].copy_from_slice(&measured.scores),
                (Content::MeanScore, Column::Double(all)) => {
                    all[place] = measure::mean(&measured.scores)
                }
                (Content::Mean, Column::Single(all)) => copy(&mut all[at], mean.iter()),
                (Content::Sd, Column::Single(all)) => copy(&mut all[at], sd.iter()),
                (Content::Min, Column::Single(all)) => all[at].copy_from_slice(&moments.min),
                (Content::Max, Column::Single(all)) => all[at].copy_from_slice(&moments.max),
                (Content::Fc, Column::Single(all)) => {
                    if let Some(fc) = &measured.fc {
                        copy(&mut all[at], fc.iter());
                    }
                }
                (Content::Status, Column::Flag(all)) => all[place] = DONE,
                _ => {}
            }
        }
    }

    /// The replica at `place` diverged.
    pub fn put_divergence(&mut self, place: usize, time_ms: f64) {
        for (array, column) in self.results.arrays.iter().zip(&mut self.columns) {
            match (array.content, column) {
                (Content::DivergedAt, Column::Double(all)) => all[place] = time_ms,
                (Content::Status, Column::Flag(all)) => all[place] = DIVERGED,
                _ => {}
            }
        }
    }

    /// Samples `first..` of the replica at `place`, `[n_samples, n_recorded_states, n_nodes]`.
    pub fn put_samples(&mut self, place: usize, first: usize, samples: ArrayView3<'_, f32>) {
        let n_nodes = self.results.n_nodes;
        for (array, column) in self.results.arrays.iter().zip(&mut self.columns) {
            let (Content::Samples(state), Column::Single(all)) = (array.content, column) else {
                continue;
            };
            let rows = &mut all[place * array.length() + first * n_nodes..];
            for (row, sample) in rows.chunks_mut(n_nodes).zip(samples.outer_iter()) {
                row.iter_mut()
                    .zip(sample.row(state))
                    .for_each(|(to, x)| *to = *x);
            }
        }
    }

    /// Writes the chunk at `indices` of every array, the journal last.
    pub fn write(&self, store: &Store, indices: &[usize]) -> Result<()> {
        for (array, column) in self.results.arrays.iter().zip(&self.columns) {
            let mut chunk = indices.to_vec();
            chunk.resize(indices.len() + array.inner.len(), 0);
            match column {
                Column::Double(all) => store.write(&array.name, &chunk, all)?,
                Column::Single(all) => store.write(&array.name, &chunk, all)?,
                Column::Flag(all) => store.write(&array.name, &chunk, all)?,
            }
        }
        Ok(())
    }
}

fn copy<'a>(to: &mut [f32], from: impl Iterator<Item = &'a f64>) {
    to.iter_mut().zip(from).for_each(|(to, x)| *to = *x as f32);
}
