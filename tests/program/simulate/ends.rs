//! Runs that do not get to their end: divergence and Ctrl-C. What there is until then is kept, and says so.

use std::time::Duration;

use ndarray::Axis;

use super::*;
use crate::running::{Running, until};

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

/// A run of hours, once it is under way.
#[cfg(unix)]
fn start(home: &Home, arguments: &[&str]) -> Running {
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
    let mut running = Running::start(&mut home.command(&[&hours, arguments].concat()));
    until("the folder of its results is there", || {
        assert!(!running.is_over(), "it runs for hours");
        (!home.entries().is_empty()).then_some(())
    });
    running
}

/// Ends a run of hours by a signal after `wait_ms`; how many steps it had done.
///
/// Whenever the signal comes, what was done is kept and says so. Before the past is drawn there is
/// nothing to keep, and nothing is left.
#[cfg(unix)]
fn interrupted_after(wait_ms: u64, arguments: &[&str], name: &str) -> u64 {
    let home = Home::new();
    let mut running = start(&home, arguments);
    std::thread::sleep(Duration::from_millis(wait_ms));
    running.signal(name);
    let output = Output::of(running.end());
    assert_eq!(output.code, Some(130), "{output:?}");
    assert!(output.paragraph().contains("interrupted"), "{output:?}");
    if output.stdout.is_empty() {
        assert!(home.entries().is_empty(), "{:?}", home.entries());
        return 0;
    }
    assert_eq!(home.entries(), ["run"]);

    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    let results = Results(home.path().join("run"));
    let manifest = results.manifest();
    assert_eq!(
        (&manifest["interrupted"], &json["interrupted"]),
        (&true.into(), &true.into())
    );
    let n_done = manifest["steps"]["done"].as_u64().unwrap();
    assert!(n_done < manifest["steps"]["planned"].as_u64().unwrap());
    assert_eq!(json["steps"], n_done);
    let x = results.array("x");
    let n_samples = n_done as usize / 10;
    assert_eq!(x.shape(), [n_samples, 80]);
    if n_done > 0 {
        // What was kept is what a run of just so long gives.
        let duration = format!("protocol.duration={}", n_done as f64 * 0.1);
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
        assert_eq!(whole.array("x").len_of(Axis(0)), n_samples);
    }
    n_done
}

/// Ends runs at once, and then later and later, until one of them had done some steps: how many.
#[cfg(unix)]
fn first_with_steps(ended_after: impl FnMut(u64) -> u64) -> u64 {
    let waits_ms = [0, 50, 200, 800, 3200, 12_800, 51_200].into_iter();
    let mut n_done = waits_ms.map(ended_after);
    let some = n_done.find(|n_done| *n_done > 0);
    some.expect("some steps are done in a minute")
}

#[cfg(unix)]
fn interrupted(arguments: &[&str], name: &str) {
    first_with_steps(|wait_ms| interrupted_after(wait_ms, arguments, name));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_and_keeps_what_there_is() {
    interrupted(&[], "-INT");
}

#[cfg(unix)]
#[test]
fn a_request_to_terminate_does_the_same() {
    interrupted(&[], "-TERM");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_on_the_gpu_too() {
    if common::gpu_of_equal_bits().is_some() {
        interrupted(&["--backend", "gpu"], "-INT");
    }
}

/// 1500 nodes that all receive from each other: over two million connections a step. A small network looks
/// for Ctrl-C every 2000 steps; this one must not take as many.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_large_network_within_few_steps() {
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
        "--set",
        "protocol.duration=3e5",
        "--json",
        "--out",
    ];
    let n_done = first_with_steps(|wait_ms| {
        let out = format!("after-{wait_ms}");
        let n_before = home.entries().len();
        let mut running = Running::start(&mut home.command(&[&arguments[..], &[&out]].concat()));
        until("the folder of its results is there", || {
            assert!(!running.is_over(), "it runs for an hour");
            (home.entries().len() > n_before).then_some(())
        });
        std::thread::sleep(Duration::from_millis(wait_ms));
        running.signal("-INT");
        let output = Output::of(running.end());
        assert_eq!(output.code, Some(130), "{output:?}");
        // Before the first step there is nothing to print.
        let json = serde_json::from_str(&output.stdout).unwrap_or(Value::Null);
        json["steps"].as_u64().unwrap_or(0)
    });
    // A test that got its turn late may find more steps done, but hardly just as many.
    assert!(
        n_done < 2000 || !n_done.is_multiple_of(2000),
        "{n_done} steps"
    );
}

/// Ctrl-C while figures are drawn keeps the numbers, leaves out what is not drawn, and says what that is.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_out_figures_that_are_not_drawn() {
    // The figures of more and more nodes, until drawing them takes long enough.
    let stopped = [500, 1000, 2000, 4000].into_iter().find_map(|n_nodes| {
        let home = Home::new();
        let ring = |(from, to): (usize, usize)| {
            let apart = from.abs_diff(to);
            f64::from(u8::from([1, n_nodes - 1].contains(&apart)))
        };
        let ring = ndarray::Array2::from_shape_fn((n_nodes, n_nodes), ring);
        let mut npz = npz::Writer::create(&home.path().join("ring.npz")).unwrap();
        npz.add("weights", &ring).unwrap();
        npz.finish().unwrap();
        let flags = [
            "connectome.file=\"ring.npz\"",
            "coupling.conduction_speed=inf",
            "protocol.duration=200",
            "protocol.transient=100",
        ];
        let flags: Vec<&str> = flags.iter().flat_map(|flag| ["--set", flag]).collect();
        let run = [&["simulate", "--out", "run"], &flags[..]].concat();
        let mut running = Running::start(&mut home.command(&run));
        until("the numbers are written", || {
            let mut folders = home.entries().into_iter();
            let written = folders.any(|of| home.path().join(of).join("simulation.npz").exists());
            (written || running.is_over()).then_some(())
        });
        running.signal("-INT");
        let output = Output::of(running.end());
        (output.code == Some(130)).then_some((home, output))
    });
    let (home, output) = stopped.expect("drawing takes longer than a signal");
    let said = output.stderr.split_once("not drawn: ").unwrap().1;
    let (names, again) = said.split_once("; ").unwrap();
    assert!(again.contains("the same command runs again"), "{output:?}");
    let results = Results(home.path().join("run"));
    assert!(names.split(", ").all(|name| !results.0.join(name).exists()));
    assert!(names.ends_with("report.html"), "{names}");
    assert!(output.stdout.contains("written to run"), "{output:?}");
    let manifest = results.manifest();
    assert_eq!(manifest["interrupted"], false);
    let there = manifest["files"].as_array().unwrap().iter();
    let there: Vec<_> = there.map(|name| name.as_str().unwrap()).collect();
    assert!(there.contains(&"simulation.npz"), "{there:?}");
    assert!(
        there.iter().all(|name| results.0.join(name).exists()),
        "{there:?}"
    );
    assert_eq!(results.array("x").shape()[0], 2000);
}
