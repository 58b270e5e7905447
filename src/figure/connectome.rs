//! The figure of a connectome.

use ndarray::{ArrayView2, Axis};

use super::Regions;
use crate::connectome::{Connectome, Delays};
use crate::error::Result;
use crate::plot::{Colormap, Figure, Panels};

/// Draws weights, distances and measured functional connectivity side by side, as far as there are
/// any, under the title `name`. Regions of a group stand together.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a matrix cannot be drawn.
pub fn connectome(connectome: &Connectome, regions: Regions, name: &str) -> Result<Figure> {
    let panel = |matrix: ArrayView2<f64>, title: &str, bar: &str, map: Colormap| {
        let panel = regions
            .map(matrix)
            .title(title)
            .bar_label(bar)
            .colormap(map);
        panel.x_label("source region").y_label("target region")
    };
    let mut panels = vec![panel(
        connectome.weights.view(),
        "structural connectivity",
        "weight",
        Colormap::Plasma,
    )];
    match &connectome.delays {
        Delays::TractLengths(mm) => {
            panels.push(panel(mm.view(), "tract lengths", "mm", Colormap::Inferno))
        }
        Delays::Milliseconds(ms) => {
            panels.push(panel(ms.view(), "delays", "ms", Colormap::Inferno))
        }
        Delays::Steps(steps) => {
            panels.push(panel(
                steps.mapv(f64::from).view(),
                "delays",
                "steps",
                Colormap::Inferno,
            ));
        }
        Delays::None => {}
    }
    if let Some(mean) = connectome
        .functional
        .as_ref()
        .and_then(|all| all.mean_axis(Axis(0)))
    {
        let title = "functional connectivity, mean over subjects";
        panels.push(panel(mean.view(), title, "correlation", Colormap::Viridis));
    }
    Panels::new(panels).title(name).figure()
}
