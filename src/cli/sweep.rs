//! `brainsweep sweep`: a study at many points, scored while it runs, kept as it goes.

mod args;
mod array;
mod asked;
mod best;
mod device;
mod help;
pub mod said;
mod shard;
mod slurm;
mod text;
mod trial;
mod words;

use std::path::Path;

pub use args::Args;

use super::output::{note, note_data, study_words};
use super::{interruption, progress};
use crate::backend::{Backend, Device};
use crate::error::{Error, Result};
use crate::io::output::LeftOut;
use crate::io::{self, study as studies};
use crate::run::{FillOptions, Summary};
use crate::study::key::Purpose;

/// Runs a sweep, or what is left of it.
///
/// # Errors
/// Bad studies and sweeps, places that hold something else or cannot be written to, devices that
/// fail; [`Error::Interrupted`] after Ctrl-C. What was finished is kept in every case.
pub(super) fn run(args: Args) -> Result<()> {
    args.backend.start_threads()?;
    let shard = args.shard.map(shard::ShardArg::shard).transpose()?;
    let (study, table) = studies::load_sweep(args.study.as_deref(), &args.settings())?;
    note_data(&study);
    let stored = args.stored(&study, table)?;
    let overruled = stored
        .sweep()
        .overruled(&args.settings(), Purpose::SetInSweep);
    overruled.iter().for_each(|said| note(said));
    if args.slurm.is_wanted() {
        return slurm::print_script(&args, &stored);
    }
    let backend = device::select(&args, &stored)?;
    if args.dry_run {
        let trial = stored.trial(&*backend)?;
        return args.output.printed.print(
            || trial::to_text(&stored, &trial, args.step_error),
            || trial::to_json(&stored, &trial, args.step_error),
        );
    }
    stored.check_memory(&*backend, io::memory::available_bytes())?;
    interruption::note_interruption()?;
    let store = match &args.output.out {
        Some(path) => stored.create(path, args.output.force, backend.device())?,
        None => stored.create_numbered(Path::new("out"), backend.device())?,
    };
    let n_unsound = match args.verify || stored.is_small() {
        true => stored.verify(&store, shard)?,
        false => 0,
    };
    let todo = stored.todo(&store, shard)?;
    said::of_damage(&store, todo.n_damaged + n_unsound)
        .iter()
        .for_each(|said| note(said));

    let (control, message) = interruption::told();
    let reopen = |attempt: usize, failed: &dyn Backend, error: &Error| {
        device::another(args.or_cpu, attempt, failed, error)
    };
    let options = FillOptions {
        shard,
        no_wait: args.no_wait,
        reopen: Some(&reopen),
        checkpoint_every: args.checkpoint,
        command: super::output::command(),
    };
    let total = stored.n_steps(&todo);
    let filled = progress::watched_with(total, &control, message, || {
        stored.fill(&store, backend, &options, &control)
    })?;
    said::of_checkpoints(&filled)
        .iter()
        .for_each(|said| note(said));
    let is_whole = filled.is_complete() && filled.outcome.is_ok();
    let mut summary = is_whole.then(|| stored.summary(&store)).transpose()?;
    let mut failure = None;
    if args.step_error {
        match &mut summary {
            // What was swept is kept if what comes after it fails.
            Some(summary) => failure = halve_step(summary, &filled.device).err(),
            None => note("the step error is computed once all is done"),
        }
    }
    let mut left_out = LeftOut::new();
    if let Some(summary) = &summary {
        let mut output = summary.output();
        output.study_words = study_words(args.study.as_deref(), &args.settings());
        left_out = io::output::write_into(&output, &store, interruption::drawing())?;
    }
    args.output.printed.print(
        || text::to_text(&stored, &filled, summary.as_ref(), store.path()),
        || text::to_json(&stored, &filled, summary.as_ref(), store.path()),
    )?;
    if let Some(summary) = &summary {
        summary.remarks.iter().for_each(|text| note(text));
    }
    if let Some(summary) = summary.filter(|summary| summary.scored) {
        let why = summary.undefined.sentences();
        why.iter().for_each(|why| note(why));
    }
    filled.outcome?;
    interruption::check_drawn(&left_out, interruption::DRAWS)?;
    match filled.interrupted && !filled.missing.is_empty() {
        true => Err(Error::Interrupted),
        false => failure.map_or(Ok(()), Err),
    }
}

/// Runs the best points again with half the step, with a bar.
fn halve_step(summary: &mut Summary, device: &Device) -> Result<()> {
    if device.backend != "cpu" {
        note("the best points are run with half the step on the CPU");
    }
    let control = interruption::control();
    let total = summary.n_half_steps();
    progress::watched(total, &control, || summary.halve_step(&control))
}
