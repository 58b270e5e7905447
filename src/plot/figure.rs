//! A finished figure.

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg;

use super::canvas::Text;
use super::letters;
use crate::{Error, Result};

/// Most pixels of a PNG, which keeps a slip in the scale from taking all memory (400 MB).
const MOST_PIXELS: f64 = 1e8;

/// A finished figure: SVG text, from which PNG pixels are drawn.
#[derive(Debug, Clone)]
pub struct Figure {
    svg: String,
    size: [f64; 2],
    texts: Vec<(Text, String)>,
}

impl Figure {
    pub(super) fn new(svg: String, size: [f64; 2], texts: Vec<(Text, String)>) -> Self {
        Self { svg, size, texts }
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
    /// [`Error::BadValue`] if `scale` is not positive or makes more than 100 million pixels.
    pub fn png(&self, scale: f64) -> Result<Vec<u8>> {
        let [width, height] = self.size.map(|points| (points * scale).round().max(1.0));
        let positive = scale.is_finite() && scale > 0.0;
        if !positive || width * height > MOST_PIXELS {
            let rule = "it must be positive and make at most 100 million pixels; 2 is good for a screen, 4 for print";
            return Err(Error::bad_value("scale of a PNG", scale, rule));
        }
        // Built without fonts, it leaves out the texts: they are drawn over the rest.
        let tree = usvg::Tree::from_str(&self.svg, &usvg::Options::default())
            .expect("our own SVG is well formed");
        let mut pixels = Pixmap::new(width as u32, height as u32).expect("neither side is 0");
        pixels.fill(Color::WHITE);
        let stretch = |pixels: f64, size: f32| pixels as f32 / size;
        let transform = Transform::from_scale(
            stretch(width, tree.size().width()),
            stretch(height, tree.size().height()),
        );
        resvg::render(&tree, transform, &mut pixels.as_mut());
        let page = Transform::from_scale(
            stretch(width, self.size[0] as f32),
            stretch(height, self.size[1] as f32),
        );
        for (at, text) in &self.texts {
            letters::draw(&mut pixels, page, *at, text);
        }
        Ok(pixels.encode_png().expect("memory takes all bytes"))
    }
}
