//! Runs `brainsweep`.

use std::path::Path;
use std::process::Command;

/// Runs it in `folder`; its exit code, and what it says on stdout and on stderr.
pub fn run(command: &[&str], arguments: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
        .args(command)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}
