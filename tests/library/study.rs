//! Study files: every form a key takes, every complaint, and text that nobody should write.

use std::path::Path;

use brainsweep::Result;
use brainsweep::connectome::Delays;
use brainsweep::coupling::{DelayReads, DelayRounding};
use brainsweep::integrator::Integrator;
use brainsweep::io::npy;
use brainsweep::io::npz;
use brainsweep::io::study::{SHIPPED, load, parse, to_json};
use brainsweep::plan::Plan;
use brainsweep::study::{NoiseKind, Past, Start, Study, Values};
use ndarray::{Array2, array};

mod couplings;
mod errors;
mod errors_elsewhere;
mod files;
mod flags;
mod fuzz;
mod numbers;
mod rules;
mod shipped;

const NONE: &[&str] = &[];

/// Two uncoupled nodes and `text`.
fn two(text: &str) -> Result<Study> {
    parse(
        &format!("{text}\n[connectome]\nnodes = 2\n"),
        "study.toml",
        Path::new(""),
        NONE,
    )
}

fn read(text: &str) -> Result<Study> {
    parse(text, "study.toml", Path::new(""), NONE)
}

fn with(text: &str, flags: &[&str]) -> Result<Study> {
    parse(text, "study.toml", Path::new(""), flags)
}

fn uniform(value: f64) -> Values {
    Values::Uniform(value)
}

fn per_node(values: &[f64]) -> Values {
    Values::PerNode(values.to_vec())
}

/// A folder with the files that the studies below name: 3 nodes, 6 steps.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut npz = npz::Writer::create(&file("data.npz")).unwrap();
    let weights = array![[0.0, 1.0, 2.0], [3.0, 0.0, 4.0], [5.0, 6.0, 0.0]];
    npz.add("w", &weights).unwrap();
    npz.add("mm", &(&weights * 10.0)).unwrap();
    npz.add("alpha", &array![1.0, 2.0, 3.0]).unwrap();
    npz.add("column", &array![[1.0], [2.0], [3.0]]).unwrap();
    npz.add("hole", &array![1.0, f64::NAN, 3.0]).unwrap();
    npz.add(
        "history",
        &Array2::from_shape_fn((4, 3), |(row, node)| (10 * row + node) as f64),
    )
    .unwrap();
    npz.add("zx", &Array2::from_elem((6, 3), 0.5)).unwrap();
    npz.add("zy", &Array2::from_elem((8, 3), -0.5)).unwrap();
    npz.add("short", &Array2::from_elem((5, 3), 0.5)).unwrap();
    npz.finish().unwrap();
    std::fs::write(file("alpha.npy"), npy::to_bytes(&array![4.0, 5.0, 6.0])).unwrap();
    std::fs::write(file("alpha.csv"), "# one column\n7\n8.5\n9\n").unwrap();
    std::fs::write(file("words.csv"), "7\neight\n9\n").unwrap();
    folder
}

/// The connectome of [`folder`], 0.6 ms, and `text`.
fn three(text: &str) -> (tempfile::TempDir, Result<Study>) {
    let folder = folder();
    let head = "connectome = { file = \"data.npz\", weights = \"w\", tract_lengths = \"mm\" }\nprotocol.duration = 0.6\n";
    let study = parse(&format!("{head}{text}"), "study.toml", folder.path(), NONE);
    (folder, study)
}

#[test]
fn an_empty_file_is_the_documented_defaults() {
    let study = read("").unwrap();
    assert_eq!(
        (study.name.as_str(), study.model.name),
        ("study.toml", "fitzhugh-nagumo")
    );
    assert_eq!(study.integrator, Integrator::ExponentialEuler);
    assert_eq!(study.connectome.n_nodes(), 80);
    assert_eq!(kinds(&study), ["diffusive"]);
    assert_eq!(
        (
            study.coupling.terms[0].parameters.clone(),
            study.coupling.conduction_speed
        ),
        (vec![uniform(1.0)], 20.0)
    );
    assert_eq!(
        (study.coupling.delay_rounding, study.coupling.delay_reads),
        (DelayRounding::Nearest, DelayReads::Now)
    );
    assert_eq!(
        study.parameters[0],
        uniform(study.model.parameters[0].default)
    );
    assert_eq!(study.input, [uniform(0.0), uniform(0.0)]);
    assert_eq!(study.noise.kind, NoiseKind::None);
    assert_eq!((study.protocol.duration, study.protocol.dt), (6000.0, 0.1));
    assert_eq!((study.protocol.seed, study.protocol.transient), (0, 0.0));
    assert_eq!((study.record.states, study.record.every), (vec![0], 0.1));
    assert!(study.initial.history.is_empty());
}

/// The forms of a study's couplings.
fn kinds(study: &Study) -> Vec<&'static str> {
    let terms = study.coupling.terms.iter();
    terms.map(|term| term.form.name).collect()
}

#[test]
fn words_choose_their_variants() {
    let kind = |word: &str| kinds(&read(&format!("coupling.kind = \"{word}\"")).unwrap());
    assert_eq!(kind("diffusive"), ["diffusive"]);
    assert_eq!(kind("additive"), ["additive"]);
    assert!(kind("none").is_empty());
    let integrator = |word: &str| {
        read(&format!("integrator = \"{word}\""))
            .unwrap()
            .integrator
    };
    let all = [
        Integrator::ExponentialEuler,
        Integrator::Euler,
        Integrator::Heun,
        Integrator::Rk4,
    ];
    assert_eq!(
        ["exponential-euler", "euler", "heun", "rk4"].map(integrator),
        all
    );
    let noise = |word: &str| {
        read(&format!("noise.kind = \"{word}\""))
            .unwrap()
            .noise
            .kind
    };
    assert_eq!(
        ["ornstein-uhlenbeck", "white", "none"].map(noise),
        [
            NoiseKind::OrnsteinUhlenbeck,
            NoiseKind::White,
            NoiseKind::None
        ]
    );
    let reads = |word: &str| {
        read(&format!("coupling.delay_reads = \"{word}\""))
            .unwrap()
            .coupling
            .delay_reads
    };
    assert_eq!(
        ["x[n-d]", "x[n-1-d]", "x[n+1-d]"].map(reads),
        DelayReads::ALL
    );
    let model = |word: &str| read(&format!("model = \"{word}\"")).unwrap().model.name;
    for spec in brainsweep::model::MODELS.iter() {
        assert_eq!(model(spec.name), spec.name);
    }
}

#[test]
fn numbers_may_be_whole_and_speeds_infinite() {
    let study =
        two("parameters.alpha = 3\nprotocol = { duration = 10, dt = 1, seed = 7, transient = 2 }")
            .unwrap();
    assert_eq!(study.parameters[0], uniform(3.0));
    assert_eq!(
        (
            study.protocol.duration,
            study.protocol.seed,
            study.protocol.transient
        ),
        (10.0, 7, 2.0)
    );
    assert_eq!(study.record.every, 1.0, "every follows dt");
    assert_eq!(
        two("protocol.duration = 0.3").unwrap().protocol.n_steps(),
        3,
        "although 0.3 / 0.1 is 2.9999999999999996"
    );
    assert_eq!(
        read("coupling.conduction_speed = inf")
            .unwrap()
            .coupling
            .conduction_speed,
        f64::INFINITY
    );
    assert_eq!(
        read("protocol.seed = 18446744073709551615")
            .unwrap()
            .protocol
            .seed,
        u64::MAX
    );
}

#[test]
fn a_bare_input_is_the_first_states() {
    for text in ["input = 0.72", "input.x = 0.72", "[input]\nx = 0.72"] {
        assert_eq!(
            two(text).unwrap().input,
            [uniform(0.72), uniform(0.0)],
            "{text}"
        );
    }
    assert_eq!(
        two("input = [1, 2]").unwrap().input[0],
        per_node(&[1.0, 2.0])
    );
    let (_folder, study) = three("input = { file = \"data.npz\", key = \"alpha\" }");
    assert_eq!(study.unwrap().input[0], per_node(&[1.0, 2.0, 3.0]));
    let study = two("model = \"montbrio-pazo-roxin\"\ninput = 0.5").unwrap();
    assert_eq!(study.input, [uniform(0.5), uniform(0.0)]);
}

#[test]
fn lists_give_one_number_per_node() {
    let study =
        two("[parameters]\nalpha = [1, 2.5]\n[noise]\nmean.y = [0.1, 0.2]\nsigma.x = [0, 1]")
            .unwrap();
    assert_eq!(study.parameters[0], per_node(&[1.0, 2.5]));
    assert_eq!(study.noise.mean, [uniform(0.0), per_node(&[0.1, 0.2])]);
    assert_eq!(study.noise.sigma, [per_node(&[0.0, 1.0]), uniform(0.0)]);
    assert_eq!(
        study.noise.kind,
        NoiseKind::OrnsteinUhlenbeck,
        "the default of a written [noise]"
    );
}

#[test]
fn uncoupled_nodes_have_no_coupling_whatever_is_written() {
    let study = two("coupling = { kind = \"diffusive\", conduction_speed = 20 }").unwrap();
    assert_eq!(study.connectome.n_nodes(), 2);
    assert_eq!(
        (kinds(&study).len(), study.coupling.conduction_speed),
        (0, f64::INFINITY)
    );
}

#[test]
fn a_start_is_given_or_drawn() {
    let study = two("[initial]\nx = { uniform = [0, 0.05] }\ny = [1, 2]").unwrap();
    assert!(matches!(
        study.initial.state[0],
        Start::Uniform {
            low: 0.0,
            high: 0.05
        }
    ));
    let Start::Given(y) = &study.initial.state[1] else {
        panic!("y is given")
    };
    assert_eq!(y, &per_node(&[1.0, 2.0]));
    let (_folder, study) = three("initial.x = { file = \"data.npz\", key = \"alpha\" }");
    let Start::Given(x) = &study.unwrap().initial.state[0] else {
        panic!("x is given")
    };
    assert_eq!(x, &per_node(&[1.0, 2.0, 3.0]));
    let study = two("model = \"feedback-fitzhugh-nagumo\"\ninitial.feedback = [0.5, -1]").unwrap();
    assert_eq!(study.initial.feedback, [per_node(&[0.5, -1.0])]);
}

#[test]
fn every_is_a_multiple_of_dt_in_decimal_not_in_binary() {
    for every in ["0.1", "0.3", "0.7", "1", "6000"] {
        let study = read(&format!(
            "record = {{ states = [\"y\", \"x\"], every = {every} }}"
        ))
        .unwrap();
        assert_eq!(
            (study.record.states, study.record.every),
            (vec![1, 0], every.parse().unwrap())
        );
    }
}

#[test]
fn the_manifest_holds_every_key_that_has_an_effect_with_its_value() {
    let (_folder, study) = three(
        "initial.history.x = { file = \"data.npz\", key = \"history\" }\ncoupling.conduction_speed = inf",
    );
    let json = to_json(&study.unwrap());
    assert_eq!(json["parameters"]["tau"], 20.0);
    assert_eq!(json["connectome"]["nodes"], 3);
    assert_eq!(json["coupling"]["conduction_speed"], "inf");
    assert_eq!(
        json["coupling"].get("delay_reads"),
        None,
        "without delays none is read"
    );
    assert_eq!(json["noise"], serde_json::json!({ "kind": "none" }));
    assert_eq!(
        json["initial"]["history"]["x"]["shape"],
        serde_json::json!([4, 3])
    );
    assert_eq!(json["initial"]["history"]["x"]["max"], 32.0);
    assert!(
        json["files"]["connectome.file"]
            .as_str()
            .unwrap()
            .ends_with("data.npz")
    );
    assert_eq!(
        json["record"],
        serde_json::json!({ "states": ["x"], "every": 0.1 })
    );
    let long = with("", &["parameters.alpha[3]=5"]).unwrap();
    let alpha = &to_json(&long)["parameters"]["alpha"];
    assert_eq!(
        (&alpha["shape"][0], &alpha["max"]),
        (&80.into(), &5.0.into())
    );
    let other = with("", &["parameters.alpha[4]=5"]).unwrap();
    assert_ne!(
        alpha["fnv1a"],
        to_json(&other)["parameters"]["alpha"]["fnv1a"],
        "the checksum knows the order"
    );
}
