//! A finished figure.

use super::canvas::Element;
use super::{pixels, svg};
use crate::error::{FigureError, Result};

/// Most pixels of a PNG, which keeps a slip in the scale from taking all memory (400 MB).
const MOST_PIXELS: f64 = 1e8;

/// A finished figure, as SVG text and as pixels of a PNG.
#[derive(Debug, Clone)]
pub struct Figure {
    elements: Vec<Element>,
    size: [f64; 2],
    svg: String,
}

impl Figure {
    pub(super) fn new(elements: Vec<Element>, size: [f64; 2], title: &str) -> Self {
        let svg = svg::document(&elements, size, title);
        Self {
            elements,
            size,
            svg,
        }
    }

    /// The figure as a standalone SVG document; text is text, matrices are embedded as pictures.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// Width and height in points, 1/72 inch.
    pub fn size_pt(&self) -> [f64; 2] {
        self.size
    }

    /// The figure as a PNG with `scale` pixels per point: 2 for a screen, 300.0 / 72.0 for 300 dots per inch.
    ///
    /// Needs no fonts on the machine; a character outside of the embedded font (Latin, Greek, Cyrillic) is left out.
    ///
    /// # Errors
    /// [`FigureError::Size`] if `scale` is not positive or makes more than 100 million pixels.
    pub fn png(&self, scale: f64) -> Result<Vec<u8>> {
        let [width, height] = self.size.map(|points| (points * scale).round().max(1.0));
        let positive = scale.is_finite() && scale > 0.0;
        if !positive || width * height > MOST_PIXELS {
            return Err(FigureError::Size {
                what: "the scale of a PNG",
                found: scale.to_string(),
                rule: "positive and make at most 100 million pixels (2 is good for a screen, 4 for print)",
            }
            .into());
        }
        let pixels = pixels::picture(&self.elements, self.size, [width as u32, height as u32]);
        Ok(pixels.encode_png().expect("memory takes all bytes"))
    }
}
