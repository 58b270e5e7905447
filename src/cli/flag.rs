//! Values of flags.

use std::str::FromStr;

/// A whole number, 0 or more; for flags.
pub(super) fn whole<T: FromStr>(text: &str) -> std::result::Result<T, String> {
    text.parse()
        .map_err(|_| "expected a whole number, 0 or more".into())
}

/// A finite number above 0; for flags.
pub(super) fn positive(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("expected a number above 0".into()),
    }
}
