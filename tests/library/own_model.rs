//! A model that a user brings as a text is a model like those that come with the program.

use crate::common;

use crate::program;

use std::path::Path;

use brainsweep::backend::cpu::Cpu;
use brainsweep::io::study;
use brainsweep::model::{self, Model};
use brainsweep::plan::Plan;
use serde_json::Value;

/// FitzHugh-Nagumo under another name.
fn mine() -> String {
    let built_in: &Model = model::find("fitzhugh-nagumo").expect("a model of ours");
    built_in.text.replacen("\"fitzhugh-nagumo\"", "\"mine\"", 1)
}

const STUDY: &str = r#"
model = "mine.toml"
[input]
x = 0.8
[noise]
sigma.x = 0.02
sigma.y = 0.01
[protocol]
duration = 30
"#;

/// The tutorial's network of 80 nodes with delays and noise: every bit of the samples, on every backend.
#[test]
fn a_copy_of_a_model_has_its_bits() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), mine()).unwrap();
    let read = |text: &str| study::parse::<&str>(text, "study", folder.path(), &[]).unwrap();
    let own = Plan::new(&read(STUDY)).unwrap();
    let ours = Plan::new(&read(&STUDY.replace("mine.toml", "fitzhugh-nagumo"))).unwrap();
    assert_eq!(own.model.name, "mine");
    let expected = common::run(&Cpu::new(), &ours);
    assert_eq!(
        common::differing_bits(&common::run(&Cpu::new(), &own), &expected),
        0
    );
    if let Some(gpu) = common::gpu_of_equal_bits() {
        assert_eq!(
            common::differing_bits(&common::run(gpu, &own), &expected),
            0
        );
    }
}

fn run(arguments: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    program::run(&[], arguments, folder)
}

#[test]
fn a_study_beside_it_simulates_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), mine()).unwrap();
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    let arguments = ["simulate", "study.toml", "--json", "--out", "out"];
    let (code, _, stderr) = run(&arguments, folder.path());
    assert_eq!(code, Some(0), "{stderr}");
    let manifest = std::fs::read_to_string(folder.path().join("out/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let study = &manifest["study"];
    assert_eq!(study["model"], "mine");
    assert!(
        study["files"]["model"]
            .as_str()
            .unwrap()
            .ends_with("mine.toml"),
        "{study}"
    );
    assert_eq!(study["model_text"]["fnv1a"].as_str().unwrap().len(), 16);
}

/// Hopf points at x = (8 -+ sqrt(9.1))/18, where the trace vanishes.
#[test]
fn its_hopf_points_are_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), mine()).unwrap();
    let arguments = [
        "bifurcate",
        "mine.toml",
        "--vary",
        "x_ext=0:2",
        "--json",
        "--out",
        "out",
    ];
    let (code, stdout, stderr) = run(&arguments, folder.path());
    assert_eq!(code, Some(0), "{stderr}");
    let found = stdout + &std::fs::read_to_string(folder.path().join("out/manifest.json")).unwrap();
    for sign in [-1.0, 1.0] {
        let x = (8.0 + sign * 9.1f64.sqrt()) / 18.0;
        let input = 3.0 * x * x * x - 4.0 * x * x + 1.5 * x + 2.0 * x;
        let close = |text: &str| {
            text.parse::<f64>()
                .is_ok_and(|value| (value - input).abs() < 1e-12)
        };
        let numbers = found.split(|c: char| !(c.is_ascii_digit() || ".-e".contains(c)));
        assert!(
            numbers.into_iter().any(close),
            "no Hopf point at {input} in {found}"
        );
    }
}

#[test]
fn a_slip_in_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let slip = mine().replace("beta - alpha*x", "beta - alhpa*x");
    std::fs::write(folder.path().join("mine.toml"), slip).unwrap();
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    for arguments in [
        &["simulate", "study.toml"][..],
        &["bifurcate", "mine.toml", "--vary", "x_ext=0:2"],
        &["models", "check", "mine.toml"],
    ] {
        let (code, _, stderr) = run(arguments, folder.path());
        assert_eq!(code, Some(2), "{stderr}");
        for part in [
            "mine.toml:12:18: `alhpa` is no state, parameter, input or definition\n",
            "\nhint: nearest is `alpha`\n",
            "12 | dx/dt = ((beta - alhpa*x)*x + gamma)*x - y + x_ext",
            "                  ^^^^^",
        ] {
            assert!(stderr.contains(part), "{part:?} in {stderr}");
        }
    }
    std::fs::write(
        folder.path().join("study.toml"),
        STUDY.replace("mine", "other"),
    )
    .unwrap();
    let (code, _, stderr) = run(&["simulate", "study.toml"], folder.path());
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("study.toml:2") && stderr.contains("other.toml"),
        "{stderr}"
    );
}
