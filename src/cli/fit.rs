//! `brainsweep fit`: the numbers of a study that fit data best, and how far to trust them.

mod args;
mod text;
mod trial;

use std::path::Path;

pub use args::Args;

use super::output::note_data;
use super::{interruption, progress};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::io::output::write_growing;
use crate::io::study as studies;
use crate::run::{Fit, FitOptions, Fitted};

/// Runs a fit, or what is left of it.
///
/// # Errors
/// Bad studies and descriptions, places that hold something else or cannot be written to, devices that fail; [`Error::Interrupted`]
/// after Ctrl-C. Generations that were finished are kept in every case.
pub(super) fn run(args: Args) -> Result<()> {
    args.backend.start_threads()?;
    let (study, table) = studies::load_fit(args.study.as_deref(), &args.settings())?;
    note_data(&study);
    let fit = Fit::new(&study, &args.description(table)?)?;
    let settings = fit.settings();
    let backend = args
        .backend
        .select(settings.population * settings.replicas)?;
    if args.dry_run {
        let seconds = fit.trial(&*backend)?;
        let device = backend.device();
        return args.output.printed.print(
            || trial::to_text(&fit, seconds, device),
            || trial::to_json(&fit, seconds, device),
        );
    }
    interruption::note_interruption()?;
    let folder = match &args.output.out {
        Some(path) => fit.create(path, args.output.force, backend.device())?,
        None => fit.create_numbered(Path::new("out"), backend.device())?,
    };
    let (control, message) = interruption::told();
    let reopen =
        |attempt: usize, failed: &dyn Backend, _: &Error| crate::run::reopen(attempt, failed);
    let options = FitOptions { reopen: &reopen };
    let fitted = progress::watched_with(fit.n_steps(), &control, message, || {
        fit.run(&folder, backend, &options, &control)
    })?;
    let output = fitted.output()?;
    if let Some(best) = best_toml(&args, &fitted)? {
        folder.write("best.toml", best.as_bytes())?;
    }
    folder.write("report.md", fitted.report(&args.study_name()).as_bytes())?;
    write_growing(&output, &folder)?;
    args.output.printed.print(
        || text::to_text(&fitted, folder.path()),
        || text::to_json(&fitted, folder.path()),
    )
}

/// The study with the winner's numbers; none without a winner.
fn best_toml(args: &Args, fitted: &Fitted) -> Result<Option<String>> {
    let (Some(winner), Some(flags)) = (fitted.winner(), fitted.settings_of_winner()) else {
        return Ok(None);
    };
    let flags = [args.settings(), flags].concat();
    let study = studies::to_toml(args.study.as_deref(), &flags)?;
    let head = format!(
        "# Found by `brainsweep fit`: {} is {:.4} +- {:.4} on {} unseen seeds, {:.4} on the seeds of the search.\n\n",
        fitted.objective(),
        winner.held_out.mean,
        winner.held_out.standard_error,
        winner.held_out.n_seeds,
        winner.in_sample
    );
    Ok(Some(head + &study))
}
