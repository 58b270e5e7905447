//! Closed forms that simulated networks must meet: noise, linear networks, delays.
//!
//! With `alpha = beta = delta = 0` and an endless `tau`, FitzHugh-Nagumo is linear: `dx/dt = gamma x + input`, and y stays where it is,
//! at 0. Euler's method on it has closed forms for its own numbers, step size included; they are what is compared here, so that tolerances are
//! rounding (or sampling error, for noise), not the distance to the continuous limit. That limit is `tests/library/convergence.rs`'s.

use crate::common;

mod delays;
mod noise;
mod stages;

use std::sync::Arc;

use brainsweep::connectome::Connectome;
use brainsweep::integrator::Integrator;
use brainsweep::model;
use brainsweep::study::Study;

/// A study whose nodes obey `dx/dt = -rate x + input`, stepped by Euler's method, every state recorded at every step.
fn linear(connectome: Connectome, rate: f64, dt_ms: f64, n_steps: usize) -> Study {
    let model = model::find("fitzhugh-nagumo").expect("a model of ours");
    let mut study = Study::new(model, Arc::new(connectome));
    study.integrator = Integrator::Euler;
    for (name, value) in [
        ("alpha", 0.0),
        ("beta", 0.0),
        ("gamma", -rate),
        ("tau", 1e37),
    ] {
        study
            .set_number(&format!("parameters.{name}"), value)
            .expect("a parameter of this model");
    }
    study.protocol.dt = dt_ms;
    study.protocol.duration = dt_ms * n_steps as f64;
    study.record.every = dt_ms;
    study
}
