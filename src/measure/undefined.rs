//! Why a score is undefined, as a fact and in words: for stderr, manifests and `--json`.

use ndarray::{ArrayView2, ArrayView3};

use super::score::{below, is_flat};
use super::{constant_nodes, flat_subjects};
use crate::connectome::listed;

/// Why there is no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undefined {
    /// Some nodes of the simulation are constant, so that they have no correlations: which.
    ConstantNodes(Vec<usize>),
    /// All pairs of the simulation are correlated alike; so is the only pair of two nodes.
    FlatSimulated,
    /// All pairs of these measured subjects are correlated alike.
    FlatMeasured(Vec<usize>),
}

impl Undefined {
    /// Why any of the [`scores`](super::scores) of `fc` against `functional` is undefined; `None` if
    /// every one is a number.
    pub fn of(fc: ArrayView2<f64>, functional: ArrayView3<f64>) -> Option<Self> {
        let constant = constant_nodes(fc);
        if !constant.is_empty() {
            return Some(Self::ConstantNodes(constant));
        }
        if is_flat(&below(fc)) {
            return Some(Self::FlatSimulated);
        }
        let flat = flat_subjects(functional);
        (!flat.is_empty()).then_some(Self::FlatMeasured(flat))
    }

    /// The reason in words; `labels` are the names of all regions.
    pub fn why(&self, labels: &[String]) -> String {
        match self {
            Self::ConstantNodes(nodes) => {
                let constant = constant_regions(nodes, labels);
                format!("{constant}; the score, over all pairs, is undefined")
            }
            Self::FlatSimulated => {
                "the simulated functional connectivity is the same for every pair of regions: the score is undefined"
                    .into()
            }
            Self::FlatMeasured(subjects) => {
                let subjects: Vec<String> = subjects.iter().map(usize::to_string).collect();
                format!(
                    "the measured functional connectivity is the same for every pair of regions (subject {}): scores \
                     against it are undefined, and so is their mean",
                    subjects.join(", ")
                )
            }
        }
    }
}

/// Says that regions are constant, by number, and so have no functional connectivity.
pub(super) fn constant_regions(nodes: &[usize], labels: &[String]) -> String {
    let (are, have) = match nodes.len() {
        1 => ("is", "it has"),
        _ => ("are", "they have"),
    };
    format!(
        "{} of {} regions {are} constant ({}): {have} no functional connectivity (NaN)",
        nodes.len(),
        labels.len(),
        listed(labels, nodes)
    )
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, array};

    use super::*;
    use crate::measure::scores;

    #[test]
    fn an_undefined_score_has_its_reason() {
        let nan = f64::NAN;
        let fc = array![[1.0, 0.2, 0.3], [0.2, 1.0, 0.7], [0.3, 0.7, 1.0]];
        let silent = array![[1.0, nan, 0.3], [nan, nan, nan], [0.3, nan, 1.0]];
        // All move together, as far as 32 bits show.
        let together = array![[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0 - 1e-8, 1.0, 1.0]];
        let both = |a: &Array2<f64>, b: &Array2<f64>| ndarray::stack![Axis(0), *a, *b];
        let measured = both(&fc, &fc.mapv(|r| r * r));
        let half = both(&fc, &Array2::from_elem((3, 3), 0.1));
        for (fc, measured, reason) in [
            (&fc, &measured, None),
            (&silent, &measured, Some(Undefined::ConstantNodes(vec![1]))),
            (&together, &measured, Some(Undefined::FlatSimulated)),
            (&fc, &half, Some(Undefined::FlatMeasured(vec![1]))),
        ] {
            let scores = scores(fc.view(), measured.view()).unwrap();
            assert_eq!(Undefined::of(fc.view(), measured.view()), reason);
            assert_eq!(scores.iter().any(|score| score.is_nan()), reason.is_some());
        }
        let pair = array![[1.0, 0.4], [0.4, 1.0]];
        let reason = Undefined::of(pair.view(), pair.clone().insert_axis(Axis(0)).view());
        assert_eq!(reason, Some(Undefined::FlatSimulated));
    }

    #[test]
    fn the_words_name_regions_and_subjects() {
        let labels = ["V1", "MT", "PFC"].map(String::from);
        let why = |reason: Undefined| reason.why(&labels);
        assert!(
            why(Undefined::ConstantNodes(vec![0, 2]))
                .starts_with("2 of 3 regions are constant (V1, PFC): they have no")
        );
        assert!(why(Undefined::ConstantNodes(vec![1])).contains("1 of 3 regions is constant (MT)"));
        assert!(why(Undefined::FlatMeasured(vec![0, 4])).contains("(subject 0, 4)"));
    }
}
