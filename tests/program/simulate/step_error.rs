//! `--step-error`: what it prints and leaves, and when it is refused.

use super::*;

const SHORT: [&str; 9] = [
    "simulate",
    "--set",
    "duration=300",
    "--set",
    "transient=100",
    "--set",
    "noise.kind=none",
    "--set",
    "record.every=1",
];

#[test]
fn three_steps_leave_a_table_a_figure_and_the_numbers() {
    let home = Home::new();
    let arguments = [&SHORT[..], &["--step-error", "2", "--out", "s", "--json"]].concat();
    let json = home.json(&arguments);
    let error = &json["step_error"];
    let scores = error["mean_score"]["values"].as_array().unwrap();
    assert_eq!((scores.len(), &scores[0]), (3, &json["mean_score"]));
    assert_eq!(error["theoretical_order"], 1.0);
    assert_eq!(error["scores"].as_array().unwrap().len(), 7);
    let steps: Vec<f64> = (0..3)
        .map(|k| error["runs"][k]["dt_ms"].as_f64().unwrap())
        .collect();
    assert_eq!(steps, [0.1, 0.05, 0.025]);
    assert!(error["runs"][0]["fc_change"].is_null());
    assert!(error["runs"][2]["fc_change"]["max"].as_f64().unwrap() > 0.0);
    assert_eq!(error["states"][0]["name"], "x");

    let table = std::fs::read_to_string(home.path().join("s/step_error.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("dt_ms,n_steps,diverged_at_ms,mean_score,score_0,"));
    assert!(lines[0].ends_with("score_6,fc_change_max,fc_change_mean,fc_change_rms,x_change_max"));
    assert!(lines[3].starts_with("0.025,12000,,"), "{table}");
    for file in ["step_error.svg", "step_error.png"] {
        assert!(home.path().join("s").join(file).is_file(), "{file}");
    }
    let manifest = std::fs::read(home.path().join("s/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(&manifest["step_error"], error);

    // What the study itself gives is the same with and without.
    let plain = home.json(&[&SHORT[..], &["--out", "p", "--json"]].concat());
    assert_eq!(plain["mean_score"], json["mean_score"]);
    assert!(plain["step_error"].is_null() && !home.path().join("p/step_error.csv").exists());
    let samples =
        |folder: &str| std::fs::read(home.path().join(folder).join("simulation.npz")).unwrap();
    assert_eq!(samples("p"), samples("s"));
}

#[test]
fn half_the_step_is_told_in_words() {
    let home = Home::new();
    let output = home.run(&[&SHORT[..], &["--step-error", "--out", "s"]].concat());
    assert_eq!(output.code, Some(0), "{output:?}");
    for part in [
        "step error: the same run with smaller steps",
        "1 in theory; --step-error 2 measures it",
        "mean score with a step of 0",
        "with 0.1 ms it is off by",
        "mean score right to 0.01",
        "largest error of x",
    ] {
        assert!(output.stdout.contains(part), "{part:?}: {}", output.stdout);
    }
    assert!(
        !home.path().join("s/step_error.svg").exists(),
        "two steps are no curve"
    );
    let dry = home.run(&[&SHORT[..], &["--step-error", "3", "--dry-run"]].concat());
    assert!(
        dry.stdout.contains("for 3 runs with smaller steps"),
        "{dry:?}"
    );
}

#[test]
fn what_cannot_be_halved_is_refused_before_anything_runs() {
    let home = Home::new();
    for number in ["0", "13", "-1", "x"] {
        let output = home.run(&["simulate", "--step-error", number]);
        assert_eq!(output.code, Some(2), "{output:?}");
    }
    let long = [
        "simulate",
        "fitzhugh_nagumo",
        "--set",
        "duration=3e8",
        "--set",
        "record.every=3e8",
    ];
    let output = home.run(&[&long[..], &["--step-error", "6", "--out", "s"]].concat());
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("more than can be counted"),
        "{output:?}"
    );
    assert!(!home.path().join("s").exists());
}

/// A run that diverges keeps its exit code; half the step says whether it was the step.
#[test]
fn a_run_that_diverges_tells_of_half_the_step() {
    let home = Home::new();
    let settings = [
        "--set",
        "integrator=euler",
        "--set",
        "dt=1",
        "--set",
        "record.every=1",
    ];
    let arguments = [&["simulate", "fitzhugh_nagumo"], &settings[..]].concat();
    let output = home.run(
        &[
            &arguments[..],
            &["--set", "input=60", "--step-error", "--out", "s"],
        ]
        .concat(),
    );
    assert_eq!(output.code, Some(4), "{output:?}");
    assert!(output.stdout.contains("diverged at"), "{output:?}");
}

/// A GPU has no noise for half steps: the CPU has, and says so.
#[test]
fn the_step_error_of_a_gpu_run_is_the_cpus() {
    let home = Home::new();
    if common::gpu().is_none() {
        return;
    }
    let arguments = [&SHORT[..], &["--step-error", "--json"]].concat();
    let on = |backend: &str| {
        home.run(&[&arguments[..], &["--backend", backend, "--out", backend]].concat())
    };
    let gpu = on("gpu");
    assert!(
        gpu.stderr.contains("the step error is computed on the CPU"),
        "{gpu:?}"
    );
    let step_error = |output: &Output| -> Value {
        let json: Value = serde_json::from_str(&output.stdout).unwrap();
        json["step_error"].clone()
    };
    assert_eq!(step_error(&gpu), step_error(&on("cpu")));
}
