//! `brainsweep monitors` and `brainsweep observe` as a user types them.

use std::path::Path;

use brainsweep::io::{npz, series};
use brainsweep::monitor::MONITORS;
use serde_json::Value;

use crate::program;

/// What a command that must succeed prints, run in `folder`.
fn prints(command: &str, arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&[command], arguments, folder);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

/// What a command that must fail says.
fn fails(command: &str, arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&[command], arguments, folder);
    assert_eq!(
        (code, stdout.as_str()),
        (Some(2), ""),
        "{arguments:?}: {stderr}"
    );
    stderr
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn monitors_are_listed_and_shown() {
    let folder = folder();
    let list = prints("monitors", &[], folder.path());
    for monitor in MONITORS.iter() {
        assert!(list.contains(monitor.node.summary), "{list}");
        let shown = prints("monitors", &["show", monitor.name], folder.path());
        assert!(
            monitor.sets.iter().all(|set| shown.contains(set.source)),
            "{shown}"
        );
        let json = prints("monitors", &["show", monitor.name, "--json"], folder.path());
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["sets"].as_object().unwrap().len(), monitor.sets.len());
        prints("monitors", &["check", monitor.name], folder.path());
    }
    let cubnm = prints("monitors", &["show", "balloon-windkessel"], folder.path());
    assert!(cubnm.contains("kappa = 1.5384615384615385"), "{cubnm}");
}

#[test]
fn a_new_monitor_reads_and_observes() {
    let folder = folder();
    let folder = folder.path();
    let new = prints("monitors", &["new", "mine.toml"], folder);
    assert!(new.contains("brainsweep monitors check mine.toml"), "{new}");
    let check = prints("monitors", &["check", "mine.toml"], folder);
    assert!(
        check.contains("is the monitor mine") && !check.contains("warning"),
        "{check}"
    );
    let rows: String = (0..1000).map(|_| "1,0\n").collect();
    std::fs::write(folder.join("rates.csv"), format!("V1,MT\n{rows}")).unwrap();
    let arguments = [
        "rates.csv",
        "--monitor",
        "mine.toml",
        "--dt",
        "1",
        "--tr",
        "100",
        "--out",
        "shown.npz",
    ];
    let said = prints("observe", &arguments, folder);
    assert!(said.contains("10 samples of 2 regions"), "{said}");
    let shown = series::read(&folder.join("shown.npz"), None).unwrap();
    assert_eq!(shown.labels.unwrap(), ["V1", "MT"]);
    // c = 1 - exp(-t/tau), Heun's method in steps of 1 ms.
    let c = 1.0 - (-1000.0 / 200.0f64).exp();
    assert!((shown.values[[9, 0]] - c / (c + 0.5)).abs() < 1e-6);
    assert_eq!(shown.values[[9, 1]], 0.0);
    let t = npz::read_f64(&folder.join("shown.npz"), "t").unwrap();
    assert_eq!((t[[0]], t[[9]]), (100.0, 1000.0));
    let again = fails("observe", &arguments, folder);
    assert!(again.contains("shown.npz"), "{again}");
}

#[test]
fn what_is_wrong_with_a_text_is_shown_with_its_line() {
    let folder = folder();
    let folder = folder.path();
    prints("monitors", &["new", "mine.toml"], folder);
    let text = std::fs::read_to_string(folder.join("mine.toml")).unwrap();
    for (from, to, part) in [
        ("input = \"x\"", "input = \"y\"", "`y` is no input"),
        (
            "shows = \"fluorescence\"",
            "shows = \"c\"",
            "`c` is no output",
        ),
        (
            "scheme = \"heun\"",
            "scheme = \"exponential-euler\"",
            "`scheme` is to be \"euler\"",
        ),
        ("scheme = \"heun\"", "scheme = [\"d\"]", "`d` is no state"),
        (
            "takes = \"mean\"",
            "takes = \"first\"",
            "`takes` is to be \"mean\" or \"last\"",
        ),
        (
            "step = 1.0",
            "step = 0.0",
            "`step` is to be a time in ms, above 0",
        ),
        ("tau = 50.0", "tua = 50.0", "`tua` is no parameter"),
        ("tau = 50.0", "tau = -1.0", "outside the range of `tau`"),
        (
            "source = \"where it is from\"\n",
            "",
            "`source` is missing in [sets.fast]",
        ),
        ("gain*c/(c + half)", "gain*d/(c + half)", "`d` is no"),
        ("half = {", "scale = {", "`scale` is a key of [[monitor]]"),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(folder.join("wrong.toml"), text.replacen(from, to, 1)).unwrap();
        let said = fails("monitors", &["check", "wrong.toml"], folder);
        assert!(said.contains(part) && said.contains('^'), "{said}");
    }
}

#[test]
fn a_wrong_observation_is_refused_in_words() {
    let folder = folder();
    let folder = folder.path();
    let rows: String = (0..50).map(|k| format!("{},0.5\n", -k)).collect();
    std::fs::write(folder.join("x.csv"), rows).unwrap();
    std::fs::write(folder.join("leads.csv"), "1,0,0\n").unwrap();
    let observe = |more: &[&str]| {
        let all = [&["x.csv", "--out", "o.npz"], more].concat();
        fails("observe", &all, folder)
    };
    let balloon = ["--monitor", "balloon-windkessel", "--dt", "1"];
    for (more, part) in [
        (&["--tr", "100"][..], "nothing is sampled in 50 ms"),
        (&["--tr", "10.5"], "monitor.tr"),
        (
            &["--tr", "10", "--set", "kapa=1"],
            "did you mean \"kappa\"?",
        ),
        (&["--tr", "10", "--set", "kappa=-1"], "must be above 0"),
        (&["--tr", "10", "--set-name", "friston"], "friston2003"),
    ] {
        let said = observe(&[&balloon[..], more].concat());
        assert!(said.contains(part), "{said}");
    }
    let leads = ["--monitor", "lead-field", "--dt", "1", "--tr", "10"];
    let said = observe(&leads);
    assert!(
        said.contains("monitor.matrix") && said.contains("what each sensor sees"),
        "{said}"
    );
    let said = observe(&[&leads[..], &["--matrix", "leads.csv"]].concat());
    assert!(said.contains("[n_sensors, 2]"), "{said}");
    let said = observe(&["--monitor", "fitzhugh-nagumo", "--dt", "1", "--tr", "10"]);
    assert!(said.contains("is a model, not a monitor"), "{said}");
    assert!(!folder.join("o.npz").exists());
}

#[test]
fn a_signal_out_of_range_is_said_once_and_sensors_see_sums() {
    let folder = folder();
    let folder = folder.path();
    let rows: String = (0..100).map(|k| format!("{k},5\n")).collect();
    std::fs::write(folder.join("x.csv"), rows).unwrap();
    std::fs::write(folder.join("leads.csv"), "1,0\n1,1\n0,2\n").unwrap();
    let balloon = [
        "x.csv",
        "--monitor",
        "balloon-windkessel",
        "--dt",
        "1",
        "--tr",
        "10",
        "--out",
        "b.npz",
    ];
    let (code, _, stderr) = program::run(&["observe"], &balloon, folder);
    assert_eq!(code, Some(0));
    assert_eq!(stderr.matches("note:").count(), 1, "{stderr}");
    assert!(
        stderr.contains("z from 0 to 3, and it was outside for 98.00 % of the time, at 2 nodes"),
        "{stderr}"
    );
    prints(
        "observe",
        &[
            "x.csv",
            "--monitor",
            "lead-field",
            "--matrix",
            "leads.csv",
            "--dt",
            "1",
            "--tr",
            "50",
            "--out",
            "eeg.npz",
        ],
        folder,
    );
    let eeg = series::read(&folder.join("eeg.npz"), Some("potential")).unwrap();
    assert_eq!(
        eeg.values,
        ndarray::array![[24.5, 29.5, 10.0], [74.5, 79.5, 10.0]]
    );
}

/// The examples of the help, with the files that they name.
#[test]
fn the_examples_of_the_help_work() {
    let folder = folder();
    let folder = folder.path();
    let rows: String = (0..3000).map(|_| "0.1,0.2\n").collect();
    std::fs::write(folder.join("rates.csv"), rows).unwrap();
    for line in program::run(&["observe"], &["--help"], folder).1.lines() {
        let Some(example) = line.trim().strip_prefix("brainsweep observe rates.csv ") else {
            continue;
        };
        let mut arguments = vec!["rates.csv"];
        arguments.extend(example.split(' '));
        arguments.push("--force");
        prints("observe", &arguments, folder);
    }
    assert!(folder.join("bold.npz").exists());
}
