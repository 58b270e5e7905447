//! What was understood of a monitor's text.

use serde_json::json;

use super::{json as shown, show};
use crate::cli::layout::{aligned, listed, number};
use crate::cli::output::PrintArgs;
use crate::cli::texts;
use crate::dynamics::Step;
use crate::error::Result;
use crate::io::model as file;

pub(super) fn run(name: &str, printed: PrintArgs) -> Result<()> {
    let monitor = file::named_monitor(name)?;
    let warnings = &monitor.node.warnings;
    let cost = Step::observing(monitor, &monitor.sets[0].scheme)
        .program
        .cost();
    let text = || {
        let parameters = monitor.node.parameters.iter();
        let parameters: Vec<String> = parameters
            .map(|parameter| format!("{} = {}", parameter.name, number(parameter.default)))
            .collect();
        let states: Vec<&str> = monitor.node.states.iter().map(|state| state.name).collect();
        let sets: Vec<&str> = monitor.sets.iter().map(|set| set.name).collect();
        let rows = [
            ("states", listed(&states)),
            ("parameters", listed(&parameters)),
            ("sets", listed(&sets)),
            ("operations", format!("{cost} of a step")),
        ];
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|(what, is)| vec![what.into(), is])
            .chain(show::facts(monitor))
            .collect();
        format!(
            "{name} is the monitor {}: {}\n\n{}{}",
            monitor.name,
            monitor.node.summary,
            aligned(&rows, "  "),
            texts::warnings(warnings),
        )
    };
    let json = || {
        let mut all = shown::to_json(monitor);
        all["operations"] = json!(cost);
        all["warnings"] = json!(warnings);
        all
    };
    printed.print(text, json)
}
