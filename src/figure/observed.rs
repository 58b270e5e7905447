//! The figure of what a monitor shows.

use ndarray::ArrayView2;

use crate::error::Result;
use crate::model::Output;
use crate::plot::{Figure, Lines, Series};

/// The most regions that are drawn.
const MOST: usize = 16;

/// Draws `samples`, `[n_samples, n_nodes]`, at the times `t_s` in seconds, one region above the other: all of a small study, evenly
/// chosen ones of a network.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a series cannot be drawn.
pub fn observed(
    samples: ArrayView2<f32>,
    t_s: &[f64],
    shown: &Output,
    labels: &[String],
    title: &str,
) -> Result<Figure> {
    let step = labels.len().div_ceil(MOST).max(1);
    let series = labels
        .iter()
        .enumerate()
        .step_by(step)
        .map(|(node, label)| {
            let values = samples.column(node);
            Series::signal(label, t_s, |k| f64::from(values[k]))
        });
    let unit = match shown.unit {
        "1" => String::new(),
        unit => format!(" ({unit})"),
    };
    let first = t_s.first().copied().unwrap_or_default();
    let last = t_s.last().copied().unwrap_or_default();
    Lines::new()
        .title(title)
        .x_label("time (s)")
        .y_label(format!("{}, {}{unit}", shown.name, shown.meaning))
        .x_range(first, last)
        .extend(series.collect::<Vec<_>>())
        .offset()
        .figure()
}
