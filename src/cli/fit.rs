//! `brainsweep fit`: the numbers of a study that fit data best, and how far to trust them.

mod args;
mod asked;
pub mod found;
mod recovered;
mod subjects;
mod text;
mod trial;

use std::path::Path;

pub use args::Args;

use super::output::{note, note_data, study_words};
use super::{interruption, progress};
use crate::Control;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::io::memory;
use crate::io::output::write_growing;
use crate::io::study as studies;
use crate::run::{self, Fit, FitOptions, Recovery};
use crate::study::key::Purpose;

/// Runs a fit, or what is left of it.
///
/// # Errors
/// Bad studies and descriptions, places that hold something else or cannot be written to, devices that fail; [`Error::Interrupted`]
/// after Ctrl-C. Generations that were finished are kept in every case.
pub(super) fn run(args: Args) -> Result<()> {
    args.backend.start_threads()?;
    let (study, table) = studies::load_fit(args.study.as_deref(), &args.settings())?;
    note_data(&study);
    let description = args.description(table)?;
    let reports_hopf = args.reports_hopf()?;
    match args.recover {
        Some(_) if reports_hopf => {
            let why = "a recovery has no data beside those that the model makes";
            Err(Error::not_applicable("--report", why, "leave it out"))
        }
        Some(n) => recover(&args, &Recovery::new(&study, &description, n)?),
        None => fit(&args, &Fit::new(&study, &description)?),
    }
}

/// Fits the study.
fn fit(args: &Args, fit: &Fit) -> Result<()> {
    let overruled = fit.ends().overruled(&args.settings(), Purpose::SetInFit);
    overruled.iter().for_each(|said| note(said));
    let backend = backend(args, fit)?;
    if args.dry_run {
        return dry_run(args, fit, 1, &*backend);
    }
    if args.reports_hopf()? {
        fit.hopf_axes()?;
    }
    fit.check_memory(&*backend, memory::available_bytes())?;
    interruption::note_interruption()?;
    let folder = match &args.output.out {
        Some(path) => fit.create(path, args.output.force, backend.device())?,
        None => fit.create_numbered(Path::new("out"), backend.device())?,
    };
    if let Some(outdated) = fit.outdated(&folder) {
        note(&outdated);
    }
    let fitted = watched(fit.n_steps(), |options, control| {
        let mut fitted = fit.run(&folder, backend, options, control)?;
        if args.reports_hopf()? {
            fitted.find_hopf(control)?;
        }
        Ok(fitted)
    })?;
    let mut output = fitted.output();
    output.study_words = study_words(args.study.as_deref(), &args.settings());
    let text = |found: &[String]| {
        let flags = [args.settings(), found.to_vec()].concat();
        studies::to_toml(args.study.as_deref(), &flags)
    };
    let drawing = interruption::drawing();
    let name = args.study_name();
    let left_out = found::leave(&fitted, (&name, &text), (&output, drawing), &folder)?;
    args.output.printed.print(
        || text::to_text(&fitted, folder.path()),
        || text::to_json(&fitted, folder.path()),
    )?;
    interruption::check_drawn(&left_out, interruption::DRAWS)
}

/// Fits data that the model makes.
fn recover(args: &Args, recovery: &Recovery) -> Result<()> {
    let template = recovery.template();
    let backend = backend(args, template)?;
    if args.dry_run {
        return dry_run(args, template, args.recover.unwrap_or(1), &*backend);
    }
    template.check_memory(&*backend, memory::available_bytes())?;
    interruption::note_interruption()?;
    let (out, force) = (args.output.out.as_deref(), args.output.force);
    let folder = recovery.create(out, Path::new("out"), force, backend.device())?;
    let recovered = watched(recovery.n_steps(), |options, control| {
        recovery.run(&folder, backend, options, control)
    })?;
    folder.write("report.md", recovered.report().as_bytes())?;
    let left_out = write_growing(&recovered.output(), &folder, interruption::drawing())?;
    args.output.printed.print(
        || recovered::to_text(&recovered, folder.path()),
        || recovered::to_json(&recovered, folder.path()),
    )?;
    interruption::check_drawn(&left_out, interruption::DRAWS)
}

/// The backend for the batches of a fit.
fn backend(args: &Args, fit: &Fit) -> Result<Box<dyn Backend>> {
    let settings = fit.settings();
    let n_runs = settings.population * settings.replicas;
    args.backend.select(n_runs, &fit.plan()?)
}

/// Says what so many fits would take.
fn dry_run(args: &Args, fit: &Fit, n: u32, backend: &dyn Backend) -> Result<()> {
    let seconds = f64::from(n) * fit.trial(backend)?;
    let takes = (seconds, fit.host_bytes(backend)?);
    let device = backend.device();
    args.output.printed.print(
        || trial::to_text(fit, n, takes, device),
        || trial::to_json(fit, n, takes, device),
    )
}

/// Does `work` of so many steps with a bar, under a control that Ctrl-C stops.
fn watched<T: Send>(
    n_steps: u64,
    work: impl FnOnce(&FitOptions, &Control) -> Result<T> + Send,
) -> Result<T> {
    let (control, message) = interruption::told();
    let reopen = |attempt: usize, failed: &dyn Backend, _: &Error| run::reopen(attempt, failed);
    let options = FitOptions { reopen: &reopen };
    progress::watched_with(n_steps, &control, message, || work(&options, &control))
}
