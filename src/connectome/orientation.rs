//! Matrices that are transposed with respect to ours.

use ndarray::Array2;

use crate::word::words;

/// Which index of a matrix is the sending region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Orientation {
    /// `[target, source]`, as The Virtual Brain and this crate.
    #[default]
    TargetSource,
    /// `[source, target]`; transposed on loading.
    SourceTarget,
}

words!(Orientation {
    TargetSource = "target-source",
    SourceTarget = "source-target",
});

impl Orientation {
    /// The matrix as `[target, source]`.
    pub(crate) fn apply<T: Clone>(self, array: Array2<T>) -> Array2<T> {
        match self {
            Self::TargetSource => array,
            Self::SourceTarget => array.t().as_standard_layout().into_owned(),
        }
    }
}
