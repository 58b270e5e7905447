//! `brainsweep sweep` as a user runs it, and the points behind it.

use crate::common;
mod checkpoints;
mod damage;
mod ends;
mod held_mean;
#[cfg(target_os = "linux")]
mod points;
mod queue;
mod refuses;
mod results;
mod samples;
mod seeds;
mod stores;
mod unheld;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder to run in, gone in the end.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// `brainsweep sweep ARGUMENTS`, to be run in this folder, on the CPU unless they say otherwise.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
        command
            .current_dir(self.0.path())
            .arg("sweep")
            .args(arguments);
        if !arguments.contains(&"--backend") {
            command.args(["--backend", "cpu"]);
        }
        // Software Vulkan drivers complain on stderr where they find no such folder.
        command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
        command.stdin(Stdio::null());
        command
    }

    /// How it ended, and what it said on stdout and stderr.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// Runs a sweep that must succeed; its JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let (code, stdout, stderr) = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(
            (code, stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}: {stdout}"
        );
        serde_json::from_str(&stdout).unwrap()
    }

    /// Runs a sweep that must fail; its one line on stderr.
    fn error(&self, arguments: &[&str], code: i32) -> String {
        let (found, stdout, stderr) = self.run(arguments);
        assert_eq!(
            (found, stdout.as_str()),
            (Some(code), ""),
            "{arguments:?}: {stderr}"
        );
        assert!(
            stderr.starts_with("error: ") && !stderr.contains("panicked"),
            "{stderr}"
        );
        stderr
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The first chunk of an array, as numbers.
    fn doubles(&self, array: &str) -> Vec<f64> {
        unsealed(&self.chunk(array))
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect()
    }

    fn singles(&self, array: &str) -> Vec<f32> {
        unsealed(&self.chunk(array))
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect()
    }

    fn chunk(&self, array: &str) -> PathBuf {
        let metadata = std::fs::read(self.at(array).join("zarr.json")).unwrap();
        let metadata: Value = serde_json::from_slice(&metadata).unwrap();
        let n = metadata["shape"].as_array().unwrap().len();
        self.at(array).join(format!("c.{}", vec!["0"; n].join(".")))
    }
}

/// The bytes of a chunk before its checksum, which must be right.
fn unsealed(chunk: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(chunk).unwrap();
    let sum = bytes.split_off(bytes.len() - 4);
    assert_eq!(sum, crc32c(&bytes).to_le_bytes(), "{}", chunk.display());
    bytes
}

/// CRC-32C by its definition (RFC 3720): division by the polynomial, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut rest = !0_u32;
    for byte in bytes {
        rest ^= u32::from(*byte);
        for _ in 0..8 {
            rest = (rest >> 1) ^ if rest & 1 == 1 { 0x82f6_3b78 } else { 0 };
        }
    }
    !rest
}

/// Every file under `folder` but the notes of single runs, with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_path_buf();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    files.retain(|name, _| !name.starts_with("runs"));
    files
}

/// The two hold the same files with the same bytes.
fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (contents(a), contents(b));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    for (name, bytes) in &a {
        assert!(bytes == &b[name], "{} differs", name.display());
    }
}
