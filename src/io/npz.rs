//! The `.npz` format: named arrays in a zip archive, as `numpy.savez` and `numpy.savez_compressed` write it.
//!
//! `ndarray-npy` writes the archive. It is read with the `zip` below it, so that an entry can be checked before it is decoded.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use ndarray::{Array, ArrayBase, ArrayD, CowArray, Data, Dimension};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpyError, WriteNpzError};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive};

use super::atomic::AtomicFile;
use super::npy::Npy;
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
        let file = File::open(path).map_err(Error::io("read", path))?;
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

    fn entry(&mut self, key: &str) -> Result<Vec<u8>> {
        let keys = self.keys();
        let Some(index) = keys.iter().position(|k| k == key) else {
            let what = format!("array in {}", self.path.display());
            return Err(Error::unknown(&what, key, keys.iter().map(String::as_str)));
        };
        let mut bytes = Vec::new();
        match self
            .zip
            .by_index(index)
            .and_then(|mut entry| Ok(entry.read_to_end(&mut bytes)?))
        {
            Ok(_) => Ok(bytes),
            Err(e) => Err(self.damaged(
                key,
                &format!("does not unpack ({e}); copy or save the file again"),
            )),
        }
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
    npz: NpzWriter<AtomicFile>,
    path: PathBuf,
}

impl Writer {
    /// Begins the npz file at `path`.
    ///
    /// # Errors
    /// [`Error::Disk`] where the folder is missing or may not be written to.
    pub fn create(path: &Path) -> Result<Self> {
        // As numpy does: room for the length of arrays beyond 4 GiB.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        Ok(Self {
            npz: NpzWriter::new_with_options(AtomicFile::create(path)?, options),
            path: path.into(),
        })
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
        let written = self.npz.add_array(key, &array);
        written.map_err(|e| failed(&self.path, e))
    }

    /// Completes the file, flushes it to the disk and gives it its name.
    ///
    /// # Errors
    /// [`Error::Disk`] where the disk is full.
    pub fn finish(self) -> Result<()> {
        let file = self.npz.finish().map_err(|e| failed(&self.path, e))?;
        file.commit()
    }
}

fn failed(path: &Path, error: WriteNpzError) -> Error {
    match error {
        WriteNpzError::Zip(ZipError::Io(e)) | WriteNpzError::Npy(WriteNpyError::Io(e)) => {
            Error::io("write", path)(e)
        }
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
