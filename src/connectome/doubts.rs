//! What may be wrong with a connectome that can be read: in words that name the region, the number and the way out.

use ndarray::{Array2, ArrayD, Ix2};

use super::listed;
use crate::error::COUNTS;

/// How far two directions of a connection may lie apart, as a part of the larger, and still be one number that was rounded.
const ROUNDING: f64 = 1e-4;

/// Replaces NaN by 0 on the diagonal, and where NaN is how `key` writes "no connection": wherever another file has 0, for both
/// directions.
pub(crate) fn nan_for_none(key: &str, weights: &mut ArrayD<f64>) -> Option<String> {
    let mut view = weights.view_mut().into_dimensionality::<Ix2>().ok()?;
    if !view.is_square() {
        return None;
    }
    // No region is connected to itself, whatever stands there.
    view.diag_mut()
        .mapv_inplace(|entry| if entry.is_nan() { 0.0 } else { entry });
    let view = weights.view().into_dimensionality::<Ix2>().ok()?;
    let off_diagonal = || {
        view.indexed_iter()
            .filter(|((row, column), _)| row != column)
    };
    let n = off_diagonal().filter(|(_, weight)| weight.is_nan()).count();
    let is_zero = off_diagonal().any(|(_, weight)| *weight == 0.0);
    let is_both_ways = off_diagonal()
        .all(|((row, column), weight)| weight.is_nan() == view[[column, row]].is_nan());
    if n == 0 || is_zero || !is_both_ways {
        return None;
    }
    weights.mapv_inplace(|weight| if weight.is_nan() { 0.0 } else { weight });
    Some(format!(
        "{key:?} is NaN for {n} of its connections and 0 for none: NaN is read as no connection"
    ))
}

/// Makes equal what differs by rounding between the two directions of all connections.
pub(crate) fn rounded_apart(key: &str, weights: &mut Array2<f64>) -> Option<String> {
    let n = weights.nrows();
    let mut furthest = (0.0, [0, 0]);
    for row in 0..n {
        for column in 0..row {
            let (a, b) = (weights[[row, column]], weights[[column, row]]);
            let apart = (a - b).abs() / a.max(b);
            if apart > ROUNDING {
                return None;
            }
            if apart > furthest.0 {
                furthest = (apart, [row, column]);
            }
        }
    }
    if furthest.0 == 0.0 {
        return None;
    }
    for row in 0..n {
        for column in 0..row {
            let mean = 0.5 * (weights[[row, column]] + weights[[column, row]]);
            weights[[row, column]] = mean;
            weights[[column, row]] = mean;
        }
    }
    Some(format!(
        "{key:?} is symmetric but for rounding (at most {:.1e} of an entry, at {:?}): both directions have their mean \
         (symmetric = \"as-is\" keeps them apart)",
        furthest.0, furthest.1
    ))
}

/// Says which name several regions have: such a name finds none of them.
pub(crate) fn named_twice(labels: &[String]) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    let mut twice: Vec<&str> = Vec::new();
    for label in labels {
        if !seen.insert(label.as_str()) && !twice.contains(&label.as_str()) {
            twice.push(label);
        }
    }
    let name = twice.first()?;
    let more = match twice.len() - 1 {
        0 => String::new(),
        n => format!(", and {n} more names occur twice"),
    };
    Some(format!(
        "several regions are called {name:?}{more}: they cannot be told apart by name"
    ))
}

/// Says that most connected pairs of regions are connected one way only: lists of tracts name each pair once.
pub(crate) fn one_way(labels: &[String], weights: &Array2<f64>) -> Option<String> {
    let n = labels.len();
    let (mut connected, mut one_way) = (0_usize, Vec::new());
    for row in 0..n {
        for column in row + 1..n {
            let ways = [weights[[row, column]], weights[[column, row]]];
            match ways.map(|weight| weight != 0.0) {
                [false, false] => {}
                [true, true] => connected += 1,
                _ => {
                    connected += 1;
                    one_way.push([row, column]);
                }
            }
        }
    }
    (2 * one_way.len() > connected).then(|| {
        format!(
            "{} of {connected} connected pairs of regions are connected one way only ({}): if each pair was written once, say symmetric = \"either\" (\"as-is\" if they are meant)",
            one_way.len(),
            pairs(labels, &one_way)
        )
    })
}

/// Names the regions without any connection, in either direction.
pub(crate) fn unconnected(labels: &[String], weights: &Array2<f64>) -> Option<String> {
    let is_alone = |&node: &usize| {
        let all_zero = |line: ndarray::ArrayView1<f64>| line.iter().all(|weight| *weight == 0.0);
        all_zero(weights.row(node)) && all_zero(weights.column(node))
    };
    let alone: Vec<usize> = (0..labels.len()).filter(is_alone).collect();
    if alone.is_empty() {
        return None;
    }
    if alone.len() == labels.len() {
        return Some("no region has a connection: all weights are 0".into());
    }
    let (has, it) = match alone.len() {
        1 => ("has", "it"),
        _ => ("have", "them"),
    };
    Some(format!(
        "{} {has} no connections: leave {it} out of the data where that is not meant",
        listed(labels, &alone)
    ))
}

/// Says that weights look like raw counts of streamlines.
pub(crate) fn counts(weights: &Array2<f64>) -> Option<String> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    (largest >= COUNTS).then(|| {
        format!(
            "the weights are as large as {largest}, as counts of streamlines are: most models diverge with such input \
             (normalise = \"max\", or a small coupling.g)"
        )
    })
}

/// Says that weights look like a correlation matrix: 1 on the diagonal, nothing above, all regions connected.
pub(crate) fn correlations(key: &str, weights: &ArrayD<f64>) -> Option<String> {
    let view = weights.view().into_dimensionality::<Ix2>().ok()?;
    let is_correlation = view.nrows() > 2
        && view.is_square()
        && view.diag().iter().all(|entry| (entry - 1.0).abs() < 1e-6)
        && view
            .iter()
            .all(|entry| *entry != 0.0 && entry.abs() <= 1.0 + 1e-6)
        && view
            .indexed_iter()
            .all(|((row, column), entry)| (entry - view[[column, row]]).abs() < 1e-6);
    is_correlation.then(|| {
        format!(
            "{key:?} looks like functional connectivity (1 on the diagonal, no entry beyond): it is used as weights"
        )
    })
}

/// The pairs that are connected and have no length, once for both directions.
pub(crate) fn without_length(weights: &Array2<bool>, lengths: &Array2<f64>) -> Vec<[usize; 2]> {
    let n = weights.nrows();
    let pairs = (0..n).flat_map(|row| (row + 1..n).map(move |column| [row, column]));
    let lacks = |&[a, b]: &[usize; 2]| {
        [[a, b], [b, a]]
            .iter()
            .any(|&place| weights[place] && lengths[place] == 0.0)
    };
    pairs.filter(lacks).collect()
}

/// Some pairs of regions by name: "V1 - MT, V1 - PFC and 20 more".
pub(crate) fn pairs(labels: &[String], pairs: &[[usize; 2]]) -> String {
    const WRITTEN_OUT: usize = 5;
    let name = |&[a, b]: &[usize; 2]| format!("{} - {}", labels[a], labels[b]);
    let names: Vec<String> = pairs.iter().take(WRITTEN_OUT).map(name).collect();
    match pairs.len().saturating_sub(WRITTEN_OUT) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn nan_is_no_connection_only_where_nothing_else_is() {
        let nan = f64::NAN;
        let mut all = array![[nan, nan, 2.0], [nan, nan, 3.0], [2.0, 3.0, nan]].into_dyn();
        let note = nan_for_none("SC", &mut all).unwrap();
        assert!(note.contains("2 of its connections"), "{note}");
        assert_eq!(
            all,
            array![[0.0, 0.0, 2.0], [0.0, 0.0, 3.0], [2.0, 3.0, 0.0]].into_dyn()
        );
        let beside_zero = array![[0.0, nan, 0.0], [nan, 0.0, 3.0], [0.0, 3.0, 0.0]];
        let one_way = array![[0.0, nan, 1.0], [2.0, 0.0, 3.0], [1.0, 3.0, 0.0]];
        for kept in [beside_zero, one_way, array![[0.0, 1.0], [1.0, 0.0]]] {
            assert_eq!(nan_for_none("SC", &mut kept.into_dyn()), None);
        }
    }

    #[test]
    fn rounding_is_mended_and_a_direction_is_kept() {
        let mut rounded = array![[0.0, 1.0], [1.00008, 0.0]];
        assert!(
            rounded_apart("SC", &mut rounded)
                .unwrap()
                .contains("8.0e-5")
        );
        assert_eq!(rounded[[0, 1]], rounded[[1, 0]]);
        // One pair that is directed: the others may be, too.
        let directed = array![[0.0, 1.0, 2.0], [1.00008, 0.0, 3.0], [2.0, 3.1, 0.0]];
        for mut kept in [
            directed,
            array![[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]],
        ] {
            let before = kept.clone();
            assert_eq!(rounded_apart("SC", &mut kept), None);
            assert_eq!(kept, before);
        }
    }

    #[test]
    fn regions_alone_counts_and_missing_lengths_are_named() {
        let labels = ["V1", "MT", "PFC"].map(String::from);
        let weights = array![[0.0, 0.0, 2000.0], [0.0, 0.0, 0.0], [5.0, 0.0, 0.0]];
        assert!(
            unconnected(&labels, &weights)
                .unwrap()
                .starts_with("MT has no connections")
        );
        assert!(
            counts(&weights).unwrap().contains("2000")
                && counts(&(weights.clone() / 10.0)).is_none()
        );
        let none = unconnected(&labels, &Array2::zeros((3, 3))).unwrap();
        assert!(none.starts_with("no region has a connection"), "{none}");
        assert_eq!(named_twice(&labels), None);
        let twice = ["V1", "MT", "V1"].map(String::from);
        assert!(named_twice(&twice).unwrap().contains("\"V1\""));
        let said = one_way(
            &labels,
            &array![[0.0, 0.0, 1.0], [2.0, 0.0, 0.0], [0.0, 3.0, 0.0]],
        );
        assert!(said.unwrap().starts_with("3 of 3"));
        let half = array![[0.0, 1.0, 1.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]];
        assert_eq!(one_way(&labels, &half), None);
        let missing = without_length(&weights.mapv(|w| w != 0.0), &Array2::zeros((3, 3)));
        assert_eq!(pairs(&labels, &missing), "V1 - PFC");
    }
}
