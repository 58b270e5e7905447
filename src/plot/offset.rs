//! Curves on levels of their own, as electroencephalograms are drawn.

use super::axis::SMALL;
use super::canvas::{Anchor, Canvas, Rect, Text};
use super::color::Color;
use super::font;
use super::series::Series;
use super::style::Style;
use super::ticks::{Range, number};

/// Least height of the scale, points, where the levels leave it less.
const LEAST_SCALE: f64 = 24.0;

/// Which level every curve is drawn at.
pub(super) struct Offset {
    /// The middle between each curve's extremes.
    middles: Vec<f64>,
    /// From one level to the next: what the liveliest curve needs.
    spacing: f64,
}

impl Offset {
    pub fn of(series: &[Series]) -> Self {
        let ranges: Vec<Option<Range>> = series.iter().map(Series::y_range).collect();
        let widest = ranges
            .iter()
            .flatten()
            .map(|range| range.high - range.low)
            .fold(0.0, f64::max);
        let middle =
            |range: &Option<Range>| range.map_or(0.0, |range| range.low / 2.0 + range.high / 2.0);
        Self {
            middles: ranges.iter().map(middle).collect(),
            spacing: if widest > 0.0 { 1.05 * widest } else { 1.0 },
        }
    }

    /// What is added to the values of curve `index`; the first stands at the top.
    pub fn shift(&self, index: usize) -> f64 {
        self.level(index) - self.middles[index]
    }

    pub fn range(&self) -> Range {
        Range {
            low: -0.6 * self.spacing,
            high: self.level(0) + 0.6 * self.spacing,
        }
    }

    /// Each curve's name at the height of its level.
    pub fn names(&self, series: &[Series]) -> Vec<(f64, String)> {
        let fraction = |i| self.range().fraction(self.level(i));
        series
            .iter()
            .enumerate()
            .map(|(i, series)| (fraction(i), series.name.clone()))
            .collect()
    }

    /// Width of the scale with its number, on a plot of this `range`, height and name of the y axis.
    pub fn room(&self, range: Range, height: f64, y_label: &str) -> f64 {
        13.0 + font::width(&self.scale_label(range, height, y_label), SMALL)
    }

    /// Draws the scale that all curves share: a bar at the right, and how much it stands for.
    pub fn draw_scale(&self, canvas: &mut Canvas, range: Range, area: Rect, y_label: &str) {
        let scale = self.scale(range, area.height);
        let half = scale / (range.high - range.low) * area.height / 2.0;
        let (x, y) = (area.right() + 8.0, area.y + area.height / 2.0);
        canvas.line([x, y - half], [x, y + half], Style::line(Color::INK, 1.5));
        let at = Text {
            x: x + 5.0,
            y,
            size: SMALL,
            anchor: Anchor::Start,
            turned: false,
        };
        canvas.text(at, &self.scale_label(range, area.height, y_label));
    }

    /// The scale with the unit that the name of the y axis ends in: "0.5 mV" for "v (mV)".
    fn scale_label(&self, range: Range, height: f64, y_label: &str) -> String {
        let scale = number(self.scale(range, height));
        let unit = y_label
            .rsplit_once('(')
            .and_then(|(_, unit)| unit.trim_end().strip_suffix(')'));
        match unit {
            None | Some("1") => scale,
            Some(unit) => format!("{scale} {unit}"),
        }
    }

    /// The largest of 1, 2 or 5 times a power of ten that the space between two levels, or the least height, holds.
    fn scale(&self, range: Range, height: f64) -> f64 {
        let most = self
            .spacing
            .max((range.high - range.low) * LEAST_SCALE / height);
        let power = 10f64.powi(most.log10().floor() as i32);
        let digit = [5.0, 2.0]
            .into_iter()
            .find(|digit| digit * power <= most)
            .unwrap_or(1.0);
        digit * power
    }

    fn level(&self, index: usize) -> f64 {
        (self.middles.len() - 1 - index) as f64 * self.spacing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_stand_on_levels_with_a_round_scale() {
        let series = [
            Series::new("a", [0.0, 1.0], [-70.0, -63.0]),
            Series::new("b", [0.0, 1.0], [f64::NAN, f64::NAN]),
            Series::new("c", [0.0, 1.0], [10.0, 10.0]),
        ];
        let offset = Offset::of(&series);
        let middles = [-66.5, 0.0, 10.0];
        let levels: Vec<f64> = (0..3).map(|i| middles[i] + offset.shift(i)).collect();
        assert!(
            levels[2].abs() < 1e-9
                && (levels[0] - 2.0 * levels[1]).abs() < 1e-9
                && levels[1] >= 7.0
        );
        assert_eq!(offset.scale_label(offset.range(), 200.0, "v (mV)"), "5 mV");
        assert_eq!(offset.scale_label(offset.range(), 200.0, "x (1)"), "5");
    }
}
