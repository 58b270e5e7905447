//! Parts of the work on their way: what a process keeps of a part that takes long, and goes on from after it was killed.
//!
//! A part's checkpoints are files `.checkpoints/PART/NUMBER`, each of some simulations, written beside and renamed as chunks are. Such a
//! file says which sweep it is of, how long it is, and ends with a CRC-32C: one that is damaged, cut or another sweep's is not used.
//! They are removed when the part is done. Two processes that fill the same part replace each other's, which does no harm: where a
//! simulation stands after some steps does not depend on who says it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Store, checksum, remove_own};
use crate::error::{Error, Result};
use crate::io::plain;

/// The folder of checkpoints, within a store.
pub(super) const FOLDER: &str = ".checkpoints";

/// What a checkpoint begins with; its last figure numbers the form of what follows.
const MAGIC: [u8; 8] = *b"bswckpt1";
/// Bytes before the sweep: the magic, the length of the file, that of the sweep.
const HEAD: usize = 24;

/// The checkpoints of a part.
#[derive(Debug, Default)]
pub struct Kept {
    /// The words of each that can be used.
    pub words: Vec<Vec<u32>>,
    /// How many are damaged, cut, or of another sweep.
    pub n_unsound: usize,
}

impl Store {
    /// Keeps a checkpoint of some simulations of a part, in place of the one of this number.
    ///
    /// # Errors
    /// [`Error::Disk`] if the disk is full or gone.
    pub fn keep(&self, part: usize, number: u64, words: &[u32]) -> Result<()> {
        let length = HEAD + self.sweep.len() + 4 * words.len() + checksum::BYTES;
        let mut bytes = Vec::with_capacity(length);
        bytes.extend(MAGIC);
        bytes.extend((length as u64).to_le_bytes());
        bytes.extend((self.sweep.len() as u64).to_le_bytes());
        bytes.extend(&self.sweep);
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        checksum::seal(&mut bytes);
        let path = folder(self.path(), part).join(number.to_string());
        let kept = self.put(&path, &bytes);
        kept.map_err(Error::store("write", path))
    }

    /// The checkpoints of a part.
    pub fn kept(&self, part: usize) -> Kept {
        let mut kept = Kept::default();
        let mut files: Vec<PathBuf> = match fs::read_dir(folder(self.path(), part)) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(_) => Vec::new(),
        };
        files.retain(|file| {
            file.file_name()
                .is_some_and(|name| name.to_str().is_some_and(is_number))
        });
        files.sort();
        for file in files {
            let bytes = plain::read_own(&file).unwrap_or_default();
            match self.words(&bytes) {
                Some(words) => kept.words.push(words),
                None => kept.n_unsound += 1,
            }
        }
        kept
    }

    /// Removes the checkpoints of a part, which is done.
    pub fn forget(&self, part: usize) {
        remove_own(&folder(self.path(), part), is_number);
        // The last one takes the folder with it; any other keeps it.
        let _ = fs::remove_dir(self.path().join(FOLDER));
    }

    /// The words of a checkpoint of this sweep; `None` of anything else.
    fn words(&self, bytes: &[u8]) -> Option<Vec<u32>> {
        let (head, _) = bytes.split_first_chunk::<HEAD>()?;
        let number = |at: usize| Some(u64::from_le_bytes(*head[at..].first_chunk()?));
        let is_of_this = head.starts_with(&MAGIC)
            && number(8)? == bytes.len() as u64
            && number(16)? == self.sweep.len() as u64;
        if !is_of_this {
            return None;
        }
        let rest = checksum::opened(bytes)?[HEAD..].strip_prefix(&*self.sweep)?;
        let (words, rest) = rest.as_chunks::<4>();
        let words = words.iter().map(|word| u32::from_le_bytes(*word));
        rest.is_empty().then(|| words.collect())
    }
}

fn folder(store: &Path, part: usize) -> PathBuf {
    store.join(FOLDER).join(part.to_string())
}

/// Removes all checkpoints of a store in which every part is done.
pub(super) fn clear(store: &Path) {
    let entries = fs::read_dir(store.join(FOLDER)).into_iter().flatten();
    for part in entries.flatten() {
        if part.file_name().to_str().is_some_and(is_number) {
            remove_own(&part.path(), is_number);
        }
    }
    // What is somebody else's keeps the folder.
    let _ = fs::remove_dir(store.join(FOLDER));
}

/// Whether a name is that of a part, or of one of its checkpoints.
pub(super) fn is_number(name: &str) -> bool {
    name.parse::<u64>().is_ok()
}

/// The parts of the store at `path` that have checkpoints, and when the last of each was written.
pub fn checkpoints(path: &Path) -> Vec<(usize, SystemTime)> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| {
        let part = entry.file_name().to_str()?.parse().ok()?;
        let times = entries(&entry.path()).filter_map(|file| file.metadata().ok()?.modified().ok());
        Some((part, times.max()?))
    };
    entries(&path.join(FOLDER)).filter_map(of).collect()
}
