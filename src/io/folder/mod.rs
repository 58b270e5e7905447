//! A folder of results that appears whole or not at all.
//!
//! It is filled under a temporary name beside its place and renamed when all is written. What is there may be replaced, if it is
//! results and nothing else; whether it can be is tried before the work. A folder that cannot be moved itself, such as a mount point,
//! is filled by moving the files. Results that cannot take their place in the end are kept beside it.

mod aside;
mod growing;
mod moves;
mod ours;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::atomic_write;
use super::process::{Life, Mark};
use crate::error::{DiskError, Error, Result};
use aside::Aside;
pub use growing::GrowingFolder;
use moves::{Parents, fill, is_taken, move_to_first_free, numbered, open_to_all, put};
pub use ours::FILES;
pub(in crate::io) use ours::{json_object, strange};

/// The file that every folder of results holds, and by which one is known.
pub const MANIFEST: &str = "manifest.json";

/// How the names of folders begin that are being filled.
const UNFINISHED_PREFIX: &str = ".unfinished-";

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

/// Removes from `parent` what processes of this host were filling when they were killed.
fn sweep_up(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let mark = Mark::in_name(&name.to_string_lossy(), UNFINISHED_PREFIX);
        if mark.is_some_and(|mark| mark.life() == Life::Dead) {
            // What cannot be removed stays, under its hidden name.
            let _ = fs::remove_dir_all(entry.path());
        }
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
    /// Why it will not be where it was asked for.
    note: Option<String>,
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
    /// In a folder that stays: the files move into it.
    Within {
        /// As the user wrote it.
        path: PathBuf,
        /// The folder.
        target: PathBuf,
    },
    /// The first free of `<stem>-1`, `-2`, ...
    Numbered { stem: String },
}

impl NewFolder {
    /// A folder that will be at `path`. If something is there already it is an error, or replaced with `force`: but only
    /// an empty folder or one of results, with nothing of anybody's own in it, is ever replaced.
    ///
    /// # Errors
    /// [`Error::Disk`] if something is in the way, [`Error::Data`] if it is not to be replaced; [`Error::Disk`] if the place
    /// cannot be written to.
    pub fn named(path: &Path, force: bool) -> Result<Self> {
        let mut target = path.to_path_buf();
        if is_taken(path)? {
            if !force {
                return Err(Error::exists(path));
            }
            ours::check(path).map_err(|refusal| {
                let (reason, way_out) = (refusal.reason, refusal.way_out);
                let problem = format!("{reason}, so --force leaves it alone");
                Error::data_hint(path, problem, way_out)
            })?;
            target = path.canonicalize().map_err(Error::io("replace", path))?;
            match Aside::step(&target) {
                Ok(aside) => aside.back().map_err(|lost| Error::data(path, lost))?,
                // A mount point, or a folder in one of somebody else's: it may still be written to.
                Err(error) => {
                    let path = path.to_path_buf();
                    let place = Place::Within {
                        path: path.clone(),
                        target: target.clone(),
                    };
                    let within = Self::inside(target, place);
                    return within.map_err(|_| Error::io("replace", &path)(error));
                }
            }
        }
        Self::at(path, target, force)
    }

    /// [`NewFolder::named`]; where the system does not let results be replaced, the first free of `<path>-1`, `-2`, ... instead, and
    /// [`NewFolder::note`] says so.
    ///
    /// # Errors
    /// As [`NewFolder::named`].
    pub fn named_or_beside(path: &Path, force: bool) -> Result<Self> {
        let refusal = match Self::named(path, force) {
            Err(error @ Error::Disk(DiskError::Io { .. })) if force => error,
            named => return named,
        };
        let Some((parent, stem)) = path.parent().zip(path.file_name()) else {
            return Err(refusal);
        };
        let stem = stem.to_string_lossy();
        match Self::numbered(parent, &stem) {
            Ok(folder) => Ok(Self {
                note: Some(format!(
                    "{refusal}; the results will be beside it, in {stem}-1 or the next such folder that is free"
                )),
                ..folder
            }),
            Err(_) => Err(refusal),
        }
    }

    /// Why it will not be where it was asked for.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// A folder that will be at `path`, where nothing is or an empty folder: for [`NewFolder::finish_unless_taken`].
    ///
    /// # Errors
    /// [`Error::Disk`] if the place cannot be written to.
    pub fn vacant(path: &Path) -> Result<Self> {
        let target = match is_taken(path)? {
            true => path.canonicalize().map_err(Error::io("fill", path))?,
            false => path.into(),
        };
        Self::at(path, target, false)
    }

    fn at(path: &Path, target: PathBuf, force: bool) -> Result<Self> {
        if target.file_name().is_none() {
            return Err(Error::data_hint(
                path,
                "names no new folder",
                "choose another --out",
            ));
        }
        let parent = target.parent().unwrap_or(Path::new("/")).to_path_buf();
        let path = path.into();
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
    /// [`Error::Disk`] if the place cannot be written to.
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
            Place::Within { .. } => true,
        };
        sweep_up(&parent);
        let temporary = tempfile::Builder::new()
            .prefix(&Mark::prefix(UNFINISHED_PREFIX))
            .tempdir_in(&parent)
            .map_err(Error::io("create a folder in", &parent))?;
        unfinished().push(temporary.path().into());
        Ok(Self {
            temporary,
            _parents: parents,
            parent,
            place,
            note: None,
        })
    }

    /// Where its files go for now.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Fills it by `write`, whose errors are told of the place where the folder will be.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn fill(&self, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let shown = match &self.place {
            Place::Named { path, .. } | Place::Within { path, .. } => path.clone(),
            Place::Numbered { stem } => numbered(&self.parent, stem, 1),
        };
        write(self.path()).map_err(|error| error.shown_at(self.path(), &shown))
    }

    /// Writes `manifest`, an object, with the names of all files written so far, by which they will be known.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be written.
    pub fn write_manifest(&self, mut manifest: Value) -> Result<()> {
        let folder = self.path();
        let mut names = vec![MANIFEST.to_string()];
        for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
            let name = entry.map_err(Error::io("read", folder))?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        names.sort();
        manifest[FILES] = json!(names);
        let text = serde_json::to_vec_pretty(&manifest).expect("plain values are JSON");
        atomic_write(&folder.join(MANIFEST), &text)
    }

    /// Gives it its name; where it is now.
    ///
    /// # Errors
    /// [`Error::Data`] if it could not take its place, with where the folder is instead: what is finished is never removed.
    pub fn finish(self) -> Result<PathBuf> {
        let from = self.temporary.path();
        // Its fate is decided here.
        unfinished().retain(|folder| folder != from);
        open_to_all(from);
        let outcome = match &self.place {
            Place::Numbered { stem } => {
                let first = numbered(&self.parent, stem, 1);
                move_to_first_free(from, &self.parent, stem)
                    .map_err(|error| self.kept(&first, &format!("cannot be created ({error})")))
            }
            Place::Named {
                path,
                target,
                force,
            } => match put(from, target, *force) {
                Ok(()) => Ok(path.clone()),
                Err(reason) => Err(self.kept(path, &reason)),
            },
            Place::Within { path, target } => match fill(from, target) {
                // What is left is an empty folder, and goes.
                Ok(()) => return Ok(path.clone()),
                Err(reason) => Err(self.kept(path, &reason)),
            },
        };
        // It goes by another name now, or stays as it is.
        let _ = self.temporary.keep();
        outcome
    }

    /// Finds another place for what cannot be at `path`; the error that says where.
    fn kept(&self, path: &Path, reason: &str) -> Error {
        let from = self.temporary.path();
        let stem = match &self.place {
            Place::Numbered { stem } => stem.clone(),
            Place::Named { target, .. } | Place::Within { target, .. } => {
                let name = target.file_name().unwrap_or_default();
                name.to_string_lossy().into_owned()
            }
        };
        let kept = move_to_first_free(from, &self.parent, &stem).unwrap_or_else(|_| from.into());
        let (path, problem) = (path.into(), reason.into());
        DiskError::Misplaced {
            path,
            problem,
            kept,
        }
        .into()
    }
}

impl NewFolder {
    /// Gives it its name, unless another process filled that place meanwhile: then this one vanishes. Whether it got its name.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be renamed.
    ///
    /// # Panics
    /// If it was not made by [`NewFolder::vacant`].
    pub fn finish_unless_taken(self) -> Result<bool> {
        let Place::Named { path, target, .. } = &self.place else {
            panic!("only a vacant place can be taken meanwhile");
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
                Err(Error::io("create", path)(error))
            };
        }
        let _ = self.temporary.keep();
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
