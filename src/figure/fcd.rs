//! The figure of the dynamics of functional connectivity.

use ndarray::ArrayView2;

use crate::error::Result;
use crate::plot::{Color, Colormap, Figure, Heatmap, Lines, Panel, Panels, Series, Stroke};

/// The distribution of FCD in bins.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// What it is of.
    pub name: String,
    /// The fraction of the pairs of windows in each bin.
    pub fractions: Vec<f64>,
}

/// Draws FCD, `[n_windows, n_windows]`, whose windows start at `starts_s` in seconds, and beside it its distribution and those of others
/// over bins with these `centres`; its own comes first.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if a panel cannot be drawn.
pub fn fcd(
    fcd: ArrayView2<f64>,
    starts_s: &[f64],
    centres: &[f64],
    distributions: &[Histogram],
    title: &str,
) -> Result<Figure> {
    let map = Heatmap::new(fcd)
        .title("simulated")
        .bar_label("correlation of FC")
        .colormap(Colormap::Viridis)
        .size_pt(190.0, 190.0)
        .x_values(starts_s.iter().copied())
        .y_values(starts_s.iter().copied())
        .vmax(1.0)
        .x_label("start of the window (s)")
        .y_label("start of the window (s)");
    let is_there = |k: &usize| distributions.iter().any(|one| one.fractions[*k] > 0.0);
    let mut filled = (0..centres.len()).filter(is_there);
    let first = filled.next().map_or(0, |k| k.saturating_sub(1));
    let last = filled
        .next_back()
        .map_or(centres.len() - 1, |k| (k + 1).min(centres.len() - 1));
    let mut lines = Lines::new()
        .title("distribution")
        .x_label("FCD")
        .y_label("fraction of pairs of windows")
        .size_pt(220.0, 190.0);
    for (k, one) in distributions.iter().enumerate() {
        let x = centres[first..=last].iter().copied();
        let y = one.fractions[first..=last].iter().copied();
        let series = Series::new(&one.name, x, y);
        lines = lines.add(match k {
            0 => series.color(Color::QUALITATIVE[0]).width_pt(1.6),
            _ => series
                .color(Color::QUALITATIVE[k % Color::QUALITATIVE.len()])
                .stroke(Stroke::Dashed),
        });
    }
    let panels = [Panel::from(map), Panel::from(lines)];
    Panels::new(panels).title(title).figure()
}
