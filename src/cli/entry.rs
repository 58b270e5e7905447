//! The program from its arguments to its exit code: what the binary and Python's console script both call.

use std::ffi::OsString;
use std::io::Write;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::interruption;
use super::wrong_usage::{Asked, asked};
use crate::Error;

/// The binary's name.
const NAME: &str = env!("CARGO_PKG_NAME");
/// The exit code of a bug of ours.
const BUG: u8 = 1;
/// What a user can do about one.
const REPORT: &str =
    "hint: this is a bug of brainsweep; please report it, with the command and the lines above";

static ARGUMENTS: OnceLock<Vec<OsString>> = OnceLock::new();

/// Does what the arguments say, of which the first is the program; the exit code. This process is the program's from then on: Ctrl-C is
/// caught once there is work to keep, and a second one ends the process.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = ARGUMENTS.get_or_init(|| arguments.into_iter().collect());
    interruption::allow();
    give_memory_back();
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        usual(panic);
        say(REPORT);
    }));
    let run = || match asked(arguments)? {
        Asked::Work(cli) => super::run(*cli).map(|()| 0),
        Asked::Help(help) => {
            // A reader that has seen enough is not an error.
            let _ = help.print();
            Ok(u8::try_from(help.exit_code()).unwrap_or(BUG))
        }
    };
    match panic::catch_unwind(run) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => match error.downcast_ref::<Error>() {
            Some(error) => {
                say(&format!("error: {}", error.report()));
                error.exit_code()
            }
            None => {
                say(&format!("error: {error:#}\n{REPORT}"));
                BUG
            }
        },
        Err(_) => BUG,
    }
}

/// Has large blocks of memory returned to the system as soon as they are freed. The C library of Linux learns from what is freed to keep
/// blocks of up to 32 MiB, a matrix of 2000 nodes, and may have several of them lie about.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const LARGE: libc::c_int = 1 << 20;
        #[expect(unsafe_code, reason = "a setting of the C library")]
        // SAFETY: it may be set at any time, and what was allocated before is freed as it was.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        }
    }
}

/// The program and its arguments; none where this process is not the program's.
pub(super) fn arguments() -> &'static [OsString] {
    ARGUMENTS.get().map_or(&[], Vec::as_slice)
}

/// Where the program lies: the binary, or the console script, which Python runs.
pub(super) fn program() -> std::io::Result<PathBuf> {
    let running = std::env::current_exe()?;
    let is_ours = running.file_stem().is_some_and(|stem| stem == NAME);
    match arguments().first() {
        Some(script) if !is_ours && Path::new(script).exists() => std::path::absolute(script),
        _ => Ok(running),
    }
}

/// Writes to stderr. Where nobody reads it any more, the exit code still tells.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
