//! A Zarr v3 group that is filled chunk by chunk, by one process or several, and outlives each of them.
//!
//! What there will be is known from the start, so the group appears whole, with all its metadata (consolidated, too) and
//! coordinates; after that only chunks are added. A chunk is written beside, flushed and renamed: a reader sees none of it or all.
//! Chunks are plain little-endian numbers; whoever writes one writes the same bytes.
//!
//! # What is done
//!
//! A part of the work fills one chunk of every array. The array named [`Skeleton::journal`] is written last, so *a part is done when
//! its chunk of that array is there*. That is the whole journal. A list kept beside would be a second truth, to be kept in step
//! with the chunks through crashes and between machines; a file that is there or not needs neither lock nor repair.
//!
//! # Killed processes
//!
//! Half-written files lie in a folder `.work-*` of the process that writes them, which holds a lock on a file in it. Whoever opens
//! the store removes the folders whose locks are free: the system frees them however a process ends.

mod disk;
mod skeleton;
mod work;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use zarrs::array::{Array, ArrayError, Element, ElementOwned};
use zarrs::storage::StorageError;

use super::atomic_write;
use super::folder::{MANIFEST, NewFolder};
use crate::error::{Error, Result};
use disk::Disk;
pub use skeleton::{Coordinate, Kind, Numbers, Skeleton, Variable};
use work::Work;

/// The file of metadata that makes a folder a Zarr group or array.
const METADATA: &str = "zarr.json";

/// A group on disk.
pub struct Store {
    root: PathBuf,
    journal: String,
    arrays: BTreeMap<String, Array<Disk>>,
}

impl Store {
    /// Makes the group at `path`, or opens the one that is there if it is the same; with `replace`, what is there (an empty folder or
    /// results of ours) gives way.
    ///
    /// # Errors
    /// [`Error::Data`] if there is another group, saying what differs, or something else; [`Error::Io`] if the place cannot be
    /// written to.
    pub fn create_or_open(path: &Path, skeleton: &Skeleton, replace: bool) -> Result<Self> {
        let taken = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
        if replace || !taken {
            match NewFolder::named(path, replace || path.is_dir()) {
                // Another process is quicker; its group is as good as this one would be.
                Err(Error::Exists { .. }) => {}
                folder => Self::create(folder?, skeleton, replace)?,
            }
        }
        Self::open(path, skeleton)
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

    fn create(folder: NewFolder, skeleton: &Skeleton, replace: bool) -> Result<()> {
        skeleton.write(folder.path())?;
        let manifest = serde_json::to_vec_pretty(&skeleton.attributes);
        atomic_write(
            &folder.path().join(MANIFEST),
            &manifest.expect("plain values are JSON"),
        )?;
        if replace {
            folder.finish()?;
        } else {
            folder.finish_unless_taken()?;
        }
        Ok(())
    }

    fn open(path: &Path, skeleton: &Skeleton) -> Result<Self> {
        let found = attributes(path)?;
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
        let disk = Arc::new(Disk::new(path, Some(Work::claim(path)?)));
        let mut arrays = BTreeMap::new();
        for variable in &skeleton.variables {
            arrays.insert(variable.name.clone(), variable.array(&disk)?);
        }
        Ok(Self {
            root: path.into(),
            journal: skeleton.journal.clone(),
            arrays,
        })
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
        let path = self.root.join(name);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        atomic_write(&path, bytes)
    }

    /// Writes a whole chunk of array `name`, its elements in row-major order.
    ///
    /// # Errors
    /// [`Error::Io`] if the disk is full or gone.
    ///
    /// # Panics
    /// If there is no such array, or its chunks hold another number or type of elements.
    pub fn write<T: Element>(&self, name: &str, chunk: &[usize], elements: &[T]) -> Result<()> {
        let written = self.array(name).store_chunk(&indices(chunk), elements);
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
        let read = self.array(name).retrieve_chunk::<Vec<T>>(&indices(chunk));
        read.map_err(|error| self.failed("read", name, error))
    }

    /// Whether a part of the work is done: its chunk of the journal is there.
    pub fn is_done(&self, chunk: &[usize]) -> bool {
        let name: Vec<String> = chunk.iter().map(usize::to_string).collect();
        self.root
            .join(&self.journal)
            .join(format!("c.{}", name.join(".")))
            .is_file()
    }

    /// The parts of the work that are done, as indices of chunks, in no order.
    ///
    /// # Errors
    /// [`Error::Io`] if the store cannot be read.
    pub fn done(&self) -> Result<Vec<Vec<usize>>> {
        let folder = self.root.join(&self.journal);
        let entries = fs::read_dir(&folder).map_err(Error::io("read", &folder))?;
        let mut done = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &folder))?;
            let name = entry.file_name();
            let numbers = name.to_str().and_then(|name| name.strip_prefix("c."));
            let numbers = numbers.and_then(|n| n.split('.').map(|n| n.parse().ok()).collect());
            done.extend(numbers);
        }
        Ok(done)
    }

    fn array(&self, name: &str) -> &Array<Disk> {
        let array = self.arrays.get(name);
        array.unwrap_or_else(|| panic!("no array {name} in the skeleton"))
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

/// The attributes of the group at `path`.
fn attributes(path: &Path) -> Result<Map<String, Value>> {
    let file = path.join(METADATA);
    let strange = || Error::data(path, "is neither empty nor a sweep; choose another --out");
    let text = match fs::read(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(strange()),
        read => read.map_err(Error::io("read", &file))?,
    };
    let metadata: Value = serde_json::from_slice(&text).map_err(|_| strange())?;
    match metadata.get("attributes") {
        Some(Value::Object(attributes)) if attributes.contains_key("brainsweep") => {
            Ok(attributes.clone())
        }
        _ => Err(strange()),
    }
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
