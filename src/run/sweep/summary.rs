//! What a finished sweep found: a number for each point, and the best points.

use serde_json::{Map, Value, json};

use super::arrays::{DIVERGED, DONE, STATUS};
use super::{HalfStep, OverSeeds, StoredSweep, UndefinedReplicas, held, points};
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::control::Control;
use crate::error::Result;
use crate::figure::{self, Points};
use crate::io::store::Store;
use crate::io::study as studies;
use crate::measure::{MEASURES, Measure, Measures};
use crate::model::Observable;
use crate::output::{Drawing, Manifest, Output, Table, cell};
use crate::plan::Plan;
use crate::plot::Figure;
use crate::record::Streamed;
use crate::report::Views;
use crate::study::Study;
use crate::sweep::Sweep;

/// Points in `best.csv`.
pub(super) const TOP: usize = 20;
/// The measure by which points are ranked, and the one that is drawn where there are no scores.
pub(super) const RANKING: &str = "mean_score";
const UNSCORED: &str = "mean";

/// A number for each point, over its seeds: the mean score, or where nothing is scored, the mean over
/// nodes and time.
#[derive(Debug)]
pub struct Summary<'a> {
    pub(super) sweep: &'a Sweep,
    /// What the measures are of.
    measured: Observable,
    /// Whether the numbers are scores.
    pub scored: bool,
    /// Mean over the seeds that did not diverge, `[n_points]`; NaN if there is none, or if the score
    /// of one of them is undefined.
    pub mean: Vec<f64>,
    /// Least and largest among them.
    pub range: Vec<[f64; 2]>,
    /// Replicas that diverged.
    pub n_diverged: usize,
    /// Replicas whose scores are undefined.
    pub undefined: UndefinedReplicas<'a>,
    /// What is to be said of the states that are held, a sentence each.
    pub remarks: Vec<String>,
    /// Whether an output is held in a state that is not stable, `[n_points]`; empty where nothing is held.
    pub unstable: Vec<bool>,
    /// The best points, the best first; empty where nothing is scored.
    pub best: Vec<Best>,
    /// What a page lets one look into.
    views: Views,
}

/// One of the best points.
#[derive(Debug)]
pub struct Best {
    /// The point, by its number.
    pub point: usize,
    /// The mean score of each seed; NaN of those that diverged.
    pub scores: Vec<f64>,
    /// The mean score over seeds.
    pub score: OverSeeds,
    /// How far the score is below that of the best point: on the seeds that both have, or where points have their own, as means.
    pub below_best: OverSeeds,
    /// Seeds that diverged.
    pub n_diverged: usize,
    /// The seed with the best mean score.
    pub best_seed: usize,
    /// Means over seeds of the other measures that are a number, or one for each subject.
    pub others: Vec<(&'static Measure, Vec<f64>)>,
    /// Where nodes rest so that the mean of an output is at its target, where the sweep holds a mean.
    pub(super) rests: Option<Vec<f64>>,
    /// The same with half the step; none unless [`Summary::halve_step`] was called.
    pub half_step: Option<HalfStep>,
}

impl<'a> Summary<'a> {
    /// Reads a store that is complete.
    pub(super) fn new(of: &'a StoredSweep, store: &Store) -> Result<Self> {
        let (sweep, chunks) = (&of.sweep, &of.chunks);
        let scored = of.arrays.are_scored();
        let n_seeds = sweep.n_seeds();
        let mut values = vec![f64::NAN; sweep.n_replicas()];
        let mut n_diverged = 0;
        let mut undefined = UndefinedReplicas::new(sweep);
        let mut is_undefined = vec![false; sweep.n_points()];
        for chunk in 0..chunks.len() {
            let indices = chunks.indices(chunk);
            let status: Vec<u8> = store.read(STATUS, &indices)?;
            let numbers: Vec<f64> = if scored {
                store.read(RANKING, &indices)?
            } else {
                node_means(store, &indices, status.len())?
            };
            for replica in chunks.replicas(chunk) {
                n_diverged += usize::from(status[replica.index] == DIVERGED);
                if status[replica.index] == DONE {
                    values[replica.point * n_seeds + replica.seed] = numbers[replica.index];
                    is_undefined[replica.point] |= numbers[replica.index].is_nan();
                }
            }
            let done = chunks.replicas(chunk).map(|replica| replica.index);
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
        let seeds_of = |point: usize| &values[point * n_seeds..(point + 1) * n_seeds];
        let first = order.first().copied();
        let best = order.into_iter().map(|point| {
            let first = first.unwrap_or(point);
            let seeds = [first, point].map(seeds_of);
            let below_best = match sweep.has_own_seeds() && point != first {
                true => {
                    let [a, b] = seeds.map(|seeds| OverSeeds::of(seeds.iter().copied()));
                    OverSeeds::of_independent(&a, &b)
                }
                false => OverSeeds::of_difference(seeds[0], seeds[1]),
            };
            Best::new(of, store, point, seeds[1], below_best)
        });
        let best = best.collect::<Result<_>>()?;
        let eigenvalues = held::eigenvalues(of, store)?;
        let mut summary = Self {
            sweep,
            measured: of.plan.measured_observable(),
            scored,
            mean,
            range,
            n_diverged,
            undefined,
            remarks: held::remarks(of, store, &eigenvalues)?,
            unstable: eigenvalues.iter().map(|&value| value > 0.0).collect(),
            best,
            views: Views::default(),
        };
        summary.views = points::views(of, store, &summary)?;
        Ok(summary)
    }

    /// The table of the best points and the figures, to be written next to the store's arrays; the
    /// best point's best replica is run again for its functional connectivity.
    pub fn output(&self) -> Output<'_> {
        let name = if self.scored { "score" } else { "mean" };
        let mut axes = self.sweep.axes().iter();
        let varies = axes.any(|axis| axis.values.len() > 1);
        let of_points = varies.then(|| Drawing::new(name, || self.figure()));
        let best = self.best.first().map(|best| {
            let draw = move |control: &Control| best_fc(self.sweep, best, control);
            Drawing::simulated("best_fc", draw)
        });
        // The store has a manifest of its own.
        let mut manifest = Manifest::new("sweep", &Map::new());
        manifest.study = Some(studies::to_json(self.sweep.base()));
        Output {
            name: "sweep",
            arrays: Vec::new(),
            labels: Vec::new(),
            tables: if self.scored {
                vec![self.table()]
            } else {
                Vec::new()
            },
            figures: of_points.into_iter().chain(best).collect(),
            files: Vec::new(),
            views: self.views.clone(),
            study_words: Vec::new(),
            manifest,
        }
    }

    fn figure(&self) -> Result<Option<Figure>> {
        let points = Points {
            sweep: self.sweep,
            label: self.label_with_unit(),
            mean: &self.mean,
            range: &self.range,
            unstable: &self.unstable,
            best: self.best.first().map(|best| (best.point, best.score.mean)),
        };
        points.figure()
    }

    /// What the numbers are, with their unit.
    fn label_with_unit(&self) -> String {
        let unit = match self.unit() {
            "1" => String::new(),
            unit => format!(" ({unit})"),
        };
        self.label() + &unit
    }

    /// What the numbers are.
    pub(super) fn label(&self) -> String {
        match self.scored {
            true => "mean score".into(),
            false => format!("mean of {}", self.measured.name),
        }
    }

    /// The unit of the numbers.
    pub(super) fn unit(&self) -> &str {
        match self.scored {
            true => "1",
            false => self.measured.unit,
        }
    }

    /// The best points: what varies, how many seeds, their scores and other measures.
    fn table(&self) -> Table {
        let paths = self.sweep.axes().iter().map(|axis| axis.path.clone());
        let mut header: Vec<String> = paths.collect();
        header.extend(["n_seeds", "n_diverged", RANKING].map(String::from));
        let over_seeds = [
            "sd",
            "standard_error",
            "below_best",
            "below_best_standard_error",
        ];
        header.extend(over_seeds.map(String::from));
        for (measure, values) in self.best.first().iter().flat_map(|best| &best.others) {
            match measure.shape.is_of_measured() {
                true => {
                    let subjects = 0..values.len();
                    header.extend(subjects.map(|subject| format!("{}_{subject}", measure.name)));
                }
                false => header.push(measure.name.into()),
            }
        }
        if self.best.iter().any(|best| best.half_step.is_some()) {
            header.extend(HalfStep::COLUMNS.map(String::from));
        }
        let rows = self.best.iter().map(|best| {
            let values = self.sweep.values(best.point).into_iter();
            let mut row: Vec<String> = values.map(|value| value.to_string()).collect();
            row.extend([best.score.n_seeds, best.n_diverged].map(|n| n.to_string()));
            row.extend([best.score.mean, best.score.sd, best.score.standard_error].map(cell));
            let below = best.below_best;
            row.extend([below.mean, below.standard_error].map(cell));
            let others = best.others.iter().flat_map(|(_, values)| values);
            row.extend(others.map(|value| cell(*value)));
            row.extend(best.half_step.iter().flat_map(|half| half.cells()));
            row
        });
        Table {
            name: "best",
            rows: rows.collect(),
            header,
        }
    }

    /// The values of a point by the paths of its numbers.
    fn point_json(&self, point: usize) -> Value {
        let values = self.sweep.axes().iter().zip(self.sweep.values(point));
        let point: Map<String, Value> = values
            .map(|(axis, value)| (axis.path.clone(), json!(value)))
            .collect();
        point.into()
    }

    /// The best point as JSON; none where nothing is scored.
    pub fn best_json(&self) -> Option<Value> {
        let best = self.best.first()?;
        let runner_up = self.best.get(1).map(|second| {
            json!({
                "point": self.point_json(second.point),
                RANKING: second.score.mean,
                "below_best": second.below_best.mean,
                "below_best_standard_error": second.below_best.standard_error,
                "n_seeds_in_common": second.below_best.n_seeds,
            })
        });
        let mut json = json!({
            "point": self.point_json(best.point),
            "n_seeds": best.score.n_seeds,
            RANKING: best.score.mean,
            "sd": best.score.sd,
            "standard_error": best.score.standard_error,
            "runner_up": runner_up,
            "caution": self.caution(),
        });
        for (measure, values) in &best.others {
            json[measure.name_in_simulation()] = match measure.shape.is_of_measured() {
                true => json!(values),
                false => json!(values[0]),
            };
        }
        Some(json)
    }

    /// What a single seed does not tell of the best point; none with several, or where no number is random.
    pub fn caution(&self) -> Option<String> {
        let best = self.best.first()?;
        let study = self.sweep.study(best.point, 0).ok()?;
        let is_one = self.sweep.n_seeds() == 1 && study.depends_on_seed();
        is_one.then(|| {
            "one seed: the best point is the best of one draw of noise and start; with --seeds 8 \
             the means have standard errors"
                .into()
        })
    }

    /// The best points with half the step as JSON; none unless [`Summary::halve_step`] was called.
    pub fn half_steps_json(&self) -> Option<Value> {
        let halved = self.best.iter().filter_map(|best| {
            let half = best.half_step.as_ref()?;
            let mut json = json!(half);
            json["point"] = self.point_json(best.point);
            json[RANKING] = json!(best.score.mean);
            Some(json)
        });
        let halved: Vec<Value> = halved.collect();
        (!halved.is_empty()).then(|| halved.into())
    }
}

impl Best {
    /// A point with these mean scores of its seeds, so far below the best point.
    fn new(
        of: &StoredSweep,
        store: &Store,
        point: usize,
        seeds: &[f64],
        below_best: OverSeeds,
    ) -> Result<Self> {
        let score = OverSeeds::of(seeds.iter().copied());
        let whole = (0..seeds.len()).filter(|&seed| !seeds[seed].is_nan());
        let best_seed = whole.max_by(|&a, &b| seeds[a].total_cmp(&seeds[b]).then(b.cmp(&a)));
        let mut others = Vec::new();
        for measure in MEASURES {
            let is_listed = measure.shape.is_listed() && measure.name != RANKING;
            if is_listed && measure.applies(&of.scope) {
                others.push((measure, mean_over_seeds(of, store, measure, point, seeds)?));
            }
        }
        Ok(Self {
            point,
            n_diverged: seeds.len() - score.n_seeds,
            score,
            scores: seeds.to_vec(),
            below_best,
            best_seed: best_seed.unwrap_or(0),
            others,
            rests: held::rests(of, store, point)?,
            half_step: None,
        })
    }

    /// The study of one of its replicas as it ran.
    pub(super) fn study(&self, sweep: &Sweep, seed: usize) -> Result<Study> {
        let study = sweep.study(self.point, seed)?;
        Ok(match &self.rests {
            Some(rests) => study.resting_at(rests),
            None => study,
        })
    }
}

/// Functional connectivity of the best point's best seed, simulated again, and the measured one.
fn best_fc(sweep: &Sweep, best: &Best, control: &Control) -> Result<Option<Figure>> {
    let study = best.study(sweep, best.best_seed)?;
    let plan = Plan::new(&study)?;
    let recorder = Streamed::new(&plan);
    Cpu::new().run(&plan, &recorder, control)?;
    let Some((Some(moments), _)) = recorder.into_moments().pop() else {
        return Ok(None);
    };
    let values = sweep.axes().iter().zip(sweep.values(best.point));
    let values: Vec<String> = values.map(|(axis, value)| axis.setting(value)).collect();
    let title = format!(
        "functional connectivity at the best point, mean score {:.3}\n{}",
        best.score.mean,
        values.join(", ")
    );
    let functional = study.connectome.functional.as_ref();
    let measures = Measures::new(moments, functional)?;
    let groups = study.groups();
    let regions = figure::Regions {
        labels: &study.connectome.labels,
        groups: &groups,
    };
    figure::fc(measures.fc(), functional, regions, &title).map(Some)
}

/// Mean of a measure over the seeds of a point that have a score.
fn mean_over_seeds(
    of: &StoredSweep,
    store: &Store,
    measure: &Measure,
    point: usize,
    seeds: &[f64],
) -> Result<Vec<f64>> {
    let dimensions = measure.dimensions(&of.scope);
    let length: usize = dimensions.iter().map(|(_, n)| n).product();
    let n = seeds.iter().filter(|seed| !seed.is_nan()).count() as f64;
    let mut means = vec![0.0; length];
    for chunk in of.chunks.of_point(point) {
        let mut indices = of.chunks.indices(chunk);
        indices.resize(indices.len() + dimensions.len(), 0);
        let all: Vec<f64> = store.read(measure.name, &indices)?;
        let replicas = of.chunks.replicas(chunk);
        for replica in
            replicas.filter(|replica| replica.point == point && !seeds[replica.seed].is_nan())
        {
            for (mean, value) in means.iter_mut().zip(&all[replica.index * length..]) {
                *mean += value / n;
            }
        }
    }
    Ok(means)
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
    let all: Vec<f32> = store.read(UNSCORED, &indices)?;
    Ok(all
        .chunks(all.len() / n)
        .map(|nodes| mean(nodes.iter().map(|x| f64::from(*x))))
        .collect())
}
