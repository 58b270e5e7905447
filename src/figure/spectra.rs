//! The figure of power spectra.

use ndarray::ArrayView2;

use crate::error::Result;
use crate::plot::{Color, Figure, Lines, Series, Stroke};

/// The most regions that are drawn beside the mean.
const MOST: usize = 16;

/// Power spectra, for drawing.
#[derive(Debug)]
pub struct Spectra<'a> {
    /// Hz, `[n_frequencies]`.
    pub frequencies: &'a [f64],
    /// `[n_nodes, n_frequencies]`.
    pub density: ArrayView2<'a, f64>,
    /// Name of the density, with its unit.
    pub label: String,
    /// Names and edges of bands, Hz.
    pub bands: Vec<(&'a str, [f64; 2])>,
}

impl Spectra<'_> {
    /// Draws the mean over nodes, and thin lines of evenly chosen nodes, both axes logarithmic, with dotted edges of the bands.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
    pub fn figure(&self, title: &str) -> Result<Figure> {
        let above_zero = || {
            self.frequencies
                .iter()
                .enumerate()
                .filter(|(_, f)| **f > 0.0)
        };
        let x: Vec<f64> = above_zero().map(|(_, f)| *f).collect();
        let of = |node: usize| above_zero().map(move |(k, _)| self.density[[node, k]]);
        let n_nodes = self.density.nrows();
        let mean = above_zero().map(|(k, _)| self.density.column(k).mean().unwrap_or(f64::NAN));
        let mean: Vec<f64> = mean.collect();
        let step = n_nodes.div_ceil(MOST).max(1);
        let mut lines = Lines::new()
            .title(title)
            .x_label("frequency (Hz)")
            .y_label(&self.label)
            .x_log()
            .y_log();
        let grey = Color::MISSING;
        for (k, node) in (0..n_nodes).step_by(step).enumerate() {
            let name = if k == 0 { "regions" } else { "" };
            lines = lines.add(
                Series::new(name, x.iter().copied(), of(node))
                    .color(grey)
                    .width_pt(0.5),
            );
        }
        let top = mean.iter().copied().fold(f64::NAN, f64::max);
        let bottom = mean.iter().copied().fold(f64::NAN, f64::min);
        lines = lines.add(
            Series::new("mean", x.iter().copied(), mean)
                .color(Color::QUALITATIVE[0])
                .width_pt(1.6),
        );
        for (name, [low, high]) in &self.bands {
            for edge in [low, high] {
                let edge = Series::new("", [*edge, *edge], [bottom, top]);
                lines = lines.add(edge.color(Color::INK).stroke(Stroke::Dotted).width_pt(0.6));
            }
            lines = lines.note((low * high).sqrt(), bottom, *name);
        }
        lines.figure()
    }
}
