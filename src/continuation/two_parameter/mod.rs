//! Follows bifurcations in two parameters.
//!
//! Read in this order:
//!
//! 1. `locus`: curves of folds and Hopf points, and the points of codimension two on them;
//! 2. `cycle_folds`: curves of folds of cycles;
//! 3. `chart`: all curves of a problem.

mod chart;
mod cycle_folds;
mod locus;

pub use chart::Chart;
pub(super) use locus::{Bifurcations, complete, rest_of, trace};
pub use locus::{Locus, LocusPoint};
