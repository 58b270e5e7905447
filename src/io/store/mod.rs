//! A Zarr v3 group that is filled chunk by chunk, by one process or several, and outlives each of them.
//!
//! What there will be is known from the start, so the group appears whole, with all its metadata
//! (consolidated, too) and coordinates; after that only chunks are added. A chunk is written beside,
//! flushed and renamed: a reader sees none of it or all. Chunks are plain little-endian numbers and
//! their CRC-32C; whoever writes one writes the same bytes.
//!
//! Where all chunks are known at once, as of a fit, a group is written whole (`whole.rs`).
//!
//! # What is done
//!
//! A part of the work fills one chunk of every array: *it is done when each of them is there, as long
//! as it should be*, fill values or not, and is the part's own (`record.rs`). That is the whole journal.
//! A list of what is done, kept beside, would be a second truth, to be kept in step with the chunks
//! through crashes, repairs and between machines; files that are there or not need neither lock nor
//! repair. Which process does which part is another matter, that of the claims (`claims.rs`). Of a part
//! that takes long, checkpoints are kept until it is done (`checkpoints.rs`).
//!
//! # Damage
//!
//! Everything but the chunks is known from the command. Whoever opens the group compares it, byte by
//! byte, and writes anew what differs. Which sweep it is, is said twice, in `zarr.json` and in
//! `manifest.json`: one of them is enough. A chunk of another length is not done, nor one that lies in
//! another's place; one whose checksum is another's is never read as numbers.
//!
//! # Killed processes
//!
//! Half-written files lie in a folder `.work-*` of the process that writes them. Whoever opens the
//! store removes the folders of its own host's processes that are gone.

mod checkpoints;
mod checksum;
mod claims;
mod contents;
mod element;
mod holders;
mod record;
mod skeleton;
mod whole;

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::path::Path;

use serde_json::{Map, Value};

use super::folder::{FILES, MANIFEST, NewFolder, json_object, strange};
use super::work::{self, Work};
use super::{atomic, atomic_write, plain};
use crate::error::{Error, Result};
pub use checkpoints::{Kept, checkpoints};
use claims::Claims;
pub use contents::{Contents, Unsound};
pub use element::Element;
pub use holders::{Holder, holders};
pub use skeleton::{Coordinate, Kind, Numbers, Skeleton, Variable};
pub use whole::Whole;

/// The file of metadata that makes a folder a Zarr group or array.
const METADATA: &str = "zarr.json";
/// Attributes that number what a store may differ in between versions of the program, and what they
/// number. Stores that differ in one are not filled together.
const REVISIONS: [(&str, &str); 3] = [
    ("schema", "writes other manifests"),
    (FORM, "writes stores of another form"),
    (NUMERICS, "computes other bits"),
];
/// The attribute that numbers the form of a store.
pub const FORM: &str = "store_form";
/// The attribute that numbers the bits that the program computes.
pub const NUMERICS: &str = "numerics";
/// The form of the stores that this version writes.
///
/// 2: chunks end with a CRC-32C. Stores without the attribute have none.
pub const FORM_NOW: u32 = 2;

/// A group on disk that this process fills.
#[derive(Debug)]
pub struct Store {
    contents: Contents,
    /// Which sweep it is, as its checkpoints say.
    sweep: Vec<u8>,
    /// Where files are made.
    work: Work,
    mended: Vec<String>,
    strange: Option<String>,
}

/// What the store holds can be read.
impl Deref for Store {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.contents
    }
}

impl Store {
    /// Makes the group at `path`, or opens the one that is there if it is the same, and mends it; with `replace`, what is there (an
    /// empty folder or results of ours) gives way.
    ///
    /// # Errors
    /// [`Error::Data`] if there is another group, saying what differs, or something else; [`Error::Disk`] if the place cannot be
    /// written to.
    pub fn create_or_open(path: &Path, skeleton: &Skeleton, replace: bool) -> Result<Self> {
        let files = skeleton.files();
        if replace {
            let folder = NewFolder::named(path, true)?;
            folder.fill(|path| write_all(path, &files))?;
            folder.finish()?;
        } else if is_vacant(path) {
            let folder = NewFolder::vacant(path)?;
            folder.fill(|path| write_all(path, &files))?;
            // Another process may be quicker; its group is as good as this one would be.
            folder.finish_unless_taken()?;
        }
        Self::open(path, skeleton, &files)
    }

    /// Makes the group at the first free of `<parent>/<stem>-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Disk`] if the place cannot be written to.
    pub fn create_numbered(parent: &Path, stem: &str, skeleton: &Skeleton) -> Result<Self> {
        let mut places = (1..).map(|n| parent.join(format!("{stem}-{n}")));
        let free = places.find(|path| fs::symlink_metadata(path).is_err());
        Self::create_or_open(&free.expect("numbers go on"), skeleton, false)
    }

    fn open(path: &Path, skeleton: &Skeleton, files: &[(String, Vec<u8>)]) -> Result<Self> {
        let found = identity(path)?;
        for (key, what) in REVISIONS {
            let revision = |of: &Map<String, Value>| match of.get(key) {
                Some(revision) => revision.to_string(),
                None => "none".into(),
            };
            let (there, here) = (revision(&found), revision(&skeleton.attributes));
            if there != here {
                let problem = format!(
                    "was begun by a version of brainsweep that {what} ({key} {there} there, {here} here)"
                );
                let hint =
                    "go on with that version, choose another --out, or say --force to replace it";
                return Err(Error::data_hint(path, problem, hint));
            }
        }
        let differing = differences(
            "",
            &Value::Object(found),
            &Value::Object(skeleton.attributes.clone()),
        );
        if !differing.is_empty() {
            let problem = format!(
                "holds another sweep; there and here differ:\n  {}",
                differing.join("\n  ")
            );
            let hint = "choose another --out, or say --force to replace it";
            return Err(Error::data_hint(path, problem, hint));
        }
        let damaged = files.iter().filter(|(name, bytes)| {
            !plain::read_own(&path.join(name)).is_ok_and(|found| found == *bytes)
        });
        let damaged: Vec<_> = damaged.collect();
        let store = Self {
            contents: Contents::new(path, &skeleton.variables, &skeleton.attributes),
            sweep: serde_json::to_vec(&skeleton.attributes).expect("plain values are JSON"),
            work: Work::join(path)?,
            strange: strange(path, &skeleton.names()),
            mended: damaged.iter().map(|(name, _)| name.clone()).collect(),
        };
        for (name, bytes) in damaged {
            store.write_file(name, bytes)?;
        }
        Ok(store)
    }

    /// The files that were missing or not as they should be when it was opened, and were written anew.
    pub fn mended(&self) -> &[String] {
        &self.mended
    }

    /// What lay in it when it was opened and is not of it, in words; none where there was nothing. It is left alone.
    pub fn strange(&self) -> Option<&str> {
        self.strange.as_deref()
    }

    /// Writes a file beside the arrays, replacing what was there; `name` may lie in a folder.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be written.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path().join(name);
        let written = self.put(&path, bytes);
        written.map_err(Error::store("write", path))
    }

    /// Writes a whole chunk of array `name`, its elements in row-major order; gives its checksum.
    ///
    /// # Errors
    /// [`Error::Disk`] if the disk is full or gone.
    ///
    /// # Panics
    /// If there is no such array, or its chunks hold another number or type of elements.
    pub fn write<T: Element>(&self, name: &str, chunk: &[usize], elements: &[T]) -> Result<u32> {
        let variable = self.holding::<T>(name);
        assert_eq!(
            size_of_val(elements) as u64,
            variable.chunk_bytes(),
            "{name}"
        );
        let (bytes, sum) = sealed(elements);
        let written = self.put(&self.chunk(variable, chunk), &bytes);
        written.map_err(Error::store("write", self.path().join(name)))?;
        Ok(sum)
    }

    /// Puts a file in its place, whole.
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match atomic::put(&self.work.file(), path, bytes) {
            // The folder of half-written files may have been taken for a dead process's, or a folder of the store is not there.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.work.mend()?;
                if let Some(folder) = path.parent().filter(|folder| *folder != self.path()) {
                    fs::create_dir_all(folder)?;
                }
                atomic::put(&self.work.file(), path, bytes)
            }
            written => written,
        }
    }

    /// Claims a part of the work, by its number, for this process; whether it is this process's now.
    ///
    /// # Errors
    /// [`Error::Disk`] if the claim can be neither made nor looked at.
    pub fn claim(&self, part: usize) -> Result<bool> {
        let taken = self.claims().take(part);
        taken.map_err(Error::store("claim a part in", self.path()))
    }

    /// Gives a part back that was claimed.
    pub fn release(&self, part: usize) {
        self.claims().release(part);
    }

    /// Removes what processes left behind, in a store in which every part is done.
    pub fn tidy(&self) {
        claims::clear(self.path());
        checkpoints::clear(self.path());
        // What cannot be removed is hidden, and does no harm.
        let _ = work::sweep_up(self.path());
    }

    fn claims(&self) -> Claims<'_> {
        Claims {
            store: self.path(),
            work: &self.work,
        }
    }

    /// Removes the chunk of array `name` of a part of the work, so that the part is not done any more.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be removed.
    pub fn remove(&self, name: &str, part: &[usize]) -> Result<()> {
        match fs::remove_file(self.chunk(self.variable(name), part)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::store(
                "remove a chunk of",
                self.path().join(name),
            )(error)),
            _ => Ok(()),
        }
    }
}

/// Whether there is nothing, or an empty folder.
pub(in crate::io) fn is_vacant(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => fs::symlink_metadata(path).is_err(),
    }
}

/// Whether a file of this name, within a store, is a claim, a checkpoint or a record.
pub(in crate::io) fn is_of_work(name: &str) -> bool {
    let Some((folder, inside)) = name.split_once('/') else {
        return false;
    };
    match folder {
        claims::FOLDER => claims::numbers(inside).is_some(),
        checkpoints::FOLDER => match inside.split_once('/') {
            Some((part, number)) => [part, number].into_iter().all(checkpoints::is_number),
            None => false,
        },
        record::FOLDER => inside
            .split('.')
            .all(|index| index.parse::<usize>().is_ok()),
        _ => false,
    }
}

/// Whether a folder of this name, within a store, is one of claims, checkpoints or records.
pub(in crate::io) fn is_folder_of_work(name: &str) -> bool {
    let is_outer = [claims::FOLDER, checkpoints::FOLDER, record::FOLDER].contains(&name);
    is_outer || is_of_work(&format!("{name}/0"))
}

/// Removes the files of a folder that are ours by their names, and the folder if nothing else is in it.
fn remove_own(folder: &Path, is_own: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(&is_own) {
            // Another process may be doing the same; what cannot be removed is hidden, and does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
    let _ = fs::remove_dir(folder);
}

/// The file of a chunk with these elements, and its checksum.
pub fn sealed<T: Element>(elements: &[T]) -> (Vec<u8>, u32) {
    let mut bytes = T::to_bytes(elements);
    let sum = checksum::seal(&mut bytes);
    (bytes, sum)
}

/// Writes files by their names in `folder`.
fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    files
        .iter()
        .try_for_each(|(name, bytes)| write(folder, name, bytes))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let folder = path.parent().unwrap_or(folder);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    atomic_write(&path, bytes)
}

/// Which sweep is at `path`: the attributes of the group, or where those cannot be read, the manifest.
fn identity(path: &Path) -> Result<Map<String, Value>> {
    let is_ours = |found: &Map<String, Value>| {
        found.contains_key("brainsweep") && found.contains_key("sweep")
    };
    let group = json_object(&path.join(METADATA));
    let is_cut = group.is_none() && path.join(METADATA).exists();
    let attributes = group.and_then(|mut group| match group.remove("attributes") {
        Some(Value::Object(attributes)) => Some(attributes),
        _ => None,
    });
    if let Some(attributes) = attributes.filter(is_ours) {
        return Ok(attributes);
    }
    if let Some(mut manifest) = json_object(&path.join(MANIFEST)).filter(is_ours) {
        manifest.remove(FILES);
        return Ok(manifest);
    }
    let problem = match is_cut {
        true => "zarr.json and manifest.json are damaged or missing: which sweep it was is lost",
        false => "is neither empty nor a sweep",
    };
    Err(Error::data_hint(path, problem, "choose another --out"))
}

/// Where two values differ, as lines "key: there ..., here ...".
pub(in crate::io) fn differences(key: &str, there: &Value, here: &Value) -> Vec<String> {
    let inner = |name: &str| {
        if key.is_empty() {
            name.into()
        } else {
            format!("{key}.{name}")
        }
    };
    match (there, here) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a
                .keys()
                .chain(b.keys().filter(|name| !a.contains_key(*name)));
            let missing = Value::Null;
            let of =
                |map: &Map<String, Value>, name: &str| map.get(name).unwrap_or(&missing).clone();
            names
                .flat_map(|name| differences(&inner(name), &of(a, name), &of(b, name)))
                .collect()
        }
        _ if there == here => Vec::new(),
        _ => {
            let shown = |value: &Value| match value {
                Value::Null => "nothing".into(),
                value => value.to_string(),
            };
            vec![format!(
                "{key}: there {}, here {}",
                shown(there),
                shown(here)
            )]
        }
    }
}

#[cfg(test)]
mod tests;
