//! `Study::set_number`: what a sweep sets, and what it may not.

use super::*;

fn network() -> Study {
    load(None, NONE).unwrap()
}

#[test]
fn every_path_that_a_study_lists_can_be_set_and_shows_in_its_manifest() {
    // The tutorial holds nothing; tests of what is held set its target.
    let paths = network().number_paths().into_iter();
    for path in paths.filter(|path| path != "hold.target") {
        let mut study = network();
        study.set_number(&path, 0.125).unwrap();
        let json = to_json(&study);
        let written = if path == "input" { "input.x" } else { &path };
        let value = written.split('.').fold(&json, |json, key| &json[key]);
        assert_eq!(*value, 0.125, "{path}");
    }
}

#[test]
fn one_node_is_set_and_the_others_stay() {
    let mut study = network();
    study.set_number("parameters.alpha[12]", 3.5).unwrap();
    study.set_number("input[1]", 0.9).unwrap();
    study.set_number("noise.sigma.y[0]", 0.0).unwrap();
    let alpha = study.parameters[0].expand(80);
    assert_eq!((alpha[11], alpha[12], alpha[13]), (3.0, 3.5, 3.0));
    assert_eq!((study.input[0].at(0), study.input[0].at(1)), (0.72, 0.9));
    assert_eq!(
        (study.noise.sigma[1].at(0), study.noise.sigma[1].at(1)),
        (0.0, 0.01)
    );
    study.set_number("parameters.alpha", 2.0).unwrap();
    assert_eq!(study.parameters[0], uniform(2.0));
}

#[test]
fn a_flag_and_a_set_number_agree() {
    for (path, value) in [
        ("coupling.g", 1.5),
        ("parameters.tau[3]", 12.0),
        ("noise.tau", 2.0),
        ("initial.y", 0.3),
    ] {
        let flagged = load(None, &[format!("{path}={value}")]).unwrap();
        let mut set = network();
        set.set_number(path, value).unwrap();
        assert_eq!(to_json(&flagged), to_json(&set), "{path}");
    }
}

#[test]
fn what_cannot_be_set_is_told_why() {
    let complaint = |study: &mut Study, path: &str, value: f64| {
        study.set_number(path, value).unwrap_err().report()
    };
    for (path, value, part) in [
        ("protocol.dt", 0.2, "no number named \"protocol.dt\""),
        ("coupling.h", 0.2, "did you mean \"coupling.g\"?"),
        ("coupling.g[80]", 0.2, "nodes 0 to 79"),
        ("parameters.alpha[80]", 1.0, "nodes 0 to 79"),
        ("parameters.alpha[x]", 1.0, "parameters.alpha[12]"),
        ("parameters.tau", 0.0, "the model divides by it"),
        ("coupling.g", f64::NAN, "finite"),
        ("coupling.conduction_speed", 0.0, "inf means no delays"),
        ("noise.sigma.x", -1.0, "0 or more"),
        ("noise.sigma.z", 1.0, "no number named"),
        ("initial.x[0]", 1.0, "drawn at random"),
        ("", 1.0, "no number named"),
    ] {
        let message = complaint(&mut network(), path, value);
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    let mut silent = load(None, &["noise.kind=none", "coupling.kind=none"]).unwrap();
    assert!(complaint(&mut silent, "noise.sigma.x", 0.1).contains("noise.kind is \"none\""));
    assert!(complaint(&mut silent, "coupling.g", 0.1).contains("coupling.kind is \"none\""));
    let mut white = load(None, &["noise.kind=white"]).unwrap();
    assert!(complaint(&mut white, "noise.tau", 0.1).contains("sigma only"));
    white.set_number("noise.sigma.x", 0.1).unwrap();
}
