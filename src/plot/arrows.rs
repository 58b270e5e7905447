//! Arrows: a vector field, or which way curves are run through.

use super::canvas::{Canvas, Shape};
use super::color::Color;
use super::style::Style;

/// Length and half the width of an arrow's head, points.
const HEAD: [f64; 2] = [5.5, 2.2];
/// The same in a vector field.
const SMALL_HEAD: [f64; 2] = [3.0, 1.2];
/// An arrow is this power of its speed long, so that slow places still show their direction.
const FLATTENED: f64 = 0.3;

/// Arrows for [`Lines`](super::Lines), under its curves.
///
/// A direction that is not finite, or nowhere, has no arrow.
#[derive(Debug, Clone)]
pub struct Arrows {
    /// Places and directions, in the units of the axes.
    pub(super) arrows: Vec<[[f64; 2]; 2]>,
    pub(super) color: Color,
    /// Length of the longest; `None`: heads alone.
    longest_pt: Option<f64>,
}

impl Arrows {
    /// A vector field: an arrow centred at each place, the fastest `longest_pt` points long, as the page shows them, the others
    /// shorter, but by less than they are slower.
    pub fn field(arrows: impl IntoIterator<Item = [[f64; 2]; 2]>, longest_pt: f64) -> Self {
        Self {
            arrows: arrows.into_iter().collect(),
            color: Color([0xb4; 3]),
            longest_pt: Some(longest_pt),
        }
    }

    /// Heads without shafts, to be put on curves.
    pub fn heads(arrows: impl IntoIterator<Item = [[f64; 2]; 2]>) -> Self {
        Self {
            arrows: arrows.into_iter().collect(),
            color: Color::INK,
            longest_pt: None,
        }
    }

    /// Draws them in `color`.
    pub fn color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// Draws them; places and directions are now in points of the page.
    pub(super) fn draw(&self, canvas: &mut Canvas, on_page: &[[[f64; 2]; 2]]) {
        let speed = |[_, [dx, dy]]: &[[f64; 2]; 2]| dx.hypot(*dy);
        let fastest = on_page.iter().map(speed).filter(|s| s.is_finite());
        let fastest = fastest.fold(0.0, f64::max);
        let (mut shafts, mut heads) = (Vec::new(), Vec::new());
        for arrow in on_page {
            let [[x, y], [dx, dy]] = *arrow;
            let length = speed(arrow);
            if !(x.is_finite() && y.is_finite() && length > 0.0 && length.is_finite()) {
                continue;
            }
            let along = [dx / length, dy / length];
            let at = |ahead: f64, aside: f64| {
                [
                    x + ahead * along[0] - aside * along[1],
                    y + ahead * along[1] + aside * along[0],
                ]
            };
            let ([head, half], tip) = match self.longest_pt {
                None => (HEAD, 0.5 * HEAD[0]),
                Some(longest) => {
                    let tip = 0.5 * longest * (length / fastest).powf(FLATTENED);
                    let end = at(tip - 0.5 * SMALL_HEAD[0], 0.0);
                    shafts.push(Shape::Line([at(-tip, 0.0), end]));
                    (SMALL_HEAD, tip)
                }
            };
            heads.push(Shape::Polygon(vec![
                at(tip, 0.0),
                at(tip - head, half),
                at(tip - head, -half),
            ]));
        }
        canvas.path(shafts, Style::line(self.color, 0.6));
        canvas.path(heads, Style::area(self.color));
    }
}
