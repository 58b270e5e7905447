//! What is measured of every run of a study.

use std::sync::Arc;

use crate::error::Result;
use crate::measure::Scope;
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
