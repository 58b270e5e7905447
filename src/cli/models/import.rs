//! A model of XPPAUT, translated.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::texts::is_free;
use crate::cli::{note, print, print_json};
use crate::error::Result;
use crate::io::model as file;

/// Arguments of `brainsweep models import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep models import lorenz.ode
  brainsweep models import lorenz.ode --out lorenz.toml
  brainsweep models check lorenz.toml

Equations, par, number, init, aux, fixed quantities, functions, derived parameters, if-then-else and delay(x, tau) are \
translated. Noise (wiener, markov), tables, global resets, integrals, arrays and what depends on t are not: each such line is \
named, and nothing is written.")]
pub(super) struct Args {
    /// The .ode file.
    file: PathBuf,
    /// Write the model here, for example mine.toml, instead of printing it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace --out if it exists.
    #[arg(long, requires = "out")]
    force: bool,
    /// Print JSON, for other programs.
    #[arg(long, conflicts_with = "out")]
    json: bool,
}

pub(super) fn run(args: &Args, json: bool) -> Result<()> {
    if let Some(out) = &args.out {
        is_free(out, args.force)?;
    }
    let translated = file::import_ode(&args.file)?;
    if (args.json || json) && args.out.is_none() {
        return print_json(&json!({ "text": translated.text, "notes": translated.notes }));
    }
    translated.notes.iter().for_each(|text| note(text));
    let Some(out) = &args.out else {
        return print(&translated.text);
    };
    crate::io::atomic_write(out, translated.text.as_bytes())?;
    print(&format!(
        "{} is the translated model; `brainsweep models check {}` tells of it",
        out.display(),
        out.display()
    ))
}
