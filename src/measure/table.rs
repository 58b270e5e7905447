//! The table of measures: their names, dimensions, units and meanings, and how each is computed.
//!
//! Simulations, stores, `best.csv`, manifests and `--json` go through this table, so that a measure
//! has one name and one meaning everywhere.
//!
//! A new measure is a row here and a method of [`Measures`]; `ARCHITECTURE.md` lists what else. A measure that the sums of
//! [`Moments`](super::Moments) cannot give needs a recorder of its own first; see [`Recorder`](crate::record::Recorder).

use super::Measures;

/// One measure of a simulation's first recorded state.
#[derive(Debug)]
pub struct Measure {
    /// Its name: of its array, its column, its key.
    pub name: &'static str,
    /// What it is, in words; where its unit is the state's, of that state.
    pub long_name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Its dimensions.
    pub shape: Shape,
    /// What a study must have for it to mean anything.
    pub needs: Needs,
    /// Its values in row-major order, as many as its dimensions say.
    pub values: fn(&Measures) -> Vec<f64>,
}

/// The unit of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A pure number.
    One,
    /// The unit of the state it is taken of.
    State,
}

/// The dimensions of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One number for each simulation, kept as f64.
    Whole,
    /// One number for each measured subject, kept as f64.
    Subjects,
    /// One number for each node; a sweep keeps it as f32.
    Nodes,
    /// One number for each pair of nodes; a sweep keeps it, as f32, where it is asked to.
    Pairs,
}

/// What a measure needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// At least two nodes.
    Network,
    /// Measured functional connectivity.
    Functional,
}

/// Every measure, in the order in which files list them. The module's documentation says what a new
/// one takes.
pub const MEASURES: &[Measure] = &[
    Measure {
        name: "score",
        long_name: "correlation of simulated and measured functional connectivity",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::Functional,
        values: |measures| measures.scores().to_vec(),
    },
    Measure {
        name: "mean_score",
        long_name: "mean of score over subjects",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Functional,
        values: |measures| vec![measures.mean_score()],
    },
    Measure {
        name: "synchrony",
        long_name: "variance of the mean over nodes, divided by the mean of the nodes' variances",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Network,
        values: |measures| vec![measures.synchrony()],
    },
    Measure {
        name: "mean",
        long_name: "mean over time",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().mean().to_vec(),
    },
    Measure {
        name: "sd",
        long_name: "standard deviation over time",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().sd().to_vec(),
    },
    Measure {
        name: "min",
        long_name: "least sample",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().min.clone(),
    },
    Measure {
        name: "max",
        long_name: "largest sample",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().max.clone(),
    },
    Measure {
        name: "fc",
        long_name: "simulated functional connectivity",
        unit: Unit::One,
        shape: Shape::Pairs,
        needs: Needs::Network,
        values: |measures| measures.fc().iter().copied().collect(),
    },
];

impl Measure {
    /// The measure of this name.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(name: &str) -> &'static Self {
        let mut all = MEASURES.iter();
        let found = all.find(|measure| measure.name == name);
        found.unwrap_or_else(|| panic!("no measure is called {name}"))
    }

    /// Its name where one simulation or one point is described: values over subjects stand there in
    /// the plural, as `scores`.
    pub fn name_in_simulation(&self) -> String {
        match self.shape {
            Shape::Subjects => format!("{}s", self.name),
            Shape::Whole | Shape::Nodes | Shape::Pairs => self.name.into(),
        }
    }

    /// Whether a study of so many nodes and measured subjects has it.
    pub fn applies(&self, n_nodes: usize, n_subjects: usize) -> bool {
        match self.needs {
            Needs::Nothing => true,
            Needs::Network => n_nodes > 1,
            Needs::Functional => n_subjects > 0,
        }
    }

    /// Names and lengths of its dimensions.
    pub fn dimensions(&self, n_nodes: usize, n_subjects: usize) -> Vec<(String, usize)> {
        let named = |all: &[(&str, usize)]| {
            let each = all.iter();
            each.map(|&(name, n)| (name.to_string(), n)).collect()
        };
        match self.shape {
            Shape::Whole => Vec::new(),
            Shape::Subjects => named(&[("subject", n_subjects)]),
            Shape::Nodes => named(&[("node", n_nodes)]),
            Shape::Pairs => named(&[("node", n_nodes), ("other_node", n_nodes)]),
        }
    }

    /// Its unit and long name, of a state with this unit, name and meaning.
    pub fn described<'a>(&self, unit: &'a str, name: &str, meaning: &str) -> (&'a str, String) {
        match self.unit {
            Unit::One => ("1", self.long_name.into()),
            Unit::State => (unit, format!("{} of {name}, {meaning}", self.long_name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ndarray::{Array2, Axis};

    use super::super::{Moments, fc};
    use super::*;

    #[test]
    fn every_measure_has_a_name_of_its_own_and_as_many_values_as_its_dimensions_say() {
        let names: BTreeSet<&str> = MEASURES.iter().map(|measure| measure.name).collect();
        assert_eq!(names.len(), MEASURES.len());
        let samples = Array2::from_shape_fn((50, 3), |(k, node)| {
            ((node + 1) as f64 * k as f64 * 0.3).sin()
        });
        let functional = fc(samples.view()).mapv(|r| r * r).insert_axis(Axis(0));
        let measures = Measures::new(Moments::of(samples.view()), Some(&functional)).unwrap();
        for measure in MEASURES {
            assert!(measure.applies(3, 1));
            let dimensions = measure.dimensions(3, 1);
            let n: usize = dimensions.iter().map(|(_, n)| n).product();
            let values = (measure.values)(&measures);
            assert_eq!(values.len(), n, "{}", measure.name);
            assert!(values.iter().all(|x| x.is_finite()), "{}", measure.name);
        }
    }
}
