//! Functions that a table gives.

use crate::program::Table;

/// A function given by its values on a grid, between them interpolated linearly in each of its one or two arguments. Beyond an end of the
/// grid it is as at the end.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Its values; those next to each other differ in the last argument.
    pub table: &'static Table,
    /// Where in each argument the values are known.
    pub axes: Vec<Axis>,
}

/// Places at equal distances.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What is measured along it.
    pub name: String,
    /// The first place.
    pub first: f64,
    /// The last place.
    pub last: f64,
    /// The number of places, at least two.
    pub n: usize,
}
