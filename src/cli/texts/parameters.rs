//! The parameters of a model or a coupling, in tables and JSON.

use serde_json::{Value, json};

use crate::cli::layout::{aligned, number, unit};
use crate::error::{Error, Result};
use crate::model::{Parameter, ParameterRange};

/// The table of parameters.
pub(in crate::cli) fn parameters(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let row = |parameter: &Parameter| {
        vec![
            parameter.name.into(),
            parameter.default.to_string(),
            unit(parameter.unit),
            format!("{}{}", parameter.meaning, allowed(parameter.range)),
        ]
    };
    let rows: Vec<_> = parameters.iter().map(row).collect();
    format!("\nParameters (default)\n{}", aligned(&rows, "  "))
}

pub(in crate::cli) fn parameters_json(parameters: &[Parameter]) -> Vec<Value> {
    let row = |parameter: &Parameter| {
        let range = match parameter.range {
            ParameterRange::Any => Value::Null,
            ParameterRange::NonZero => "non-zero".into(),
            ParameterRange::Positive => "positive".into(),
            ParameterRange::NonNegative => "non-negative".into(),
            ParameterRange::Between(low, high) => json!([low, high]),
        };
        json!({
            "name": parameter.name, "unit": parameter.unit, "default": parameter.default, "meaning": parameter.meaning,
            "range": range, "non_zero": parameter.range == ParameterRange::NonZero,
        })
    };
    parameters.iter().map(row).collect()
}

/// What a parameter may be, as the end of its meaning.
fn allowed(range: ParameterRange) -> String {
    match rule(range) {
        rule if rule.is_empty() => rule,
        rule => format!("; {rule}"),
    }
}

/// What a parameter may be; empty for anything.
pub(in crate::cli) fn rule(range: ParameterRange) -> String {
    match range {
        ParameterRange::Any => String::new(),
        ParameterRange::NonZero => "not 0".into(),
        ParameterRange::Positive => "above 0".into(),
        ParameterRange::NonNegative => "0 or above".into(),
        ParameterRange::Between(low, high) => format!("from {low} to {high}"),
    }
}

/// A value of a parameter that it may have.
pub(in crate::cli) fn check_parameter(parameter: &Parameter, of: &str, value: f64) -> Result<()> {
    if parameter.range.holds(value) {
        return Ok(());
    }
    let rule = format!("must be {}", rule(parameter.range));
    let key = format!("the parameter {} of {of}", parameter.name);
    Err(Error::out_of_range(key, number(value), rule))
}
