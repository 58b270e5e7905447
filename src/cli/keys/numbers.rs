//! The numbers of a study with their values.

use serde_json::{Value as Json, json};

use super::matches;
use crate::cli::layout::aligned;
use crate::cli::output::PrintArgs;
use crate::error::{Error, Result};
use crate::study::key::{Number, shown};
use crate::study::{Start, Study, Values};

/// Lists the numbers whose keys are `name`, end so, or stand in the section `name`; "" lists all.
pub(super) fn list(study: &Study, name: &str, printed: PrintArgs) -> Result<()> {
    let all: Vec<(String, Number)> = Number::all(study)
        .into_iter()
        .map(|number| (number.path(study), number))
        .collect();
    let found = |(path, _): &&(String, Number)| matches(path, name);
    let found: Vec<&(String, Number)> = all.iter().filter(found).collect();
    if found.is_empty() {
        let known = all.iter().map(|(path, _)| path.as_str());
        return Err(Error::unknown("number", name, known));
    }
    let text = || {
        let rows = found.iter().map(|(path, number)| row(study, path, number));
        let mut text = aligned(&rows.collect::<Vec<_>>(), "");
        let idle = found.iter().filter(|_| !name.is_empty());
        let idle = idle.filter_map(|(path, number)| Some((path, number.idle(study)?)));
        for (path, why) in idle {
            text += &format!("\n{path} has no effect here: {why}\n");
        }
        text
    };
    let json = || -> Vec<Json> {
        let found = found.iter();
        found
            .map(|(path, number)| to_json(study, path, number))
            .collect()
    };
    printed.print(text, json)
}

/// Key, value, unit and meaning of a number.
fn row(study: &Study, path: &str, number: &Number) -> Vec<String> {
    let (unit, meaning) = number.about(study);
    let value = match (number.start(study), number.get(study)) {
        (Some(Start::Uniform { low, high }), _) => {
            format!("drawn, {} to {}", shown(low), shown(high))
        }
        (_, Values::Uniform(value)) => shown(value),
        (_, Values::PerNode(values)) => {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            format!("{} to {}", shown(low), shown(high))
        }
    };
    let unit = if unit == "1" { String::new() } else { unit };
    let idle = match number.idle(study) {
        Some(_) => " (no effect here)",
        None => "",
    };
    let meaning = format!("{}{idle}", meaning.replace('`', ""));
    vec![path.into(), value, unit, meaning]
}

fn to_json(study: &Study, path: &str, number: &Number) -> Json {
    let (unit, meaning) = number.about(study);
    let values = match (number.start(study), number.get(study)) {
        (Some(Start::Uniform { low, high }), _) => json!({ "uniform": [low, high] }),
        // JSON has no infinity.
        (_, Values::Uniform(value)) if value.is_infinite() => json!(shown(value)),
        (_, Values::Uniform(value)) => json!(value),
        (_, Values::PerNode(values)) => json!(values),
    };
    json!({
        "key": path, "value": values, "unit": unit, "meaning": meaning,
        "without_effect": number.idle(study),
    })
}
