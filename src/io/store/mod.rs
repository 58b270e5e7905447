//! A Zarr v3 group that is filled chunk by chunk, by one process or several, and outlives each of them.
//!
//! What there will be is known from the start, so the group appears whole, with all its metadata (consolidated, too) and
//! coordinates; after that only chunks are added. A chunk is written beside, flushed and renamed: a reader sees none of it or all.
//! Chunks are plain little-endian numbers; whoever writes one writes the same bytes.
//!
//! # What is done
//!
//! A part of the work fills one chunk of every array: *it is done when each of them is there, as long as it should be*, fill values
//! or not. That is the whole journal. A list kept beside would be a second truth, to be kept in step with the chunks through
//! crashes, repairs and between machines; files that are there or not need neither lock nor repair.
//!
//! # Damage
//!
//! Everything but the chunks is known from the command. Whoever opens the group compares it, byte by byte, and writes anew what
//! differs. Which sweep it is, is said twice, in `zarr.json` and in `manifest.json`: one of them is enough.
//!
//! # Killed processes
//!
//! Half-written files lie in a folder `.work-*` of the process that writes them, which holds a lock on a file in it. Whoever opens
//! the store removes the folders whose locks are free: the system frees them however a process ends.

mod disk;
mod element;
mod skeleton;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::folder::{FILES, MANIFEST, NewFolder, json_object};
use super::work::Work;
use super::{atomic, atomic_write};
use crate::error::{Error, Result};
pub use element::Element;
use skeleton::chunk_name;
pub use skeleton::{Coordinate, Kind, Numbers, Skeleton, Variable};

/// The file of metadata that makes a folder a Zarr group or array.
const METADATA: &str = "zarr.json";
/// The attribute that numbers the form of a store: stores of different forms are not filled together.
const SCHEMA: &str = "schema";

/// A group on disk.
pub struct Store {
    root: PathBuf,
    variables: BTreeMap<String, Variable>,
    /// Where files are made.
    work: Work,
    mended: Vec<String>,
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
            write_all(folder.path(), &files)?;
            folder.finish()?;
        } else if is_vacant(path) {
            let folder = NewFolder::vacant(path)?;
            write_all(folder.path(), &files)?;
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
        let schema = |of: &Map<String, Value>| of.get(SCHEMA).cloned().unwrap_or_default();
        let (there, here) = (schema(&found), schema(&skeleton.attributes));
        if there != here {
            let message = format!(
                "was begun by a version of brainsweep that writes other stores (schema {there} there, {here} here); go on \
                 with that version, choose another --out, or say --force to replace it"
            );
            return Err(Error::data(path, message));
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
        let damaged = files
            .iter()
            .filter(|(name, bytes)| !fs::read(path.join(name)).is_ok_and(|found| found == *bytes));
        let damaged: Vec<_> = damaged.cloned().collect();
        write_all(path, &damaged)?;
        let named = |variable: &Variable| (variable.name.clone(), variable.clone());
        Ok(Self {
            root: path.into(),
            variables: skeleton.variables.iter().map(named).collect(),
            work: Work::claim(path)?,
            mended: damaged.into_iter().map(|(name, _)| name).collect(),
        })
    }

    /// The files that were missing or not as they should be when it was opened, and were written anew.
    pub fn mended(&self) -> &[String] {
        &self.mended
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Writes a file beside the arrays, replacing what was there; `name` may lie in a folder.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be written.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write(&self.root, name, bytes)
    }

    /// Writes a whole chunk of array `name`, its elements in row-major order.
    ///
    /// # Errors
    /// [`Error::Disk`] if the disk is full or gone.
    ///
    /// # Panics
    /// If there is no such array, or its chunks hold another number or type of elements.
    pub fn write<T: Element>(&self, name: &str, chunk: &[usize], elements: &[T]) -> Result<()> {
        let variable = self.holding::<T>(name);
        let bytes = T::to_bytes(elements);
        assert_eq!(bytes.len() as u64, variable.chunk_bytes(), "{name}");
        let written = atomic::put(&self.work.file(), &self.chunk(variable, chunk), &bytes);
        written.map_err(Error::store("write", self.root.join(name)))
    }

    /// A whole chunk of array `name`; fill values, if it was never written.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be read, [`Error::Data`] if it is not as long as it should be.
    ///
    /// # Panics
    /// If there is no such array, or it holds another type.
    pub fn read<T: Element>(&self, name: &str, chunk: &[usize]) -> Result<Vec<T>> {
        let variable = self.holding::<T>(name);
        let path = self.chunk(variable, chunk);
        let found = disk::get(&path).map_err(Error::store("read", self.root.join(name)))?;
        let (expected, bytes) = (variable.chunk_bytes(), T::KIND.bytes());
        match found {
            None => Ok(vec![T::FILL; (expected / bytes) as usize]),
            Some(found) if found.len() as u64 == expected => Ok(T::from_bytes(&found)),
            Some(found) => {
                let n = found.len();
                let problem = format!("holds {n} bytes, not {expected}");
                Err(Error::data_hint(
                    path,
                    problem,
                    "remove it, and it is made again",
                ))
            }
        }
    }

    /// Whether the chunk of array `name` that belongs to a part of the work, by the part's indices, is there and as long as it
    /// should be.
    ///
    /// # Panics
    /// If there is no such array.
    pub fn has(&self, name: &str, part: &[usize]) -> bool {
        self.has_chunk(self.variable(name), part)
    }

    /// The same of every array.
    pub fn is_whole(&self, part: &[usize]) -> bool {
        let mut all = self.variables.values();
        all.all(|variable| self.has_chunk(variable, part))
    }

    fn has_chunk(&self, variable: &Variable, part: &[usize]) -> bool {
        let found = fs::metadata(self.chunk(variable, part));
        found.is_ok_and(|found| found.is_file() && found.len() == variable.chunk_bytes())
    }

    /// The file of a chunk, by the indices of the part it belongs to: along its own dimensions an array is not cut.
    fn chunk(&self, variable: &Variable, part: &[usize]) -> PathBuf {
        let indices = part.iter().copied().chain(std::iter::repeat(0));
        let name = chunk_name(indices.take(variable.shape.len()));
        self.root.join(&variable.name).join(name)
    }

    fn variable(&self, name: &str) -> &Variable {
        let variable = self.variables.get(name);
        variable.unwrap_or_else(|| panic!("no array {name} in the skeleton"))
    }

    fn holding<T: Element>(&self, name: &str) -> &Variable {
        let variable = self.variable(name);
        assert_eq!(variable.kind, T::KIND, "{name}");
        variable
    }
}

/// Whether there is nothing, or an empty folder.
pub(in crate::io) fn is_vacant(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => fs::symlink_metadata(path).is_err(),
    }
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
