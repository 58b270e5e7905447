//! The command line: one file per command, each with its `Args` and a `run`.

mod backend;
mod bench;
mod bifurcate;
mod connectome;
mod devices;
mod figures;
mod models;
mod phase_plane;
mod progress;
mod report;
mod simulate;
mod sweep;
mod target;
mod undefined;

use std::io::{ErrorKind, Write};

use clap::{Parser, Subcommand};

use crate::connectome::Connectome;
use crate::error::{Error, Result};
use crate::io::study::SHIPPED;
use crate::measure;

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
    /// Follow equilibria and cycles of a model in a parameter, or two: every bifurcation, located.
    Bifurcate(bifurcate::Args),
    /// Draw the phase plane of a node: nullclines, flow, fixed points, limit cycles, orbits.
    PhasePlane(phase_plane::Args),
    /// List the neural mass models, or show one: equations, states, parameters, paper.
    Models(models::Args),
    /// Look at a connectome: regions, weights, delays, measured functional connectivity.
    Connectome(connectome::Args),
    /// List the devices there are to run on, and how far their bits can be trusted.
    Devices(devices::Args),
    /// Time every kernel this machine can run, beside what the machine could do at most.
    Bench(bench::Args),
}

/// Does what the command line says. Results go to stdout or `--out`, everything else to stderr.
///
/// # Errors
/// Whatever the command meets; [`Error::exit_code`] is the process's exit code.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Simulate(args) => simulate::run(args)?,
        Command::Sweep(args) => sweep::run(args)?,
        Command::Bifurcate(args) => bifurcate::run(args)?,
        Command::PhasePlane(args) => phase_plane::run(args)?,
        Command::Models(args) => models::run(args)?,
        Command::Connectome(args) => connectome::run(args)?,
        Command::Devices(args) => devices::run(args)?,
        Command::Bench(args) => bench::run(args)?,
    }
    Ok(())
}

/// Writes a result to stdout. A reader that has seen enough (`| head`) is not an error.
fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("write", "standard output")(error))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON value to stdout.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    print(&serde_json::to_string_pretty(value).expect("plain values are JSON"))
}

/// A remark on stderr; where nobody reads it, it is not needed.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "note: {text}");
}

/// What is to be known of the data of a connectome: what was changed on reading, and what cannot be scored against.
fn data_notes(connectome: &Connectome) -> Vec<String> {
    let mut notes = connectome.notes.clone();
    let functional = connectome.functional.as_ref();
    let flat = functional.map_or(Vec::new(), |all| measure::flat_subjects(all.view()));
    if !flat.is_empty() {
        notes.push(undefined::flat(&flat));
    }
    notes
}

/// The same on stderr.
fn note_data(connectome: &Connectome) {
    data_notes(connectome).iter().for_each(|text| note(text));
}

fn after_help() -> String {
    let mut text = String::from("Studies that come with the program, by name:\n");
    for study in SHIPPED {
        text += &format!("  {:<16} {}\n", study.name, study.summary);
    }
    text += "\nExit codes: 0 done, 2 bad input, 3 no usable device, 130 interrupted.";
    text
}
