//! `brainsweep fit` as a user runs it.

mod ends;
mod hopf;
mod own_connectomes;
mod refuses;
mod regions;
mod results;
mod unheld;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use brainsweep::io::store::Contents;
use ndarray::ArrayD;
use serde_json::Value;
use tempfile::TempDir;

/// Ten regions of a network that is quick to run, with measured functional connectivity.
const STUDY: &str = "
model = \"fitzhugh-nagumo\"
[connectome]
file = \"net\"
functional = \"sub-*_FC\"
[coupling]
g = 1.0
conduction_speed = inf
[input]
x = 0.7
[noise]
kind = \"ornstein-uhlenbeck\"
sigma.x = 0.01
sigma.y = 0.01
[protocol]
duration = 300
transient = 50
";

/// A folder to run in, gone in the end, with `mine.toml`.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.at("net")).unwrap();
        let n = 10;
        let matrix = |of: &dyn Fn(usize, usize) -> f64| -> String {
            let row = |i| {
                let row: Vec<String> = (0..n).map(|j| of(i, j).to_string()).collect();
                row.join(",") + "\n"
            };
            (0..n).map(row).collect()
        };
        let near = |i: usize, j: usize| i.abs_diff(j).min(n - i.abs_diff(j)) as f64;
        let weights = |i, j| {
            if i == j {
                0.0
            } else {
                1.0 / (near(i, j) * near(i, j))
            }
        };
        // The second subject's network is another one.
        let fc = |k: f64, step: usize| {
            move |i: usize, j: usize| (-k * near(step * i % n, step * j % n)).exp()
        };
        let write = |name: &str, text: String| std::fs::write(home.at(name), text).unwrap();
        write("net/weights.csv", matrix(&weights));
        write("net/sub-00_FC.csv", matrix(&fc(0.3, 1)));
        write("net/sub-01_FC.csv", matrix(&fc(0.7, 3)));
        write("mine.toml", STUDY.into());
        home
    }

    /// `brainsweep ARGUMENTS` in this folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
        command.current_dir(self.0.path()).args(arguments);
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

    /// What a command that must succeed says as JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let (code, stdout, stderr) = self.run(&[arguments, &["--json"]].concat());
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        serde_json::from_str(&stdout).unwrap()
    }

    /// An array of the group that a fit left in this folder.
    fn array(&self, folder: &str, name: &str) -> ArrayD<f64> {
        let group = Contents::look(&self.at(folder), &["fit"]).unwrap();
        group.whole(name).unwrap()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// A small fit into the folder `out`, on the CPU.
fn fit<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let free = [
        "fit",
        "mine.toml",
        "--free",
        "g=0:2",
        "--free",
        "input=0.5:0.9",
    ];
    let size = [("--runs", "48"), ("--finalists", "2"), ("--held-out", "4")];
    let said = size.iter().filter(|(flag, _)| !more.contains(flag));
    let size: Vec<&str> = said.flat_map(|(flag, value)| [*flag, *value]).collect();
    let how = ["--backend", "cpu", "--out", out];
    [&free[..], &size, &how, more].concat()
}

/// Every file of a folder with its bytes, by name, in order.
fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                all.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    all.sort();
    all
}
