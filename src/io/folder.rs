//! A folder of results that appears whole or not at all.
//!
//! It is filled under a temporary name beside its place and renamed when all is written.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result};

/// The file that every folder of results holds, and by which one is known.
pub const MANIFEST: &str = "manifest.json";

/// A folder being filled.
#[derive(Debug)]
pub struct NewFolder {
    temporary: TempDir,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Named {
        path: PathBuf,
        force: bool,
    },
    /// The first free of `<parent>/<stem>-1`, `-2`, ...
    Numbered {
        parent: PathBuf,
        stem: String,
    },
}

impl NewFolder {
    /// A folder that will be at `path`. If something is there already it is an error, or replaced with `force`: but only
    /// an empty folder or one of results is ever replaced.
    ///
    /// # Errors
    /// [`Error::Exists`] if something is in the way; [`Error::Io`] if the place cannot be written to.
    pub fn named(path: &Path, force: bool) -> Result<Self> {
        if path.exists() {
            if !force {
                return Err(Error::Exists { path: path.into() });
            }
            let mut entries = fs::read_dir(path).map_err(Error::io("replace", path))?;
            if entries.next().is_some() && !path.join(MANIFEST).is_file() {
                let message = "is neither empty nor a folder of results, so --force leaves it alone; choose another --out";
                return Err(Error::data(path, message));
            }
        }
        let place = Place::Named {
            path: path.into(),
            force,
        };
        Self::beside(path.parent().unwrap_or(Path::new(".")), place)
    }

    /// A folder that will be the first free of `<parent>/<stem>-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Io`] if the place cannot be written to.
    pub fn numbered(parent: &Path, stem: &str) -> Result<Self> {
        Self::beside(
            parent,
            Place::Numbered {
                parent: parent.into(),
                stem: stem.into(),
            },
        )
    }

    fn beside(parent: &Path, place: Place) -> Result<Self> {
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let temporary = tempfile::Builder::new()
            .prefix(".unfinished-")
            .tempdir_in(parent)
            .map_err(Error::io("write to", parent))?;
        Ok(Self { temporary, place })
    }

    /// Where its files go for now.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives it its name; where it is now.
    ///
    /// # Errors
    /// [`Error::Exists`] if something came in the way meanwhile; [`Error::Io`] if it cannot be renamed.
    pub fn finish(self) -> Result<PathBuf> {
        let from = self.temporary.keep();
        open_to_all(&from);
        match self.place {
            Place::Numbered { parent, stem } => {
                let mut n = 1;
                loop {
                    let path = parent.join(format!("{stem}-{n}"));
                    if !path.exists() && fs::rename(&from, &path).is_ok() {
                        return Ok(path);
                    }
                    if !path.exists() {
                        return fs::rename(&from, &path)
                            .map_err(Error::io("write", &path))
                            .map(|()| path);
                    }
                    n += 1;
                }
            }
            Place::Named { path, force } => {
                if path.exists() {
                    if !force {
                        return Err(Error::Exists { path });
                    }
                    fs::remove_dir_all(&path).map_err(Error::io("replace", &path))?;
                }
                fs::rename(&from, &path).map_err(Error::io("write", &path))?;
                Ok(path)
            }
        }
    }
}

/// A temporary folder is its owner's alone; a folder of results is as any other.
fn open_to_all(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Failing, it stays private, which loses nothing.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_there_until_it_is_finished_and_nothing_is_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("results");
        let folder = NewFolder::named(&path, false).unwrap();
        fs::write(folder.path().join(MANIFEST), "1").unwrap();
        assert!(!path.exists());
        folder.finish().unwrap();
        assert!(matches!(
            NewFolder::named(&path, false),
            Err(Error::Exists { .. })
        ));

        let folder = NewFolder::named(&path, true).unwrap();
        fs::write(folder.path().join(MANIFEST), "2").unwrap();
        drop(folder);
        assert_eq!(
            fs::read_to_string(path.join(MANIFEST)).unwrap(),
            "1",
            "an unfinished folder replaces nothing"
        );
        let folder = NewFolder::named(&path, true).unwrap();
        fs::write(folder.path().join(MANIFEST), "2").unwrap();
        folder.finish().unwrap();
        assert_eq!(fs::read_to_string(path.join(MANIFEST)).unwrap(), "2");
        assert_eq!(
            fs::read_dir(home.path()).unwrap().count(),
            1,
            "no leftovers"
        );
    }

    #[test]
    fn force_leaves_a_folder_of_other_things_alone() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("thesis.tex"), "").unwrap();
        let error = NewFolder::named(home.path(), true).unwrap_err();
        assert!(
            error.to_string().contains("choose another --out"),
            "{error}"
        );
    }

    #[test]
    fn numbers_count_up() {
        let home = tempfile::tempdir().unwrap();
        for n in 1..4 {
            let folder = NewFolder::numbered(home.path(), "a study").unwrap();
            assert_eq!(
                folder.finish().unwrap(),
                home.path().join(format!("a study-{n}"))
            );
        }
    }
}
