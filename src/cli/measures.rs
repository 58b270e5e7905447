//! The measures as help texts list them.

use super::layout::aligned;
use crate::measure::{Kept, MEASURES, Measure};

/// The measures' names, dimensions and meanings: of every run, and of those that a study asks for; those that a sweep only keeps where
/// it is asked to, too or not.
pub(super) fn listed(with_all: bool) -> String {
    let chosen = MEASURES
        .iter()
        .filter(|measure| with_all || measure.shape.kept() != Kept::OnRequest);
    let row = |measure: &Measure| {
        let per = match measure.shape.of_each() {
            "" => String::new(),
            each => format!("[{each}]"),
        };
        vec![format!("{}{per}", measure.name), measure.long_name.into()]
    };
    aligned(&chosen.map(row).collect::<Vec<_>>(), "  ")
}
