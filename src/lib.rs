//! brainsweep

pub mod connectome;
pub mod coupling;
pub mod error;
pub mod integrator;
pub mod io;
pub mod measure;
pub mod model;
pub mod study;

pub use error::{Error, Result};
