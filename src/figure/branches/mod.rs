//! The figures: bifurcation diagrams over one parameter, periods, curves in two parameters.

mod beside;
mod chart;
mod diagram;
mod marks;
mod measures;
mod network;
mod smooth;
mod views;

pub use views::views;

use crate::branches::{Found, Kind, Varied};
use crate::error::Result;
use crate::model::Model;
use crate::plot::{Figure, Lines};

/// Draws branches, by name: bifurcation diagrams over one parameter, periods, and the chart of curves
/// in two parameters; of networks, equilibria, eigenvalues, cycles and modes.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if one cannot be drawn.
pub fn branches(found: &Found, model: &Model) -> Result<Vec<(&'static str, Figure)>> {
    let mut figures = match found.nodes.is_empty() {
        true => node(found, model)?,
        false => network::all(found, model)?,
    };
    if !found.measures.is_empty() {
        figures.push(("measures", measures::figure(found)?));
    }
    if found.varied.len() == 2 {
        figures.push(("chart", chart::figure(found)?));
    }
    Ok(figures)
}

/// The figures of one node.
fn node(found: &Found, model: &Model) -> Result<Vec<(&'static str, Figure)>> {
    let mut figures = Vec::new();
    if found.of(Kind::Equilibria).next().is_some() {
        figures.push(("diagram", diagram::states(found, model)?));
    }
    if found.of(Kind::Cycles).next().is_some() {
        figures.push(("period", diagram::period(found)?));
    }
    Ok(figures)
}

/// A plot over the first parameter's range.
fn plot(found: &Found, y_label: String) -> Lines {
    let [low, high] = found.varied[0].range;
    Lines::new()
        .x_label(axis(&found.varied[0]))
        .y_label(y_label)
        .x_range(low, high)
}

/// A title with the numbers under the model's name.
fn in_lines(title: &str) -> String {
    title.replacen(": ", "\n", 1)
}

/// Name and unit of a number that varies.
fn axis(number: &Varied) -> String {
    match number.unit.as_str() {
        "1" => number.name.clone(),
        unit => format!("{} ({unit})", number.name),
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
