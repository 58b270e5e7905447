//! Numbers that differ between regions, as a fit found them.

use ndarray::Array2;

use super::SMALL;
use crate::error::Result;
use crate::plot::{Color, Colormap, Figure, Lines, Marker, Panels, Series, Stroke};

/// Classes of the values that have colours of their own on a map.
const CLASSES: usize = 5;
/// Free space around a map, over its longer side.
const MARGIN: f64 = 0.06;

/// A number with a value for each region.
#[derive(Debug, Clone, PartialEq)]
pub struct OfRegions {
    /// What it is, with its unit.
    pub label: String,
    /// `[n_nodes]`.
    pub values: Vec<f64>,
}

/// Draws the values of each number over the regions, in their order; where the `centres` of the regions are known (mm, `[n_nodes, 3]`),
/// also on a map seen from above, the left of which is the left and the top the front.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
pub fn regions(title: &str, found: &[OfRegions], centres: Option<&Array2<f64>>) -> Result<Figure> {
    let panels = found.iter().flat_map(|of| {
        let map = centres.map(|centres| of.seen_from_above(centres));
        [Some(of.in_order()), map].into_iter().flatten()
    });
    let panels: Vec<Lines> = panels.collect();
    let columns = if centres.is_some() { 2 } else { 1 };
    Panels::new(panels).columns(columns).title(title).figure()
}

impl OfRegions {
    /// The values over the numbers of the regions.
    fn in_order(&self) -> Lines {
        let last = self.values.len() as f64 - 1.0;
        let x = (0..self.values.len()).map(|node| node as f64);
        let points = Series::new("", x, self.values.iter().copied()).stroke(Stroke::None);
        Lines::new()
            .x_label("region")
            .y_label(&self.label)
            .x_range(-0.5, last + 0.5)
            .size_pt(1.6 * SMALL[0], SMALL[1])
            .add(points.marker(Marker::Disc).color(Color::QUALITATIVE[0]))
    }

    /// The regions where they lie, coloured by the class of their values.
    fn seen_from_above(&self, centres: &Array2<f64>) -> Lines {
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
                [low.min(value), high.max(value)]
            })
        };
        let sides = [0, 1].map(|side| ends(&mut centres.column(side).iter().copied()));
        let lengths = sides.map(|[low, high]| high - low);
        let margin = (MARGIN * lengths[0].max(lengths[1])).max(1.0);
        let [across, up] = sides.map(|[low, high]| [low - margin, high + margin]);
        // A millimetre is as long one way as the other.
        let shape = (across[1] - across[0]) / (up[1] - up[0]);
        let mut lines = Lines::new()
            .x_label("left to right (mm)")
            .y_label("back to front (mm)")
            .x_range(across[0], across[1])
            .y_range(up[0], up[1])
            .size_pt(SMALL[1] * shape, SMALL[1]);
        let [low, high] = ends(&mut self.values.iter().copied());
        let n = if high > low { CLASSES } else { 1 };
        let width = (high - low) / n as f64;
        let class = |value: f64| match width > 0.0 {
            true => (((value - low) / width) as usize).min(n - 1),
            false => 0,
        };
        for k in 0..n {
            let members: Vec<usize> = (0..self.values.len())
                .filter(|&node| class(self.values[node]) == k)
                .collect();
            if members.is_empty() {
                continue;
            }
            let from = low + width * k as f64;
            let name = match n {
                1 => short(low),
                _ => format!("{} to {}", short(from), short(from + width)),
            };
            let of = |side: usize| members.iter().map(move |&node| centres[[node, side]]);
            // Viridis up to 0.9: white paper swallows the yellow at its end.
            let color = Colormap::Viridis.at(0.9 * k as f64 / (CLASSES - 1) as f64);
            let points = Series::new(name, of(0), of(1)).stroke(Stroke::None);
            lines = lines.add(points.marker(Marker::Disc).color(color));
        }
        lines
    }
}

/// A number with four digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    rounded.to_string()
}
