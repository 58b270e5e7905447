//! Runs that do not get to their end: divergence and Ctrl-C. What there is until then is kept, and says so.

use std::process::Child;
use std::time::{Duration, Instant};

use ndarray::Axis;

use super::*;

/// Euler with a coarse step on a stiff cubic.
const DIVERGES: &[&str] = &[
    "simulate",
    "--set",
    "integrator=euler",
    "--set",
    "protocol.dt=3",
    "--set",
    "record.every=3",
    "--set",
    "coupling.g=5",
];

fn diverges(backend: &str) {
    let home = Home::new();
    let output = home.run(&[DIVERGES, &["--backend", backend, "--out", "run", "--json"]].concat());
    assert_eq!(output.code, Some(4), "{output:?}");
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    let results = Results(home.path().join("run"));
    assert_eq!(results.manifest()["diverged"], json["diverged"]);
    let at = json["diverged"]["time_ms"].as_f64().unwrap();
    let node = json["diverged"]["node"].as_u64().unwrap();
    assert_eq!(json["diverged"]["simulation"], 0);

    let message = output.paragraph();
    let label = &brainsweep::io::connectome::hcp().labels[node as usize];
    for part in [
        "simulation 0",
        label,
        &format!("node {node}"),
        &format!("at {at} ms"),
        "is in run",
        "smaller protocol.dt",
    ] {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    // All that is kept is finite, and the next sample is the one that is not.
    let (x, t) = (results.array("x"), results.array("t"));
    assert!(x.iter().all(|x| x.is_finite()) && !x.is_empty());
    assert_eq!(x.shape(), [t.len(), 80]);
    assert_eq!(t[t.len() - 1] + 3.0, at);
    assert!(x.iter().any(|x| x.abs() > 1e9), "it grew");
    assert!(results.0.join("time_series.png").exists());
}

#[test]
fn a_diverging_run_names_node_and_time_and_keeps_what_came_before() {
    diverges("cpu");
}

#[test]
fn a_diverging_run_does_so_on_the_gpu_too() {
    if common::gpu().is_some() {
        diverges("gpu");
    }
}

#[test]
fn numbers_that_overflow_at_once_leave_an_empty_record() {
    let home = Home::new();
    let arguments = [
        "simulate",
        "fitzhugh_nagumo",
        "--set",
        "integrator=euler",
        "--set",
        "input.x=3e38",
        "--set",
        "parameters.gamma=3e38",
        "--set",
        "initial.x=3e38",
        "--out",
        "run",
    ];
    let output = home.run(&arguments);
    assert_eq!(output.code, Some(4), "{output:?}");
    assert!(
        output.paragraph().contains("became NaN or infinite"),
        "{output:?}"
    );
    let results = Results(home.path().join("run"));
    assert_eq!(
        (results.array("t").len(), results.array("x").shape()),
        (0, &[0, 1][..])
    );
    assert_eq!(results.manifest()["diverged"]["node"], 0);
}

/// Starts a run of an hour and returns once it is under way.
#[cfg(unix)]
fn start(home: &Home, arguments: &[&str]) -> Child {
    let hours = [
        "simulate",
        "--set",
        "protocol.duration=3e7",
        "--set",
        "record.every=1",
        "--json",
        "--out",
        "run",
    ];
    let mut command = home.command(&[&hours, arguments].concat());
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while home.entries().is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &id])
            .status()
            .unwrap()
            .success()
    );
}

/// Ctrl-C must end a run within this.
#[cfg(unix)]
const PROMPT: Duration = Duration::from_secs(2);

#[cfg(unix)]
fn interrupted(arguments: &[&str], wait_ms: u64, name: &str) {
    let home = Home::new();
    let child = start(&home, arguments);
    std::thread::sleep(Duration::from_millis(wait_ms));
    let asked = Instant::now();
    signal(&child, name);
    let output = Output::of(child.wait_with_output().unwrap());
    let took = asked.elapsed();
    assert_eq!(output.code, Some(130), "{output:?}");
    assert!(took < PROMPT, "{took:?}");
    assert!(output.paragraph().contains("interrupted"), "{output:?}");
    assert_eq!(home.entries(), ["run"]);

    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    let results = Results(home.path().join("run"));
    let manifest = results.manifest();
    assert_eq!(
        (&manifest["interrupted"], &json["interrupted"]),
        (&true.into(), &true.into())
    );
    let done = manifest["steps"]["done"].as_u64().unwrap() as usize;
    assert!(done < manifest["steps"]["planned"].as_u64().unwrap() as usize);
    assert_eq!(json["steps"], done);
    let x = results.array("x");
    assert_eq!(x.shape(), [done / 10, 80]);
    if wait_ms > 0 {
        assert!(done > 0, "there was time for some steps");
    }
    if done == 0 {
        return;
    }
    // What was kept is what a run of just so long gives.
    let duration = format!("protocol.duration={}", done as f64 * 0.1);
    home.prints(&[
        "simulate",
        "--set",
        &duration,
        "--set",
        "record.every=1",
        "--out",
        "whole",
    ]);
    let whole = Results(home.path().join("whole"));
    for key in ["x", "x_final", "y_final", "fc"] {
        assert_eq!(results.array(key), whole.array(key), "{key}");
    }
    assert_eq!(whole.array("x").len_of(Axis(0)), done / 10);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_soon_and_keeps_what_there_is() {
    interrupted(&[], 500, "-INT");
    // Before the first steps are done, or just after.
    interrupted(&[], 0, "-INT");
}

#[cfg(unix)]
#[test]
fn a_request_to_terminate_does_the_same() {
    interrupted(&[], 300, "-TERM");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_on_the_gpu_too() {
    let Some(gpu) = common::gpu() else { return };
    if gpu.device_class() == brainsweep::backend::DeviceClass::Tolerance {
        println!("skipped: {} promises no bits to compare", gpu.name());
        return;
    }
    interrupted(&["--backend", "gpu"], 1500, "-INT");
}

/// 1500 nodes that all hear each other: over two million connections a step.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_large_network_as_soon() {
    let home = Home::new();
    let mut weights = brainsweep::io::npz::Writer::create(&home.path().join("large.npz")).unwrap();
    weights
        .add("weights", &ndarray::Array2::<f64>::ones((1500, 1500)))
        .unwrap();
    weights.finish().unwrap();
    let arguments = [
        "simulate",
        "--set",
        "connectome.file=\"large.npz\"",
        "--set",
        "coupling.g=1e-4",
        "--set",
        "coupling.conduction_speed=inf",
        "--set",
        "record.every=500",
        "--json",
        "--out",
        "run",
    ];
    let mut command = home.command(&arguments);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while home.entries().len() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(500));
    let asked = Instant::now();
    signal(&child, "-INT");
    let output = Output::of(child.wait_with_output().unwrap());
    assert_eq!(output.code, Some(130), "{output:?}");
    // The figure of 1500 by 1500 weights takes its time; a stretch of 2000 steps would take many seconds more.
    assert!(asked.elapsed() < 2 * PROMPT, "{:?}", asked.elapsed());
}
