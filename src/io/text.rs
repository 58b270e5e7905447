//! Reads the text files that people write: studies, models, couplings.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

/// The longest text, in bytes. What is longer is a device, or data under a wrong name.
const LONGEST: u64 = 16 << 20;

/// Reads all of a file's bytes, up to the longest text.
///
/// # Errors
/// [`Error::Disk`] if it cannot be read; [`Error::Data`] with the `hint` if it is a folder or too long.
pub(super) fn read_bytes(path: &Path, hint: &str) -> Result<Vec<u8>> {
    if path.is_dir() {
        return Err(Error::data_hint(path, "is a folder", hint));
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut bytes = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    let n_bytes = read.map_err(Error::io("read", path))? as u64;
    if n_bytes > LONGEST {
        let problem = format!("is longer than {} MiB", LONGEST >> 20);
        return Err(Error::data_hint(path, problem, hint));
    }
    Ok(bytes)
}

/// Reads a text.
///
/// # Errors
/// As [`read_bytes`]; [`Error::Data`] with the `hint` if it is not UTF-8.
pub(super) fn read_text(path: &Path, hint: &str) -> Result<String> {
    let bytes = read_bytes(path, hint)?;
    String::from_utf8(bytes).map_err(|_| Error::data_hint(path, "is no text in UTF-8", hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_or_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            read_text(&path, "write one")
        };
        assert_eq!(file("a", b"x = 1").unwrap(), "x = 1");
        let error = file("b", b"\xff\xfe").unwrap_err().report();
        assert!(
            error.ends_with("is no text in UTF-8\nhint: write one"),
            "{error}"
        );
        let long = vec![b' '; LONGEST as usize];
        assert_eq!(file("c", &long).unwrap().len(), long.len());
        let error = file("d", &[&long[..], b" "].concat()).unwrap_err();
        assert!(error.report().contains("longer than 16 MiB"), "{error}");
        assert!(read_text(folder.path(), "write one").is_err());
    }
}
