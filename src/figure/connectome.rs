//! The figure of a connectome.

use ndarray::Axis;

use super::Regions;
use super::regions::OfMany;
use crate::connectome::{Connectome, Delays};
use crate::error::Result;
use crate::plot::{Colormap, Figure, Heatmap, Panels};

/// Draws weights, distances and measured functional connectivity side by side, as far as there are
/// any, under the title `name`. Regions of a group stand together.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a matrix cannot be drawn.
pub fn connectome(connectome: &Connectome, regions: Regions, name: &str) -> Result<Figure> {
    fn panel(regions: Regions, value: impl Fn(usize, usize) -> f64, labels: [&str; 2]) -> Heatmap {
        let [title, bar] = labels;
        let panel = regions.map(value, bar, OfMany::Largest).title(title);
        let panel = panel.colormap(Colormap::Inferno);
        panel.x_label("source region").y_label("target region")
    }
    let weights = &connectome.weights;
    let labels = ["structural connectivity", "weight"];
    let weights = panel(regions, |target, source| weights[[target, source]], labels);
    let mut panels = vec![weights.colormap(Colormap::Plasma)];
    match &connectome.delays {
        Delays::TractLengths(mm) => {
            panels.push(panel(regions, |i, k| mm[[i, k]], ["tract lengths", "mm"]))
        }
        Delays::Milliseconds(ms) => {
            panels.push(panel(regions, |i, k| ms[[i, k]], ["delays", "ms"]));
        }
        Delays::Steps(steps) => {
            let steps = |i, k| f64::from(steps[[i, k]]);
            panels.push(panel(regions, steps, ["delays", "steps"]));
        }
        Delays::None => {}
    }
    if let Some(all) = &connectome.functional
        && let Some(mean) = all.mean_axis(Axis(0))
    {
        let panel = regions.map(|i, k| mean[[i, k]], "correlation", OfMany::Mean);
        let panel = panel.title("functional connectivity, mean over subjects");
        let panel = panel.colormap(Colormap::Viridis);
        panels.push(panel.x_label("source region").y_label("target region"));
    }
    Panels::new(panels).title(name).figure()
}
