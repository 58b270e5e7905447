//! The `brainsweep` program. Everything is in the library.

use std::process::ExitCode;

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
    ExitCode::from(brainsweep::cli::main(std::env::args_os()))
}
