//! `brainsweep simulate` as a user runs it: what it leaves, what it prints, what it refuses, how it ends.

mod backends;
use crate::common;
mod ends;
mod fuzz;
#[cfg(target_os = "linux")]
mod places;
mod refuses;
mod replaces;
mod results;
mod step_error;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use brainsweep::io::npz;
use ndarray::ArrayD;
use serde_json::Value;
use tempfile::TempDir;

/// A folder to run in, gone in the end.
struct Home(TempDir);

/// How a command ended and what it said.
#[derive(Debug)]
struct Output {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// `brainsweep ARGUMENTS`, to be run in this folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
        command.args(arguments).current_dir(self.path());
        command.stdin(Stdio::null());
        // Software Vulkan drivers complain on stderr where they find no such folder.
        command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Output::of(self.command(arguments).output().unwrap())
    }

    /// The same on a machine without a GPU.
    fn run_without_gpu(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        for variable in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
            command.env(variable, "/nonexistent");
        }
        Output::of(command.output().unwrap())
    }

    /// Runs a command that must succeed without a word on stderr; what it prints.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}: {output:?}"
        );
        output.stdout
    }

    /// Runs a command that must succeed and print one JSON value.
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.prints(arguments)).unwrap()
    }

    /// Every file and folder here, hidden ones too.
    fn entries(&self) -> Vec<String> {
        entries(self.path())
    }
}

impl Output {
    fn of(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The message of a command that must fail: one error, and nothing on stdout.
    fn error(&self, code: i32) -> &str {
        assert_eq!(
            (self.code, self.stdout.as_str()),
            (Some(code), ""),
            "{self:?}"
        );
        self.paragraph()
    }

    /// The one error on stderr: a line, perhaps the two lines of an excerpt, perhaps a hint.
    fn paragraph(&self) -> &str {
        // Notes come first: keys without effect, what reading changed.
        let is_note = |line: &&str| line.starts_with("note: ");
        let notes: usize = self
            .stderr
            .split_inclusive('\n')
            .take_while(is_note)
            .map(str::len)
            .sum();
        let message = self.stderr[notes..].strip_prefix("error: ");
        let message = message.unwrap_or_else(|| panic!("no error first: {self:?}"));
        let mut rest: Vec<&str> = message.trim().lines().skip(1).collect();
        rest.pop_if(|line| line.starts_with("hint: "));
        let is_excerpt = rest.len() == 2 && rest[1].trim_end().ends_with('^');
        assert!(rest.is_empty() || is_excerpt, "{message}");
        assert!(!message.contains("panicked"), "{message}");
        message.trim()
    }
}

/// Every file and folder in `folder`, hidden ones too, sorted.
fn entries(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A folder of results.
struct Results(PathBuf);

impl Results {
    fn array(&self, key: &str) -> ArrayD<f64> {
        npz::read_f64(&self.0.join("simulation.npz"), key).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.0.join("simulation.npz")).unwrap()
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.0.join("manifest.json")).unwrap()).unwrap()
    }
}
