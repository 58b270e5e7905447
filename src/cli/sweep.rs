//! `brainsweep sweep`: a study at many points, scored while it runs, kept as it goes.

mod args;
mod best;
mod dry_run;
mod figures;
mod filling;
mod journal;
mod record;
mod results;
mod run;
mod undefined;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

pub use args::Args;

use super::{note, note_data, print, print_json, progress};
use crate::backend::cpu::Cpu;
use crate::backend::{Backend, Control};
use crate::error::{Error, Result};
use crate::io::store::Store;
use crate::io::study as studies;
use crate::plan::Plan;
use crate::sweep::{Chunks, Sweep};
use args::Fallback;
use journal::Todo;
use record::{Ending, attributes};
use results::Results;
use run::{Machine, Tally, Work};

/// Attempts with a device that failed, each with smaller dispatches than the one before.
const ATTEMPTS: usize = 3;

/// Runs a sweep, or what is left of it.
///
/// # Errors
/// Bad studies and sweeps, places that hold something else or cannot be written to, devices that fail; [`Error::Interrupted`] after
/// Ctrl-C. What was finished is kept in every case.
pub(super) fn run(args: Args) -> Result<()> {
    args.backend.start_threads()?;
    let (study, table) = studies::load_sweep(args.study.as_deref(), &args.settings())?;
    note_data(&study);
    let description = args.description(table)?;
    let sweep = Sweep::new(&study, &description)?;
    let plan = check(&sweep)?;
    let results = Results::new(&sweep, &plan);
    let chunks = Chunks::new(&sweep, results.bytes_per_replica());
    let backend = select(&args, sweep.n_replicas())?;
    if args.dry_run {
        let trial = dry_run::Trial::new(&sweep, &chunks, &results, &*backend)?;
        return if args.json {
            print_json(&trial.to_json())
        } else {
            print(&trial.to_text(&plan))
        };
    }
    progress::note_interruption()?;
    let attributes = attributes(&sweep, &description, backend.device());
    let skeleton = results.skeleton(&sweep, &chunks, &plan, attributes);
    let store = match &args.out {
        Some(path) => Store::create_or_open(path, &skeleton, args.force)?,
        None => Store::create_numbered(
            Path::new("out"),
            &format!("{}-sweep", study.name),
            &skeleton,
        )?,
    };
    let todo = Todo::new(&store, &chunks, args.shard)?;
    tell_damage(&store, &todo);

    let start = Instant::now();
    let reopen =
        |attempt: usize, failed: &dyn Backend, error: &Error| reopen(&args, attempt, failed, error);
    let machine = Machine::new(backend, rayon::current_num_threads(), &reopen);
    let (control, tally) = (Control::default(), Tally::default());
    let work = Work {
        sweep: &sweep,
        chunks: &chunks,
        results: &results,
        store: &store,
        machine: &machine,
        control: &control,
        tally: &tally,
    };
    let n_replicas: usize = todo
        .chunks
        .iter()
        .map(|&chunk| chunks.cells(chunk).count())
        .sum();
    let message = || {
        let done = tally.replicas.load(Ordering::Relaxed);
        let best = tally
            .best()
            .map_or(String::new(), |best| format!(", best score {best:.3}"));
        format!("{done} of {n_replicas} replicas{best}")
    };
    let total = n_replicas as u64 * u64::from(plan.n_steps);
    let outcome = progress::watched_with(total, &control, message, || work.run(&todo.chunks));
    let ending = Ending {
        sweep: &sweep,
        chunks: &chunks,
        shard: args.shard,
        device: machine.device(),
        missing: Todo::new(&store, &chunks, None)?.chunks,
        n_replicas: tally.replicas.load(Ordering::Relaxed),
        n_steps: plan.n_steps,
        wall_s: start.elapsed().as_secs_f64(),
        interrupted: progress::is_interrupted(),
    };
    ending.note(&store)?;
    let summary = if ending.missing.is_empty() && outcome.is_ok() {
        Some(best::Summary::new(&sweep, &chunks, &results, &store)?)
    } else {
        None
    };
    if let Some(summary) = &summary {
        summary.write(&sweep, &store)?;
        figures::write(summary, &sweep, &store)?;
    }
    if args.json {
        print_json(&ending.to_json(summary.as_ref(), store.path()))?;
    } else {
        print(&ending.to_text(summary.as_ref(), store.path()))?;
    }
    if let Some(summary) = summary.filter(|summary| summary.scored) {
        summary
            .undefined
            .sentences()
            .iter()
            .for_each(|why| note(why));
    }
    outcome?;
    if ending.interrupted && !ending.missing.is_empty() {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// The backend for so many replicas; the CPU if a GPU cannot be had and the CPU may stand in for it.
fn select(args: &Args, n_replicas: usize) -> Result<Box<dyn Backend>> {
    match args.backend.select(n_replicas) {
        Err(error @ Error::Device(_)) if args.fallback == Some(Fallback::Cpu) => {
            note(&format!("{error}; going on on the CPU"));
            Ok(Box::new(Cpu::new()))
        }
        selected => selected,
    }
}

/// Whether the sweep can run at all, by its extreme points; the plan of its first replica.
fn check(sweep: &Sweep) -> Result<Plan> {
    for point in sweep.extremes() {
        Plan::new(&sweep.study(point, 0)?)?;
    }
    Plan::new(&sweep.study(0, 0)?)
}

/// Says what was found damaged in a store.
fn tell_damage(store: &Store, todo: &Todo) {
    let path = store.path().display();
    let (names, n) = (store.mended(), store.mended().len());
    if n > 0 {
        let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = match n.saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let were = if n == 1 { "was" } else { "were" };
        note(&format!(
            "{path}: {shown}{more} {were} damaged or missing, and {were} written anew"
        ));
    }
    match todo.n_damaged {
        0 => {}
        1 => note(&format!(
            "{path}: 1 chunk that was done is damaged; it is run again"
        )),
        n => note(&format!(
            "{path}: {n} chunks that were done are damaged; they are run again"
        )),
    }
}

/// Another backend after `error`: the same device with smaller dispatches, and then, if told to, the CPU.
fn reopen(
    args: &Args,
    attempt: usize,
    failed: &dyn Backend,
    error: &Error,
) -> Option<Result<Box<dyn Backend>>> {
    let say = |what: &str| note(&format!("{error}; {what}"));
    if attempt < ATTEMPTS {
        say("opening the device again, for less at a time");
        if let Some(Ok(backend)) = failed.reopened() {
            return Some(Ok(backend));
        }
    }
    if args.fallback == Some(Fallback::Cpu) && attempt <= ATTEMPTS {
        say("going on on the CPU");
        return Some(Ok(Box::new(Cpu::new())));
    }
    None
}

/// What results are called by the class of their device: those of exact devices are the same, whatever the device.
fn class_name(device: &crate::backend::Device) -> String {
    if device.class.is_exact() {
        "exact".into()
    } else {
        let class = device.class.name();
        format!("{class}, {} {}", device.name, device.driver)
    }
}
