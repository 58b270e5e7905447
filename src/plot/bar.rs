//! The colour bar of a heat map.

use ndarray::Array2;

use super::axis::{Axis, SMALL, hairline};
use super::canvas::{Anchor, Canvas, Rect, Shape, Text};
use super::color::{Color, Colormap};
use super::font;
use super::image::Picture;
use super::ticks::Range;

const BAR_GAP: f64 = 9.0;
const BAR_WIDTH: f64 = 9.0;
/// Height of the pointed end that says that colours go on beyond the bar.
const POINT: f64 = 7.0;
/// Names the grey of the colour bar.
const MISSING: &str = "NaN";

/// The colour bar of a plot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub range: Range,
    /// Values lie beyond its ends, or are none.
    pub below: bool,
    pub above: bool,
    pub missing: bool,
}

impl Bar {
    /// The part with the range's colours, to the right of the plot at `area`.
    pub fn body(&self, area: Rect) -> Rect {
        let point = |there: bool| if there { POINT } else { 0.0 };
        let grey = if self.missing { 2.0 * BAR_WIDTH } else { 0.0 };
        Rect {
            x: area.right() + BAR_GAP,
            y: area.y + point(self.above),
            width: BAR_WIDTH,
            height: (area.height - point(self.above) - point(self.below) - grey).max(1.0),
        }
    }

    /// Width of the page that it takes beside the plot, with `axis` at its right.
    pub fn room(&self, axis: &Axis) -> f64 {
        BAR_GAP + BAR_WIDTH + axis.room().max(font::width(MISSING, SMALL) + 7.0)
    }

    pub fn draw(&self, canvas: &mut Canvas, area: Rect, map: Colormap) {
        let body = self.body(area);
        let steps = 256;
        let descending =
            Array2::from_shape_fn((steps, 1), |(i, _)| 1.0 - i as f64 / (steps - 1) as f64);
        canvas.image(
            body,
            Picture::new(
                descending.view(),
                Range {
                    low: 0.0,
                    high: 1.0,
                },
                map,
            ),
        );
        canvas.rect(body, hairline());
        for (there, base, tip, end) in [
            (self.above, body.y, body.y - POINT, 1.0),
            (self.below, body.bottom(), body.bottom() + POINT, 0.0),
        ] {
            if there {
                let corners = vec![
                    [body.x, base],
                    [body.x + body.width / 2.0, tip],
                    [body.right(), base],
                ];
                let style = hairline().filled(map.at(end));
                canvas.path(vec![Shape::Polygon(corners)], style);
            }
        }
        if self.missing {
            let y = area.bottom() - BAR_WIDTH;
            let square = Rect {
                x: body.x,
                y,
                width: BAR_WIDTH,
                height: BAR_WIDTH,
            };
            canvas.rect(square, hairline().filled(Color::MISSING));
            let (x, y) = (square.right() + 6.5, y + BAR_WIDTH / 2.0);
            canvas.text(
                Text {
                    x,
                    y,
                    size: SMALL,
                    anchor: Anchor::Start,
                    turned: false,
                },
                MISSING,
            );
        }
    }
}
