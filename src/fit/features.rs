//! The numbers that a fit keeps of every run, and that its objectives speak of.
//!
//! They follow from the table of measures: a measure that is one number is one of them; of one number for each measured subject all
//! are; of one for each node the mean over nodes is. Functional connectivity itself is not: its correlation with the measured one is.

use crate::language::RESERVED;
use crate::measure::{MEASURES, Measure, Measures, Shape, mean};

/// The measure whose mean over subjects an objective calls `fc`.
const SCORE: &str = "score";
/// The same, over all subjects, among the measures.
const MEAN_SCORE: &str = "mean_score";
/// What objectives call the correlation with measured functional connectivity, the mean over the subjects that are fitted.
pub const FIT: &str = "fc";

/// What a fit keeps of each run of a study.
#[derive(Debug, Clone)]
pub struct Features {
    n_subjects: usize,
    kept: Vec<&'static Measure>,
}

impl Features {
    /// Those of a study with so many nodes and measured subjects.
    pub fn new(n_nodes: usize, n_subjects: usize) -> Self {
        let applies = |measure: &&Measure| measure.applies(n_nodes, n_subjects);
        let is_number = |measure: &&Measure| measure.shape != Shape::Pairs;
        Self {
            n_subjects,
            kept: MEASURES.iter().filter(applies).filter(is_number).collect(),
        }
    }

    /// Numbers of a measure.
    fn length(&self, measure: &Measure) -> usize {
        match measure.shape {
            Shape::Subjects => self.n_subjects,
            Shape::Whole | Shape::Nodes | Shape::Pairs => 1,
        }
    }

    /// What each number is called, `[n_features]`: the measure's name, with the number of the subject where there is one for each.
    pub fn names(&self) -> Vec<String> {
        let names = self.kept.iter().flat_map(|measure| {
            let subjects = 0..self.length(measure);
            subjects.map(|subject| match measure.shape {
                Shape::Subjects => format!("{}_{subject}", measure.name),
                Shape::Whole | Shape::Nodes | Shape::Pairs => measure.name.into(),
            })
        });
        names.collect()
    }

    /// The numbers of a run, `[n_features]`.
    pub fn of(&self, measures: &Measures) -> Vec<f64> {
        let mut all = Vec::new();
        for measure in &self.kept {
            let values = (measure.values)(measures);
            match measure.shape {
                Shape::Nodes => all.push(mean(&values)),
                Shape::Whole | Shape::Subjects | Shape::Pairs => all.extend(values),
            }
        }
        all
    }

    /// What objectives may speak of, in order.
    pub fn terms(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for measure in &self.kept {
            match measure.name {
                // The mean of all subjects is not that of those that are fitted.
                MEAN_SCORE => {}
                SCORE => names.push(FIT),
                // A word of the language is no name.
                name if RESERVED.contains(&name) => {}
                name => names.push(name),
            }
        }
        names
    }

    /// Whether the term in this place is a mean over subjects.
    pub fn is_of_subjects(&self, term: usize) -> bool {
        let name = self.terms()[term];
        let name = if name == FIT { SCORE } else { name };
        let mut kept = self.kept.iter();
        kept.any(|measure| measure.name == name && measure.shape == Shape::Subjects)
    }

    /// What the terms are of a run with these numbers, for some of the `subjects`: of a number for each subject the mean over them.
    pub fn values(&self, features: &[f64], subjects: &[usize]) -> Vec<f64> {
        let mut values = Vec::new();
        let mut first = 0;
        for measure in &self.kept {
            let n = self.length(measure);
            let own = &features[first..first + n];
            first += n;
            if measure.name == MEAN_SCORE || RESERVED.contains(&measure.name) {
                continue;
            }
            values.push(match measure.shape {
                Shape::Subjects => {
                    let chosen: Vec<f64> = subjects.iter().map(|&k| own[k]).collect();
                    mean(&chosen)
                }
                Shape::Whole | Shape::Nodes | Shape::Pairs => own[0],
            });
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, concatenate};

    use super::*;
    use crate::measure::{Moments, fc};

    #[test]
    fn every_number_has_a_name_and_means_are_taken_over_the_subjects_that_are_asked_for() {
        let samples = Array2::from_shape_fn((50, 3), |(k, node)| {
            ((node + 1) as f64 * k as f64 * 0.3).sin()
        });
        let one = fc(samples.view()).insert_axis(Axis(0));
        let both = concatenate![Axis(0), one, one.mapv(|r| r * r * r)];
        let measures = Measures::new(Moments::of(samples.view()), Some(&both)).unwrap();
        let features = Features::new(3, 2);
        let (names, found) = (features.names(), features.of(&measures));
        assert_eq!(names.len(), found.len());
        assert_eq!(names[..3], ["score_0", "score_1", "mean_score"]);
        let terms = features.terms();
        let of = |subjects: &[usize]| features.values(&found, subjects);
        assert_eq!(terms.len(), of(&[0]).len());
        assert_eq!(terms[..2], ["fc", "synchrony"]);
        assert!(!terms.contains(&"min") && terms.contains(&"mean"));
        assert_eq!((of(&[0])[0], of(&[1])[0]), (found[0], found[1]));
        assert!((of(&[0, 1])[0] - measures.mean_score()).abs() < 1e-15);
        assert!((of(&[0])[0] - 1.0).abs() < 1e-12 && of(&[1])[0] < 1.0);
        let mean = terms.iter().position(|name| *name == "mean").unwrap();
        let expected = measures.moments().mean().mean().unwrap();
        assert!((of(&[0])[mean] - expected).abs() < 1e-15);
    }
}
