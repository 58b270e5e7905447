//! Study files: every form a key takes, every complaint, and text that nobody should write.

use std::path::Path;

use brainsweep::Result;
use brainsweep::connectome::Delays;
use brainsweep::coupling::{CouplingKind, DelayReads, DelayRounding};
use brainsweep::integrator::Integrator;
use brainsweep::io::npy;
use brainsweep::io::npz;
use brainsweep::io::study::{SHIPPED, load, parse, to_json};
use brainsweep::study::{NoiseKind, Past, Start, Study, Values};
use ndarray::{Array2, array};

#[path = "study/errors.rs"]
mod errors;
#[path = "study/fuzz.rs"]
mod fuzz;
#[path = "study/numbers.rs"]
mod numbers;

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
    assert_eq!(study.coupling.kind, CouplingKind::Diffusive);
    assert_eq!(
        (study.coupling.g, study.coupling.conduction_speed),
        (1.0, 20.0)
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
    assert!(study.initial.history.is_none());
}

#[test]
fn the_study_without_a_name_is_the_tutorials_network() {
    let study = load(None, NONE).unwrap();
    assert_eq!(study.name, "hcp_network");
    assert_eq!(
        (study.connectome.n_nodes(), study.protocol.n_steps()),
        (80, 60_000)
    );
    assert_eq!(
        (study.coupling.delay_rounding, study.coupling.delay_reads),
        (DelayRounding::Truncate, DelayReads::OneLater)
    );
    assert_eq!(study.input, [uniform(0.72), uniform(0.0)]);
    assert_eq!(study.noise.kind, NoiseKind::OrnsteinUhlenbeck);
    assert_eq!(
        (study.noise.tau, study.noise.sigma.clone()),
        (5.0, vec![uniform(0.01), uniform(0.01)])
    );
    assert!(matches!(
        study.initial.history,
        Some(Past::Uniform {
            low: 0.0,
            high: 0.05
        })
    ));
    for start in &study.initial.state {
        assert!(matches!(
            start,
            Start::Uniform {
                low: 0.0,
                high: 0.05
            }
        ));
    }
}

#[test]
fn every_shipped_study_reads_by_name_with_and_without_its_ending() {
    for shipped in SHIPPED {
        let bare = load(Some(Path::new(shipped.name)), NONE).unwrap();
        let ended = load(Some(Path::new(&format!("{}.toml", shipped.name))), NONE).unwrap();
        assert_eq!(bare.name, shipped.name);
        assert_eq!(to_json(&bare), to_json(&ended));
    }
    let study = load(Some(Path::new("wilson_cowan")), NONE).unwrap();
    let w_ee = study
        .model
        .parameters
        .iter()
        .position(|p| p.name == "wEE")
        .unwrap();
    assert_eq!(
        (study.model.name, &study.parameters[w_ee]),
        ("wilson-cowan-brainpy", &uniform(16.0))
    );
    assert_eq!(
        (study.protocol.n_steps(), study.record.states),
        (100, vec![0, 1])
    );
    let Start::Given(x) = &study.initial.state[0] else {
        panic!("x is given")
    };
    assert_eq!(x, &per_node(&[-0.2, 1.0]));
}

#[test]
fn a_file_on_disk_comes_before_a_shipped_study_and_names_its_study() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, "connectome.nodes = 3\n").unwrap();
    let study = load(Some(&path), NONE).unwrap();
    assert_eq!(
        (study.name.as_str(), study.connectome.n_nodes()),
        ("mine", 3)
    );
    std::fs::write(&path, "name = \"another\"\nconnectome.nodes = 3\n").unwrap();
    assert_eq!(load(Some(&path), NONE).unwrap().name, "another");
}

#[test]
fn words_choose_their_variants() {
    let kind = |word: &str| {
        read(&format!("coupling.kind = \"{word}\""))
            .unwrap()
            .coupling
            .kind
    };
    assert_eq!(
        [kind("diffusive"), kind("additive"), kind("none")],
        [
            CouplingKind::Diffusive,
            CouplingKind::Additive,
            CouplingKind::None
        ]
    );
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
        ["x[n-d]", "x[n-1-d]"].map(reads),
        [DelayReads::Now, DelayReads::OneLater]
    );
    let model = |word: &str| read(&format!("model = \"{word}\"")).unwrap().model.name;
    for spec in brainsweep::model::MODELS {
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
        two("protocol = { simulation = 3, duration = 0.3 }")
            .unwrap()
            .protocol
            .simulation,
        3
    );
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
fn files_give_one_number_per_node() {
    for (form, expected) in [
        ("{ file = \"data.npz\", key = \"alpha\" }", [1.0, 2.0, 3.0]),
        ("{ file = \"data.npz\", key = \"column\" }", [1.0, 2.0, 3.0]),
        ("{ file = \"alpha.npy\" }", [4.0, 5.0, 6.0]),
        ("{ file = \"alpha.csv\" }", [7.0, 8.5, 9.0]),
    ] {
        let (folder, study) = three(&format!("parameters.alpha = {form}"));
        let study = study.unwrap();
        assert_eq!(study.parameters[0], per_node(&expected), "{form}");
        let (key, path) = study.files.last().unwrap();
        assert_eq!(
            (key.as_str(), path.parent().unwrap()),
            ("parameters.alpha.file", folder.path())
        );
    }
}

#[test]
fn a_connectome_file_follows_its_orientation() {
    let (_folder, study) = three("");
    let study = study.unwrap();
    assert_eq!(study.connectome.weights[[0, 2]], 2.0);
    let Delays::TractLengths(lengths) = &study.connectome.delays else {
        panic!("lengths are given")
    };
    assert_eq!(lengths[[0, 2]], 20.0);
    let folder = folder();
    let load = |text: &str| {
        parse(
            &format!("[connectome]\nfile = \"data.npz\"\nweights = \"w\"\n{text}"),
            "s",
            folder.path(),
            NONE,
        )
        .unwrap()
    };
    let turned = load("tract_lengths = \"mm\"\norientation = \"source-target\"");
    let Delays::TractLengths(lengths) = &turned.connectome.delays else {
        panic!("lengths are given")
    };
    assert_eq!(
        (turned.connectome.weights[[0, 2]], lengths[[0, 2]]),
        (5.0, 50.0)
    );
    let mixed = load(
        "tract_lengths = \"mm\"\norientation = \"source-target\"\ntract_orientation = \"target-source\"",
    );
    let Delays::TractLengths(lengths) = &mixed.connectome.delays else {
        panic!("lengths are given")
    };
    assert_eq!(
        (mixed.connectome.weights[[0, 2]], lengths[[0, 2]]),
        (5.0, 20.0)
    );
    let steps = load("delay_steps = \"mm\"");
    let Delays::Steps(steps) = &steps.connectome.delays else {
        panic!("steps are given")
    };
    assert_eq!(steps[[0, 2]], 20);
}

#[test]
fn the_embedded_weights_can_be_scaled_too() {
    let first_row = |text: &str| read(text).unwrap().connectome.weights.row(0).sum();
    let original = first_row("");
    assert!((original - 1.0).abs() > 0.01, "{original}");
    assert!((first_row("connectome.normalise = \"row-sum\"") - 1.0).abs() < 1e-12);
    assert_eq!(first_row(""), original, "the shared original is left alone");
}

#[test]
fn uncoupled_nodes_have_no_coupling_whatever_is_written() {
    let study = two("coupling = { kind = \"diffusive\", conduction_speed = 20 }").unwrap();
    assert_eq!(study.connectome.n_nodes(), 2);
    assert_eq!(
        (study.coupling.kind, study.coupling.conduction_speed),
        (CouplingKind::None, f64::INFINITY)
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
    assert_eq!(study.initial.feedback, per_node(&[0.5, -1.0]));
}

#[test]
fn a_history_is_constant_drawn_or_stored() {
    let history = |text: &str| {
        three(&format!("initial.history.x = {text}"))
            .1
            .unwrap()
            .initial
            .history
            .unwrap()
    };
    assert!(matches!(
        history("0.25"),
        Past::Constant(Values::Uniform(0.25))
    ));
    assert!(
        matches!(history("[1, 2, 3]"), Past::Constant(values) if values == per_node(&[1.0, 2.0, 3.0]))
    );
    assert!(matches!(
        history("{ uniform = [-1, 1] }"),
        Past::Uniform {
            low: -1.0,
            high: 1.0
        }
    ));
    assert!(matches!(
        history("{ file = \"data.npz\", key = \"alpha\" }"),
        Past::Constant(_)
    ));
    let Past::Stored(rows) = history("{ file = \"data.npz\", key = \"history\" }") else {
        panic!("rows are stored")
    };
    assert_eq!((rows.dim(), rows[[3, 1]]), ((4, 3), 31.0));
}

#[test]
fn stored_normals_replace_the_generator_where_named() {
    let (_folder, study) =
        three("noise = { sigma.x = 1, replay = { file = \"data.npz\", x = \"zx\" } }");
    let replay = study.unwrap().noise.replay.unwrap();
    assert_eq!(replay[0].as_ref().unwrap()[[5, 2]], 0.5);
    assert!(replay[1].is_none());
    let (_folder, study) = three("noise.replay = { file = \"data.npz\", x = \"zx\", y = \"zy\" }");
    let replay = study.unwrap().noise.replay.unwrap();
    assert_eq!(
        replay[1].as_ref().unwrap().nrows(),
        8,
        "more rows than steps are welcome"
    );
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
fn flags_change_any_key_and_the_last_one_counts() {
    let base = "connectome.nodes = 3\n[input]\nx = 1\ny = 2\n[initial]\nx = { uniform = [0, 1] }\n";
    let set = |flags: &[&str]| with(base, flags).unwrap();
    assert_eq!(set(&["model=wilson-cowan"]).model.name, "wilson-cowan");
    assert_eq!(set(&["model=\"wilson-cowan\""]).model.name, "wilson-cowan");
    assert_eq!(set(&["input=0.8"]).input, [uniform(0.8), uniform(2.0)]);
    assert_eq!(set(&["input.y=0.8"]).input, [uniform(1.0), uniform(0.8)]);
    assert_eq!(set(&["input[1]=.5"]).input[0], per_node(&[1.0, 0.5, 1.0]));
    assert_eq!(
        set(&["parameters.alpha=[1,2,3]"]).parameters[0],
        per_node(&[1.0, 2.0, 3.0])
    );
    assert_eq!(
        set(&["parameters.alpha[1]=9"]).parameters[0],
        per_node(&[3.0, 9.0, 3.0]),
        "the others keep the default"
    );
    assert_eq!(
        set(&["parameters.alpha[1]=9", "parameters.alpha[2]=8"]).parameters[0],
        per_node(&[3.0, 9.0, 8.0])
    );
    assert_eq!(
        set(&["parameters.alpha=[1,2,3]", "parameters.alpha[0]=9"]).parameters[0],
        per_node(&[9.0, 2.0, 3.0])
    );
    assert_eq!(
        set(&["parameters.alpha[1]=9", "parameters.alpha=7"]).parameters[0],
        uniform(7.0)
    );
    assert_eq!(set(&["record.states=[\"x\",\"y\"]"]).record.states, [0, 1]);
    assert_eq!(
        set(&["protocol.dt=0.2", " protocol.dt = 0.5 "]).protocol.dt,
        0.5
    );
    assert!(matches!(
        set(&["initial.x=2"]).initial.state[0],
        Start::Given(Values::Uniform(2.0))
    ));
    assert!(matches!(
        set(&["initial.y={uniform=[0,1]}"]).initial.state[1],
        Start::Uniform {
            low: 0.0,
            high: 1.0
        }
    ));
    assert_eq!(
        with("", &["coupling.delay_reads=x[n-1-d]"])
            .unwrap()
            .coupling
            .delay_reads,
        DelayReads::OneLater
    );
    assert_eq!(with("", &["coupling.g=1e-3"]).unwrap().coupling.g, 1e-3);
    let study = with(
        "model = \"wilson-cowan\"\ninput = 1",
        &["model=montbrio-pazo-roxin", "input=2", "connectome.nodes=1"],
    );
    assert_eq!(study.unwrap().input, [uniform(2.0), uniform(0.0)]);
}

#[test]
fn a_flags_file_is_relative_to_the_working_folder_not_to_the_study() {
    let folder = folder();
    let flag = format!(
        "parameters.alpha={{ file = {:?} }}",
        folder.path().join("alpha.npy")
    );
    let study = parse("connectome.nodes = 3", "s", Path::new("/nowhere"), &[flag]).unwrap();
    assert_eq!(study.parameters[0], per_node(&[4.0, 5.0, 6.0]));
}

#[test]
fn the_manifest_holds_every_key_with_its_value() {
    let (_folder, study) = three(
        "initial.history.x = { file = \"data.npz\", key = \"history\" }\ncoupling.conduction_speed = inf",
    );
    let json = to_json(&study.unwrap());
    assert_eq!(json["parameters"]["tau"], 20.0);
    assert_eq!(json["connectome"]["nodes"], 3);
    assert_eq!(json["coupling"]["conduction_speed"], "inf");
    assert_eq!(json["coupling"]["delay_reads"], "x[n-d]");
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
