//! The `brainsweep` program: parse, run, exit code. Everything else is in the library.

use std::io::Write;
use std::panic;
use std::process::ExitCode;

use brainsweep::Error;
use brainsweep::cli::{self, Cli};

/// Mesa's layer that sorts devices by the display they are attached to writes to stderr where there is no display. We sort them
/// ourselves.
const NO_LAYER: &str = "NODEVICE_SELECT";

/// The exit code of a bug of ours.
const BUG: u8 = 1;
/// What a user can do about one.
const REPORT: &str =
    "hint: this is a bug of brainsweep; please report it, with the command and the lines above";

fn main() -> ExitCode {
    if std::env::var_os(NO_LAYER).is_none() {
        #[expect(unsafe_code, reason = "other threads might read the environment")]
        // SAFETY: there is no other thread yet.
        unsafe {
            std::env::set_var(NO_LAYER, "1");
        }
    }
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        usual(panic);
        say(REPORT);
    }));
    match panic::catch_unwind(|| cli::run(Cli::read()?)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => match error.downcast_ref::<Error>() {
            Some(error) => {
                say(&format!("error: {}", error.report()));
                ExitCode::from(error.exit_code())
            }
            None => {
                say(&format!("error: {error:#}\n{REPORT}"));
                ExitCode::from(BUG)
            }
        },
        Err(_) => ExitCode::from(BUG),
    }
}

/// Writes to stderr. Where nobody reads it any more, the exit code still tells.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
