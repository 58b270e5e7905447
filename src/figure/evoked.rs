//! The figure of an evoked response.

use ndarray::{ArrayView1, ArrayView2};

use crate::error::Result;
use crate::model::Observable;
use crate::plot::{Color, Figure, Lines, Series};

/// The most regions that are drawn, each in a colour of its own.
const MOST: usize = Color::QUALITATIVE.len();

/// Draws an average over repetitions at the times `t_ms` after the onset, given with its standard error, both `[n_times, n_nodes]`: of the
/// regions that respond most, those whose average differs most from time to time, beside its error. A region that goes up and down
/// by itself differs by no more than its error. Of regions without error the largest differences count.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a series cannot be drawn.
pub fn evoked(
    [mean, error]: [ArrayView2<f64>; 2],
    t_ms: &[f64],
    shown: &Observable,
    labels: &[String],
    title: &str,
) -> Result<Figure> {
    let root_mean_square = |values: ArrayView1<f64>| {
        let squares = values.iter().map(|x| x * x).sum::<f64>();
        (squares / values.len() as f64).sqrt()
    };
    let strength = |node: usize| {
        let column = mean.column(node);
        let centre = column.sum() / column.len() as f64;
        let size = root_mean_square(column.mapv(|x| x - centre).view());
        let by_chance = root_mean_square(error.column(node));
        // Over no error at all it is beyond all others.
        let ratio = match size > 0.0 {
            true => size / by_chance,
            false => 0.0,
        };
        [ratio, size]
    };
    let strengths: Vec<[f64; 2]> = (0..mean.ncols()).map(strength).collect();
    let mut nodes: Vec<usize> = (0..mean.ncols()).collect();
    nodes.sort_by(|&a, &b| {
        let [x, y] = [strengths[b], strengths[a]];
        let order = x[0].total_cmp(&y[0]).then(x[1].total_cmp(&y[1]));
        order.then(a.cmp(&b))
    });
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
