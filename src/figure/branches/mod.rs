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

/// A figure of branches: whether they give one, and what draws it.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
pub type Draw = (fn(&Found) -> bool, fn(&Found, &Model) -> Result<Figure>);

/// The figures of branches, by name: bifurcation diagrams over one parameter, periods; of networks, equilibria, eigenvalues, cycles and
/// modes; of both, measures and the chart of curves in two parameters.
pub const BRANCHES: [(&str, Draw); 8] = [
    (
        "diagram",
        (
            |found| is_node(found) && has(found, Kind::Equilibria),
            diagram::states,
        ),
    ),
    (
        "period",
        (
            |found| is_node(found) && has(found, Kind::Cycles),
            |found, _| diagram::period(found),
        ),
    ),
    ("equilibrium", (is_network, network::equilibrium)),
    (
        "eigenvalues",
        (is_network, |found, _| network::eigenvalues(found)),
    ),
    (
        "cycles",
        (
            |found| is_network(found) && has(found, Kind::Cycles),
            network::cycles,
        ),
    ),
    (
        "modes",
        (
            |found| is_network(found) && !found.modes.is_empty(),
            |found, _| network::modes(found),
        ),
    ),
    (
        "measures",
        (
            |found| !found.measures.is_empty(),
            |found, _| measures::figure(found),
        ),
    ),
    (
        "chart",
        (
            |found| found.varied.len() == 2,
            |found, _| chart::figure(found),
        ),
    ),
];

fn has(found: &Found, kind: Kind) -> bool {
    found.of(kind).next().is_some()
}

fn is_node(found: &Found) -> bool {
    found.nodes.is_empty()
}

fn is_network(found: &Found) -> bool {
    !is_node(found)
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
