//! The search: generations of candidates that run together, each kept when it is whole.

use std::ops::Range;
use std::sync::Arc;

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
use crate::sweep::Sweep;

/// What came of some runs, candidate by candidate, seed by seed.
pub(super) struct Rows<'a> {
    /// `[n_runs][n_features]`; NaN of those that diverged.
    pub features: Vec<Vec<f64>>,
    /// None of those that diverged.
    pub measures: Vec<Option<Measures<'a>>>,
}

/// A candidate that runs on a connectome.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    /// The connectome, by number.
    pub brain: usize,
    /// The free numbers, `[n_free]`.
    pub values: &'a [f64],
}

/// Runs side by side on one connectome.
struct Batch {
    brain: usize,
    /// Its points are the candidates.
    sweep: Arc<Sweep>,
    replicas: Vec<Replica>,
}

/// A run of a batch.
struct Replica {
    point: usize,
    seed: usize,
    /// Which job it is of.
    job: usize,
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
        let n_free = self.ends().axes().len();
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
            let mut first_asked: Vec<Asked> = Vec::new();
            for (k, engine) in engines.iter().enumerate() {
                let points = engine.ask();
                if (engine.n_told() + points.len()) * self.runs_of_a_candidate() > budget {
                    continue;
                }
                let indices = points.iter().map(|point| {
                    let point = self.values(point);
                    let is_there = |(other, asked): (&Vec<f64>, &Asked)| {
                        *other == point && self.brains_of(asked.search) == self.brains_of(k)
                    };
                    let there = values.iter().zip(&first_asked).position(is_there);
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
                let candidates = values.iter().zip(&first_asked);
                let jobs = candidates.flat_map(|(values, asked)| {
                    let brains = self.brains_of(asked.search).iter();
                    brains.map(move |brain| Job {
                        brain: *brain,
                        values,
                    })
                });
                let jobs: Vec<Job> = jobs.collect();
                let rows = self.simulate(machine, &jobs, 0..s.replicas, control)?;
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
                n_runs: done.len() * self.runs_of_a_candidate(),
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
        let axes = self.ends().axes().iter().zip(point);
        axes.map(|(axis, share)| axis.inside(*share)).collect()
    }

    /// Where values lie in the unit box.
    pub(super) fn shares(&self, values: &[f64]) -> Vec<f64> {
        let axes = self.ends().axes().iter().zip(values);
        axes.map(|(axis, value)| axis.share(*value)).collect()
    }

    /// Runs every job with all `seeds`, counted from the study's, `[n_jobs][n_seeds]`.
    pub(super) fn simulate(
        &self,
        machine: &Machine,
        jobs: &[Job],
        seeds: Range<usize>,
        control: &Control,
    ) -> Result<Rows<'_>> {
        let batches = self.batches(jobs, &seeds)?;
        let run = |batch: &Batch| -> Result<Vec<Option<Measures>>> {
            let brain = &self.brains[batch.brain];
            let replicas = batch.replicas.iter();
            let studies = replicas.map(|one| batch.sweep.study(one.point, one.seed));
            let studies = studies.collect::<Result<Vec<Study>>>()?;
            let functional = brain.ends.base().connectome.functional.as_ref();
            measured(machine, &studies, functional, &brain.scope, control)
        };
        // A device takes one batch after the other: a thread that waited for it could come upon another one here.
        let found = match machine.is_device() {
            true => batches.iter().map(run).collect::<Result<Vec<_>>>()?,
            false => batches.par_iter().map(run).collect::<Result<Vec<_>>>()?,
        };
        let n_seeds = seeds.len();
        let mut all: Vec<Option<Measures>> = Vec::new();
        all.resize_with(jobs.len() * n_seeds, || None);
        for (batch, measures) in batches.iter().zip(found) {
            for (one, measures) in batch.replicas.iter().zip(measures) {
                all[one.job * n_seeds + one.seed - seeds.start] = measures;
            }
        }
        let distances = match self.has_distance {
            true => self.distances(jobs, control)?,
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

    /// What can run side by side: on one connectome, with the same delays.
    fn batches(&self, jobs: &[Job], seeds: &Range<usize>) -> Result<Vec<Batch>> {
        let mut batches = Vec::new();
        for (number, brain) in self.brains.iter().enumerate() {
            let own = (0..jobs.len()).filter(|&job| jobs[job].brain == number);
            let own: Vec<usize> = own.collect();
            if own.is_empty() {
                continue;
            }
            let values: Vec<Vec<f64>> = own.iter().map(|&job| jobs[job].values.to_vec()).collect();
            let sweep = Arc::new(brain.ends.at(&values)?);
            let mut replicas: Vec<(Vec<u64>, usize, usize)> = Vec::new();
            for point in 0..own.len() {
                for seed in seeds.clone() {
                    replicas.push((sweep.delay_key(point), seed, point));
                }
            }
            // Those of one seed side by side share their random numbers.
            replicas.sort();
            batches.extend(replicas.chunk_by(|a, b| a.0 == b.0).map(|batch| {
                Batch {
                    brain: number,
                    sweep: sweep.clone(),
                    replicas: batch
                        .iter()
                        .map(|&(_, seed, point)| Replica {
                            point,
                            seed,
                            job: own[point],
                        })
                        .collect(),
                }
            }));
        }
        Ok(batches)
    }
}
