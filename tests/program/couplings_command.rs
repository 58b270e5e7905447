//! `brainsweep couplings` as a user types it: listing, showing, checking, beginning and evaluating couplings.

use crate::program;

mod errors;
mod readme;
mod references;
mod rubbish;

use std::path::Path;

use brainsweep::coupling::FORMS;
use serde_json::{Value, json};

/// What a command that must succeed prints, run in `folder`.
fn prints(arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&["couplings"], arguments, folder);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

/// What a command that must fail says.
fn fails(arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&["couplings"], arguments, folder);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
    stderr
}

/// `brainsweep models`, which must succeed.
fn model(arguments: &[&str], folder: &Path) -> String {
    let (code, stdout, stderr) = program::run(&["models"], arguments, folder);
    assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    stdout
}

fn read_json(arguments: &[&str], folder: &Path) -> Value {
    serde_json::from_str(&prints(&[arguments, &["--json"]].concat(), folder)).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn couplings_are_listed() {
    let folder = folder();
    let list = prints(&[], folder.path());
    let all = read_json(&[], folder.path());
    assert_eq!(all.as_array().unwrap().len(), FORMS.len());
    for (form, shown) in FORMS.iter().zip(all.as_array().unwrap()) {
        let is_row = |line: &&str| line.split_whitespace().next() == Some(form.name);
        let row = list.lines().find(is_row).unwrap();
        assert!(row.ends_with(form.summary), "{row}");
        assert_eq!(shown["name"], form.name);
        assert_eq!(
            shown["parameters"].as_array().unwrap().len(),
            form.parameters.len()
        );
    }
}

#[test]
fn a_coupling_is_shown_with_everything_its_text_says() {
    let folder = folder();
    let folder = folder.path();
    for form in FORMS.iter() {
        let shown = prints(&["show", form.name], folder);
        assert!(
            form.equations.lines().all(|line| shown.contains(line)),
            "{shown}"
        );
        assert!(
            form.papers.iter().all(|paper| shown.contains(paper)),
            "{shown}"
        );
        assert!(shown.contains(form.notes), "{shown}");
        for parameter in &form.parameters {
            let is_row = |line: &&str| {
                line.split_whitespace().next() == Some(parameter.name)
                    && line.contains(parameter.meaning)
            };
            assert!(
                shown.lines().any(|line| is_row(&line)),
                "{}: {shown}",
                parameter.name
            );
        }
        assert!(form.warnings.is_empty(), "{}", form.name);
    }
    let shown = prints(&["show", "kuramoto"], folder);
    for part in [
        "  sin(x_j)  times the weight\n",
        "  cos(x_j)  times the weight\n",
        "A node receives c of the sums and x_i.",
        "from 0 to 1",
    ] {
        assert!(shown.contains(part), "{part} is not in:\n{shown}");
    }
    let additive = read_json(&["show", "additive"], folder);
    assert_eq!(
        additive["sums"],
        json!([{ "of": "x_j", "weights": "plain" }, { "of": "x_j", "weights": "squared" }])
    );
    assert_eq!(additive["receives"], json!(["c", "c_squares"]));
    let diffusive = read_json(&["show", "diffusive"], folder);
    assert_eq!(diffusive["needs"], json!(["x_i", "row_sum"]));
    assert_eq!(diffusive["not_smooth"], Value::Null);
    let sigmoidal = read_json(&["show", "sigmoidal"], folder);
    assert_eq!(sigmoidal["parameters"][5]["range"], "non-zero");
    assert_eq!(sigmoidal["parameters"][5]["default"], 230.0);
}

#[test]
fn a_new_coupling_checks_simulates_and_is_not_overwritten() {
    let folder = folder();
    let folder = folder.path();
    let said = prints(&["new", "My first.toml"], folder);
    assert!(
        said.contains("brainsweep couplings check My first.toml"),
        "{said}"
    );
    let said = prints(&["check", "My first.toml"], folder);
    assert!(
        said.contains("is the coupling my-first: ") && !said.contains("warning"),
        "{said}"
    );
    assert!(fails(&["new", "My first.toml"], folder).contains("exists already"));
    assert!(
        fails(&["new", "mine"], folder)
            .contains("the file of a coupling has an ending or a folder, as in mine.toml")
    );
    let study = "connectome.normalise = \"max\"\ncoupling = { kind = \"My first.toml\", g = 0.5, slope = 2 }\nprotocol.duration = 2\n";
    std::fs::write(folder.join("study.toml"), study).unwrap();
    let (code, _, stderr) = program::run(
        &["simulate"],
        &["study.toml", "--out", "out", "--json"],
        folder,
    );
    assert_eq!(code, Some(0), "{stderr}");
    let manifest = std::fs::read_to_string(folder.join("out/manifest.json")).unwrap();
    assert!(
        manifest.contains("\"kind\": \"my-first\"") && manifest.contains("\"slope\": 2.0"),
        "{manifest}"
    );
}

#[test]
fn a_check_tells_of_everything_and_warns() {
    let folder = folder();
    let folder = folder.path();
    let text = "name = \"mine\"\nsummary = \"a test\"\nequations = \"\"\"\n\
        S(u) = max(u, 0)\nunneeded = 2*g\nG(s) = s\n\
        c = g*sum(S(x_j - theta)) - row_sum_squares*log(-1 - x_i^2)\n\
        c_squares = sum_squares(S(x_j - theta))\n\"\"\"\n[parameters]\n\
        g = { unit = \"1\", default = 1, meaning = \"global coupling\" }\n\
        theta = { unit = \"mV\", default = 0, meaning = \"threshold\" }\n\
        idle = { unit = \"1\", default = 0, meaning = \"nothing\" }\n";
    std::fs::write(folder.join("mine.toml"), text).unwrap();
    let said = prints(&["check", "mine.toml"], folder);
    for part in [
        "mine.toml is the coupling mine: a test",
        "g = 1, theta = 0 and idle = 0",
        "times the weight; ",
        "times the squared weight",
        "c and c_squares of the sums, x_i and row_sum_squares",
        "no: its equations use max",
        "c_squares  2",
        "warning: the parameter `idle` is never used",
        "warning: `unneeded` is defined and has no effect",
        "warning: `G` is defined and has no effect",
        "warning: c is NaN at x_i = 0.25, x_j = 0.5 with the defaults",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    let found = read_json(&["check", "mine.toml"], folder);
    assert_eq!(found["warnings"].as_array().unwrap().len(), 4, "{found}");
    assert_eq!(
        found["at"]["received"],
        json!({ "c": null, "c_squares": 2.0 })
    );
    assert!(found["operations"]["receiver"].as_u64().unwrap() > 2);
    let nothing = "name = \"mine\"\nsummary = \"\"\nequations = \"c = x_i\"\n";
    std::fs::write(folder.join("mine.toml"), nothing).unwrap();
    let said = prints(&["check", "mine.toml"], folder);
    assert!(
        said.contains("warning: nothing is summed over connections: `sum(x_j)` is missing"),
        "{said}"
    );
    assert!(said.contains("  sums        none\n"), "{said}");
}

#[test]
fn a_coupling_is_evaluated_in_a_small_network() {
    let folder = folder();
    let folder = folder.path();
    let found = read_json(
        &[
            "eval",
            "diffusive",
            "--at",
            "0.5,2",
            "--weights",
            "[[0,3],[2,0]]",
            "--set",
            "g=2",
        ],
        folder,
    );
    assert_eq!(found["c"], json!([9.0, -6.0]));
    assert_eq!(found["parameters"], json!({ "g": 2.0 }));
    // What arrives is late; what the node itself transmits is not.
    let arguments = [
        "eval",
        "diffusive",
        "--at",
        "0.5,2",
        "--arriving",
        "1,4",
        "--weights",
        "[[0,3],[2,0]]",
    ];
    assert_eq!(
        read_json(&arguments, folder)["c"],
        json!([3.0 * (4.0 - 0.5), 2.0 * (1.0 - 2.0)])
    );
    let text = prints(&arguments, folder);
    assert!(text.contains("  1     2    4    2        -2\n"), "{text}");
    let found = read_json(&["eval", "additive", "--at", "1,2,3"], folder);
    assert_eq!(
        (&found["c"], &found["c_squares"]),
        (&json!([5.0, 4.0, 3.0]), &json!([5.0, 4.0, 3.0]))
    );
    std::fs::write(folder.join("weights.csv"), "0,1\n0.5,0\n").unwrap();
    let found = read_json(
        &[
            "eval",
            "linear",
            "--at",
            "-1,2",
            "--weights",
            "weights.csv",
            "--set",
            "coupling.a=1, b=10",
        ],
        folder,
    );
    assert_eq!(found["c"], json!([12.0, 9.5]));
    for (arguments, part) in [
        (
            &["--at", "1,two"][..],
            "hint: write one finite number for each node",
        ),
        (&["--at", "1,inf"], "one finite number"),
        (
            &["--at", "1,2", "--arriving", "1"],
            "--arriving has 1 number, but --at has 2",
        ),
        (
            &["--at", "1", "--weights", "weights.csv"],
            "--weights has 2 nodes, but --at has 1 node",
        ),
        (
            &["--at", "1,2", "--weights", "[[0,1]]"],
            "as many rows and columns as nodes",
        ),
        (
            &["--at", "1,2", "--weights", "[0,1]"],
            "write rows as in '[[0,1],[2,0]]'",
        ),
        (&["--at", "1,2", "--weights", "absent.npz"], "absent.npz"),
        (
            &["--at", "1,2", "--set", "gg=1"],
            "no parameter of sigmoidal coupling named \"gg\"",
        ),
        (
            &["--at", "1,2", "--set", "sigma=0"],
            "the parameter sigma of sigmoidal is 0, but must be not 0",
        ),
        (&["--at", "1,2", "--set", "g"], "hint: write numbers as in"),
    ] {
        let message = fails(&[&["eval", "sigmoidal"], arguments].concat(), folder);
        assert!(message.contains(part), "{part} is not in: {message}");
    }
}

#[test]
fn every_example_of_every_help_works_when_typed_in_turn() {
    let folder = folder();
    let folder = folder.path();
    std::fs::write(folder.join("weights.csv"), "0,1,2\n0.5,0,1\n1,1,0\n").unwrap();
    let mut n_examples = 0;
    for of in [&[][..], &["new"], &["show"], &["check"], &["eval"]] {
        let help = prints(&[of, &["--help"]].concat(), folder);
        assert!(
            help.lines().all(|line| line.chars().count() <= 130),
            "{help}"
        );
        let examples = help
            .lines()
            .filter_map(|line| line.strip_prefix("  brainsweep couplings"));
        for line in examples {
            n_examples += 1;
            let typed: Vec<&str> = line
                .split_whitespace()
                .map(|word| word.trim_matches('\''))
                .collect();
            let (code, _, stderr) = program::run(&["couplings"], &typed, folder);
            assert_eq!(code, Some(0), "{typed:?}: {stderr}");
        }
    }
    assert!(n_examples >= 15, "{n_examples}");
}
