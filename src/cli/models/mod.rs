//! `brainsweep models`: which there are, everything about one, and new ones: checked, evaluated, translated.

mod check;
mod eval;
mod evaluated;
mod facts;
mod import;
mod list;
mod sentences;
mod show;
mod wgsl;

use clap::Subcommand;

use super::output::{PrintArgs, print};
use super::texts;
use crate::error::Result;
use crate::io::model as file;
use crate::study::key::MODEL;

/// Arguments of `brainsweep models`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep models
  brainsweep models show wilson-cowan
  brainsweep models show montbrio-pazo-roxin --wgsl
  brainsweep models new my-model.toml
  brainsweep models check fitzhugh-nagumo
  brainsweep models eval wilson-cowan --at x=0.1,y=0.2

A model is a text: `models new` writes a commented one to start from.")]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    printed: PrintArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Equations, states, parameters with units and defaults, derivatives, paper.
    ///
    /// States and parameters are written here as in study files ([parameters], [input], [initial]) and in --set.
    #[command(after_help = "Examples:
  brainsweep models show wilson-cowan
  brainsweep models show my-model.toml
  brainsweep models show fitzhugh-nagumo --json
  brainsweep models show montbrio-pazo-roxin --wgsl")]
    Show {
        /// The model: a name of `brainsweep models`, or a file.
        #[arg(value_name = "NAME|FILE")]
        name: String,
        /// Print the GPU kernel instead, with the code made from the equations.
        ///
        /// With exponential Euler, the coupling that the model has where a study names none, and Ornstein-Uhlenbeck noise on every input.
        #[arg(long, conflicts_with = "json")]
        wgsl: bool,
    },
    /// Say what was understood of a model's text, or which line is wrong.
    ///
    /// Also what a step costs, whether the equations are smooth, what in the text has no effect, and the derivatives at the start values.
    /// Warnings leave the exit code at 0; a text that does not read makes it 2.
    #[command(after_help = "Examples:
  brainsweep models check my-model.toml
  brainsweep models check wilson-cowan
  brainsweep models check my-model.toml --json")]
    Check {
        /// The model: a file, or a name of `brainsweep models`.
        #[arg(value_name = "FILE|NAME")]
        name: String,
    },
    /// Write a commented model to start from.
    #[command(after_help = "Examples:
  brainsweep models new another-model.toml
  brainsweep models check another-model.toml")]
    New {
        /// The file, for example mine.toml; it must not be there yet.
        file: std::path::PathBuf,
    },
    /// Derivatives, outputs and the Jacobian at one state, or at arrays of them, in double precision.
    Eval(eval::Args),
    /// Translate a model of XPPAUT, an .ode file, to a text of ours.
    Import(import::Args),
}

/// Does what is asked for.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not there, [`Error::Text`] for a text that does not read, and what the commands say.
pub(super) fn run(args: Args) -> Result<()> {
    let printed = args.printed;
    match args.command {
        None => printed.print(list::text, list::to_json),
        Some(Command::Show { name, wgsl: true }) => print(&wgsl::wgsl(file::named(&name)?)),
        Some(Command::Show { name, .. }) => {
            let model = file::named(&name)?;
            printed.print(|| show::text(model), || facts::with_jacobian(model))
        }
        Some(Command::Check { name }) => check::run(&name, printed),
        Some(Command::New { file: path }) => {
            file::write_template(&path)?;
            texts::tell_of_new("model", MODEL.path, &path, printed)
        }
        Some(Command::Eval(args)) => eval::run(&args, printed),
        Some(Command::Import(args)) => import::run(&args, printed),
    }
}
