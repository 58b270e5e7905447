//! Cells as a small picture inside the figure, in place of one rectangle each.

use ndarray::ArrayView2;

use super::color::{Color, Colormap};
use super::ticks::Range;

/// Index of the palette for a cell without a value; the map has all below it.
const MISSING: u8 = 255;

/// Pixels along the longer side up to which cells are enlarged.
const PIXELS: usize = 1000;

/// The matrix as a PNG, first row at the top.
///
/// Every cell is a square of several pixels, since many viewers smooth a picture that they enlarge. A cell that is not a number
/// is grey.
pub(super) fn png(cells: ArrayView2<f64>, range: Range, map: Colormap) -> Vec<u8> {
    let (rows, columns) = cells.dim();
    let zoom = (PIXELS / rows.max(columns)).max(1);
    let index = |value: &f64| {
        if value.is_nan() {
            MISSING
        } else {
            (range.fraction(*value).clamp(0.0, 1.0) * f64::from(MISSING - 1)).round() as u8
        }
    };
    let pixels: Vec<u8> = cells
        .rows()
        .into_iter()
        .flat_map(|row| {
            let line: Vec<u8> = row
                .iter()
                .flat_map(|value| std::iter::repeat_n(index(value), zoom))
                .collect();
            std::iter::repeat_n(line, zoom).flatten()
        })
        .collect();
    let palette = (0..MISSING)
        .map(|i| map.at(f64::from(i) / f64::from(MISSING - 1)))
        .chain([Color::MISSING])
        .flat_map(|color| color.0)
        .collect::<Vec<u8>>();

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, (columns * zoom) as u32, (rows * zoom) as u32);
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
