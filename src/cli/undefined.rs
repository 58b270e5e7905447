//! What is said where correlations and scores are undefined: on stderr, in manifests, in `--json`.

use crate::connectome::listed;
use crate::measure::Undefined;

/// Of regions that are constant, by number.
pub(super) fn constant(nodes: &[usize], labels: &[String]) -> String {
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

/// Of measured subjects whose pairs are all correlated alike.
pub(super) fn flat(subjects: &[usize]) -> String {
    let subjects: Vec<String> = subjects.iter().map(usize::to_string).collect();
    format!(
        "the measured functional connectivity is the same for every pair of regions (subject {}): scores against it are \
         undefined, and so is their mean",
        subjects.join(", ")
    )
}

/// Why a score is undefined.
pub(super) fn why(undefined: &Undefined, labels: &[String]) -> String {
    match undefined {
        Undefined::ConstantNodes(nodes) => {
            format!("{}; the score, over all pairs, is undefined", constant(nodes, labels))
        }
        Undefined::FlatSimulated => {
            "the simulated functional connectivity is the same for every pair of regions: the score is undefined".into()
        }
        Undefined::FlatMeasured(subjects) => flat(subjects),
    }
}
