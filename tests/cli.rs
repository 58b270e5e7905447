//! Commands as a user types them, wrong ones too.

use std::process::{Command, Stdio};

use serde_json::Value;

/// `brainsweep ARGUMENTS` in a folder of its own, into which go the results that name no other.
fn command(arguments: &[&str]) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_brainsweep"));
    command.args(arguments).current_dir(folder.path());
    // Software Vulkan drivers complain on stderr where they find no such folder.
    command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    (command, folder)
}

/// Exit code, stdout and stderr of `brainsweep ARGUMENTS`.
fn brainsweep(arguments: &[&str]) -> (i32, String, String) {
    let (mut command, _folder) = command(arguments);
    let output = command.output().unwrap();
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
    for name in ["connectome.svg", "connectome.png", "manifest.json"] {
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
    let (mut command, _folder) = command(&["connectome", "show"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Closed long before the connectome is unpacked and described.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

/// Every line of an example in a help text, as typed.
fn examples(help: &str) -> Vec<Vec<String>> {
    let lines = help
        .lines()
        .filter_map(|line| line.strip_prefix("  brainsweep "));
    // Two spaces set off what an example is for.
    let typed = lines.map(|line| line.split("  ").next().unwrap());
    typed
        .map(|line| line.split(' ').map(String::from).collect())
        .collect()
}

#[test]
fn the_examples_of_every_help_work_when_typed() {
    let mut n_examples = 0;
    for of in [
        &["simulate"][..],
        &["connectome", "show"],
        &["models"],
        &["devices"],
    ] {
        let help = prints(&[of, &["--help"]].concat());
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{help}"
        );
        for example in examples(&help) {
            n_examples += 1;
            let mut arguments: Vec<&str> = example.iter().map(String::as_str).collect();
            // On a machine without a GPU the others still have to work.
            if let Some(at) = arguments.iter().position(|argument| *argument == "gpu") {
                arguments[at] = "auto";
            }
            let (mut command, folder) = command(&arguments);
            let weights = "0,1\n1,0\n";
            std::fs::create_dir(folder.path().join("mine.npz")).unwrap();
            for name in ["SC", "tract_lengths"] {
                std::fs::write(folder.path().join(format!("mine.npz/{name}.csv")), weights)
                    .unwrap();
            }
            let study = "[connectome]\nnodes = 2\n[protocol]\nduration = 1\n";
            std::fs::write(folder.path().join("mine.toml"), study).unwrap();
            let output = command.output().unwrap();
            assert!(output.status.success(), "{example:?}: {output:?}");
        }
    }
    assert!(n_examples >= 11, "{n_examples}");
}

#[test]
fn the_help_of_simulate_names_every_section_of_a_study() {
    let help = prints(&["simulate", "--help"]);
    let study = brainsweep::io::study::load(None, &[""; 0]).unwrap();
    let keys = brainsweep::io::study::to_json(&study);
    for section in keys.as_object().unwrap().keys() {
        // `name` has nothing to do with what runs, `files` is no key.
        if section != "name" && section != "files" {
            assert!(help.contains(section), "{section} is not in:\n{help}");
        }
    }
}

/// As tractography comes: one half, with self-connections.
#[test]
fn what_reading_changed_is_said_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("sc.csv", "7,5,1\n0,8,3\n0,0,0\n");
    file(
        "k.toml",
        "connectome.file = \"sc.csv\"\nprotocol.duration = 10\n",
    );
    file(
        "as_is.toml",
        "connectome = { file = \"sc.csv\", symmetric = \"as-is\" }\nprotocol.duration = 10\n",
    );
    let run = |arguments: &[&str]| {
        let mut command = command(arguments).0;
        let output = command.current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let said = |text: &str| {
        ["2 self-connections set to 0", "node 0, node 1", "mirrored"]
            .map(|part| text.contains(part))
    };
    let all = [true; 3];
    for arguments in [
        &["simulate", "k.toml", "--out", "a"][..],
        &[
            "sweep",
            "k.toml",
            "--vary",
            "g=1,2",
            "--backend",
            "cpu",
            "--out",
            "b",
        ],
        &["bifurcate", "k.toml", "--vary", "x_ext=0:0.1", "--out", "c"],
    ] {
        let (json, notes) = run(&[arguments, &["--json"]].concat());
        assert_eq!(said(&notes), all, "{arguments:?}: {notes}");
        assert_eq!(said(&json), all, "{arguments:?}: {json}");
    }
    for manifest in ["a/manifest.json", "b/zarr.json", "c/manifest.json"] {
        let text = std::fs::read_to_string(folder.path().join(manifest)).unwrap();
        assert_eq!(said(&text), all, "{manifest}: {text}");
    }
    assert_eq!(said(&run(&["connectome", "show", "sc.csv"]).0), all);
    let (text, _) = run(&[
        "connectome",
        "show",
        "sc.csv",
        "--symmetric",
        "as-is",
        "--json",
    ]);
    assert_eq!(said(&text), [true, true, false]);
    let (_, notes) = run(&["simulate", "as_is.toml"]);
    assert_eq!(said(&notes), [true, true, false]);
}
