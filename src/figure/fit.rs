//! The figures of a fit: how its objective rose, and where in the ranges it is large.

use ndarray::Array2;

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
/// Parts of a range in which the largest objective is sought.
const PARTS: usize = 16;
/// A small panel, points.
const SMALL: [f64; 2] = [200.0, 160.0];

/// Objectives of the candidates of a fit, generation by generation.
#[derive(Debug)]
pub struct Generations<'a> {
    /// The title.
    pub title: String,
    /// The objective.
    pub label: &'a str,
    /// The generation of each candidate, from 0, `[n_candidates]`.
    pub generation: &'a [f64],
    /// `[n_candidates]`; NaN where there is none.
    pub objective: &'a [f64],
    /// Those that were run again on unseen seeds.
    pub finals: Vec<Finals>,
}

/// A candidate on seen and on unseen seeds.
#[derive(Debug, Clone, Copy)]
pub struct Finals {
    /// Its generation, from 0.
    pub generation: f64,
    /// Its objective on the seeds of the search.
    pub in_sample: f64,
    /// Its mean objective on unseen seeds.
    pub held_out: f64,
    /// The standard error of that mean.
    pub standard_error: f64,
}

impl Generations<'_> {
    /// Draws every candidate, the largest objective so far, and what is left of it on unseen seeds.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
    pub fn figure(&self) -> Result<Figure> {
        let [blue, red] = [Color::QUALITATIVE[0], Color::QUALITATIVE[1]];
        let generation = || self.generation.iter().map(|g| g + 1.0);
        let candidates = Series::new("candidates", generation(), self.objective.iter().copied())
            .stroke(Stroke::None)
            .marker(Marker::Dot)
            .color(blue);
        let mut best = f64::NAN;
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for (g, value) in generation().zip(self.objective) {
            best = best.max(*value);
            match steps.last_mut() {
                Some(last) if last.0 == g => last.1 = best,
                _ => steps.push((g, best)),
            }
        }
        let (x, y): (Vec<f64>, Vec<f64>) = steps.into_iter().unzip();
        let mut lines = Lines::new()
            .title(&self.title)
            .x_label("generation")
            .y_label(self.label)
            .add(candidates)
            .add(Series::new("best so far, on its own seeds", x, y).color(blue));
        for of in &self.finals {
            let x = of.generation + 1.0;
            let ends = [
                of.held_out - of.standard_error,
                of.held_out + of.standard_error,
            ];
            lines = lines.add(Series::new("", [x, x], ends).color(red));
        }
        let x = self.finals.iter().map(|of| of.generation + 1.0);
        let y = self.finals.iter().map(|of| of.held_out);
        let held_out = Series::new("on unseen seeds, with standard error", x, y)
            .stroke(Stroke::None)
            .marker(Marker::Diamond)
            .color(red);
        lines.add(held_out).figure()
    }
}

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
                panels.push(self.pair(x, y, panels.is_empty()));
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
        let mut known: Vec<f64> = self.objective.iter().copied().collect();
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

    fn pair(&self, x: usize, y: usize, is_first: bool) -> Lines {
        let mut lines = Lines::new()
            .x_label(self.axes[x].label())
            .y_label(self.axes[y].label())
            .size_pt(SMALL[0], SMALL[1]);
        if self.axes[x].log {
            lines = lines.x_log();
        }
        if self.axes[y].log {
            lines = lines.y_log();
        }
        let classes = self.classes();
        for (k, ([from, to], members)) in classes.iter().enumerate() {
            if members.is_empty() {
                continue;
            }
            let name = match (is_first, k) {
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
            let name = if is_first {
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
        if let Some(best) = &self.best {
            let name = if is_first { "best on unseen seeds" } else { "" };
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

/// The objective of the candidates of a fit over each free number, and the largest in each part of its
/// range: what is left of the objective if the number is held there and all others are free.
#[derive(Debug)]
pub struct Profiles<'a> {
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
}

impl Profiles<'_> {
    /// Draws a panel for each number. `None` where no candidate has an objective.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
    pub fn figure(&self) -> Result<Option<Figure>> {
        if self.objective.iter().all(|value| value.is_nan()) {
            return Ok(None);
        }
        let panels: Vec<Lines> = (0..self.axes.len()).map(|k| self.panel(k)).collect();
        let columns = panels.len().min(3);
        let figure = Panels::new(panels).columns(columns).title(&self.title);
        figure.figure().map(Some)
    }

    fn panel(&self, k: usize) -> Lines {
        let axis = &self.axes[k];
        let column = || self.values.column(k).into_iter().copied();
        let mut best: Vec<Option<usize>> = vec![None; PARTS];
        for (candidate, value) in column().enumerate() {
            let part = ((axis.share(value) * PARTS as f64) as usize).min(PARTS - 1);
            let objective = self.objective[candidate];
            if !objective.is_nan() && best[part].is_none_or(|k| objective > self.objective[k]) {
                best[part] = Some(candidate);
            }
        }
        let tops: Vec<usize> = best.into_iter().flatten().collect();
        let x = tops.iter().map(|&c| self.values[[c, k]]);
        let y = tops.iter().map(|&c| self.objective[c]);
        let [blue, red] = [Color::QUALITATIVE[0], Color::QUALITATIVE[1]];
        let (all, top) = match k {
            0 => ("candidates", "largest in each part"),
            _ => ("", ""),
        };
        let points = Series::new(all, column(), self.objective.iter().copied());
        let points = points.stroke(Stroke::None).marker(Marker::Dot).color(blue);
        let mut lines = Lines::new()
            .x_label(axis.label())
            .y_label(self.label)
            .size_pt(SMALL[0], SMALL[1])
            .add(points)
            .add(Series::new(top, x, y).color(red));
        if axis.log {
            lines = lines.x_log();
        }
        lines
    }
}
