//! Whose a chunk is.
//!
//! A chunk's checksum says that its bytes are whole, not which chunk they are: one that lies in the place of another of the same size,
//! of the same array or of another, would pass. So a part of the work has a record, `.record/I.J`, written after its chunks: the part,
//! and the checksum of its chunk of every array. A part one of whose chunks is not as its record says is not done.
//!
//! What a record holds follows from the chunks. Where there is none, because a process was killed before it wrote it or an earlier
//! version filled the store, it is made of them once they have been read and found whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::{Contents, Store, checksum};
use crate::error::{Error, Result};

/// The folder of records, within a store.
pub(in crate::io) const FOLDER: &str = ".record";

/// The checksums of the chunks of a part by the names of their arrays.
pub(super) type Record = BTreeMap<String, u32>;

impl Contents {
    /// The record of a part, by the part's indices; none if there is none that is whole.
    pub(super) fn record(&self, part: &[usize]) -> Option<Record> {
        let text = fs::read_to_string(self.record_file(part)).ok()?;
        let of_array = |line: &str| {
            let (sum, name) = line.split_once(' ')?;
            Some((name.into(), u32::from_str_radix(sum, 16).ok()?))
        };
        let record: Record = text.lines().filter_map(of_array).collect();
        // The first line, which names the part, and the last, the checksum of the others, follow from it.
        (written(part, &record) == text).then_some(record)
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
        let written = self.put(&path, written(part, sums).as_bytes());
        written.map_err(Error::store("write", path))
    }

    /// Makes the record of a part where there is none, from its chunks; whether these are sound, so that there is one now.
    ///
    /// # Errors
    /// [`Error::Disk`] if the system refuses to read a chunk, or to write the record.
    pub fn ensure_record(&self, part: &[usize]) -> Result<bool> {
        if self.record(part).is_some() {
            return Ok(true);
        }
        let Some(sums) = self.sums(part)? else {
            return Ok(false);
        };
        self.write_record(part, &sums)?;
        Ok(true)
    }
}

/// A part by its indices: "0.1".
fn named(part: &[usize]) -> String {
    let indices: Vec<String> = part.iter().map(usize::to_string).collect();
    indices.join(".")
}

/// A record as its file has it: the part, a line for each array, and the checksum of these lines.
fn written(part: &[usize], record: &Record) -> String {
    let mut text = named(part) + "\n";
    for (name, sum) in record {
        text += &format!("{sum:08x} {name}\n");
    }
    let sum = checksum::of(text.as_bytes());
    text + &format!("{sum:08x}\n")
}
