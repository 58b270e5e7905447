//! `brainsweep connectome import`: one clean file of any connectome.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::file::NpzArgs;
use crate::cli::output::{PrintArgs, command, note};
use crate::error::Result;
use crate::io;
use crate::io::study as studies;
use crate::run::{counted, data_notes};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep connectome import mine.npz --set weights=SC --set normalise=max --out clean.npz
  brainsweep connectome import mine.csv --set missing_lengths=zero --out clean.npz --json

`brainsweep keys connectome` explains the keys that say how a connectome is read. The
file holds weights, tract_lengths (mm) or delays, labels, centres, functional, bold and
provenance, as far as there are any. A study reads it with [connectome] file = \"mine.npz\".")]
pub(super) struct Args {
    /// The file or folder to read.
    file: PathBuf,
    /// Set a key of the study, as often as needed: weights=SC, length_unit=m.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    target: NpzArgs,
    #[command(flatten)]
    printed: PrintArgs,
}

/// Reads a connectome and writes it.
///
/// # Errors
/// Bad connectomes; [`DiskError::Exists`](crate::error::DiskError::Exists) where a file is in the way.
pub(super) fn run(args: &Args) -> Result<()> {
    let out = args.target.free()?;
    let study = studies::of_connectome(&args.file, &args.set)?;
    let provenance = json!({
        "file": args.file.display().to_string(),
        "command": command(),
    });
    io::connectome::save(&study.connectome, out, &provenance)?;
    let notes = data_notes(&study.connectome);
    notes.iter().for_each(|text| note(text));
    let (n, out) = (study.connectome.n_nodes(), out.display());
    args.printed.print(
        || format!("{} written to {out}", counted(n, "region")),
        || json!({ "out": out.to_string(), "n_nodes": n, "notes": notes }),
    )
}
