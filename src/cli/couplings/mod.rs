//! `brainsweep couplings`: which there are, everything about one, and new ones: checked and evaluated.

mod check;
mod eval;
mod evaluated;
mod list;
mod show;

use clap::Subcommand;

use super::output::PrintArgs;
use super::texts;
use crate::error::Result;
use crate::io::model as file;
use crate::study::key::COUPLING_KIND;

/// Arguments of `brainsweep couplings`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep couplings
  brainsweep couplings show sigmoidal
  brainsweep couplings new my-coupling.toml
  brainsweep couplings check my-coupling.toml
  brainsweep couplings eval diffusive --at 0.1,0.5 --weights '[[0,1],[2,0]]'

A coupling is a text: `couplings new` writes a commented one to start from. A study names one: coupling.kind = \"kuramoto\", or \
\"my-coupling.toml\".")]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    printed: PrintArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Equations, parameters with units and defaults, what is sent and summed, paper.
    ///
    /// Parameters are written here as in study files ([coupling]) and in --set coupling.NAME.
    #[command(after_help = "Examples:
  brainsweep couplings show kuramoto
  brainsweep couplings show my-coupling.toml
  brainsweep couplings show sigmoidal --json")]
    Show {
        /// The coupling: a name of `brainsweep couplings`, or a file.
        #[arg(value_name = "NAME|FILE")]
        name: String,
    },
    /// Say what was understood of a coupling's text, or which line is wrong.
    ///
    /// Also what it costs, whether it is smooth, what in the text has no effect, and what a node receives over one connection. Warnings
    /// leave the exit code at 0; a text that does not read makes it 2.
    #[command(after_help = "Examples:
  brainsweep couplings check my-coupling.toml
  brainsweep couplings check kuramoto
  brainsweep couplings check my-coupling.toml --json")]
    Check {
        /// The coupling: a file, or a name of `brainsweep couplings`.
        #[arg(value_name = "FILE|NAME")]
        name: String,
    },
    /// Write a commented coupling to start from.
    #[command(after_help = "Examples:
  brainsweep couplings new another-coupling.toml
  brainsweep couplings check another-coupling.toml")]
    New {
        /// The file, for example mine.toml; it must not be there yet.
        file: std::path::PathBuf,
    },
    /// What every node of a small network receives, in double precision.
    Eval(eval::Args),
}

/// Does what is asked for.
///
/// # Errors
/// [`crate::Error::Unknown`] for a coupling that is not there, [`crate::Error::Text`] for a text that does not read, and what the
/// commands say.
pub(super) fn run(args: Args) -> Result<()> {
    let printed = args.printed;
    match args.command {
        None => printed.print(list::text, list::to_json),
        Some(Command::Show { name }) => {
            let form = file::named_coupling(&name)?;
            printed.print(|| show::text(form), || show::to_json(form))
        }
        Some(Command::Check { name }) => check::run(&name, printed),
        Some(Command::New { file: path }) => {
            file::write_coupling_template(&path)?;
            texts::tell_of_new("coupling", COUPLING_KIND.path, &path, printed)
        }
        Some(Command::Eval(args)) => eval::run(&args, printed),
    }
}
