//! The figure of functional connectivity.

use ndarray::{Array2, Array3, Axis};

use super::Regions;
use super::regions::OfMany;
use crate::error::Result;
use crate::plot::{Colormap, Figure, Heatmap, Panels};

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
    let drawn = |map: Heatmap, title: &str| {
        let map = map.title(title).colormap(Colormap::Viridis);
        map.vmin(low).vmax(1.0).x_label("region").y_label("region")
    };
    let bar = "correlation";
    let simulated = regions.map(|i, k| fc[[i, k]], bar, OfMany::Mean);
    let mut panels = vec![drawn(simulated, "simulated")];
    if let Some(measured) = &measured {
        let map = regions.map(|i, k| measured[[i, k]], bar, OfMany::Mean);
        panels.push(drawn(map, "measured, mean over subjects"));
        let rank = regions.ranks();
        let both = |row: usize, column: usize| match rank[row] > rank[column] {
            true => fc[[row, column]],
            false => measured[[row, column]],
        };
        let map = regions.map(both, bar, OfMany::Mean);
        panels.push(drawn(map, "simulated below, measured above"));
    }
    Panels::new(panels).title(title).figure()
}
