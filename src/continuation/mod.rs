//! Bifurcations by continuation, in `f64`, with the derivatives of the very models that are simulated.

pub mod delay;
pub mod network;
