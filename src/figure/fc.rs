//! The figure of functional connectivity.

use ndarray::{Array2, Array3, Axis};

use super::Regions;
use crate::error::Result;
use crate::plot::{Colormap, Figure, Panels};

/// Draws simulated functional connectivity, `[n_nodes, n_nodes]`, next to it the mean over
/// subjects of the measured one, `[n_subjects, n_nodes, n_nodes]`, and both in one matrix, the
/// simulated one below the diagonal; on one scale of colours. Regions of a group stand together.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a matrix cannot be drawn.
pub fn fc(
    fc: &Array2<f64>,
    measured: Option<&Array3<f64>>,
    regions: Regions,
    title: &str,
) -> Result<Figure> {
    let lowest = |matrix: &Array2<f64>| matrix.iter().copied().fold(0.0, f64::min);
    let measured = measured.and_then(|all| all.mean_axis(Axis(0)));
    let low = measured.as_ref().map_or(0.0, lowest).min(lowest(fc));
    let panel = |matrix: &Array2<f64>, title: &str| {
        let map = regions
            .map(matrix.view())
            .title(title)
            .bar_label("correlation")
            .colormap(Colormap::Viridis);
        map.vmin(low).vmax(1.0).x_label("region").y_label("region")
    };
    let mut panels = vec![panel(fc, "simulated")];
    if let Some(measured) = &measured {
        panels.push(panel(measured, "measured, mean over subjects"));
        let rank = regions.ranks();
        let both =
            Array2::from_shape_fn(fc.dim(), |(row, column)| match rank[row] > rank[column] {
                true => fc[[row, column]],
                false => measured[[row, column]],
            });
        panels.push(panel(&both, "simulated below, measured above"));
    }
    Panels::new(panels).title(title).figure()
}
