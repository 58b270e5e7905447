//! Orders in networks: the coupling is held over a step, so that every integrator is of order 1 there, whatever it is for a node alone.

use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::{Delays, synthetic};
use brainsweep::integrator::Integrator;
use brainsweep::model;
use brainsweep::plan::Plan;
use brainsweep::study::{Start, Study, Values};

use crate::common;

const INTEGRATORS: [Integrator; 4] = [
    Integrator::ExponentialEuler,
    Integrator::Euler,
    Integrator::Heun,
    Integrator::Rk4,
];

/// Oscillating FitzHugh-Nagumo nodes that start apart.
fn study(coupling: &str, conduction_speed: f64) -> Study {
    const N_NODES: usize = 10;
    let model = model::find("fitzhugh-nagumo").expect("a model of ours");
    let mut connectome = synthetic::random(N_NODES, 0.5, 60.0, 3);
    // Whole millimetres, crossed in a whole number of any of the steps below: delays do not change with the step.
    if let Delays::TractLengths(mm) = &mut connectome.delays {
        mm.mapv_inplace(f64::round);
    }
    let mut study = Study::new(model, Arc::new(connectome));
    common::couple(&mut study, coupling);
    study.set_g(0.3);
    study.coupling.conduction_speed = conduction_speed;
    study.input[0] = Values::Uniform(0.9);
    let start = (0..N_NODES).map(|node| 0.1 * node as f64).collect();
    study.initial.state[0] = Start::Given(Values::PerNode(start));
    study.protocol.duration = 24.0;
    study
}

/// x of all nodes at the end, with steps of `dt_ms`.
fn end(study: &Study, dt_ms: f64) -> Vec<f32> {
    let mut study = study.clone();
    study.protocol.dt = dt_ms;
    study.record.every = study.protocol.duration;
    let plan = Plan::new(&study).expect("a sound study");
    let recorded = common::run(&Cpu::new(), &plan).remove(0);
    recorded.end.state.row(0).to_vec()
}

#[test]
fn between_coupled_nodes_every_integrator_has_order_one() {
    for coupling in ["diffusive", "additive"] {
        for conduction_speed in [f64::INFINITY, 20.0] {
            let mut study = study(coupling, conduction_speed);
            for integrator in INTEGRATORS {
                study.integrator = integrator;
                let [coarse, middle, fine] = [0.05, 0.025, 0.0125].map(|dt_ms| end(&study, dt_ms));
                let distance = |a: &[f32], b: &[f32]| {
                    let gaps = a.iter().zip(b).map(|(a, b)| f64::from(a - b).abs());
                    gaps.fold(0.0, f64::max)
                };
                let (first, second) = (distance(&coarse, &middle), distance(&middle, &fine));
                let order = (first / second).log2();
                assert!(second > 1e-5, "{second} is no more than rounding");
                assert!(
                    (order - 1.0).abs() < super::ORDER_TOLERANCE,
                    "{integrator:?}, {coupling}, {conduction_speed} mm/ms: order {order}, {first} and {second}"
                );
            }
        }
    }
}
