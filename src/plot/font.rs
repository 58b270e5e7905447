//! The embedded font: how wide a text is, and how it is made to fit.

use std::sync::LazyLock;

use ttf_parser::Face;

/// Liberation Sans Regular 2.1.5, SIL Open Font License 1.1 (`data/fonts/LICENSE-OFL-1.1.txt`).
static BYTES: &[u8] = include_bytes!("../../data/fonts/LiberationSans-Regular.ttf");

/// What an SVG asks for: fonts of the same widths first, so that the layout holds in any viewer.
pub(super) const FAMILY: &str = "Liberation Sans, Arial, Helvetica, sans-serif";

/// Height of a line of text over its font size.
pub(super) const LINE_HEIGHT: f64 = 1.2;

/// The font that widths are of and PNGs are drawn with, so that both are the same on every machine.
pub(super) static FONT: LazyLock<Face<'static>> =
    LazyLock::new(|| Face::parse(BYTES, 0).expect("the embedded font is a font"));

/// Width of a character in thousandths of the font size; one that the font lacks counts as wide as an "m".
fn advance(c: char) -> f32 {
    let em = f32::from(FONT.units_per_em());
    let glyph = FONT.glyph_index(c);
    let advance = glyph.and_then(|glyph| FONT.glyph_hor_advance(glyph));
    advance.map_or(833.0, |advance| f32::from(advance) * 1000.0 / em)
}

/// Width of `text` in points at `size` points.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let per_mille: f32 = text.chars().map(advance).sum();
    f64::from(per_mille) * size / 1000.0
}

/// `text`, or as much of its beginning as fits into `room` with an ellipsis behind.
pub(super) fn shorten(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let mut per_mille = 0.0;
    let fits = |c: &char| {
        per_mille += advance(*c);
        f64::from(per_mille + advance('…')) * size / 1000.0 <= room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Breaks `text` into lines no wider than `room`: between words, and inside a word only where it is wider than a line.
pub(super) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && width(&format!("{line} {word}"), size) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            for c in word.chars() {
                if !line.is_empty() && width(&format!("{line}{c}"), size) > room {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_arial() {
        // Advance widths of Arial in 1/2048 em: A 1366, i 455, space 569, minus 1196.
        let em = 2048.0;
        for (text, expected) in [("A", 1366.0), ("i", 455.0), ("A i", 2390.0), ("−", 1196.0)] {
            assert!((width(text, em) - expected).abs() < 1.0, "{text}");
        }
    }

    #[test]
    fn the_font_has_what_labels_need() {
        let missing: Vec<char> = "−×…·°²αβγδηθλμστφωΔΣäéñøß"
            .chars()
            .filter(|c| FONT.glyph_index(*c).is_none())
            .collect();
        assert_eq!(missing, []);
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "80 nodes, a title that runs on and Donaudampfschifffahrtsgesellschaftskapitän at its end";
        let lines = wrap(text, 10.0, 100.0);
        assert!(
            lines.iter().all(|line| width(line, 10.0) <= 100.0),
            "{lines:?}"
        );
        let letters = |s: &str| s.split_whitespace().collect::<String>();
        assert_eq!(letters(&lines.concat()), letters(text));
        assert_eq!(wrap("one\ntwo", 10.0, 100.0), ["one", "two"]);
    }

    #[test]
    fn a_shortened_text_fits() {
        let short = shorten("Frontal_Sup_Medial_Orbital_L", 8.0, 60.0);
        assert!(short.starts_with("Frontal") && short.ends_with('…'));
        assert!(width(&short, 8.0) <= 60.0);
        assert_eq!(shorten("V1", 8.0, 60.0), "V1");
        // However long the text is.
        assert_eq!(shorten(&"i".repeat(1 << 20), 10.0, 10.0), "…");
        assert_eq!(shorten(&"i".repeat(1 << 20), 10.0, 15.0), "ii…");
    }
}
