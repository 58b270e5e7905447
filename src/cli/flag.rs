//! Values of flags.

use std::str::FromStr;

/// A whole number, 0 or more; for flags.
pub(super) fn whole<T: FromStr>(text: &str) -> std::result::Result<T, String> {
    text.parse()
        .map_err(|_| "expected a whole number, 0 or more".into())
}

/// A whole number above 0; for flags.
pub(super) fn positive_count(text: &str) -> std::result::Result<u32, String> {
    match text.parse() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err("expected a whole number, 1 or more".into()),
    }
}

/// A finite number above 0; for flags.
pub(super) fn positive(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("expected a number above 0".into()),
    }
}
