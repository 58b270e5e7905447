//! What a finished sweep found: a number for each point, and the best points.

use serde_json::{Value, json};

use super::results::{DIVERGED, DONE, MEAN_SCORE, Results, SCORE, STATUS};
use super::undefined::Undefined;
use crate::error::{Error, Result};
use crate::io::store::Store;
use crate::sweep::{Chunks, Sweep};

/// Points in `best.csv`.
const TOP: usize = 20;

/// A number for each point, over its seeds: the mean score, or where nothing is scored, the mean over nodes and time.
pub(super) struct Summary<'a> {
    /// Whether the numbers are scores.
    pub scored: bool,
    /// Mean over the seeds that did not diverge, `[n_points]`; NaN if there is none, or if the score of one of them is undefined.
    pub mean: Vec<f64>,
    /// Least and largest among them.
    pub range: Vec<[f64; 2]>,
    /// Replicas that diverged.
    pub n_diverged: usize,
    /// What is undefined.
    pub undefined: Undefined<'a>,
    /// The best points, the best first; empty where nothing is scored.
    pub best: Vec<Best>,
    n_subjects: usize,
}

/// One of the best points.
pub(super) struct Best {
    pub point: usize,
    /// Seeds in its numbers.
    pub n_seeds: usize,
    pub n_diverged: usize,
    /// Mean score over seeds and subjects, and the seeds' standard deviation (NaN with one).
    pub mean: f64,
    pub sd: f64,
    /// The seed with the best mean score.
    pub best_seed: usize,
    /// Mean over seeds, per subject.
    pub scores: Vec<f64>,
}

impl<'a> Summary<'a> {
    /// Reads a store that is complete.
    pub fn new(
        sweep: &'a Sweep,
        chunks: &Chunks,
        results: &Results,
        store: &Store,
    ) -> Result<Self> {
        let scored = results.are_scored();
        let n_seeds = sweep.n_seeds();
        let mut values = vec![f64::NAN; sweep.n_replicas()];
        let mut n_diverged = 0;
        let mut undefined = Undefined::new(sweep);
        let mut is_undefined = vec![false; sweep.n_points()];
        for chunk in 0..chunks.len() {
            let indices = chunks.indices(chunk);
            let status: Vec<u8> = store.read(STATUS, &indices)?;
            let numbers: Vec<f64> = if scored {
                store.read(MEAN_SCORE, &indices)?
            } else {
                node_means(store, &indices, status.len())?
            };
            for cell in chunks.cells(chunk) {
                n_diverged += usize::from(status[cell.place] == DIVERGED);
                if status[cell.place] == DONE {
                    values[cell.point * n_seeds + cell.seed] = numbers[cell.place];
                    is_undefined[cell.point] |= numbers[cell.place].is_nan();
                }
            }
            let done = chunks.cells(chunk).map(|cell| cell.place);
            let done: Vec<usize> = done.filter(|&place| status[place] == DONE).collect();
            undefined.add(store, &indices, &done, scored.then_some(&numbers[..]))?;
        }
        for (point, seeds) in values.chunks_mut(n_seeds).enumerate() {
            // The other seeds' mean would not be the point's.
            if scored && is_undefined[point] {
                seeds.fill(f64::NAN);
            }
        }
        let points = || values.chunks(n_seeds);
        let mean: Vec<f64> = points().map(|seeds| mean(seeds.iter().copied())).collect();
        let range = points().map(|seeds| {
            let fold = |f: fn(f64, f64) -> f64| seeds.iter().copied().fold(f64::NAN, f);
            [fold(f64::min), fold(f64::max)]
        });
        let range = range.collect();
        let mut order: Vec<usize> = (0..mean.len())
            .filter(|&point| scored && !mean[point].is_nan())
            .collect();
        let by_mean = |a: &usize, b: &usize| mean[*b].total_cmp(&mean[*a]).then(a.cmp(b));
        order.sort_by(by_mean);
        order.truncate(TOP);
        let best = order.into_iter().map(|point| {
            let seeds = &values[point * n_seeds..(point + 1) * n_seeds];
            Best::new(point, mean[point], seeds, chunks, results, store)
        });
        let best = best.collect::<Result<_>>()?;
        Ok(Self {
            scored,
            mean,
            range,
            n_diverged,
            undefined,
            best,
            n_subjects: results.n_subjects(),
        })
    }

    /// Writes `best.csv`, if anything is scored.
    pub fn write(&self, sweep: &Sweep, store: &Store) -> Result<()> {
        if !self.scored {
            return Ok(());
        }
        let wrong =
            |error: csv::Error| Error::data(store.path().join("best.csv"), error.to_string());
        let mut table = csv::Writer::from_writer(Vec::new());
        let paths = sweep.axes().iter().map(|axis| axis.path.clone());
        let numbers = ["n_seeds", "n_diverged", "mean_score", "sd"].map(String::from);
        let subjects = (0..self.n_subjects).map(|subject| format!("score_{subject}"));
        table
            .write_record(paths.chain(numbers).chain(subjects))
            .map_err(wrong)?;
        for best in &self.best {
            let values = sweep
                .values(best.point)
                .into_iter()
                .map(|value| value.to_string());
            let counts = [best.n_seeds.to_string(), best.n_diverged.to_string()];
            let numbers = [best.mean, best.sd]
                .into_iter()
                .chain(best.scores.iter().copied());
            let numbers = numbers.map(|number| {
                if number.is_nan() {
                    String::new()
                } else {
                    number.to_string()
                }
            });
            table
                .write_record(values.chain(counts).chain(numbers))
                .map_err(wrong)?;
        }
        let bytes = table
            .into_inner()
            .map_err(|error| wrong(error.into_error().into()))?;
        store.write_file("best.csv", &bytes)
    }

    pub fn best_json(&self, sweep: &Sweep) -> Option<Value> {
        let best = self.best.first()?;
        let values = sweep.axes().iter().zip(sweep.values(best.point));
        let point: serde_json::Map<String, Value> = values
            .map(|(axis, value)| (axis.path.clone(), json!(value)))
            .collect();
        Some(json!({
            "point": point,
            "n_seeds": best.n_seeds,
            "mean_score": best.mean,
            "sd": (!best.sd.is_nan()).then_some(best.sd),
            "scores": best.scores,
        }))
    }

    pub fn to_text(&self, sweep: &Sweep) -> String {
        let mut text = String::new();
        if let Some(best) = self.best.first() {
            let spread = if best.sd.is_nan() {
                String::new()
            } else {
                format!(" +- {:.3}", best.sd)
            };
            text += &format!("\nbest mean score {:.3}{spread} at\n", best.mean);
            for (axis, value) in sweep.axes().iter().zip(sweep.values(best.point)) {
                text += &format!("  {}\n", axis.setting(value));
            }
            let numbers: Vec<String> = best
                .scores
                .iter()
                .map(|score| format!("{score:.2}"))
                .collect();
            text += &format!("  per subject {}\n", numbers.join("  "));
        } else if self.scored {
            text += "\nno point has a score\n";
        }
        if self.n_diverged > 0 {
            text += &format!(
                "\n{} of {} replicas diverged: they are marked in `status` and left out of all means\n",
                self.n_diverged,
                sweep.n_replicas()
            );
        }
        if let Some(first) = self.undefined.sentences().first() {
            text += &format!("\n{first}\n");
        }
        text
    }
}

impl Best {
    fn new(
        point: usize,
        mean_score: f64,
        seeds: &[f64],
        chunks: &Chunks,
        results: &Results,
        store: &Store,
    ) -> Result<Self> {
        let whole: Vec<usize> = (0..seeds.len())
            .filter(|&seed| !seeds[seed].is_nan())
            .collect();
        let n = whole.len() as f64;
        let squares: f64 = whole
            .iter()
            .map(|&seed| (seeds[seed] - mean_score).powi(2))
            .sum();
        let best_seed = whole
            .iter()
            .copied()
            .max_by(|&a, &b| seeds[a].total_cmp(&seeds[b]).then(b.cmp(&a)));
        let n_subjects = results.n_subjects();
        let mut scores = vec![0.0; n_subjects];
        for chunk in chunks.of_point(point) {
            let mut indices = chunks.indices(chunk);
            indices.push(0);
            let all: Vec<f64> = store.read(SCORE, &indices)?;
            for cell in chunks
                .cells(chunk)
                .filter(|cell| cell.point == point && !seeds[cell.seed].is_nan())
            {
                for (sum, score) in scores.iter_mut().zip(&all[cell.place * n_subjects..]) {
                    *sum += score / n;
                }
            }
        }
        Ok(Self {
            point,
            n_seeds: whole.len(),
            n_diverged: seeds.len() - whole.len(),
            mean: mean_score,
            sd: (squares / (n - 1.0)).sqrt(),
            best_seed: best_seed.unwrap_or(0),
            scores,
        })
    }
}

/// Mean of the numbers that are numbers; NaN if there are none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values
        .filter(|value| !value.is_nan())
        .fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / n
}

/// Mean over time and nodes of each of a chunk's replicas.
fn node_means(store: &Store, indices: &[usize], n: usize) -> Result<Vec<f64>> {
    let mut indices = indices.to_vec();
    indices.push(0);
    let all: Vec<f32> = store.read("mean", &indices)?;
    Ok(all
        .chunks(all.len() / n)
        .map(|nodes| mean(nodes.iter().map(|x| f64::from(*x))))
        .collect())
}
