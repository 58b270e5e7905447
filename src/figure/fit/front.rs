//! What candidates of a fit reach of several objectives.

use super::SMALL;
use crate::error::Result;
use crate::plot::{Color, Figure, Lines, Marker, Panels, Series, Stroke};

/// Objectives whose pairs are drawn, at most.
const MOST_OBJECTIVES: usize = 3;

/// Candidates of a fit over their objectives.
#[derive(Debug)]
pub struct Front<'a> {
    /// The title.
    pub title: String,
    /// The objectives.
    pub labels: &'a [&'a str],
    /// `[n_candidates][n_objectives]` on the seeds of the search; NaN where there are none.
    pub candidates: &'a [Vec<f64>],
    /// The candidates than which no other is better in all objectives.
    pub front: Vec<usize>,
    /// Mean and standard error of each objective on unseen seeds, `[n_finalists][n_objectives]`.
    pub held_out: Vec<Vec<[f64; 2]>>,
}

impl Front<'_> {
    /// Draws the candidates over each pair of objectives, those on the front with a colour of their own, and the finalists on unseen
    /// seeds. Of many objectives the first are drawn.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) if it cannot be drawn.
    pub fn figure(&self) -> Result<Figure> {
        let n = self.labels.len().min(MOST_OBJECTIVES);
        let mut panels = Vec::new();
        for y in 1..n {
            for x in 0..y {
                let is_last = [x, y] == [n - 2, n - 1];
                panels.push(self.pair(x, y, is_last));
            }
        }
        let columns = panels.len();
        let figure = Panels::new(panels).columns(columns).title(&self.title);
        figure.figure()
    }

    /// The candidates over two objectives, with the legend or without.
    fn pair(&self, x: usize, y: usize, has_legend: bool) -> Lines {
        let [blue, red] = [Color::QUALITATIVE[0], Color::QUALITATIVE[1]];
        let named = |name: &str| {
            if has_legend {
                name.to_string()
            } else {
                String::new()
            }
        };
        let all = |objective: usize| self.candidates.iter().map(move |of| of[objective]);
        let on_front = |objective: usize| {
            self.front
                .iter()
                .map(move |&k| self.candidates[k][objective])
        };
        let mut lines = Lines::new()
            .x_label(self.labels[x])
            .y_label(self.labels[y])
            .size_pt(1.6 * SMALL[0], 1.6 * SMALL[1])
            .add(
                Series::new(named("candidates"), all(x), all(y))
                    .stroke(Stroke::None)
                    .marker(Marker::Dot)
                    .color(Color::INK),
            )
            .add(
                Series::new(named("front on seen seeds"), on_front(x), on_front(y))
                    .stroke(Stroke::None)
                    .marker(Marker::Disc)
                    .color(blue),
            );
        for of in &self.held_out {
            let ([a, a_error], [b, b_error]) = (of[x], of[y]);
            let across = Series::new("", [a - a_error, a + a_error], [b, b]);
            let up = Series::new("", [a, a], [b - b_error, b + b_error]);
            lines = lines.add(across.color(red)).add(up.color(red));
        }
        let finals = |objective: usize| self.held_out.iter().map(move |of| of[objective][0]);
        let finals = Series::new(named("on unseen seeds (+- s.e.)"), finals(x), finals(y));
        lines.add(
            finals
                .stroke(Stroke::None)
                .marker(Marker::Diamond)
                .color(red),
        )
    }
}
