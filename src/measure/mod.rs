//! What is read off a run: arrays in, numbers out.

mod fc;
mod score;

pub use fc::{FcStream, constant_nodes, fc, fc_of_sums};
pub use score::{mean, scores, triangle_correlation, voltage_fluctuation, weighted_correlation};
