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
    let shown = series::read(&folder.join("shown.npz"), None, None).unwrap();
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
        (
            "half = {",
            "scale = { unit = \"1\", default = 1.0, meaning = \"a\" }\nhalf = {",
            "`scale` is a key of [[monitor]]",
        ),
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
        (
            &["--tr", "10", "--set", "kappa=-1"],
            "must be greater than 0",
        ),
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
    assert_eq!(stderr.matches("was outside").count(), 1, "{stderr}");
    assert!(
        stderr.contains("rises evenly") && stderr.contains("taken for a region"),
        "{stderr}"
    );
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
    let eeg = series::read(&folder.join("eeg.npz"), Some("potential"), None).unwrap();
    assert_eq!(
        eeg.values,
        ndarray::array![[24.5, 29.5, 10.0], [74.5, 79.5, 10.0]]
    );
}

/// A study with BOLD, for a command.
const BOLD: &str = r#"
model = "reduced-wong-wang"
[connectome]
file = "ring.csv"
functional = "fc.csv"
[noise]
kind = "white"
sigma.S = 0.003
[protocol]
duration = 400
dt = 1.0
[monitor]
kind = "balloon-windkessel"
tr = 20
"#;

fn study(folder: &Path) {
    std::fs::write(folder.join("bold.toml"), BOLD).unwrap();
    std::fs::write(
        folder.join("ring.csv"),
        "0,1,0,1\n1,0,1,0\n0,1,0,1\n1,0,1,0\n",
    )
    .unwrap();
    let fc = "1,0.5,0.2,0.4\n0.5,1,0.6,0.1\n0.2,0.6,1,0.3\n0.4,0.1,0.3,1\n";
    std::fs::write(folder.join("fc.csv"), fc).unwrap();
}

/// A run, a sweep of one point, and the same replica: one score.
#[test]
fn simulations_and_sweeps_score_bold() {
    let folder = folder();
    let folder = folder.path();
    study(folder);
    let set = ["bold.toml", "--set", "coupling.conduction_speed=inf"];
    let simulate = |more: &[&str]| {
        let (code, stdout, stderr) =
            program::run(&["simulate"], &[&set[..], more].concat(), folder);
        assert_eq!(code, Some(0), "{stderr}");
        (stdout, stderr)
    };
    let (said, notes) = simulate(&["--out", "run", "--json", "--set", "coupling.g=0.5"]);
    assert!(
        notes.contains("needs 20000 ms to forget its own start"),
        "{notes}"
    );
    let json: Value = serde_json::from_str(&said).unwrap();
    let score = json["mean_score"].as_f64().unwrap();
    let arrays = folder.join("run/simulation.npz");
    let bold = npz::read_f64(&arrays, "bold").unwrap();
    assert_eq!(bold.shape(), [20, 4]);
    let t = npz::read_f64(&arrays, "t_bold").unwrap();
    assert_eq!((t[[0]], t[[19]]), (20.0, 400.0));
    assert!(npz::read_f64(&arrays, "S").is_err(), "BOLD only");
    let manifest = std::fs::read_to_string(folder.join("run/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let described = manifest["arrays"].as_array().unwrap();
    let described = described
        .iter()
        .find(|array| array["name"] == "bold")
        .unwrap();
    assert_eq!(
        described["dimensions"],
        serde_json::json!(["t_bold", "node"])
    );
    assert!(folder.join("run/observed.png").exists());

    let sweep = [
        &set[..],
        &[
            "--vary",
            "coupling.g=0.5:0.7:2",
            "--vary",
            "monitor.kappa=0.65:0.9:2",
            "--out",
            "sweep",
            "--json",
        ],
    ]
    .concat();
    let (code, stdout, stderr) = program::run(&["sweep"], &sweep, folder);
    assert_eq!(code, Some(0), "{stderr}");
    let table = std::fs::read_to_string(folder.join("sweep/best.csv")).unwrap();
    let same = format!("{score}");
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("0.5,0.65,") && line.contains(&same)),
        "{same} is not in\n{table}\n{stdout}"
    );
    assert_eq!(table.lines().count(), 5);
}

#[test]
fn cpu_and_gpu_leave_the_same_bytes() {
    let Some(gpu) = crate::common::gpu_of_equal_bits() else {
        return;
    };
    let folder = folder();
    study(folder.path());
    let results = |backend: &str| {
        let arguments = ["bold.toml", "--backend", backend, "--out", backend];
        let (code, _, stderr) = program::run(&["simulate"], &arguments, folder.path());
        assert_eq!(code, Some(0), "{stderr}");
        std::fs::read(folder.path().join(backend).join("simulation.npz")).unwrap()
    };
    assert!(results("cpu") == results("gpu"), "{}", gpu.name());
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
