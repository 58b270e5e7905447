//! A model of XPPAUT, translated.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::file::FileArgs;
use crate::cli::output::{PrintArgs, note, print};
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
named, and nothing is written.",
    mut_arg("out", |out| out.help("Write the model here, for example mine.toml, instead of printing it."))
)]
pub(super) struct Args {
    /// The .ode file.
    file: PathBuf,
    #[command(flatten)]
    target: FileArgs,
}

pub(super) fn run(args: &Args, printed: PrintArgs) -> Result<()> {
    let out = args.target.free()?;
    let translated = file::import_ode(&args.file)?;
    if out.is_some() || !printed.is_json() {
        translated.notes.iter().for_each(|text| note(text));
    }
    let Some(out) = out else {
        return printed.print(
            || translated.text.clone(),
            || json!({ "text": translated.text, "notes": translated.notes }),
        );
    };
    crate::io::atomic_write(out, translated.text.as_bytes())?;
    let shown = out.display();
    print(&format!(
        "{shown} is the translated model; `brainsweep models check {shown}` describes it"
    ))
}
