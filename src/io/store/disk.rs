//! Keys and bytes of a Zarr store as files that appear whole.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zarrs::storage::byte_range::ByteRangeIterator;
use zarrs::storage::{
    Bytes, MaybeBytes, MaybeBytesIterator, OffsetBytesIterator, ReadableStorageTraits,
    StorageError, StoreKey, StorePrefix, WritableStorageTraits, store_set_partial_many,
};

use crate::io::work::Work;

/// A folder.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    /// Where files are made.
    work: Work,
}

impl Disk {
    pub fn new(root: &Path, work: Work) -> Self {
        Self {
            root: root.into(),
            work,
        }
    }

    fn path(&self, key: &StoreKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.work.file();
        let written = File::create(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        let renamed = written.and_then(|()| fs::rename(&temporary, path));
        if renamed.is_err() {
            let _ = fs::remove_file(&temporary);
            return renamed;
        }
        // The rename itself outlives a power cut once the folder is flushed; where folders cannot be opened, it is done all the same.
        if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
            folder.sync_all().ok();
        }
        Ok(())
    }
}

fn storage_error(error: io::Error) -> StorageError {
    let way_out = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, and the same command goes on from here"
        }
        ErrorKind::NotFound => "the folder is gone while it was being filled",
        _ => "once that is mended, the same command goes on from here",
    };
    StorageError::IOError(Arc::new(io::Error::new(
        error.kind(),
        format!("{error}; {way_out}"),
    )))
}

impl ReadableStorageTraits for Disk {
    fn get(&self, key: &StoreKey) -> Result<MaybeBytes, StorageError> {
        match fs::read(self.path(key)) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    fn get_partial_many<'a>(
        &'a self,
        key: &StoreKey,
        byte_ranges: ByteRangeIterator<'a>,
    ) -> Result<MaybeBytesIterator<'a>, StorageError> {
        let Some(bytes) = self.get(key)? else {
            return Ok(None);
        };
        Ok(Some(Box::new(byte_ranges.map(move |range| {
            let range = range.to_range_usize(bytes.len() as u64);
            let inside = bytes.get(range).map(Bytes::copy_from_slice);
            inside.ok_or_else(|| StorageError::Other("shorter than it should be".into()))
        }))))
    }

    fn size_key(&self, key: &StoreKey) -> Result<Option<u64>, StorageError> {
        Ok(fs::metadata(self.path(key))
            .ok()
            .map(|metadata| metadata.len()))
    }

    fn supports_get_partial(&self) -> bool {
        false
    }
}

impl WritableStorageTraits for Disk {
    fn set(&self, key: &StoreKey, value: Bytes) -> Result<(), StorageError> {
        self.put(&self.path(key), &value).map_err(storage_error)
    }

    fn set_partial_many(
        &self,
        key: &StoreKey,
        offset_values: OffsetBytesIterator,
    ) -> Result<(), StorageError> {
        store_set_partial_many(self, key, offset_values)
    }

    fn erase(&self, key: &StoreKey) -> Result<(), StorageError> {
        match fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(storage_error(error)),
            _ => Ok(()),
        }
    }

    fn erase_prefix(&self, prefix: &StorePrefix) -> Result<(), StorageError> {
        match fs::remove_dir_all(self.root.join(prefix.as_str())) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(storage_error(error)),
            _ => Ok(()),
        }
    }

    fn supports_set_partial(&self) -> bool {
        false
    }
}
