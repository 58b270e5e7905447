//! A simulation that has run: its measures, what it leaves and how it ended.

mod maps;
mod ramp;

use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayView1, ArrayView2, Axis, s};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::evoked::Evoked;
use super::held::OfHeld;
use super::observe::Outside;
use super::{MeanHeld, Simulation, counted, views};
use crate::backend::Device;
use crate::error::{Error, Result};
use crate::figure;
use crate::io::study as studies;
use crate::measure::{
    Analysis, Distribution, FCD_BINS, MEASURES, Measure, Measures, Moments, Needs, Precision,
    Scope, Shape, mean,
};
use crate::output::{Array, Manifest, Output, Values, object};
use crate::plan::Plan;
use crate::plot::Figure;
use crate::product::product;
use crate::record::{Divergence, Recorded};
use crate::report::Views;
use crate::study::{Study, key};

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
    settled: Option<Measures<'a>>,
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
        let scope = Arc::new(scope.cut(n_measured - n_transient));
        let mut measures = from(n_transient)?;
        if scope.needs_samples() {
            let samples = x.slice(s![n_transient.., ..]).mapv(f64::from);
            measures = measures.with_samples(samples, scope.clone());
        }
        let settled_after = SETTLED_AFTER_MS * (1.0 + TIME_TOLERANCE);
        let n_settled = t_ms.partition_point(|&t| t < settled_after);
        // How long a monitor's own start lasts is another matter: see `remarks`.
        let is_state = measured.is_none();
        let settled = match functional.is_some() && is_state && n_settled > n_transient {
            true => Some(from(n_settled)?).filter(has_fc),
            false => None,
        };
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
            settled_mean_score: settled.map(Measures::mean_score),
            settled_undefined: settled.and_then(|settled| settled.why_undefined(labels)),
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
    ///
    /// # Errors
    /// [`Error::Figure`] if a figure cannot be drawn.
    pub fn output(&self) -> Result<Output<'_>> {
        let figures = self.figures()?;
        let numbers = self.numbers();
        let views = views::of_arrays(&numbers.arrays, &self.study.connectome);
        Ok(Output {
            figures,
            views,
            ..numbers
        })
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

    /// What is to be known of the monitors and of what is held: signals out of their range, starts that the measures do not leave out,
    /// states that are not stable, means that are not at their targets.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = self.scope.notes.clone();
        let ends = self.plan.monitors.iter().zip(&self.recorded.end.outside);
        for (one, fractions) in ends {
            let source = self.plan.model.observable(one.source).name;
            let outside = Outside::of(one.monitor, fractions);
            remarks.extend(outside.and_then(|outside| outside.remark(&one.name, source)));
        }
        remarks.extend(self.unstable());
        remarks.extend(self.off_target());
        let measured = self.plan.measured().map(|k| &self.plan.monitors[k]);
        let transient = self.study.protocol.transient;
        if let Some(one) = measured
            && let Some(settles) = one.monitor.settles_ms
            && transient < settles
        {
            remarks.push(format!(
                "{} needs {settles} ms to forget its own start, and {} = {transient} ms leaves that in the measures",
                one.name,
                key::TRANSIENT.path
            ));
        }
        remarks
    }

    /// Says so where an output is held in a state that is not stable.
    fn unstable(&self) -> Option<String> {
        let (hold, held) = (self.study.hold.as_ref()?, self.plan.held.first()?);
        let output = self.plan.model.observable(hold.observable).name;
        (held.eigenvalue > 0.0).then(|| {
            format!(
                "the state in which {} holds {output} at its target is not stable, and the run leaves it: the largest eigenvalue is {:+.3e} per ms",
                hold.by, held.eigenvalue
            )
        })
    }

    /// Says so where the mean of an output did not come to its target.
    fn off_target(&self) -> Option<String> {
        let (hold, mean) = (self.study.hold.as_ref()?, self.mean.as_ref()?);
        let output = self.plan.model.observable(hold.observable);
        (!mean.is_converged).then(|| {
            format!(
                "the mean of {} is not held at its target: after {} it is {:.3e} {} off at the worst node, and {} = {}; hold_left has all nodes",
                output.name,
                counted(mean.rounds as usize, "round"),
                mean.most_left(),
                output.unit,
                key::HOLD_TOLERANCE.path,
                key::shown(hold.tolerance()),
            )
        })
    }

    /// What there is to say of an output that is held at its target.
    fn held(&self) -> Vec<Array<'_>> {
        let (Some(hold), Some(held)) = (&self.study.hold, self.plan.held.first()) else {
            return Vec::new();
        };
        let array = |of_held: &OfHeld| {
            let (unit, meaning) = of_held.about(self.study, hold).ok()?;
            let values = of_held.values(held, self.mean.as_ref());
            let (dimensions, values): (&[&str], _) = match of_held.is_of_nodes() {
                true => (&["node"], Values::shaped(&[values.len()], values)),
                false => (&[], Values::shaped(&[], values)),
            };
            Some(Array::new(
                of_held.name(),
                dimensions,
                &unit,
                meaning,
                values,
            ))
        };
        OfHeld::of(self.study).iter().filter_map(array).collect()
    }

    /// What the monitors show, each with the times of its samples.
    fn observed(&self) -> Vec<Array<'_>> {
        let mut arrays = Vec::new();
        let all = self.plan.monitors.iter().zip(&self.recorded.observed);
        for (one, samples) in all {
            let t: Vec<f64> = (0..samples.nrows())
                .map(|k| one.sample_time_ms(k))
                .collect();
            let time = format!("t_{}", one.array);
            let meaning = format!("time of {}", one.array);
            arrays.push(Array::new(time.clone(), &[&time], "ms", meaning, t));
            let (shown, source) = (one.shown(), self.plan.model.observable(one.source));
            let meaning = format!("{} of {}", shown.meaning, source.name);
            arrays.push(match &one.matrix {
                None => Array::new(
                    &*one.array,
                    &[&time, "node"],
                    shown.unit,
                    meaning,
                    samples.view(),
                ),
                Some(matrix) => {
                    let seen = product(samples.mapv(f64::from).view(), matrix.t());
                    let sensor = format!("sensor_{}", one.array);
                    Array::new(&*one.array, &[&time, &sensor], shown.unit, meaning, seen)
                }
            });
        }
        arrays
    }

    /// The responses of the first recorded state or output to stimuli that are repeated.
    fn evoked(&self) -> Vec<Evoked> {
        if self.plan.recording.states.is_empty() {
            return Vec::new();
        }
        let samples = self.recorded.samples.index_axis(Axis(1), 0);
        Evoked::all(&self.plan, samples, self.study.protocol.transient)
    }

    /// The same as arrays, each with its times.
    fn responses(&self) -> Vec<Array<'_>> {
        let mut arrays = Vec::new();
        for evoked in self.evoked() {
            let shown = self.plan.model.observable(self.plan.recording.states[0]);
            let name = format!("evoked_{}", evoked.stimulus.replace('-', "_"));
            let time = format!("t_{name}");
            let after = format!("time after the onset of {}", evoked.stimulus);
            let meaning = format!(
                "{} after the onset of {}, mean of {} repetitions",
                shown.name, evoked.stimulus, evoked.n_repetitions
            );
            arrays.push(Array::new(&*time, &[&time], "ms", after, evoked.t_ms));
            let error = format!("{name}_error");
            let of_error = format!("standard error of {name} over repetitions");
            for (name, meaning, values) in [
                (name, meaning, evoked.mean),
                (error, of_error, evoked.error),
            ] {
                let dimensions = [time.as_str(), "node"];
                arrays.push(Array::new(name, &dimensions, shown.unit, meaning, values));
            }
        }
        arrays
    }

    fn arrays(&self) -> Vec<Array<'_>> {
        let (model, states) = (self.plan.model, &self.plan.recording.states);
        let mut arrays = self.observed();
        if !states.is_empty() {
            arrays.insert(
                0,
                Array::new("t", &["t"], "ms", "time", ArrayView1::from(&self.t_ms)),
            );
        }
        for (r, &state) in states.iter().enumerate() {
            let state = model.observable(state);
            let samples = self.recorded.samples.index_axis(Axis(1), r);
            let dimensions = ["t", "node"];
            let array = Array::new(state.name, &dimensions, state.unit, state.meaning, samples);
            arrays.push(array);
        }
        let ends = self.recorded.end.state.outer_iter();
        for (state, values) in model.states.iter().zip(ends) {
            let name = format!("{}_final", state.name);
            let meaning = format!("{} at the end", state.meaning);
            arrays.push(Array::new(
                name,
                &["node"],
                state.unit,
                meaning,
                values.to_owned(),
            ));
        }
        arrays.extend(self.held());
        arrays.extend(self.responses());
        let state = self.plan.measured_observable();
        for measure in MEASURES.iter().filter(|measure| self.has(measure)) {
            let dimensions = measure.dimensions(&self.scope);
            let (names, shape): (Vec<&str>, Vec<usize>) = dimensions
                .iter()
                .map(|(name, n)| (name.as_str(), *n))
                .unzip();
            let (unit, meaning) = measure.described(state.unit, state.name, state.meaning);
            let values = Values::shaped(&shape, (measure.values)(&self.measures));
            arrays.push(Array::new(
                measure.name_in_simulation(),
                &names,
                &unit,
                meaning,
                values,
            ));
        }
        for one in self.scope.coordinates() {
            let mut dimensions = arrays
                .iter()
                .flat_map(|array| &array.description.dimensions);
            if dimensions.any(|dimension| dimension == one.name) {
                let name = [one.name];
                arrays.push(Array::new(
                    one.name,
                    &name,
                    one.unit,
                    one.meaning,
                    one.values,
                ));
            }
        }
        arrays
    }

    fn figures(&self) -> Result<Vec<(&'static str, Figure)>> {
        let (study, plan) = (self.study, &self.plan);
        let title = format!(
            "{}: {}, {}, {} ms",
            study.name,
            plan.model.name,
            counted(plan.n_nodes, "node"),
            study.protocol.duration
        );
        let groups = study.groups();
        let regions = figure::Regions {
            labels: &study.connectome.labels,
            groups: &groups,
        };
        let mut figures = Vec::new();
        let is_network = !plan.edges.lag.is_empty();
        if is_network {
            let figure = figure::connectome(&study.connectome, regions, &study.name)?;
            figures.push(("connectome", figure));
            if has_fc(&self.measures) {
                let score = match self.scores().map(mean) {
                    Some(score) if score.is_nan() => ", score undefined".into(),
                    Some(score) => format!(", mean score {score:.3}"),
                    None => String::new(),
                };
                let title = format!("functional connectivity{score}\n{title}");
                let measured = study.connectome.functional.as_ref();
                let figure = figure::fc(self.measures.fc(), measured, regions, &title)?;
                figures.push(("fc", figure));
            }
            let maps = self.maps();
            if !maps.is_empty() {
                figures.push(("nodes", figure::node_maps(&maps, regions, &title)?));
            }
        }
        if let Some(k) = plan.measured()
            && self.recorded.observed[k].nrows() > 1
        {
            let (one, samples) = (&plan.monitors[k], &self.recorded.observed[k]);
            // A monitor's own start is far larger than what comes after.
            let first = match one.n_transient + 1 < samples.nrows() {
                true => one.n_transient,
                false => 0,
            };
            let times = first..samples.nrows();
            let times: Vec<f64> = times.map(|k| 1e-3 * one.sample_time_ms(k)).collect();
            let shown = one.shown();
            let title = format!("{} every {} ms\n{title}", one.name, one.tr_ms);
            let labels = &study.connectome.labels;
            let drawn = samples.slice(s![first.., ..]);
            let figure = figure::observed(drawn, &times, &shown, labels, &title)?;
            figures.push(("observed", figure));
        }
        self.figures_of_samples(&title, &mut figures)?;
        if let Some(&end) = self.t_ms.last()
            && !plan.recording.states.is_empty()
        {
            let traces = figure::Traces {
                t_ms: &self.t_ms,
                samples: self.recorded.samples.view(),
                model: plan.model,
                recorded: &plan.recording.states,
                labels: &study.connectome.labels,
            };
            figures.push(("time_series", traces.time_series(&title)?));
            if is_network && end > DETAIL_MS {
                let title = format!("{title}: the last {DETAIL_MS} ms");
                figures.push(("regions", traces.regions(DETAIL_MS, &title)?));
            }
        }
        if let Some(evoked) = self.evoked().first() {
            let shown = plan.model.observable(plan.recording.states[0]);
            let title = format!(
                "response to {}, mean of {} repetitions\n{title}",
                evoked.stimulus, evoked.n_repetitions
            );
            let labels = &study.connectome.labels;
            let [mean, error] = [evoked.mean.view(), evoked.error.view()];
            let figure = figure::evoked([mean, error], &evoked.t_ms, &shown, labels, &title)?;
            figures.push(("evoked", figure));
        }
        if let Some(figure) = self.ramp(&title)? {
            figures.push(("ramp", figure));
        }
        Ok(figures)
    }

    /// Draws what is made of samples.
    fn figures_of_samples(
        &self,
        title: &str,
        figures: &mut Vec<(&'static str, Figure)>,
    ) -> Result<()> {
        let (scope, measures) = (&self.scope, &self.measures);
        let made = |analysis| scope.has(analysis) && scope.is_long_enough(analysis);
        let along = |name: &str| -> Vec<f64> {
            let mut all = scope.coordinates().into_iter();
            let found = all.find(|one| one.name == name);
            found.map_or(Vec::new(), |one| one.values)
        };
        if made(Analysis::Fcd) {
            let starts: Vec<f64> = along("window").iter().map(|ms| 1e-3 * ms).collect();
            let of = |name: &str, of: &Distribution| figure::Histogram {
                name: name.into(),
                fractions: of.histogram([-1.0, 1.0], FCD_BINS),
            };
            let mut distributions = vec![of("simulated", measures.fcd_distribution())];
            let mut distance = String::new();
            if let Some(pooled) = scope.pooled_fcd() {
                let ks = measures.fcd_distribution().kolmogorov_smirnov(pooled);
                distributions.push(of("measured", pooled));
                distance = format!(", Kolmogorov-Smirnov distance {ks:.3}");
            }
            let title = format!("dynamics of functional connectivity{distance}\n{title}");
            let (fcd, centres) = (measures.fcd().view(), along("fcd_bin"));
            let figure = figure::fcd(fcd, &starts, &centres, &distributions, &title)?;
            figures.push(("fcd", figure));
        }
        if made(Analysis::Spectrum) {
            let measure = Measure::named("spectrum");
            let state = self.plan.measured_observable();
            let (unit, _) = measure.described(state.unit, state.name, state.meaning);
            let bands = scope.bands();
            let spectra = figure::Spectra {
                frequencies: &along("frequency"),
                density: measures.spectrum().view(),
                label: format!("power spectral density of {} ({unit})", state.name),
                bands: bands
                    .iter()
                    .map(|band| (&*band.name, band.edges_hz))
                    .collect(),
            };
            figures.push(("spectra", spectra.figure(title)?));
        }
        Ok(())
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
