//! One curve: its numbers and how they are drawn.

use super::canvas::Shape;
use super::color::Color;
use super::decimate;
use super::style::{Pen, Style};
use super::ticks::Range;
use crate::error::{FigureError, Result};

/// How a curve's line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stroke {
    /// Unbroken.
    #[default]
    Solid,
    /// Dashes; the unstable part of a branch, by custom.
    Dashed,
    /// Dots.
    Dotted,
    /// No line: markers alone.
    None,
}

/// What stands at every point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A filled circle.
    Disc,
    /// A small filled circle, for many points.
    Dot,
    /// An open circle.
    Circle,
    /// A filled square.
    Square,
    /// A filled diamond.
    Diamond,
    /// A filled triangle.
    Triangle,
    /// An open square.
    OpenSquare,
    /// An open diamond.
    OpenDiamond,
    /// An open triangle.
    OpenTriangle,
    /// A star of five points.
    Star,
}

/// A named curve for [`Lines`](super::Lines).
///
/// A point that is not a finite number leaves a gap.
#[derive(Debug, Clone)]
pub struct Series {
    pub(super) name: String,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    /// The other edge of a band; empty for a curve.
    pub(super) base: Vec<f64>,
    pub(super) stroke: Stroke,
    pub(super) width_pt: Option<f64>,
    pub(super) marker: Option<Marker>,
    pub(super) color: Option<Color>,
}

impl Series {
    /// The curve through the points (`x`, `y`), as many of one as of the other; `name` goes into the legend, unless empty.
    pub fn new<X, Y>(name: impl Into<String>, x: X, y: Y) -> Self
    where
        X: IntoIterator<Item: Into<f64>>,
        Y: IntoIterator<Item: Into<f64>>,
    {
        Self {
            name: name.into(),
            x: x.into_iter().map(Into::into).collect(),
            y: y.into_iter().map(Into::into).collect(),
            base: Vec::new(),
            stroke: Stroke::Solid,
            width_pt: None,
            marker: None,
            color: None,
        }
    }

    /// The signal whose sample `k` is `value(k)` at the time `t[k]`; the times rise evenly.
    ///
    /// Of very many samples only those are kept that a figure can show, so that a long run takes no more memory than a short one.
    pub fn signal(name: impl Into<String>, t: &[f64], value: impl Fn(usize) -> f64) -> Self {
        let seen = decimate::seen(t.len(), &value);
        let (x, y): (Vec<f64>, Vec<f64>) = seen.iter().map(|&k| (t[k], value(k))).unzip();
        Self::new(name, x, y)
    }

    /// The area between two curves over the same points, as many of each; lightly filled, without a line.
    pub fn band<X, L, H>(name: impl Into<String>, x: X, low: L, high: H) -> Self
    where
        X: IntoIterator<Item: Into<f64>>,
        L: IntoIterator<Item: Into<f64>>,
        H: IntoIterator<Item: Into<f64>>,
    {
        Self {
            base: low.into_iter().map(Into::into).collect(),
            ..Self::new(name, x, high).stroke(Stroke::None)
        }
    }

    /// The same under another name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// Draws the line so; solid if not said.
    pub fn stroke(self, stroke: Stroke) -> Self {
        Self { stroke, ..self }
    }

    /// Draws the line `width_pt` points wide; thinner the more curves there are, if not said.
    pub fn width_pt(self, width_pt: f64) -> Self {
        Self {
            width_pt: Some(width_pt),
            ..self
        }
    }

    /// Draws `marker` at every point; none if not said.
    pub fn marker(self, marker: Marker) -> Self {
        Self {
            marker: Some(marker),
            ..self
        }
    }

    /// Draws it in `color`; if not said, in one of its own ([`Color::of_series`]).
    pub fn color(self, color: Color) -> Self {
        Self {
            color: Some(color),
            ..self
        }
    }

    /// Whether it is an area.
    pub(super) fn is_band(&self) -> bool {
        !self.base.is_empty()
    }

    pub(super) fn check(&self) -> Result<()> {
        let edges_agree = self.base.is_empty() || self.base.len() == self.y.len();
        if self.x.len() == self.y.len() && edges_agree {
            return Ok(());
        }
        Err(FigureError::WrongCount {
            what: format!("series {:?}", self.name),
            found: format!("{} x and {} y values", self.x.len(), self.y.len()),
            expected: "as many of both".into(),
        }
        .into())
    }

    pub(super) fn x_range(&self) -> Option<Range> {
        Range::of(self.x.iter().copied())
    }

    pub(super) fn y_range(&self) -> Option<Range> {
        Range::of(self.y.iter().chain(&self.base).copied())
    }
}

/// Half the width of a marker, points.
pub(super) const RADIUS: f64 = 2.4;

/// How an area is filled.
pub(super) fn fill(color: Color) -> Style {
    Style::faint_area(color, 0.16)
}

impl Stroke {
    /// How a line `width` points wide is drawn; `None` if there is no line.
    pub(super) fn style(self, color: Color, width: f64) -> Option<Style> {
        // Round caps lengthen every dash by the width, so a dash of no length is a dot.
        let dashes = match self {
            Self::Solid => None,
            Self::Dashed => Some([3.5 * width, 3.5 * width]),
            Self::Dotted => Some([0.0, 2.5 * width]),
            Self::None => return None,
        };
        let pen = Pen {
            color,
            width,
            round: true,
            dashes,
        };
        Some(Style {
            fill: None,
            pen: Some(pen),
        })
    }
}

impl Marker {
    /// Its outline around (`x`, `y`).
    pub(super) fn outline(self, [x, y]: [f64; 2]) -> Shape {
        let polygon = |corners: &[[f64; 2]]| {
            let corners = corners
                .iter()
                .map(|[dx, dy]| [x + dx * RADIUS, y + dy * RADIUS]);
            Shape::Polygon(corners.collect())
        };
        let circle = |radius: f64| Shape::Circle {
            centre: [x, y],
            radius,
        };
        match self {
            Self::Disc | Self::Circle => circle(RADIUS),
            Self::Dot => circle(0.4 * RADIUS),
            Self::Square | Self::OpenSquare => {
                polygon(&[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]])
            }
            Self::Diamond | Self::OpenDiamond => {
                polygon(&[[0.0, -1.25], [1.25, 0.0], [0.0, 1.25], [-1.25, 0.0]])
            }
            Self::Triangle | Self::OpenTriangle => polygon(&[[0.0, -1.2], [1.1, 0.8], [-1.1, 0.8]]),
            Self::Star => {
                let corner = |k: usize| {
                    let turn = std::f64::consts::PI * (0.2 * k as f64 - 0.5);
                    let reach = if k.is_multiple_of(2) { 1.6 } else { 0.65 };
                    [reach * turn.cos(), reach * turn.sin()]
                };
                polygon(&std::array::from_fn::<_, 10, _>(corner))
            }
        }
    }

    /// How its outline is drawn.
    pub(super) fn style(self, color: Color) -> Style {
        match self {
            Self::Circle | Self::OpenSquare | Self::OpenDiamond | Self::OpenTriangle => {
                Style::line(color, 1.0).filled(Color::PAPER)
            }
            _ => Style::area(color),
        }
    }
}
