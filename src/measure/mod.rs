//! What is read off a run: arrays in, numbers out.

mod fc;
mod score;

pub use fc::{FcStream, constant_nodes, fc, fc_of_sums, is_constant};
pub use score::{
    Undefined, flat_subjects, mean, scores, triangle_correlation, undefined, voltage_fluctuation,
    weighted_correlation,
};
