//! One curve: its numbers and how they are drawn.

use super::canvas::n;
use super::color::Color;
use super::ticks::Range;
use crate::{Error, Result};

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
        let found = format!("{} x and {} y values", self.x.len(), self.y.len());
        Err(Error::bad_value(
            format!("series {:?}", self.name),
            found,
            "every point needs both",
        ))
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

/// How an area is filled, as SVG attributes.
pub(super) fn fill(color: Color) -> String {
    format!("fill=\"{}\" fill-opacity=\"0.16\"", color.hex())
}

impl Stroke {
    /// As SVG attributes for a line `width` points wide; `None` if there is no line.
    pub(super) fn style(self, color: Color, width: f64) -> Option<String> {
        // Round caps lengthen every dash by the width, so a dash of no length is a dot.
        let dashes = match self {
            Self::Solid => String::new(),
            Self::Dashed => format!(
                " stroke-dasharray=\"{} {}\"",
                n(3.5 * width),
                n(3.5 * width)
            ),
            Self::Dotted => format!(" stroke-dasharray=\"0 {}\"", n(2.5 * width)),
            Self::None => return None,
        };
        Some(format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dashes}",
            color.hex(),
            n(width),
        ))
    }
}

impl Marker {
    /// Its outline around (`x`, `y`).
    pub(super) fn outline(self, [x, y]: [f64; 2]) -> String {
        let polygon = |corners: &[[f64; 2]]| {
            let corners = corners
                .iter()
                .map(|[dx, dy]| format!("{} {}", n(x + dx * RADIUS), n(y + dy * RADIUS)));
            format!("M{}Z", corners.collect::<Vec<_>>().join("L"))
        };
        match self {
            Self::Disc | Self::Circle | Self::Dot => {
                let radius = if self == Self::Dot {
                    0.4 * RADIUS
                } else {
                    RADIUS
                };
                let [r, d, left, y] = [radius, 2.0 * radius, x - radius, y].map(n);
                format!("M{left} {y}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0Z")
            }
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

    /// As SVG attributes.
    pub(super) fn style(self, color: Color) -> String {
        let color = color.hex();
        match self {
            Self::Circle | Self::OpenSquare | Self::OpenDiamond | Self::OpenTriangle => {
                format!("fill=\"#ffffff\" stroke=\"{color}\" stroke-width=\"1\"")
            }
            _ => format!("fill=\"{color}\""),
        }
    }
}
