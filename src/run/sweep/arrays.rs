//! The arrays of a sweep: their names, shapes and units.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::fit::Features;
use crate::io::store::{Coordinate, Kind, Numbers, Skeleton, Variable};
use crate::measure::{Kept, MEASURES, Measure, Scope};
use crate::output::object;
use crate::plan::Plan;
use crate::sweep::{Axis, Chunks, FEATURES, Sweep};

/// Marks of a replica in `status`.
pub(super) const DONE: u8 = 1;
pub(super) const DIVERGED: u8 = 2;
/// The array that is written last of a chunk: without it, a chunk was never finished.
pub(super) const STATUS: &str = "status";
pub(super) const DIVERGED_AT: &str = "diverged_at";
/// The parameter that holds an output at its target, and how stable that is.
const HOLD: &str = "hold";
pub(super) const HOLD_EIGENVALUE: &str = "hold_eigenvalue";
/// Files next to the arrays.
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

/// The arrays of a sweep's store.
#[derive(Debug)]
pub(super) struct Arrays {
    pub n_nodes: usize,
    pub scope: Arc<Scope>,
    pub features: Features,
    /// The array that is written last of a chunk comes last.
    pub all: Vec<Array>,
}

/// One array: what it holds of each replica.
#[derive(Debug)]
pub(super) struct Array {
    pub name: String,
    pub kind: Kind,
    /// Names and lengths of the dimensions after those of the points and the seed.
    pub inner: Vec<(String, usize)>,
    attributes: Map<String, Value>,
    pub content: Content,
}

/// What an array holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// A measure of the first recorded state, or of the measured monitor.
    Measure(&'static Measure),
    /// When the replica diverged.
    DivergedAt,
    /// Samples of a recorded state, by its number among them.
    Samples(usize),
    /// The parameter of each node that holds an output at its target.
    Hold,
    /// The largest eigenvalue of the state at rest.
    HoldEigenvalue,
    /// Samples of a monitor, by its number.
    Observed(usize),
    /// All numbers that a fit may speak of.
    Features,
    /// What became of the replica.
    Status,
}

impl Arrays {
    /// The arrays of a sweep whose replicas run like `plan`.
    ///
    /// # Errors
    /// [`Error::Study`] if a state that is kept is called like a measure.
    pub fn new(sweep: &Sweep, plan: &Plan, scope: &Arc<Scope>) -> Result<Self> {
        let n_nodes = plan.n_nodes;
        let state = plan.measured_observable();
        let mut all: Vec<Array> = Vec::new();
        for measure in MEASURES {
            let kind = match measure.shape.kept() {
                Kept::Double => Kind::Double,
                Kept::Single => Kind::Single,
                Kept::OnRequest if sweep.kept_measures().contains(&measure.name) => Kind::Single,
                Kept::OnRequest => continue,
            };
            if !measure.applies(scope) {
                continue;
            }
            let (units, meaning) = measure.described(state.unit, state.name, state.meaning);
            all.push(Array {
                name: measure.name.into(),
                kind,
                inner: measure.dimensions(scope),
                attributes: object(&json!({ "units": units, "long_name": meaning })),
                content: Content::Measure(measure),
            });
        }
        let features = Features::new(scope);
        if sweep.keeps_features() {
            let attributes = json!({
                "units": "1",
                "long_name": "numbers of a replica, one for each feature, in the unit of its measure",
                "prior": prior(sweep),
            });
            all.push(Array {
                name: FEATURES.into(),
                kind: Kind::Double,
                inner: vec![("feature".to_string(), features.names().len())],
                attributes: object(&attributes),
                content: Content::Features,
            });
        }
        all.push(Array {
            name: DIVERGED_AT.into(),
            kind: Kind::Double,
            inner: Vec::new(),
            attributes: object(&json!({
                "units": "ms",
                "long_name": "time at which the replica was seen to have left the finite numbers",
            })),
            content: Content::DivergedAt,
        });
        if let Some(hold) = &sweep.base().hold {
            let (by, what) = (&hold.by, plan.model.observable(hold.observable).name);
            let unit = sweep.base().number(by)?.0.about(sweep.base()).0;
            let values = json!({ "units": unit, "long_name": format!("{by} that holds {what} at its target") });
            all.push(Array {
                name: HOLD.into(),
                kind: Kind::Double,
                inner: vec![("node".to_string(), n_nodes)],
                attributes: object(&values),
                content: Content::Hold,
            });
            all.push(Array {
                name: HOLD_EIGENVALUE.into(),
                kind: Kind::Double,
                inner: Vec::new(),
                attributes: object(&json!({
                    "units": "1/ms",
                    "long_name": "largest real part among the eigenvalues at rest, delays left out; the held state is stable below 0",
                })),
                content: Content::HoldEigenvalue,
            });
        }
        for &index in sweep.kept_states() {
            let state = plan.model.observable(plan.recording.states[index]);
            let units = json!({ "units": state.unit, "long_name": state.meaning });
            all.push(Array {
                name: state.name.into(),
                kind: Kind::Single,
                inner: vec![
                    ("time".to_string(), plan.recording.n_samples),
                    ("node".to_string(), n_nodes),
                ],
                attributes: object(&units),
                content: Content::Samples(index),
            });
        }
        for &index in sweep.kept_monitors() {
            let one = &plan.monitors[index];
            let shown = one.shown();
            all.push(Array {
                name: one.array.clone(),
                kind: Kind::Single,
                inner: vec![
                    (time_of(&one.array), one.n_samples),
                    ("node".to_string(), n_nodes),
                ],
                attributes: object(&json!({ "units": shown.unit, "long_name": shown.meaning })),
                content: Content::Observed(index),
            });
        }
        all.push(Array {
            name: STATUS.into(),
            kind: Kind::Flag,
            inner: Vec::new(),
            attributes: object(&json!({
                "long_name": "what became of the replica",
                "flag_values": [0, DONE, DIVERGED],
                "flag_meanings": "not_done done diverged",
            })),
            content: Content::Status,
        });
        let mut names = BTreeSet::new();
        match all.iter().find(|array| !names.insert(&array.name)) {
            None => Ok(Self {
                n_nodes,
                scope: scope.clone(),
                features,
                all,
            }),
            Some(twice) => {
                let why = "the store holds another array of that name";
                let hint = "rename the state in the model's text";
                Err(Error::unusable(&twice.name, "kept", why, Some(hint)))
            }
        }
    }

    /// Whether there is measured functional connectivity to be compared with.
    pub fn are_scored(&self) -> bool {
        self.scope.n_subjects > 0
    }

    /// Bytes of one replica's results.
    pub fn bytes_per_replica(&self) -> u64 {
        self.all
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
        let variables = self.all.iter().map(|array| {
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
            attributes: object(&attributes),
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
                counted(self.scope.n_subjects),
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
        let has = |name: &str| {
            let mut dimensions = self.all.iter().flat_map(|array| &array.inner);
            dimensions.any(|(dimension, _)| dimension == name)
        };
        if has("other_node") {
            all.push(coordinate(
                "other_node",
                "other_node",
                Numbers::Text(labels.clone()),
                attributes,
            ));
        }
        for one in self.scope.coordinates() {
            if has(one.name) {
                let attributes = json!({ "units": one.unit, "long_name": one.meaning });
                let values = Numbers::Float(one.values);
                all.push(coordinate(one.name, one.name, values, attributes));
            }
        }
        if has("feature") {
            let attributes = json!({ "long_name": "feature" });
            let names = Numbers::Text(self.features.names());
            all.push(coordinate("feature", "feature", names, attributes));
        }
        if has("band") {
            let attributes = json!({ "long_name": "band of frequencies" });
            let names = Numbers::Text(self.scope.band_names());
            all.push(coordinate("band", "band", names, attributes));
        }
        if has("series") {
            let attributes = json!({ "long_name": "measured series" });
            let numbers = counted(self.scope.measured_fcd().len());
            all.push(coordinate("series", "series", numbers, attributes));
        }
        for &index in sweep.kept_monitors() {
            let one = &plan.monitors[index];
            let times = (0..one.n_samples).map(|k| one.sample_time_ms(k));
            let times = Numbers::Float(times.collect());
            let attributes = json!({ "units": "ms", "long_name": "time" });
            let name = time_of(&one.array);
            all.push(coordinate(&name, &name, times, attributes));
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

/// The range of each number that is varied: the prior of what is inferred from the features.
fn prior(sweep: &Sweep) -> Value {
    let of = |(axis, [low, high]): (&Axis, &[f64; 2])| {
        let scale = if axis.log { "log" } else { "linear" };
        json!({ "name": axis.path, "low": low, "high": high, "scale": scale })
    };
    sweep.axes().iter().zip(sweep.ranges()).map(of).collect()
}

/// What the times of a monitor's samples are called.
fn time_of(array: &str) -> String {
    format!("t_{array}")
}

impl Array {
    /// Elements of one replica.
    pub fn length(&self) -> usize {
        self.inner.iter().map(|(_, n)| n).product()
    }
}
