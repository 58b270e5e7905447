//! What a study asks for in vain, in sentences.

use super::document::Item;
use crate::study::key::{self, Key, Purpose};
use crate::study::{NoiseKind, Study, Values, times};

/// What is said of flags that set keys of a table which does not serve the `purpose`, a sentence each.
pub(super) fn unread(document: &Item, purpose: Purpose) -> Vec<String> {
    let tables = [
        (key::SWEEP, Purpose::SetInSweep, "brainsweep sweep"),
        (key::FIT, Purpose::SetInFit, "brainsweep fit"),
    ];
    let unread = tables.iter().filter(|(_, reader, _)| *reader != purpose);
    let said = unread.filter_map(|(table, _, reader)| {
        let flag = document.at(table)?.flag()?;
        Some(format!(
            "{flag} has no effect: only `{reader}` reads [{table}]"
        ))
    });
    said.collect()
}

/// What a study asks for and a run does not do, a sentence each.
pub(super) fn not_done(document: &Item, study: &Study, purpose: Purpose) -> Vec<String> {
    let mut notes = Vec::new();
    // A sweep may vary the strength of its noise.
    if purpose == Purpose::Set {
        notes.extend(silent_noise(study));
    }
    if purpose == Purpose::SetInContinuation {
        notes.extend(left_out(study));
    }
    if matches!(
        purpose,
        Purpose::Set | Purpose::SetInSweep | Purpose::SetInFit
    ) {
        notes.extend(cut_short(document, study));
    }
    notes
}

/// Says what is left out where equilibria and cycles are looked for, in which nothing depends on the time.
fn left_out(study: &Study) -> Option<String> {
    let mut names: Vec<String> = study
        .stimuli
        .iter()
        .map(|one| key::STIMULUS_WAVEFORM.section().to_owned() + "." + &one.name)
        .collect();
    let moving = study.moving_rules();
    names.extend(
        moving
            .iter()
            .map(|(_, rule)| format!("{} after t = 0", rule.key)),
    );
    names.extend(
        study
            .hold
            .as_ref()
            .map(|_| key::HOLD_OUTPUT.section().into()),
    );
    (!names.is_empty()).then(|| {
        format!(
            "left out of equilibria, cycles and phase planes: {}",
            names.join(", ")
        )
    })
}

/// Says so where noise is asked for and has no strength anywhere.
fn silent_noise(study: &Study) -> Option<String> {
    let is_silent = |sigma: &Values| match sigma {
        Values::Uniform(sigma) => *sigma == 0.0,
        Values::PerNode(sigmas) => sigmas.iter().all(|sigma| *sigma == 0.0),
    };
    let is_asked_for = study.noise.kind != NoiseKind::None && study.noise.replay.is_none();
    (is_asked_for && study.noise.sigma.iter().all(is_silent)).then(|| {
        format!(
            "{} is {:?}, but every {} is 0: the run has no noise",
            key::NOISE_KIND.path,
            study.noise.kind.name(),
            key::NOISE_SIGMA.section()
        )
    })
}

/// Says so where the duration ends within a step.
fn cut_short(document: &Item, study: &Study) -> Option<String> {
    let protocol = &study.protocol;
    let is_users = [&key::DURATION, &key::DT].iter().any(|key| {
        let item = document.at(key.path);
        item.is_some_and(|item| !item.origin.source.is_shipped)
    });
    let steps = protocol.duration / protocol.dt;
    let n_steps = protocol.n_steps();
    (is_users && steps - n_steps as f64 > times::STEP_TOLERANCE * steps).then(|| {
        format!(
            "{} = {} ms is no whole number of steps of {} = {} ms: {n_steps} steps are run",
            key::DURATION.path,
            protocol.duration,
            key::DT.path,
            protocol.dt
        )
    })
}

/// What the user wrote in vain, a sentence for each reason.
pub(super) fn idle(keys: &[&'static Key], document: &Item, study: &Study) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
    for key in keys {
        for (index, path) in key.paths(study).into_iter().enumerate() {
            // What a study of the program's says is no news to its user.
            let item = document.at(&path);
            let is_users = item.is_some_and(|item| !item.origin.source.is_shipped);
            let Some(why) = (key.idle)(study, index).filter(|_| is_users) else {
                continue;
            };
            match by_reason.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, paths)) => paths.push(path),
                None => by_reason.push((why, vec![path])),
            }
        }
    }
    let note = |(why, paths): &(&str, Vec<String>)| {
        let verb = if paths.len() == 1 { "has" } else { "have" };
        format!("{} {verb} no effect: {why}", paths.join(", "))
    };
    by_reason.iter().map(note).collect()
}
