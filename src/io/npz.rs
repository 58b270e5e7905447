//! The `.npz` format: named arrays in a zip archive, as `numpy.savez` and `numpy.savez_compressed` write it.
//!
//! The arrays are those of `ndarray-npy`, the archive is that of `zip`: an entry is checked before it is decoded, and texts are
//! written, too.

use std::fs::File;
use std::io::{BufReader, BufWriter, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

use ndarray::{Array, ArrayBase, ArrayD, CowArray, Data, Dimension};
use ndarray_npy::{WritableElement, WriteNpyError, WriteNpyExt};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::atomic::AtomicFile;
use super::formats::unpacked_limit;
use super::npy::{self, Npy};
use super::plain;
use crate::{Error, Result};

/// Reads the array `key` of the npz file at `path` as `f64`, in its own shape.
///
/// Any integer, floating-point or boolean type of numpy's is taken, in either byte order and memory order, compressed or not.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Unknown`] with the keys that exist where `key` does not,
/// [`Error::Data`] where the file is no npz, is damaged, or the array holds no real numbers.
pub fn read_f64(path: &Path, key: &str) -> Result<ArrayD<f64>> {
    Archive::open(path)?.read_f64(key)
}

/// An npz file opened for reading.
#[derive(Debug)]
pub struct Archive<R = BufReader<File>> {
    zip: ZipArchive<R>,
    path: PathBuf,
}

impl Archive {
    /// Opens the npz file at `path`.
    ///
    /// # Errors
    /// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it is no npz file or cut short.
    pub fn open(path: &Path) -> Result<Self> {
        let file = plain::open(path)?;
        Self::new(BufReader::new(file), path)
    }
}

impl Archive<Cursor<&'static [u8]>> {
    /// Opens an npz file that is part of the program; `name` is what errors call it.
    ///
    /// # Errors
    /// [`Error::Data`] where it is no npz file.
    pub fn from_static(bytes: &'static [u8], name: &str) -> Result<Self> {
        Self::new(Cursor::new(bytes), Path::new(name))
    }
}

impl<R: Read + Seek> Archive<R> {
    fn new(reader: R, path: &Path) -> Result<Self> {
        let zip = ZipArchive::new(reader).map_err(|e| match e {
            ZipError::Io(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
                Error::io("read", path)(source)
            }
            e => Error::data_hint(
                path,
                format!("not an npz file, or cut short ({e})"),
                "copy or save it again",
            ),
        })?;
        Ok(Self {
            zip,
            path: path.into(),
        })
    }

    /// The names of the arrays, in the order of the file.
    pub fn keys(&self) -> Vec<String> {
        self.zip
            .file_names()
            .map(|name| name.strip_suffix(".npy").unwrap_or(name).into())
            .collect()
    }

    /// Reads the array `key` as `f64`; see [`read_f64`].
    ///
    /// # Errors
    /// As [`read_f64`].
    pub fn read_f64(&mut self, key: &str) -> Result<ArrayD<f64>> {
        let bytes = self.entry(key)?;
        Npy::parse(&bytes)
            .and_then(|npy| npy.to_f64())
            .map_err(|message| self.damaged(key, &message))
    }

    /// Reads the text array `key`, in C order.
    ///
    /// # Errors
    /// As [`read_f64`], and [`Error::Data`] where the array holds no text.
    pub fn read_strings(&mut self, key: &str) -> Result<Vec<String>> {
        let bytes = self.entry(key)?;
        Npy::parse(&bytes)
            .and_then(|npy| npy.to_strings())
            .map_err(|message| self.damaged(key, &message))
    }

    /// Whether the array `key` holds text.
    ///
    /// # Errors
    /// As [`read_f64`].
    pub(super) fn is_text(&mut self, key: &str) -> Result<bool> {
        let index = self.index(key)?;
        let mut entry = self
            .zip
            .by_index(index)
            .map_err(|e| damaged(&self.path, key, e))?;
        let start = start_of(&mut entry).map_err(|e| damaged(&self.path, key, e))?;
        let npy = Npy::parse(&start);
        Ok(npy.is_ok_and(|npy| npy.is_text()))
    }

    fn index(&self, key: &str) -> Result<usize> {
        let keys = self.keys();
        keys.iter().position(|k| k == key).ok_or_else(|| {
            let what = format!("array in {}", self.path.display());
            Error::unknown(&what, key, keys.iter().map(String::as_str))
        })
    }

    /// The bytes of an entry. Its header is read first: what it promises must be what the archive says of the entry.
    fn entry(&mut self, key: &str) -> Result<Vec<u8>> {
        let index = self.index(key)?;
        let path = &self.path;
        let mut entry = self
            .zip
            .by_index(index)
            .map_err(|e| damaged(path, key, e))?;
        let mut bytes = start_of(&mut entry).map_err(|e| damaged(path, key, e))?;
        let length = entry.size();
        let npy = Npy::parse(&bytes);
        let header = npy.map_err(|message| Error::data(path, format!("{key:?}: {message}")))?;
        let limit = unpacked_limit(entry.compressed_size());
        if length.saturating_add(8 * header.n_elements()) > limit {
            let message = format!(
                "{key:?}: shape {:?} takes more than {} MiB of memory, packed into {} bytes: this is no data of a brain; save it unpacked if it is",
                header.shape(),
                limit >> 20,
                entry.compressed_size()
            );
            return Err(Error::data(path, message));
        }
        let promised = header
            .promised()
            .map(|n| n.saturating_add(header.header_length() as u64));
        if promised.is_some_and(|promised| promised != length) {
            let message = format!(
                "{key:?}: the array's header promises shape {:?}, but the archive has {length} bytes of it; the file is damaged",
                header.shape()
            );
            return Err(Error::data(path, message));
        }
        // One byte more than there is shows that the archive is wrong about itself.
        let rest = length.saturating_sub(bytes.len() as u64) + 1;
        // Grown as they come, they would take up to twice their memory.
        bytes.reserve_exact(rest as usize);
        let read = entry.by_ref().take(rest).read_to_end(&mut bytes);
        read.map_err(|e| damaged(path, key, e))?;
        Ok(bytes)
    }

    fn damaged(&self, key: &str, message: &str) -> Error {
        Error::data(&self.path, format!("{key:?}: {message}"))
    }
}

/// An npz file being written, uncompressed; it appears under its name only when [`Writer::finish`] succeeds.
///
/// Equal arrays give equal bytes: every entry carries the same date.
///
/// ```
/// use brainsweep::io::npz;
/// use ndarray::array;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let mut writer = npz::Writer::create(&path)?;
/// writer.add("t", &array![0.1, 0.2])?;
/// writer.add("x", &array![[1.0_f32, 2.0], [3.0, 4.0]])?;
/// writer.finish()?;
/// assert_eq!(npz::read_f64(&path, "x")?.shape(), [2, 2]);
/// # Ok::<(), brainsweep::Error>(())
/// ```
pub struct Writer {
    zip: ZipWriter<AtomicFile>,
    path: PathBuf,
}

impl Writer {
    /// Begins the npz file at `path`.
    ///
    /// # Errors
    /// [`Error::Disk`] where the folder is missing or may not be written to.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self {
            zip: ZipWriter::new(AtomicFile::create(path)?),
            path: path.into(),
        })
    }

    /// Begins the entry `key`.
    fn start(&mut self, key: &str) -> Result<()> {
        // As numpy does: room for the length of arrays beyond 4 GiB.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        let started = self.zip.start_file(format!("{key}.npy"), options);
        started.map_err(|e| match e {
            ZipError::Io(e) => Error::io("write", &self.path)(e),
            e => Error::data(&self.path, format!("cannot be written as npz: {e}")),
        })
    }

    /// Adds a list of texts under `key`, as numpy's array of text (`<U5`).
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub fn add_texts(&mut self, key: &str, texts: &[String]) -> Result<()> {
        self.start(key)?;
        let written = self.zip.write_all(&npy::texts_to_bytes(texts));
        written.map_err(|e| failed(&self.path, WriteNpyError::Io(e)))
    }

    /// Adds `array` under `key`, in its own shape and number type, in C order.
    ///
    /// # Errors
    /// [`Error::Disk`] where the disk is full, [`Error::Data`] where the key is already there.
    pub fn add<T: WritableElement + Clone, D: Dimension>(
        &mut self,
        key: &str,
        array: &ArrayBase<impl Data<Elem = T>, D>,
    ) -> Result<()> {
        // A view without elements may have strides that no layout fits, but all such arrays are alike.
        let array = match array.is_empty() {
            true => CowArray::from(Array::from_shape_fn(array.raw_dim(), |_| unreachable!())),
            false => array.as_standard_layout(),
        };
        self.start(key)?;
        let written = array.write_npy(BufWriter::new(&mut self.zip));
        written.map_err(|e| failed(&self.path, e))
    }

    /// Completes the file, flushes it to the disk and gives it its name.
    ///
    /// # Errors
    /// [`Error::Disk`] where the disk is full.
    pub fn finish(self) -> Result<()> {
        let finished = self.zip.finish();
        let file = finished.map_err(|e| failed(&self.path, WriteNpyError::Io(e.into())))?;
        file.commit()
    }
}

/// The first bytes of an entry: a header fits into them.
fn start_of(entry: &mut impl Read) -> std::io::Result<Vec<u8>> {
    const START: u64 = 1 << 16;
    let mut start = Vec::new();
    entry.take(START + 16).read_to_end(&mut start)?;
    Ok(start)
}

fn damaged(path: &Path, key: &str, error: impl std::fmt::Display) -> Error {
    let message = format!("{key:?}: does not unpack ({error}); copy or save the file again");
    Error::data(path, message)
}

fn failed(path: &Path, error: WriteNpyError) -> Error {
    match error {
        WriteNpyError::Io(e) => Error::io("write", path)(e),
        e => Error::data(path, format!("cannot be written as npz: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, arr0, array};

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("arrays.npz");
        let mut writer = Writer::create(&path).unwrap();
        writer.add("Cmat", &array![[0.0, 0.1], [0.1, 0.0]]).unwrap();
        writer
            .add("x", &Array3::from_elem((2, 3, 4), 1.5_f32))
            .unwrap();
        writer.add("dt", &arr0(0.1)).unwrap();
        writer.finish().unwrap();
        path
    }

    #[test]
    fn what_is_written_is_read_and_equal_arrays_give_equal_bytes() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = written(one.path());
        assert_eq!(Archive::open(&path).unwrap().keys(), ["Cmat", "x", "dt"]);
        assert_eq!(
            read_f64(&path, "Cmat").unwrap(),
            array![[0.0, 0.1], [0.1, 0.0]].into_dyn()
        );
        assert_eq!(
            read_f64(&path, "x").unwrap(),
            Array3::from_elem((2, 3, 4), 1.5).into_dyn()
        );
        assert_eq!(read_f64(&path, "dt").unwrap(), arr0(0.1).into_dyn());
        assert_eq!(
            std::fs::read(path).unwrap(),
            std::fs::read(written(two.path())).unwrap()
        );
    }

    #[test]
    fn texts_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts.npz");
        let texts = ["V1", "Área 44", ""].map(String::from);
        let mut writer = Writer::create(&path).unwrap();
        writer.add_texts("labels", &texts).unwrap();
        writer.add_texts("none", &[]).unwrap();
        writer.finish().unwrap();
        let mut archive = Archive::open(&path).unwrap();
        assert_eq!(archive.read_strings("labels").unwrap(), texts);
        assert!(archive.is_text("labels").unwrap());
        assert!(archive.read_strings("none").unwrap().is_empty());
    }

    #[test]
    fn a_missing_key_names_the_file_the_keys_and_the_nearest() {
        let folder = tempfile::tempdir().unwrap();
        let message = read_f64(&written(folder.path()), "Cmta")
            .unwrap_err()
            .report();
        for part in [
            "arrays.npz",
            "\"Cmta\"",
            "did you mean \"Cmat\"?",
            "Cmat, x, dt",
        ] {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
    }

    #[test]
    fn a_file_cut_short_anywhere_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(written(folder.path())).unwrap();
        let path = folder.path().join("short.npz");
        for length in (0..whole.len()).step_by(7) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = read_f64(&path, "x").unwrap_err();
            assert!(
                matches!(error, Error::Data { .. }) && error.to_string().contains("short.npz"),
                "{length}: {error}"
            );
        }
    }

    #[test]
    fn a_flipped_bit_in_an_array_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let mut bytes = std::fs::read(&path).unwrap();
        let place = bytes
            .windows(4)
            .position(|w| w == 1.5_f32.to_le_bytes())
            .unwrap();
        bytes[place] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(read_f64(&path, "x"), Err(Error::Data { .. })));
    }

    #[test]
    fn a_writer_that_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("x.npz")).unwrap();
        writer.add("x", &array![1.0]).unwrap();
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn arrays_without_elements_keep_their_shape() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        let all = Array3::<f32>::zeros((4, 2, 80));
        let mut writer = Writer::create(&path).unwrap();
        writer
            .add("x", &all.slice(ndarray::s![..0, 1, ..]))
            .unwrap();
        writer.finish().unwrap();
        assert_eq!(read_f64(&path, "x").unwrap().shape(), [0, 80]);
    }

    #[test]
    fn one_key_twice_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("x.npz")).unwrap();
        writer.add("x", &array![1.0]).unwrap();
        assert!(writer.add("x", &array![2.0]).is_err());
    }
}
