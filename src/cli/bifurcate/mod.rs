//! `brainsweep bifurcate`: equilibria and cycles followed in a parameter, their bifurcations in a table,
//! files and figures.

mod args;
mod at;
mod beside;
mod from;
mod help;
mod initial;
mod network;
mod refusals;
mod solutions;
mod text;
mod words;

pub use args::Args;

use super::output::{note, note_data};
use super::progress::Stages;
use super::{interruption, threads};
use crate::error::{Error, Result};
use crate::run::Request;
use crate::study::Study;
use crate::sweep::levelled;
use crate::{io, run};

/// Follows what the arguments ask for.
///
/// # Errors
/// Bad input, models that are not smooth, places that cannot be written to; [`Error::Interrupted`]
/// once what there is has been written; [`Found::stopped_short`](crate::branches::Found::stopped_short) where a branch ended
/// before its bounds, once all that was found is written and why it stopped is said on stderr.
pub(super) fn run(args: Args) -> Result<()> {
    threads::start(None)?;
    let mut study = args.study()?;
    note_data(&study);
    let (start, numbers) = args.start(&mut study)?;
    let mut request = args.request(&study)?;
    request.from = start;
    said_of_nodes(&study, &request).for_each(|said| note(&said));
    interruption::note_interruption()?;
    let stem = format!("{}-bifurcate", study.name);
    let folder = args.output.folder(&stem)?;
    if let Some(file) = &args.write_initial {
        initial::check(file)?;
    }

    let stages = Stages::new();
    let control = stages.control(&request.varied[0].name);
    let bifurcations = run::bifurcate(&study, &request, &control);
    stages.finish();
    let bifurcations = bifurcations?;
    let (out, left_out) =
        io::output::write(&bifurcations.output(), folder, interruption::drawing())?;
    if let Some(file) = &args.write_initial {
        initial::write((&args.target, &numbers), &bifurcations.found, &study, file)?;
    }
    args.output.printed.print(
        || text::to_text(&bifurcations, &out),
        || text::to_json(&bifurcations, &out),
    )?;
    for stopped in &bifurcations.found.stopped {
        note(&stopped.report());
    }
    interruption::check_drawn(&left_out, interruption::RUNS)?;
    if bifurcations.interrupted {
        return Err(Error::Interrupted);
    }
    bifurcations.found.stopped_short(out).map_or(Ok(()), Err)
}

/// Numbers of a network that vary at all nodes and differ between them in the study, a sentence each.
pub fn said_of_nodes(study: &Study, request: &Request) -> impl Iterator<Item = String> {
    let varied = request.varied.iter();
    let varied = varied.filter(|_| request.is_of_network(study));
    varied.filter_map(|varied| levelled(study, &varied.name))
}
