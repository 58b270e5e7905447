//! The arrays of a sweep: their names, shapes and units, and one chunk of them while it fills.

use ndarray::ArrayView3;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::io::store::{Coordinate, Kind, Numbers, Skeleton, Store, Variable};
use crate::measure;
use crate::plan::Plan;
use crate::record::Moments;
use crate::sweep::{Chunks, Sweep};

/// Marks of a replica in `status`.
pub(super) const DONE: u8 = 1;
pub(super) const DIVERGED: u8 = 2;
/// The array that is written last of a chunk.
pub(super) const STATUS: &str = "status";
pub(super) const MEAN_SCORE: &str = "mean_score";
pub(super) const SCORE: &str = "score";

/// What is kept of each replica.
pub(super) struct Results {
    n_nodes: usize,
    n_subjects: usize,
    arrays: Vec<Array>,
}

/// One array: what it holds of each replica.
struct Array {
    name: String,
    kind: Kind,
    /// Names and lengths of the dimensions after those of the points and the seed.
    inner: Vec<(String, usize)>,
    attributes: Map<String, Value>,
    content: Content,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Score,
    MeanScore,
    Mean,
    Sd,
    Min,
    Max,
    DivergedAt,
    Fc,
    /// Samples of a recorded state.
    Samples(usize),
    Status,
}

impl Results {
    /// The results of a sweep whose replicas run like `plan`.
    pub fn new(sweep: &Sweep, plan: &Plan) -> Self {
        let study = sweep.base();
        let n_nodes = plan.n_nodes;
        let n_subjects = study
            .connectome
            .functional
            .as_ref()
            .map_or(0, |all| all.len_of(ndarray::Axis(0)));
        let state = &plan.model.states[plan.recording.states[0]];
        let node = || vec![("node".to_string(), n_nodes)];
        let mut arrays = Vec::new();
        let mut add = |name: &str, kind, inner, units: &str, meaning: &str, content| {
            let attributes = object(json!({ "units": units, "long_name": meaning }));
            arrays.push(Array {
                name: name.into(),
                kind,
                inner,
                attributes,
                content,
            });
        };
        if n_subjects > 0 {
            let subjects = vec![("subject".to_string(), n_subjects)];
            let meaning = "correlation of simulated and measured functional connectivity";
            add(SCORE, Kind::Double, subjects, "1", meaning, Content::Score);
            let meaning = "mean of score over subjects";
            add(
                MEAN_SCORE,
                Kind::Double,
                Vec::new(),
                "1",
                meaning,
                Content::MeanScore,
            );
        }
        let per_node = [
            ("mean", "mean over time", Content::Mean),
            ("sd", "standard deviation over time", Content::Sd),
            ("min", "least sample", Content::Min),
            ("max", "largest sample", Content::Max),
        ];
        for (name, meaning, content) in per_node {
            let meaning = format!("{} of {}, {}", meaning, state.name, state.meaning);
            add(name, Kind::Single, node(), state.unit, &meaning, content);
        }
        let meaning = "time at which the replica was seen to have left the finite numbers";
        add(
            "diverged_at",
            Kind::Double,
            Vec::new(),
            "ms",
            meaning,
            Content::DivergedAt,
        );
        if sweep.keeps_fc() {
            let pairs = vec![
                ("node".to_string(), n_nodes),
                ("other_node".to_string(), n_nodes),
            ];
            add(
                "fc",
                Kind::Single,
                pairs,
                "1",
                "simulated functional connectivity",
                Content::Fc,
            );
        }
        for &index in sweep.kept_states() {
            let state = &plan.model.states[plan.recording.states[index]];
            let inner = vec![
                ("time".to_string(), plan.recording.n_samples),
                ("node".to_string(), n_nodes),
            ];
            add(
                state.name,
                Kind::Single,
                inner,
                state.unit,
                state.meaning,
                Content::Samples(index),
            );
        }
        arrays.push(Array {
            name: STATUS.into(),
            kind: Kind::Flag,
            inner: Vec::new(),
            attributes: object(json!({
                "long_name": "what became of the replica",
                "flag_values": [0, DONE, DIVERGED],
                "flag_meanings": "not_done done diverged",
            })),
            content: Content::Status,
        });
        Self {
            n_nodes,
            n_subjects,
            arrays,
        }
    }

    /// Whether there is measured functional connectivity to be compared with.
    pub fn are_scored(&self) -> bool {
        self.n_subjects > 0
    }

    /// The number of subjects.
    pub fn n_subjects(&self) -> usize {
        self.n_subjects
    }

    /// Bytes of one replica's results.
    pub fn bytes_per_replica(&self) -> u64 {
        self.arrays
            .iter()
            .map(|array| array.kind.bytes() * array.length() as u64)
            .sum()
    }

    /// The group that holds them all.
    pub fn skeleton(
        &self,
        sweep: &Sweep,
        chunks: &Chunks,
        plan: &Plan,
        attributes: Map<String, Value>,
    ) -> Skeleton {
        let mut dimensions: Vec<String> = if sweep.is_grid() {
            sweep.axes().iter().map(|axis| axis.path.clone()).collect()
        } else {
            vec!["point".into()]
        };
        dimensions.push("seed".into());
        let variables = self.arrays.iter().map(|array| {
            let lengths = |own: &[usize]| -> Vec<usize> {
                own.iter()
                    .copied()
                    .chain(array.inner.iter().map(|(_, n)| *n))
                    .collect()
            };
            Variable {
                name: array.name.clone(),
                kind: array.kind,
                dimensions: dimensions
                    .iter()
                    .chain(array.inner.iter().map(|(name, _)| name))
                    .cloned()
                    .collect(),
                shape: lengths(chunks.shape()),
                chunk: lengths(chunks.chunk_shape()),
                attributes: array.attributes.clone(),
            }
        });
        Skeleton {
            attributes,
            coordinates: self.coordinates(sweep, plan),
            variables: variables.collect(),
            journal: STATUS.into(),
        }
    }

    fn coordinates(&self, sweep: &Sweep, plan: &Plan) -> Vec<Coordinate> {
        let coordinate = |name: &str, dimension: &str, values, attributes| Coordinate {
            name: name.into(),
            dimension: dimension.into(),
            values,
            attributes: object(attributes),
        };
        let counted = |n: usize| Numbers::Whole((0..n as i64).collect());
        let mut all = Vec::new();
        for axis in sweep.axes() {
            let dimension = if sweep.is_grid() {
                axis.path.as_str()
            } else {
                "point"
            };
            let attributes = json!({
                "units": axis.unit,
                "long_name": axis.meaning,
                "scale": if axis.log { "log" } else { "linear" },
            });
            all.push(coordinate(
                &axis.path,
                dimension,
                Numbers::Float(axis.values.clone()),
                attributes,
            ));
        }
        let first = sweep.base().protocol.seed;
        let seeds = (0..sweep.n_seeds() as u64)
            .map(|k| (first + k) as i64)
            .collect();
        let attributes = json!({ "long_name": "seed of the replica's random numbers" });
        all.push(coordinate(
            "seed",
            "seed",
            Numbers::Whole(seeds),
            attributes,
        ));
        if self.are_scored() {
            let attributes =
                json!({ "long_name": "subject of the measured functional connectivity" });
            all.push(coordinate(
                "subject",
                "subject",
                counted(self.n_subjects),
                attributes,
            ));
        }
        let labels = &sweep.base().connectome.labels;
        let attributes = json!({ "long_name": "region" });
        all.push(coordinate(
            "node",
            "node",
            Numbers::Text(labels.clone()),
            attributes.clone(),
        ));
        if sweep.keeps_fc() {
            all.push(coordinate(
                "other_node",
                "other_node",
                Numbers::Text(labels.clone()),
                attributes,
            ));
        }
        if !sweep.kept_states().is_empty() {
            let times = (0..plan.recording.n_samples)
                .map(|k| plan.sample_time_ms(k))
                .collect();
            let attributes = json!({ "units": "ms", "long_name": "time" });
            all.push(coordinate(
                "time",
                "time",
                Numbers::Float(times),
                attributes,
            ));
        }
        all
    }
}

impl Array {
    /// Elements of one replica.
    fn length(&self) -> usize {
        self.inner.iter().map(|(_, n)| n).product()
    }
}

/// A JSON object's map.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

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
    measure::fc_of_sums(u64::from(moments.n_samples), &moments.sums, |a, b| {
        moments.products[Moments::pair(n, a, b)]
    })
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
