//! How shapes are filled and lines drawn.

use super::color::Color;

/// The inside of a shape and its line; each may be missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub fill: Option<Fill>,
    pub pen: Option<Pen>,
}

/// What is laid on the inside of a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fill {
    pub color: Color,
    /// From 0 to 1, which hides what is under it.
    pub opacity: f64,
}

/// What draws a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pen {
    pub color: Color,
    /// Points; nothing is drawn unless it is above 0.
    pub width: f64,
    /// With round ends and bends; otherwise ends are cut off and bends are pointed.
    pub round: bool,
    /// Lengths of a dash and of the gap after it, points.
    pub dashes: Option<[f64; 2]>,
}

impl Style {
    /// An unbroken line, `width` points wide.
    pub fn line(color: Color, width: f64) -> Self {
        Self {
            fill: None,
            pen: Some(Pen {
                color,
                width,
                round: false,
                dashes: None,
            }),
        }
    }

    /// A full area without a line.
    pub fn area(color: Color) -> Self {
        Self::faint_area(color, 1.0)
    }

    /// An area that shows what is under it.
    pub fn faint_area(color: Color, opacity: f64) -> Self {
        Self {
            fill: Some(Fill { color, opacity }),
            pen: None,
        }
    }

    /// The same with a full inside.
    pub fn filled(self, color: Color) -> Self {
        Self {
            fill: Self::area(color).fill,
            ..self
        }
    }
}
