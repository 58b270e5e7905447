//! What is drawn: the few elements that figures are made of.
//!
//! `svg` and `pixels` write them. Both round lengths to hundredths of a point, so that both show the same figure.

use super::figure::Figure;
use super::image::Picture;
use super::style::Style;

/// A rectangle on the page, in points; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(self) -> f64 {
        self.y + self.height
    }
}

/// Which point of a text stands at its coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Where and how a text is written; `y` is the middle of its line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Text {
    pub x: f64,
    pub y: f64,
    pub size: f64,
    pub anchor: Anchor,
    /// Reads upwards.
    pub turned: bool,
}

impl Text {
    /// Where its baseline begins, ends or has its middle.
    pub fn on_baseline(self) -> [f64; 2] {
        let drop = MIDDLE_TO_BASELINE * self.size;
        if self.turned {
            [self.x + drop, self.y]
        } else {
            [self.x, self.y + drop]
        }
    }
}

/// From the middle of a line of capitals to its baseline, over the font size.
const MIDDLE_TO_BASELINE: f64 = 0.35;

/// An outline or a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// From one end to the other.
    Line([[f64; 2]; 2]),
    /// Closed, with these corners.
    Polygon(Vec<[f64; 2]>),
    /// Through many points. A single one is a line of no length, which round caps show as a dot.
    Curve(Vec<[f64; 2]>),
    /// What a closed curve through many points surrounds.
    Area(Vec<[f64; 2]>),
    Circle {
        centre: [f64; 2],
        radius: f64,
    },
    /// The left and the lower side of a rectangle.
    Corner(Rect),
}

/// Something drawn.
#[derive(Debug, Clone)]
pub(super) enum Element {
    Text(Text, String),
    /// Shapes filled together: where they overlap, the colour is not laid on twice.
    Path(Vec<Shape>, Style),
    Rect(Rect, Style),
    /// A picture stretched over a place, its cells kept sharp.
    Image(Rect, Picture),
    /// Elements cut off at the edges of a window.
    Clipped(Rect, Vec<Element>),
}

/// A page that is drawn on; what comes later covers what was there.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    elements: Vec<Element>,
}

impl Canvas {
    pub fn text(&mut self, at: Text, text: &str) {
        self.elements.push(Element::Text(at, text.into()));
    }

    /// Draws all `shapes` in one style; nothing for no shape.
    pub fn path(&mut self, shapes: Vec<Shape>, style: Style) {
        if !shapes.is_empty() {
            self.elements.push(Element::Path(shapes, style));
        }
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], style: Style) {
        self.path(vec![Shape::Line([from, to])], style);
    }

    pub fn rect(&mut self, place: Rect, style: Style) {
        self.elements.push(Element::Rect(place, style));
    }

    pub fn image(&mut self, place: Rect, picture: Picture) {
        self.elements.push(Element::Image(place, picture));
    }

    /// What `draw` draws, cut off at the edges of `window`.
    pub fn clipped(&mut self, window: Rect, draw: impl FnOnce(&mut Self)) {
        let mut inside = Self::default();
        draw(&mut inside);
        self.elements
            .push(Element::Clipped(window, inside.elements));
    }

    /// The finished figure, `width` by `height` points on white.
    pub fn figure(self, width: f64, height: f64, title: &str) -> Figure {
        Figure::new(self.elements, [width, height], title)
    }
}

/// A length, or another number of a style, to its hundredths.
pub(super) fn rounded(value: f64) -> f64 {
    // Adding 0 makes -0 a 0.
    (value * 100.0).round() / 100.0 + 0.0
}
