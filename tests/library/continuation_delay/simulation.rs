//! Simulation of the 80-node network agrees with what continuation says about it.

use std::sync::Arc;

use brainsweep::backend::{Backend, Control, cpu::Cpu};
use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::integrator::Integrator;
use brainsweep::plan::Plan;
use brainsweep::record::Raw;
use brainsweep::study::{Past, Start, Study, Values};
use ndarray::{Array2, s};

use super::{events, tutorial};

/// The study run in small steps from the states `past(t)` for t <= 0 (rows node by node): x of every node, `[n_samples, n_nodes]`.
fn simulated(
    study: &Study,
    duration: f64,
    dt: f64,
    past: impl Fn(usize, f64) -> f64,
) -> Array2<f32> {
    let mut study = study.clone();
    study.integrator = Integrator::Rk4;
    study.protocol.duration = duration;
    study.protocol.dt = dt;
    study.record.every = dt;
    let at = |state: usize, time: f64| {
        (0..80)
            .map(|node| past(2 * node + state, time))
            .collect::<Vec<_>>()
    };
    study.initial.state = (0..2)
        .map(|state| Start::Given(Values::PerNode(at(state, 0.0))))
        .collect();
    let n_past = (13.0 / dt) as usize;
    let rows = Array2::from_shape_fn((n_past, 80), |(row, node)| {
        past(2 * node, -((n_past - row) as f64) * dt)
    });
    study.initial.history = vec![(
        brainsweep::model::Signal::State(0),
        Past::Stored(Arc::new(rows)),
    )];
    let plan = Plan::new(&study).unwrap();
    let recorder = Raw::new(&plan).unwrap();
    Cpu::new()
        .run(&plan, &recorder, &Control::default())
        .unwrap();
    recorder.into_recorded()[0]
        .samples
        .slice(s![.., 0, ..])
        .to_owned()
}

/// Started on an orbit just past the Hopf point, the simulation (steps of 0.02 ms, delays rounded to them) stays on it for three
/// periods: node 31 within 2e-3 of a swing of 0.18 throughout.
#[test]
fn simulation_follows_the_orbit() {
    let (mut study, network) = tutorial();
    let first = events(
        &network,
        &network.start(&study),
        NetworkBranchSettings::new((0.8, 0.9)),
    );
    let mut settings = OrbitSettings::new((0.8, 0.86));
    settings.tail = 1e-8;
    let orbit = OrbitBranch::from_hopf(&network, &first[0], settings)
        .unwrap()
        .last()
        .unwrap()
        .unwrap();
    study.set_number("input.x", orbit.p).unwrap();
    let period = orbit.period_ms();
    let dt = 0.02;
    let on_orbit = |k: usize, time: f64| orbit.at(k, time / period).0;
    let x = simulated(&study, 3.0 * period, dt, on_orbit);
    let mut worst = 0.0f64;
    for (sample, row) in x.rows().into_iter().enumerate() {
        let time = (sample + 1) as f64 * dt;
        for node in [31, 30, 0, 42] {
            worst = worst.max((f64::from(row[node]) - on_orbit(2 * node, time)).abs());
        }
    }
    assert!(worst < 2e-3, "{worst}");
    let (least, greatest) = orbit.extrema(2 * 31);
    assert!(
        greatest - least > 0.15,
        "the orbit is large enough to tell: {least} {greatest}"
    );
}

/// On each side of the first Hopf point a perturbation along its mode grows or fades as its characteristic root says.
#[test]
fn simulation_grows_and_fades_as_the_root_says() {
    let (mut study, network) = tutorial();
    for (p, grows) in [(0.82, false), (0.85, true)] {
        study.set_number("input.x", p).unwrap();
        let at = network.equilibrium(&network.start(&study), p).unwrap();
        let characteristic = Characteristic::new(&network, &at.u, p);
        let stability = characteristic.rightmost(4).unwrap();
        let root = stability
            .roots
            .iter()
            .max_by(|a, b| a.lambda.re.total_cmp(&b.lambda.re))
            .unwrap();
        assert_eq!(root.leading_node(), 31);
        assert_eq!(root.lambda.re > 0.0, grows);
        let v = characteristic.right_vector(root);
        let size = 2e-3;
        let mode = |k: usize, time: f64| at.u[k] + size * (v[k] * (root.lambda * time).exp()).re;
        let duration = 100.0;
        let x = simulated(&study, duration, 0.02, mode);
        let mut worst = 0.0f64;
        for sample in (0..x.nrows()).step_by(50) {
            let time = (sample + 1) as f64 * 0.02;
            worst = worst.max((f64::from(x[[sample, 31]]) - mode(2 * 31, time)).abs());
        }
        let envelope = size * (root.lambda.re * duration).exp().max(1.0);
        assert!(
            worst < 0.03 * envelope,
            "x_ext {p}: off by {worst} of {envelope}"
        );
    }
}
