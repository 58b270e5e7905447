//! Whether a study can run, and whether several can run as one batch.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::study::range::Range;
use crate::study::{Coupling, NoiseKind, STEP_TOLERANCE, Study, Term, Values};

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
    let each = |key: &str, what: &str, names: &[&str], list: &[Values], range: Range| {
        if list.len() != names.len() {
            let found = format!("a list of {}", list.len());
            let rule = format!("the model has {} {what}", names.len());
            return Err(Error::bad_value(key, found, rule));
        }
        let mut pairs = names.iter().zip(list);
        pairs.try_for_each(|(name, of_name)| values(format!("{key}.{name}"), of_name, range))
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
    let inputs: Vec<&str> = study.model.inputs.iter().map(|i| i.name).collect();
    let targets = study.model.noise_targets();
    each("input", "inputs", &inputs, &study.input, Range::Finite)?;
    let targets = |key, list, range| each(key, "states and inputs", &targets, list, range);
    targets("noise.mean", &study.noise.mean, Range::Finite)?;
    targets("noise.sigma", &study.noise.sigma, Range::NotNegative)?;
    signals(study)?;
    noise_acts(study)?;
    let fed_back = study.model.feedback.iter();
    let fed_back: Vec<&str> = fed_back
        .map(|f| study.model.signal_name(f.signal))
        .collect();
    each(
        "initial.feedback",
        "delayed self feedbacks",
        &fed_back,
        &study.initial.feedback,
        Range::Finite,
    )?;
    if study.noise.kind == NoiseKind::OrnsteinUhlenbeck {
        Range::Positive.check("noise.tau", study.noise.tau)?;
    }
    for term in &study.coupling.terms {
        let parameters = &term.form.parameters;
        if term.parameters.len() != parameters.len() {
            let found = format!("a list of {}", term.parameters.len());
            let rule = format!(
                "{} coupling has {} parameters",
                term.form.name,
                parameters.len()
            );
            return Err(Error::bad_value("coupling", found, rule));
        }
        for (parameter, of_parameter) in parameters.iter().zip(&term.parameters) {
            let key = if study.coupling.terms.len() > 1 {
                format!("coupling.{}.{}", term.name, parameter.name)
            } else {
                format!("coupling.{}", parameter.name)
            };
            values(key, of_parameter, Range::of(parameter.range))?;
        }
    }
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
    let n_observables = study.model.observables().len();
    if study.record.states.is_empty() || study.record.states.iter().any(|&s| s >= n_observables) {
        return Err(Error::bad_value(
            "record.states",
            format!("{:?}", study.record.states),
            "name states or outputs of the model",
        ));
    }
    Ok(())
}

/// What is transmitted can be heard.
fn signals(study: &Study) -> Result<()> {
    let model = study.model;
    let terms = &study.coupling.terms;
    for (t, term) in terms.iter().enumerate() {
        let refuse = |rule: String| Err(Error::bad_value("coupling", term.form.name, rule));
        if terms[..t].iter().any(|other| other.name == term.name) {
            let rule = format!("two couplings are called {}; give one a name", term.name);
            return refuse(rule);
        }
        if term.pairs.is_empty() {
            let rule = format!(
                "{} has no input for the network to enter; say coupling.kind = \"none\"",
                model.name
            );
            return refuse(rule);
        }
        for pair in &term.pairs {
            let (source, n_inputs) = (model.signal_name(pair.source), model.inputs.len());
            if pair.target >= n_inputs || pair.squares.is_some_and(|i| i >= n_inputs) {
                return refuse(format!("{} has no such input", model.name));
            }
            if let (Some(input), false) = (pair.squares, term.form.has_squares()) {
                let input = model.inputs[input].symbol;
                return refuse(format!(
                    "{input} of {} hears through squared weights, and this coupling has no c_squares; take additive, or give yours one",
                    model.name
                ));
            }
            if term.form.needs_own() && model.is_late(pair.source) {
                return refuse(format!(
                    "it takes what the node itself transmits, and {source} of {} depends on what the node hears in the same step; take additive, or transmit a state",
                    model.name
                ));
            }
        }
    }
    Ok(())
}

/// White noise acts on states, Ornstein-Uhlenbeck noise on inputs.
fn noise_acts(study: &Study) -> Result<()> {
    let model = study.model;
    let is_zero = |values: &Values| match values {
        Values::Uniform(value) => *value == 0.0,
        Values::PerNode(values) => values.iter().all(|value| *value == 0.0),
    };
    for (t, name) in model.noise_targets().into_iter().enumerate() {
        let (key, what) = match study.noise.kind {
            NoiseKind::None => return Ok(()),
            NoiseKind::White if t >= model.states.len() => ("sigma", "a state"),
            NoiseKind::OrnsteinUhlenbeck if model.input_index(name).is_none() => {
                if !is_zero(&study.noise.mean[t]) {
                    ("mean", "an input")
                } else {
                    ("sigma", "an input")
                }
            }
            _ => continue,
        };
        if !is_zero(&study.noise.sigma[t]) || key == "mean" {
            let known: Vec<&str> = if what == "a state" {
                model.states.iter().map(|s| s.name).collect()
            } else {
                model.inputs.iter().map(|i| i.name).collect()
            };
            let rule = format!(
                "this kind of noise acts on {what} of {} ({})",
                model.name,
                known.join(", ")
            );
            return Err(Error::bad_value(format!("noise.{key}.{name}"), "set", rule));
        }
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
    if !std::ptr::eq(a.model, b.model) {
        return differs("model");
    }
    if a.integrator != b.integrator {
        return differs("integrator");
    }
    if !Arc::ptr_eq(&a.connectome, &b.connectome) {
        return differs("connectome");
    }
    let (c, d) = (&a.coupling, &b.coupling);
    let delays = |c: &Coupling| (c.conduction_speed, c.delay_rounding, c.delay_reads);
    let is_like = |(x, y): (&Term, &Term)| x.form == y.form && x.pairs == y.pairs;
    let are_alike = c.terms.len() == d.terms.len() && c.terms.iter().zip(&d.terms).all(is_like);
    if delays(c) != delays(d) || !are_alike {
        return differs("coupling (all but its numbers)");
    }
    for feedback in &a.model.feedback {
        if a.parameters[feedback.delay] != b.parameters[feedback.delay] {
            let name = a.model.parameters[feedback.delay].name;
            return differs(&format!("parameters.{name}"));
        }
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
