//! A monitor for other programs.

use serde_json::{Map, Value, json};

use crate::cli::texts;
use crate::monitor::Monitor;

/// Everything that a text says.
pub(super) fn to_json(monitor: &Monitor) -> Value {
    let node = &monitor.node;
    let (input, shown) = (&node.inputs[monitor.input], &node.outputs[monitor.shows]);
    let described = |name: &str, unit: &str, meaning: &str| json!({ "name": name, "unit": unit, "meaning": meaning });
    let states = node.states.iter().map(|state| {
        let mut all = described(state.name, state.unit, state.meaning);
        all["start"] = json!(state.start);
        all
    });
    let sets: Map<String, Value> = monitor
        .sets
        .iter()
        .map(|set| {
            let named = |names: Vec<&str>, values: &[f64]| -> Map<String, Value> {
                let pairs = names.into_iter().zip(values);
                pairs
                    .map(|(name, value)| (name.into(), json!(value)))
                    .collect()
            };
            let parameters = node.parameters.iter().map(|p| p.name).collect();
            let states = node.states.iter().map(|state| state.name).collect();
            let value = json!({
                "source": set.source,
                "parameters": named(parameters, &set.parameters),
                "start": named(states, &set.start),
                "scheme": set.scheme.written(node),
                "takes": set.takes,
                "convolution": set.convolution,
            });
            (set.name.into(), value)
        })
        .collect();
    json!({
        "name": monitor.name,
        "summary": node.summary,
        "equations": node.equations,
        "papers": node.papers,
        "notes": node.notes,
        "states": states.collect::<Vec<_>>(),
        "parameters": texts::parameters_json(&node.parameters),
        "takes": described(input.symbol, input.unit, input.meaning),
        "shows": described(shown.name, shown.unit, shown.meaning),
        "range": monitor.range,
        "step_ms": monitor.step_ms,
        "settles_ms": monitor.settles_ms,
        "kernel_ms": monitor.kernel.map(|kernel| kernel.length_ms),
        "needs_matrix": monitor.needs_matrix,
        "sets": sets,
    })
}
