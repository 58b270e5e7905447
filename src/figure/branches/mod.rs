//! The figures: bifurcation diagrams over one parameter, periods, curves in two parameters.

mod chart;
mod diagram;
mod marks;
mod network;

use crate::branches::{Found, Kind};
use crate::error::Result;
use crate::model::{Model, Parameter};
use crate::plot::{Figure, Lines};

/// Draws branches, by name: bifurcation diagrams over one parameter, periods, and the chart of curves
/// in two parameters; of networks, equilibria, eigenvalues, cycles and modes.
///
/// # Errors
/// [`Error::BadValue`](crate::Error::BadValue) if one cannot be drawn.
pub fn branches(found: &Found, model: &Model) -> Result<Vec<(&'static str, Figure)>> {
    if !found.nodes.is_empty() {
        return network::all(found, model);
    }
    let mut figures = Vec::new();
    if found.of(Kind::Equilibria).next().is_some() {
        figures.push(("diagram", diagram::states(found, model)?));
    }
    if found.of(Kind::Cycles).next().is_some() {
        figures.push(("period", diagram::period(found, model)?));
    }
    if found.varied.len() == 2 {
        figures.push(("chart", chart::figure(found, model)?));
    }
    Ok(figures)
}

/// A plot over the first parameter's range.
fn plot(found: &Found, model: &Model, y_label: String) -> Lines {
    let [low, high] = found.varied[0].range;
    Lines::new()
        .x_label(axis(&found.varied[0].name, model))
        .y_label(y_label)
        .x_range(low, high)
}

/// A title with the numbers under the model's name.
fn in_lines(title: &str) -> String {
    title.replacen(": ", "\n", 1)
}

/// Name and unit of a number that varies.
fn axis(name: &str, model: &Model) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let of_model = |p: &&Parameter| p.name == last && !name.starts_with("coupling.");
    let parameter = model.parameters.iter().find(of_model);
    match parameter.map(|p| p.unit) {
        Some(unit) if unit != "1" => format!("{name} ({unit})"),
        _ => name.into(),
    }
}

/// Name, meaning and unit of a state.
fn state(model: &Model, index: usize) -> String {
    let state = &model.states[index];
    let unit = if state.unit == "1" {
        String::new()
    } else {
        format!(" ({})", state.unit)
    };
    format!("{}, {}{unit}", state.name, state.meaning)
}
