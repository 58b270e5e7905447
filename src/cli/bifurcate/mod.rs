//! `brainsweep bifurcate`: equilibria and cycles followed in a parameter, their bifurcations in a table, files and figures.
//!
//! ```text
//! study + ranges     what is followed
//!       v  node, network      a source of branches
//!     Found          branches and events as plain numbers
//!       v
//! table, files, figures
//! ```

mod args;
mod figures;
mod files;
mod found;
mod modes;
mod network;
mod node;
mod table;

use std::time::Instant;

pub use args::Args;

use super::{note, note_data, print, print_json, progress, results_folder, threads};
use crate::error::{ContinuationError, Error, Result};
use files::Record;
use progress::Stages;

/// Follows what the arguments ask for.
///
/// # Errors
/// Bad input, models that are not smooth, places that cannot be written to; [`Error::Interrupted`] once what there is has been
/// written; [`ContinuationError::StoppedShort`] where a branch ended before its bounds, once all that was found is written and why
/// it stopped is said on stderr.
pub(super) fn run(args: Args) -> Result<()> {
    threads::start(None)?;
    let study = args.study()?;
    note_data(&study);
    let request = args.request(&study)?;
    let is_network = request.delays || study.connectome.n_nodes() > 1;
    if is_network {
        args.check_for_network(&study)?;
    } else {
        args.check_for_node()?;
    }
    progress::note_interruption()?;
    let folder = results_folder(
        args.out.as_deref(),
        args.force,
        &format!("{}-bifurcate", study.name),
    )?;

    let start = Instant::now();
    let stages = Stages::new();
    let found = match is_network {
        true => network::follow(&study, &request, &stages),
        false => node::follow(&study, &request, &stages),
    }?;
    stages.finish();
    let record = Record {
        study: &study,
        request: &request,
        found: &found,
        wall_s: start.elapsed().as_secs_f64(),
        interrupted: stages.is_stopped(),
    };
    let out = record.write(folder)?;
    if args.json {
        print_json(&record.to_json(&out))?;
    } else {
        print(&table::text(&record, &out))?;
    }
    for stopped in &found.stopped {
        note(stopped);
    }
    if record.interrupted {
        return Err(Error::Interrupted);
    }
    let n_stopped = found.n_stopped();
    if n_stopped > 0 {
        let kept = out;
        return Err(ContinuationError::StoppedShort { n_stopped, kept }.into());
    }
    Ok(())
}
