//! Writes SVG: the few elements that figures are made of.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::color::Color;
use super::figure::Figure;
use super::font;

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

/// The SVG text as it grows.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    body: String,
    clips: usize,
    texts: Vec<(Text, String)>,
}

impl Canvas {
    pub fn text(&mut self, at: Text, text: &str) {
        self.texts.push((at, text.into()));
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

    /// Lines or outlines: `path` in SVG's notation, `style` its further attributes.
    pub fn path(&mut self, path: &str, style: &str) {
        self.push(format_args!("<path d=\"{path}\" {style}/>"));
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], style: &str) {
        let [[x1, y1], [x2, y2]] = [from, to].map(|point| point.map(n));
        self.push(format_args!("<path d=\"M{x1} {y1}L{x2} {y2}\" {style}/>"));
    }

    pub fn rect(
        &mut self,
        Rect {
            x,
            y,
            width,
            height,
        }: Rect,
        style: &str,
    ) {
        let [x, y, width, height] = [x, y, width, height].map(n);
        self.push(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {style}/>"
        ));
    }

    /// A PNG stretched over `place`, its pixels kept sharp.
    pub fn image(
        &mut self,
        Rect {
            x,
            y,
            width,
            height,
        }: Rect,
        png: &[u8],
    ) {
        let [x, y, width, height] = [x, y, width, height].map(n);
        let data = BASE64_STANDARD.encode(png);
        self.push(format_args!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
             image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" \
             href=\"data:image/png;base64,{data}\"/>"
        ));
    }

    /// What `draw` draws, cut off at the edges of `window`.
    pub fn clipped(&mut self, window: Rect, draw: impl FnOnce(&mut Self)) {
        self.clips += 1;
        let name = format!("window{}", self.clips);
        self.push(format_args!("<clipPath id=\"{name}\">"));
        self.rect(window, "");
        self.push(format_args!("</clipPath>\n<g clip-path=\"url(#{name})\">"));
        draw(self);
        self.push(format_args!("</g>"));
    }

    /// The finished figure, `width` by `height` points on white.
    pub fn figure(self, width: f64, height: f64, title: &str) -> Figure {
        let [w, h] = [n(width), n(height)];
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"{}\" fill=\"{}\">\n<title>{}</title>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            font::FAMILY,
            Color::INK.hex(),
            escape(title),
            self.body,
        );
        Figure::new(svg, [width, height], self.texts)
    }

    fn push(&mut self, element: std::fmt::Arguments) {
        writeln!(self.body, "{element}").expect("a string takes all text");
    }
}

/// A coordinate to a hundredth of a point, in as few characters as it needs.
pub(super) fn n(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Adding 0 makes -0 a 0.
    format!("{}", rounded + 0.0)
}

/// A curve through `points` in SVG's relative notation, which takes about half as many characters as the absolute one.
///
/// A single point becomes a line of no length, which round caps show as a dot.
pub(super) fn curve(points: &[[f64; 2]]) -> String {
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
