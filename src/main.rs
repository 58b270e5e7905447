//! The `brainsweep` program: parse, run, exit code. Everything else is in the library.

use std::process::ExitCode;

use brainsweep::Error;
use brainsweep::cli::{self, Cli};
use clap::Parser;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(error.downcast_ref().map_or(2, Error::exit_code))
        }
    }
}
