//! A folder that steps aside for another, and may step back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder out of its place, under a hidden name beside it. Nothing happens to it unless it is asked for.
#[derive(Debug)]
pub(super) struct Aside {
    place: PathBuf,
    /// Holds the old folder and nothing else.
    shelter: PathBuf,
}

impl Aside {
    /// Moves the folder at `place` aside.
    pub fn step(place: &Path) -> io::Result<Self> {
        let parent = place.parent().unwrap_or(place);
        let shelter = tempfile::Builder::new()
            .prefix(".replaced-")
            .tempdir_in(parent)?;
        fs::rename(place, shelter.path().join("old"))?;
        Ok(Self {
            place: place.into(),
            shelter: shelter.keep(),
        })
    }

    /// Where it is now.
    pub fn path(&self) -> PathBuf {
        self.shelter.join("old")
    }

    /// Moves it back. If that fails, where it stays.
    pub fn back(self) -> Result<(), String> {
        match fs::rename(self.path(), &self.place) {
            Ok(()) => {
                // Empty, and of no more use.
                let _ = fs::remove_dir(&self.shelter);
                Ok(())
            }
            Err(error) => Err(format!(
                "is in {} now, for it cannot be moved back ({error})",
                self.path().display()
            )),
        }
    }

    /// Removes it.
    pub fn remove(self) {
        // What cannot be removed stays, under its hidden name.
        let _ = fs::remove_dir_all(&self.shelter);
    }
}
