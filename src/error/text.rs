//! What can be wrong with the text of a model or a coupling.

use super::Place;

/// A text, of a model or a coupling, that does not read.
#[derive(Debug, thiserror::Error)]
#[error("{}", .place.around(.message))]
#[non_exhaustive]
pub struct TextError {
    /// The place in the text.
    pub place: Place,
    /// What is wrong and what would be right.
    pub message: String,
}

impl TextError {
    /// An error at a place.
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { place, message }
    }
}
