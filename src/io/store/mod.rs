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
mod skeleton;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use zarrs::array::{Array, ArrayError, Element, ElementOwned};
use zarrs::storage::{Bytes, StorageError};

use super::atomic_write;
use super::folder::{FILES, MANIFEST, NewFolder, json_object};
use super::work::Work;
use crate::error::{Error, Result};
use disk::Disk;
use skeleton::every_chunk;
pub use skeleton::{Coordinate, Kind, Numbers, Skeleton, Variable};

/// The file of metadata that makes a folder a Zarr group or array.
const METADATA: &str = "zarr.json";

/// A group on disk.
pub struct Store {
    root: PathBuf,
    arrays: BTreeMap<String, Filled>,
    mended: Vec<String>,
}

/// An array that is filled.
struct Filled {
    array: Array<Disk>,
    /// Of every chunk.
    chunk_bytes: u64,
}

impl Store {
    /// Makes the group at `path`, or opens the one that is there if it is the same, and mends it; with `replace`, what is there (an
    /// empty folder or results of ours) gives way.
    ///
    /// # Errors
    /// [`Error::Data`] if there is another group, saying what differs, or something else; [`Error::Io`] if the place cannot be
    /// written to.
    pub fn create_or_open(path: &Path, skeleton: &Skeleton, replace: bool) -> Result<Self> {
        let files = skeleton.files()?;
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
    /// [`Error::Io`] if the place cannot be written to.
    pub fn create_numbered(parent: &Path, stem: &str, skeleton: &Skeleton) -> Result<Self> {
        let mut places = (1..).map(|n| parent.join(format!("{stem}-{n}")));
        let free = places.find(|path| fs::symlink_metadata(path).is_err());
        Self::create_or_open(&free.expect("numbers go on"), skeleton, false)
    }

    fn open(path: &Path, skeleton: &Skeleton, files: &[(String, Bytes)]) -> Result<Self> {
        let found = identity(path)?;
        let differing = differences(
            "",
            &Value::Object(found),
            &Value::Object(skeleton.attributes.clone()),
        );
        if !differing.is_empty() {
            let message = format!(
                "holds another sweep; there and here differ:\n  {}\nChoose another --out, or say --force to replace it",
                differing.join("\n  ")
            );
            return Err(Error::data(path, message));
        }
        let damaged = files
            .iter()
            .filter(|(name, bytes)| !fs::read(path.join(name)).is_ok_and(|found| found == *bytes));
        let damaged: Vec<_> = damaged.cloned().collect();
        write_all(path, &damaged)?;
        let disk = Arc::new(Disk::new(path, Work::claim(path)?));
        let mut arrays = BTreeMap::new();
        for variable in &skeleton.variables {
            let filled = Filled {
                array: variable.array(&disk)?,
                chunk_bytes: variable.chunk_bytes(),
            };
            arrays.insert(variable.name.clone(), filled);
        }
        Ok(Self {
            root: path.into(),
            arrays,
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
    /// [`Error::Io`] if it cannot be written.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write(&self.root, name, bytes)
    }

    /// Writes a whole chunk of array `name`, its elements in row-major order.
    ///
    /// # Errors
    /// [`Error::Io`] if the disk is full or gone.
    ///
    /// # Panics
    /// If there is no such array, or its chunks hold another number or type of elements.
    pub fn write<T: Element>(&self, name: &str, chunk: &[usize], elements: &[T]) -> Result<()> {
        let array = &self.filled(name).array;
        let written = array.store_chunk_opt(&indices(chunk), elements, &every_chunk());
        written.map_err(|error| self.failed("write", name, error))
    }

    /// A whole chunk of array `name`; fill values, if it was never written.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Data`] if it is not as long as it should be.
    ///
    /// # Panics
    /// If there is no such array, or it holds another type.
    pub fn read<T: ElementOwned>(&self, name: &str, chunk: &[usize]) -> Result<Vec<T>> {
        let array = &self.filled(name).array;
        let read = array.retrieve_chunk::<Vec<T>>(&indices(chunk));
        read.map_err(|error| self.failed("read", name, error))
    }

    /// Whether the chunk of array `name` that belongs to a part of the work, by the part's indices, is there and as long as it
    /// should be.
    ///
    /// # Panics
    /// If there is no such array.
    pub fn has(&self, name: &str, part: &[usize]) -> bool {
        self.filled(name).has(&self.root, part)
    }

    /// The same of every array.
    pub fn is_whole(&self, part: &[usize]) -> bool {
        let mut all = self.arrays.values();
        all.all(|filled| filled.has(&self.root, part))
    }

    fn filled(&self, name: &str) -> &Filled {
        let filled = self.arrays.get(name);
        filled.unwrap_or_else(|| panic!("no array {name} in the skeleton"))
    }

    fn failed(&self, action: &'static str, name: &str, error: ArrayError) -> Error {
        let path = self.root.join(name);
        match error {
            ArrayError::StorageError(StorageError::IOError(error)) => {
                Error::io(action, path)(std::io::Error::new(error.kind(), error.to_string()))
            }
            error => Error::data(
                path,
                format!("cannot {action} a chunk: {error}; remove it, and it is made again"),
            ),
        }
    }
}

fn indices(chunk: &[usize]) -> Vec<u64> {
    chunk.iter().map(|&index| index as u64).collect()
}

impl Filled {
    fn has(&self, root: &Path, part: &[usize]) -> bool {
        // Along its own dimensions an array is not cut.
        let mut chunk = indices(part);
        chunk.resize(self.array.dimensionality(), 0);
        let found = fs::metadata(root.join(self.array.chunk_key(&chunk).as_str()));
        found.is_ok_and(|found| found.is_file() && found.len() == self.chunk_bytes)
    }
}

/// Whether there is nothing, or an empty folder.
fn is_vacant(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => fs::symlink_metadata(path).is_err(),
    }
}

/// Writes files by their names in `folder`.
fn write_all(folder: &Path, files: &[(String, Bytes)]) -> Result<()> {
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
    let message = match is_cut {
        true => {
            "zarr.json and manifest.json are damaged or missing: which sweep it was is lost; choose another --out"
        }
        false => "is neither empty nor a sweep; choose another --out",
    };
    Err(Error::data(path, message))
}

/// Where two values differ, as lines "key: there ..., here ...".
fn differences(key: &str, there: &Value, here: &Value) -> Vec<String> {
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
