//! Runs studies side by side and measures each.

use std::sync::Arc;

use ndarray::Array3;
use rayon::prelude::*;

use super::held::planned;
use super::sweep::machine::Machine;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::measure::{Measures, Scope};
use crate::record::Streamed;
use crate::study::Study;

/// Runs `studies`, which share their delays, in one batch; the measures of each that `scope` asks for, none of one that diverged or that
/// cannot hold its output at its target.
/// Scores are against `functional`, `[n_subjects, n_nodes, n_nodes]`.
///
/// # Errors
/// Those of [`Plan::batch`]; [`Error::Device`] if the device fails again and again; [`Error::Interrupted`] if `control` stopped it.
pub(super) fn measured<'a>(
    machine: &Machine,
    studies: &[Study],
    functional: Option<&'a Array3<f64>>,
    scope: &Arc<Scope>,
    control: &Control,
) -> Result<Vec<Option<Measures<'a>>>> {
    let (Some(plan), are_held) = planned(studies)? else {
        return Ok(studies.iter().map(|_| None).collect());
    };
    let recorder = loop {
        let recorder = match scope.needs_samples() {
            true => Streamed::with_samples(&plan),
            false => Streamed::new(&plan),
        };
        match machine.run(&plan, &recorder, control) {
            Ok(()) => break recorder,
            Err((attempt, error @ Error::Device(_))) => machine.recover(attempt, error)?,
            Err((_, error)) => return Err(error),
        }
    };
    if control.is_stopped() {
        return Err(Error::Interrupted);
    }
    let all = recorder.into_measured().into_par_iter();
    let measures = all.map(|kept| {
        let Some((moments, samples)) = kept else {
            return Ok(None);
        };
        let measures = Measures::new(moments, functional)?;
        Ok(Some(match samples {
            Some(samples) => measures.with_samples(samples, scope.clone()),
            None => measures,
        }))
    });
    let mut measures = measures.collect::<Result<Vec<_>>>()?.into_iter();
    let of_all = are_held.into_iter();
    Ok(of_all
        .map(|is_held| is_held.then(|| measures.next()).flatten().flatten())
        .collect())
}
