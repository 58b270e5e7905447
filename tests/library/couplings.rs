//! Couplings as texts: a copy has the bits of the original, numbers per node act at their node, several add up; and what a model has
//! beside one signal: several delayed feedbacks, noise that depends on the state.

use crate::common;

use std::sync::Arc;

use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::coupling::{self, Form};
use brainsweep::integrator::Integrator;
use brainsweep::io::study;
use brainsweep::model::{self, Signal};
use brainsweep::plan::Plan;
use brainsweep::study::{NoiseKind, Past, Start, Study, Term, Values};
use ndarray::array;

/// Five nodes with delays and noise.
fn network(model: &str, form: &'static Form) -> Study {
    let model = model::find(model).expect("a model of ours");
    let mut study = Study::new(model, Arc::new(synthetic::random(5, 0.6, 30.0, 7)));
    study.couple(form);
    study.set_g(0.3);
    study.input[0] = Values::Uniform(0.8);
    common::set_noise(&mut study, NoiseKind::OrnsteinUhlenbeck, 0.0, |_| 0.02);
    study.protocol.duration = 20.0;
    study
}

fn run(study: &Study) -> brainsweep::record::Recorded {
    let plan = Plan::new(study).expect("a sound study");
    common::run(&brainsweep::backend::cpu::Cpu::new(), &plan).remove(0)
}

fn ours(name: &str) -> &'static Form {
    coupling::find(name).expect("a coupling of ours")
}

each_backend! {
    /// The diffusive coupling as a file beside the study, under another name.
    fn a_copy_of_a_coupling_has_its_bits(backend) {
        let folder = tempfile::tempdir().unwrap();
        let copy = ours("diffusive").text.replacen("\"diffusive\"", "\"mine\"", 1);
        std::fs::write(folder.path().join("mine.toml"), copy).unwrap();
        let plan = |kind: &str| {
            let text = format!("coupling.kind = \"{kind}\"\ninput.x = 0.8\nprotocol.duration = 20\nnoise.sigma.x = 0.02\n");
            let study = study::parse::<&str>(&text, "study", folder.path(), &[]).unwrap();
            assert_eq!(study.coupling.terms[0].name, kind.trim_end_matches(".toml"));
            Plan::new(&study).unwrap()
        };
        let (own, original) = (common::run(backend, &plan("mine.toml")), common::run(backend, &plan("diffusive")));
        assert_eq!(common::differing_bits(&own, &original), 0);
    }

    /// Where the coupling's strength is 0 a node is the node alone; the others are what they are in the coupled network.
    fn a_strength_per_node_acts_at_its_node(backend) {
        let mut study = network("fitzhugh-nagumo", ours("additive"));
        let run = |study: &Study| common::run(backend, &Plan::new(study).expect("a sound study")).remove(0).samples;
        study.set_number("coupling.g[2]", 0.0).unwrap();
        let found = run(&study);
        study.set_g(0.0);
        let alone = run(&study);
        let of = |samples: &ndarray::Array3<f32>, node: usize| samples.slice(ndarray::s![.., 0, node]).mapv(f32::to_bits);
        assert_eq!(of(&found, 2), of(&alone, 2));
        for node in [0, 1, 3, 4] {
            assert_ne!(of(&found, node), of(&alone, node), "node {node} receives");
        }
    }

    /// Two delayed feedbacks of two states, each with a delay of its own at each node, in a network without connections: against the
    /// same steps by hand.
    fn several_delayed_feedbacks_are_read_at_their_delays(backend) {
        let text = r#"
name = "two-delays"
summary = "two states that receive from each other late"
equations = """
dx/dt = -a*delayed(y, t1)
dy/dt = a*delayed(x, t2) - y
"""
[states]
x = { unit = "1", meaning = "first", start = 1.0 }
y = { unit = "1", meaning = "second", start = 0.5 }
[parameters]
a = { unit = "1/ms", default = 0.5, meaning = "strength" }
t1 = { unit = "ms", default = 0.7, meaning = "delay of y" }
t2 = { unit = "ms", default = 1.9, meaning = "delay of x" }
"#;
        let model = model::intern("two delays", text).unwrap();
        let mut study = Study::new(model, Arc::new(Connectome::uncoupled(3)));
        let (dt, n_steps) = (0.1, 60);
        let delays = [[7, 7, 0], [19, 4, 0]];
        for (k, name) in ["t1", "t2"].into_iter().enumerate() {
            let of = delays[k].map(|steps| f64::from(steps) * dt);
            study.parameters[model.parameter(name).unwrap()] = Values::PerNode(of.to_vec());
        }
        study.initial.feedback = vec![Values::Uniform(0.25), Values::PerNode(vec![-1.0, 0.0, 2.0])];
        study.integrator = Integrator::Euler;
        study.protocol.duration = dt * f64::from(n_steps);
        study.record.states = vec![0, 1];
        let found = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0).samples;
        for node in 0..3 {
            let (mut x, mut y) = (vec![1.0], vec![0.5]);
            for n in 0..n_steps as usize {
                let past = |of: &[f64], k: usize, before: f64| match n.checked_sub(delays[k][node] as usize) {
                    Some(at) => of[at],
                    None => before,
                };
                let (late_y, late_x) = (past(&y, 0, 0.25), past(&x, 1, [-1.0, 0.0, 2.0][node]));
                x.push(x[n] - dt * 0.5 * late_y);
                y.push(y[n] + dt * (0.5 * late_x - y[n]));
                for (s, expected) in [(0, x[n + 1]), (1, y[n + 1])] {
                    let found = f64::from(found[[n, s, node]]);
                    assert!((found - expected).abs() < 1e-5, "node {node}, step {n}, state {s}: {found}, not {expected}");
                }
            }
        }
    }

    /// An output that depends on what the node receives is sent one step late: a chain of nodes that pass on what they receive.
    fn an_output_of_inputs_is_sent_one_step_late(backend) {
        let text = r#"
name = "relay"
summary = "passes on what it receives, and counts it"
equations = """
received = x_ext
dx/dt = received
"""
[states]
x = { unit = "1", meaning = "sum" }
[inputs]
x_ext = { unit = "1", meaning = "input" }
[outputs]
received = { unit = "1", meaning = "what it receives" }
[coupling]
kind = "additive"
transmits = "received"
receives = "x_ext"
"#;
        let model = model::intern("relay", text).unwrap();
        // 0 -> 1 -> 2, without delay.
        let weights = array![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        let connectome = Connectome::new(None, weights, Delays::None, None).unwrap();
        let mut study = Study::new(model, Arc::new(connectome));
        study.integrator = Integrator::Euler;
        study.input[0] = Values::PerNode(vec![1.0, 0.0, 0.0]);
        study.protocol.dt = 1.0;
        study.record.every = 1.0;
        study.protocol.duration = 6.0;
        study.initial.history = vec![(Signal::Output(0), Past::Constant(Values::PerNode(vec![0.0, 0.0, 8.0])))];
        let found = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0).samples;
        let of = |node: usize| (0..6).map(|n| found[[n, 0, node]]).collect::<Vec<f32>>();
        assert_eq!(of(0), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(of(1), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(of(2), [0.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
    }

    /// dx = a x dt + s x dW (Ito): the logarithm of x grows by a - s^2/2, whatever the integrator.
    fn noise_times_the_state_is_itos(backend) {
        let text = r#"
name = "growth"
summary = "grows, and is shaken in proportion to itself"
equations = """
size = x
dx/dt = a*x
"""
[states]
x = { unit = "1", meaning = "size", start = 1.0 }
[parameters]
a = { unit = "1/ms", default = 0.1, meaning = "growth" }
[noise]
x = "size"
"#;
        let model = model::intern("growth", text).unwrap();
        let (a, sigma, duration, n_nodes) = (0.1, 0.4, 4.0, 4000);
        for integrator in Integrator::ALL {
            let mut study = Study::new(model, Arc::new(Connectome::uncoupled(n_nodes)));
            study.integrator = integrator;
            study.noise.kind = NoiseKind::White;
            study.noise.sigma[0] = Values::Uniform(sigma);
            study.protocol.dt = 0.01;
            study.protocol.duration = duration;
            study.record.every = duration;
            let end = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0).end.state;
            let mean = end.iter().map(|x| f64::from(*x).ln()).sum::<f64>() / n_nodes as f64;
            let expected = (a - sigma * sigma / 2.0) * duration;
            let error = (sigma * sigma * duration / n_nodes as f64).sqrt();
            assert!((mean - expected).abs() < 4.0 * error, "{integrator:?}: {mean}, not {expected} +- {error}");
            // Stratonovich's reading, a, lies far away.
            assert!((mean - a * duration).abs() > 10.0 * error);
        }
    }
}

/// Two couplings of half the strength, one after the other, are one of the whole but for rounding; of one that is 0 nothing is left.
#[test]
fn couplings_add_up() {
    let whole = network("fitzhugh-nagumo", ours("diffusive"));
    let with = |g: [f64; 2]| {
        let mut study = whole.clone();
        let term = study.coupling.terms[0].clone();
        let half = |k: usize| Term {
            name: ["first", "second"][k].into(),
            parameters: vec![g[k].into()],
            ..term.clone()
        };
        study.coupling.terms = vec![half(0), half(1)];
        run(&study).samples
    };
    let expected = run(&whole).samples;
    let halves = with([0.15, 0.15]);
    let pairs = halves.iter().zip(&expected);
    let apart = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-4, "{apart}");
    let silent = with([0.3, 0.0]);
    assert_eq!(silent.mapv(f32::to_bits), expected.mapv(f32::to_bits));
}

/// The two signals of the Hopf normal form turn with each other: a network whose nodes are all turned by one angle stays turned by it.
#[test]
fn two_signals_keep_the_symmetry_of_rotation() {
    let model = model::find("hopf").expect("a model of ours");
    let start = |angle: f64| {
        let mut study = network("hopf", ours("diffusive"));
        study.noise.kind = NoiseKind::None;
        study.integrator = Integrator::Euler;
        study.input[0] = Values::Uniform(0.0);
        study.parameters[model.parameter("a").unwrap()] = Values::Uniform(0.1);
        study.parameters[model.parameter("omega").unwrap()] = Values::Uniform(0.3);
        let phase = |k: usize| angle + 0.7 * k as f64;
        let of = |part: fn(f64) -> f64| {
            Start::Given(Values::PerNode(
                (0..5).map(|k| 0.2 * part(phase(k))).collect(),
            ))
        };
        study.initial.state = vec![of(f64::cos), of(f64::sin)];
        study.record.states = vec![0, 1];
        run(&study).samples
    };
    let angle = 1.1f64;
    let (before, after) = (start(0.0), start(angle));
    for (sample, turned) in before.outer_iter().zip(after.outer_iter()) {
        for node in 0..5 {
            let [x, y] = [0, 1].map(|s| f64::from(sample[[s, node]]));
            let expected = [
                x * angle.cos() - y * angle.sin(),
                x * angle.sin() + y * angle.cos(),
            ];
            for s in 0..2 {
                assert!((f64::from(turned[[s, node]]) - expected[s]).abs() < 1e-4);
            }
        }
    }
}

/// A coupling by another matrix of the same regions is the coupling of a connectome with that matrix; beside the weights each goes by
/// its own, and a connection that one of them lacks is none.
#[test]
fn couplings_go_by_the_matrix_that_they_name() {
    let random = synthetic::random(5, 0.6, 30.0, 7);
    let other = synthetic::random(5, 0.5, 30.0, 8).weights;
    let both = random.clone().with_matrix("other", other.clone()).unwrap();
    let with = |connectome: Connectome, weights: Option<usize>| {
        let mut study = network("fitzhugh-nagumo", ours("diffusive"));
        study.connectome = Arc::new(connectome);
        study.coupling.terms[0].weights = weights;
        study
    };
    let alone = Connectome {
        weights: other,
        ..random.clone()
    };
    let bits = |study: &Study| run(study).samples.mapv(f32::to_bits);
    assert_eq!(bits(&with(both.clone(), Some(0))), bits(&with(alone, None)));
    let mut two = with(both.clone(), None);
    let mut by_other = two.coupling.terms[0].clone();
    by_other.name = "other".into();
    by_other.weights = Some(0);
    two.coupling.terms.push(by_other);
    two.set_number("coupling.other.g", 0.0).unwrap();
    assert_eq!(bits(&two), bits(&with(both.clone(), None)));
    two.set_number("coupling.other.g", 0.3).unwrap();
    assert_ne!(bits(&two), bits(&with(both.clone(), None)));
    let message = both.with_matrix("other", array![[0.0]]).unwrap_err();
    assert!(message.to_string().contains("[5, 5]"), "{message}");
}

#[test]
fn matrices_are_read_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut npz =
        ndarray_npy::NpzWriter::new(std::fs::File::create(folder.path().join("c.npz")).unwrap());
    npz.add_array("weights", &array![[0.0, 1.0], [2.0, 0.0]])
        .unwrap();
    npz.add_array("inhibitory", &array![[0.0, 3.0], [4.0, 5.0]])
        .unwrap();
    npz.finish().unwrap();
    let read = |more: &str| {
        let text = format!(
            "connectome.file = \"c.npz\"\nconnectome.matrices.gaba = \"inhibitory\"\ncoupling.conduction_speed = inf\n{more}"
        );
        study::parse::<&str>(&text, "study", folder.path(), &[])
    };
    let study = read("coupling.weights = \"gaba\"").unwrap();
    assert_eq!(
        study.connectome.matrices[0].1,
        array![[0.0, 3.0], [4.0, 0.0]]
    );
    assert_eq!(study.coupling.terms[0].weights, Some(0));
    let manifest = study::to_json(&study);
    assert_eq!(manifest["coupling"]["weights"], "gaba");
    assert_eq!(manifest["connectome"]["matrices"]["gaba"]["max"], 4.0);
    assert_eq!(
        read("coupling.weights = \"weights\"")
            .unwrap()
            .coupling
            .terms[0]
            .weights,
        None
    );
    let message = read("coupling.weights = \"gabba\"")
        .unwrap_err()
        .to_string();
    assert!(message.contains("gaba"), "{message}");
}

/// What a coupling cannot do is said before anything runs.
#[test]
fn couplings_that_do_not_fit_are_refused() {
    let refused = |study: &Study| Plan::new(study).unwrap_err().report();
    let mut study = network("fitzhugh-nagumo", ours("diffusive"));
    let again = study.coupling.terms[0].clone();
    study.coupling.terms.push(again);
    let message = refused(&study);
    assert!(
        message.contains("two couplings are called diffusive"),
        "{message}"
    );
    study.coupling.terms.truncate(1);
    study.coupling.terms[0].parameters[0] = Values::PerNode(vec![1.0; 4]);
    let message = refused(&study);
    assert!(
        message.contains("coupling.g has shape [4], expected [5]"),
        "{message}"
    );
    let mut study = network("fitzhugh-nagumo", ours("sigmoidal"));
    let error = study
        .set_number("coupling.sigma", 0.0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("coupling.sigma"), "{error}");
    let error = study
        .set_number("coupling.slope", 0.0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("coupling.slope"), "{error}");
}
