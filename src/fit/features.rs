//! The numbers that a fit keeps of every run, and that its objectives speak of.
//!
//! They follow from the table of measures: a measure that is one number is one of them; of one number for each measured subject all
//! are; of one for each node the mean over nodes is. Functional connectivity itself is not: its correlation with the measured one is.

use crate::language::RESERVED;
use crate::measure::{Kept, MEASURES, Measure, Measures, Scope, Shape, mean};

/// The measure whose mean over subjects an objective calls `fc`.
const SCORE: &str = "score";
/// Measures over all subjects, those that are not fitted among them.
const IS_OF_ALL: [&str; 3] = ["mean_score", "fcd_ks_pooled", "fcd_wasserstein_pooled"];
/// What objectives call the correlation with measured functional connectivity, the mean over the subjects that are fitted.
pub const FIT: &str = "fc";

/// What a fit keeps of each run of a study.
#[derive(Debug, Clone)]
pub struct Features {
    n_subjects: usize,
    /// Each measure, and how many numbers it gives.
    kept: Vec<(&'static Measure, usize)>,
}

impl Features {
    /// Those of a study whose runs have this scope.
    pub fn new(scope: &Scope) -> Self {
        let applies = MEASURES.iter().filter(|measure| measure.applies(scope));
        let lengths = applies.filter_map(|measure| {
            let dimensions = measure.dimensions(scope);
            match measure.shape.kept() {
                Kept::Double => Some((measure, dimensions.iter().map(|(_, n)| n).product())),
                Kept::Single if measure.shape == Shape::Nodes => Some((measure, 1)),
                Kept::Single | Kept::OnRequest => None,
            }
        });
        Self {
            n_subjects: scope.n_subjects,
            kept: lengths.collect(),
        }
    }

    /// Whether a measure of `n` numbers has one for each subject. Series that are not those of the subjects are averaged.
    fn is_of_each_subject(&self, measure: &Measure, n: usize) -> bool {
        measure.shape.is_of_measured() && n == self.n_subjects
    }

    /// Each measure, and how many numbers it gives, in the order of the features.
    pub fn kept(&self) -> impl Iterator<Item = (&'static Measure, usize)> {
        self.kept.iter().copied()
    }

    /// What each number is called, `[n_features]`: the measure's name, with the number of the subject where there is one for each.
    pub fn names(&self) -> Vec<String> {
        let names = self.kept.iter().flat_map(|&(measure, n)| {
            (0..n).map(move |subject| match measure.shape.is_of_measured() {
                true => format!("{}_{subject}", measure.name),
                false => measure.name.into(),
            })
        });
        names.collect()
    }

    /// The numbers of a run, `[n_features]`.
    pub fn of(&self, measures: &Measures) -> Vec<f64> {
        let mut all = Vec::new();
        for (measure, _) in &self.kept {
            let values = (measure.values)(measures);
            match measure.shape == Shape::Nodes {
                true => all.push(mean(&values)),
                false => all.extend(values.iter()),
            }
        }
        all
    }

    /// What objectives may speak of, in order.
    pub fn terms(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for (measure, _) in &self.kept {
            match measure.name {
                // What is of all subjects is not of those that are fitted.
                name if IS_OF_ALL.contains(&name) => {}
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
        kept.any(|&(measure, n)| measure.name == name && self.is_of_each_subject(measure, n))
    }

    /// What the terms are of a run with these numbers, for some of the `subjects`: of a number for each subject the mean over them.
    pub fn values(&self, features: &[f64], subjects: &[usize]) -> Vec<f64> {
        let mut values = Vec::new();
        let mut first = 0;
        for &(measure, n) in &self.kept {
            let own = &features[first..first + n];
            first += n;
            if IS_OF_ALL.contains(&measure.name) || RESERVED.contains(&measure.name) {
                continue;
            }
            values.push(match self.is_of_each_subject(measure, n) {
                true => {
                    let chosen: Vec<f64> = subjects.iter().map(|&k| own[k]).collect();
                    mean(&chosen)
                }
                false => mean(own),
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
        let features = Features::new(&Scope::new(3, 2));
        let (names, found) = (features.names(), features.of(&measures));
        assert_eq!(names.len(), found.len());
        assert_eq!(names[..3], ["score_0", "score_1", "mean_score"]);
        let terms = features.terms();
        let of = |subjects: &[usize]| features.values(&found, subjects);
        assert_eq!(terms.len(), of(&[0]).len());
        assert_eq!(terms[..2], ["fc", "fc_rmse"]);
        assert!(terms.contains(&"synchrony"));
        assert!(!terms.contains(&"min") && terms.contains(&"mean"));
        assert_eq!((of(&[0])[0], of(&[1])[0]), (found[0], found[1]));
        assert!((of(&[0, 1])[0] - measures.mean_score()).abs() < 1e-15);
        assert!((of(&[0])[0] - 1.0).abs() < 1e-12 && of(&[1])[0] < 1.0);
        let mean = terms.iter().position(|name| *name == "mean").unwrap();
        let expected = measures.moments().mean().mean().unwrap();
        assert!((of(&[0])[mean] - expected).abs() < 1e-15);
    }
}
