//! The figure of an evoked response.

use ndarray::ArrayView2;

use crate::error::Result;
use crate::model::Observable;
use crate::plot::{Figure, Lines, Series};

/// The most regions that are drawn.
const MOST: usize = 8;

/// Draws `mean`, `[n_times, n_nodes]`, at the times `t_ms` after the onset: of the regions that respond most, those with the largest
/// difference between their largest and smallest number.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a series cannot be drawn.
pub fn evoked(
    mean: ArrayView2<f64>,
    t_ms: &[f64],
    shown: &Observable,
    labels: &[String],
    title: &str,
) -> Result<Figure> {
    let size = |node: usize| {
        let column = mean.column(node);
        let ends = column
            .iter()
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| {
                [low.min(*x), high.max(*x)]
            });
        ends[1] - ends[0]
    };
    let mut nodes: Vec<usize> = (0..mean.ncols()).collect();
    nodes.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    nodes.truncate(MOST);
    let series = nodes.into_iter().map(|node| {
        let values = mean.column(node);
        Series::new(&labels[node], t_ms.iter().copied(), values.iter().copied())
    });
    let unit = match shown.unit {
        "1" => String::new(),
        unit => format!(" ({unit})"),
    };
    Lines::new()
        .title(title)
        .x_label("time after the onset (ms)")
        .y_label(format!("{}, {}{unit}", shown.name, shown.meaning))
        .x_range(0.0, t_ms.last().copied().unwrap_or_default())
        .extend(series.collect::<Vec<_>>())
        .figure()
}
