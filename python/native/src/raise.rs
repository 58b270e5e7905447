//! Errors as Python exceptions, in the command line's words.

use pyo3::prelude::*;

use brainsweep::error::Error;

/// The exception for an error; `partial` is what is there all the same.
pub(crate) fn exception(py: Python<'_>, error: &Error, partial: Option<Py<PyAny>>) -> PyErr {
    let made = py.import("brainsweep._errors").and_then(|errors| {
        let words = (error.report(), error.hint(), error.exit_code(), partial);
        errors.call_method1("of", words)
    });
    made.map_or_else(|failed| failed, PyErr::from_value)
}

/// What Rust gives, or its error as an exception.
pub(crate) trait Raised<T> {
    /// Raises the error.
    fn raised(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raised<T> for Result<T, Error> {
    fn raised(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, &error, None))
    }
}

/// Says what is to be known, as warnings.
pub(crate) fn note(py: Python<'_>, notes: impl IntoIterator<Item = String>) -> PyResult<()> {
    let notes: Vec<String> = notes.into_iter().collect();
    if !notes.is_empty() {
        py.import("brainsweep._errors")?
            .call_method1("note", (notes,))?;
    }
    Ok(())
}
