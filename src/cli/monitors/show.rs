//! Everything about one monitor.

use std::fmt::Write;

use crate::cli::layout::{aligned, number, unit};
use crate::cli::texts::{self, Head};
use crate::monitor::{Convolution, Monitor, Set};

pub(super) fn text(monitor: &Monitor) -> String {
    let node = &monitor.node;
    let mut text = texts::head(&Head {
        name: monitor.name,
        summary: node.summary,
        equations: node.equations,
        papers: &node.papers,
        notes: node.notes,
    });
    if !node.states.is_empty() {
        let rows: Vec<Vec<String>> = node
            .states
            .iter()
            .map(|state| {
                let (name, start) = (state.name.into(), state.start.to_string());
                vec![name, start, unit(state.unit), state.meaning.into()]
            })
            .collect();
        _ = write!(text, "\nStates (start)\n{}", aligned(&rows, "  "));
    }
    text += &texts::parameters(&node.parameters);
    _ = write!(text, "\n{}", aligned(&facts(monitor), "  "));
    for (k, set) in monitor.sets.iter().enumerate() {
        _ = writeln!(
            text,
            "\nSet {}{}",
            set.name,
            if k == 0 {
                ", where no other is named"
            } else {
                ""
            }
        );
        if !set.source.is_empty() {
            _ = writeln!(text, "  {}", set.source);
        }
        let all = differences(monitor, set);
        if k > 0 && !all.is_empty() {
            _ = writeln!(text, "  {}", all.join(", "));
        }
    }
    text
}

/// What it takes and shows, and how it steps.
pub(super) fn facts(monitor: &Monitor) -> Vec<Vec<String>> {
    let node = &monitor.node;
    let (input, shown) = (&node.inputs[monitor.input], &node.outputs[monitor.shows]);
    let first = &monitor.sets[0];
    let mut rows = vec![
        (
            "takes",
            format!(
                "{}: {} ({} of a step)",
                input.symbol,
                input.meaning,
                first.takes.name()
            ),
        ),
        ("shows", format!("{}: {}", shown.name, shown.meaning)),
        (
            "step",
            match monitor.step_ms {
                Some(step) => format!("{step} ms"),
                None => "the time between samples".into(),
            },
        ),
    ];
    if let Some([low, high]) = monitor.range {
        rows.push(("range", format!("{} from {low} to {high}", input.symbol)));
    }
    if let Some(settles) = monitor.settles_ms {
        rows.push(("settles", format!("after {settles} ms")));
    }
    if !node.states.is_empty() {
        rows.push(("scheme", first.scheme.written(node)));
    }
    if let Some(kernel) = &monitor.kernel {
        let response = node.outputs[kernel.response].name;
        rows.push((
            "kernel",
            format!("{response}, over {} ms", kernel.length_ms),
        ));
    }
    if monitor.needs_matrix {
        rows.push((
            "matrix",
            "what each sensor sees of each region, from a file".into(),
        ));
    }
    let rows = rows.into_iter();
    rows.map(|(what, is)| vec![what.into(), is]).collect()
}

/// What a set changes, as written in its text.
fn differences(monitor: &Monitor, set: &Set) -> Vec<String> {
    let (node, first) = (&monitor.node, &monitor.sets[0]);
    let mut all = Vec::new();
    for (k, parameter) in node.parameters.iter().enumerate() {
        if set.parameters[k] != first.parameters[k] {
            all.push(format!(
                "{} = {}",
                parameter.name,
                number(set.parameters[k])
            ));
        }
    }
    for (s, state) in node.states.iter().enumerate() {
        if set.start[s] != first.start[s] {
            all.push(format!("{} starts at {}", state.name, set.start[s]));
        }
    }
    if set.scheme != first.scheme {
        all.push(format!("scheme {}", set.scheme.written(node)));
    }
    if set.takes != first.takes {
        all.push(format!("takes the {} value of a step", set.takes.name()));
    }
    if set.convolution != Convolution::Integral {
        all.push(format!("convolution {}", set.convolution.name()));
    }
    all
}
