//! brainsweep

pub mod connectome;
pub mod coupling;
pub mod error;
pub mod integrator;
pub mod model;
pub mod plot;
pub mod study;

pub use error::{Error, Result};
