//! A folder of results that is filled while the work goes on, and that the same work finds again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{FILES, MANIFEST, NewFolder, json_object};
use crate::error::{Error, Result};
use crate::io::atomic_write;
use crate::io::store::{differences, is_vacant};

/// A folder that grows. Each of its files appears whole, or is replaced as a whole.
#[derive(Debug)]
pub struct GrowingFolder {
    path: PathBuf,
    identity: Map<String, Value>,
    files: Vec<String>,
    /// Where this work made it: it and the folders on the way to it that were not there.
    made: Option<Vec<PathBuf>>,
}

impl GrowingFolder {
    /// Makes the folder at `path`, or opens the one that is there, if it holds the same work: that of `what`, with the same `identity`.
    /// With `replace`, results of ours that are there give way. `files` are the names of all that may come to lie in it.
    ///
    /// # Errors
    /// [`Error::Data`] if there is other work, saying what differs, or something else; [`Error::Disk`] if the place cannot be written
    /// to.
    pub fn create_or_open(
        path: &Path,
        what: &str,
        identity: &Map<String, Value>,
        files: &[String],
        replace: bool,
    ) -> Result<Self> {
        let mut folder = Self {
            path: path.into(),
            identity: identity.clone(),
            files: files.to_vec(),
            made: None,
        };
        let missing = path
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let missing = missing.map(PathBuf::from).collect();
        if replace {
            let new = NewFolder::named(path, true)?;
            folder.put_manifest(new.path(), &Map::new())?;
            new.finish()?;
        } else if is_vacant(path) {
            let new = NewFolder::vacant(path)?;
            folder.put_manifest(new.path(), &Map::new())?;
            // Another process may be quicker; its folder is as good.
            new.finish_unless_taken()?;
            folder.made = Some(missing);
        }
        folder.check(what)?;
        Ok(folder)
    }

    /// Makes the folder at the first free of `PARENT/STEM-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Disk`] if the place cannot be written to.
    pub fn create_numbered(
        parent: &Path,
        stem: &str,
        what: &str,
        identity: &Map<String, Value>,
        files: &[String],
    ) -> Result<Self> {
        let mut places = (1..).map(|n| parent.join(format!("{stem}-{n}")));
        let free = places.find(|path| fs::symlink_metadata(path).is_err());
        let free = free.expect("numbers go on");
        Self::create_or_open(&free, what, identity, files, false)
    }

    /// Whether the folder is of this work.
    fn check(&self, what: &str) -> Result<()> {
        let found = json_object(&self.path.join(MANIFEST));
        let found = found.filter(|found| found.contains_key("brainsweep"));
        let Some(found) = found else {
            let problem = format!("is neither empty nor a {what}");
            return Err(Error::data_hint(
                &self.path,
                problem,
                "choose another --out",
            ));
        };
        // What the work found is no part of what it is.
        let mut there = Map::new();
        for name in self.identity.keys() {
            there.insert(name.clone(), found.get(name).cloned().unwrap_or_default());
        }
        let here = Value::Object(self.identity.clone());
        let differing = differences("", &there.into(), &here);
        if differing.is_empty() {
            return Ok(());
        }
        let problem = format!(
            "holds another {what}; there and here differ:\n  {}",
            differing.join("\n  ")
        );
        let hint = "choose another --out, or say --force to replace it";
        Err(Error::data_hint(&self.path, problem, hint))
    }

    /// Removes what was made with the folder, if this work made it and nothing came to lie in it: for work that is refused after all.
    pub fn abandon(&self) {
        let Some(made) = &self.made else { return };
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        for folder in entries.map(|entry| entry.path()).filter(|at| at.is_dir()) {
            // What is not empty stays, as it should.
            let _ = fs::remove_dir(folder);
        }
        let mut left = fs::read_dir(&self.path).into_iter().flatten().flatten();
        if left.all(|entry| entry.file_name() == MANIFEST) {
            let _ = fs::remove_file(self.path.join(MANIFEST));
            for folder in made {
                let _ = fs::remove_dir(folder);
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file, replacing what was there; `name` may lie in a folder.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        atomic_write(&self.place(name)?, bytes)
    }

    /// The path of a file of this name, whose folder is made.
    ///
    /// # Errors
    /// [`Error::Disk`] if the folder cannot be made.
    pub fn place(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        Ok(path)
    }

    /// Removes the file of this name, if it is there.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::io("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// What the work is, as the manifest says.
    pub fn identity(&self) -> &Map<String, Value> {
        &self.identity
    }

    /// The path of the file of this name, if it is there.
    pub fn existing(&self, name: &str) -> Option<PathBuf> {
        let path = self.path.join(name);
        path.is_file().then_some(path)
    }

    /// Writes the manifest: what the work is, and `facts` about what it found.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be written.
    pub fn write_manifest(&self, facts: &Map<String, Value>) -> Result<()> {
        self.put_manifest(&self.path, facts)
    }

    fn put_manifest(&self, folder: &Path, facts: &Map<String, Value>) -> Result<()> {
        let mut manifest = self.identity.clone();
        manifest.extend(facts.clone());
        manifest.insert(FILES.into(), json!(self.files));
        let text = serde_json::to_vec_pretty(&manifest).expect("plain values are JSON");
        atomic_write(&folder.join(MANIFEST), &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> GrowingFolder {
        let mut identity = Map::new();
        identity.insert("brainsweep".into(), json!("0"));
        let files = [MANIFEST.to_string()];
        GrowingFolder::create_or_open(path, "fit", &identity, &files, false).unwrap()
    }

    #[test]
    fn what_is_abandoned_goes_with_what_was_made_for_it_unless_something_is_in_it() {
        let home = tempfile::tempdir().unwrap();
        let (parent, path) = (home.path().join("out"), home.path().join("out/fit"));
        let folder = open(&path);
        folder.place("state/x.npz").unwrap();
        folder.abandon();
        assert!(!parent.exists());
        // Somebody else's, or something came of it.
        let first = open(&path);
        open(&path).abandon();
        assert!(path.join(MANIFEST).is_file());
        first.write("state/x.npz", b"results").unwrap();
        first.abandon();
        assert!(path.join(MANIFEST).is_file() && path.join("state/x.npz").is_file());
        // A folder that was there stays.
        let empty = home.path().join("empty");
        fs::create_dir(&empty).unwrap();
        open(&empty).abandon();
        assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    }
}
