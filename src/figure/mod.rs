//! The figures of the field, made from its data: connectomes, functional connectivity, time series,
//! score maps, bifurcation diagrams. [`plot`](crate::plot) draws them.
//!
//! A new figure is a function here that takes data and gives a [`Figure`](crate::plot::Figure), and
//! a line where an [`Output`](crate::output::Output) is filled; it then appears as svg and png.

mod connectome;
mod fc;
mod points;
mod time_series;

pub use connectome::connectome;
pub use fc::fc;
pub use points::Points;
pub use time_series::Traces;
