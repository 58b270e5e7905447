//! Curves, markers and notes of a plot of lines.

use super::Lines;
use super::layout::Layout;
use super::{COLUMNS, LINE_WIDTHS};
use crate::plot::canvas::{Canvas, Rect, Shape};
use crate::plot::color::Color;
use crate::plot::decimate;
use crate::plot::notes::{self, Note};
use crate::plot::series::{Stroke, fill};

impl Lines {
    pub(super) fn color(&self, index: usize) -> Color {
        let own = || {
            if self.offset {
                Color::QUALITATIVE[0]
            } else {
                Color::of_series(index, self.series.len())
            }
        };
        self.series[index].color.unwrap_or_else(own)
    }

    pub(super) fn line_width(&self) -> f64 {
        LINE_WIDTHS[usize::from(self.series.len() > 4)]
    }

    pub(super) fn draw_line(&self, canvas: &mut Canvas, index: usize, layout: &Layout, area: Rect) {
        let (series, color) = (&self.series[index], self.color(index));
        let points = &layout.points(series, &series.y, index, area);
        if series.is_band() {
            let base = layout.points(series, &series.base, index, area);
            let outline: Vec<[f64; 2]> = points
                .iter()
                .chain(base.iter().rev())
                .copied()
                .filter(|point| point[0].is_finite())
                .collect();
            if !outline.is_empty() {
                canvas.path(vec![Shape::Area(outline)], fill(color));
            }
        }
        let width = series.width_pt.unwrap_or(self.line_width());
        if let Some(style) = series.stroke.style(color, width) {
            let least = area.width.ceil() as usize;
            let columns = (COLUMNS / self.series.len()).clamp(least, 2 * least);
            let pieces = decimate::pieces(points, area.x, area.width, columns);
            canvas.path(pieces.into_iter().map(Shape::Curve).collect(), style);
        }
    }

    pub(super) fn draw_markers(&self, canvas: &mut Canvas, index: usize, points: &[[f64; 2]]) {
        let (series, color) = (&self.series[index], self.color(index));
        if let Some(marker) = series.marker {
            let seen = points
                .iter()
                .filter(|point| point.iter().all(|v| v.is_finite()));
            let outlines = seen.map(|point| marker.outline(*point)).collect();
            canvas.path(outlines, marker.style(color));
        }
    }
    pub(super) fn draw_notes(&self, canvas: &mut Canvas, layout: &Layout, area: Rect) {
        if self.notes.is_empty() {
            return;
        }
        let mut covered = Vec::new();
        for (i, series) in self.series.iter().enumerate() {
            let points = layout.points(series, &series.y, i, area);
            if series.stroke != Stroke::None {
                covered.extend(notes::along(&points));
            }
            if series.marker.is_some() {
                covered.extend(points.into_iter().flat_map(notes::around));
            }
        }
        let at: Vec<Note> = self
            .notes
            .iter()
            .map(|note| Note {
                at: layout.point(note.at, area),
                text: note.text.clone(),
            })
            .collect();
        notes::draw(canvas, &at, &covered, area);
    }
}
