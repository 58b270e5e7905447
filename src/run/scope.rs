//! What is measured of every run of a study.

use std::sync::Arc;

use crate::connectome::Bold;
use crate::error::{DataError, Result};
use crate::fit::Features;
use crate::measure::{Measure, Measures, Moments, Needs, Scope};
use crate::plan::Plan;
use crate::study::Study;

/// What is measured of every run of `study`, which runs as `plan`.
///
/// # Errors
/// Those of [`Scope::of`].
pub(super) fn scope(study: &Study, plan: &Plan) -> Result<Arc<Scope>> {
    let (step_ms, n_samples) = match plan.measured() {
        Some(k) => {
            let one = &plan.monitors[k];
            (one.tr_ms, one.n_samples.saturating_sub(one.n_transient))
        }
        None => {
            let recording = &plan.recording;
            let n_left = recording.n_samples.saturating_sub(recording.n_transient);
            (study.record.every, n_left)
        }
    };
    Scope::of(&study.connectome, &study.measure, step_ms, n_samples).map(Arc::new)
}

/// Why runs of this scope do not have a measure, and what brings it.
pub(super) fn lacking(measure: &Measure, scope: &Scope) -> (String, String) {
    match measure.needs {
        Needs::Analysis(analysis)
        | Needs::AnalysisAndFunctional(analysis)
        | Needs::AnalysisAndSeries(analysis)
            if !scope.has(analysis) =>
        {
            let name = analysis.name();
            (
                format!("it is not made of the samples: measure.make lacks {name:?}"),
                format!("add --set 'measure.make=[{name:?}]'"),
            )
        }
        Needs::AnalysisAndSeries(_) if scope.measured_fcd().is_empty() => (
            "the study has no measured time series to compare with".into(),
            "give it some, in place of matrices (connectome.functional)".into(),
        ),
        Needs::Functional | Needs::AnalysisAndFunctional(_) if scope.n_subjects == 0 => (
            "the study has no measured functional connectivity".into(),
            "give it some (connectome.functional)".into(),
        ),
        Needs::Nothing | Needs::Network | Needs::Functional => (
            "a single node has no functional connectivity".into(),
            "leave it out".into(),
        ),
        Needs::Analysis(_) | Needs::AnalysisAndFunctional(_) | Needs::AnalysisAndSeries(_) => (
            "there are too few samples for it".into(),
            "lengthen protocol.duration".into(),
        ),
    }
}

/// The features of a measured series: what a sweep of `study` keeps of its replicas, made of data. Gives their names and values.
///
/// # Errors
/// Those of [`Plan::new`] and [`Scope::of`]; [`Error::Data`](crate::Error::Data) where the series has other nodes than the study.
pub fn features(study: &Study, series: &Bold) -> Result<(Vec<String>, Vec<f64>)> {
    let plan = Plan::new(study)?;
    let own = scope(study, &plan)?;
    let samples = series.samples.view();
    if samples.ncols() != own.n_nodes {
        return Err(DataError::Mismatch {
            what: "time series",
            found: format!(
                "{} regions, and the study has {}",
                samples.ncols(),
                own.n_nodes
            ),
            rule: "features are of the regions of the study",
        }
        .into());
    }
    let step_ms = series.step_s.map_or(own.step_ms, |step| 1e3 * step);
    let scope = Scope::of(&study.connectome, &study.measure, step_ms, samples.nrows())?;
    let scope = Arc::new(scope);
    let functional = study.connectome.functional.as_ref();
    let measures = Measures::new(Moments::of(samples), functional)?;
    let measures = match scope.needs_samples() {
        true => measures.with_samples(series.samples.clone(), scope.clone()),
        false => measures,
    };
    let features = Features::new(&scope);
    Ok((features.names(), features.of(&measures)))
}
