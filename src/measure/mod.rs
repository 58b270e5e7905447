//! What is read off a run: sums over its samples in, numbers out.
//!
//! ```text
//! samples       v  Moments::of (64 bits)
//! a running simulation  v  MomentsStream (32 bits, compensated)
//!             Moments
//!                v  Measures::new
//!             Measures     mean, sd, FC, scores, synchrony; why a score is undefined
//!                v  MEASURES
//!             named arrays of simulations, stores, tables and `--json`
//! ```

mod cleaning;
mod fc;
mod fcd;
mod filter;
mod measures;
mod moments;
mod score;
mod table;
mod undefined;

pub use cleaning::Cleaning;
pub use fc::{constant_nodes, fc, fc_of};
pub use fcd::{FcdConvention, Windows, fcd, fcd_entries, kolmogorov_smirnov, wasserstein};
pub use filter::{BandPass, Filter};
pub use measures::Measures;
pub use moments::{Moments, Precision, is_constant};
pub use score::{flat_subjects, mean, scores};
pub use table::{MEASURES, Measure, Needs, Shape, Unit};
pub use undefined::Undefined;
