//! A simulation that has run: its measures, what it leaves and how it ended.

mod arrays;
mod figures;
mod maps;
mod ramp;
mod remarks;

use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayView2, Axis, s};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{MeanHeld, Simulation, views};
use crate::backend::Device;
use crate::error::{Error, Result};
use crate::io::study as studies;
use crate::measure::{MEASURES, Measure, Measures, Moments, Needs, Precision, Scope, Shape};
use crate::output::{Manifest, Output, object};
use crate::plan::Plan;
use crate::record::{Divergence, Recorded};
use crate::report::Views;
use crate::study::Study;

/// All regions start alike, which raises the correlation at first: the second score of a simulation
/// leaves out the samples before this time, ms.
pub const SETTLED_AFTER_MS: f64 = 1000.0;
/// The stretch at the end that is drawn region by region, ms.
const DETAIL_MS: f64 = 1000.0;
/// A sample's time is within rounding of the moment it is compared with.
const TIME_TOLERANCE: f64 = 1e-9;

/// A simulation that has run, with its samples and measures.
#[derive(Debug)]
pub struct Simulated<'a> {
    study: &'a Study,
    plan: Plan,
    /// How the mean of an output was brought to its target, where the study asks for that.
    mean: Option<MeanHeld>,
    device: Device,
    recorded: Recorded,
    /// What the device said in the end.
    outcome: Result<()>,
    wall_s: f64,
    interrupted: bool,
    /// Time of each recorded sample, ms.
    t_ms: Vec<f64>,
    /// Of the samples of the measured monitor, or of the first recorded state, after the transient.
    measures: Measures<'a>,
    /// What is measured of as many samples as there are.
    scope: Arc<Scope>,
    /// The names of the bands of its spectra.
    bands: Vec<String>,
    /// Of the samples after [`SETTLED_AFTER_MS`], where the transient is shorter and there are scores.
    settled: Option<Settled>,
}

/// The score of the samples after [`SETTLED_AFTER_MS`].
#[derive(Debug)]
struct Settled {
    mean_score: f64,
    /// Why it is undefined.
    undefined: Option<String>,
}

/// What a simulation has to say of its scores, in manifests and `--json`.
#[derive(Debug, Clone, Serialize)]
pub struct Scored {
    /// Measures that are one number, or one for each subject, by their names.
    #[serde(flatten)]
    pub numbers: Map<String, Value>,
    /// The mean score of the samples after [`SETTLED_AFTER_MS`].
    #[serde(rename = "mean_score_without_first_second")]
    pub settled_mean_score: Option<f64>,
    /// Why that one is undefined.
    #[serde(rename = "undefined_without_first_second")]
    pub settled_undefined: Option<String>,
    /// Why a score, or the functional connectivity of a region, is undefined.
    pub undefined: Option<String>,
    /// The names of the regions without functional connectivity.
    pub constant_regions: Vec<String>,
}

impl<'a> Simulated<'a> {
    pub(super) fn new(
        simulation: Simulation<'a>,
        device: Device,
        recorded: Recorded,
        outcome: Result<()>,
        wall_s: f64,
        interrupted: bool,
    ) -> Result<Self> {
        let Simulation {
            study,
            plan,
            scope,
            mean,
        } = simulation;
        let n_samples = recorded.samples.len_of(Axis(0));
        let t_ms: Vec<f64> = (0..n_samples).map(|k| plan.sample_time_ms(k)).collect();
        let functional = study.connectome.functional.as_ref();
        let measured = plan.measured();
        let x: ArrayView2<f32> = match measured {
            Some(k) => recorded.observed[k].view(),
            None => recorded.samples.index_axis(Axis(1), 0),
        };
        let n_measured = x.nrows();
        let from = |first: usize| {
            let first = first.min(n_measured);
            Measures::new(Moments::of(x.slice(s![first.., ..])), functional)
        };
        let n_transient = match measured {
            Some(k) => plan.monitors[k].n_transient,
            None => plan.recording.n_transient,
        };
        let n_transient = n_transient.min(n_measured);
        let settled_after = SETTLED_AFTER_MS * (1.0 + TIME_TOLERANCE);
        let n_settled = t_ms.partition_point(|&t| t < settled_after);
        // How long a monitor's own start lasts is another matter: see `remarks`.
        let is_state = measured.is_none();
        let settled = match functional.is_some() && is_state && n_settled > n_transient {
            true => Some(from(n_settled)?).filter(has_fc).map(|of| Settled {
                mean_score: of.mean_score(),
                undefined: of.why_undefined(&study.connectome.labels),
            }),
            false => None,
        };
        let scope = Arc::new(scope.cut(n_measured - n_transient));
        let mut measures = from(n_transient)?;
        if scope.needs_samples() {
            let samples = x.slice(s![n_transient.., ..]).mapv(f64::from);
            measures = measures.with_samples(samples, scope.clone());
        }
        Ok(Self {
            study,
            plan,
            mean,
            device,
            recorded,
            outcome,
            wall_s,
            interrupted,
            t_ms,
            measures,
            bands: scope.band_names(),
            scope,
            settled,
        })
    }

    /// The study that ran.
    pub fn study(&self) -> &'a Study {
        self.study
    }

    /// What ran, in steps and indices.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How the mean of an output was brought to its target; `None` unless the study asks for that.
    pub fn mean_held(&self) -> Option<&MeanHeld> {
        self.mean.as_ref()
    }

    /// What it ran on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Samples and end.
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// The measures of the samples after the transient.
    pub fn measures(&self) -> &Measures<'a> {
        &self.measures
    }

    /// What is measured of as many samples as there are.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Seconds it took, without the rounds that bring the mean of an output to its target.
    pub fn wall_s(&self) -> f64 {
        self.wall_s
    }

    /// Whether it was stopped before its end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Whether it came to its end, or diverged on the way.
    pub fn is_over(&self) -> bool {
        let end = &self.recorded.end;
        end.divergence.is_some() || end.n_steps == self.plan.n_steps
    }

    /// Steps per second.
    pub fn rate(&self) -> f64 {
        f64::from(self.recorded.end.n_steps) / self.wall_s
    }

    /// Whether there are two nodes and two samples after the transient, without which nothing correlates.
    pub fn has_fc(&self) -> bool {
        has_fc(&self.measures)
    }

    /// The scores, one per subject; none if there are no measured data, or not two samples.
    pub fn scores(&self) -> Option<&[f64]> {
        let is_scored = self.study.connectome.functional.is_some() && self.has_fc();
        is_scored.then(|| self.measures.scores())
    }

    /// What there is to say of scores and functional connectivity.
    pub fn scored(&self) -> Scored {
        let labels = &self.study.connectome.labels;
        let mut numbers = Map::new();
        for measure in MEASURES {
            let values = || (measure.values)(&self.measures);
            // What the study does not ask for is left out; what a run lacks is null.
            if !measure.shape.is_listed() || !(measure.is_of_sums() || self.has(measure)) {
                continue;
            }
            let value = match (measure.shape, self.has(measure)) {
                (_, false) => Value::Null,
                (Shape::Whole, true) => json!(values()[0]),
                (_, true) => json!(values()),
            };
            numbers.insert(measure.name_in_simulation(), value);
        }
        let (undefined, constant) = match has_fc(&self.measures) {
            true => {
                let constant = self.measures.constant_nodes();
                (self.measures.why_undefined(labels), constant)
            }
            false => (None, Vec::new()),
        };
        let settled = self.settled.as_ref();
        Scored {
            numbers,
            settled_mean_score: settled.map(|settled| settled.mean_score),
            settled_undefined: settled.and_then(|settled| settled.undefined.clone()),
            undefined,
            constant_regions: constant.iter().map(|&node| labels[node].clone()).collect(),
        }
    }

    /// Whether this simulation has a measure.
    fn has(&self, measure: &Measure) -> bool {
        let needs_fc = measure.is_of_sums() && measure.needs != Needs::Nothing;
        measure.applies(&self.scope) && (has_fc(&self.measures) || !needs_fc)
    }

    /// All that it leaves: times, samples, final states and measures, figures and a manifest.
    pub fn output(&self) -> Output<'_> {
        let figures = self.figures();
        let numbers = self.numbers();
        let views = views::of_arrays(&numbers.arrays, &self.study.connectome);
        Output {
            figures,
            views,
            ..numbers
        }
    }

    /// The same without figures and a page.
    pub fn numbers(&self) -> Output<'_> {
        let labels = &self.study.connectome.labels;
        let mut manifest = Manifest::new("simulate", &self.facts());
        manifest.study = Some(studies::to_json(self.study));
        manifest.interrupted = Some(self.interrupted);
        manifest.wall_s = Some(self.wall_s);
        Output {
            name: "simulation",
            arrays: self.arrays(),
            labels: match self.bands.is_empty() {
                true => vec![("node", labels)],
                false => vec![("node", labels), ("band", &self.bands)],
            },
            tables: Vec::new(),
            figures: Vec::new(),
            files: Vec::new(),
            views: Views::default(),
            study_words: Vec::new(),
            manifest,
        }
    }

    /// What only a simulation's manifest says.
    fn facts(&self) -> Map<String, Value> {
        let end = &self.recorded.end;
        let mut facts = object(&json!({
            "seed": self.study.protocol.seed,
            "device": self.device,
            "steps": { "planned": self.plan.n_steps, "done": end.n_steps },
            "diverged": end.divergence,
            "sums": Precision::Double.name(),
            "replica_steps_per_s": self.rate(),
        }));
        let remarks = self.remarks();
        if !self.plan.monitors.is_empty() || !remarks.is_empty() {
            facts.insert("remarks".into(), json!(remarks));
        }
        if let Some(mean) = &self.mean {
            facts.insert("hold_on_mean".into(), mean.to_json());
        }
        facts.extend(object(&self.scored()));
        facts
    }

    /// Whether it ended as planned; `kept` is where its results are.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed, [`Error::Diverged`] if its numbers grew beyond all
    /// bounds, [`Error::Interrupted`] if it was stopped.
    pub fn verdict(self, kept: &Path) -> Result<()> {
        self.into_recorded(kept).1
    }

    /// Samples and end, and how it ended as [`Simulated::verdict`] says it.
    pub fn into_recorded(mut self, kept: &Path) -> (Recorded, Result<()>) {
        let outcome = std::mem::replace(&mut self.outcome, Ok(()));
        let verdict = outcome.and_then(|()| self.ending(kept));
        (self.recorded, verdict)
    }

    fn ending(&self, kept: &Path) -> Result<()> {
        if let Some(Divergence {
            node,
            time_ms,
            simulation,
        }) = self.recorded.end.divergence
        {
            return Err(Error::Diverged {
                simulation,
                node,
                label: self.study.connectome.labels[node].clone(),
                time_ms,
                dt_ms: self.plan.dt_ms,
                largest_weight: self.study.connectome.largest_weight(),
                kept: kept.into(),
            });
        }
        match self.interrupted {
            true => Err(Error::Interrupted),
            false => Ok(()),
        }
    }
}

/// Whether there are two nodes and two samples, without which nothing correlates.
fn has_fc(measures: &Measures) -> bool {
    measures.moments().n_samples > 1 && measures.moments().n_nodes() > 1
}
