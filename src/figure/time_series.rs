//! The figures of time series.

use ndarray::{ArrayView3, s};

use crate::error::Result;
use crate::model::Model;
use crate::plot::{Figure, Lines, Panels, Series};

/// One region in so many is drawn.
const EVERY: usize = 5;

/// The recorded states of a simulation, for drawing.
pub struct Traces<'a> {
    /// Time of each sample, ms.
    pub t_ms: &'a [f64],
    /// `[n_samples, n_recorded_states, n_nodes]`
    pub samples: ArrayView3<'a, f32>,
    /// The model.
    pub model: &'static Model,
    /// The recorded states.
    pub recorded: &'a [usize],
    /// Region names.
    pub labels: &'a [String],
}

impl Traces<'_> {
    /// Draws the recorded states against time, one panel per state: every node of a small study;
    /// every fifth region of a network, one above the other.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if a series cannot be drawn.
    pub fn time_series(&self, title: &str) -> Result<Figure> {
        let end = self.t_ms.last().copied().unwrap_or_default();
        let mut panels: Vec<Lines> = (0..self.recorded.len())
            .map(|r| {
                let panel = self
                    .panel(r, 0)
                    .title(if r == 0 { title } else { "" })
                    .x_range(0.0, end);
                match self.step() > 1 {
                    true => panel.offset(),
                    false => panel,
                }
            })
            .collect();
        if panels.len() == 1 {
            return panels.remove(0).figure();
        }
        Panels::stack(panels).figure()
    }

    /// Draws the first recorded state of every fifth region, one above the other, for the last
    /// `stretch_ms`.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if a series cannot be drawn.
    pub fn regions(&self, stretch_ms: f64, title: &str) -> Result<Figure> {
        let end = self.t_ms.last().copied().unwrap_or_default();
        let first = self.t_ms.partition_point(|&t| t < end - stretch_ms);
        self.panel(0, first)
            .title(title)
            .x_range(end - stretch_ms, end)
            .offset()
            .figure()
    }

    /// From one region that is drawn to the next.
    fn step(&self) -> usize {
        match self.labels.len() > 2 * EVERY {
            true => EVERY,
            false => 1,
        }
    }

    /// The panel of recorded state number `r`, from sample `first` on.
    fn panel(&self, r: usize, first: usize) -> Lines {
        let state = self.model.observable(self.recorded[r]);
        let unit = if state.unit == "1" {
            String::new()
        } else {
            format!(" ({})", state.unit)
        };
        let series = self
            .labels
            .iter()
            .enumerate()
            .step_by(self.step())
            .map(|(node, label)| {
                let values = self.samples.slice(s![first.., r, node]);
                Series::signal(label, &self.t_ms[first..], |k| f64::from(values[k]))
            });
        let label = format!("{}, {}{unit}", state.name, state.meaning);
        Lines::new()
            .x_label("time (ms)")
            .y_label(label)
            .extend(series.collect::<Vec<_>>())
    }
}
