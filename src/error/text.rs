//! What can be wrong with the text of a model or a coupling.

use super::{Place, parted};

/// A text, of a model or a coupling, that does not read.
#[derive(Debug, thiserror::Error)]
#[error("{}", .place.around(.message))]
#[non_exhaustive]
pub struct TextError {
    /// The place in the text.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl TextError {
    /// An error at a place; `fault` is written as [`parted`] reads it.
    pub(crate) fn new(place: Place, fault: &str) -> Self {
        let (message, hint) = parted(fault);
        Self {
            place,
            message,
            hint,
        }
    }
}
