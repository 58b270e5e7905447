//! The figure of functional connectivity.

use ndarray::{Array2, Array3, ArrayView2, Axis};

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
    let simulated = regions.map(|i, k| fc[[i, k]], BAR, OfMany::Mean);
    let mut panels = vec![drawn(simulated, "simulated", low)];
    if let Some(measured) = &measured {
        let map = regions.map(|i, k| measured[[i, k]], BAR, OfMany::Mean);
        panels.push(drawn(map, "measured, mean over subjects", low));
        let both = in_one(fc.view(), measured.view(), &regions);
        panels.push(drawn(both, "simulated below, measured above", low));
    }
    Panels::new(panels).title(title).figure()
}

/// Of one subject: what was simulated and what was measured, `[n_nodes, n_nodes]`.
#[derive(Debug)]
pub struct SubjectFc<'a> {
    /// What stands over its matrix.
    pub label: String,
    /// The simulated functional connectivity.
    pub simulated: ArrayView2<'a, f64>,
    /// The measured one.
    pub measured: ArrayView2<'a, f64>,
}

/// So many subjects are drawn at most, the first ones.
const MOST_SUBJECTS: usize = 20;

/// Draws a matrix for each subject, the simulated functional connectivity below the diagonal, the measured one above, all on one scale
/// of colours; of more than twenty subjects the first.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a matrix cannot be drawn.
pub fn fc_of_subjects(of: &[SubjectFc], regions: Regions, title: &str) -> Result<Figure> {
    let shown = &of[..of.len().min(MOST_SUBJECTS)];
    let all = shown.iter().flat_map(|one| [one.simulated, one.measured]);
    let low = all.flatten().copied().fold(0.0, f64::min);
    let panels = shown.iter().map(|one| {
        let both = in_one(one.simulated, one.measured, &regions);
        drawn(both, &one.label, low)
    });
    let columns = shown.len().min(4);
    Panels::new(panels.collect::<Vec<_>>())
        .columns(columns)
        .title(title)
        .figure()
}

/// What the colours are.
const BAR: &str = "correlation";

/// A matrix of correlations with its title, in colours from `low` to 1.
fn drawn(map: Heatmap, title: &str, low: f64) -> Heatmap {
    let map = map.title(title).colormap(Colormap::Viridis);
    map.vmin(low).vmax(1.0).x_label("region").y_label("region")
}

/// One matrix below the diagonal, another above, in the order in which regions are drawn.
fn in_one(below: ArrayView2<f64>, above: ArrayView2<f64>, regions: &Regions) -> Heatmap {
    let rank = regions.ranks();
    let both = |row: usize, column: usize| match rank[row] > rank[column] {
        true => below[[row, column]],
        false => above[[row, column]],
    };
    regions.map(both, BAR, OfMany::Mean)
}
