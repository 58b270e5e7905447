//! The figures of connectomes and simulations.

use std::path::Path;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, s};

use rayon::prelude::*;

use crate::connectome::{Connectome, Delays};
use crate::error::Result;
use crate::io::atomic_write;
use crate::model::Model;
use crate::plot::{Colormap, Figure, Heatmap, Lines, Panels, Series};

/// Pixels per point in png files: 200 per inch.
pub(super) const PNG_SCALE: f64 = 200.0 / 72.0;

/// Writes every figure into `folder`, as svg and png.
pub(super) fn write_all(folder: &Path, figures: &[(&str, Figure)]) -> Result<()> {
    figures.par_iter().try_for_each(|(name, figure)| {
        let at = |ending: &str| folder.join(format!("{name}.{ending}"));
        atomic_write(&at("svg"), figure.svg().as_bytes())?;
        atomic_write(&at("png"), &figure.png(PNG_SCALE)?)
    })
}

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

/// A simulated functional connectivity, beside the measured one where there is one, on one scale of colours.
pub(super) fn fc(fc: &Array2<f64>, measured: Option<&Array3<f64>>, title: &str) -> Result<Figure> {
    let lowest = |matrix: &Array2<f64>| matrix.iter().copied().fold(0.0, f64::min);
    let measured = measured.and_then(|all| all.mean_axis(Axis(0)));
    let low = measured.as_ref().map_or(0.0, lowest).min(lowest(fc));
    let panel = |matrix: &Array2<f64>, title: &str| {
        let map = Heatmap::new(matrix.view())
            .title(title)
            .bar_label("correlation")
            .colormap(Colormap::Viridis);
        map.vmin(low).vmax(1.0).x_label("region").y_label("region")
    };
    let mut panels = vec![panel(fc, "simulated")];
    if let Some(measured) = &measured {
        panels.push(panel(measured, "measured, mean over subjects"));
    }
    Panels::new(panels).title(title).figure()
}

/// Every how many regions one is drawn.
const EVERY: usize = 5;

/// The recorded states of a run, for drawing.
pub(super) struct Traces<'a> {
    /// Time of each sample, ms.
    pub(super) t_ms: &'a [f64],
    /// `[n_samples, n_recorded_states, n_nodes]`
    pub(super) samples: ArrayView3<'a, f32>,
    /// The model.
    pub(super) model: &'static Model,
    /// The recorded states.
    pub(super) recorded: &'a [usize],
    /// Region names.
    pub(super) labels: &'a [String],
}

impl Traces<'_> {
    /// The recorded states against time, one panel per state: every node of a small study, every fifth region of a network.
    pub(super) fn time_series(&self, title: &str) -> Result<Figure> {
        let end = self.t_ms.last().copied().unwrap_or_default();
        let mut panels: Vec<Lines> = (0..self.recorded.len())
            .map(|r| {
                self.panel(r, 0)
                    .title(if r == 0 { title } else { "" })
                    .x_range(0.0, end)
            })
            .collect();
        if panels.len() == 1 {
            return panels.remove(0).figure();
        }
        Panels::stack(panels).figure()
    }

    /// The first recorded state of every fifth region one above the other, for the last `stretch_ms`.
    pub(super) fn regions(&self, stretch_ms: f64, title: &str) -> Result<Figure> {
        let end = self.t_ms.last().copied().unwrap_or_default();
        let first = self.t_ms.partition_point(|&t| t < end - stretch_ms);
        self.panel(0, first)
            .title(title)
            .x_range(end - stretch_ms, end)
            .offset()
            .figure()
    }

    /// What is recorded in place `r`, from sample `first` on.
    fn panel(&self, r: usize, first: usize) -> Lines {
        let state = self.model.observable(self.recorded[r]);
        let unit = if state.unit == "1" {
            String::new()
        } else {
            format!(" ({})", state.unit)
        };
        let step = if self.labels.len() > 2 * EVERY {
            EVERY
        } else {
            1
        };
        let series = self
            .labels
            .iter()
            .enumerate()
            .step_by(step)
            .map(|(node, label)| {
                let values = self.samples.slice(s![first.., r, node]);
                Series::new(
                    label,
                    self.t_ms[first..].iter().copied(),
                    values.iter().copied(),
                )
            });
        let label = format!("{}, {}{unit}", state.name, state.meaning);
        Lines::new()
            .x_label("time (ms)")
            .y_label(label)
            .extend(series.collect::<Vec<_>>())
    }
}
