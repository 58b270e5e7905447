//! What matrices of measured functional connectivity hold: correlations, Fisher's z, or neither.

use ndarray::{Array3, ArrayView2};

use crate::connectome::check::Place;
use crate::{Error, Result};

/// Transformed correlations of two regions are no larger: tanh(5) is 0.9999.
const LARGEST_Z: f64 = 5.0;
/// What rounding may leave of 1 on the diagonal.
const ONE: f64 = 1e-3;
/// What it may add to a correlation.
const BEYOND: f64 = 1e-6;

/// What one matrix is, by its diagonal and the entries beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// 1 on the diagonal.
    Correlations,
    /// Nothing on the diagonal, and no entry beyond 1: correlations, or small z.
    Open,
    Fisher,
    /// Something that a score would take for correlations.
    Neither,
}

/// Turns Fisher's z back into correlations, in all stacks alike, and refuses what is neither. A diagonal of NaN alone becomes 1.
///
/// # Errors
/// [`Error::Data`] where entries are beyond 1, or the diagonal is that of covariances.
pub(super) fn correlations(
    stacks: &mut [(Place, Array3<f64>)],
    notes: &mut Vec<String>,
) -> Result<()> {
    let mut kinds = Vec::new();
    for (place, stack) in stacks.iter() {
        let mut of_stack = Vec::new();
        for matrix in stack.outer_iter() {
            match kind(matrix) {
                Kind::Neither => return Err(neither(place, matrix)),
                kind => of_stack.push(kind),
            }
        }
        kinds.push(of_stack);
    }
    let is_fisher = kinds.iter().flatten().any(|kind| *kind == Kind::Fisher);
    for ((place, stack), kinds) in stacks.iter_mut().zip(&kinds) {
        let mut n_turned = 0;
        for (mut matrix, kind) in stack.outer_iter_mut().zip(kinds) {
            // What one person's matrix tells holds for those that are written alike.
            if is_fisher && *kind != Kind::Correlations {
                matrix.mapv_inplace(f64::tanh);
                matrix.diag_mut().fill(1.0);
                n_turned += 1;
            }
            if *kind == Kind::Open {
                matrix
                    .diag_mut()
                    .mapv_inplace(|entry| if entry.is_nan() { 1.0 } else { entry });
            }
        }
        if n_turned > 0 {
            let of = match kinds.len() {
                1 => String::new(),
                n => format!(" ({n_turned} of {n} matrices)"),
            };
            notes.push(format!(
                "{:?} is read as Fisher's z{of}, by entries beyond 1 or an infinite diagonal, and no 1 on the diagonal: tanh gives the correlations",
                place.key
            ));
        } else if kinds.contains(&Kind::Open) {
            notes.push(format!(
                "{:?} has no 1 on its diagonal and no entry beyond 1: it is taken for correlations; if it holds Fisher's z, write their tanh",
                place.key
            ));
        }
    }
    Ok(())
}

fn kind(matrix: ArrayView2<f64>) -> Kind {
    let largest = largest(matrix);
    let all = |is: &dyn Fn(f64) -> bool| matrix.diag().iter().all(|&entry| is(entry));
    // 1 less 1 leaves as much as rounding does.
    let is_missing = |entry: f64| entry.is_nan() || entry.abs() < BEYOND;
    let is_one = |entry: f64| (entry.abs() - 1.0).abs() < ONE;
    if largest.is_nan() {
        // The entry is named where all are checked.
        return Kind::Correlations;
    }
    if all(&is_missing) {
        return match largest {
            largest if largest <= 1.0 + BEYOND => Kind::Open,
            largest if largest <= LARGEST_Z => Kind::Fisher,
            _ => Kind::Neither,
        };
    }
    if all(&|entry| is_missing(entry) || is_one(entry)) {
        return match largest <= 1.0 + BEYOND {
            true => Kind::Correlations,
            false => Kind::Neither,
        };
    }
    match all(&|entry| is_missing(entry) || is_transformed_one(entry)) && largest <= LARGEST_Z {
        true => Kind::Fisher,
        false => Kind::Neither,
    }
}

/// The largest entry beside the diagonal, without its sign; NaN where one is not finite.
fn largest(matrix: ArrayView2<f64>) -> f64 {
    let mut largest = 0.0_f64;
    for ((row, column), value) in matrix.indexed_iter() {
        if row != column {
            if !value.is_finite() {
                return f64::NAN;
            }
            largest = largest.max(value.abs());
        }
    }
    largest
}

/// Whether an entry is Fisher's transform of 1, or of 1 with the rounding of 32 or 64 bits.
fn is_transformed_one(entry: f64) -> bool {
    entry == f64::INFINITY || (7.2..9.1).contains(&entry) || (16.6..19.1).contains(&entry)
}

fn neither(place: &Place, matrix: ArrayView2<f64>) -> Error {
    let diagonal = matrix.diag();
    let are_variances = diagonal.iter().all(|&entry| entry > 0.0);
    let is_within = |((row, column), value): ((usize, usize), &f64)| {
        value * value <= diagonal[row] * diagonal[column] * (1.0 + BEYOND)
    };
    let are_covariances = are_variances && matrix.indexed_iter().all(is_within);
    let largest = largest(matrix);
    let (what, hint) = match are_covariances {
        true => (
            format!(
                "has a diagonal from {} to {}, as covariances have",
                diagonal.iter().copied().fold(f64::INFINITY, f64::min),
                diagonal.iter().copied().fold(0.0, f64::max)
            ),
            "divide each entry by the standard deviations of its two regions, or give the time series",
        ),
        false => (
            match diagonal.iter().find(|entry| !entry.is_nan()) {
                Some(first) if largest <= 1.0 + BEYOND => {
                    format!("has {first} on its diagonal beside entries up to {largest}")
                }
                _ => format!("has entries as large as {largest}"),
            },
            "correlations are from -1 to 1, with 1, 0 or nothing on the diagonal; Fisher's z has no 1 there and no entry beyond 5",
        ),
    };
    let problem = format!("{:?} {what}: it is no functional connectivity", place.key);
    Error::data_hint(&place.path, problem, hint)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, array};

    use super::*;

    fn read(matrices: &[Array2<f64>]) -> (Result<()>, Vec<Array3<f64>>, Vec<String>) {
        let stack =
            |matrix: &Array2<f64>| (Place::memory("FC"), matrix.clone().insert_axis(Axis(0)));
        let mut stacks: Vec<_> = matrices.iter().map(stack).collect();
        let mut notes = Vec::new();
        let done = correlations(&mut stacks, &mut notes);
        (
            done,
            stacks.into_iter().map(|(_, stack)| stack).collect(),
            notes,
        )
    }

    fn matrix(diagonal: f64, beside: f64) -> Array2<f64> {
        array![
            [diagonal, beside, 0.2],
            [beside, diagonal, -0.1],
            [0.2, -0.1, diagonal]
        ]
    }

    #[test]
    fn the_diagonal_tells_what_a_matrix_is() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        for (diagonal, beside, expected) in [
            (1.0, 0.5, Kind::Correlations),
            (-1.0, 0.5, Kind::Correlations),
            (1.0, 1.2, Kind::Neither),
            (0.0, 0.5, Kind::Open),
            (-1.1e-16, 0.5, Kind::Open),
            (nan, 0.5, Kind::Open),
            (0.0, 1.5, Kind::Fisher),
            (nan, 1.5, Kind::Fisher),
            (inf, 0.5, Kind::Fisher),
            (18.37, 0.5, Kind::Fisher),
            (0.0, 443.0, Kind::Neither),
            (2.3, 1.1, Kind::Neither),
            (0.6, 0.3, Kind::Neither),
            (100.0, 50.0, Kind::Neither),
        ] {
            let found = kind(matrix(diagonal, beside).view());
            assert_eq!(found, expected, "{diagonal} {beside}");
        }
        let said = read(&[matrix(2.3, 1.1)]).0.unwrap_err().report();
        assert!(said.contains("covariances"), "{said}");
        let said = read(&[matrix(1.0, 1.2)]).0.unwrap_err().report();
        assert!(said.contains("as large as 1.2"), "{said}");
        let said = read(&[matrix(-0.3, 0.5)]).0.unwrap_err().report();
        assert!(said.contains("has -0.3 on its diagonal"), "{said}");
    }

    #[test]
    fn one_transform_holds_for_all_that_are_written_alike() {
        let (done, stacks, notes) = read(&[matrix(0.0, 0.5), matrix(0.0, 1.5), matrix(1.0, 0.5)]);
        done.unwrap();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(
            notes.iter().all(|note| note.contains("tanh gives")),
            "{notes:?}"
        );
        for (stack, expected) in stacks.iter().zip([0.5_f64.tanh(), 1.5_f64.tanh(), 0.5]) {
            assert_eq!((stack[[0, 0, 1]], stack[[0, 0, 0]]), (expected, 1.0));
        }
        let (done, stacks, notes) = read(&[matrix(f64::NAN, 0.5)]);
        done.unwrap();
        assert!(
            notes.len() == 1 && notes[0].contains("taken for correlations"),
            "{notes:?}"
        );
        assert!(stacks[0][[0, 1, 1]] == 1.0 && stacks[0][[0, 0, 1]] == 0.5);
    }
}
