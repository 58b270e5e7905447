//! The measures as help texts list them.

use super::layout::aligned;
use crate::measure::{MEASURES, Measure, Shape};

/// The measures' names, dimensions and meanings, those of every pair of regions too or not.
pub(super) fn listed(with_pairs: bool) -> String {
    let chosen = MEASURES
        .iter()
        .filter(|measure| with_pairs || measure.shape != Shape::Pairs);
    let row = |measure: &Measure| {
        let per = match measure.shape {
            Shape::Whole => "",
            Shape::Subjects => "[subject]",
            Shape::Nodes => "[node]",
            Shape::Pairs => "[node, node]",
        };
        vec![format!("{}{per}", measure.name), measure.long_name.into()]
    };
    aligned(&chosen.map(row).collect::<Vec<_>>(), "  ")
}
