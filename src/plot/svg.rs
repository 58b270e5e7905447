//! Writes what is drawn as SVG.

use std::fmt::{Arguments, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::canvas::{Anchor, Element, Rect, Shape, Text, rounded};
use super::color::Color;
use super::font;
use super::style::Style;

/// The elements as a document of their own, `size` points wide and high, on white.
pub(super) fn document(elements: &[Element], size: [f64; 2], title: &str) -> String {
    let mut body = Body::default();
    body.elements(elements);
    let [w, h] = size.map(n);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"{}\" fill=\"{}\">\n<title>{}</title>\n\
         <rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n{}</svg>\n",
        font::FAMILY,
        Color::INK.hex(),
        escape(title),
        Color::PAPER.hex(),
        body.text,
    )
}

/// The elements of a document as they are written.
#[derive(Debug, Default)]
struct Body {
    text: String,
    clips: usize,
}

impl Body {
    fn elements(&mut self, elements: &[Element]) {
        for element in elements {
            match element {
                Element::Text(at, text) => self.text(*at, text),
                Element::Path(shapes, style) => {
                    let path: String = shapes.iter().map(outline).collect();
                    self.push(format_args!("<path d=\"{path}\" {}/>", attributes(style)));
                }
                Element::Rect(place, style) => self.rect(*place, &attributes(style)),
                Element::Image(place, picture) => self.image(*place, &picture.png()),
                Element::Clipped(window, inside) => self.clipped(*window, inside),
            }
        }
    }

    fn text(&mut self, at: Text, text: &str) {
        let anchor = match at.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let [x, y] = at.on_baseline().map(n);
        let place = if at.turned {
            format!("transform=\"translate({x} {y}) rotate(-90)\"")
        } else {
            format!("x=\"{x}\" y=\"{y}\"")
        };
        self.push(format_args!(
            "<text {place} font-size=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            n(at.size),
            escape(text)
        ));
    }

    fn rect(&mut self, place: Rect, attributes: &str) {
        self.push(format_args!("<rect {} {attributes}/>", sides(place)));
    }

    /// A PNG stretched over `place`, its pixels kept sharp.
    fn image(&mut self, place: Rect, png: &[u8]) {
        let data = BASE64_STANDARD.encode(png);
        self.push(format_args!(
            "<image {} preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" \
             style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{data}\"/>",
            sides(place)
        ));
    }

    fn clipped(&mut self, window: Rect, inside: &[Element]) {
        self.clips += 1;
        let name = format!("window{}", self.clips);
        self.push(format_args!("<clipPath id=\"{name}\">"));
        self.rect(window, "");
        self.push(format_args!("</clipPath>\n<g clip-path=\"url(#{name})\">"));
        self.elements(inside);
        self.push(format_args!("</g>"));
    }

    fn push(&mut self, element: Arguments) {
        writeln!(self.text, "{element}").expect("a string takes all text");
    }
}

fn sides(place: Rect) -> String {
    let [x, y, width, height] = [place.x, place.y, place.width, place.height].map(n);
    format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"")
}

fn attributes(style: &Style) -> String {
    let mut text = match style.fill {
        None => "fill=\"none\"".to_owned(),
        Some(fill) => format!("fill=\"{}\"", fill.color.hex()),
    };
    if let Some(fill) = style.fill.filter(|fill| fill.opacity < 1.0) {
        text += &format!(" fill-opacity=\"{}\"", n(fill.opacity));
    }
    if let Some(pen) = style.pen {
        let (color, width) = (pen.color.hex(), n(pen.width));
        text += &format!(" stroke=\"{color}\" stroke-width=\"{width}\"");
        if pen.round {
            text += " stroke-linejoin=\"round\" stroke-linecap=\"round\"";
        }
        if let Some([dash, gap]) = pen.dashes.map(|dashes| dashes.map(n)) {
            text += &format!(" stroke-dasharray=\"{dash} {gap}\"");
        }
    }
    text
}

/// A shape in SVG's notation.
fn outline(shape: &Shape) -> String {
    let point = |point: &[f64; 2]| {
        let [x, y] = point.map(n);
        format!("{x} {y}")
    };
    let joined = |points: &[[f64; 2]]| points.iter().map(point).collect::<Vec<_>>().join("L");
    match shape {
        Shape::Line(ends) => format!("M{}", joined(ends)),
        Shape::Polygon(corners) => format!("M{}Z", joined(corners)),
        Shape::Curve(points) => curve(points),
        Shape::Area(points) => curve(points) + "Z",
        Shape::Circle { centre, radius } => {
            let start = point(&[centre[0] - radius, centre[1]]);
            let [r, d] = [*radius, 2.0 * radius].map(n);
            format!("M{start}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0Z")
        }
        Shape::Corner(rect) => {
            let [x, y, right, bottom] = [rect.x, rect.y, rect.right(), rect.bottom()].map(n);
            format!("M{x} {y}V{bottom}H{right}")
        }
    }
}

/// A number to its hundredths, in as few characters as it needs.
fn n(value: f64) -> String {
    format!("{}", rounded(value))
}

/// A curve through `points` in SVG's relative notation, which takes about half as many characters as the absolute one.
///
/// A single point becomes a line of no length, which round caps show as a dot.
fn curve(points: &[[f64; 2]]) -> String {
    let grid = |point: &[f64; 2]| point.map(|v| (v * 100.0).round() as i64);
    let mut path = String::new();
    let mut last: Option<[i64; 2]> = None;
    for at in points.iter().map(grid) {
        let [dx, dy] = match last {
            None => at,
            Some([x, y]) => [at[0] - x, at[1] - y],
        };
        path.push_str(if last.is_none() { "M" } else { "l" });
        path.push_str(&hundredths(dx));
        if dy >= 0 {
            path.push(' ');
        }
        path.push_str(&hundredths(dy));
        last = Some(at);
    }
    if points.len() == 1 {
        path.push_str("h0");
    }
    path
}

/// `value / 100` without a needless zero: "-.25", "3", "1.5".
fn hundredths(value: i64) -> String {
    let text = format!("{}", value as f64 / 100.0);
    match text.strip_prefix("0.").or(text.strip_prefix("-0.")) {
        Some(digits) if value < 0 => format!("-.{digits}"),
        Some(digits) => format!(".{digits}"),
        None => text,
    }
}

/// `text` as XML content; a character that XML cannot hold becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        assert_eq!(
            [0.0, -0.001, 12.3456, 7.0, -0.5].map(n),
            ["0", "0", "12.35", "7", "-0.5"]
        );
        assert_eq!(
            curve(&[[1.0, 2.0], [1.5, 1.75], [1.5, 3.0]]),
            "M1 2l.5-.25l0 1.25"
        );
        assert_eq!(curve(&[[1.0, -2.0]]), "M1-2h0");
    }

    #[test]
    fn shapes_are_paths() {
        let points = || vec![[1.0, 2.0], [1.504, 1.75], [-0.001, 3.0]];
        let rect = Rect {
            x: 1.0,
            y: 2.0,
            width: 3.0,
            height: 4.5,
        };
        let circle = Shape::Circle {
            centre: [10.0, 5.0],
            radius: 2.4,
        };
        for (shape, expected) in [
            (Shape::Line([[1.0, 2.0], [3.25, 4.0]]), "M1 2L3.25 4"),
            (Shape::Polygon(points()), "M1 2L1.5 1.75L0 3Z"),
            (Shape::Curve(points()), "M1 2l.5-.25l-1.5 1.25"),
            (Shape::Area(points()), "M1 2l.5-.25l-1.5 1.25Z"),
            (Shape::Corner(rect), "M1 2V6.5H4"),
            (circle, "M7.6 5a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0Z"),
        ] {
            assert_eq!(outline(&shape), expected);
        }
    }

    #[test]
    fn styles_are_attributes() {
        let ink = Color([0, 0x22, 0xff]);
        let mut dashed = Style::line(ink, 1.25);
        let pen = dashed.pen.as_mut().unwrap();
        (pen.round, pen.dashes) = (true, Some([0.0, 3.333]));
        for (style, expected) in [
            (Style::area(ink), "fill='#0022ff'"),
            (
                Style::faint_area(ink, 0.16),
                "fill='#0022ff' fill-opacity='0.16'",
            ),
            (
                Style::line(ink, 0.6),
                "fill='none' stroke='#0022ff' stroke-width='0.6'",
            ),
            (
                Style::line(ink, 1.0).filled(Color::PAPER),
                "fill='#ffffff' stroke='#0022ff' stroke-width='1'",
            ),
            (
                dashed,
                "fill='none' stroke='#0022ff' stroke-width='1.25' stroke-linejoin='round' stroke-linecap='round' \
                 stroke-dasharray='0 3.33'",
            ),
        ] {
            assert_eq!(attributes(&style).replace('"', "'"), expected);
        }
    }

    #[test]
    fn every_window_has_a_name_of_its_own() {
        let place = Rect {
            x: 0.0,
            y: 1.0,
            width: 2.0,
            height: 3.0,
        };
        let window = |inside| Element::Clipped(place, inside);
        let elements = [window(vec![window(vec![])]), window(vec![])];
        let text = document(&elements, [10.0, 10.0], "");
        let names: Vec<&str> = text
            .split("<g clip-path=\"url(#")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
            .collect();
        assert_eq!(names, ["window1", "window2", "window3"]);
        for name in names {
            assert_eq!(text.matches(&format!("id=\"{name}\"")).count(), 1);
        }
        assert_eq!(text.matches("</g>").count(), 3);
    }

    #[test]
    fn rounding_does_not_add_up_along_a_curve() {
        let points: Vec<[f64; 2]> = (0..10_000).map(|i| [i as f64 * 0.0333, 0.0]).collect();
        let end: f64 = curve(&points)
            .split(['M', 'l'])
            .skip(1)
            .map(|step| step.split(' ').next().unwrap().parse::<f64>().unwrap())
            .sum();
        assert!((end - 9_999.0 * 0.0333).abs() < 0.006, "{end}");
    }

    #[test]
    fn names_cannot_break_the_document() {
        assert_eq!(
            escape("a<b & \"c\">\u{1}\n"),
            "a&lt;b &amp; \"c\"&gt;\u{fffd} "
        );
    }
}
