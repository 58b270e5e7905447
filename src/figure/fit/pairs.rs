//! Where in the ranges the objective of a fit is large.

use ndarray::Array2;

use super::SMALL;
use crate::error::Result;
use crate::plot::{Color, Colormap, Figure, Lines, Marker, Panels, Series, Stroke};
use crate::sweep::Axis;

/// Numbers whose pairs are drawn, at most.
const MOST_NUMBERS: usize = 5;
/// Classes of the objective that have colours of their own.
const CLASSES: usize = 6;
/// The ellipse is drawn where so many standard deviations lie.
const STANDARD_DEVIATIONS: f64 = 2.0;
/// Points of the ellipse.
const CORNERS: u32 = 72;

/// Candidates of a fit over their free numbers.
#[derive(Debug)]
pub struct Pairs<'a> {
    /// The title.
    pub title: String,
    /// The objective.
    pub label: &'a str,
    /// The free numbers.
    pub axes: &'a [Axis],
    /// `[n_candidates, n_free]`.
    pub values: &'a Array2<f64>,
    /// `[n_candidates]`; NaN where there is none.
    pub objective: &'a [f64],
    /// The free numbers of the winner.
    pub best: Option<Vec<f64>>,
    /// Where the search would have looked next.
    pub ellipse: Option<Ellipse>,
    /// Curves over two of the numbers, with what they are.
    pub curves: Option<Curves>,
}

/// Curves over two of the free numbers.
#[derive(Debug, Clone)]
pub struct Curves {
    /// What they are.
    pub name: String,
    /// The two numbers, by their place among all.
    pub axes: [usize; 2],
    /// Values of both numbers along each curve.
    pub curves: Vec<Vec<[f64; 2]>>,
}

/// A normal distribution in the unit box.
#[derive(Debug, Clone)]
pub struct Ellipse {
    /// `[n_free]`.
    pub centre: Vec<f64>,
    /// `[n_free, n_free]`, row by row.
    pub covariance: Vec<f64>,
}

impl Pairs<'_> {
    /// Draws the candidates over every pair of numbers, coloured by their objective; over a single number their objective. Of many
    /// numbers the first are drawn. `None` where no candidate has an objective.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
    pub fn figure(&self) -> Result<Option<Figure>> {
        if self.objective.iter().all(|value| value.is_nan()) {
            return Ok(None);
        }
        if self.axes.len() == 1 {
            return self.single().map(Some);
        }
        let n = self.axes.len().min(MOST_NUMBERS);
        let mut panels = Vec::new();
        for y in 1..n {
            for x in 0..y {
                let is_last = [x, y] == [n - 2, n - 1];
                panels.push(self.pair(x, y, is_last));
            }
        }
        let columns = panels.len().min(3);
        let figure = Panels::new(panels).columns(columns).title(&self.title);
        figure.figure().map(Some)
    }

    fn single(&self) -> Result<Figure> {
        let axis = &self.axes[0];
        let points = Series::new(
            "candidates",
            self.values.column(0).iter().copied(),
            self.objective.iter().copied(),
        );
        let points = points.stroke(Stroke::None).marker(Marker::Disc);
        let mut lines = Lines::new()
            .title(&self.title)
            .x_label(axis.label())
            .y_label(self.label)
            .add(points.color(Color::QUALITATIVE[0]));
        if axis.log {
            lines = lines.x_log();
        }
        lines.figure()
    }

    /// The classes of the objective, the least first: bounds, and the candidates of each.
    fn classes(&self) -> Vec<([f64; 2], Vec<usize>)> {
        let mut known = self.objective.to_vec();
        known.retain(|value| !value.is_nan());
        known.sort_by(f64::total_cmp);
        // The worst tell nothing of where the best are.
        let (low, high) = (known[known.len() / 10], known[known.len() - 1]);
        let width = (high - low) / CLASSES as f64;
        let class = |value: f64| match width > 0.0 {
            true => (((value - low) / width) as usize).min(CLASSES - 1),
            false => CLASSES - 1,
        };
        let mut classes: Vec<([f64; 2], Vec<usize>)> = (0..CLASSES)
            .map(|k| {
                let from = low + width * k as f64;
                ([from, from + width], Vec::new())
            })
            .collect();
        for (k, value) in self.objective.iter().enumerate() {
            if !value.is_nan() {
                classes[class(value.max(low))].1.push(k);
            }
        }
        classes
    }

    /// The candidates over two of the numbers, with the legend or without.
    fn pair(&self, x: usize, y: usize, has_legend: bool) -> Lines {
        let mut lines = Lines::new()
            .x_label(self.axes[x].label())
            .y_label(self.axes[y].label())
            .size_pt(SMALL[0], SMALL[1]);
        let [across, up] = [x, y].map(|k| &self.axes[k]);
        lines = match across.log {
            true => lines.x_log(),
            false => lines.x_range(across.values[0], across.values[1]),
        };
        lines = match up.log {
            true => lines.y_log(),
            false => lines.y_range(up.values[0], up.values[1]),
        };
        let classes = self.classes();
        for (k, ([from, to], members)) in classes.iter().enumerate() {
            if members.is_empty() {
                continue;
            }
            let name = match (has_legend, k) {
                (false, _) => String::new(),
                (true, 0) => format!("below {to:.3}"),
                (true, _) => format!("{from:.3} to {to:.3}"),
            };
            let of = |column: usize| members.iter().map(move |&m| self.values[[m, column]]);
            // Viridis up to 0.9: white paper swallows the yellow at its end.
            let color = Colormap::Viridis.at(0.9 * k as f64 / (CLASSES - 1) as f64);
            let points = Series::new(name, of(x), of(y)).stroke(Stroke::None);
            lines = lines.add(points.marker(Marker::Disc).color(color));
        }
        if let Some(ellipse) = &self.ellipse {
            let (across, up) = self.outline(ellipse, x, y);
            let name = if has_legend {
                "where it would look next (2 sd)"
            } else {
                ""
            };
            lines = lines.add(
                Series::new(name, across, up)
                    .color(Color::INK)
                    .width_pt(0.8),
            );
        }
        if let Some(all) = &self.curves {
            let place = |axis: usize| all.axes.iter().position(|&k| k == axis);
            if let (Some(across), Some(up)) = (place(x), place(y)) {
                for (k, curve) in all.curves.iter().enumerate() {
                    let is_named = k == 0 && x < y && has_legend;
                    let name = if is_named { all.name.as_str() } else { "" };
                    let of = |axis: usize| curve.iter().map(move |point| point[axis]);
                    let line = Series::new(name, of(across), of(up)).stroke(Stroke::Dashed);
                    lines = lines.add(line.color(Color::QUALITATIVE[1]));
                }
            }
        }
        if let Some(best) = &self.best {
            let name = if has_legend {
                "best on unseen seeds"
            } else {
                ""
            };
            let at = Series::new(name, [best[x]], [best[y]]).stroke(Stroke::None);
            lines = lines.add(at.marker(Marker::Star).color(Color::QUALITATIVE[1]));
        }
        lines
    }

    /// The outline of an ellipse over two of the numbers.
    fn outline(&self, ellipse: &Ellipse, x: usize, y: usize) -> (Vec<f64>, Vec<f64>) {
        let n = self.axes.len();
        let of = |i: usize, j: usize| ellipse.covariance[i * n + j];
        // Cholesky's factor of the two by two part.
        let a = of(x, x).sqrt();
        let b = of(x, y) / a;
        let c = (of(y, y) - b * b).max(0.0).sqrt();
        let point = |k: u32| {
            let angle = std::f64::consts::TAU * f64::from(k) / f64::from(CORNERS);
            let (sin, cos) = angle.sin_cos();
            let [u, v] = [STANDARD_DEVIATIONS * cos, STANDARD_DEVIATIONS * sin];
            let across = (ellipse.centre[x] + a * u).clamp(0.0, 1.0);
            let up = (ellipse.centre[y] + b * u + c * v).clamp(0.0, 1.0);
            (self.axes[x].inside(across), self.axes[y].inside(up))
        };
        (0..=CORNERS).map(point).unzip()
    }
}
