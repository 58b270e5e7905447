//! Values of flags.

use std::str::FromStr;
use std::time::Duration;

/// A whole number, 0 or more; for flags.
pub(super) fn whole<T: FromStr>(text: &str) -> std::result::Result<T, String> {
    text.parse().map_err(|_| {
        let is_number = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        match is_number {
            true => "too large a number".into(),
            false => "expected a whole number, 0 or more".into(),
        }
    })
}

/// A time in seconds, 0 or more; for flags.
pub(super) fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok();
    let time = seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| "expected a number of seconds, 0 or more".into())
}

/// A finite number above 0; for flags.
pub(super) fn positive(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("expected a number above 0".into()),
    }
}
