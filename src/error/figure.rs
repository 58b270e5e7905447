//! What can be wrong with what is to be drawn.

/// A figure that cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// A figure without anything in it.
    #[error("{what} is empty: there is nothing to draw")]
    Empty {
        /// What is empty.
        what: String,
    },
    /// A value that cannot be drawn.
    #[error("{what} is {value}, but only finite numbers can be drawn")]
    NotFinite {
        /// The value's name.
        what: String,
        /// The value.
        value: f64,
    },
    /// Lists that must be equally long and are not.
    #[error("{what}: found {found}, expected {expected}")]
    WrongCount {
        /// What the lists belong to.
        what: String,
        /// The lengths found.
        found: String,
        /// The lengths wanted.
        expected: String,
    },
    /// An axis or a colour scale whose ends are not in order.
    #[error("{what} goes from {low} to {high}, but must rise and be finite")]
    Range {
        /// What it is the range of.
        what: String,
        /// Its first end.
        low: f64,
        /// Its second end.
        high: f64,
    },
    /// A size or a resolution that cannot be drawn.
    #[error("{what} is {found}, but must be {rule}")]
    Size {
        /// What has the size.
        what: &'static str,
        /// The size.
        found: String,
        /// What is allowed.
        rule: &'static str,
    },
}
