//! brainsweep

pub mod backend;
pub mod cli;
pub mod connectome;
pub mod coupling;
pub mod dynamics;
pub mod error;
pub mod integrator;
pub mod io;
pub mod measure;
pub mod model;
pub mod noise;
pub mod plan;
pub mod plot;
pub mod record;
pub mod scalar;
pub mod study;

pub use error::{Error, Result};
