//! Which numbers a key may hold. One home for the rules, so that a study file, a flag and a sweep refuse the same values.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::model::{Model, ParameterRange};

/// The largest magnitude that a 32-bit float holds; the state path runs in 32-bit floats.
const LARGEST: f64 = f32::MAX as f64;

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// Between these, both included.
    Between(f64, f64),
}

impl Range {
    /// What parameter `index` of `model` must be.
    pub fn of_parameter(model: &Model, index: usize) -> Self {
        match model.parameters[index].range {
            ParameterRange::Any if model.is_delay(index) => Self::NotNegative,
            range => Self::of(range),
        }
    }

    /// What a number with this range in its text must be.
    pub fn of(range: ParameterRange) -> Self {
        match range {
            ParameterRange::Any => Self::Finite,
            ParameterRange::NonZero => Self::NotZero,
            ParameterRange::Positive => Self::Positive,
            ParameterRange::NonNegative => Self::NotNegative,
            ParameterRange::Between(low, high) => Self::Between(low, high),
        }
    }

    /// Why some number from `low` to `high` is outside, as the end of a sentence that starts "KEY is
    /// LOW:HIGH, but "; `None` if all are inside.
    pub fn objection_between(self, [low, high]: [f64; 2]) -> Option<Cow<'static, str>> {
        match self {
            Self::NotZero if low <= 0.0 && high >= 0.0 => {
                Some("something is divided by it; take a range without 0".into())
            }
            _ => self.objection(low).or_else(|| self.objection(high)),
        }
    }

    /// Why `value` is outside, as the end of a sentence that starts "KEY is VALUE, but "; `None` if it is inside.
    pub fn objection(self, value: f64) -> Option<Cow<'static, str>> {
        let finite = value.is_finite() && value.abs() <= LARGEST;
        let plain = match self {
            Self::Speed if value == f64::INFINITY => None,
            Self::Speed if !finite => {
                Some("a speed is a number of mm/ms above 0, or inf for no delays")
            }
            Self::Speed if value <= 0.0 => {
                Some("signals need a speed above 0 mm/ms to arrive at all; inf means no delays")
            }
            _ if !finite => {
                Some("only finite numbers below 3.4e38 are simulated (states are 32-bit floats)")
            }
            Self::NotNegative if value < 0.0 => Some("must be 0 or more"),
            Self::Positive if value <= 0.0 => Some("must be greater than 0"),
            Self::NotZero if value == 0.0 => Some("the model divides by it"),
            Self::Between(low, high) if !(low..=high).contains(&value) => {
                return Some(format!("the model takes it from {low} to {high}").into());
            }
            _ => None,
        };
        plain.map(Cow::Borrowed)
    }

    /// `value`, if it is inside.
    ///
    /// # Errors
    /// [`StudyError::OutOfRange`](crate::error::StudyError::OutOfRange) with `key`, the value and the rule.
    pub fn check(self, key: &str, value: f64) -> Result<f64> {
        match self.objection(value) {
            None => Ok(value),
            Some(rule) => Err(Error::out_of_range(key, value, rule)),
        }
    }
}
