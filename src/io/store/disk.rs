//! Files that appear whole.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::io::work::Work;

/// Writes a file in the folder of half-written ones, flushes it and moves it to `path`.
///
/// # Errors
/// Whatever the system refuses, and what to do about it.
pub(super) fn put(work: &Work, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = work.file();
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = renamed {
        let _ = fs::remove_file(&temporary);
        return Err(with_way_out(error));
    }
    // The rename itself outlives a power cut once the folder is flushed; where folders cannot be opened, it is done all the same.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        folder.sync_all().ok();
    }
    Ok(())
}

/// The bytes of a file, or nothing where there is none.
///
/// # Errors
/// Whatever the system refuses, and what to do about it.
pub(super) fn get(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(with_way_out(error)),
    }
}

fn with_way_out(error: io::Error) -> io::Error {
    let way_out = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, and the same command goes on from here"
        }
        ErrorKind::NotFound => "the folder is gone while it was being filled",
        _ => "once that is mended, the same command goes on from here",
    };
    io::Error::new(error.kind(), format!("{error}; {way_out}"))
}
