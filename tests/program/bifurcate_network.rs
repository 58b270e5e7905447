//! `brainsweep bifurcate` of networks, with and without delays, as a user runs it.

use crate::program;

use std::fs::File;
use std::path::Path;

use brainsweep::continuation::network::Network;
use brainsweep::continuation::network::modes::Modes;
use brainsweep::continuation::{Diagram, Settings};
use brainsweep::io::npz::read_f64;
use brainsweep::io::study;
use ndarray::Array2;
use ndarray_npy::NpzReader;
use num_complex::Complex64;
use serde_json::Value;

/// Located parameters and frequencies agree with the reference to this, absolutely.
const EVENT: f64 = 1e-10;

/// Runs `brainsweep bifurcate hcp_network`; its exit code and what it says.
fn bifurcate(arguments: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    program::run(&["bifurcate", "hcp_network"], arguments, folder)
}

/// The JSON of a run into the folder `out` that must succeed.
fn json(arguments: &[&str], folder: &Path) -> Value {
    let arguments = [arguments, &["--out", "out", "--json"]].concat();
    let (code, stdout, stderr) = bifurcate(&arguments, folder);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    serde_json::from_str(&stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Multipliers of a cycle of few mesh points agree with those mode by mode to this, absolutely.
const MULTIPLIER: f64 = 1e-5;

/// A matrix of complex numbers.
fn complex(file: &Path, name: &str) -> Array2<Complex64> {
    let mut npz = NpzReader::new(File::open(file).unwrap()).unwrap();
    npz.by_name(name).unwrap()
}

/// The multipliers of the tutorial's network without delays, on its synchronous cycle at this
/// `x_ext`: the cycle is a single node's, and the network falls into modes of two states each.
fn by_modes(x_ext: f64) -> Vec<Complex64> {
    let study = study::load(Some("hcp_network".as_ref()), &[""; 0]).unwrap();
    let network = Network::new(&study, "x_ext").unwrap().without_delays();
    let node = network.first_node();
    let mut settings = Settings::new(0.7, 1.4);
    (settings.mesh, settings.collocation) = (160, 6);
    let diagram = Diagram::new(&node, &[0.7], &settings).unwrap();
    let cycles = diagram.cycles[0].cycles_at(&node, &[0.7], 0, x_ext, &settings);
    let [cycle] = &cycles[..] else {
        panic!("{cycles:?}")
    };
    let modes = Modes::new(&network).unwrap();
    modes.multipliers(&network, cycle, &settings).unwrap()
}

/// Every multiplier found is one of those expected, and the other way round. `expected` has one
/// more: the 1 of the direction along the cycle.
fn assert_multipliers(found: &[Complex64], expected: &[Complex64]) {
    let nearest = |to: Complex64, among: &[Complex64]| {
        let away = among.iter().map(|other| (other - to).norm());
        away.fold(f64::INFINITY, f64::min)
    };
    let one = Complex64::new(1.0, 0.0);
    assert!(nearest(one, expected) < EVENT);
    for multiplier in found {
        let miss = nearest(*multiplier, expected);
        assert!(miss < MULTIPLIER, "{multiplier} is {miss:e} off");
    }
    let found = [found, &[one]].concat();
    for multiplier in expected {
        let miss = nearest(*multiplier, &found);
        assert!(miss < MULTIPLIER, "{multiplier} is found {miss:e} off");
    }
}

/// The delayed network of the tutorial loses its stability at 0.8364632949, supercritically, on node 31 alone; without the delays
/// the equilibrium is the same and its frequencies are not.
#[test]
fn the_delayed_network_oscillates_first_at_node_31() {
    let home = tempfile::tempdir().unwrap();
    let found = json(&["--vary", "x_ext=0.82:0.85", "--delays"], home.path());
    let events = found["events"].as_array().unwrap();
    let [event] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(event["type"], "hopf");
    assert!((number(&event["parameters"][0]) - 0.8364632949).abs() < EVENT);
    assert!((number(&event["omega"]) - 0.2198466212).abs() < EVENT);
    assert_eq!(event["criticality"], "supercritical");
    assert_eq!(event["n_unstable_before"], 0);
    assert_eq!(event["n_unstable_after"], 2);
    let mode = &event["mode"];
    assert_eq!(mode["top"][0]["node"], 31);
    assert!((number(&mode["participation"]) - 1.1).abs() < 0.05);

    let at = |name: &str| home.path().join("out").join(name);
    let states = read_f64(&at("branches.npz"), "equilibria_1_state").unwrap();
    assert_eq!(states.shape()[1], 160);
    let table = std::fs::read_to_string(at("events.csv")).unwrap();
    let header = "branch,type,x_ext,omega,period,coefficient,criticality,n_unstable_before,n_unstable_after,residual,x[0],y[0]";
    assert!(table.starts_with(header), "{table}");
    let modes = std::fs::read_to_string(at("modes.csv")).unwrap();
    let shares = modes.lines().nth(1).unwrap().split(',').skip(4);
    let shares: Vec<f64> = shares.map(|share| share.parse().unwrap()).collect();
    assert_eq!(shares.len(), 80);
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12 && shares[31] > 0.9);
    for figure in ["equilibrium", "eigenvalues", "modes"] {
        assert!(at(&format!("{figure}.svg")).exists() && at(&format!("{figure}.png")).exists());
    }
}

/// The upper end of the additive network's branch has the reference's Hopf points, each on a node or a few.
#[test]
fn the_additive_network_has_its_hopf_points() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--set", "coupling.kind=additive", "--vary", "x_ext=0.9:1.3"];
    let found = json(&arguments, home.path());
    let found: Vec<(String, f64)> = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let kind = event["type"].as_str().unwrap().to_string();
            (kind, number(&event["parameters"][0]))
        })
        .collect();
    let reference: Value =
        serde_json::from_str(include_str!("../library/continuation/networks.json")).unwrap();
    let all = reference["additive"].as_array().unwrap().iter();
    let expected = all.map(|event| (event[0].as_str().unwrap(), number(&event[1])));
    let expected: Vec<(&str, f64)> = expected.filter(|(_, p)| *p > 0.9).collect();
    assert!(expected.len() > 4, "{expected:?}");
    assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.0, expected.0);
        assert!((found.1 - expected.1).abs() < EVENT, "{found:?}");
    }
}

/// Cycles are followed where asked for: without delays with their multipliers, with delays to the reference's periods.
#[test]
fn cycles_are_followed_from_hopf_points() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--vary", "x_ext=0.72:0.73", "--cycles", "1", "--mesh", "8"];
    let found = json(&arguments, home.path());
    let ends = &found["branches"][1]["ends"];
    assert_eq!(found["branches"][1]["name"], "cycles_1");
    assert_eq!(ends[0], "hopf at 0.726058290");
    assert_eq!(ends[1], "bound of the range");
    let npz = |name: &str| read_f64(&home.path().join("out/branches.npz"), name).unwrap();
    assert_eq!(npz("cycles_1_minima").shape()[1], 160);
    let parameters = npz("cycles_1_parameters");
    let last = parameters.len() - 1;
    assert_eq!(parameters[[last, 0]], 0.73);
    let found = complex(
        &home.path().join("out/branches.npz"),
        "cycles_1_eigenvalues",
    );
    assert_eq!(
        found.dim(),
        (last + 1, 159),
        "all but the one along the cycle"
    );
    assert_multipliers(found.row(last).as_slice().unwrap(), &by_modes(0.73));
    assert!(home.path().join("out/cycles.svg").exists());

    let home = tempfile::tempdir().unwrap();
    let arguments = ["--vary", "x_ext=0.83:0.86", "--delays", "--cycles", "1"];
    json(&arguments, home.path());
    let npz = |name: &str| read_f64(&home.path().join("out/branches.npz"), name).unwrap();
    let (parameters, periods) = (npz("cycles_1_parameters"), npz("cycles_1_period"));
    let reference: Value =
        serde_json::from_str(include_str!("../library/continuation/networks.json")).unwrap();
    // Between neighbours the period is nearly straight.
    let mut compared = 0;
    for orbit in reference["delayed_orbits"].as_array().unwrap() {
        let p = number(&orbit["x_ext"]);
        let after = parameters.iter().position(|other| *other >= p);
        let Some(after) = after.filter(|after| *after > 0) else {
            continue;
        };
        let [a, b] = [after - 1, after].map(|k| (parameters[[k, 0]], periods[[k]]));
        let share = (p - a.0) / (b.0 - a.0);
        let period = a.1 + share * (b.1 - a.1);
        let miss = period / number(&orbit["period"]) - 1.0;
        assert!(miss.abs() < 1e-3, "at {p}: {miss:e}");
        compared += 1;
    }
    assert!(compared > 2);
}

/// What a network cannot have is said before anything is computed or written.
#[test]
fn what_cannot_be_followed_is_refused_in_words() {
    let home = tempfile::tempdir().unwrap();
    let speed = "coupling.conduction_speed=10:30";
    for (arguments, part) in [
        (
            &["--vary", "x_ext=0:1", "--and", "x_ext[3]=0:2"][..],
            "it is the number that --vary varies",
        ),
        (&["--vary", "x_ext=0:1", "--and", speed], "say --delays"),
        (
            &["--vary", "x_ext=0:1", "--at", "x_ext=0.5,2"],
            "from 0 to 1, the range of --vary",
        ),
        (
            &["--vary", "x_ext=0:1", "--at", "coupling.g=0.5"],
            "the number of --vary",
        ),
        (&["--vary", speed], "--delays"),
        (
            &[
                "--delays",
                "--vary",
                "x_ext=0:1",
                "--and",
                "coupling.conduction_speed=-1:30",
            ],
            "signals need a speed above 0 mm/ms",
        ),
        (
            &["--vary", "x_ext=0:1", "--period-max", "900"],
            "--period-max does not apply: of 80 nodes",
        ),
        (
            &["--vary", "x_ext=0:1", "--no-cycles"],
            "there are 80 nodes",
        ),
        (
            &["--vary", "noise.tau=1:2"],
            "neither equilibria nor delays depend on it",
        ),
        (&["--vary", "x_ext[80]=0:1"], "nodes 0 to 79"),
    ] {
        let (code, stdout, stderr) = bifurcate(arguments, home.path());
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(part),
            "{stderr}"
        );
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
