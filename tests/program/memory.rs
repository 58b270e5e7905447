//! How much memory a run of the program takes at most, and what `--dry-run` says of it.

use std::process::{Command, Stdio};
use std::time::Duration;

use brainsweep::io::{npy, npz};
use ndarray::Array2;
use serde_json::Value;

use tempfile::TempDir;

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

/// `brainsweep ARGUMENTS`, to be run in this folder.
fn program(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    command.args(arguments).current_dir(home.path());
    command.stdin(Stdio::null());
    command
}

/// A network whose regions send to every `apart`-th, over tracts of 30 to 129 mm.
fn network(home: &TempDir, name: &str, n: usize, apart: usize) {
    let weight = |(i, k): (usize, usize)| match i != k && (i + k) % apart == 0 {
        true => 1.0 / n as f64,
        false => 0.0,
    };
    let length = |(i, k): (usize, usize)| {
        if i == k {
            0.0
        } else {
            (30 + (i + k) % 100) as f64
        }
    };
    let mut file = npz::Writer::create(&home.path().join(name)).unwrap();
    file.add("weights", &Array2::from_shape_fn((n, n), weight))
        .unwrap();
    file.add("tract_lengths", &Array2::from_shape_fn((n, n), length))
        .unwrap();
    file.finish().unwrap();
}

const SPARSE: &str = "connectome={ file = \"sparse.npz\" }";
const DENSE: &str = "connectome={ file = \"dense.npz\" }";

/// Runs whose memory is of different things: nothing much, samples, two states, sums of pairs, delay lines, connections, monitors,
/// analyses of samples; chunks that are kept, replicas side by side; runs that are compared.
const RUNS: [(&str, &[&str]); 14] = [
    ("simulate", &["protocol.duration=2000"]),
    (
        "simulate",
        &[
            "connectome={nodes=400}",
            "protocol.dt=1",
            "record.every=1",
            "protocol.duration=12000",
        ],
    ),
    (
        "simulate",
        &[
            "connectome={nodes=400}",
            "protocol.dt=1",
            "record.every=1",
            "protocol.duration=4000",
            "record.states=[\"x\",\"y\"]",
        ],
    ),
    (
        "simulate",
        &[
            "connectome={nodes=2000}",
            "protocol.dt=1",
            "record.every=1",
            "protocol.duration=1",
        ],
    ),
    ("simulate", &[SPARSE, "protocol.duration=5"]),
    ("simulate", &[DENSE, "protocol.duration=5"]),
    (
        "simulate",
        &["coupling.conduction_speed=0.01", "protocol.duration=200"],
    ),
    (
        "simulate",
        &[
            "protocol.duration=10000",
            "record.every=1",
            "measure.make=[\"fcd\",\"spectrum\",\"envelope-fc\",\"partial-fc\"]",
            "measure.band_low=2",
            "measure.band_high=10",
            "measure.fcd_window=2000",
            "measure.fcd_step=100",
        ],
    ),
    ("sweep", &[SPARSE, "protocol.duration=3", "sweep.every=0.1"]),
    ("sweep", &[DENSE, "protocol.duration=3", "sweep.every=0.1"]),
    (
        "sweep --keep fc",
        &[DENSE, "protocol.duration=3", "sweep.every=0.1"],
    ),
    (
        "fit --free g=0:1 --runs 100 --sampling 0.1",
        &[
            "connectome={ file = \"dense.npz\", functional = \"measured/fc.npy\" }",
            "protocol.duration=3",
        ],
    ),
    ("sweep --keep fc,x", &["protocol.duration=1000"]),
    (
        "sweep",
        &[
            "protocol.duration=3000",
            "record.every=1",
            "measure.make=[\"fcd\"]",
            "measure.fcd_window=2000",
            "measure.fcd_step=200",
        ],
    ),
];

/// What is said is no less than a run takes, and more by a tenth and 50 MB at most.
#[test]
fn a_dry_run_says_how_much_memory_a_run_takes() {
    let home = TempDir::new().unwrap();
    network(&home, "sparse.npz", 2000, 100);
    network(&home, "dense.npz", 600, 1);
    let fc = Array2::from_shape_fn((600, 600), |(i, k)| 1.0 / (1.0 + i.abs_diff(k) as f64));
    // Not beside the networks, which would say that it is not used.
    std::fs::create_dir(home.path().join("measured")).unwrap();
    std::fs::write(home.path().join("measured/fc.npy"), npy::to_bytes(&fc)).unwrap();
    let mut table = String::new();
    let mut is_right = true;
    for (command, settings) in RUNS {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.extend(["--backend", "cpu", "--threads", "2"]);
        for setting in settings {
            arguments.extend(["--set", setting]);
        }
        let (key, out) = match arguments[0] {
            "fit" => ("host_bytes", "fit"),
            "sweep" => {
                let vary = if settings.contains(&SPARSE) {
                    "g=0:0.5:4"
                } else {
                    "g=0:0.5:40"
                };
                arguments.extend(["--vary", vary]);
                ("host_bytes", "s.zarr")
            }
            _ => ("bytes", "run"),
        };
        let dry = program(&home, &arguments)
            .args(["--dry-run", "--json"])
            .output();
        let dry = dry.unwrap();
        assert!(dry.status.success(), "{dry:?}");
        let dry: Value = serde_json::from_slice(&dry.stdout).unwrap();
        let said = dry[key].as_f64().unwrap();
        arguments.extend(["--out", out, "--force"]);
        let took = peak(&mut program(&home, &arguments));
        is_right &= (took..=1.1 * took + 50e6).contains(&said);
        table += &format!(
            "said {:4.0} MB, took {:4.0} MB: {command} {settings:?}\n",
            said / 1e6,
            took / 1e6
        );
    }
    assert!(is_right, "\n{table}");
}
