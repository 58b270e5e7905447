//! Files that appear whole or not at all.
//!
//! What is written goes to a temporary file in the same folder, is flushed to the disk and then renamed. A crash, a full disk or
//! Ctrl-C leaves at most a hidden `.NAME.*.tmp` behind, never half a result under the result's name.

use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::{Error, Result};

/// Replaces the file at `path` by `bytes`, or leaves it as it was.
///
/// # Errors
/// [`Error::Disk`] where the folder is missing or may not be written to, or the disk is full.
pub fn atomic_write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    file.commit()
}

/// A file being written; it takes its name when [`AtomicFile::commit`] is called and vanishes if it never is.
#[derive(Debug)]
pub struct AtomicFile {
    temporary: NamedTempFile,
    path: PathBuf,
    /// Why a write failed. Nothing is written from then on, and whoever still finishes a file format on top need not be told again.
    failed: Option<io::Error>,
}

impl AtomicFile {
    /// Opens a temporary file beside `path`.
    ///
    /// # Errors
    /// [`Error::Disk`] where the folder is missing or may not be written to.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".tmp");
        #[cfg(unix)]
        {
            // As any new file (the umask applies); a temporary file would otherwise be its owner's alone.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        Ok(Self {
            temporary: builder
                .tempfile_in(folder)
                .map_err(Error::io("write", path))?,
            path: path.into(),
            failed: None,
        })
    }

    /// Flushes to the disk and renames to the final name, replacing what was there.
    ///
    /// # Errors
    /// [`Error::Disk`] where the disk is full, an earlier write failed or the name is a folder's.
    pub fn commit(self) -> Result<()> {
        let Self {
            temporary,
            path,
            failed,
        } = self;
        if let Some(error) = failed {
            return Err(Error::io("write", &path)(error));
        }
        temporary
            .as_file()
            .sync_all()
            .map_err(Error::io("write", &path))?;
        temporary
            .persist(&path)
            .map_err(|e| Error::io("write", &path)(e.error))?;
        flush_folder_of(&path);
        Ok(())
    }
}

/// Replaces the file at `path` by `bytes` as [`atomic_write`] does, by way of the name `temporary`
/// on the same disk.
///
/// # Errors
/// Whatever the system refuses; then `temporary` is gone, and what was at `path` stays.
pub(super) fn put(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = File::create(temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| std::fs::rename(temporary, path));
    if renamed.is_err() {
        let _ = std::fs::remove_file(temporary);
    }
    renamed?;
    flush_folder_of(path);
    Ok(())
}

/// Makes a rename outlive a power cut. Where folders cannot be opened, it is done all the same.
fn flush_folder_of(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        folder.sync_all().ok();
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(bytes.len());
        }
        // The file itself: its errors do not name the temporary path.
        let written = self.temporary.as_file_mut().write(bytes);
        if let Err(error) = &written
            && error.kind() != ErrorKind::Interrupted
        {
            self.failed = Some(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => error.kind().into(),
            });
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.as_file_mut().flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.temporary.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::DiskError;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.txt");
        atomic_write(&path, b"old and long").unwrap();
        atomic_write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_committed_never_appears() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.txt");
        atomic_write(&path, b"old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent").join("result.txt");
        let message = atomic_write(&path, b"x").unwrap_err().report();
        assert!(
            message.contains("result.txt") && message.contains("create the folder first"),
            "{message}"
        );
    }

    #[test]
    fn a_folder_in_the_way_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(
            atomic_write(&path, b"x"),
            Err(Error::Disk(DiskError::Io {
                action: "write",
                ..
            }))
        ));
        assert!(path.is_dir());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        atomic_write(&ours, b"x").unwrap();
        std::fs::write(&plain, b"x").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(ours), mode(plain));
    }
}
