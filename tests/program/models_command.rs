//! `brainsweep models` as a user types it: listing, showing, checking, beginning, evaluating and translating models.

use crate::program;

mod formulas;
mod import;
mod rubbish;

use std::path::Path;

use brainsweep::io::npz;
use brainsweep::model::MODELS;
use ndarray::{Array2, array};
use serde_json::Value;

/// What a command that must succeed prints, run in `folder`.
fn prints(arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&["models"], arguments, folder);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

/// What a command that must fail says.
fn fails(arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&["models"], arguments, folder);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
    stderr
}

fn json(arguments: &[&str], folder: &Path) -> Value {
    serde_json::from_str(&prints(&[arguments, &["--json"]].concat(), folder)).unwrap()
}

#[test]
fn models_are_listed_under_their_families() {
    let folder = tempfile::tempdir().unwrap();
    let list = prints(&[], folder.path());
    for model in MODELS.iter() {
        let heading = list.lines().position(|line| line == model.family);
        let row = list
            .lines()
            .position(|line| line.split_whitespace().next() == Some(model.name));
        assert!(heading.unwrap() < row.unwrap(), "{}", model.name);
    }
    let all = json(&[], folder.path());
    let feedback = all
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["name"] == "feedback-fitzhugh-nagumo")
        .unwrap();
    assert_eq!(feedback["family"], "oscillators");
    assert_eq!(feedback["inputs"][0]["name"], "x");
    assert_eq!(
        (&feedback["transmits"][0], &feedback["receives"][0]),
        (&"x".into(), &"x_ext".into())
    );
    assert_eq!(feedback["feedback"][0]["delay"], "delay");
    assert_eq!(feedback["states"][0]["start"], 0.0);
    let threshold = all
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["name"] == "threshold-linear")
        .unwrap();
    assert_eq!(threshold["states"][0]["bounds"]["low"], 0.0);
    assert!(threshold["not_smooth"].is_string() && threshold["notes"].is_string());
}

#[test]
fn a_new_model_checks_simulates_and_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(prints(&["new", "My first_model.toml"], folder).contains("models check"));
    let said = prints(&["check", "My first_model.toml"], folder);
    assert!(
        said.contains("is the model my-first-model")
            && said.contains("x_ext")
            && !said.contains("warning"),
        "{said}"
    );
    let message = fails(&["new", "My first_model.toml"], folder);
    assert!(message.contains("exists already"), "{message}");
    assert!(fails(&["new", "mine"], folder).contains("mine.toml"));
    assert!(fails(&["new", "absent/mine.toml"], folder).contains("create the folder first"));
    let study = "model = \"My first_model.toml\"\n[connectome]\nnodes = 2\n[protocol]\nduration = 20\n[record]\nstates = [\"x\"]\n";
    std::fs::write(folder.join("study.toml"), study).unwrap();
    let (code, _, stderr) = program::run(&["simulate"], &["study.toml"], folder);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_check_tells_of_everything_and_warns() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prints(&["new", "mine.toml"], folder);
    let text = std::fs::read_to_string(folder.join("mine.toml")).unwrap();
    let write = |text: &str| std::fs::write(folder.join("mine.toml"), text).unwrap();
    let spoilt = text
        .replace(
            "\ndx/dt =",
            "\nunneeded = 2*x\nG(s) = s\ndx/dt = abs(x) + log(x) + delayed(distance, tau) +",
        )
        .replace(
            "[inputs]",
            "[inputs]\nz_ext = { unit = \"1\", meaning = \"nothing\" }",
        )
        .replace(
            "[parameters]",
            "[parameters]\nzeta = { unit = \"1\", default = 2, meaning = \"nothing\" }",
        );
    write(&spoilt);
    let said = prints(&["check", "mine.toml"], folder);
    for part in [
        "the node receives its own distance of `tau` ms ago",
        "no: its equations use abs",
        "warning: the parameter `zeta` is never used",
        "warning: the input `z_ext` is never used",
        "warning: `unneeded` is defined and has no effect",
        "warning: `G` is defined and has no effect",
        "warning: dx/dt is NaN",
        "rk4 ",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    let found = json(&["check", "mine.toml"], folder);
    assert_eq!(found["warnings"].as_array().unwrap().len(), 5, "{found}");
    assert!(
        found["at_start"]["derivatives"]["x"].is_null(),
        "NaN is null"
    );
    assert!(found["operations"]["step"]["heun"].as_u64().unwrap() > 20);

    write(&text.replace("b*y", "bb*y"));
    let message = fails(&["check", "mine.toml"], folder);
    assert!(
        message.contains("mine.toml:14:18: `bb` is no state") && message.contains("nearest is `b`"),
        "{message}"
    );
    assert!(
        message.contains("| dy/dt = (x + a - bb*y)/tau\n     |                  ^^"),
        "{message}"
    );
    for (right, wrong, at, part) in [
        (
            "x^3/3 - y",
            "x^3/3 - (y",
            "13:14",
            "this bracket is not closed",
        ),
        (
            "x^3/3 - y",
            "x^3/3 - 2 < y",
            "13:29",
            "`piecewise` takes it",
        ),
        (
            "x^3/3 - y",
            "exp(x - y\n",
            "13:14",
            "this bracket is not closed",
        ),
        (
            "x_ext)\n",
            "x_ext) +\n",
            "14:7",
            "may not end in an operator",
        ),
        (
            "b*y)/tau",
            "b*y)/tau\n- 1",
            "15:1",
            "an operator at the end of a line carries it on",
        ),
        ("start = -1.2", "start = inf", "21:27", "a finite number"),
        (
            "start = -1.2",
            "start = -1.2, bounds = [-1, 1]",
            "21:27",
            "the start of `x`, -1.2, lies outside its own bounds",
        ),
        (
            "distance = sqrt",
            "unused = zz\ndistance = sqrt",
            "15:10",
            "`zz` is no state",
        ),
        (
            "distance = sqrt",
            "F(s) = s*zz\ndistance = sqrt",
            "15:10",
            "`zz` is no argument",
        ),
    ] {
        write(&text.replace(right, wrong));
        let message = fails(&["check", "mine.toml"], folder);
        let is_there = message.contains(&format!("mine.toml:{at}: "));
        assert!(message.contains(part) && is_there, "{wrong}: {message}");
    }
    assert!(fails(&["check", "absent.toml"], folder).contains("absent.toml"));
    assert!(fails(&["check", "wilson-cowen"], folder).contains("did you mean \"wilson-cowan\"?"));
}

#[test]
fn a_model_is_evaluated_at_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prints(&["new", "mine.toml"], folder);
    let arguments = [
        "eval",
        "mine.toml",
        "--at",
        "x=0.5, y=-1",
        "--input",
        "x=0.25",
        "--set",
        "tau=10,a=1",
    ];
    let found = json(&arguments, folder);
    let close = |value: &Value, expected: f64| {
        assert!(
            (value.as_f64().unwrap() - expected).abs() < 1e-14,
            "{value}, {expected}"
        )
    };
    close(&found["derivatives"]["x"], 0.5 - 0.125 / 3.0 + 1.0 + 0.25);
    close(&found["derivatives"]["y"], (0.5 + 1.0 + 0.8) / 10.0);
    close(
        &found["outputs"]["distance"],
        (1.5f64 * 1.5 + 1.6 * 1.6).sqrt(),
    );
    close(&found["transmitted"]["x"], 0.5);
    close(&found["jacobian"][0][0], 0.75);
    close(&found["jacobian"][1][1], -0.08);
    let text = prints(&arguments, folder);
    for part in [
        "mine at x = 0.5, y = -1",
        "x_ext = 0.25",
        "tau = 10",
        "by y",
        "others receive through x_ext",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    // What was is what is, unless it is given.
    let rate = |at: &str| {
        json(&["eval", "feedback-fitzhugh-nagumo", "--at", at], folder)["derivatives"]["x"]
            .as_f64()
            .unwrap()
    };
    assert_eq!(rate("x=0.5"), rate("x=0.5,delayed.x=0.5"));
    assert!(rate("x=0.5") != rate("x=0.5,delayed.x=0.75"));

    for (arguments, part) in [
        (&["--at", "z=1"][..], "no state of mine named \"z\""),
        (&["--at", "x"], "write states as x=0.1"),
        (&["--at", "x=one"], "write numbers as in"),
        (&["--at", "x=inf"], "write numbers as in"),
        (&["--at", "delayed.x=1"], "no delayed value of mine"),
        (&["--input", "y=1"], "no input of mine named \"y\""),
        (&["--set", "tua=1"], "did you mean \"tau\"?"),
        (&["--set", "tau=0"], "above 0"),
        (&["--at", "absent.npz"], "absent.npz"),
    ] {
        let message = fails(&[&["eval", "mine.toml"], arguments].concat(), folder);
        assert!(message.contains(part), "{part} is not in: {message}");
    }
}

#[test]
fn a_model_is_evaluated_at_arrays_of_states() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, arrays: &[(&str, Array2<f64>)]| {
        let mut writer = npz::Writer::create(&folder.join(name)).unwrap();
        for (key, array) in arrays {
            writer.add(key, array).unwrap();
        }
        writer.add("parameters.b", &ndarray::arr0(0.5)).unwrap();
        writer.finish().unwrap();
    };
    prints(&["new", "mine.toml"], folder);
    let x = array![[0.0, 1.0, 2.0], [-1.0, 0.5, 0.25]];
    let tau = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    write(
        "states.npz",
        &[
            ("x", x.clone()),
            ("parameters.tau", tau.clone()),
            ("input.x", &x * 2.0),
        ],
    );
    let out = prints(
        &[
            "eval",
            "mine.toml",
            "--at",
            "states.npz",
            "--out",
            "out.npz",
        ],
        folder,
    );
    assert!(out.contains("6 points"), "{out}");
    let read = |key: &str| npz::read_f64(&folder.join("out.npz"), key).unwrap();
    assert_eq!(read("jacobian").shape(), [2, 3, 2, 2]);
    assert_eq!(read("distance").shape(), [2, 3]);
    for ((at, &x), &tau) in x.indexed_iter().zip(&tau) {
        let at = [at.0, at.1];
        let expected = x - x * x * x / 3.0 + 0.6 + 2.0 * x;
        assert!((read("d.x")[&at[..]] - expected).abs() < 1e-14);
        assert!((read("d.y")[&at[..]] - (x + 0.7 + 0.3) / tau).abs() < 1e-14);
        assert!((read("jacobian")[[at[0], at[1], 1, 1]] + 0.5 / tau).abs() < 1e-14);
    }
    let found = json(&["eval", "mine.toml", "--at", "states.npz"], folder);
    assert_eq!(
        (
            found["shape"][1].as_u64(),
            found["points"].as_array().unwrap().len()
        ),
        (Some(3), 6)
    );
    assert!(fails(&["eval", "mine.toml", "--out", "out.npz"], folder).contains("--force"));
    prints(
        &["eval", "mine.toml", "--out", "out.npz", "--force"],
        folder,
    );
    write("wrong.npz", &[("x", x.clone()), ("y", array![[1.0]])]);
    assert!(fails(&["eval", "mine.toml", "--at", "wrong.npz"], folder).contains("[1, 1]"));
    write("wrong.npz", &[("xx", x)]);
    let message = fails(&["eval", "mine.toml", "--at", "wrong.npz"], folder);
    assert!(message.contains("did you mean \"x\"?"), "{message}");
}

/// Two signals into three inputs, noise that depends on the state, two delays, and an output that depends on an input.
const SEVERAL: &str = r#"
name = "several"
summary = "a test"
equations = """
dx/dt = -x + x_ext + delayed(x, early) - delayed(y, late)
dy/dt = -y + y_ext + spread_ext
rate = 2*y + y_ext
root = sqrt(x + k)
"""
[states]
x = { unit = "1", meaning = "one", start = 1.25 }
y = { unit = "1", meaning = "another" }
[parameters]
k = { unit = "1", default = 1.0, meaning = "shift" }
early = { unit = "ms", default = 2.0, range = "non-negative", meaning = "a delay" }
late = { unit = "ms", default = 3.0, range = "non-negative", meaning = "another delay" }
[inputs]
x_ext = { unit = "1", meaning = "input to x" }
y_ext = { unit = "1", meaning = "input to y" }
spread_ext = { unit = "1", meaning = "variance" }
[outputs]
rate = { unit = "1", meaning = "rate" }
[noise]
x = "root"
[coupling]
transmits = ["x", "rate"]
receives = ["x_ext", "y_ext"]
receives_squares = ["spread_ext", "spread_ext"]
kind = "additive"
"#;

#[test]
fn several_signals_delays_and_noises_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |text: &str| std::fs::write(folder.join("mine.toml"), text).unwrap();
    write(SEVERAL);
    let shown = prints(&["show", "mine.toml"], folder);
    let coupling = "x is transmitted, x_ext receives it, spread_ext through squared weights; rate is transmitted one step late, since it \
        depends on inputs, y_ext receives it, spread_ext through squared weights; by additive coupling where a study names none";
    for part in [
        coupling,
        "Delayed self feedback: the node receives its own x of `early` ms ago",
        "Delayed self feedback: the node receives its own y of `late` ms ago",
        "Noise: the white noise on x is multiplied by root.",
    ] {
        assert!(shown.contains(part), "{part} is not in:\n{shown}");
    }
    let checked = prints(&["check", "mine.toml"], folder);
    assert!(
        checked.contains(coupling) && !checked.contains("warning"),
        "{checked}"
    );
    assert!(
        checked.contains("  noise       the white noise on x is multiplied by root\n"),
        "{checked}"
    );
    let found = json(&["check", "mine.toml"], folder);
    assert_eq!(
        found["receives_squares"],
        serde_json::json!(["spread_ext", "spread_ext"])
    );
    assert_eq!(found["coupling"], "additive");
    assert_eq!(found["noise"], serde_json::json!({ "x": "root" }));
    assert_eq!(found["feedback"].as_array().unwrap().len(), 2);

    let arguments = [
        "eval",
        "mine.toml",
        "--at",
        "x=3,y=0.5,delayed.y=2",
        "--input",
        "y=1",
    ];
    let found = json(&arguments, folder);
    assert_eq!(found["amplitudes"], serde_json::json!({ "x": 2.0 }));
    assert_eq!(
        found["transmitted"],
        serde_json::json!({ "x": 3.0, "rate": 2.0 })
    );
    assert_eq!(
        found["delayed"],
        serde_json::json!({ "delayed(x, early)": 3.0, "delayed(y, late)": 2.0 })
    );
    let text = prints(&arguments, folder);
    assert!(
        text.contains("transmitted: rate = 2, which others receive through y_ext and spread_ext"),
        "{text}"
    );
    assert!(text.contains("the noise on x is multiplied by 2"), "{text}");
    prints(
        &["eval", "mine.toml", "--at", "x=3", "--out", "out.npz"],
        folder,
    );
    assert_eq!(
        npz::read_f64(&folder.join("out.npz"), "amplitude.x")
            .unwrap()
            .sum(),
        2.0
    );

    // What a study would refuse is said before.
    write(&SEVERAL.replace("kind = \"additive\"\n", ""));
    let said = prints(&["check", "mine.toml"], folder);
    assert!(said.contains("warning: spread_ext receives through squared weights, and diffusive coupling has no c_squares"), "{said}");
    write(
        &SEVERAL
            .replace("kind = \"additive\"\n", "")
            .replace("receives_squares", "# "),
    );
    let said = prints(&["check", "mine.toml"], folder);
    assert!(
        said.contains(
            "warning: diffusive coupling takes what the node itself transmits, and rate depends on"
        ),
        "{said}"
    );
    write(&SEVERAL.replace("\"additive\"", "\"aditive\""));
    let said = fails(&["check", "mine.toml"], folder);
    assert!(
        said.contains(": no coupling named \"aditive\"; known: diffusive, additive"),
        "{said}"
    );
    assert!(
        said.contains("mine.toml:") && said.contains("| kind = \"aditive\""),
        "{said}"
    );
    assert!(said.contains("hint: did you mean \"additive\"?"), "{said}");
    // A name that is taken: results of both would be called alike.
    write(&SEVERAL.replace("name = \"several\"", "name = \"hopf\""));
    let said = prints(&["check", "mine.toml"], folder);
    assert!(
        said.contains("calls it \"hopf\", as one that comes with the program"),
        "{said}"
    );
    write(
        &SEVERAL
            .replace("x + k)", "x - k)")
            .replace("start = 1.25", "start = 0"),
    );
    let said = prints(&["check", "mine.toml"], folder);
    assert!(
        said.contains("warning: the amplitude of the noise on x is NaN at the start values"),
        "{said}"
    );
}

#[test]
fn every_example_of_every_help_works_when_typed_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let lorenz = include_str!("../ode/lorenz.ode");
    std::fs::write(folder.join("lorenz.ode"), lorenz).unwrap();
    let mut writer = npz::Writer::create(&folder.join("states.npz")).unwrap();
    writer.add("x", &array![0.1, 0.2]).unwrap();
    writer.finish().unwrap();
    let mut n_examples = 0;
    for of in [
        &[][..],
        &["new"],
        &["show"],
        &["check"],
        &["eval"],
        &["import"],
    ] {
        let help = prints(&[of, &["--help"]].concat(), folder);
        assert!(
            help.lines().all(|line| line.chars().count() <= 130),
            "{help}"
        );
        for line in help
            .lines()
            .filter_map(|line| line.strip_prefix("  brainsweep models"))
        {
            n_examples += 1;
            let typed: Vec<&str> = line.split_whitespace().collect();
            let (code, _, stderr) = program::run(&["models"], &typed, folder);
            assert_eq!(code, Some(0), "{typed:?}: {stderr}");
        }
    }
    assert!(n_examples >= 20, "{n_examples}");
}
