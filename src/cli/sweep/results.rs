//! The arrays of a sweep: their names, shapes and units.

use serde_json::{Map, Value, json};

use crate::io::store::{Coordinate, Kind, Numbers, Skeleton, Variable};
use crate::plan::Plan;
use crate::sweep::{Chunks, Sweep};

/// Marks of a replica in `status`.
pub(super) const DONE: u8 = 1;
pub(super) const DIVERGED: u8 = 2;
/// The array that is written last of a chunk: without it, a chunk was never finished.
pub(super) const STATUS: &str = "status";
pub(super) const MEAN_SCORE: &str = "mean_score";
pub(super) const SCORE: &str = "score";
pub(super) const DIVERGED_AT: &str = "diverged_at";
/// Files beside the arrays.
const BESIDE: &[&str] = &[
    "best.csv",
    "score.svg",
    "score.png",
    "mean.svg",
    "mean.png",
    "best_fc.svg",
    "best_fc.png",
    "runs/*.json",
];

/// What is kept of each replica.
pub(super) struct Results {
    pub(super) n_nodes: usize,
    n_subjects: usize,
    pub(super) arrays: Vec<Array>,
}

/// One array: what it holds of each replica.
pub(super) struct Array {
    pub name: String,
    pub kind: Kind,
    /// Names and lengths of the dimensions after those of the points and the seed.
    pub inner: Vec<(String, usize)>,
    attributes: Map<String, Value>,
    pub content: Content,
}

/// What an array holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
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
        let state = plan.model.observable(plan.recording.states[0]);
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
            DIVERGED_AT,
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
            let state = plan.model.observable(plan.recording.states[index]);
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
            beside: BESIDE.iter().map(|name| name.to_string()).collect(),
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
    pub fn length(&self) -> usize {
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
