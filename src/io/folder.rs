//! A folder of results that appears whole or not at all.
//!
//! It is filled under a temporary name beside its place and renamed when all is written.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::error::{Error, Result};

/// The file that every folder of results holds, and by which one is known.
pub const MANIFEST: &str = "manifest.json";

/// The folders being filled just now.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is being filled, for a program about to end at once.
pub fn remove_unfinished() {
    for folder in unfinished().drain(..) {
        // What cannot be removed stays, under its hidden name.
        let _ = fs::remove_dir_all(folder);
    }
}

/// A folder being filled; if it is never finished, it vanishes with the folders made on the way to it.
#[derive(Debug)]
pub struct NewFolder {
    // Dropped in this order: the parents can go only once this one has gone.
    temporary: TempDir,
    _parents: Parents,
    parent: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Named {
        /// As the user wrote it.
        path: PathBuf,
        /// Without `.`, `..` and links, which have no name of their own to rename.
        target: PathBuf,
        force: bool,
    },
    /// The first free of `<stem>-1`, `-2`, ...
    Numbered { stem: String },
}

impl NewFolder {
    /// A folder that will be at `path`. If something is there already it is an error, or replaced with `force`: but only
    /// an empty folder or one of results is ever replaced.
    ///
    /// # Errors
    /// [`Error::Exists`] if something is in the way; [`Error::Io`] if the place cannot be written to.
    pub fn named(path: &Path, force: bool) -> Result<Self> {
        let (path, mut target) = (path.to_path_buf(), path.to_path_buf());
        if is_taken(&path)? {
            if !force {
                return Err(Error::Exists { path });
            }
            check_replaceable(&path)?;
            target = path.canonicalize().map_err(refused("replace", &path))?;
        } else if path.file_name().is_none() {
            return Err(Error::data(
                path,
                "names no new folder; choose another --out",
            ));
        }
        let parent = target.parent().unwrap_or(Path::new("/")).to_path_buf();
        let place = Place::Named {
            path,
            target,
            force,
        };
        Self::inside(parent, place)
    }

    /// A folder that will be the first free of `<parent>/<stem>-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Io`] if the place cannot be written to.
    pub fn numbered(parent: &Path, stem: &str) -> Result<Self> {
        let place = Place::Numbered { stem: stem.into() };
        Self::inside(parent.to_path_buf(), place)
    }

    fn inside(mut parent: PathBuf, place: Place) -> Result<Self> {
        if parent.as_os_str().is_empty() {
            parent = PathBuf::from(".");
        }
        let parents = Parents::create(&parent)?;
        // A name that is too long shows only once its parents are there.
        match &place {
            Place::Named { target, .. } => is_taken(target)?,
            Place::Numbered { stem } => is_taken(&numbered(&parent, stem, 1))?,
        };
        let temporary = tempfile::Builder::new()
            .prefix(".unfinished-")
            .tempdir_in(&parent)
            .map_err(refused("create a folder in", &parent))?;
        unfinished().push(temporary.path().into());
        Ok(Self {
            temporary,
            _parents: parents,
            parent,
            place,
        })
    }

    /// Where its files go for now.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives it its name; where it is now.
    ///
    /// # Errors
    /// [`Error::Data`] if something took the name meanwhile, with the place that the folder got instead; [`Error::Io`] if it
    /// cannot be renamed.
    pub fn finish(self) -> Result<PathBuf> {
        let from = self.temporary.path();
        // Its fate is decided here.
        unfinished().retain(|folder| folder != from);
        open_to_all(from);
        let place = match &self.place {
            Place::Numbered { stem } => move_to_first_free(from, &self.parent, stem)?,
            Place::Named {
                path,
                target,
                force,
            } => {
                if !is_taken(target)? {
                    fs::rename(from, target).map_err(refused("create", path))?;
                } else if *force {
                    replace(from, target)?;
                } else {
                    let stem = target.file_name().unwrap_or_default().to_string_lossy();
                    let kept = move_to_first_free(from, &self.parent, &stem)?;
                    let message = format!(
                        "appeared while this ran; the results are in {} instead",
                        kept.display()
                    );
                    return Err(Error::data(path, message));
                }
                path.clone()
            }
        };
        // It goes by another name now; nothing is left to be removed.
        let _ = self.temporary.keep();
        Ok(place)
    }
}

impl NewFolder {
    /// Gives it its name, unless another process filled that place meanwhile: then this one vanishes. Whether it got its name.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be renamed.
    ///
    /// # Panics
    /// If it is a numbered one.
    pub fn finish_unless_taken(self) -> Result<bool> {
        let Place::Named { path, target, .. } = &self.place else {
            panic!("a numbered folder always finds a place");
        };
        let from = self.temporary.path();
        unfinished().retain(|folder| folder != from);
        open_to_all(from);
        // An empty folder gives way; one with something in it does not.
        if let Err(error) = fs::rename(from, target) {
            let filled = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
            return if filled {
                Ok(false)
            } else {
                Err(refused("create", path)(error))
            };
        }
        let _ = self.temporary.keep();
        Ok(true)
    }
}

/// The folders made on the way to a place. Those still empty in the end are removed again.
#[derive(Debug)]
struct Parents(Vec<PathBuf>);

impl Parents {
    fn create(path: &Path) -> Result<Self> {
        let missing = path
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let parents = Self(missing.map(PathBuf::from).collect());
        fs::create_dir_all(path).map_err(refused("create", path))?;
        Ok(parents)
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        for folder in &self.0 {
            // What is not empty stays, as it should.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Whether anything is at `path`, be it a link to nowhere.
fn is_taken(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(refused("create", path)(error)),
    }
}

fn check_replaceable(path: &Path) -> Result<()> {
    let mut entries = fs::read_dir(path).map_err(refused("replace", path))?;
    if entries.next().is_some() && !path.join(MANIFEST).is_file() {
        let message = "is neither empty nor a folder of results, so --force leaves it alone; choose another --out";
        return Err(Error::data(path, message));
    }
    Ok(())
}

fn numbered(parent: &Path, stem: &str, n: usize) -> PathBuf {
    parent.join(format!("{stem}-{n}"))
}

/// Renames to the first free of `<parent>/<stem>-1`, `-2`, ...
fn move_to_first_free(from: &Path, parent: &Path, stem: &str) -> Result<PathBuf> {
    let mut n = 1;
    loop {
        let path = numbered(parent, stem, n);
        if !is_taken(&path)? {
            match fs::rename(from, &path) {
                Ok(()) => return Ok(path),
                // Unless another run was quicker.
                Err(error) if !is_taken(&path)? => return Err(refused("create", &path)(error)),
                Err(_) => {}
            }
        }
        n += 1;
    }
}

/// Puts the folder `from` in the place of `path`. The old one steps aside and goes only once the new one is there.
fn replace(from: &Path, path: &Path) -> Result<()> {
    check_replaceable(path)?;
    let parent = path.parent().unwrap_or(path);
    let aside = tempfile::Builder::new()
        .prefix(".replaced-")
        .tempdir_in(parent)
        .map_err(refused("create a folder in", parent))?;
    let old = aside.path().join("old");
    fs::rename(path, &old).map_err(refused("replace", path))?;
    fs::rename(from, path).map_err(|error| {
        // Back as it was; if that fails too, the old results stay where they stepped aside.
        if fs::rename(&old, path).is_err() {
            let _ = aside.keep();
        }
        refused("replace", path)(error)
    })
}

/// [`Error::Io`] with the way out; for use in `map_err`.
fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| {
        let way_out = match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "free some space, or name another place with --out"
            }
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                "a part of that path is a file; name another place with --out"
            }
            ErrorKind::InvalidFilename => "shorten the name",
            _ => "name another place with --out",
        };
        let source = io::Error::new(source.kind(), format!("{source}; {way_out}"));
        Error::io(action, path)(source)
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
    fn an_unfinished_folder_takes_the_way_to_it_along() {
        let home = tempfile::tempdir().unwrap();
        let folder = NewFolder::named(&home.path().join("a/b/c"), false).unwrap();
        assert!(home.path().join("a/b").is_dir());
        drop(folder);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        let folder = NewFolder::named(&home.path().join("a/b/c"), false).unwrap();
        assert!(folder.finish().unwrap().is_dir());
    }

    #[test]
    fn results_whose_place_was_taken_meanwhile_are_kept_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("results");
        let folder = NewFolder::named(&path, false).unwrap();
        fs::write(folder.path().join(MANIFEST), "ours").unwrap();
        fs::write(&path, "theirs").unwrap();
        let error = folder.finish().unwrap_err().to_string();
        assert!(error.contains("results-1 instead"), "{error}");
        let kept = home.path().join("results-1").join(MANIFEST);
        assert_eq!(fs::read_to_string(kept).unwrap(), "ours");
        assert_eq!(fs::read_to_string(path).unwrap(), "theirs");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nowhere_is_in_the_way() {
        let home = tempfile::tempdir().unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        let error = NewFolder::named(&link, false).unwrap_err();
        assert!(matches!(error, Error::Exists { .. }), "{error}");
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
