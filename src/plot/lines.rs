//! Curves over a common x axis.

mod draw;
mod layout;

use super::arrows::Arrows;
use super::axis::{SMALL, draw_spines};
use super::canvas::{Anchor, Canvas, Rect, Text};
use super::figure::Figure;
use super::frame::{Frame, framed};
use super::notes::Note;
use super::panels::{Margins, Plot, figure};
use super::series::Series;
use super::ticks::{Range, drawable};
use crate::error::{FigureError, Result};

/// Of a few curves and of many, points.
const LINE_WIDTHS: [f64; 2] = [1.2, 0.8];
/// Columns of pixels that all curves of a plot share out among each other; this bounds the size of the SVG.
const COLUMNS: usize = 10_000;

/// Curves over a common x axis: time series, branches, scans over a parameter.
///
/// A curve of many samples is thinned to what can be seen: in every column of pixels its first, last, lowest and highest
/// sample stay, so no peak is lost and 16 curves of 60 000 samples are an SVG under half a megabyte.
#[derive(Debug, Clone)]
pub struct Lines {
    frame: Frame,
    series: Vec<Series>,
    arrows: Vec<Arrows>,
    notes: Vec<Note>,
    x_range: Option<Range>,
    y_range: Option<Range>,
    offset: bool,
    log_x: bool,
    log_y: bool,
    /// Whether the x axis counts, so that it has whole numbers only.
    whole_x: bool,
    /// In a stack, over another plot that has the numbers of the x axis.
    bare_x: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self::new()
    }
}

framed!(
    Lines,
    x: "Names the x axis, with its unit: \"time (ms)\".",
    y: "Names the y axis, with its unit.",
    size: "Sets width and height of the plot without labels, legend and title, in points."
);

impl Lines {
    /// A plot without curves yet.
    pub fn new() -> Self {
        Self {
            frame: Frame::default(),
            series: Vec::new(),
            arrows: Vec::new(),
            notes: Vec::new(),
            x_range: None,
            y_range: None,
            offset: false,
            log_x: false,
            log_y: false,
            whole_x: false,
            bare_x: false,
        }
    }

    /// The x axis from `low` to `high`; if not said, as far as the curves reach, and on to a round number that is close by.
    pub fn x_range(self, low: f64, high: f64) -> Self {
        Self {
            x_range: Some(Range { low, high }),
            ..self
        }
    }

    /// The y axis from `low` to `high`; if not said, a little further than the curves reach.
    pub fn y_range(self, low: f64, high: f64) -> Self {
        Self {
            y_range: Some(Range { low, high }),
            ..self
        }
    }

    /// Counts along the x axis: only whole numbers stand there.
    pub fn x_whole(self) -> Self {
        Self {
            whole_x: true,
            ..self
        }
    }

    /// Draws the x axis on a logarithmic scale; points that are not above 0 are left out, and so is [`x_range`](Self::x_range).
    pub fn x_log(self) -> Self {
        Self {
            log_x: true,
            ..self
        }
    }

    /// Draws the y axis on a logarithmic scale; points that are not above 0 are left out, and so is [`y_range`](Self::y_range).
    pub fn y_log(self) -> Self {
        Self {
            log_y: true,
            ..self
        }
    }

    /// Adds a curve.
    #[expect(clippy::should_implement_trait, reason = "adds a curve, not a number")]
    pub fn add(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Adds curves.
    pub fn extend(mut self, series: impl IntoIterator<Item = Series>) -> Self {
        self.series.extend(series);
        self
    }

    /// Adds arrows under the curves; what they reach has no part in the range of the axes.
    pub fn arrows(mut self, arrows: Arrows) -> Self {
        self.arrows.push(arrows);
        self
    }

    /// Writes `text` beside the point (`x`, `y`), where it covers least.
    pub fn note(mut self, x: f64, y: f64, text: impl Into<String>) -> Self {
        self.notes.push(Note {
            at: [x, y],
            text: text.into(),
        });
        self
    }

    /// Draws every curve on a level of its own, the first at the top, with its name to the left and one scale for all: for
    /// many regions.
    pub fn offset(self) -> Self {
        Self {
            offset: true,
            ..self
        }
    }

    /// Draws it as a figure of its own.
    ///
    /// # Errors
    /// [`FigureError`] if there are no curves, a curve has not as many x as y values, or a range or size is empty. A curve
    /// without a single finite number is no error: the plot says so.
    pub fn figure(&self) -> Result<Figure> {
        figure("", &[self], 1)
    }

    /// The span of the x axis, if anything can be drawn.
    pub(super) fn x_span(&self) -> Option<Range> {
        self.x_range.or_else(|| {
            self.series
                .iter()
                .filter_map(Series::x_range)
                .reduce(Range::union)
        })
    }

    /// Makes it one of a stack: its x axis has this span, and names and numbers only if it is the lowest.
    pub(super) fn share_x(&mut self, span: Option<Range>, lowest: bool) {
        self.x_range = span;
        self.bare_x = !lowest;
    }
}

impl Plot for Lines {
    fn title(&self) -> &str {
        &self.frame.title
    }

    fn check(&self) -> Result<()> {
        if self.series.is_empty() {
            return Err(FigureError::Empty {
                what: "the plot".into(),
            }
            .into());
        }
        for (key, range) in [("the x axis", self.x_range), ("the y axis", self.y_range)] {
            let Some(Range { low, high }) = range else {
                continue;
            };
            if !(drawable(low) && drawable(high) && (low < high || self.bare_x)) {
                let what = key.into();
                return Err(FigureError::Range { what, low, high }.into());
            }
        }
        super::check_size(self.area())?;
        self.series.iter().try_for_each(Series::check)
    }

    fn area(&self) -> [f64; 2] {
        let height = if self.offset {
            (12.0 * self.series.len() as f64).clamp(120.0, 600.0)
        } else {
            200.0
        };
        self.frame.size.unwrap_or([400.0, height])
    }

    fn margins(&self) -> Margins {
        let layout = self.layout();
        Margins {
            left: layout.y_axis.room(),
            right: layout.right,
            top: layout.title.room(),
            bottom: layout.x_axis.room(),
        }
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let layout = self.layout();
        layout.title.draw(
            canvas,
            area.x + area.width / 2.0,
            area.y - layout.title.room(),
        );
        let around = |margin: f64| Rect {
            x: area.x - margin,
            y: area.y - margin,
            width: area.width + 2.0 * margin,
            height: area.height + 2.0 * margin,
        };
        let points = |(i, series): (usize, &Series)| layout.points(series, &series.y, i, area);
        let points: Vec<_> = self.series.iter().enumerate().map(points).collect();
        // Lines along the edge stay whole, and so do markers there.
        canvas.clipped(around(1.0), |canvas| {
            for arrows in &self.arrows {
                arrows.draw(canvas, &layout.arrows(arrows, area));
            }
            for i in 0..self.series.len() {
                self.draw_line(canvas, i, &layout, area);
            }
        });
        canvas.clipped(around(3.0), |canvas| {
            for (i, points) in points.iter().enumerate() {
                self.draw_markers(canvas, i, points);
            }
        });
        let empty = points.iter().flatten().all(|point| point[0].is_nan());
        self.draw_notes(canvas, &layout, area);
        if empty {
            let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
            let at = Text {
                x,
                y,
                size: SMALL,
                anchor: Anchor::Middle,
                turned: false,
            };
            canvas.text(at, "no finite values");
        }
        draw_spines(canvas, area);
        layout.x_axis.draw(canvas, area);
        layout.y_axis.draw(canvas, area);
        match &layout.offset {
            Some(offset) => offset.draw_scale(canvas, layout.y, area, &self.frame.y_label),
            None => layout.legend.draw(canvas, area),
        }
    }
}
