//! The arrays of a sweep: their names, shapes and units.

mod coordinates;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::fit::Features;
use crate::io::store::{Kind, Skeleton, Variable};
use crate::measure::{Kept, MEASURES, Measure, Scope};
use crate::output::object;
use crate::plan::Plan;
use crate::run::held::OfHeld;
use crate::sweep::{Axis, Chunks, FEATURES, Sweep};
pub(super) use coordinates::SEED;
use coordinates::{own_dimensions, time_of};

/// Marks of a replica in `status`.
pub(in crate::run) const DONE: u8 = 1;
pub(in crate::run) const DIVERGED: u8 = 2;
/// Its point has no state in which the output that is to be held is at its target.
pub(in crate::run) const UNHELD: u8 = 3;
/// The array that is written last of a chunk: without it, a chunk was never finished.
pub(in crate::run) const STATUS: &str = "status";
pub(super) const DIVERGED_AT: &str = "diverged_at";
/// Files next to the arrays.
const BESIDE: &[&str] = &[
    "best.csv",
    "score.svg",
    "score.png",
    "mean.svg",
    "mean.png",
    "best_fc.svg",
    "best_fc.png",
    "report.html",
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
    /// Names and lengths of the dimensions after those of the points and their replicas.
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
    /// What is said of an output that is held at its target.
    Held(OfHeld),
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
            all.push(Array {
                name: FEATURES.into(),
                kind: Kind::Double,
                inner: vec![("feature".to_string(), features.names().len())],
                attributes: object(&about_features(prior(sweep))),
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
            for &of_held in OfHeld::of(sweep.base()) {
                let (units, meaning) = of_held.about(sweep.base(), hold)?;
                let of_nodes = of_held.is_of_nodes();
                all.push(Array {
                    name: of_held.name().into(),
                    kind: Kind::Double,
                    inner: of_nodes
                        .then(|| ("node".to_string(), n_nodes))
                        .into_iter()
                        .collect(),
                    attributes: object(&json!({ "units": units, "long_name": meaning })),
                    content: Content::Held(of_held),
                });
            }
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
            attributes: object(&about_status(match sweep.base().hold {
                Some(_) => &[(DONE, "done"), (DIVERGED, "diverged"), (UNHELD, "unheld")],
                None => &[(DONE, "done"), (DIVERGED, "diverged")],
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

    /// Bytes of one replica's results in the array that has most of them.
    pub fn most_bytes_per_replica(&self) -> u64 {
        let bytes = |array: &Array| array.kind.bytes() * array.length() as u64;
        self.all.iter().map(bytes).max().unwrap_or(0)
    }

    /// The group that holds them all.
    pub fn skeleton(
        &self,
        sweep: &Sweep,
        chunks: &Chunks,
        plan: &Plan,
        attributes: Map<String, Value>,
    ) -> Skeleton {
        let dimensions = own_dimensions(sweep);
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
}

/// The attributes of the array of features.
pub(in crate::run) fn about_features(prior: Value) -> Value {
    json!({
        "units": "1",
        "long_name": "numbers of a replica, one for each feature, in the unit of its measure",
        "prior": prior,
    })
}

/// The attributes of the array of marks: 0 for what is not done, and these marks with their names.
pub(in crate::run) fn about_status(marks: &[(u8, &str)]) -> Value {
    let values = marks.iter().map(|(mark, _)| *mark);
    let names = marks.iter().map(|(_, name)| *name);
    json!({
        "long_name": "what became of the replica",
        "flag_values": std::iter::once(0).chain(values).collect::<Vec<_>>(),
        "flag_meanings": std::iter::once("not_done").chain(names).collect::<Vec<_>>().join(" "),
    })
}

/// The range of each number that is varied: the prior of what is inferred from the features.
pub(in crate::run) fn prior(sweep: &Sweep) -> Value {
    let of = |(axis, [low, high]): (&Axis, &[f64; 2])| {
        let scale = if axis.log { "log" } else { "linear" };
        json!({ "name": axis.path, "low": low, "high": high, "scale": scale })
    };
    sweep.axes().iter().zip(sweep.ranges()).map(of).collect()
}

impl Array {
    /// Its unit and what it holds.
    pub fn about(&self) -> (String, String) {
        let text = |key: &str| self.attributes.get(key).and_then(Value::as_str);
        let [unit, meaning] = [("units", "1"), ("long_name", "")]
            .map(|(key, without)| text(key).unwrap_or(without).to_string());
        (unit, meaning)
    }

    /// Elements of one replica.
    pub fn length(&self) -> usize {
        self.inner.iter().map(|(_, n)| n).product()
    }
}
