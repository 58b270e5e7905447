//! Feedback inhibition control and other parameters that follow from where an output rests.

mod mean;

use crate::common;
use crate::program;

use std::path::Path;
use std::sync::Arc;

use brainsweep::Control;
use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::continuation::network::Network;
use brainsweep::io::{npz, study};
use brainsweep::model;
use brainsweep::plan::{self, Plan};
use brainsweep::study::{Hold, Study, Values};
use ndarray::{Array2, ArrayD, Ix2};

fn golden(key: &str) -> ArrayD<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/hold.npz");
    npz::read_f64(&path, key).unwrap()
}

/// Deco's network on these connections, no delays, `r_E` held by `J_i`.
fn deco(connectome: Arc<Connectome>, g: f64, target: f64) -> Study {
    let model = model::find("reduced-wong-wang-exc-inh").unwrap();
    let mut study = Study::new(model, connectome);
    study.coupling.conduction_speed = f64::INFINITY;
    study.set_number("coupling.g", g).unwrap();
    let observables = model.observables();
    let observable = observables.iter().position(|one| one.name == "r_E");
    study.hold = Some(Hold::at_rest(observable.unwrap(), target, "parameters.J_i"));
    study
}

fn ten(seed: &str) -> Arc<Connectome> {
    let weights: Array2<f64> = golden(&format!("weights_{seed}"))
        .into_dimensionality::<Ix2>()
        .unwrap();
    Arc::new(Connectome::new(None, weights, Delays::None, None).unwrap())
}

/// Ten nodes and the brain, three strengths of coupling, three readings of "3 Hz": numbers of another program, which solves by
/// bisection node after node.
#[test]
fn local_inhibition_is_that_of_the_reference() {
    let hcp = study::load::<&str>(None, &[]).unwrap().connectome;
    let targets = golden("r_E");
    for (name, connectome) in [("s1", ten("s1")), ("s2", ten("s2")), ("hcp", hcp)] {
        for (t, reading) in ["paper", "three", "isolated"].into_iter().enumerate() {
            let expected = golden(&format!("J_{reading}_{name}"));
            let eigenvalues = golden(&format!("eigenvalue_{reading}_{name}"));
            for (k, g) in golden("G").iter().enumerate() {
                let study = deco(Arc::clone(&connectome), *g, targets[[t]]);
                let held = plan::rest(&study).unwrap().unwrap();
                let what = format!("{name} {reading} G {g}");
                // The targets are given with 13 digits, and so the inhibition.
                for (node, value) in held.values.iter().enumerate() {
                    let off = (value / expected[[k, node]] - 1.0).abs();
                    assert!(off < 1e-9, "{what}, node {node}: off by {off:e}");
                }
                let per_second = 1000.0 * held.eigenvalue;
                let off = (per_second - eigenvalues[[k]]).abs();
                assert!(off < 1e-6, "{what}: {per_second} {}", eigenvalues[[k]]);
                assert!(
                    held.residual < 1e-12 && held.off < 1e-11,
                    "{what}: {held:?}"
                );
            }
        }
    }
}

/// Where it is stable, a simulation without noise comes to the target; each simulation of a batch has its own inhibition.
#[test]
fn simulations_rest_at_their_targets() {
    let connectome = ten("s1");
    let studies = [(0.5, 3.0), (1.0, 3.0), (1.0, 4.5)].map(|(g, target)| {
        let mut study = deco(Arc::clone(&connectome), g, target);
        study.protocol.duration = 4000.0;
        study.protocol.dt = 0.5;
        study.record.every = 4000.0;
        study.record.states = vec![study.hold.as_ref().unwrap().observable];
        study
    });
    let plan = Plan::batch(&studies).unwrap();
    assert_ne!(plan.held[1].values, plan.held[2].values);
    for (recorded, study) in common::run(&Cpu::new(), &plan).iter().zip(&studies) {
        let target = study.hold.as_ref().unwrap().target.at(0);
        for rate in &recorded.samples {
            // In 32 bits, after 8 of the slowest time constants.
            assert!((f64::from(*rate) - target).abs() < 2e-3, "{rate} {target}");
        }
    }
}

/// Other models, by parameters and inputs, states and outputs, with feedback and what is sent through a function: the residual is made
/// by other code than the derivatives, so it is small only if these are right.
#[test]
fn any_output_is_held_by_any_parameter() {
    let cases = [
        ("wilson-cowan", "x", "input.x", 0.2),
        ("feedback-fitzhugh-nagumo", "x", "input.x", -0.4),
        ("montbrio-pazo-roxin", "r", "parameters.eta", 0.3),
        ("jansen-rit", "y1", "parameters.C", 18.0),
        ("reduced-wong-wang-exc-inh", "I_E", "parameters.I_0", 0.39),
    ];
    for (name, output, by, target) in cases {
        let model = model::find(name).unwrap();
        let mut study = Study::new(model, Arc::new(synthetic::random(9, 0.5, 30.0, 5)));
        study.coupling.conduction_speed = f64::INFINITY;
        study.set_g(0.05);
        let observables = model.observables();
        let observable = observables.iter().position(|one| one.name == output);
        let targets = (0..9).map(|k| target * (1.0 + 0.01 * f64::from(k)));
        let targets = Values::PerNode(targets.collect());
        study.hold = Some(Hold::at_rest(observable.unwrap(), targets, by));
        let held =
            plan::rest(&study).unwrap_or_else(|error| panic!("{name} by {by}: {}", error.report()));
        let held = held.unwrap();
        assert!(
            held.residual < 1e-9 && held.off < 1e-9,
            "{name} by {by}: {held:?}"
        );
        // The same state is an equilibrium of the network that has these parameters.
        let plan = Plan::new(&study).unwrap();
        let mut own = study.clone();
        own.hold = None;
        for (node, value) in plan.held[0].values.iter().enumerate() {
            own.set_number(&format!("{by}[{node}]"), *value).unwrap();
        }
        let network = Network::new(&own, "coupling.g").unwrap().without_delays();
        let left = network.residual(&held.u, network.parameter_start());
        assert!(
            left.iter().all(|rate| rate.abs() < 1e-9),
            "{name} by {by}: {left:?}"
        );
    }
}

/// No inhibition brings the rate to a negative number.
#[test]
fn a_target_that_is_out_of_reach_is_refused() {
    let study = deco(ten("s1"), 1.0, -1.0);
    let message = Plan::new(&study).unwrap_err().report();
    for part in ["parameters.J_i", "r_E rests at its target"] {
        assert!(message.contains(part), "{message}");
    }
    let network = Network::new(&study, "parameters.J_i").unwrap();
    let (start, values) = (network.start(&study), vec![1.0; 10]);
    let stopped = Control::default();
    stopped.stop();
    let unreached = network.held(2, &[-1.0; 10], (&start, &values), &stopped);
    assert!(unreached.is_err());
}

#[test]
fn what_cannot_be_held_is_said() {
    let base = "model = \"reduced-wong-wang-exc-inh\"\n[connectome]\nnodes = 3\n[coupling]\nkind = \"none\"\n[hold]\n";
    let complaint = |text: &str| {
        let read = study::parse::<&str>(&format!("{base}{text}"), "study.toml", Path::new(""), &[]);
        match read {
            Err(error) => error.report(),
            Ok(_) => panic!("this study must not read: {text}"),
        }
    };
    for (text, parts) in [
        (
            "output = \"r_E\"\ntarget = 3",
            ["hold.by", "chosen in every node"],
        ),
        (
            "output = \"r_E\"\nby = \"J_i\"",
            ["hold.target", "a number, or one for each node"],
        ),
        (
            "by = \"J_i\"\ntarget = 3",
            ["hold.output", "a state or output of the model"],
        ),
        (
            "output = \"r_e\"\nby = \"J_i\"\ntarget = 3",
            ["hold.output", "did you mean \"r_E\""],
        ),
        (
            "output = \"r_E\"\nby = \"J\"\ntarget = 3",
            ["hold.by", "\"J\""],
        ),
        (
            "output = \"r_E\"\nby = \"J_i[1]\"\ntarget = 3",
            ["hold.by", "at all nodes"],
        ),
        (
            "output = \"r_E\"\nby = \"J_i\"\ntarget = \"x\"",
            ["hold.target", "a number"],
        ),
        (
            "output = \"r_E\"\nby = \"J_i\"\ntarget = 3\nof = 1",
            ["hold.of", "unknown key"],
        ),
        (
            "output = \"r_E\"\nby = \"J_i\"\ntarget = 3\non = \"means\"",
            ["hold.on", "did you mean \"mean\""],
        ),
    ] {
        let message = complaint(text);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    }
    let text = format!("{base}output = \"r_E\"\nby = \"J_i\"\ntarget = 3");
    let study = study::parse(
        &text,
        "study.toml",
        Path::new(""),
        &["hold.target=4", "J_i=0.9"],
    )
    .unwrap();
    assert_eq!(study.hold.unwrap().target, Values::Uniform(4.0));
    let without = study::parse::<&str>("", "study.toml", Path::new(""), &[]).unwrap();
    assert!(without.clone().set_number("hold.target", 3.0).is_err());
}

/// A sweep of the coupling says where the held state loses its stability, and keeps what holds it.
#[test]
fn a_sweep_says_where_stability_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let weights = golden("weights_s1").into_dimensionality::<Ix2>().unwrap();
    let rows = weights.rows().into_iter().map(|row| {
        let row: Vec<String> = row.iter().map(|weight| format!("{weight:?}")).collect();
        row.join(",")
    });
    std::fs::write(
        folder.path().join("w.csv"),
        rows.collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
    let text = "model = \"reduced-wong-wang-exc-inh\"\n[connectome]\nfile = \"w.csv\"\n[coupling]\nconduction_speed = inf\n\
                [hold]\noutput = \"r_E\"\ntarget = 3.0\nby = \"J_i\"\n[protocol]\nduration = 20\ndt = 0.5\n";
    std::fs::write(folder.path().join("deco.toml"), text).unwrap();
    let arguments = [
        "sweep",
        "deco.toml",
        "--vary",
        "coupling.g=1:2.5:4",
        "--seeds",
        "2",
        "--out",
        "swept",
    ];
    let (code, _, stderr) = program::run(&[], &arguments, folder.path());
    assert_eq!(code, Some(0), "{stderr}");
    let lost = golden("G_lost_s1").sum();
    let said = stderr
        .split("stability is lost at coupling.g = ")
        .nth(1)
        .expect(&stderr);
    let said: f64 = said.lines().next().unwrap().parse().unwrap();
    assert!((said - lost).abs() < 2e-8, "{said} {lost}");
    assert!(
        stderr.contains("unstable state at 2 of 4 points"),
        "{stderr}"
    );
}
