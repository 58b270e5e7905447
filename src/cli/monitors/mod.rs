//! `brainsweep monitors`: which there are, everything about one, and new ones.

mod check;
mod json;
mod list;
mod show;

use clap::Subcommand;

use super::output::PrintArgs;
use super::texts;
use crate::error::Result;
use crate::io::model as file;

/// Arguments of `brainsweep monitors`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep monitors
  brainsweep monitors show balloon-windkessel
  brainsweep monitors new my-monitor.toml
  brainsweep monitors check my-monitor.toml

A monitor is a text: `monitors new` writes a commented one to start from. A study names one: [[monitor]] with kind = \"balloon-windkessel\" \
or \"my-monitor.toml\". `brainsweep observe` applies one to a series in a file.")]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    printed: PrintArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Equations, states, parameters with units and defaults, sets, what it takes and shows, paper.
    #[command(after_help = "Examples:
  brainsweep monitors show balloon-windkessel
  brainsweep monitors show my-monitor.toml
  brainsweep monitors show hrf-gamma --json")]
    Show {
        /// The monitor: a name of `brainsweep monitors`, or a file.
        #[arg(value_name = "NAME|FILE")]
        name: String,
    },
    /// Say what was understood of a monitor's text, or which line is wrong.
    ///
    /// Also what it costs, and what in the text has no effect. Warnings leave the exit code at 0; a text that does not read makes it 2.
    #[command(after_help = "Examples:
  brainsweep monitors check my-monitor.toml
  brainsweep monitors check balloon-windkessel --json")]
    Check {
        /// The monitor: a file, or a name of `brainsweep monitors`.
        #[arg(value_name = "FILE|NAME")]
        name: String,
    },
    /// Write a commented monitor to start from.
    #[command(after_help = "Examples:
  brainsweep monitors new another-monitor.toml
  brainsweep monitors check another-monitor.toml")]
    New {
        /// The file, for example mine.toml; it must not be there yet.
        file: std::path::PathBuf,
    },
}

/// Does what is asked for.
///
/// # Errors
/// [`crate::Error::Unknown`] for a monitor that is not there, [`crate::Error::Text`] for a text that does not read, and what the
/// commands say.
pub(super) fn run(args: Args) -> Result<()> {
    let printed = args.printed;
    match args.command {
        None => printed.print(list::text, list::to_json),
        Some(Command::Show { name }) => {
            let monitor = file::named_monitor(&name)?;
            printed.print(|| show::text(monitor), || json::to_json(monitor))
        }
        Some(Command::Check { name }) => check::run(&name, printed),
        Some(Command::New { file: path }) => {
            file::write_monitor_template(&path)?;
            texts::tell_of_new("monitor", "kind in [[monitor]]", &path, printed)
        }
    }
}
