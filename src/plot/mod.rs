//! Arrays to pictures: figures that a paper can print.
//!
//! [`Lines`] draws curves and time series, [`Heatmap`] a matrix or a sweep over two parameters with its colour bar, [`Panels`]
//! puts several of them side by side or stacked over a shared x axis. Each ends in a [`Figure`], which is SVG text and turns
//! into PNG bytes; writing files is the caller's. All lengths are points (1/72 inch), so a figure has the same size on paper
//! whatever draws it.
//!
//! ```
//! use brainsweep::plot::{Lines, Series};
//!
//! let t = [0.0, 0.1, 0.2];
//! let figure = Lines::new()
//!     .title("FitzHugh-Nagumo, input 0.72")
//!     .x_label("time (ms)")
//!     .y_label("x (1)")
//!     .add(Series::new("V1 left", t, [0.1_f32, 0.3, 0.2]))
//!     .figure()?;
//! assert!(figure.svg().contains("V1 left"));
//! # Ok::<(), brainsweep::Error>(())
//! ```
//!
//! Colours: viridis, plasma and inferno for numbers (S. van der Walt & N. Smith), the set of Okabe & Ito for a few named
//! curves; readable with any colour vision. Text stays text in the SVG, in Liberation Sans or, with the same widths, Arial or
//! Helvetica. Liberation Sans is in the crate, for measuring and for PNG, so no font needs to be installed; it knows Latin,
//! Greek and Cyrillic, and the PNG leaves out what it does not know.

mod arrows;
mod axis;
mod bar;
mod canvas;
mod cells;
mod color;
mod decimate;
mod figure;
mod font;
mod frame;
mod heatmap;
mod image;
mod legend;
mod letters;
mod lines;
mod notes;
mod offset;
mod panels;
mod pixels;
mod series;
mod style;
mod svg;
mod ticks;

pub use arrows::Arrows;
pub use color::{Color, Colormap};
pub use figure::Figure;
pub use heatmap::Heatmap;
pub use lines::Lines;
pub use panels::{Panel, Panels};
pub use series::{Marker, Series, Stroke};

use crate::error::{FigureError, Result};

/// Fails unless a plot of this width and height can be drawn.
fn check_size(size: [f64; 2]) -> Result<()> {
    if size.iter().all(|side| (1.0..=10_000.0).contains(side)) {
        return Ok(());
    }
    let [width, height] = size;
    Err(FigureError::Size {
        what: "the size of a plot",
        found: format!("{width} by {height} points"),
        rule: "from 1 to 10000 on each side",
    }
    .into())
}
