//! What is read off a run: sums over its samples in, numbers out.
//!
//! ```text
//! samples       v  Moments::of (64 bits)
//! a running simulation  v  MomentsStream (32 bits, compensated)
//!             Moments
//!                v  Measures::new
//!             Measures     mean, sd, FC, scores, synchrony; why a score is undefined
//!                          with samples, and a Scope that asks for it: FCD, spectra, phases, ...
//!                v  MEASURES
//!             named arrays of simulations, stores, tables and `--json`
//! ```

mod analyses;
mod cleaning;
mod distribution;
mod fc;
mod fcd;
mod filter;
mod fourier;
mod measures;
mod memory;
mod moments;
mod partial;
mod phases;
mod row;
mod scope;
mod score;
mod shape;
mod sliding;
mod spectrum;
mod table;
mod undefined;

pub use analyses::{Analyses, Analysis};
pub use cleaning::Cleaning;
pub use distribution::Distribution;
pub use fc::{constant_nodes, fc, fc_of};
pub use fcd::{FEWEST_OF_FCD, FcdConvention, Windows, fcd, fcd_entries, why_no_fcd};
pub use filter::{BandPass, Filter};
pub use measures::Measures;
pub use memory::Bytes;
pub use moments::{Moments, Precision, is_constant};
pub use partial::partial_fc;
pub use phases::{analytic, envelopes, kuramoto_order};
pub use row::{FCD_BINS, Kept, Measure, Needs, Shape, Unit};
pub use scope::{Coordinate, Scope};
pub use score::{flat_subjects, mean, scores};
pub use shape::{autocorrelation_steps, skewness};
pub use spectrum::{BANDS, Band, Segments};
pub use table::MEASURES;
pub use undefined::Undefined;
