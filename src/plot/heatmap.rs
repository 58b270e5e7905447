//! A matrix in colours.

use ndarray::{Array2, ArrayView2};

use super::axis::{Axis, LARGE, Side, Title, hairline};
use super::bar::Bar;
use super::canvas::{Canvas, Rect, Shape};
use super::cells::Cells;
use super::color::{Color, Colormap};
use super::figure::Figure;
use super::frame::{Frame, framed};
use super::image::Picture;
use super::panels::{Margins, Plot, figure};
use super::series::Marker;
use super::style::Style;
use super::ticks::{Range, drawable};
use crate::error::{FigureError, Result};

/// Longer side of the plot, points.
const SIDE: f64 = 190.0;

/// A matrix in colours with its colour bar: a connectome, an FC, a sweep over two parameters.
///
/// Row 0 is at the top, as in a printed matrix; with [`y_values`](Self::y_values) it is at the bottom if they rise, as on an
/// axis. A cell that is not a number is grey.
#[derive(Debug, Clone)]
pub struct Heatmap {
    frame: Frame,
    bar_label: String,
    values: Array2<f64>,
    x: Cells,
    y: Cells,
    colormap: Colormap,
    low: Option<f64>,
    high: Option<f64>,
    /// Marked cells, as [row, column].
    marks: Vec<[usize; 2]>,
    /// Cells with a dot, likewise.
    dots: Vec<[usize; 2]>,
    /// Whether it has a colour bar.
    bar: bool,
}

framed!(
    Heatmap,
    x: "Says what the columns are, with a unit.",
    y: "Says what the rows are, with a unit.",
    size: "Sets width and height of the plot without labels, bar and title, in points. Left out: square \
           cells, or a plot of 4 to 3 over [`x_values`](Self::x_values) or [`y_values`](Self::y_values)."
);

impl Heatmap {
    /// The matrix `values[[row, column]]`, rows along y and columns along x.
    pub fn new<T: Into<f64> + Copy>(values: ArrayView2<T>) -> Self {
        Self {
            frame: Frame::default(),
            bar_label: String::new(),
            values: values.mapv(Into::into),
            x: Cells::default(),
            y: Cells::default(),
            colormap: Colormap::default(),
            low: None,
            high: None,
            marks: Vec::new(),
            dots: Vec::new(),
            bar: true,
        }
    }

    /// Name and unit of what the colours mean, for example "tract length (mm)".
    pub fn bar_label(self, label: impl Into<String>) -> Self {
        Self {
            bar_label: label.into(),
            ..self
        }
    }

    /// One name per column; numbers from 0 if not said. As many are written as have room.
    pub fn x_names(self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        Self {
            x: Cells::Names(names.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// One name per row, as [`x_names`](Self::x_names).
    pub fn y_names(self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        Self {
            y: Cells::Names(names.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// Rows and columns in blocks of neighbours that belong together, each with its name and how many they are: names at the middle
    /// of the blocks, and lines between them.
    pub fn blocks<N: Into<String>>(self, blocks: impl IntoIterator<Item = (N, usize)>) -> Self {
        let blocks = blocks.into_iter().map(|(name, n)| (name.into(), n));
        let blocks = Cells::Blocks(blocks.collect());
        Self {
            x: blocks.clone(),
            y: blocks,
            ..self
        }
    }

    /// Rows and columns stand for `n` things, numbered from 0 and spread evenly over them.
    pub fn spread_over(self, n: usize) -> Self {
        Self {
            x: Cells::Spread(n),
            y: Cells::Spread(n),
            ..self
        }
    }

    /// The value of a parameter at each column, at the middle of its cells. Evenly spaced ones make an axis of numbers; others
    /// are written under their cells, which stay equally wide.
    pub fn x_values(self, values: impl IntoIterator<Item: Into<f64>>) -> Self {
        Self {
            x: Cells::Values(values.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// The value of a parameter at each row, as [`x_values`](Self::x_values).
    pub fn y_values(self, values: impl IntoIterator<Item: Into<f64>>) -> Self {
        Self {
            y: Cells::Values(values.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// Which colours; viridis if not said.
    pub fn colormap(self, colormap: Colormap) -> Self {
        Self { colormap, ..self }
    }

    /// The value at the lower end of the colour bar; the least one if not said.
    pub fn vmin(self, low: f64) -> Self {
        Self {
            low: Some(low),
            ..self
        }
    }

    /// The value at the upper end of the colour bar; the greatest one if not said.
    pub fn vmax(self, high: f64) -> Self {
        Self {
            high: Some(high),
            ..self
        }
    }

    /// Leaves out the colour bar, where another map beside it has the same.
    pub fn without_bar(self) -> Self {
        Self { bar: false, ..self }
    }

    /// Draws a diamond on a cell, for example the best of a sweep. Nothing, if there is no such cell.
    pub fn mark(mut self, row: usize, column: usize) -> Self {
        self.marks.push([row, column]);
        self
    }

    /// Draws a small dot on a cell, as on all cells of a region of the map that something holds of. Nothing, if there is no such cell.
    pub fn dot(mut self, row: usize, column: usize) -> Self {
        self.dots.push([row, column]);
        self
    }

    /// Draws it as a figure of its own.
    ///
    /// # Errors
    /// [`FigureError`] if the matrix is empty, there are not as many names or values as rows or columns, or `vmin` is not
    /// below `vmax`. A matrix without a single number is no error: it is grey.
    pub fn figure(&self) -> Result<Figure> {
        figure("", &[self], 1)
    }

    /// From the lower to the upper end of the colour bar.
    fn range(&self) -> Range {
        let reach = Range::of(self.values.iter().copied()).unwrap_or(Range {
            low: 0.0,
            high: 1.0,
        });
        let range = Range {
            low: self.low.unwrap_or(reach.low),
            high: self.high.unwrap_or(reach.high),
        };
        // A given end stays, even with all values beyond it.
        let step = 1.0 + 0.1 * range.low.abs();
        match (self.low, self.high) {
            (Some(_), Some(_)) => range,
            (Some(low), None) if range.high <= low => Range {
                low,
                high: low + step,
            },
            (None, Some(high)) if range.low >= high => Range {
                low: high - step,
                high,
            },
            _ => range.widened(),
        }
    }

    fn layout(&self) -> Layout {
        let [width, height] = self.area();
        let (rows, columns) = self.values.dim();
        let range = self.range();
        let bar = Bar {
            range,
            below: self.values.iter().any(|v| *v < range.low),
            above: self.values.iter().any(|v| *v > range.high),
            missing: self.values.iter().any(|v| v.is_nan()),
        };
        let body = bar.body(Rect {
            x: 0.0,
            y: 0.0,
            width,
            height,
        });
        let bar_axis = Axis::numbers(Side::Right, range, body.height, &self.bar_label, false);
        let y_axis = self.y.axis(Side::Left, rows, height, &self.frame.y_label);
        let x_axis = self
            .x
            .axis(Side::Bottom, columns, width, &self.frame.x_label);
        let right = if self.bar {
            bar.room(&bar_axis)
        } else {
            x_axis.overhang(width)
        };
        let title = Title::new(
            &self.frame.title,
            LARGE,
            width + 2.0 * y_axis.room().min(right),
        );
        Layout {
            x_axis,
            y_axis,
            bar,
            bar_axis,
            title,
            right,
        }
    }

    /// The lines between blocks.
    fn draw_seams(&self, canvas: &mut Canvas, area: Rect) {
        let (rows, columns) = self.values.dim();
        let at_column = |column: usize| {
            let x = area.x + area.width * column as f64 / columns as f64;
            Shape::Line([[x, area.y], [x, area.bottom()]])
        };
        let at_row = |row: usize| {
            let y = area.y + area.height * row as f64 / rows as f64;
            Shape::Line([[area.x, y], [area.x + area.width, y]])
        };
        let lines = self.x.seams().into_iter().map(at_column);
        let lines = lines.chain(self.y.seams().into_iter().map(at_row));
        for line in lines {
            canvas.path(vec![line], Style::line(Color::PAPER, 0.6));
        }
    }

    fn draw_marks(&self, canvas: &mut Canvas, area: Rect) {
        let (rows, columns) = self.values.dim();
        let dots = self.dots.iter().map(|cell| (cell, Marker::Dot, 0.4));
        let marks = self.marks.iter().map(|cell| (cell, Marker::Diamond, 0.8));
        for ([row, column], marker, width) in dots.chain(marks) {
            if *row >= rows || *column >= columns {
                continue;
            }
            let x = area.x + self.x.middle(Side::Bottom, *column, columns) * area.width;
            let y = area.bottom() - self.y.middle(Side::Left, *row, rows) * area.height;
            let style = Style::line(Color::INK, width).filled(Color::PAPER);
            canvas.path(vec![marker.outline([x, y])], style);
        }
    }

    /// The matrix as it lies on the page, with its first row at the top.
    fn upright(&self) -> ArrayView2<'_, f64> {
        let mut cells = self.values.view();
        if !self.y.starts_high(Side::Left) {
            cells.invert_axis(ndarray::Axis(0));
        }
        if self.x.starts_high(Side::Bottom) {
            cells.invert_axis(ndarray::Axis(1));
        }
        cells
    }
}

struct Layout {
    x_axis: Axis,
    y_axis: Axis,
    bar: Bar,
    bar_axis: Axis,
    title: Title,
    right: f64,
}

impl Plot for Heatmap {
    fn title(&self) -> &str {
        &self.frame.title
    }

    fn check(&self) -> Result<()> {
        let (rows, columns) = self.values.dim();
        if rows == 0 || columns == 0 {
            let what = format!("the matrix of a heat map, {rows} by {columns},");
            return Err(FigureError::Empty { what }.into());
        }
        if let (Some(low), Some(high)) = (self.low, self.high)
            && low >= high
        {
            let what = "the colour scale, from vmin to vmax,".into();
            return Err(FigureError::Range { what, low, high }.into());
        }
        for (key, value) in [("vmin", self.low), ("vmax", self.high)] {
            if value.is_some_and(|v| !drawable(v)) {
                let (what, value) = (key.into(), value.unwrap_or_default());
                return Err(FigureError::NotFinite { what, value }.into());
            }
        }
        super::check_size(self.area())?;
        self.x.check("columns", columns)?;
        self.y.check("rows", rows)
    }

    fn area(&self) -> [f64; 2] {
        let (rows, columns) = self.values.dim();
        let numeric = |cells: &Cells| matches!(cells, Cells::Values(_));
        self.frame.size.unwrap_or_else(|| {
            if numeric(&self.x) || numeric(&self.y) {
                return [240.0, 180.0];
            }
            let cell = SIDE / rows.max(columns) as f64;
            [columns, rows].map(|n| (n as f64 * cell).max(SIDE / 8.0))
        })
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
        canvas.image(
            area,
            Picture::new(self.upright(), layout.bar.range, self.colormap),
        );
        self.draw_seams(canvas, area);
        self.draw_marks(canvas, area);
        canvas.rect(area, hairline());
        layout.x_axis.draw(canvas, area);
        layout.y_axis.draw(canvas, area);
        if self.bar {
            layout.bar.draw(canvas, area, self.colormap);
            layout.bar_axis.draw(canvas, layout.bar.body(area));
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_matrix_starts_at_the_top_and_a_rising_parameter_at_the_bottom() {
        let map = Heatmap::new(array![[1.0, 2.0], [3.0, 4.0]].view());
        assert_eq!(map.upright(), array![[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(
            map.clone().y_values([0.1, 0.2]).upright(),
            array![[3.0, 4.0], [1.0, 2.0]]
        );
        assert_eq!(
            map.clone().y_values([0.2, 0.1]).upright(),
            array![[1.0, 2.0], [3.0, 4.0]]
        );
        assert_eq!(
            map.x_values([0.2, 0.1]).upright(),
            array![[2.0, 1.0], [4.0, 3.0]]
        );
    }

    #[test]
    fn the_colour_bar_spans_the_values_unless_told() {
        let map = Heatmap::new(array![[1.0, f64::NAN], [3.0, 4.0]].view());
        assert_eq!(
            map.range(),
            Range {
                low: 1.0,
                high: 4.0
            }
        );
        assert_eq!(
            map.clone().vmin(0.0).range(),
            Range {
                low: 0.0,
                high: 4.0
            }
        );
        assert_eq!(map.clone().vmax(0.0).range().high, 0.0);
        assert!(map.clone().vmax(0.0).range().low < 0.0);
        assert_eq!(
            map.vmin(-1.0).vmax(1.0).range(),
            Range {
                low: -1.0,
                high: 1.0
            }
        );
    }
}
