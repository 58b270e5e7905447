//! Which numbers a key may hold. One home for the rules, so that a study file, a flag and a sweep refuse the same values.

use crate::error::{Error, Result};
use crate::model::ModelSpec;

/// The largest magnitude that a 32-bit float holds; the state path runs in 32-bit floats.
const LARGEST: f64 = f32::MAX as f64;

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// Any finite number.
    Finite,
    /// Finite and not negative.
    NotNegative,
    /// Finite and above zero.
    Positive,
    /// Finite, and something is divided by it.
    NotZero,
    /// Above zero; infinity is allowed and means "at once".
    Speed,
}

impl Range {
    /// What parameter `index` of `model` must be.
    pub fn of_parameter(model: &ModelSpec, index: usize) -> Self {
        if model
            .feedback
            .is_some_and(|feedback| feedback.delay == index)
        {
            Self::NotNegative
        } else if model.parameters[index].non_zero {
            Self::NotZero
        } else {
            Self::Finite
        }
    }

    /// Why `value` is outside, as the end of a sentence that starts "KEY is VALUE, but "; `None` if it is inside.
    pub fn objection(self, value: f64) -> Option<&'static str> {
        let finite = value.is_finite() && value.abs() <= LARGEST;
        match self {
            Self::Speed if value == f64::INFINITY => None,
            Self::Speed if !finite => {
                Some("a speed is a number of mm/ms above 0, or inf for no delays")
            }
            Self::Speed if value <= 0.0 => Some(
                "signals need a speed above 0 mm/ms to arrive at all; inf means no delays, coupling.kind = \"none\" no coupling",
            ),
            _ if !finite => {
                Some("only finite numbers below 3.4e38 are simulated (states are 32-bit floats)")
            }
            Self::NotNegative if value < 0.0 => Some("must be 0 or more"),
            Self::Positive if value <= 0.0 => Some("must be greater than 0"),
            Self::NotZero if value == 0.0 => Some("the model divides by it"),
            _ => None,
        }
    }

    /// `value`, if it is inside.
    ///
    /// # Errors
    /// [`Error::BadValue`] with `key`, the value and the rule.
    pub fn check(self, key: &str, value: f64) -> Result<f64> {
        match self.objection(value) {
            None => Ok(value),
            Some(rule) => Err(Error::bad_value(key, value, rule)),
        }
    }
}
