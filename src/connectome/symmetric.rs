//! Matrices of which one half is filled: tractography knows no direction, and many tools write each pair once.

use ndarray::Array2;

use crate::word::words;

/// How the two halves of the weights, lengths and delays of a file make the connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Symmetric {
    /// A matrix with entries on one side of its diagonal only is mirrored; every other is taken as it is.
    #[default]
    Auto,
    /// What stands above the diagonal, mirrored; what stands below is dropped.
    Upper,
    /// What stands below the diagonal, mirrored; what stands above is dropped.
    Lower,
    /// Each pair of regions was written once, on either side: it is mirrored.
    Either,
    /// As it is: entries on one side only are one-way connections.
    AsIs,
}

words!(Symmetric {
    Auto = "auto",
    Upper = "upper",
    Lower = "lower",
    Either = "either",
    AsIs = "as-is",
});

impl Symmetric {
    /// Mirrors the square `matrix` in place where that is to be done. What was done to it, in words that call it `key`; `None`
    /// where nothing changed.
    pub(crate) fn apply<T>(self, key: &str, matrix: &mut Array2<T>) -> Option<String>
    where
        T: Copy + Default + PartialEq,
    {
        let pairs =
            || (0..matrix.nrows()).flat_map(|row| (0..row).map(move |column| (row, column)));
        let is_filled = |entry: &T| *entry != T::default();
        let above = pairs().any(|(row, column)| is_filled(&matrix[[column, row]]));
        let below = pairs().any(|(row, column)| is_filled(&matrix[[row, column]]));
        let from_above = match self {
            Self::Auto if above == below => return None,
            Self::Auto => above,
            Self::Upper => true,
            Self::Lower => false,
            Self::Either => return either(key, matrix),
            Self::AsIs => return None,
        };
        let (mut n_mirrored, mut n_dropped) = (0, 0);
        for (row, column) in pairs().collect::<Vec<_>>() {
            let (kept, other) = match from_above {
                true => ([column, row], [row, column]),
                false => ([row, column], [column, row]),
            };
            if matrix[kept] != matrix[other] {
                n_mirrored += 1;
                n_dropped += usize::from(is_filled(&matrix[other]));
                matrix[other] = matrix[kept];
            }
        }
        let (side, far) = match from_above {
            true => ("above", "below"),
            false => ("below", "above"),
        };
        match (n_mirrored, n_dropped) {
            (0, _) => None,
            (_, 0) => Some(format!(
                "{key:?} has entries {side} its diagonal only: they are mirrored, so that every connection goes both ways \
                 (symmetric = \"as-is\" keeps it one-way)"
            )),
            (_, n) => Some(format!(
                "{key:?} is mirrored from {side} its diagonal, as asked for; {n} different entries {far} it are dropped"
            )),
        }
    }
}

/// Writes every entry to the other side, too, where that is empty.
fn either<T>(key: &str, matrix: &mut Array2<T>) -> Option<String>
where
    T: Copy + Default + PartialEq,
{
    let is_filled = |entry: T| entry != T::default();
    let mut n_mirrored = 0;
    for row in 0..matrix.nrows() {
        for column in 0..row {
            let [one, other] = [[row, column], [column, row]];
            match [one, other].map(|place| is_filled(matrix[place])) {
                [true, false] => matrix[other] = matrix[one],
                [false, true] => matrix[one] = matrix[other],
                _ => continue,
            }
            n_mirrored += 1;
        }
    }
    (n_mirrored > 0).then(|| {
        format!(
            "{key:?} has {n_mirrored} pairs of regions on one side of its diagonal only: they are mirrored, as asked for"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn one_filled_half_is_mirrored_and_two_are_left_alone() {
        let upper = array![[0, 2, 0], [0, 0, 5], [0, 0, 0]];
        let both = array![[0, 2, 0], [2, 0, 5], [0, 5, 0]];
        for half in [upper.clone(), upper.t().to_owned()] {
            let mut matrix = half.clone();
            let note = Symmetric::Auto.apply("SC", &mut matrix).unwrap();
            assert!(note.contains("\"SC\"") && note.contains("as-is"), "{note}");
            assert_eq!(matrix, both);
            matrix.assign(&half);
            assert_eq!(Symmetric::AsIs.apply("SC", &mut matrix), None);
            assert_eq!(matrix, half);
        }
        let directed = array![[0, 2, 0], [1, 0, 5], [0, 0, 0]];
        for mut matrix in [directed, both, Array2::zeros((3, 3)), array![[4]]] {
            let before = matrix.clone();
            assert_eq!(Symmetric::Auto.apply("SC", &mut matrix), None);
            assert_eq!(matrix, before);
        }
    }

    #[test]
    fn pairs_written_once_on_either_side_are_mirrored() {
        let mut matrix = array![[0, 2, 0], [0, 0, 5], [4, 6, 0]];
        let note = Symmetric::Either.apply("SC", &mut matrix).unwrap();
        assert!(note.contains("2 pairs"), "{note}");
        assert_eq!(matrix, array![[0, 2, 4], [2, 0, 5], [4, 6, 0]]);
        assert_eq!(Symmetric::Either.apply("SC", &mut matrix), None);
    }

    #[test]
    fn a_half_that_is_asked_for_counts_alone_and_what_it_drops_is_said() {
        let directed = array![[0, 2, 0], [1, 0, 5], [0, 5, 0]];
        for (symmetric, link) in [(Symmetric::Upper, 2), (Symmetric::Lower, 1)] {
            let mut matrix = directed.clone();
            let note = symmetric.apply("SC", &mut matrix).unwrap();
            assert!(note.contains("1 different"), "{note}");
            assert_eq!(matrix, array![[0, link, 0], [link, 0, 5], [0, 5, 0]]);
            assert_eq!(symmetric.apply("SC", &mut matrix), None);
        }
    }
}
