//! The figures of connectomes and simulations.

use ndarray::{Array2, ArrayView2, ArrayView3, Axis};

use crate::connectome::{Connectome, Delays};
use crate::error::Result;
use crate::model::ModelSpec;
use crate::plot::{Colormap, Figure, Heatmap, Lines, Panels, Series};

/// Weights, distances and measured functional connectivity side by side, as far as there are any.
pub(super) fn connectome(connectome: &Connectome, name: &str) -> Result<Figure> {
    let panel = |matrix: ArrayView2<f64>, title: &str, bar: &str, map: Colormap| {
        let panel = Heatmap::new(matrix)
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

/// A functional connectivity.
pub(super) fn fc(fc: &Array2<f64>, title: &str) -> Result<Figure> {
    let map = Heatmap::new(fc.view())
        .title(title)
        .bar_label("correlation")
        .colormap(Colormap::Viridis);
    map.x_label("region").y_label("region").figure()
}

/// Every how many regions one is drawn.
const EVERY: usize = 5;

/// The recorded states against time, `[n_samples, n_recorded_states, n_nodes]`: every node of a small study, every fifth
/// region of a network.
pub(super) fn time_series(
    t_ms: &[f64],
    samples: ArrayView3<f32>,
    model: &ModelSpec,
    recorded: &[usize],
    labels: &[String],
    title: &str,
) -> Result<Figure> {
    let step = if labels.len() > 2 * EVERY { EVERY } else { 1 };
    let panels = recorded.iter().enumerate().map(|(r, &s)| {
        let state = &model.states[s];
        let unit = if state.unit == "1" {
            String::new()
        } else {
            format!(" ({})", state.unit)
        };
        let series = labels
            .iter()
            .enumerate()
            .step_by(step)
            .map(|(node, label)| {
                let values = samples.slice(ndarray::s![.., r, node]);
                Series::new(label, t_ms.iter().copied(), values.iter().copied())
            });
        Lines::new()
            .title(if r == 0 { title } else { "" })
            .x_label("time (ms)")
            .y_label(format!("{}, {}{unit}", state.name, state.meaning))
            .extend(series.collect::<Vec<_>>())
    });
    let mut panels: Vec<Lines> = panels.collect();
    if panels.len() == 1 {
        return panels.remove(0).figure();
    }
    Panels::stack(panels).figure()
}
