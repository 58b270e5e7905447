//! Whether a study can run, and whether several can run as one batch.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::study::range::Range;
use crate::study::{NoiseKind, STEP_TOLERANCE, Study, Values};

/// Every number of a study within its range, every list as long as it should be.
pub(super) fn numbers(study: &Study) -> Result<()> {
    let (n_nodes, n_states) = (study.connectome.n_nodes(), study.model.states.len());
    if n_nodes == 0 {
        return Err(Error::bad_value(
            "connectome",
            "empty",
            "at least one node is needed",
        ));
    }
    let values = |key: String, values: &Values, range: Range| -> Result<()> {
        match values {
            Values::PerNode(list) if list.len() != n_nodes => {
                let found = format!("a list of {}", list.len());
                Err(Error::bad_value(
                    key,
                    found,
                    format!("one number for each of the {n_nodes} nodes is needed"),
                ))
            }
            Values::PerNode(list) => list
                .iter()
                .try_for_each(|&value| range.check(&key, value).map(drop)),
            Values::Uniform(value) => range.check(&key, *value).map(drop),
        }
    };
    let per_state = |key: &str, list: &[Values], range: Range| -> Result<()> {
        if list.len() != n_states {
            return Err(Error::bad_value(
                key,
                format!("a list of {}", list.len()),
                format!("the model has {n_states} states"),
            ));
        }
        let states = study.model.states.iter().zip(list);
        states.into_iter().try_for_each(|(state, of_state)| {
            values(format!("{key}.{}", state.name), of_state, range)
        })
    };
    if study.parameters.len() != study.model.parameters.len() {
        let found = format!("a list of {}", study.parameters.len());
        let rule = format!("the model has {} parameters", study.model.parameters.len());
        return Err(Error::bad_value("parameters", found, rule));
    }
    for (index, (parameter, of_parameter)) in study
        .model
        .parameters
        .iter()
        .zip(&study.parameters)
        .enumerate()
    {
        values(
            format!("parameters.{}", parameter.name),
            of_parameter,
            Range::of_parameter(study.model, index),
        )?;
    }
    per_state("input", &study.input, Range::Finite)?;
    per_state("noise.mean", &study.noise.mean, Range::Finite)?;
    per_state("noise.sigma", &study.noise.sigma, Range::NotNegative)?;
    values(
        "initial.feedback".into(),
        &study.initial.feedback,
        Range::Finite,
    )?;
    if study.noise.kind == NoiseKind::OrnsteinUhlenbeck {
        Range::Positive.check("noise.tau", study.noise.tau)?;
    }
    Range::Finite.check("coupling.g", study.coupling.g)?;
    Range::Speed.check("coupling.conduction_speed", study.coupling.conduction_speed)?;
    if study.initial.state.len() != n_states {
        let found = format!("a list of {}", study.initial.state.len());
        return Err(Error::bad_value(
            "initial",
            found,
            format!("the model has {n_states} states"),
        ));
    }
    times(study)?;
    if study.record.states.is_empty() || study.record.states.iter().any(|&s| s >= n_states) {
        return Err(Error::bad_value(
            "record.states",
            format!("{:?}", study.record.states),
            "name states of the model",
        ));
    }
    Ok(())
}

/// Step, duration, transient and recording fit together.
fn times(study: &Study) -> Result<()> {
    let protocol = &study.protocol;
    let (dt, duration, every) = (protocol.dt, protocol.duration, study.record.every);
    Range::Positive.check("protocol.dt", dt)?;
    Range::Positive.check("protocol.duration", duration)?;
    Range::Positive.check("record.every", every)?;
    if duration < dt * (1.0 - STEP_TOLERANCE) {
        let rule = format!("it must last at least one step of protocol.dt = {dt} ms");
        return Err(Error::bad_value("protocol.duration", duration, rule));
    }
    if duration / dt >= f64::from(u32::MAX) {
        let rule = format!(
            "at a step of {dt} ms those are more steps than can be counted ({})",
            u32::MAX
        );
        return Err(Error::bad_value("protocol.duration", duration, rule));
    }
    if !(0.0..duration).contains(&protocol.transient) {
        let rule =
            format!("it must lie between 0 and protocol.duration = {duration} ms, exclusive");
        return Err(Error::bad_value(
            "protocol.transient",
            protocol.transient,
            rule,
        ));
    }
    let steps = every / dt;
    if steps.round() < 1.0 || (steps - steps.round()).abs() > 1e-6 * steps {
        let rule = format!("it must be a whole number of steps of protocol.dt = {dt} ms");
        return Err(Error::bad_value("record.every", every, rule));
    }
    if every > duration * (1.0 + STEP_TOLERANCE) {
        let rule = format!("nothing would be recorded in protocol.duration = {duration} ms");
        return Err(Error::bad_value("record.every", every, rule));
    }
    Ok(())
}

/// What all simulations of a batch have in common.
pub(super) fn shares_structure(a: &Study, b: &Study) -> Result<()> {
    let differs = |key: &str| {
        Err(Error::bad_value(
            key,
            "different in some simulations",
            "simulations of one batch must share it",
        ))
    };
    if a.model.name != b.model.name {
        return differs("model");
    }
    if a.integrator != b.integrator {
        return differs("integrator");
    }
    if !Arc::ptr_eq(&a.connectome, &b.connectome) {
        return differs("connectome");
    }
    let (c, d) = (&a.coupling, &b.coupling);
    if (c.kind, c.conduction_speed, c.delay_rounding, c.delay_reads)
        != (d.kind, d.conduction_speed, d.delay_rounding, d.delay_reads)
    {
        return differs("coupling (all but g)");
    }
    if a.model
        .feedback
        .is_some_and(|feedback| a.parameters[feedback.delay] != b.parameters[feedback.delay])
    {
        return differs("parameters.delay");
    }
    if a.noise.kind != b.noise.kind {
        return differs("noise.kind");
    }
    let (p, q) = (&a.protocol, &b.protocol);
    if (p.duration, p.dt, p.transient) != (q.duration, q.dt, q.transient) {
        return differs("protocol (all but seed)");
    }
    if a.record.states != b.record.states || a.record.every != b.record.every {
        return differs("record");
    }
    Ok(())
}
