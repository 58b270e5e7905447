//! The command line: one file per command, each with its `Args` and a `run`.

pub mod backend;
mod bench;
pub mod bifurcate;
mod connectome;
mod couplings;
mod devices;
mod entry;
mod file;
pub mod fit;
mod flag;
mod interruption;
mod keys;
mod layout;
mod measures;
mod models;
mod monitors;
mod observe;
pub mod output;
mod phase_plane;
mod progress;
mod score;
pub mod simulate;
mod status;
pub mod sweep;
pub mod target;
mod texts;
pub mod threads;
pub mod wrong_usage;

use clap::{Parser, Subcommand};

use crate::io::study::SHIPPED;
pub use entry::main;
use flag::{positive, whole};

/// Whole-brain networks of neural mass models: simulate, sweep, score, draw.
///
/// A study says what a paper's methods section says: the model at every region, the connectome, the coupling, the noise, the
/// protocol. It is a TOML file, or one of those that come with the program. The same study gives the same bits on CPU and GPU.
///
/// Times are in ms, lengths in mm, speeds in mm/ms (1 mm/ms = 1 m/s).
#[derive(Debug, Parser)]
#[command(name = "brainsweep", version, after_help = after_help(), max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate a study: score it, draw it, keep it.
    Simulate(simulate::Args),
    /// Simulate a study at many points: score every one, keep the results as they come, go on where it stopped.
    Sweep(sweep::Args),
    /// Find the numbers of a study that fit data best, and say how far to trust them.
    Fit(fit::Args),
    /// Say how far a sweep is: what is done, by whom, how fast, how long yet.
    Status(status::Args),
    /// Follow equilibria and cycles of a model in a parameter, or two, and locate their bifurcations.
    Bifurcate(bifurcate::Args),
    /// Draw the phase plane of a node: nullclines, flow, fixed points, limit cycles, orbits.
    PhasePlane(phase_plane::Args),
    /// List the neural mass models, show one, check and evaluate your own, translate those of XPPAUT.
    Models(models::Args),
    /// List the couplings, show one, check and evaluate your own.
    Couplings(couplings::Args),
    /// List the monitors (BOLD, averages, EEG), show one, check your own.
    Monitors(monitors::Args),
    /// Apply a monitor to a time series in a file: its BOLD, for example.
    Observe(observe::Args),
    /// List the keys of a study: what each says, its unit and default.
    Keys(keys::Args),
    /// Look at a connectome: regions, weights, delays, measured functional connectivity.
    Connectome(connectome::Args),
    /// Compare the functional connectivity of two files: matrices or time series.
    Score(score::Args),
    /// List the devices there are to run on, and how far their bits can be trusted.
    Devices(devices::Args),
    /// Time every kernel this machine can run, beside what the machine could do at most.
    Bench(bench::Args),
}

/// Does what the command line says. Results go to stdout or `--out`, everything else to stderr.
///
/// # Errors
/// Whatever the command meets: an [`Error`](crate::Error), whose
/// [`exit_code`](crate::Error::exit_code) the process ends with.
fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Simulate(args) => simulate::run(args)?,
        Command::Sweep(args) => sweep::run(args)?,
        Command::Fit(args) => fit::run(args)?,
        Command::Status(args) => status::run(args)?,
        Command::Bifurcate(args) => bifurcate::run(args)?,
        Command::PhasePlane(args) => phase_plane::run(args)?,
        Command::Models(args) => models::run(args)?,
        Command::Couplings(args) => couplings::run(args)?,
        Command::Monitors(args) => monitors::run(args)?,
        Command::Observe(args) => observe::run(&args)?,
        Command::Keys(args) => keys::run(args)?,
        Command::Connectome(args) => connectome::run(args)?,
        Command::Score(args) => score::run(args)?,
        Command::Devices(args) => devices::run(args)?,
        Command::Bench(args) => bench::run(args)?,
    }
    Ok(())
}

fn after_help() -> String {
    let mut text = String::from("Studies that come with the program, by name:\n");
    for study in SHIPPED {
        text += &format!("  {:<16} {}\n", study.name, study.summary);
    }
    text += "
Exit codes:
  0    done
  1    a bug of brainsweep; please report it
  2    wrong usage or bad input; also a file or folder that is not there, or an output that is
  3    no device that can do it, or a device that failed
  4    diverged, did not converge, or stopped short; what was found until then is kept
  5    the disk: the system refused to read or to write
  130  interrupted; what was finished is kept";
    text
}
