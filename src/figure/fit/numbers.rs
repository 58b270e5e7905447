//! What a fit found for each free number: profiles, subjects side by side, truths and what was found.

use ndarray::Array2;

use super::SMALL;
use crate::error::Result;
use crate::plot::{Color, Figure, Lines, Marker, Panels, Series, Stroke};
use crate::sweep::Axis;

/// Parts of a range in which the largest objective is sought.
const PARTS: usize = 16;

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
        // The legend stands beside the last panel.
        let (all, top) = match k + 1 == self.axes.len() {
            true => ("candidates", "largest in each part"),
            false => ("", ""),
        };
        let points = Series::new(all, column(), self.objective.iter().copied());
        let points = points.stroke(Stroke::None).marker(Marker::Dot).color(blue);
        let mut lines = Lines::new()
            .x_label(axis.label())
            .y_label(self.label)
            .size_pt(SMALL[0], SMALL[1])
            .add(points)
            .add(Series::new(top, x, y).color(red));
        lines = match axis.log {
            true => lines.x_log(),
            false => lines.x_range(axis.values[0], axis.values[1]),
        };
        lines
    }
}

/// Draws the numbers that were `found` for each subject, `[n_subjects]` of a subject and its `[n_free]` numbers, beside those of the
/// `group`: a panel for each number.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
pub fn subjects(
    title: &str,
    axes: &[Axis],
    found: &[(usize, Vec<f64>)],
    group: Option<&[f64]>,
) -> Result<Figure> {
    let x = || found.iter().map(|(subject, _)| *subject as f64);
    let [first, last] = [0, found.len() - 1].map(|k| found[k].0 as f64);
    let panel = |k: usize| {
        let is_last = k + 1 == axes.len();
        let name = |text: &'static str| if is_last { text } else { "" };
        let y = found.iter().map(|(_, values)| values[k]);
        let own = Series::new(name("each subject"), x(), y).stroke(Stroke::None);
        let mut lines = Lines::new()
            .x_range(first - 0.5, last + 0.5)
            .x_whole()
            .x_label("subject")
            .y_label(axes[k].label())
            .size_pt(SMALL[0], SMALL[1])
            .add(own.marker(Marker::Disc).color(Color::QUALITATIVE[0]));
        if let Some(group) = group {
            let all = Series::new(name("all together"), [first, last], [group[k]; 2]);
            lines = lines.add(all.color(Color::QUALITATIVE[1]).stroke(Stroke::Dashed));
        }
        if axes[k].log {
            lines = lines.y_log();
        }
        lines
    };
    let columns = axes.len().min(3);
    let panels = Panels::new((0..axes.len()).map(panel));
    panels.columns(columns).title(title).figure()
}

/// True numbers and those that were found.
#[derive(Debug)]
pub struct Truths<'a> {
    /// The title.
    pub title: String,
    /// The free numbers.
    pub axes: &'a [Axis],
    /// `[n_truths][n_free]`.
    pub truths: &'a [Vec<f64>],
    /// `[n_truths][n_free]`; none where nothing was found.
    pub found: &'a [Option<Vec<f64>>],
}

/// Draws what was found against the truth: a panel for each number.
///
/// # Errors
/// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
pub fn recovery(of: &Truths) -> Result<Figure> {
    let panel = |k: usize| {
        let axis = &of.axes[k];
        let is_last = k + 1 == of.axes.len();
        let name = |text: &'static str| if is_last { text } else { "" };
        let known = of.truths.iter().zip(of.found);
        let known = known.filter_map(|(truth, found)| Some((truth[k], found.as_ref()?[k])));
        let (x, y): (Vec<f64>, Vec<f64>) = known.unzip();
        let ends = [axis.values[0], axis.values[1]];
        let equal = Series::new(name("found = true"), ends, ends);
        let found = Series::new(name("fits"), x, y).stroke(Stroke::None);
        let lines = Lines::new()
            .x_label(format!("true {}", axis.label()))
            .y_label(format!("found {}", axis.label()))
            .size_pt(SMALL[1], SMALL[1])
            .add(equal.color(Color::INK).stroke(Stroke::Dashed).width_pt(0.8))
            .add(found.marker(Marker::Disc).color(Color::QUALITATIVE[0]));
        match axis.log {
            true => lines.x_log().y_log(),
            false => lines.x_range(ends[0], ends[1]).y_range(ends[0], ends[1]),
        }
    };
    let columns = of.axes.len().min(3);
    let panels = Panels::new((0..of.axes.len()).map(panel));
    panels.columns(columns).title(&of.title).figure()
}
