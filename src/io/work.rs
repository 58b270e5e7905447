//! The folder of a process's half-written files, within the store that it fills.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

const PREFIX: &str = ".work-";
const LOCK: &str = "lock";

/// A folder that belongs to this process while it lives.
#[derive(Debug)]
pub(super) struct Work {
    folder: PathBuf,
    /// Held, not read: closing it frees the lock.
    _lock: File,
    next: AtomicU64,
}

impl Work {
    /// Makes a folder in `store`, and removes those of processes that are gone.
    pub fn claim(store: &Path) -> Result<Self> {
        sweep_up(store)?;
        loop {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(store);
            let folder = folder.map_err(Error::io("write", store))?.keep();
            let path = folder.join(LOCK);
            // Between the folder and its lock another process may have taken it for a dead one's and removed it, before the lock's
            // file was there or after. Where there are no locks at all nobody removes anything.
            let lock = match File::create(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                made => made.map_err(Error::io("write", &path))?,
            };
            let taken = matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
            if !taken && path.is_file() {
                return Ok(Self {
                    folder,
                    _lock: lock,
                    next: AtomicU64::new(0),
                });
            }
        }
    }

    /// A name for a new file.
    pub fn file(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.folder.join(number.to_string())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What stays is removed by the next process.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether a folder of this name, within a store, is one of half-written files.
pub(super) fn is_folder(name: &str) -> bool {
    name.starts_with(PREFIX) && !name.contains('/')
}

/// Whether the process that made `folder` lives.
pub(super) fn is_held(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Removes the folders whose locks are free.
fn sweep_up(store: &Path) -> Result<()> {
    for entry in fs::read_dir(store).map_err(Error::io("read", store))? {
        let folder = entry.map_err(Error::io("read", store))?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if !is_folder(&name) {
            continue;
        }
        // Without a lock file: another process is creating or deleting it, and it is left alone; an empty one goes.
        let Ok(lock) = File::open(folder.join(LOCK)) else {
            let _ = fs::remove_dir(&folder);
            continue;
        };
        if lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(&folder);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_dead_go_and_those_of_the_living_stay() {
        let store = tempfile::tempdir().unwrap();
        let living = Work::claim(store.path()).unwrap();
        fs::write(living.file(), "half").unwrap();
        let dead = store.path().join(".work-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        fs::write(dead.join("0"), "half").unwrap();
        let other = Work::claim(store.path()).unwrap();
        assert!(!dead.exists());
        assert!(living.folder.join("0").is_file());
        assert_ne!(living.folder, other.folder);
        drop((living, other));
        assert_eq!(fs::read_dir(store.path()).unwrap().count(), 0);
    }

    #[test]
    fn many_come_and_go_at_the_same_time() {
        let store = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let work = Work::claim(store.path()).unwrap();
                        fs::write(work.file(), "half").unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(store.path()).unwrap().count(), 0);
    }
}
