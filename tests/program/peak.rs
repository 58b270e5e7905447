//! How much memory a run of the program takes at most.

use std::process::{Command, Stdio};
use std::time::Duration;

/// The most memory that a run has had, bytes. The run must succeed.
fn peak(command: &mut Command) -> f64 {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}");
            return (peak << 10) as f64;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A run takes as much memory as is said, in bytes, but for a tenth and the program itself.
pub fn is_as_said(mut command: Command, said: f64) {
    let peak = peak(&mut command);
    assert!(
        (peak - said).abs() <= 0.1 * peak + 50e6,
        "{command:?}: said {} MB, took {} MB",
        said / 1e6,
        peak / 1e6
    );
}
