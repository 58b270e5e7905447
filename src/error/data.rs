//! What can be wrong with data: connectomes, arrays, tables and result files.

use std::path::PathBuf;

use super::Error;

/// Data that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// An array of a file with the wrong shape.
    #[error("{key:?} in {} has shape {}, expected {expected}", .path.display(), shape(.found))]
    WrongShape {
        /// The file.
        path: PathBuf,
        /// The array's key in it.
        key: String,
        /// The shape found.
        found: Vec<usize>,
        /// The shape wanted and why.
        expected: String,
    },
    /// A file that holds something else than it should.
    #[error("{}: {problem}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Two arrays in memory whose shapes do not go together.
    #[error("{what}: {found}; {rule}")]
    Mismatch {
        /// What the arrays are.
        what: &'static str,
        /// Their shapes.
        found: String,
        /// How the shapes go together.
        rule: &'static str,
    },
    /// A band-pass filter that there cannot be.
    #[error(
        "no band-pass filter of order {order} leaves in {low_hz} to {high_hz} Hz of samples taken at {rate_hz} Hz"
    )]
    Band {
        /// The lower edge, Hz.
        low_hz: f64,
        /// The upper edge, Hz.
        high_hz: f64,
        /// The filter's order.
        order: usize,
        /// The highest order that there is.
        largest_order: usize,
        /// Samples in a second.
        rate_hz: f64,
    },
    /// A time series that is too short for its filter.
    #[error("{n_samples} samples are too few for this band-pass filter")]
    ShortSeries {
        /// How many samples there are.
        n_samples: usize,
        /// How many there have to be.
        needed: usize,
    },
    /// A weight of a weighted mean that is negative or not finite.
    #[error("a weight is {value}, but every weight must be finite and not negative")]
    Weight {
        /// The weight.
        value: f64,
    },
    /// Weights that cannot be normalised.
    #[error("connectome.normalise = {normalise:?} divides by 0: {why}")]
    NothingToDivide {
        /// The kind of normalisation.
        normalise: &'static str,
        /// What is 0.
        why: &'static str,
    },
    /// Two matrices of a connectome with one name.
    #[error("connectome.matrices has two matrices named {name}")]
    DoubleName {
        /// The name.
        name: String,
    },
}

/// A shape, of an array of many axes the first of them.
pub(super) fn shape(axes: &[usize]) -> String {
    const MOST: usize = 8;
    match axes.get(..MOST) {
        Some(first) if axes.len() > MOST => {
            let first: Vec<String> = first.iter().map(usize::to_string).collect();
            format!("[{}, ...] of {} axes", first.join(", "), axes.len())
        }
        _ => format!("{axes:?}"),
    }
}

impl DataError {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Content { hint, .. } => hint.clone(),
            Self::NothingToDivide { .. } => Some("use connectome.normalise = \"none\"".into()),
            Self::DoubleName { .. } => Some("give each matrix its own name".into()),
            Self::Band {
                rate_hz,
                largest_order,
                ..
            } => Some(format!(
                "edges go up from 0 to less than {} Hz, half of the samples' rate (0: no lower edge, inf: no upper edge), orders from 1 to {largest_order}",
                rate_hz / 2.0,
            )),
            Self::ShortSeries { needed, .. } => Some(format!(
                "it takes {needed} samples or more; a lower order takes fewer"
            )),
            Self::WrongShape { .. } | Self::Mismatch { .. } | Self::Weight { .. } => None,
        }
    }
}

impl Error {
    /// [`DataError::Content`] without a hint.
    pub(crate) fn data(path: impl Into<PathBuf>, problem: impl Into<String>) -> Self {
        DataError::Content {
            path: path.into(),
            problem: problem.into(),
            hint: None,
        }
        .into()
    }

    /// [`DataError::Content`] with a hint.
    pub(crate) fn data_hint(
        path: impl Into<PathBuf>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        DataError::Content {
            path: path.into(),
            problem: problem.into(),
            hint: Some(hint.into()),
        }
        .into()
    }

    /// [`DataError::WrongShape`] from its parts.
    pub(crate) fn wrong_shape(
        path: impl Into<PathBuf>,
        key: impl Into<String>,
        found: &[usize],
        expected: impl Into<String>,
    ) -> Self {
        DataError::WrongShape {
            path: path.into(),
            key: key.into(),
            found: found.to_vec(),
            expected: expected.into(),
        }
        .into()
    }
}
