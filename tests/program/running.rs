//! The program while it runs: to wait for a sign of it, to signal it, and to await its end.
//!
//! Nothing here measures time. A wait has a limit far beyond what a loaded machine takes, and fails
//! with words.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// No wait takes longer.
const LIMIT: Duration = Duration::from_secs(600);

/// Looks again and again until there is something to return.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            begun.elapsed() < LIMIT,
            "waited {LIMIT:?} in vain until {what}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A program at work. If a test fails meanwhile, the program is killed.
pub struct Running(Option<Child>);

impl Running {
    /// Starts the command; what it prints is kept until its end.
    pub fn start(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(Some(command.spawn().unwrap()))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("the program is not awaited yet")
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child().try_wait().unwrap().is_some()
    }

    /// Sends a signal, `-INT` say; one that has ended gets none.
    #[cfg(unix)]
    pub fn signal(&mut self, name: &str) {
        if !self.is_over() {
            let id = self.child().id().to_string();
            let status = Command::new("kill").args([name, &id]).status();
            assert!(status.unwrap().success());
        }
    }

    /// Kills it on the spot.
    pub fn kill(mut self) {
        self.child().kill().unwrap();
        self.child().wait().unwrap();
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(mut self) -> Output {
        until("the program ended", || self.is_over().then_some(()));
        let child = self.0.take().expect("it is awaited once");
        child.wait_with_output().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // One that has ended needs neither.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
