//! Moves a finished folder to its place: to a free name, in place of older results, or file by file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::aside::Aside;
use super::{MANIFEST, ours};
use crate::error::{Error, Result};

/// The folders made on the way to a place. Those still empty in the end are removed again.
#[derive(Debug)]
pub(super) struct Parents(Vec<PathBuf>);

impl Parents {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let missing = path
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let parents = Self(missing.map(PathBuf::from).collect());
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
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
pub(super) fn is_taken(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("create", path)(error)),
    }
}

pub(super) fn numbered(parent: &Path, stem: &str, n: usize) -> PathBuf {
    parent.join(format!("{stem}-{n}"))
}

/// Renames to the first free of `<parent>/<stem>-1`, `-2`, ...
pub(super) fn move_to_first_free(from: &Path, parent: &Path, stem: &str) -> io::Result<PathBuf> {
    let mut n = 1;
    loop {
        let path = numbered(parent, stem, n);
        let is_free = || match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            found => found.map(|_| false),
        };
        if is_free()? {
            match fs::rename(from, &path) {
                Ok(()) => return Ok(path),
                // Unless another run was quicker.
                Err(error) if is_free()? => return Err(error),
                Err(_) => {}
            }
        }
        n += 1;
    }
}

/// Puts the folder `from` at `target`, in place of what is there if `force` allows it. The old one steps aside and goes only once
/// the new one is there. If it cannot be, why.
pub(super) fn put(from: &Path, target: &Path, force: bool) -> std::result::Result<(), String> {
    let failed = |what: &str, error: io::Error| format!("cannot be {what} ({error})");
    if !is_taken(target).map_err(|error| error.to_string())? {
        return fs::rename(from, target).map_err(|error| failed("created", error));
    }
    if !force {
        return Err("appeared while this ran".into());
    }
    let old = Aside::step(target).map_err(|error| failed("replaced", error))?;
    // Now that nobody finds it any more: it may have changed while this ran.
    let may = ours::check(&old.path()).map_err(|refusal| format!("now {}", refusal.reason));
    match may.and_then(|()| fs::rename(from, target).map_err(|error| failed("replaced", error))) {
        Ok(()) => {
            old.remove();
            Ok(())
        }
        Err(reason) => match old.back() {
            Ok(()) => Err(reason),
            Err(lost) => Err(format!("{reason}; what was there {lost}")),
        },
    }
}

/// Moves the files of the folder `from` into `target`, in which it lies, in place of the results there. All or nothing; if it cannot
/// be done, why.
pub(super) fn fill(from: &Path, target: &Path) -> std::result::Result<(), String> {
    ours::check(target).map_err(|refusal| format!("now {}", refusal.reason))?;
    let moved = || -> io::Result<()> {
        let old = tempfile::Builder::new()
            .prefix(".replaced-")
            .tempdir_in(target)?;
        let stays = |path: &Path| path == old.path() || ours::stays(path);
        let mut moves = Vec::new();
        for (folder, to) in [(target, old.path()), (from, target)] {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if !stays(&path) {
                    let name = path.file_name().unwrap_or_default();
                    moves.push((path.clone(), to.join(name)));
                }
            }
        }
        // The file by which the folder is known comes last.
        moves.sort_by_key(|(path, _)| *path == from.join(MANIFEST));
        for (n, (path, to)) in moves.iter().enumerate() {
            if let Err(error) = fs::rename(path, to) {
                let mut are_back = true;
                for (path, to) in moves[..n].iter().rev() {
                    are_back &= fs::rename(to, path).is_ok();
                }
                // What could not go back is still there, under the hidden name.
                if !are_back {
                    let _ = old.keep();
                }
                return Err(error);
            }
        }
        Ok(())
    };
    moved().map_err(|error| format!("cannot be replaced ({error})"))
}

/// A temporary folder is its owner's alone; a folder of results is as any other.
pub(super) fn open_to_all(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Failing, it stays private, which loses nothing.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    }
    #[cfg(not(unix))]
    let _ = path;
}
