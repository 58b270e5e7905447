//! The figure of a simulation's error against its step.

use crate::error::Result;
use crate::plot::{Color, Figure, Lines, Marker, Series, Stroke};

/// Errors of one quantity.
pub struct ErrorCurve {
    /// What it is.
    pub name: String,
    /// The error with each step, the largest step first; fewer than steps where those of the smallest are not known.
    pub errors: Vec<f64>,
}

/// Draws errors against the steps `dt_ms`, both on a logarithmic scale, beside the slope of `order`. What is 0 or not finite is left
/// out; there is no figure of nothing else.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a curve cannot be drawn.
pub fn step_error(dt_ms: &[f64], curves: &[ErrorCurve], order: f64) -> Result<Option<Figure>> {
    let is_drawn = |error: &f64| error.is_finite() && *error > 0.0;
    let all = curves.iter().flat_map(|curve| &curve.errors);
    let largest = all.copied().filter(is_drawn).fold(0.0, f64::max);
    if largest == 0.0 {
        return Ok(None);
    }
    let drawn = |curve: &&ErrorCurve| curve.errors.iter().any(is_drawn);
    let shown = curves.iter().filter(drawn);
    let series = shown.map(|curve| {
        let points = dt_ms.iter().copied().zip(curve.errors.iter().copied());
        let (x, y): (Vec<f64>, Vec<f64>) = points.filter(|(_, error)| is_drawn(error)).unzip();
        Series::new(&curve.name, x, y).marker(Marker::Disc)
    });
    let lines = Lines::new()
        .title("error against the step")
        .x_label("step (ms)")
        .y_label("estimated error")
        .x_log()
        .y_log()
        .extend(series.collect::<Vec<_>>());
    let slope = dt_ms.iter().map(|dt| largest * (dt / dt_ms[0]).powf(order));
    let slope = Series::new(format!("order {order}"), dt_ms.iter().copied(), slope);
    let lines = lines.add(slope.stroke(Stroke::Dashed).color(Color::INK));
    lines.figure().map(Some)
}
