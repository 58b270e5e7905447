//! The Python package's native part: strings in, arrays and JSON out. `python/brainsweep/` has the classes that users see.
//!
//! Work runs on a thread of its own without Python's lock; Ctrl-C is Python's, which is asked while the work goes on.

#![allow(
    unsafe_op_in_unsafe_fn,
    clippy::allow_attributes_without_reason,
    reason = "the macros of pyo3 expand to such code"
)]

mod data;
mod output;
mod raise;
mod search;
mod simulate;
mod study;
mod watch;

use pyo3::prelude::*;

/// `brainsweep._native`.
#[pymodule]
mod _native {
    use super::*;

    #[pymodule_export]
    use crate::data::{
        connectome, couplings, hcp, keys, models, monitors, save_connectome, shipped, store,
    };
    #[pymodule_export]
    use crate::search::{bifurcate, fit, sweep};
    #[pymodule_export]
    use crate::simulate::simulate;
    #[pymodule_export]
    use crate::study::Study;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("version", env!("CARGO_PKG_VERSION"))
    }

    /// Runs the program with these arguments, of which the first is the program; its exit code.
    #[pyfunction]
    fn main(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
        py.detach(|| brainsweep::cli::main(arguments))
    }
}
