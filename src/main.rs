//! The `brainsweep` program: parse, run, exit code. Everything else is in the library.

use std::io::Write;
use std::process::ExitCode;

use brainsweep::Error;
use brainsweep::cli::{self, Cli};

fn main() -> ExitCode {
    match cli::run(Cli::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads stderr any more, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(error.downcast_ref().map_or(2, Error::exit_code))
        }
    }
}
