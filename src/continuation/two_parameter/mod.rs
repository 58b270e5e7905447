//! Follows bifurcations in two parameters.
//!
//! Read in this order:
//!
//! 1. `locus`: curves of folds and Hopf points, and the points of codimension two on them;
//! 2. `of_cycles`: curves of folds of cycles, period doublings and tori;
//! 3. `homoclinic`: curves of connections of a saddle (`saddle`) with itself; `snic`: where folds
//!    lie on cycles, by orbits that come back or not (`settling`);
//! 4. `chart`: all curves of a problem.

mod chart;
mod homoclinic;
mod locus;
mod of_cycles;
mod saddle;
mod settling;
mod snic;

pub use chart::Chart;
pub(super) use locus::{Bifurcations, complete, rest_of, trace};
pub use locus::{Locus, LocusPoint};
