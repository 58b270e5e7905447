//! Branches of another program, to be drawn beside those that were found.

use super::Varied;

/// A file of branches of another program.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// The file's name, for legends.
    pub name: String,
    /// Its branches.
    pub pieces: Vec<Piece>,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Piece {
    /// What its numbers are, in the words of the program.
    pub columns: Vec<String>,
    /// Whether it is a curve of bifurcations in two numbers.
    pub is_curve: bool,
    /// In order.
    pub points: Vec<Row>,
}

/// A point of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Whether it is said to be stable.
    pub is_stable: bool,
    /// Whether it is said to be a bifurcation.
    pub is_bifurcation: bool,
    /// In the order of the columns.
    pub numbers: Vec<f64>,
}

impl Piece {
    /// The column of a number that varies: the one that is named after it or, as AUTO counts
    /// parameters without names, the first `PAR(k)` for the first number, the next one for the
    /// second.
    pub fn column_of(&self, varied: &[Varied], index: usize) -> Option<usize> {
        let Varied { name, path, .. } = &varied[index];
        let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        let is_named = |column: &String| last(column) == last(name) || column == path;
        let named = self.columns.iter().position(is_named);
        let counted = (0..self.columns.len()).filter(|&k| self.columns[k].starts_with("PAR("));
        named.or_else(|| counted.into_iter().nth(index))
    }

    /// The columns that have a state, or its extrema over a cycle.
    pub fn columns_of_state(&self, index: usize, name: &str) -> Vec<usize> {
        let counted = format!("U({})", index + 1);
        let is_of = |column: &String| {
            let bare = ["MAX ", "MIN "]
                .iter()
                .find_map(|word| column.strip_prefix(word));
            let bare = bare.unwrap_or(column).trim();
            bare == name || bare == counted
        };
        (0..self.columns.len())
            .filter(|&k| is_of(&self.columns[k]))
            .collect()
    }

    /// The column of the period.
    pub fn period_column(&self) -> Option<usize> {
        self.columns.iter().position(|column| column == "PERIOD")
    }
}
