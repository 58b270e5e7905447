//! Commands as a user types them, wrong ones too.

use std::process::{Command, Stdio};

use serde_json::Value;

/// Exit code, stdout and stderr of `brainsweep ARGUMENTS`.
fn brainsweep(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_brainsweep"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// What a command that must succeed prints.
fn prints(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = brainsweep(arguments);
    assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
    stdout
}

#[test]
fn help_names_the_commands_and_the_studies_that_come_along() {
    let help = prints(&["--help"]);
    for part in [
        "models",
        "connectome",
        "hcp_network",
        "wilson_cowan",
        "fitzhugh_nagumo",
        "Exit codes",
    ] {
        assert!(help.contains(part), "{part} is not in:\n{help}");
    }
}

#[test]
fn models_lists_every_model_and_shows_its_facts() {
    let list = prints(&["models"]);
    for model in brainsweep::model::MODELS {
        assert!(list.contains(model.name) && list.contains(model.summary));
        let shown = prints(&["models", "show", model.name]);
        assert!(
            model
                .equations
                .lines()
                .all(|line| shown.contains(line.trim_end())),
            "{shown}"
        );
        assert!(shown.contains(model.reference));
        for parameter in model.parameters {
            let row = shown.lines().find(|line| {
                line.split_whitespace().next() == Some(parameter.name)
                    && line.contains(parameter.meaning)
            });
            assert!(
                row.unwrap().contains(&parameter.default.to_string()),
                "{}",
                parameter.name
            );
        }
        let json: Value =
            serde_json::from_str(&prints(&["models", "show", model.name, "--json"])).unwrap();
        assert_eq!(
            json["parameters"].as_array().unwrap().len(),
            model.parameters.len()
        );
        assert!(prints(&["models", "show", model.name, "--wgsl"]).contains("fn update("));
    }
}

#[test]
fn a_model_that_is_not_there_is_answered_with_the_nearest() {
    let (code, stdout, stderr) = brainsweep(&["models", "show", "wilson-cowen"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.starts_with("error: no model named \"wilson-cowen\", nearest is \"wilson-cowan\""),
        "{stderr}"
    );
}

#[test]
fn the_embedded_connectome_is_described_and_drawn() {
    let text = prints(&["connectome", "show"]);
    assert!(
        text.contains("regions      80") && text.contains("at 20 mm/ms"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&prints(&[
        "connectome",
        "show",
        "--json",
        "--speed",
        "10",
        "--normalise",
        "max",
    ]))
    .unwrap();
    assert_eq!(
        (&json["n_nodes"], &json["n_subjects"]),
        (&80.into(), &7.into())
    );
    // The longest tract has 248.3468 mm.
    assert!((json["delays_ms"]["max"].as_f64().unwrap() - 24.83468).abs() < 1e-5);
    assert_eq!(json["weights"]["max"], 1.0);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/pictures");
    let arguments = ["connectome", "show", "--out", out.to_str().unwrap()];
    prints(&arguments);
    for name in [
        "weights.svg",
        "weights.png",
        "tract_lengths.svg",
        "functional.png",
        "summary.json",
    ] {
        assert!(out.join(name).metadata().unwrap().len() > 100, "{name}");
    }
    let (code, _, stderr) = brainsweep(&arguments);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("exists already") && stderr.contains("--force"),
        "{stderr}"
    );
    prints(&[&arguments[..], &["--force"]].concat());
}

#[test]
fn wrong_commands_exit_with_2_and_say_what_is_wrong() {
    for (arguments, part) in [
        (&["simulte"][..], "simulte"),
        (&["connectome", "show", "absent.npz"], "absent.npz"),
        (&["connectome", "show", "--speed", "0"], "above 0"),
        (&["connectome", "show", "--dt", "fast"], "above 0"),
        (&["connectome", "show", "--weights", "SC"], "<FILE>"),
        (&["connectome", "show", "--normalise", "sum"], "row-sum"),
        (&["models", "show"], "<NAME>"),
    ] {
        let (code, stdout, stderr) = brainsweep(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(part), "{part:?} is not in: {stderr}");
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    command
        .args(["connectome", "show"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Closed long before the connectome is unpacked and described.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}
