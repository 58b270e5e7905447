//! The names of the curves beside a plot.

use super::axis::SMALL;
use super::canvas::{Anchor, Canvas, Rect, Text};
use super::color::Color;
use super::font;
use super::series::{Marker, Series, Stroke, fill};

/// Between the plot and the legend.
const GAP: f64 = 12.0;
/// Length of the piece of line before a name, with the gap behind it.
const SAMPLE: f64 = 18.0;
const SAMPLE_GAP: f64 = 5.0;
const LINE_WIDTH: f64 = 1.2;
/// Widest name; longer ones are shortened.
const WIDEST: f64 = 130.0;
/// From one entry to the next: at ease, and where there are many.
const PITCH: [f64; 2] = [11.5, 10.0];

/// The names of the curves beside a plot.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    stroke: Stroke,
    marker: Option<Marker>,
    color: Color,
    band: bool,
}

impl Legend {
    /// Every name once, as the first curve of that name is drawn; a curve without a name is not in it.
    pub fn of<'a>(curves: impl IntoIterator<Item = (&'a Series, Color)>) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for (series, color) in curves {
            if !series.name.is_empty() && entries.iter().all(|entry| entry.name != series.name) {
                entries.push(Entry {
                    name: series.name.clone(),
                    stroke: series.stroke,
                    marker: series.marker,
                    color,
                    band: series.is_band(),
                });
            }
        }
        for entry in &mut entries {
            entry.name = font::shorten(&entry.name, SMALL, WIDEST);
        }
        Self(entries)
    }

    /// How much of the page it takes to the right of the plot, points.
    pub fn room(&self) -> f64 {
        let widest = self.0.iter().map(|entry| font::width(&entry.name, SMALL));
        match widest.reduce(f64::max) {
            None => 0.0,
            Some(widest) => GAP + SAMPLE + SAMPLE_GAP + widest.max(40.0),
        }
    }

    /// Draws it to the right of the plot at `area`.
    pub fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let n_entries = self.0.len();
        let [wide, tight] = PITCH;
        let pitch = (area.height / n_entries.max(1) as f64).clamp(tight, wide);
        let rows = ((area.height / pitch) as usize).max(2);
        // Where not all have room, some stand for all: the colours of many curves are in order.
        let every = if n_entries <= rows {
            1
        } else {
            n_entries.div_ceil(rows - 1)
        };
        let x = area.right() + GAP;
        let mut y = area.y + 0.5 * pitch;
        let write = |canvas: &mut Canvas, x, y, text: &str| {
            let anchor = Anchor::Start;
            canvas.text(
                Text {
                    x,
                    y,
                    size: SMALL,
                    anchor,
                    turned: false,
                },
                text,
            );
        };
        for entry in self.0.iter().step_by(every) {
            if let Some(style) = entry.stroke.style(entry.color, LINE_WIDTH) {
                canvas.line([x, y], [x + SAMPLE, y], style);
            }
            if entry.band {
                let sample = Rect {
                    x,
                    y: y - 3.0,
                    width: SAMPLE,
                    height: 6.0,
                };
                canvas.rect(sample, fill(entry.color));
            }
            if let Some(marker) = entry.marker {
                let outline = marker.outline([x + SAMPLE / 2.0, y]);
                canvas.path(vec![outline], marker.style(entry.color));
            }
            write(canvas, x + SAMPLE + SAMPLE_GAP, y, &entry.name);
            y += pitch;
        }
        if every > 1 {
            write(canvas, x, y, &format!("1 in {every} of {n_entries}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_several_curves_share_is_listed_once() {
        let curves = [
            ("stable", Stroke::Solid),
            ("unstable", Stroke::Dashed),
            ("stable", Stroke::Solid),
            ("", Stroke::Solid),
        ]
        .map(|(name, stroke)| Series::new(name, [0.0, 1.0], [0.0, 1.0]).stroke(stroke));
        let legend = Legend::of(curves.iter().map(|series| (series, Color::INK)));
        let found: Vec<_> = legend
            .0
            .iter()
            .map(|entry| (entry.name.as_str(), entry.stroke))
            .collect();
        assert_eq!(
            found,
            [("stable", Stroke::Solid), ("unstable", Stroke::Dashed)]
        );
    }

    #[test]
    fn names_with_a_common_beginning_stay_entries_of_their_own() {
        let curves =
            ["left", "right"].map(|side| Series::new("long ".repeat(20) + side, [0.0], [0.0]));
        let legend = Legend::of(curves.iter().map(|series| (series, Color::INK)));
        assert_eq!(legend.0.len(), 2);
    }
}
