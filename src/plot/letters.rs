//! Texts as filled outlines of the embedded font.

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{GlyphId, OutlineBuilder};

use super::canvas::{Anchor, Text, rounded};
use super::font::FONT;

/// The outlines of `text` in points of the page; `None` if nothing of it can be seen.
pub(super) fn outlines_on_page(at: Text, text: &str) -> Option<Path> {
    let (outlines, width) = outlines(text);
    let back = match at.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let [x, y] = at.on_baseline().map(|v| rounded(v) as f32);
    // In a font y grows upwards.
    let scale = rounded(at.size) as f32 / f32::from(FONT.units_per_em());
    let place = Transform::from_translate(x, y)
        .pre_concat(Transform::from_rotate(if at.turned { -90.0 } else { 0.0 }))
        .pre_scale(scale, -scale)
        .pre_translate(-back, 0.0);
    outlines?.transform(place)
}

/// The outlines of `text` in units of the font, the pen starting at 0, and where it ends; a character that the font lacks is left out.
fn outlines(text: &str) -> (Option<Path>, f32) {
    let mut pen = Pen {
        path: PathBuilder::new(),
        x: 0.0,
    };
    let mut last = None;
    for glyph in text.chars().filter_map(|c| FONT.glyph_index(c)) {
        if let Some(last) = last {
            pen.x += kerning(last, glyph);
        }
        FONT.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(FONT.glyph_hor_advance(glyph).unwrap_or(0));
        last = Some(glyph);
    }
    (pen.path.finish(), pen.x)
}

/// How much closer or further apart two letters stand than their widths say.
fn kerning(left: GlyphId, right: GlyphId) -> f32 {
    let tables = FONT
        .tables()
        .kern
        .into_iter()
        .flat_map(|kern| kern.subtables);
    let values = tables
        .filter(|table| table.horizontal && !table.variable)
        .filter_map(|table| table.glyphs_kerning(left, right));
    values.map(f32::from).sum()
}

/// Draws glyphs from where it stands.
struct Pen {
    path: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + x1, y1, self.x + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let at = self.x;
        self.path.cubic_to(at + x1, y1, at + x2, y2, at + x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Arial has it: an A and a V are drawn together by 152 of 2048.
    #[test]
    fn letters_that_lean_away_stand_closer() {
        let width = |text| outlines(text).1;
        assert_eq!(width("A") + width("V") - width("AV"), 152.0);
        assert_eq!(width("A") + width("A"), width("AA"));
    }

    #[test]
    fn what_the_font_lacks_is_left_out() {
        assert_eq!(outlines("a\u{4e00}").1, outlines("a").1);
        assert!(outlines(" ").0.is_none());
    }
}
