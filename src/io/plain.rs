//! Files that are read more than once, and so have to be plain ones.
//!
//! What kind a file of data is, its beginning says; then it is read. A pipe gives its beginning once, and one that nobody writes to is
//! waited for without end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// Opens a file of data.
///
/// # Errors
/// [`Error::Disk`] if it cannot be opened; [`Error::Data`] if it is a pipe or a device.
pub(super) fn open(path: &Path) -> Result<File> {
    let found = fs::metadata(path).map_err(Error::io("read", path))?;
    if !found.is_file() && !found.is_dir() {
        let problem = "is a pipe or a device, which cannot be read twice";
        return Err(Error::data_hint(path, problem, "write it to a file first"));
    }
    File::open(path).map_err(Error::io("read", path))
}

/// All bytes of a file of data.
///
/// # Errors
/// As [`open`]; [`Error::Disk`] if it cannot be read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let file = open(path)?;
    bytes(file).map_err(Error::io("read", path))
}

/// All bytes of a file of a store; what is there and is no plain file counts as not there.
pub(super) fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    bytes(open_own(path)?)
}

/// Opens a file of a store; what is there and is no plain file counts as not there.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

fn bytes(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
