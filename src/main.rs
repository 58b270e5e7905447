//! The `brainsweep` program: parse, run, exit code. Everything else is in the library.

use std::io::Write;
use std::process::ExitCode;

use brainsweep::cli::{self, Cli};

/// Mesa's layer that sorts devices by the display they are attached to writes to stderr where there is no display. We sort them
/// ourselves.
const NO_LAYER: &str = "NODEVICE_SELECT";

fn main() -> ExitCode {
    if std::env::var_os(NO_LAYER).is_none() {
        #[expect(unsafe_code, reason = "other threads might read the environment")]
        // SAFETY: there is no other thread yet.
        unsafe {
            std::env::set_var(NO_LAYER, "1");
        }
    }
    match cli::run(Cli::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads stderr any more, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "error: {}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}
