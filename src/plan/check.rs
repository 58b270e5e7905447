//! Whether a study can run, and whether several can run as one batch.

use std::sync::Arc;

use super::edges::Edges;
use crate::coupling::DelayRounding;
use crate::dynamics::{Channel, Links};
use crate::error::{Error, PlanError, Result, StudyError};
use crate::integrator::{CouplingAt, Integrator};
use crate::model::Bounds;
use crate::study::key::{self, NONE, Number, Role, shown};
use crate::study::range::Range;
use crate::study::{
    Coupling, NoiseKind, NoiseScheme, Observation, Start, Study, Term, Values, times,
};

/// Every number of a study within its range, every list as long as it should be.
pub(super) fn numbers(study: &Study) -> Result<()> {
    study.check_single()?;
    let n_nodes = study.connectome.n_nodes();
    if n_nodes == 0 {
        return Err(PlanError::Empty { what: "node" }.into());
    }
    let values = |key: &str, values: &Values, range: Range| -> Result<()> {
        match values {
            Values::PerNode(list) if list.len() != n_nodes => {
                let expected = format!("[{n_nodes}], one number for each node");
                Err(PlanError::WrongShape {
                    key: key.into(),
                    found: vec![list.len()],
                    expected,
                }
                .into())
            }
            Values::PerNode(list) => list
                .iter()
                .try_for_each(|&value| range.check(key, value).map(drop)),
            Values::Uniform(value) => range.check(key, *value).map(drop),
        }
    };
    lengths(study)?;
    for number in Number::all(study) {
        // A start that is drawn is checked where it is drawn.
        let is_drawn = matches!(number.start(study), Some(Start::Uniform { .. }));
        if !is_drawn {
            values(&number.path(study), &number.get(study), number.range(study))?;
        }
    }
    let fed_back = study.model.feedback.iter().zip(&study.initial.feedback);
    for (feedback, given) in fed_back {
        let name = study.model.signal_name(feedback.signal);
        values(
            &format!("{}.{name}", key::FEEDBACK.path),
            given,
            Range::Finite,
        )?;
    }
    signals(study)?;
    stages(study)?;
    noise_acts(study)?;
    times::check(study)?;
    let n_observables = study.model.observables().len();
    let is_measured = study.monitors.iter().any(|one| one.matrix.is_none());
    if study.record.states.is_empty() && !is_measured
        || study.record.states.iter().any(|&s| s >= n_observables)
    {
        let found = format!("{:?}", study.record.states);
        let rule = "must name states or outputs of the model, at least one where no monitor shows the nodes";
        return Err(Error::out_of_range(key::RECORD_STATES.path, found, rule));
    }
    if let Some(hold) = &study.hold {
        let is_there = hold.observable < n_observables && study.number(&hold.by).is_ok();
        if !is_there {
            let problem = format!(
                "{} has no such output or parameter to hold",
                study.model.name
            );
            return Err(Error::conflict(problem, "name others"));
        }
    }
    stimuli(study)?;
    moving(study)?;
    for (k, one) in study.monitors.iter().enumerate() {
        if study.monitors[..k]
            .iter()
            .any(|other| other.name == one.name)
        {
            let problem = format!("two monitors are called {}", one.name);
            return Err(Error::conflict(problem, "give one of them another name"));
        }
        if one.source >= n_observables || one.parameters.len() != one.monitor.node.parameters.len()
        {
            let problem = format!(
                "the monitor {} does not go with {}",
                one.name, study.model.name
            );
            return Err(Error::conflict(
                problem,
                "take a state or output of the model as its source",
            ));
        }
    }
    Ok(())
}

/// The numbers of each stimulus go together, and it begins during the run.
fn stimuli(study: &Study) -> Result<()> {
    let n_nodes = study.connectome.n_nodes();
    let (dt, end) = (study.protocol.dt, study.protocol.duration);
    for (k, one) in study.stimuli.iter().enumerate() {
        let key = |name: &str| key::STIMULUS_NUMBER.named(&format!("{}.{name}", one.name));
        if study.stimuli[..k]
            .iter()
            .any(|other| other.name == one.name)
        {
            let problem = format!("two stimuli are called {}", one.name);
            return Err(Error::conflict(problem, "give one of them another name"));
        }
        let quantities = one.waveform.quantities();
        let lengths = [
            ("weights", one.weights.len(), n_nodes),
            ("numbers", one.numbers.len(), quantities.len()),
        ];
        for (name, found, needed) in lengths {
            if found != needed {
                return Err(PlanError::WrongShape {
                    key: key(name),
                    found: vec![found],
                    expected: format!("[{needed}]"),
                }
                .into());
            }
        }
        for &weight in &one.weights {
            Range::Finite.check(&key("weights"), weight)?;
        }
        if one.input >= study.model.inputs.len() {
            let problem = format!(
                "{} has no input for the stimulus {}",
                study.model.name, one.name
            );
            return Err(Error::conflict(problem, "take a model with inputs"));
        }
        if let Some((k, why)) = one.waveform.objection(&one.numbers, dt, end) {
            let name = &quantities[k].name;
            return Err(Error::out_of_range(key(name), shown(one.numbers[k]), why));
        }
        if let Some(time) = one.waveform.not_finite(&one.numbers) {
            let found = format!("no finite number {} ms after the onset", shown(time));
            let why = "a stimulus is a number at all times";
            return Err(Error::out_of_range(key("formula"), found, why));
        }
    }
    Ok(())
}

/// What depends on the time is within its range at a thousand times, and no delay.
fn moving(study: &Study) -> Result<()> {
    let end = study.protocol.duration;
    for (role, rule) in study.moving_rules() {
        if matches!(role, Role::Model(p) if study.model.is_delay(p)) {
            let why = "a delay is a whole number of steps that does not change";
            return Err(Error::out_of_range(&rule.key, "an expression of t", why));
        }
        let (number, _) = study.number(&rule.key)?;
        let range = number.range(study);
        let n_nodes = match rule.has_maps() {
            true => study.connectome.n_nodes(),
            false => 1,
        };
        let at = |node: usize, k: u32| {
            let time = f64::from(k) / 1000.0 * end;
            (time, rule.value(node, [time, end]))
        };
        for k in 0..1000 {
            for node in 0..n_nodes {
                let [(_, before), (time, value)] = [k, k + 1].map(|k| at(node, k));
                // Also where it passes 0 in between.
                let [low, high] = [before.min(value), before.max(value)];
                if let Some(objection) = range.objection_between([low, high]) {
                    let found = format!("{} at {} ms", shown(value), shown(time));
                    return Err(Error::out_of_range(&rule.key, found, objection));
                }
            }
        }
    }
    Ok(())
}

/// Every list is as long as the model and the coupling have it.
fn lengths(study: &Study) -> Result<()> {
    let (model, noise) = (study.model, &study.noise);
    let n_targets = model.noise_targets().len();
    let of_model = [
        (
            &key::PARAMETER,
            study.parameters.len(),
            model.parameters.len(),
        ),
        (&key::INPUT, study.input.len(), model.inputs.len()),
        (&key::NOISE_MEAN, noise.mean.len(), n_targets),
        (&key::NOISE_SIGMA, noise.sigma.len(), n_targets),
        (&key::INITIAL, study.initial.state.len(), model.states.len()),
    ];
    let of_model = of_model.map(|(key, found, needed)| (key.section(), found, needed));
    let n_feedback = (study.initial.feedback.len(), model.feedback.len());
    let feedback = (key::FEEDBACK.path, n_feedback.0, n_feedback.1);
    let terms = study.coupling.terms.iter().map(|term| {
        let needed = term.form.parameters.len();
        (
            key::COUPLING_NUMBER.section(),
            term.parameters.len(),
            needed,
        )
    });
    for (key, found, needed) in of_model.into_iter().chain([feedback]).chain(terms) {
        if found != needed {
            return Err(PlanError::WrongShape {
                key: key.into(),
                found: vec![found],
                expected: format!("[{needed}]"),
            }
            .into());
        }
    }
    Ok(())
}

/// What is transmitted can be received.
fn signals(study: &Study) -> Result<()> {
    let model = study.model;
    let terms = &study.coupling.terms;
    for (t, term) in terms.iter().enumerate() {
        let refuse = |rule: String| {
            let (coupling, why) = (term.form.name.into(), rule);
            Err(PlanError::Coupling { coupling, why }.into())
        };
        if terms[..t].iter().any(|other| other.name == term.name) {
            let rule = format!(
                "two couplings are called {}. Give one of them a name",
                term.name
            );
            return refuse(rule);
        }
        if term
            .weights
            .is_some_and(|k| k >= study.connectome.matrices.len())
        {
            return refuse("the connectome has no such matrix".into());
        }
        if term.pairs.is_empty() {
            let rule = format!(
                "{} has no input that the coupling could enter. Say {} = {NONE:?}",
                model.name,
                key::COUPLING_KIND.path
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
                    "{input} of {} receives through squared weights, and this coupling has no c_squares. Take additive, or give yours one",
                    model.name
                ));
            }
            if term.form.needs_own() && model.is_late(pair.source) {
                return refuse(format!(
                    "it takes what the node itself transmits, and {source} of {} depends on what the node receives in the same step. Take additive, or transmit a state",
                    model.name
                ));
            }
        }
    }
    Ok(())
}

/// The integrator has the stages that are to take what is received.
fn stages(study: &Study) -> Result<()> {
    let integrator = study.integrator;
    let Some(why) = integrator
        .without_stages()
        .filter(|_| study.protocol.coupling_at == CouplingAt::Stages)
    else {
        return Ok(());
    };
    let (at, start) = (key::COUPLING_AT.path, CouplingAt::Start.name());
    Err(PlanError::Scheme {
        key: at,
        value: CouplingAt::Stages.name(),
        why: format!("{} {why}", integrator.name()),
        hint: format!(
            "say {} = \"{}\", or {at} = \"{start}\"",
            key::INTEGRATOR.path,
            Integrator::Heun.name()
        ),
    }
    .into())
}

/// White noise acts on states, Ornstein-Uhlenbeck noise on inputs; exact kicks are exponential Euler's.
fn noise_acts(study: &Study) -> Result<()> {
    let model = study.model;
    let noise = (study.noise.kind, study.noise.scheme);
    if noise == (NoiseKind::White, NoiseScheme::Exact)
        && study.integrator != Integrator::ExponentialEuler
    {
        let value = NoiseScheme::Exact.name();
        let why = format!(
            "an exact kick fits a step that is exact for linear nodes, and {} is not",
            study.integrator.name()
        );
        let hint = format!(
            "say {} = \"{}\"; or {} = \"{}\" with {} = \"{}\", whose error in the variance falls with the square of the step",
            key::INTEGRATOR.path,
            Integrator::ExponentialEuler.name(),
            key::NOISE_SCHEME.path,
            NoiseScheme::Euler.name(),
            key::INTEGRATOR.path,
            Integrator::Heun.name(),
        );
        return Err(PlanError::Scheme {
            key: key::NOISE_SCHEME.path,
            value,
            why,
            hint,
        }
        .into());
    }
    for (t, name) in model.noise_targets().into_iter().enumerate() {
        let on_states = study.noise.kind == NoiseKind::White;
        let acts = match study.noise.kind {
            NoiseKind::None => return Ok(()),
            NoiseKind::White => t < model.states.len(),
            NoiseKind::OrnsteinUhlenbeck => model.input_index(name).is_some(),
        };
        let has_mean = !on_states && !study.noise.mean[t].is_zero();
        if acts || !has_mean && study.noise.sigma[t].is_zero() {
            continue;
        }
        let key = if has_mean {
            &key::NOISE_MEAN
        } else {
            &key::NOISE_SIGMA
        };
        let (what, known): (_, Vec<&str>) = if on_states {
            ("a state", model.states.iter().map(|s| s.name).collect())
        } else {
            ("an input", model.inputs.iter().map(|i| i.name).collect())
        };
        let (key, known) = (key.named(name), known.join(", "));
        let why = format!(
            "this kind of noise acts on {what} of {} ({known})",
            model.name
        );
        return Err(StudyError::NoEffect { key, why }.into());
    }
    Ok(())
}

/// Samples of an angle are not interpolated: between two of them it may have turned from pi to -pi.
pub(super) fn interpolated(study: &Study, edges: &Edges, links: &Links) -> Result<()> {
    let splits = edges.lag.len() > edges.n_connections;
    let is_angle = |channel: &Channel| {
        let state = links.lines[channel.line].state();
        state.is_some_and(|s| study.model.states[s].bounds == Bounds::Angle)
    };
    let Some(channel) = links
        .channels
        .iter()
        .find(|channel| splits && is_angle(channel))
    else {
        return Ok(());
    };
    let angle = study.model.signal_name(links.lines[channel.line].signal);
    Err(PlanError::Scheme {
        key: key::DELAY_ROUNDING.path,
        value: study.coupling.delay_rounding.name(),
        why: format!("{angle} is an angle, which jumps by a turn between two samples"),
        hint: format!(
            "say {} = \"{}\", or take a coupling that transmits functions of the angle, as kuramoto does",
            key::DELAY_ROUNDING.path,
            DelayRounding::Nearest.name()
        ),
    }
    .into())
}

/// What all simulations of a batch have in common.
pub(super) fn shares_structure(a: &Study, b: &Study) -> Result<()> {
    let differs = |key: &str| Err(PlanError::Differs { key: key.into() }.into());
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
    let is_like =
        |(x, y): (&Term, &Term)| x.form == y.form && x.pairs == y.pairs && x.weights == y.weights;
    let are_alike = c.terms.len() == d.terms.len() && c.terms.iter().zip(&d.terms).all(is_like);
    if delays(c) != delays(d) || !are_alike {
        return differs("coupling (all but its numbers)");
    }
    for feedback in &a.model.feedback {
        if a.parameters[feedback.delay] != b.parameters[feedback.delay] {
            let name = a.model.parameters[feedback.delay].name;
            return differs(&key::PARAMETER.named(name));
        }
    }
    if a.noise.kind != b.noise.kind {
        return differs(key::NOISE_KIND.path);
    }
    if a.noise.scheme != b.noise.scheme {
        return differs(key::NOISE_SCHEME.path);
    }
    let (p, q) = (&a.protocol, &b.protocol);
    if (p.duration, p.dt, p.transient, p.coupling_at)
        != (q.duration, q.dt, q.transient, q.coupling_at)
    {
        return differs("protocol (all but seed)");
    }
    let alike = |(x, y): (&Observation, &Observation)| {
        let structure = |one: &Observation| (one.name.clone(), one.monitor, one.set, one.source);
        structure(x) == structure(y) && (x.tr, x.step) == (y.tr, y.step) && x.matrix == y.matrix
    };
    let mut pairs = a.monitors.iter().zip(&b.monitors);
    if a.monitors.len() != b.monitors.len() || !pairs.all(alike) {
        return differs("monitor (all but its numbers)");
    }
    let moving = |study: &Study| -> Vec<(Role, String)> {
        let rules = study.moving_rules().into_iter();
        rules.map(|(role, rule)| (role, rule.written())).collect()
    };
    if moving(a) != moving(b) {
        return differs("an expression of t (all but its numbers)");
    }
    let held = |study: &Study| study.hold.as_ref().map(|h| (h.observable, h.by.clone()));
    if held(a) != held(b) {
        return differs("hold (all but its target)");
    }
    let mut pairs = a.stimuli.iter().zip(&b.stimuli);
    if a.stimuli.len() != b.stimuli.len() || !pairs.all(|(x, y)| x.is_like(y)) {
        return differs("stimulus (all but its numbers)");
    }
    if a.record.states != b.record.states || a.record.every != b.record.every {
        return differs("record");
    }
    Ok(())
}
