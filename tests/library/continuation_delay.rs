//! Networks with delays: characteristic roots, Hopf points, orbits; against closed forms, reference values and simulation.

mod closed_forms;
mod coinciding;
mod connection;
mod doubling;
mod hopf;
mod multipliers;
mod neuron;
mod orbits;
mod plane;
mod random;
mod roots;
mod rotating;
mod simulation;

use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings, NetworkEvent};
use brainsweep::continuation::network::Network;
use brainsweep::io::connectome::hcp;
use brainsweep::model;
use brainsweep::study::Study;
use num_complex::Complex64;
use serde_json::Value;

/// Located parameters and frequencies agree with reference and closed forms to this, absolutely.
const EVENT: f64 = 1e-10;

fn reference() -> Value {
    serde_json::from_str(include_str!("continuation/networks.json")).unwrap()
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap()
}

fn pair(value: &Value) -> Complex64 {
    Complex64::new(value[0].as_f64().unwrap(), value[1].as_f64().unwrap())
}

/// FitzHugh-Nagumo at every node of the HCP connectome, g = 1, 20 mm/ms.
fn tutorial() -> (Study, Network) {
    let study = Study::new(model::find("fitzhugh-nagumo").unwrap(), hcp());
    let network = Network::new(&study, "x_ext").unwrap();
    (study, network)
}

fn events(network: &Network, start: &[f64], settings: NetworkBranchSettings) -> Vec<NetworkEvent> {
    let points = NetworkBranch::new(network, start, settings).unwrap();
    points.flat_map(|point| point.unwrap().events).collect()
}
