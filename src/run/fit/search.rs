//! The search: generations of candidates that run together, each kept when it is whole.

use std::ops::Range;

use rayon::prelude::*;

use super::engine::Engine;
use super::state::{Asked, Evaluations};
use super::{Fit, measured};
use crate::control::{Control, Progress};
use crate::error::{Error, Result};
use crate::io::folder::GrowingFolder;
use crate::measure::Measures;
use crate::run::sweep::machine::Machine;
use crate::study::Study;

/// What came of some runs, candidate by candidate, seed by seed.
pub(super) struct Rows<'a> {
    /// `[n_runs][n_features]`; NaN of those that diverged.
    pub features: Vec<Vec<f64>>,
    /// None of those that diverged.
    pub measures: Vec<Option<Measures<'a>>>,
}

impl Fit {
    /// Runs the generations that are left. All searches ask, and what they ask for runs together, once where two ask for the same.
    pub(super) fn search(
        &self,
        folder: &GrowingFolder,
        machine: &Machine,
        control: &Control,
    ) -> Result<Evaluations> {
        let s = &self.settings;
        let budget = s.runs - s.last;
        let mut kept = Evaluations::load(folder, self)?;
        let mut done = Evaluations::new(self);
        let n_free = self.ends.axes().len();
        let mut engines: Vec<Engine> = self
            .targets
            .iter()
            .map(|_| Engine::new(s, n_free, self.curves.get()))
            .collect();
        let mut best = f64::NAN;
        for number in 0.. {
            let first = done.len();
            let mut values: Vec<Vec<f64>> = Vec::new();
            let mut asked: Vec<(usize, Vec<Vec<f64>>, Vec<usize>)> = Vec::new();
            let mut first_asked = Vec::new();
            for (k, engine) in engines.iter().enumerate() {
                let points = engine.ask();
                if (engine.n_told() + points.len()) * s.replicas > budget {
                    continue;
                }
                let indices = points.iter().map(|point| {
                    let point = self.values(point);
                    let there = values.iter().position(|other| *other == point);
                    there.unwrap_or_else(|| {
                        values.push(point);
                        first_asked.push(Asked {
                            search: k,
                            restart: engine.restart().map_or(-1, i64::from),
                        });
                        values.len() - 1
                    })
                });
                let indices = indices.collect();
                asked.push((k, points, indices));
            }
            if asked.is_empty() {
                break;
            }
            let is_kept = kept.take(&values, &mut done, folder)?;
            if !is_kept {
                let rows = self.simulate(machine, &values, 0..s.replicas, control)?;
                done.push(number, &values, &rows.features);
                done.save(folder)?;
            }
            done.asked.extend(first_asked);
            for (k, points, indices) in asked {
                let of = |index: usize| done.objectives_of(self, first + index, &self.targets[k]);
                let objectives: Vec<Vec<f64>> = indices.into_iter().map(of).collect();
                best = objectives.iter().fold(best, |best, of| best.max(of[0]));
                let losses: Vec<Vec<f64>> = objectives
                    .into_iter()
                    .map(|of| of.into_iter().map(|value| -value).collect())
                    .collect();
                engines[k].tell(&points, &losses);
            }
            let progress = Progress::Generation {
                number,
                n_runs: done.len() * s.replicas,
                n_planned: s.runs * self.targets.len(),
                best: (!best.is_nan()).then_some(best),
            };
            if !is_kept && !control.goes_on(progress) {
                return Err(Error::Interrupted);
            }
        }
        done.last = engines.iter().map(Engine::distribution).collect();
        Ok(done)
    }

    /// The values of the free numbers at a point of the unit box, with 12 digits, so that what is printed is what ran.
    pub(super) fn values(&self, point: &[f64]) -> Vec<f64> {
        let axes = self.ends.axes().iter().zip(point);
        axes.map(|(axis, share)| axis.inside(*share)).collect()
    }

    /// Where values lie in the unit box.
    pub(super) fn shares(&self, values: &[f64]) -> Vec<f64> {
        let axes = self.ends.axes().iter().zip(values);
        axes.map(|(axis, value)| axis.share(*value)).collect()
    }

    /// Runs candidates with these `values`, `[n_candidates][n_free]`, each with all `seeds`, counted from the study's.
    pub(super) fn simulate(
        &self,
        machine: &Machine,
        values: &[Vec<f64>],
        seeds: Range<usize>,
        control: &Control,
    ) -> Result<Rows<'_>> {
        let sweep = self.ends.at(values)?;
        let functional = self.ends.base().connectome.functional.as_ref();
        let mut replicas: Vec<(Vec<u64>, usize, usize)> = Vec::new();
        for point in 0..values.len() {
            for seed in seeds.clone() {
                replicas.push((sweep.delay_key(point), seed, point));
            }
        }
        // Those of one seed side by side share their random numbers.
        replicas.sort();
        let batches: Vec<&[(Vec<u64>, usize, usize)]> =
            replicas.chunk_by(|a, b| a.0 == b.0).collect();
        let run = |batch: &&[(Vec<u64>, usize, usize)]| -> Result<Vec<Option<Measures>>> {
            let studies = batch
                .iter()
                .map(|(_, seed, point)| sweep.study(*point, *seed));
            let studies = studies.collect::<Result<Vec<Study>>>()?;
            measured(machine, &studies, functional, &self.scope, control)
        };
        // A device takes one batch after the other: a thread that waited for it could come upon another one here.
        let found = match machine.is_device() {
            true => batches.iter().map(run).collect::<Result<Vec<_>>>()?,
            false => batches.par_iter().map(run).collect::<Result<Vec<_>>>()?,
        };
        let n_seeds = seeds.len();
        let mut all: Vec<Option<Measures>> = Vec::new();
        all.resize_with(values.len() * n_seeds, || None);
        for (batch, measures) in batches.iter().zip(found) {
            for ((_, seed, point), measures) in batch.iter().zip(measures) {
                all[point * n_seeds + seed - seeds.start] = measures;
            }
        }
        let distances = match self.has_distance {
            true => self.distances(values, control)?,
            false => Vec::new(),
        };
        let n_features = self.feature_names().len();
        let row = |(run, measures): (usize, &Option<Measures>)| match measures {
            Some(measures) => {
                let mut row = self.features.of(measures);
                row.extend(distances.get(run / n_seeds));
                row
            }
            None => vec![f64::NAN; n_features],
        };
        Ok(Rows {
            features: all.par_iter().enumerate().map(row).collect(),
            measures: all,
        })
    }

    /// The objectives of a run with these features for some subjects, `[n_objectives]`; NaN if the run diverged.
    pub(super) fn values_of(&self, features: &[f64], subjects: &[usize]) -> Vec<f64> {
        let mut terms = self.features.values(features, subjects);
        terms.extend(&self.data);
        terms.push(match self.has_distance {
            true => *features.last().expect("the distance is the last"),
            false => f64::NAN,
        });
        let values = self.objectives.iter().map(|of| of.value(&terms));
        values
            .map(|value| if value.is_finite() { value } else { f64::NAN })
            .collect()
    }
}
