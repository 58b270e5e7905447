//! Whose a chunk is.
//!
//! A chunk's checksum says that its bytes are whole, not which chunk they are: one that lies in the place of another of the same size,
//! of the same array or of another, would pass, and so would all chunks of a part of another sweep. So a part of the work has a
//! record, `.record/I.J`, written after its chunks: the part, the sweep, and the checksum of its chunk of every array. A part whose
//! record is of another sweep, or one of whose chunks is not as its record says, is not done.
//!
//! What a record holds follows from the chunks. Where there is none, because a process was killed before it wrote it or an earlier
//! version filled the store, it is made of them once they have been read and found whole. Earlier versions wrote records that name no
//! sweep; they are taken for this one's and written anew.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{Contents, Store, checksum};
use crate::error::{Error, Result};
use crate::io::hash::fnv1a;
use crate::io::plain;

/// The folder of records, within a store.
pub(super) const FOLDER: &str = ".record";

/// The checksums of the chunks of a part by the names of their arrays.
pub(super) type Record = BTreeMap<String, u32>;

/// What is found where the record of a part should be.
pub(super) enum Found {
    /// None, or none that is whole.
    Nothing,
    /// That of this sweep.
    Own(Record),
    /// One that names no sweep.
    Unsigned(Record),
    /// That of another sweep.
    Foreign,
}

/// Which sweep it is whose store has these attributes: a hash of them, in whatever order they stand.
pub(super) fn sweep(attributes: &Map<String, Value>) -> String {
    let ordered = ordered(&Value::Object(attributes.clone()));
    fnv1a(ordered.to_string().bytes())
}

fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(all) => {
            let mut all: Vec<_> = all.iter().collect();
            all.sort_by_key(|(name, _)| *name);
            let all = all
                .into_iter()
                .map(|(name, one)| (name.clone(), ordered(one)));
            Value::Object(all.collect())
        }
        Value::Array(all) => all.iter().map(ordered).collect(),
        other => other.clone(),
    }
}

impl Contents {
    /// The record of a part, by the part's indices.
    pub(super) fn found(&self, part: &[usize]) -> Found {
        let text = plain::read_own(&self.record_file(part)).ok();
        let Some(text) = text.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Found::Nothing;
        };
        let of_array = |line: &str| {
            let (sum, name) = line.split_once(' ')?;
            Some((name.into(), u32::from_str_radix(sum, 16).ok()?))
        };
        // The first line names the part and the sweep, the last is the checksum of the others.
        let (first, rest) = text.split_once('\n').unwrap_or_default();
        let record: Record = rest.lines().filter_map(of_array).collect();
        let (place, sweep) = match first.split_once(' ') {
            Some((place, sweep)) => (place, Some(sweep)),
            None => (first, None),
        };
        if place != named(part) || written(part, sweep, &record) != text {
            return Found::Nothing;
        }
        match sweep {
            None => Found::Unsigned(record),
            Some(sweep) if sweep == self.sweep() => Found::Own(record),
            Some(_) => Found::Foreign,
        }
    }

    fn record_file(&self, part: &[usize]) -> PathBuf {
        self.path().join(FOLDER).join(named(part))
    }
}

impl Store {
    /// Writes the record of a part: the checksum of its chunk of every array, by the array's name, as [`Store::write`] gave them.
    ///
    /// # Errors
    /// [`Error::Disk`] if the disk is full or gone.
    pub fn write_record(&self, part: &[usize], sums: &BTreeMap<String, u32>) -> Result<()> {
        let path = self.record_file(part);
        let record = written(part, Some(self.sweep()), sums);
        let written = self.put(&path, record.as_bytes());
        written.map_err(Error::store("write", path))
    }

    /// Makes the record of a part where there is none that names a sweep, from its chunks; whether these are sound and of this sweep,
    /// so that there is one now.
    ///
    /// # Errors
    /// [`Error::Disk`] if the system refuses to read a chunk, or to write the record.
    pub fn ensure_record(&self, part: &[usize]) -> Result<bool> {
        let earlier = match self.found(part) {
            Found::Own(_) => return Ok(true),
            Found::Foreign => return Ok(false),
            Found::Unsigned(record) => Some(record),
            Found::Nothing => None,
        };
        let Some(sums) = self.sums(part)? else {
            return Ok(false);
        };
        if earlier.is_some_and(|earlier| earlier != sums) {
            return Ok(false);
        }
        self.write_record(part, &sums)?;
        Ok(true)
    }
}

/// A part by its indices: "0.1".
fn named(part: &[usize]) -> String {
    let indices: Vec<String> = part.iter().map(usize::to_string).collect();
    indices.join(".")
}

/// A record as its file has it: the part and the sweep, a line for each array, and the checksum of these lines.
pub(super) fn written(part: &[usize], sweep: Option<&str>, record: &Record) -> String {
    let mut text = named(part);
    if let Some(sweep) = sweep {
        text += &format!(" {sweep}");
    }
    text += "\n";
    for (name, sum) in record {
        text += &format!("{sum:08x} {name}\n");
    }
    let sum = checksum::of(text.as_bytes());
    text + &format!("{sum:08x}\n")
}
