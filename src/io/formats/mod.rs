//! Files of the field, whatever their format: named arrays and texts in a [`Tree`].
//!
//! The format is recognised by content, not by the ending of the name. What an array *means* is not
//! decided here: `io::connectome` looks for the weights, lengths and names of a tree.
//!
//! | format | file |
//! |---|---|
//! | csv, tsv, blanks, decimal commas | `io::table` |
//! | npy, npz | `io::npy`, `io::npz` |
//! | zip of any of these, members packed with bzip2 | `zip` |
//! | MATLAB 4 | `mat4` |
//! | MATLAB 5 to 7: numbers, sparse, chars, cells, structs, compressed | `mat5` |
//! | MATLAB 7.3, HDF5 | `hdf5` |
//! | CIFTI-2: `pconn.nii`, `ptseries.nii` | `cifti` |
//!
//! Sizes that a file promises are compared with what the file holds before memory is asked for.

mod bytes;
mod cifti;
mod hdf5;
mod mat4;
mod mat5;
mod zip;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use ndarray::ArrayD;

use super::{npy, npz, plain, table};
use crate::{Error, Result};

/// Packed numbers may always take this much memory, unpacked and as numbers, bytes.
const UNPACKED: u64 = 512 << 20;
/// Packed numbers may become this many times as large.
const UNPACKED_TIMES: u64 = 100;
/// The same for text, of which a number takes two letters at least and many times as much memory.
const UNPACKED_TEXT: u64 = 16 << 20;
const UNPACKED_TEXT_TIMES: u64 = 20;
/// The most arrays of a file.
const MOST_LEAVES: usize = 10_000;
/// The most groups, structs or cells within each other.
const DEEPEST: usize = 16;

/// How much memory `packed` bytes may take once they are read. More is taken for an accident or an attack.
pub(super) fn unpacked_limit(packed: u64) -> u64 {
    packed.saturating_mul(UNPACKED_TIMES).max(UNPACKED)
}

/// [`unpacked_limit`] of text.
fn unpacked_text_limit(packed: u64) -> u64 {
    packed
        .saturating_mul(UNPACKED_TEXT_TIMES)
        .max(UNPACKED_TEXT)
}

/// An array of numbers, with what the file calls its rows and columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    pub(crate) values: ArrayD<f64>,
    pub(crate) rows: Option<Vec<String>>,
    pub(crate) columns: Option<Vec<String>>,
    /// Of time series whose file says so: the time between two rows, s.
    pub(crate) step_s: Option<f64>,
}

impl From<ArrayD<f64>> for Numbers {
    fn from(values: ArrayD<f64>) -> Self {
        Self {
            values,
            ..Self::default()
        }
    }
}

/// What a leaf holds.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Numbers(Numbers),
    Texts(Vec<String>),
}

/// A file with one array or text, by itself or within a zip.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Format {
    Npy,
    Text,
    Cifti,
}

#[derive(Debug, Clone)]
enum Data {
    File(Format),
    Member(usize),
    Npz(String),
    Hdf5(String),
    Ready(Content),
}

/// One array or text of a tree.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// Its key in an npz, its path in a struct or group, or the name of its file without the ending.
    pub(crate) name: String,
    /// The file that it is in.
    pub(crate) path: PathBuf,
    data: Data,
}

/// The arrays and texts of a file or folder. They are read when they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) path: PathBuf,
    pub(crate) leaves: Vec<Leaf>,
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    One(Format),
    Npz,
    Zip,
    Hdf5,
    Mat4,
    Mat5,
}

impl Tree {
    /// Opens a file, or a folder with all files in it, without those in folders below.
    ///
    /// # Errors
    /// [`Error::Disk`] where something cannot be read, [`Error::Data`] where a file is of no known format, or damaged.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Self::folder(path);
        }
        let leaves = match recognise(path)? {
            Kind::One(format) => vec![Leaf {
                name: stem(path),
                path: path.into(),
                data: Data::File(format),
            }],
            kind => container(path, kind)?,
        };
        let path = path.into();
        Ok(Self { path, leaves })
    }

    /// An npz that is part of the program.
    pub(crate) fn embedded(bytes: &'static [u8], name: &str) -> Result<Self> {
        let mut archive = npz::Archive::from_static(bytes, name)?;
        let mut leaves = Vec::new();
        for key in archive.keys() {
            let content = match archive.is_text(&key)? {
                true => Content::Texts(archive.read_strings(&key)?),
                false => Content::Numbers(archive.read_f64(&key)?.into()),
            };
            leaves.push(Leaf {
                name: key,
                path: name.into(),
                data: Data::Ready(content),
            });
        }
        let path = name.into();
        Ok(Self { path, leaves })
    }

    fn folder(folder: &Path) -> Result<Self> {
        let mut leaves = Vec::new();
        for path in files(folder)? {
            if !has_known_ending(&path) {
                continue;
            }
            // Images and other files that are no arrays may lie there, too.
            let kind = match recognise(&path) {
                Err(Error::Data(_)) => continue,
                kind => kind?,
            };
            match kind {
                Kind::One(format) => leaves.push(Leaf {
                    name: stem(&path),
                    path: path.clone(),
                    data: Data::File(format),
                }),
                kind => {
                    let mut inner = container(&path, kind)?;
                    // `numpy.savez(file, array)` has the key arr_0: what it is stands in the file's name.
                    let is_alone = inner.len() == 1;
                    for leaf in &mut inner {
                        leaf.name = match is_alone && leaf.name == "arr_0" {
                            true => stem(&path),
                            false => format!("{}/{}", stem(&path), leaf.name),
                        };
                    }
                    leaves.append(&mut inner);
                }
            }
        }
        let path = folder.into();
        Ok(Self { path, leaves })
    }

    /// The names of all leaves.
    pub(crate) fn names(&self) -> Vec<String> {
        self.leaves.iter().map(|leaf| leaf.name.clone()).collect()
    }
}

impl Leaf {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it is damaged.
    pub(crate) fn read(&self) -> Result<Content> {
        let path = &self.path;
        match &self.data {
            Data::Ready(content) => Ok(content.clone()),
            Data::Npz(key) => read_npz(path, key),
            Data::Hdf5(name) => hdf5::read(path, name),
            Data::File(_) | Data::Member(_) => {
                let format = match self.data {
                    Data::File(format) => format,
                    _ => self.member_format(),
                };
                let content = match format {
                    Format::Npy => npy::parse(&self.bytes()?),
                    Format::Cifti => cifti::parse(&self.bytes()?),
                    Format::Text => table::parse_content(&self.text()?),
                };
                content.map_err(|message| Error::data(self.place(), message))
            }
        }
    }

    /// The text of a leaf that is one: a table or a list.
    ///
    /// # Errors
    /// As [`Leaf::read`]; also for a leaf that is no text.
    pub(crate) fn text(&self) -> Result<String> {
        table::decode(self.bytes()?).map_err(|message| Error::data(self.place(), message))
    }

    /// Whether it is a table or a list in letters and digits.
    pub(crate) fn is_text(&self) -> bool {
        match self.data {
            Data::File(format) => format == Format::Text,
            Data::Member(_) => self.member_format() == Format::Text,
            _ => false,
        }
    }

    /// The file, and within a zip the member: what errors call it.
    fn place(&self) -> PathBuf {
        match self.data {
            Data::Member(_) => self.path.join(&self.name),
            _ => self.path.clone(),
        }
    }

    fn member_format(&self) -> Format {
        match self.name.to_ascii_lowercase().ends_with(".npy") {
            true => Format::Npy,
            false => Format::Text,
        }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        match self.data {
            Data::Member(index) => zip::member(&self.path, index, self.member_format()),
            _ => plain::read(&self.path),
        }
    }
}

/// Arrays, or lists of texts, by name.
pub type Arrays = Vec<(String, std::result::Result<ArrayD<f64>, Vec<String>>)>;

/// Every array and list of texts of a file, by name, as the readers give them: for comparisons with other programs.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read; [`Error::Data`] where it is damaged, or one of its arrays is.
pub fn arrays_of(path: &Path) -> Result<Arrays> {
    let leaves = Tree::open(path)?.leaves;
    let read = |leaf: Leaf| {
        Ok(match leaf.read()? {
            Content::Numbers(numbers) => (leaf.name, Ok(numbers.values)),
            Content::Texts(texts) => (leaf.name, Err(texts)),
        })
    };
    leaves.into_iter().map(read).collect()
}

fn read_npz(path: &Path, key: &str) -> Result<Content> {
    let mut archive = npz::Archive::open(path)?;
    match archive.is_text(key)? {
        true => Ok(Content::Texts(archive.read_strings(key)?)),
        false => Ok(Content::Numbers(archive.read_f64(key)?.into())),
    }
}

/// The leaves of a file that may hold several.
fn container(path: &Path, kind: Kind) -> Result<Vec<Leaf>> {
    let leaf = |name: String, data| Leaf {
        name,
        path: path.into(),
        data,
    };
    let ready = |parsed: Result<Vec<(String, Content)>, String>| {
        let parsed = parsed.map_err(|message| Error::data_hint(path, message, "save it again"))?;
        let leaves = parsed.into_iter();
        Ok(leaves
            .map(|(name, content)| leaf(name, Data::Ready(content)))
            .collect())
    };
    match kind {
        Kind::One(_) => unreachable!("a file with one array is no container"),
        Kind::Npz => {
            let keys = npz::Archive::open(path)?.keys().into_iter();
            Ok(keys.map(|key| leaf(key.clone(), Data::Npz(key))).collect())
        }
        Kind::Zip => {
            let members = zip::members(path)?.into_iter();
            Ok(members
                .map(|(name, index)| leaf(name, Data::Member(index)))
                .collect())
        }
        Kind::Hdf5 => {
            let names = hdf5::names(path)?.into_iter();
            Ok(names
                .map(|name| leaf(name.clone(), Data::Hdf5(name)))
                .collect())
        }
        Kind::Mat4 => ready(mat4::parse(&plain::read(path)?)),
        Kind::Mat5 => ready(mat5::parse(&plain::read(path)?)),
    }
}

/// What a file is. Its ending decides only where the content cannot.
fn recognise(path: &Path) -> Result<Kind> {
    // HDF5 files of MATLAB begin after 512 bytes.
    let start = bytes::start_of(path, 1024)?;
    let is_hdf5 = |at: usize| {
        start
            .get(at..)
            .is_some_and(|rest| rest.starts_with(b"\x89HDF\r\n\x1a\n"))
    };
    if has_ending(path, &["npz"]) {
        return Ok(Kind::Npz);
    }
    if has_ending(path, &["npy"]) || start.starts_with(b"\x93NUMPY") {
        return Ok(Kind::One(Format::Npy));
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Ok(match zip::is_npz(path)? {
            true => Kind::Npz,
            false => Kind::Zip,
        });
    }
    if is_hdf5(0) || is_hdf5(512) {
        return Ok(Kind::Hdf5);
    }
    if mat5::is_one(&start) {
        return Ok(Kind::Mat5);
    }
    if cifti::is_one(&start) {
        return Ok(Kind::One(Format::Cifti));
    }
    if has_ending(path, &["mat"]) || mat4::is_one(&start) {
        return Ok(Kind::Mat4);
    }
    if table::is_text(&start) {
        return Ok(Kind::One(Format::Text));
    }
    let message = "not a kind of file connectomes are read from: csv, tsv, txt, npy, npz, zip, mat, h5, pconn.nii, ptseries.nii, or a folder of these";
    Err(Error::data(path, message))
}

/// Files without an ending whose name says what they are.
const KNOWN_NAMES: [&str; 1] = ["fdt_network_matrix"];
/// Endings of the files in a folder that are looked at.
const ENDINGS: [&str; 11] = [
    "npy", "csv", "tsv", "txt", "dat", "edge", "mat", "h5", "hdf5", "npz", "nii",
];

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Whether a name is that of a file with arrays.
pub(crate) fn has_known_ending(path: &Path) -> bool {
    has_ending(path, &ENDINGS) || KNOWN_NAMES.iter().any(|name| path.ends_with(name))
}

/// A file's name without its ending, or both its endings (`.pconn.nii`).
pub(crate) fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let inner = [".pconn", ".ptseries", ".pdconn"];
    let inner = inner.iter().find_map(|ending| stem.strip_suffix(ending));
    inner.unwrap_or(&stem).to_string()
}

/// The files of a folder, sorted by name; hidden ones left out.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = entries(folder)?;
    files.retain(|path| path.is_file());
    Ok(files)
}

/// The folders of a folder, sorted by name; hidden ones left out.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = entries(folder)?;
    folders.retain(|path| path.is_dir());
    Ok(folders)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}
