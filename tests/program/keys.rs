//! The keys of a study: written once, and named alike in every command.

use crate::program;

use std::fs;
use std::path::{Path, PathBuf};

use brainsweep::study::key::KEYS;
use program::run;

fn source_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The texts in quotes of a line of code.
fn literals(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap();
    code.split('"').skip(1).step_by(2).collect()
}

/// Help and messages may give examples; a key as a whole text is a second home for it.
#[test]
fn every_key_is_written_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut homes = vec![Vec::new(); KEYS.len()];
    for file in &files {
        let relative = file.strip_prefix(&root).unwrap();
        let is_test = file.ends_with("tests.rs");
        if is_test {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (key, homes) in KEYS.iter().zip(&mut homes) {
            // `name` and `model` are words of other things, too.
            let is_dotted = key.path.contains('.');
            let here = code.lines().any(|line| literals(line).contains(&key.path));
            if is_dotted && here {
                homes.push(relative.display().to_string());
            }
        }
    }
    let n_dotted = KEYS.iter().filter(|key| key.path.contains('.')).count();
    assert!(n_dotted > 40 && files.len() > 200, "the source was read");
    for (key, homes) in KEYS.iter().zip(homes) {
        if key.path.contains('.') {
            let is_table = |home: &String| home.starts_with("study/key/table/");
            assert!(
                homes.len() == 1 && homes.iter().all(is_table),
                "{}: {homes:?}",
                key.path
            );
        }
    }
}

fn outcome(arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(arguments, &[], folder.path());
    (code.unwrap(), stdout, stderr)
}

#[track_caller]
fn works(arguments: &[&str]) -> (String, String) {
    let (code, stdout, stderr) = outcome(arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    (stdout, stderr)
}

#[track_caller]
fn refused(arguments: &[&str], parts: &[&str]) {
    let (code, _, stderr) = outcome(arguments);
    assert_eq!(code, 2, "{arguments:?}: {stderr}");
    for part in parts {
        assert!(
            stderr.contains(part),
            "{arguments:?}: {part:?} is not in: {stderr}"
        );
    }
}

#[test]
fn the_end_of_a_key_will_do_in_every_command() {
    let short = [
        "--set",
        "duration=5",
        "--set",
        "g=1.2",
        "--set",
        "x_ext=0.8",
        "--json",
    ];
    works(&[&["simulate"][..], &short].concat());
    let vary = [
        "sweep",
        "--vary",
        "speed=5,10",
        "--backend",
        "cpu",
        "--out",
        "s.zarr",
    ];
    works(&[&vary[..], &short].concat());
    works(&[
        "bifurcate",
        "fitzhugh-nagumo",
        "--set",
        "tau=12",
        "--vary",
        "input.x=0:2",
        "--no-cycles",
    ]);
    works(&[
        "bifurcate",
        "fitzhugh-nagumo",
        "--set",
        "parameters.tau=12",
        "--vary",
        "x_ext=0:2",
        "--no-cycles",
    ]);
    works(&[
        "phase-plane",
        "fitzhugh-nagumo",
        "--set",
        "x_ext=1",
        "--set",
        "alpha[0]=3",
    ]);
}

#[test]
fn what_is_ambiguous_in_a_command_is_named_there() {
    // The noise has a time constant, too, and equilibria do not depend on it.
    refused(
        &["simulate", "--set", "tau=30"],
        &["--set tau=30", "parameters.tau, noise.tau"],
    );
    refused(
        &["sweep", "--vary", "tau=20,30"],
        &["parameters.tau, noise.tau"],
    );
    works(&[
        "bifurcate",
        "fitzhugh-nagumo",
        "--set",
        "tau=30",
        "--vary",
        "x_ext=0:0.1",
        "--no-cycles",
    ]);
    refused(
        &["simulate", "--set", "kind=none"],
        &["coupling.kind", "noise.kind"],
    );
    refused(
        &["simulate", "--set", "alhpa=3"],
        &["unknown key alhpa", "parameters.alpha"],
    );
    refused(
        &["bifurcate", "hcp_network", "--vary", "noise.tau=1:2"],
        &["noise.tau", "depend"],
    );
}

#[test]
fn a_key_without_effect_is_refused_where_it_varies_and_told_where_it_is_set() {
    let (_, stderr) = works(&[
        "simulate",
        "fitzhugh_nagumo",
        "--set",
        "duration=5",
        "--set",
        "g=3",
        "--set",
        "speed=7",
    ]);
    let note =
        "note: coupling.g, coupling.conduction_speed have no effect: the nodes are not coupled";
    assert!(stderr.contains(note), "{stderr}");
    refused(
        &["sweep", "fitzhugh_nagumo", "--vary", "g=1,2"],
        &["coupling.g has no effect"],
    );
    let (_, stderr) = works(&[
        "simulate",
        "--set",
        "duration=5",
        "--set",
        "noise.kind=white",
        "--set",
        "noise.tau=3",
    ]);
    assert!(stderr.contains("noise.tau has no effect"), "{stderr}");
    let (_, stderr) = works(&[
        "bifurcate",
        "fitzhugh-nagumo",
        "--set",
        "noise.tau=3",
        "--vary",
        "x_ext=0:0.1",
        "--no-cycles",
    ]);
    assert!(stderr.contains("noise.tau has no effect"), "{stderr}");
}

/// Errors name what the user wrote, not what a step makes of it.
#[test]
fn a_number_that_a_step_cannot_use_is_named_as_it_was_written() {
    let simulate = |set: &'static str| ["simulate", "--set", "duration=5", "--set", set];
    refused(&simulate("noise.tau=1e-40"), &["noise.tau = 1e-40", "1e39"]);
    refused(
        &simulate("parameters.tau=1e-40"),
        &["parameters.tau = 1e-40", "1e40"],
    );
}

#[test]
fn keys_lists_and_explains() {
    let (all, _) = works(&["keys"]);
    for key in KEYS {
        let first = key
            .meaning
            .split([' ', '`'])
            .find(|word| !word.is_empty())
            .unwrap();
        assert!(
            all.contains(key.path) && all.contains(first),
            "{}",
            key.path
        );
    }
    let (one, _) = works(&["keys", "speed"]);
    assert!(
        one.contains("coupling.conduction_speed") && !one.contains("coupling.g"),
        "{one}"
    );
    let (of, _) = works(&["keys", "--of", "wilson-cowan"]);
    assert!(
        of.contains("parameters.wEE") && of.contains("no effect here"),
        "{of}"
    );
    let (json, _) = works(&["keys", "tau", "--of", "hcp_network", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let keys: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["parameters.tau", "noise.tau"]);
    refused(
        &["keys", "conduction_sped"],
        &["no key named", "coupling.conduction_speed"],
    );
}
