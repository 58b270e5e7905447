//! Several plots in one figure, and the layout of any.

use super::axis::{HUGE, Title};
use super::canvas::{Canvas, Rect};
use super::figure::Figure;
use super::heatmap::Heatmap;
use super::lines::Lines;
use super::ticks::Range;
use crate::error::{FigureError, Result};

/// White around the figure, points.
const BORDER: f64 = 8.0;
/// Between neighbouring plots, points.
const GAP: f64 = 16.0;

/// One plot of [`Panels`]; made from [`Lines`] or a [`Heatmap`] by `into()`.
#[derive(Debug, Clone)]
pub enum Panel {
    /// Curves.
    Lines(Lines),
    /// A matrix.
    Heatmap(Heatmap),
}

impl From<Lines> for Panel {
    fn from(lines: Lines) -> Self {
        Self::Lines(lines)
    }
}

impl From<Heatmap> for Panel {
    fn from(heatmap: Heatmap) -> Self {
        Self::Heatmap(heatmap)
    }
}

/// What a plot needs outside of its area for labels, legend, title; points.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// What the layout asks of a plot.
pub(super) trait Plot {
    /// The title, for the document's own.
    fn title(&self) -> &str;
    /// Fails if its numbers cannot be drawn.
    fn check(&self) -> Result<()>;
    /// Width and height of the plot without its margins, points.
    fn area(&self) -> [f64; 2];
    fn margins(&self) -> Margins;
    fn draw(&self, canvas: &mut Canvas, area: Rect);
}

impl Panel {
    fn plot(&self) -> &dyn Plot {
        match self {
            Self::Lines(lines) => lines,
            Self::Heatmap(heatmap) => heatmap,
        }
    }
}

/// Several plots in one figure: a row, a grid, or a stack over one x axis.
#[derive(Debug, Clone, Default)]
pub struct Panels {
    title: String,
    panels: Vec<Panel>,
    columns: Option<usize>,
}

impl Panels {
    /// Plots side by side, in a row unless [`columns`](Self::columns) says otherwise.
    pub fn new(panels: impl IntoIterator<Item: Into<Panel>>) -> Self {
        let panels = panels.into_iter().map(Into::into).collect();
        Self {
            panels,
            ..Self::default()
        }
    }

    /// Plots under each other over the same span of x, whose numbers and name stand under the lowest only.
    pub fn stack(panels: impl IntoIterator<Item = Lines>) -> Self {
        let mut stack: Vec<Lines> = panels.into_iter().collect();
        let shared = stack
            .iter()
            .filter_map(Lines::x_span)
            .reduce(Range::union)
            .map(|span| span.widened().snapped());
        let lowest = stack.len().saturating_sub(1);
        for (i, lines) in stack.iter_mut().enumerate() {
            lines.share_x(shared, i == lowest);
        }
        Self {
            columns: Some(1),
            ..Self::new(stack)
        }
    }

    /// A title over all plots.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..self
        }
    }

    /// Starts a new row after every `columns` plots.
    pub fn columns(self, columns: usize) -> Self {
        Self {
            columns: Some(columns),
            ..self
        }
    }

    /// Draws them.
    ///
    /// # Errors
    /// [`FigureError`] if there is no plot, or a plot whose numbers cannot be drawn.
    pub fn figure(&self) -> Result<Figure> {
        let plots: Vec<&dyn Plot> = self.panels.iter().map(Panel::plot).collect();
        figure(&self.title, &plots, self.columns.unwrap_or(plots.len()))
    }
}

/// Lays the plots out on a grid whose areas are aligned, with a title over all, and draws them.
pub(super) fn figure(title: &str, plots: &[&dyn Plot], columns: usize) -> Result<Figure> {
    if plots.is_empty() {
        return Err(FigureError::Empty {
            what: "the figure".into(),
        }
        .into());
    }
    for plot in plots {
        plot.check()?;
    }
    let columns = columns.clamp(1, plots.len());
    let rows = plots.len().div_ceil(columns);
    let mut across = vec![Track::default(); columns];
    let mut down = vec![Track::default(); rows];
    for (i, plot) in plots.iter().enumerate() {
        let ([width, height], margins) = (plot.area(), plot.margins());
        across[i % columns].admit(margins.left, width, margins.right);
        down[i / columns].admit(margins.top, height, margins.bottom);
    }

    let width = (place(&mut across, BORDER) + BORDER).ceil();
    let heading = Title::new(title, HUGE, width - 2.0 * BORDER);
    let height = (place(&mut down, BORDER + heading.room()) + BORDER).ceil();

    let mut canvas = Canvas::default();
    heading.draw(&mut canvas, width / 2.0, BORDER);
    for (i, plot) in plots.iter().enumerate() {
        let [width, height] = plot.area();
        let (x, y) = (across[i % columns].start, down[i / columns].start);
        plot.draw(
            &mut canvas,
            Rect {
                x,
                y,
                width,
                height,
            },
        );
    }
    let name = if title.is_empty() {
        plots[0].title()
    } else {
        title
    };
    Ok(canvas.figure(width, height, name))
}

/// A column or a row of the grid: where its plots start and what stands before and behind them.
#[derive(Debug, Clone, Copy, Default)]
struct Track {
    before: f64,
    length: f64,
    behind: f64,
    start: f64,
}

impl Track {
    fn admit(&mut self, before: f64, length: f64, behind: f64) {
        self.before = self.before.max(before);
        self.length = self.length.max(length);
        self.behind = self.behind.max(behind);
    }
}

/// Puts the tracks one after the other from `at` on and tells where the last one ends.
fn place(tracks: &mut [Track], at: f64) -> f64 {
    let mut end = at - GAP;
    for track in tracks {
        track.start = end + GAP + track.before;
        end = track.start + track.length + track.behind;
    }
    end
}
