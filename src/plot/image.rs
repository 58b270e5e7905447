//! Cells as a small picture inside the figure, in place of one rectangle each.

use ndarray::{Array2, ArrayView2};

use super::color::{Color, Colormap};
use super::ticks::Range;

/// Index of the palette for a cell without a value; the map has all below it.
const MISSING: u8 = 255;

/// Pixels along the longer side up to which cells are enlarged in a PNG.
const PIXELS: usize = 1000;

/// Cells with their colours, first row at the top.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// Which colour of the palette each has.
    pub cells: Array2<u8>,
    palette: Vec<Color>,
}

impl Picture {
    /// The matrix in colours; a cell that is not a number is grey.
    pub fn new(cells: ArrayView2<f64>, range: Range, map: Colormap) -> Self {
        let most = f64::from(MISSING - 1);
        let index = |value: f64| {
            if value.is_nan() {
                MISSING
            } else {
                (range.fraction(value).clamp(0.0, 1.0) * most).round() as u8
            }
        };
        Self {
            cells: cells.mapv(index),
            palette: (0..MISSING)
                .map(|i| map.at(f64::from(i) / most))
                .chain([Color::MISSING])
                .collect(),
        }
    }

    /// The colours of all cells, row by row.
    pub fn colors(&self) -> impl Iterator<Item = Color> {
        self.cells
            .iter()
            .map(|index| self.palette[usize::from(*index)])
    }

    /// As a PNG. Every cell is a square of several pixels, since many viewers smooth a picture that they enlarge.
    pub fn png(&self) -> Vec<u8> {
        let (rows, columns) = self.cells.dim();
        let zoom = (PIXELS / rows.max(columns)).max(1);
        let pixels: Vec<u8> = self
            .cells
            .rows()
            .into_iter()
            .flat_map(|row| {
                let line: Vec<u8> = row
                    .iter()
                    .flat_map(|index| std::iter::repeat_n(*index, zoom))
                    .collect();
                std::iter::repeat_n(line, zoom).flatten()
            })
            .collect();
        let palette: Vec<u8> = self.palette.iter().flat_map(|color| color.0).collect();

        let mut bytes = Vec::new();
        let mut encoder =
            png::Encoder::new(&mut bytes, (columns * zoom) as u32, (rows * zoom) as u32);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette);
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder
            .write_header()
            .expect("a picture has a size and memory takes all bytes");
        writer
            .write_image_data(&pixels)
            .expect("as many pixels as announced");
        writer.finish().expect("memory takes all bytes");
        bytes
    }
}
