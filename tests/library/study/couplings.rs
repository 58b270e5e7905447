//! `[coupling]` and `[[coupling]]`: every form of them, every complaint.

use brainsweep::coupling::find;
use brainsweep::model::Signal;
use brainsweep::study::key::{Purpose, resolve};
use brainsweep::study::{Coupling, Term};
use serde_json::json;

use super::errors::{complaint, says};
use super::*;

/// The whole key that a sweep would vary.
fn named(study: &Study, text: &str) -> Result<String> {
    resolve(study, text, Purpose::Vary).map(|address| address.full())
}

/// A coupling of one's own.
const MINE: &str = r#"
name = "mine"
summary = "what is sent is bounded"
equations = "c = g*sum(tanh(slope*x_j))"
[parameters]
g = { unit = "1", default = 1.0, meaning = "global coupling" }
slope = { unit = "1", default = 2.0, range = "positive", meaning = "slope" }
"#;

/// Two couplings with names: `long` from x to x, `short` from x to y.
const TWO: &str = r#"
[[coupling]]
name = "long"
kind = "diffusive"
g = 0.5
conduction_speed = 3

[[coupling]]
name = "short"
kind = "linear"
source = "x"
target = "y"
a = 0.25
"#;

fn coupling(text: &str) -> Coupling {
    let (_folder, study) = three(text);
    study.unwrap().coupling
}

/// The one coupling of a study of three nodes.
fn term(text: &str) -> Term {
    let mut terms = coupling(text).terms;
    assert_eq!(terms.len(), 1, "{text}");
    terms.remove(0)
}

/// What is said of a study of three nodes that must not read; `text` begins in its third line.
fn wrong(text: &str) -> String {
    let (_folder, study) = three(text);
    complaint(study)
}

fn set(text: &str, flags: &[&str]) -> Result<Study> {
    with(&format!("connectome.normalise = \"max\"\n{text}"), flags)
}

fn pairs(term: &Term) -> Vec<(Signal, usize)> {
    let pairs = term.pairs.iter();
    pairs.map(|pair| (pair.source, pair.target)).collect()
}

#[test]
fn every_kind_is_read_with_its_defaults_and_numbers() {
    for form in brainsweep::coupling::FORMS.iter() {
        let term = term(&format!("coupling.kind = \"{}\"", form.name));
        assert_eq!((term.form, term.name.as_str()), (*form, form.name));
        let defaults = form.parameters.iter().map(|p| uniform(p.default));
        assert_eq!(term.parameters, defaults.collect::<Vec<_>>());
        assert_eq!(pairs(&term), [(Signal::State(0), 0)]);
    }
    let term = term("coupling = { kind = \"sigmoidal\", g = 2, sigma = 5, cmin = [0, 1, 2] }");
    let place = |name: &str| term.form.parameter(name).unwrap();
    assert_eq!(term.parameters[place("g")], uniform(2.0));
    assert_eq!(term.parameters[place("sigma")], uniform(5.0));
    assert_eq!(term.parameters[place("cmin")], per_node(&[0.0, 1.0, 2.0]));
    assert_eq!(term.parameters[place("cmax")], uniform(1.0));
}

#[test]
fn a_model_names_its_coupling_and_a_study_another() {
    let kind = |text: &str| {
        let (_folder, study) = three(&format!("model = \"kuramoto\"\n{text}"));
        let study = study.unwrap();
        study.coupling.terms.first().map(|term| term.form.name)
    };
    assert_eq!(kind(""), Some("kuramoto"));
    assert_eq!(kind("coupling.per_node = 1"), Some("kuramoto"));
    assert_eq!(kind("coupling.kind = \"additive\""), Some("additive"));
    assert_eq!(kind("coupling.kind = \"none\""), None);
}

#[test]
fn a_kind_is_a_file_beside_the_study_or_anywhere() {
    let folder = folder();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, MINE).unwrap();
    let head = "connectome = { file = \"data.npz\", weights = \"w\" }\nprotocol.duration = 0.6\n";
    let read =
        |text: &str| parse(&format!("{head}{text}"), "study.toml", folder.path(), NONE).unwrap();
    let study = read("coupling = { kind = \"mine.toml\", g = 3, slope = [1, 2, 3] }");
    let term = &study.coupling.terms[0];
    assert_eq!((term.form.name, term.name.as_str()), ("mine", "mine"));
    assert_eq!(term.parameters, [uniform(3.0), per_node(&[1.0, 2.0, 3.0])]);
    let file = |study: &Study| {
        study
            .files
            .iter()
            .find(|(key, _)| key == "coupling.kind")
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(file(&study), path);
    let absolute = read(&format!("coupling.kind = {:?}", path.display().to_string()));
    assert_eq!(absolute.coupling.terms[0].form, term.form);
    assert_eq!(file(&absolute), path);

    let said = |text: &str| {
        complaint(parse(
            &format!("{head}{text}"),
            "study.toml",
            folder.path(),
            NONE,
        ))
    };
    says(
        &said("coupling.kind = \"absent.toml\""),
        &["study.toml:3:", "coupling.kind: cannot read", "absent.toml"],
    );
    std::fs::write(
        folder.path().join("bad.toml"),
        MINE.replace("slope*x_j", "slop*x_j"),
    )
    .unwrap();
    says(
        &said("coupling.kind = \"bad.toml\""),
        &["bad.toml:4:29: `slop` is no", "nearest is `slope`"],
    );
    std::fs::write(folder.path().join("other.toml"), "model = \"wilson-cowan\"").unwrap();
    says(
        &said("coupling.kind = \"other.toml\""),
        &[
            "study.toml:3:",
            "coupling.kind: ",
            "other.toml: is a study, not the text of a coupling",
        ],
    );
    says(
        &said("model = \"mine.toml\""),
        &[
            "study.toml:3:",
            "model: ",
            "mine.toml: is the text of a coupling, not of a model",
        ],
    );
}

#[test]
fn numbers_are_per_node_as_lists_and_files() {
    assert_eq!(
        term("coupling.g = [1, 2, 3]").parameters,
        [per_node(&[1.0, 2.0, 3.0])]
    );
    assert_eq!(
        term("coupling.g = { file = \"data.npz\", key = \"alpha\" }").parameters,
        [per_node(&[1.0, 2.0, 3.0])]
    );
    assert_eq!(
        term("coupling = { g = { file = \"alpha.csv\" } }").parameters,
        [per_node(&[7.0, 8.5, 9.0])]
    );
    let several = coupling(&TWO.replace("g = 0.5", "g = { file = \"alpha.npy\" }"));
    assert_eq!(several.terms[0].parameters, [per_node(&[4.0, 5.0, 6.0])]);
    says(
        &wrong("coupling.g = [1, 2]"),
        &[
            "study.toml:3:",
            "coupling.g is a list of 2, expected a list of 3 numbers",
        ],
    );
    says(
        &wrong(&TWO.replace("g = 0.5", "g = { fiel = \"alpha.npy\" }")),
        &[
            "study.toml:7:",
            "coupling.long.g.fiel",
            "coupling.long.g.file",
        ],
    );
    says(
        &wrong("coupling.g = {}"),
        &["study.toml:3:", "coupling.g is an empty table"],
    );
    says(
        &wrong("[coupling]\nkind = \"sigmoidal\"\nsigma = 0"),
        &["study.toml:5:", "coupling.sigma is 0, but"],
    );
}

#[test]
fn sources_and_targets_are_names_or_lists() {
    let x = Signal::State(0);
    let y = Signal::State(1);
    for (text, expected) in [
        ("source = \"y\"", vec![(y, 0)]),
        ("target = \"y\"", vec![(x, 1)]),
        ("target = \"y_ext\"", vec![(x, 1)]),
        ("source = \"y\", target = \"y\"", vec![(y, 1)]),
        (
            "source = [\"x\", \"y\"], target = [\"y\", \"x\"]",
            vec![(x, 1), (y, 0)],
        ),
        ("source = [\"y\"], target = \"x\"", vec![(y, 0)]),
    ] {
        let term = term(&format!("coupling = {{ {text} }}"));
        assert_eq!(pairs(&term), expected, "{text}");
    }
    for (text, parts) in [
        (
            "source = [\"x\", \"y\"]",
            &[
                "study.toml:3:",
                "coupling.source: 2 transmitted (x, y), but 1 received (x)",
                "say both source and target",
            ][..],
        ),
        (
            "source = \"x\", target = [\"x\", \"y\"]",
            &[
                "coupling.source: 1 transmitted (x), but 2 received (x, y)",
                "as many sources as targets",
            ],
        ),
        (
            "target = [\"x\", \"y\"]",
            &["coupling.target: 1 transmitted (x), but 2 received"],
        ),
        (
            "source = \"z\"",
            &[
                "coupling.source: no state or output of fitzhugh-nagumo named \"z\"",
                "known: x, y",
            ],
        ),
        (
            "target = \"z\"",
            &[
                "coupling.target: no input of fitzhugh-nagumo named \"z\"",
                "known: x, y",
            ],
        ),
        (
            "source = []",
            &["coupling.source is a list of 0, expected a name, or a list of names"],
        ),
        (
            "source = 1",
            &["coupling.source is the number 1, expected a name"],
        ),
        (
            "source = [1]",
            &["coupling.source[0] is the number 1, expected a text in quotes"],
        ),
    ] {
        says(&wrong(&format!("coupling = {{ {text} }}")), parts);
    }
}

#[test]
fn several_couplings_have_names() {
    let two = coupling(TWO);
    let names: Vec<&str> = two.terms.iter().map(|term| term.name.as_str()).collect();
    assert_eq!(names, ["long", "short"]);
    assert_eq!(
        [two.terms[0].form, two.terms[1].form],
        [find("diffusive").unwrap(), find("linear").unwrap()]
    );
    assert_eq!(two.terms[0].parameters, [uniform(0.5)]);
    assert_eq!(
        two.terms[1].parameters,
        [uniform(1.0), uniform(0.25), uniform(0.0)]
    );
    assert_eq!(pairs(&two.terms[1]), [(Signal::State(0), 1)]);
    assert_eq!(two.conduction_speed, 3.0);
    assert_eq!(
        two.number_names(),
        [
            "coupling.long.g",
            "coupling.short.g",
            "coupling.short.a",
            "coupling.short.b"
        ]
    );
    // Where none is given, it is the kind's.
    let named = coupling(
        "[[coupling]]\nkind = \"diffusive\"\n[[coupling]]\nkind = \"additive\"\ntarget = \"y\"\n",
    );
    let names: Vec<&str> = named.terms.iter().map(|term| term.name.as_str()).collect();
    assert_eq!(names, ["diffusive", "additive"]);
    // Tables with a kind are the same.
    assert_eq!(
        coupling(
            "coupling = { conduction_speed = 3, long = { kind = \"diffusive\", g = 0.5 }, short = { kind = \"linear\", source = \"x\", target = \"y\", a = 0.25 } }"
        ),
        two
    );
    // One of several may be no coupling.
    let off = coupling(
        &TWO.replace("kind = \"linear\"\n", "kind = \"none\"\n")
            .replace("a = 0.25\n", ""),
    );
    assert_eq!(off.terms.len(), 1);
}

#[test]
fn names_that_keys_cannot_hold_are_refused() {
    let two = |first: &str, second: &str| {
        wrong(&format!("[[coupling]]\n{first}\n[[coupling]]\n{second}\n"))
    };
    says(
        &two("kind = \"additive\"", "kind = \"additive\""),
        &[
            "study.toml:5:",
            "two couplings are called additive",
            "give one of them another name = \"...\"",
        ],
    );
    says(
        &two("kind = \"additive\"", "g = 1"),
        &[
            "study.toml:5:",
            "each [[coupling]] needs a kind",
            "brainsweep couplings",
        ],
    );
    says(
        &two("kind = \"additive\"", "name = \"b\""),
        &["study.toml:5:", "each [[coupling]] needs a kind"],
    );
    says(
        &two("kind = \"additive\"\nname = \"a b\"", ""),
        &[
            "study.toml:5:",
            "\"a b\" cannot be the name of a coupling",
            "letters, digits, _ and - only",
        ],
    );
    says(
        &two("kind = \"my.own.toml\"", ""),
        &[
            "study.toml:4:",
            "\"my.own\" cannot be the name of a coupling",
            "give it another name",
        ],
    );
    for name in ["g", "kind", "source", "conduction_speed", "delay_reads"] {
        says(
            &two(&format!("kind = \"additive\"\nname = \"{name}\""), ""),
            &[
                "study.toml:5:",
                &format!("a coupling cannot be called {name}"),
            ],
        );
    }
    says(
        &two("kind = 1", ""),
        &["coupling[0].kind is the number 1, expected a text"],
    );
    says(
        &two("kind = \"additive\"\nname = 1", ""),
        &["coupling[0].name is the number 1, expected a text"],
    );
    says(
        &wrong("coupling = [1]"),
        &["coupling[0] is the number 1, expected a table with the keys of a coupling"],
    );
    says(
        &wrong("coupling = 1"),
        &["coupling is the number 1, expected a table with the keys kind, source"],
    );
}

#[test]
fn wiring_is_common_to_all_couplings() {
    let both = |first: &str, second: &str| {
        format!(
            "[[coupling]]\nkind = \"additive\"\n{first}\n[[coupling]]\nkind = \"linear\"\n{second}\n"
        )
    };
    for text in [
        both("conduction_speed = 5\ndelay_reads = \"x[n-1-d]\"", ""),
        both("", "conduction_speed = 5\ndelay_reads = \"x[n-1-d]\""),
        both("conduction_speed = 5", "delay_reads = \"x[n-1-d]\""),
        both(
            "conduction_speed = 5",
            "conduction_speed = 5.0\ndelay_reads = \"x[n-1-d]\"",
        ),
    ] {
        let coupling = coupling(&text);
        assert_eq!(
            (coupling.conduction_speed, coupling.delay_reads),
            (5.0, DelayReads::ExtraStep),
            "{text}"
        );
    }
    says(
        &wrong(&both("conduction_speed = 5", "conduction_speed = 6")),
        &[
            "study.toml:8:",
            "coupling.conduction_speed is the number 6, but all couplings of a study have it in common",
        ],
    );
    says(
        &wrong(&both("", "delay_rounding = \"up\"")),
        &[
            "study.toml:8:",
            "coupling.delay_rounding is the text \"up\"",
        ],
    );
}

#[test]
fn flags_and_sweeps_reach_one_of_several() {
    let study = set(TWO, &["coupling.long.g=2", "coupling.short.b=[3]"]);
    says(
        &complaint(study),
        &[
            "--set coupling.short.b=[3]",
            "coupling.short.b is a list of 1",
        ],
    );
    let study = set(
        TWO,
        &[
            "coupling.long.g=2",
            "coupling.short.b=3",
            "coupling.long.g[4]=7",
            "coupling.conduction_speed=9",
        ],
    )
    .unwrap();
    let terms = &study.coupling.terms;
    assert_eq!(terms[0].parameters[0].at(0), 2.0);
    assert_eq!(terms[0].parameters[0].at(4), 7.0);
    assert_eq!(terms[1].parameters[2], uniform(3.0));
    assert_eq!(study.coupling.conduction_speed, 9.0);
    let study = set(TWO, &["coupling.short.kind=additive"]);
    says(&complaint(study), &["unknown key coupling.short.a"]);
    let study = set(TWO, &["coupling.long.kind=none"]).unwrap();
    assert_eq!(study.coupling.terms.len(), 1);

    says(
        &complaint(set(TWO, &["coupling.g=2"])),
        &[
            "--set coupling.g=2",
            "coupling.g: there are several couplings",
            "say which: coupling.long.g, coupling.short.g",
        ],
    );
    says(
        &complaint(set(TWO, &["coupling.kind=additive"])),
        &["say which: coupling.long.kind, coupling.short.kind"],
    );
    // A name that is not there is no coupling of its own.
    says(
        &complaint(set(TWO, &["coupling.lomg.g=2"])),
        &[
            "unknown key coupling.lomg",
            "did you mean coupling.long?",
            "long, short",
        ],
    );
    says(
        &complaint(set(TWO, &["coupling.long=2"])),
        &["unknown key coupling.long"],
    );
    // A whole list by a flag, and one of it by another.
    let study = set(
        "",
        &[
            "coupling=[{kind=\"additive\"},{kind=\"linear\"}]",
            "coupling.linear.a=2",
        ],
    )
    .unwrap();
    assert_eq!(study.coupling.terms[1].parameters[1], uniform(2.0));

    let mut study = set(TWO, &[]).unwrap();
    assert_eq!(named(&study, "coupling.long.g").unwrap(), "coupling.long.g");
    assert_eq!(named(&study, "long.g[3]").unwrap(), "coupling.long.g[3]");
    assert_eq!(named(&study, "short.a").unwrap(), "coupling.short.a");
    study.set_number("coupling.long.g", 4.0).unwrap();
    assert_eq!(study.coupling.terms[0].parameters[0], uniform(4.0));
    for name in ["g", "coupling.g"] {
        let message = named(&study, name).unwrap_err().report();
        says(
            &message,
            &[
                "could be coupling.long.g, coupling.short.g",
                "write one of them",
            ],
        );
    }
    says(
        &study.set_number("coupling.g", 1.0).unwrap_err().report(),
        &["coupling.g"],
    );
}

#[test]
fn a_single_one_answers_to_both_names() {
    let one = "[[coupling]]\nname = \"long\"\nkind = \"linear\"\ng = 2\n";
    for flag in ["coupling.g=3", "coupling.long.g=3"] {
        let study = set(one, &[flag]).unwrap();
        assert_eq!(
            study.coupling.terms[0].parameters[0],
            uniform(3.0),
            "{flag}"
        );
    }
    let mut study = set(one, &[]).unwrap();
    for (name, value) in [("coupling.g", 4.0), ("coupling.long.g", 5.0)] {
        study.set_number(name, value).unwrap();
        assert_eq!(study.coupling.terms[0].parameters[0], uniform(value));
    }
    says(
        &complaint(set(one, &["coupling.gg=3"])),
        &[
            "--set coupling.gg=3",
            "unknown key coupling.gg",
            "did you mean coupling.long.g?",
        ],
    );
}

#[test]
fn misspelt_keys_are_told_at_their_line() {
    for (text, parts) in [
        (
            "[coupling]\nkind = \"sigmoidal\"\nsigm = 2",
            &[
                "study.toml:5:",
                "unknown key coupling.sigm",
                "did you mean coupling.sigma?",
            ][..],
        ),
        (
            "[coupling]\nkind = \"sigmoidl\"",
            &[
                "study.toml:4:",
                "coupling.kind is the text \"sigmoidl\"",
                "did you mean \"sigmoidal\"?",
            ],
        ),
        (
            "[coupling]\nkidn = \"additive\"",
            &[
                "study.toml:4:",
                "unknown key coupling.kidn",
                "did you mean coupling.kind?",
            ],
        ),
        (
            "[coupling]\nname = \"a\"\nkind = \"additive\"",
            &["study.toml:4:", "unknown key coupling.name"],
        ),
        (
            "[coupling]\nsigma = 2",
            &[
                "study.toml:4:",
                "unknown key coupling.sigma",
                "source, target, weights, conduction_speed, delay_rounding, delay_reads, g)",
            ],
        ),
    ] {
        says(&wrong(text), parts);
    }
    says(
        &wrong(&TWO.replace("a = 0.25", "aa = 0.25")),
        &[
            "study.toml:15:",
            "unknown key coupling.short.aa",
            "did you mean coupling.short.a?",
        ],
    );
    says(
        &wrong(&TWO.replace("kind = \"linear\"", "kind = \"liner\"")),
        &[
            "study.toml:12:",
            "coupling.short.kind is the text \"liner\"",
            "\"linear\"",
        ],
    );
    says(
        &wrong(&TWO.replace("conduction_speed", "conduction_sped")),
        &["study.toml:8:", "unknown key coupling.long.conduction_sped"],
    );
    says(
        &complaint(set(TWO, &["coupling.conduction_sped=2"])),
        &[
            "unknown key coupling.conduction_sped",
            "did you mean coupling.conduction_speed?",
        ],
    );
}

#[test]
fn uncoupled_nodes_keep_none_but_what_is_written_has_to_make_sense() {
    let study = two(TWO).unwrap();
    assert!(!study.coupling.is_some());
    assert_eq!(study.coupling.conduction_speed, f64::INFINITY);
    assert_eq!(to_json(&study)["coupling"]["kind"], "none");
    says(
        &complaint(two(&TWO.replace("a = 0.25", "aa = 0.25"))),
        &["unknown key coupling.short.aa"],
    );
}

#[test]
fn the_manifest_tells_every_coupling() {
    let (_folder, study) = three(TWO);
    let shown = &to_json(&study.unwrap())["coupling"];
    assert_eq!(shown["conduction_speed"], 3.0);
    assert_eq!(shown["delay_rounding"], "nearest");
    let hash = |kind: &str| {
        let study = set(&format!("coupling.kind = \"{kind}\""), &[]).unwrap();
        to_json(&study)["coupling"]["text"].clone()
    };
    assert_eq!(
        shown["long"],
        json!({ "kind": "diffusive", "text": hash("diffusive"), "source": ["x"], "target": ["x"], "g": 0.5 })
    );
    assert_eq!(
        shown["short"],
        json!({ "kind": "linear", "text": hash("linear"), "source": ["x"], "target": ["y"], "g": 1.0, "a": 0.25, "b": 0.0 })
    );
    let (_folder, study) = three(
        "coupling = { kind = \"linear\", g = { file = \"data.npz\", key = \"alpha\" }, source = [\"x\", \"y\"], target = [\"x\", \"y\"] }",
    );
    let study = study.unwrap();
    let shown = to_json(&study);
    assert_eq!(shown["coupling"]["kind"], "linear");
    assert_eq!(shown["coupling"]["g"], json!([1.0, 2.0, 3.0]));
    assert_eq!(shown["coupling"]["source"], json!(["x", "y"]));
    assert!(
        shown["files"]["coupling.g.file"]
            .as_str()
            .unwrap()
            .ends_with("data.npz")
    );
    let (_folder, study) = three(&TWO.replace("g = 0.5", "g = { file = \"alpha.npy\" }"));
    let files = &to_json(&study.unwrap())["files"];
    assert!(
        files["coupling.long.g.file"]
            .as_str()
            .unwrap()
            .ends_with("alpha.npy"),
        "{files}"
    );
}
