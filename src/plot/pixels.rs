//! Writes what is drawn as pixels.

use tiny_skia::{
    ColorU8, FillRule, FilterQuality, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pattern,
    Pixmap, PixmapPaint, SpreadMode, Stroke, StrokeDash, Transform,
};

use super::canvas::{Element, Rect, Shape, rounded};
use super::color::Color;
use super::image::Picture;
use super::letters;
use super::style::{Pen, Style};

/// The elements of a page `size` points wide and high, on white, `columns` by `rows` pixels.
pub(super) fn picture(elements: &[Element], size: [f64; 2], [columns, rows]: [u32; 2]) -> Pixmap {
    let mut pixels = Pixmap::new(columns, rows).expect("neither side is 0");
    pixels.fill(tiny_skia::Color::WHITE);
    let scale = |pixels: u32, points: f64| pixels as f32 / points as f32;
    let page = Transform::from_scale(scale(columns, size[0]), scale(rows, size[1]));
    let mut painter = Painter { pixels, page };
    painter.elements(elements);
    painter.pixels
}

struct Painter {
    pixels: Pixmap,
    /// From points to pixels.
    page: Transform,
}

impl Painter {
    fn elements(&mut self, elements: &[Element]) {
        for element in elements {
            match element {
                Element::Text(at, text) => {
                    if let Some(path) = letters::outlines_on_page(*at, text) {
                        self.path(&path, Style::area(Color::INK));
                    }
                }
                Element::Path(shapes, style) => {
                    let mut path = PathBuilder::new();
                    shapes.iter().for_each(|shape| trace(shape, &mut path));
                    if let Some(path) = path.finish() {
                        self.path(&path, *style);
                    }
                }
                Element::Rect(place, style) => self.path(&outline(*place), *style),
                Element::Image(place, picture) => self.image(*place, picture),
                Element::Clipped(window, inside) => self.clipped(*window, inside),
            }
        }
    }

    fn path(&mut self, path: &Path, style: Style) {
        if let Some(fill) = style.fill {
            let paint = paint(fill.color, fill.opacity);
            self.pixels
                .fill_path(path, &paint, FillRule::Winding, self.page, None);
        }
        // A stroke of no width would be drawn as a hairline.
        if let Some(pen) = style.pen.filter(|pen| rounded(pen.width) > 0.0) {
            let paint = paint(pen.color, 1.0);
            self.pixels
                .stroke_path(path, &paint, &stroke(pen), self.page, None);
        }
    }

    /// Every pixel takes the colour of the cell at its middle.
    fn image(&mut self, place: Rect, picture: &Picture) {
        let (rows, columns) = picture.cells.dim();
        let mut cells = Pixmap::new(columns as u32, rows as u32).expect("a picture has a size");
        for (cell, Color([red, green, blue])) in cells.pixels_mut().iter_mut().zip(picture.colors())
        {
            *cell = ColorU8::from_rgba(red, green, blue, 255).premultiply();
        }
        let stretch = Transform::from_row(
            hundredths(place.width) / columns as f32,
            0.0,
            0.0,
            hundredths(place.height) / rows as f32,
            hundredths(place.x),
            hundredths(place.y),
        );
        let paint = Paint {
            shader: Pattern::new(
                cells.as_ref(),
                SpreadMode::Pad,
                FilterQuality::Nearest,
                1.0,
                stretch,
            ),
            ..Paint::default()
        };
        self.pixels
            .fill_path(&outline(place), &paint, FillRule::Winding, self.page, None);
    }

    /// What is inside is put together first, so that nothing covered shows through at the edges of the window.
    fn clipped(&mut self, window: Rect, inside: &[Element]) {
        let (columns, rows) = (self.pixels.width(), self.pixels.height());
        let mut layer = Self {
            pixels: Pixmap::new(columns, rows).expect("neither side is 0"),
            page: self.page,
        };
        layer.elements(inside);
        let mut mask = Mask::new(columns, rows).expect("neither side is 0");
        mask.fill_path(&outline(window), FillRule::Winding, true, self.page);
        layer.pixels.apply_mask(&mask);
        self.pixels.draw_pixmap(
            0,
            0,
            layer.pixels.as_ref(),
            &PixmapPaint::default(),
            Transform::identity(),
            None,
        );
    }
}

fn paint(Color([red, green, blue]): Color, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    let alpha = (rounded(opacity) * 255.0).round() as u8;
    paint.set_color_rgba8(red, green, blue, alpha);
    paint
}

/// What SVG means where nothing else is said: pointed bends up to a limit of 4, ends cut off.
fn stroke(pen: Pen) -> Stroke {
    let (line_cap, line_join) = if pen.round {
        (LineCap::Round, LineJoin::Round)
    } else {
        (LineCap::Butt, LineJoin::Miter)
    };
    Stroke {
        width: hundredths(pen.width),
        miter_limit: 4.0,
        line_cap,
        line_join,
        // None for dashes and gaps of no length: an unbroken line, as in SVG.
        dash: pen
            .dashes
            .and_then(|dashes| StrokeDash::new(dashes.map(hundredths).into(), 0.0)),
    }
}

fn outline(place: Rect) -> Path {
    let [x, y, width, height] = [place.x, place.y, place.width, place.height].map(hundredths);
    let rect = tiny_skia::Rect::from_xywh(x, y, width, height).expect("no side is negative");
    PathBuilder::from_rect(rect)
}

fn trace(shape: &Shape, path: &mut PathBuilder) {
    let (points, closed): (&[[f64; 2]], bool) = match shape {
        Shape::Line(ends) => (ends, false),
        Shape::Polygon(points) | Shape::Area(points) => (points, true),
        Shape::Curve(points) => (points, false),
        Shape::Circle { centre, radius } => return circle(*centre, *radius, path),
        Shape::Corner(rect) => {
            let (x, bottom) = (rect.x, rect.bottom());
            (&[[x, rect.y], [x, bottom], [rect.right(), bottom]], false)
        }
    };
    for (i, [x, y]) in points.iter().map(|point| point.map(hundredths)).enumerate() {
        match i {
            0 => path.move_to(x, y),
            _ => path.line_to(x, y),
        }
        if points.len() == 1 {
            path.line_to(x, y);
        }
    }
    if closed {
        path.close();
    }
}

fn circle([x, y]: [f64; 2], radius: f64, path: &mut PathBuilder) {
    let [left, y, r] = [x - radius, y, radius].map(hundredths);
    let x = left + r;
    // Of the curves of third degree that stand for quarters.
    let c = r * 4.0 / 3.0 * (std::f32::consts::SQRT_2 - 1.0);
    path.move_to(left, y);
    path.cubic_to(x - r, y + c, x - c, y + r, x, y + r);
    path.cubic_to(x + c, y + r, x + r, y + c, x + r, y);
    path.cubic_to(x + r, y - c, x + c, y - r, x, y - r);
    path.cubic_to(x - c, y - r, x - r, y - c, x - r, y);
    path.close();
}

fn hundredths(value: f64) -> f32 {
    rounded(value) as f32
}

#[cfg(test)]
mod tests;
