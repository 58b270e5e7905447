//! Reads files that need not be there.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The bytes of a file, or nothing where there is none.
///
/// # Errors
/// Whatever the system refuses.
pub(super) fn get(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
