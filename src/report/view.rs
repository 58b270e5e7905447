//! What a page lets its reader look into, as plain numbers.

use serde::Serialize;
use serde_json::Value;

use super::Numbers;

/// All that a page lets its reader look into.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Views {
    /// Names along the dimensions of the views, where the results have none of their own.
    pub labels: Vec<(String, Vec<String>)>,
    /// What stands along the dimensions of the views that are numbers, by name.
    pub coordinates: Vec<Coordinate>,
    /// In the order of the page.
    pub all: Vec<View>,
}

/// Numbers along a dimension.
#[derive(Debug, Clone, Serialize)]
pub struct Coordinate {
    /// Of the dimension.
    pub name: String,
    /// What it is, for axes: "time".
    pub meaning: String,
    /// Its unit.
    pub unit: String,
    /// In order.
    pub values: Numbers,
}

/// One part of a page.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "view", rename_all = "lowercase")]
pub enum View {
    /// Numbers of the points of a sweep, or of the candidates of a fit.
    Points(Points),
    /// Curves in a plane.
    Curves(Curves),
    /// A number for each pair.
    Matrices(Matrices),
    /// Curves over time or frequency, one for each region.
    Traces(Traces),
    /// A number for each region.
    Regions(Regions),
}

/// A name with a unit.
#[derive(Debug, Clone, Serialize)]
pub struct Quantity {
    /// What it is.
    pub name: String,
    /// Its unit; "1" of a pure number.
    pub unit: String,
}

/// Matrices over the same pairs, drawn side by side.
#[derive(Debug, Clone, Serialize)]
pub struct Matrices {
    /// Over them.
    pub title: String,
    /// The dimension whose names or numbers stand along rows and columns.
    pub along: String,
    /// Rows and columns.
    pub n: usize,
    /// One beside the other.
    pub of: Vec<Matrix>,
}

/// A number for each pair.
#[derive(Debug, Clone, Serialize)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it holds.
    pub meaning: String,
    /// Whether `values` are those on and below the diagonal only.
    pub symmetric: bool,
    /// Row by row.
    pub values: Numbers,
}

/// Curves over one coordinate.
#[derive(Debug, Clone, Serialize)]
pub struct Traces {
    /// Over them.
    pub title: String,
    /// The coordinate.
    pub x: String,
    /// The dimension that has one curve each.
    pub along: String,
    /// Whether both axes are logarithmic.
    pub log: bool,
    /// What was left out, in words.
    pub remark: String,
    /// To choose from.
    pub of: Vec<Trace>,
}

/// Curves of one quantity.
#[derive(Debug, Clone, Serialize)]
pub struct Trace {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is.
    pub meaning: String,
    /// `[n_x][n_curves]`
    pub values: Numbers,
}

/// Numbers of regions.
#[derive(Debug, Clone, Serialize)]
pub struct Regions {
    /// The dimension that names them.
    pub along: String,
    /// Their centres, mm, `[n][3]`.
    pub centres: Option<Numbers>,
    /// To choose from.
    pub of: Vec<Regional>,
}

/// A number for each region.
#[derive(Debug, Clone, Serialize)]
pub struct Regional {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is.
    pub meaning: String,
    /// `[n]`
    pub values: Numbers,
}

/// Numbers of the points of a sweep, or of the candidates of a fit.
#[derive(Debug, Clone, Serialize)]
pub struct Points {
    /// Over them.
    pub title: String,
    /// What one of them is called.
    pub each: String,
    /// What varies.
    pub axes: Vec<Axis>,
    /// Points along each axis of a grid, the last axis fastest; empty of points that lie anywhere.
    pub shape: Vec<usize>,
    /// What was measured of them, the one that is drawn first.
    pub numbers: Vec<Number>,
    /// The best one.
    pub best: Option<usize>,
    /// The points that are here where they are not all, `[n]`: the numbers by which files count them.
    pub only: Vec<usize>,
    /// The seeds of each; of the first, where each has its own.
    pub seeds: Vec<u64>,
    /// Whether each has seeds of its own: those that follow on the seeds of the one before it.
    pub own_seeds: bool,
    /// What else a simulation of one of them has set: `KEY=VALUE`.
    pub settings: Vec<String>,
    /// What is known of some of them beyond numbers.
    pub details: Option<Details>,
}

/// A number that varies.
#[derive(Debug, Clone, Serialize)]
pub struct Axis {
    /// What it sets.
    pub sets: Vec<Setting>,
    /// Its name with its unit.
    pub label: String,
    /// Whether it is drawn on a logarithmic scale.
    pub log: bool,
    /// Along a grid one for each place, else one for each point.
    pub values: Numbers,
}

/// A key that an axis sets.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// The whole key.
    pub path: String,
    /// What it is set to, as many as the axis has values.
    pub values: Numbers,
}

/// A number of each point.
#[derive(Debug, Clone, Serialize)]
pub struct Number {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is.
    pub meaning: String,
    /// Of each point; NaN where there is none.
    pub values: Numbers,
}

/// What is known of some points beyond numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Details {
    /// What it is taken from, and what was left out, in words.
    pub remark: String,
    /// The points.
    pub points: Vec<usize>,
    /// Of each of them.
    pub views: Vec<Vec<View>>,
    /// What was measured in people, to be drawn beside.
    pub beside: Vec<View>,
}

/// Curves in a plane, with points on them.
#[derive(Debug, Clone, Serialize)]
pub struct Curves {
    /// Over them.
    pub title: String,
    /// Along x.
    pub x: Quantity,
    /// Along y, to choose from.
    pub y: Vec<Quantity>,
    /// Drawn in their order.
    pub curves: Vec<Curve>,
    /// Points with letters.
    pub marks: Vec<Mark>,
    /// Cycles that are drawn over their period when they are clicked.
    pub orbits: Vec<Orbit>,
    /// What the columns of an orbit are.
    pub states: Vec<Quantity>,
    /// What was left out, in words.
    pub remark: String,
}

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dash {
    /// Unbroken.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
    /// Each point a dot.
    Points,
}

/// A curve in a plane.
#[derive(Debug, Clone, Serialize)]
pub struct Curve {
    /// In the legend.
    pub name: String,
    /// What it is a part of; empty of what is whole.
    pub branch: String,
    /// Its colour, `#rrggbb`; the page lightens it on dark ground.
    pub color: String,
    /// Its line.
    pub dash: Dash,
    /// Along x.
    pub x: Numbers,
    /// Along each y.
    pub y: Vec<Numbers>,
    /// The other end where it is a band, along each y; else empty.
    pub to: Vec<Numbers>,
    /// More of each point, by name with its unit.
    pub more: Vec<Number>,
}

/// A point with letters.
#[derive(Debug, Clone, Serialize)]
pub struct Mark {
    /// Along x.
    pub x: f64,
    /// Along each y, one or more.
    pub y: Vec<Vec<f64>>,
    /// Beside it.
    pub letters: String,
    /// What it is.
    pub name: String,
    /// What is known of it, by name.
    pub facts: Vec<(String, Value)>,
}

/// A cycle over its period.
#[derive(Debug, Clone, Serialize)]
pub struct Orbit {
    /// What it lies on.
    pub branch: String,
    /// Where on x.
    pub x: f64,
    /// Its period, ms.
    pub period_ms: f64,
    /// Whether it is stable, where that is known.
    pub stable: Option<bool>,
    /// Fractions of the period, `[n]`.
    pub time: Numbers,
    /// `[n][n_states]`
    pub states: Numbers,
}
