//! Reads what is recorded of solutions: `norm`, `mean(x)`, `sum(x[V1,V2])`, `x[12]`.

use crate::branches::{Measure, Varied};
use crate::error::{Error, Result};
use crate::model::Signal;
use crate::study::Study;
use crate::study::key::{self, Purpose, Role};

/// How a measure is written.
const HINT: &str = "write norm, mean(x), sum(x), mean(x[V1,V2]), sum(x[V1,V2]) or x[V1]: x a state or \
                    an output, V1 a region by its name or number";

/// The measure that `text` names; `varied` are the numbers that vary.
///
/// `norm` is the root of the sum of squares of all states. A state or output alone is that of the
/// only node.
///
/// # Errors
/// [`Error::Usage`] for texts that do not read, for regions and states that are not there, and for
/// outputs that depend on what a node receives.
pub fn branch_measure(study: &Study, varied: &[Varied], text: &str) -> Result<Measure> {
    let text = text.trim();
    if text == "norm" {
        return Ok(Measure::new(text, |state, _| {
            state.iter().map(|x| x * x).sum::<f64>().sqrt()
        }));
    }
    let inside = |name: &str| {
        text.strip_prefix(name)?
            .strip_prefix('(')?
            .strip_suffix(')')
    };
    let (quantity, is_mean, is_single) = match (inside("mean"), inside("sum")) {
        (Some(quantity), _) => (quantity, true, false),
        (_, Some(quantity)) => (quantity, false, false),
        _ => (text, false, true),
    };
    let (name, nodes) = match quantity.split_once('[') {
        Some((name, list)) => {
            let list = list
                .strip_suffix(']')
                .ok_or_else(|| malformed(text, list))?;
            let parts = list.split(',').map(|part| node(study, text, part.trim()));
            (name.trim(), parts.collect::<Result<Vec<_>>>()?)
        }
        None => (quantity.trim(), (0..study.connectome.n_nodes()).collect()),
    };
    if is_single && nodes.len() != 1 {
        let hint = format!("say mean({name}), sum({name}) or {name}[REGION]");
        return Err(Error::malformed_part("--measure", text, quantity, hint));
    }
    let value = value(study, varied, text, name)?;
    let share = match is_mean {
        true => 1.0 / nodes.len() as f64,
        false => 1.0,
    };
    Ok(Measure::new(text, move |state, parameters| {
        let values = nodes.iter().map(|&node| value(node, state, parameters));
        share * values.sum::<f64>()
    }))
}

fn malformed(text: &str, part: &str) -> Error {
    Error::malformed_part("--measure", text, part, HINT)
}

/// A region by its name or number.
fn node(study: &Study, text: &str, part: &str) -> Result<usize> {
    let labels = &study.connectome.labels;
    let n_nodes = study.connectome.n_nodes();
    let named = labels.iter().position(|label| label == part);
    let numbered = || part.parse().ok().filter(|node| *node < n_nodes);
    named.or_else(numbered).ok_or_else(|| {
        let hint = format!("name a region, or give its number, 0 to {}", n_nodes - 1);
        Error::malformed_part("--measure", text, part, hint)
    })
}

/// A state or an output of a node, from all states and the numbers that vary.
type OfNode = Box<dyn Fn(usize, &[f64], &[f64]) -> f64 + Send + Sync>;

fn value(study: &Study, varied: &[Varied], text: &str, name: &str) -> Result<OfNode> {
    let model = study.model;
    let n_states = model.states.len();
    if let Some(index) = model.states.iter().position(|state| state.name == name) {
        return Ok(Box::new(move |node, state, _| {
            state[node * n_states + index]
        }));
    }
    let Some(output) = model.outputs.iter().position(|output| output.name == name) else {
        let states = model.states.iter().map(|state| state.name);
        let known: Vec<&str> = states.chain(model.outputs.iter().map(|o| o.name)).collect();
        let hint = format!("{} has {}; {HINT}", model.name, known.join(", "));
        return Err(Error::malformed_part("--measure", text, name, hint));
    };
    if model.is_late(Signal::Output(output)) {
        let hint = "measure a state, or an output of states alone: this one depends on what the \
                    node receives";
        return Err(Error::malformed_part("--measure", text, name, hint));
    }
    // Parameters that vary are those of each point.
    let moved = varied.iter().map(|varied| {
        let address = key::resolve(study, &varied.path, Purpose::Follow)?;
        let role = address.number.and_then(|number| number.role(study));
        Ok(match role {
            Some(Role::Model(index)) => Some((index, address.node)),
            _ => None,
        })
    });
    let moved = moved.collect::<Result<Vec<_>>>()?;
    let n_nodes = study.connectome.n_nodes();
    let parameters: Vec<Vec<f64>> = (0..n_nodes)
        .map(|node| study.parameters.iter().map(|of| of.at(node)).collect())
        .collect();
    Ok(Box::new(move |node, state, values| {
        let mut own = parameters[node].clone();
        for (moved, value) in moved.iter().zip(values) {
            if let Some((index, at)) = moved
                && at.is_none_or(|at| at == node)
            {
                own[*index] = *value;
            }
        }
        let state = &state[node * n_states..][..n_states];
        let input = vec![0.0; model.n_inputs()];
        model.outputs(state, &input, &model.prepare(&own))[output]
    }))
}
