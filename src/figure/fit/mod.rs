//! The figures of a fit: how its objective rose, and where in the ranges it is large.

mod front;
mod numbers;
mod pairs;
mod regions;

pub use front::Front;
pub use numbers::{Profiles, Truths, recovery, subjects};
pub use pairs::{Curves, Ellipse, Pairs};
pub use regions::{OfRegions, regions};

use crate::error::Result;
use crate::plot::{Color, Figure, Lines, Marker, Series, Stroke};

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
        let generation = || self.generation.iter().copied();
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
        let last = steps.last().map_or(0.0, |(g, _)| *g);
        let (x, y): (Vec<f64>, Vec<f64>) = steps.into_iter().unzip();
        let mut lines = Lines::new()
            .title(&self.title)
            .x_range(-0.5, last + 0.5)
            .x_whole()
            .x_label("generation")
            .y_label(self.label)
            .add(candidates)
            .add(Series::new("best so far, on seen seeds", x, y).color(blue));
        for of in &self.finals {
            let x = of.generation;
            let ends = [
                of.held_out - of.standard_error,
                of.held_out + of.standard_error,
            ];
            lines = lines.add(Series::new("", [x, x], ends).color(red));
        }
        let x = self.finals.iter().map(|of| of.generation);
        let y = self.finals.iter().map(|of| of.held_out);
        let held_out = Series::new("on unseen seeds (+- s.e.)", x, y)
            .stroke(Stroke::None)
            .marker(Marker::Diamond)
            .color(red);
        lines.add(held_out).figure()
    }
}
