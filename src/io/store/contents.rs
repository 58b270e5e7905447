//! What a group holds, for those who read it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ndarray::{ArrayD, Dimension, Slice};
use serde_json::{Map, Value};

use super::record::{self, Found, Record};
use super::skeleton::{Variable, chunk_name};
use super::{Element, FORM, FORM_NOW, Kind, METADATA, checksum};
use crate::error::{Error, Result};
use crate::io::folder::json_object;
use crate::io::plain;

/// The arrays of a group that are filled chunk by chunk.
#[derive(Debug)]
pub struct Contents {
    root: PathBuf,
    variables: BTreeMap<String, Variable>,
    /// Which sweep it is, as its records say.
    sweep: String,
}

/// Why a chunk cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsound {
    /// There is none.
    Missing,
    /// It holds so many bytes in place of as many as it should.
    Length(u64, u64),
    /// Its checksum is another's.
    Checksum,
}

impl Contents {
    pub(super) fn new(
        root: &Path,
        variables: &[Variable],
        attributes: &Map<String, Value>,
    ) -> Self {
        let named = |variable: &Variable| (variable.name.clone(), variable.clone());
        Self {
            root: root.into(),
            variables: variables.iter().map(named).collect(),
            sweep: record::sweep(attributes),
        }
    }

    /// Looks at the group at `path`, without a look at its command, which is one of `commands`.
    ///
    /// # Errors
    /// [`Error::Data`] if there is no group of ours, or its metadata are damaged.
    pub fn look(path: &Path, commands: &[&str]) -> Result<Self> {
        let named = commands.join(" or a ");
        let refused = |problem: &str, hint: &str| Err(Error::data_hint(path, problem, hint));
        let is_none = || {
            refused(
                &format!("is no store of a {named}"),
                &format!("name the --out of a {named}"),
            )
        };
        let group = path.join(METADATA);
        let Some(metadata) = json_object(&group) else {
            return match group.exists() {
                true => refused("zarr.json is damaged", "the same command again mends it"),
                false => is_none(),
            };
        };
        let attributes = metadata.get("attributes").and_then(Value::as_object);
        let is_ours =
            |all: &&Map<String, Value>| commands.iter().any(|name| all.contains_key(*name));
        let Some(attributes) = attributes.filter(is_ours) else {
            return is_none();
        };
        if attributes.get(FORM).and_then(Value::as_u64) != Some(FORM_NOW.into()) {
            return refused(
                "was begun by a version of brainsweep that writes stores of another form",
                "look at it with that version",
            );
        }
        let arrays = metadata
            .get("consolidated_metadata")
            .map(|all| &all["metadata"]);
        let arrays = arrays.and_then(Value::as_object);
        let arrays = arrays.into_iter().flatten();
        let variables: Vec<Variable> = arrays
            .filter_map(|(name, array)| Variable::read(name, array))
            .collect();
        Ok(Self::new(path, &variables, attributes))
    }

    /// Which sweep it is, as its records say.
    pub(super) fn sweep(&self) -> &str {
        &self.sweep
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A whole chunk of array `name`; fill values, if it was never written.
    ///
    /// # Errors
    /// [`Error::Disk`] if it cannot be read, [`Error::Data`] if it is damaged.
    ///
    /// # Panics
    /// If there is no such array, or it holds another type.
    pub fn read<T: Element>(&self, name: &str, chunk: &[usize]) -> Result<Vec<T>> {
        let variable = self.holding::<T>(name);
        let problem = match self.sound(name, chunk)? {
            Ok(elements) => return Ok(elements),
            Err(Unsound::Missing) => {
                let n = variable.chunk_bytes() / T::KIND.bytes();
                return Ok(vec![T::FILL; n as usize]);
            }
            Err(Unsound::Length(found, expected)) => {
                format!("holds {found} bytes, not {expected}")
            }
            Err(Unsound::Checksum) => "is damaged: its checksum is another's".into(),
        };
        let path = self.chunk(variable, chunk);
        let hint = "the same command with --verify makes it again";
        Err(Error::data_hint(path, problem, hint))
    }

    /// What array `name` holds; `None` if there is no such array.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        Some(self.variables.get(name)?.kind)
    }

    /// All of array `name`; fill values where nothing was written.
    ///
    /// # Errors
    /// As [`Contents::read`].
    ///
    /// # Panics
    /// If there is no such array, or it holds another type.
    pub fn whole<T: Element>(&self, name: &str) -> Result<ArrayD<T>> {
        let variable = self.holding::<T>(name);
        let (shape, chunk) = (&variable.shape, &variable.chunk);
        let mut all = ArrayD::from_elem(shape.clone(), T::FILL);
        let n_chunks = shape.iter().zip(chunk).map(|(n, of)| n.div_ceil(*of));
        for indices in ndarray::indices(n_chunks.collect::<Vec<_>>()) {
            let indices = indices.slice();
            let elements = self.read::<T>(name, indices)?;
            let elements = ArrayD::from_shape_vec(chunk.clone(), elements);
            let elements = elements.expect("a chunk is as long as its lengths say");
            let first = |axis: usize| indices[axis] * chunk[axis];
            let here = |axis: usize| chunk[axis].min(shape[axis] - first(axis));
            let mut part = all.slice_each_axis_mut(|of| {
                let axis = of.axis.index();
                Slice::from(first(axis)..first(axis) + here(axis))
            });
            // The last chunks reach beyond the array.
            part.assign(&elements.slice_each_axis(|of| Slice::from(..here(of.axis.index()))));
        }
        Ok(all)
    }

    /// A whole chunk of array `name`, or why it cannot be read.
    ///
    /// # Errors
    /// [`Error::Disk`] if the system refuses to read it.
    ///
    /// # Panics
    /// If there is no such array, or it holds another type.
    pub fn sound<T: Element>(
        &self,
        name: &str,
        chunk: &[usize],
    ) -> Result<std::result::Result<Vec<T>, Unsound>> {
        let found = self.open(self.holding::<T>(name), chunk)?;
        Ok(found.map(|sealed| T::from_bytes(&sealed[..sealed.len() - checksum::BYTES])))
    }

    /// The file of a chunk, with its checksum, which is right.
    fn open(
        &self,
        variable: &Variable,
        chunk: &[usize],
    ) -> Result<std::result::Result<Vec<u8>, Unsound>> {
        let sealed = match plain::read_own(&self.chunk(variable, chunk)) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Err(Unsound::Missing)),
            Err(error) => {
                let array = self.root.join(&variable.name);
                return Err(Error::store("read", array)(error));
            }
        };
        let (found, expected) = (sealed.len() as u64, variable.file_bytes());
        Ok(match checksum::opened(&sealed) {
            _ if found != expected => Err(Unsound::Length(found, expected)),
            None => Err(Unsound::Checksum),
            Some(_) => Ok(sealed),
        })
    }

    /// Lengths of array `name`, and of its chunks; `None` if there is no such array.
    pub fn lengths(&self, name: &str) -> Option<(&[usize], &[usize])> {
        let variable = self.variables.get(name)?;
        Some((&variable.shape, &variable.chunk))
    }

    /// When the chunk of array `name` of a part of the work was written; `None` if it is not there.
    ///
    /// # Panics
    /// If there is no such array.
    pub fn written(&self, name: &str, part: &[usize]) -> Option<SystemTime> {
        let found = fs::metadata(self.chunk(self.variable(name), part)).ok()?;
        found.modified().ok()
    }

    /// Whether the chunk of array `name` that belongs to a part of the work, by the part's indices, is there and as long as it
    /// should be.
    ///
    /// # Panics
    /// If there is no such array.
    pub fn has(&self, name: &str, part: &[usize]) -> bool {
        self.has_chunk(self.variable(name), part)
    }

    /// The same of every array. Where the part has a record, it is of this sweep, and each chunk ends with the checksum that it says.
    pub fn is_whole(&self, part: &[usize]) -> bool {
        let found = self.found(part);
        self.variables.values().all(|variable| match &found {
            Found::Foreign => false,
            Found::Nothing => self.has_chunk(variable, part),
            Found::Own(record) | Found::Unsigned(record) => {
                let recorded = record.get(&variable.name);
                recorded.is_some() && self.last_sum(variable, part).as_ref() == recorded
            }
        })
    }

    /// Reads the chunk of every array; whether all are there with the right checksums, and are those of the part's record where it has
    /// one, which is of this sweep.
    ///
    /// # Errors
    /// [`Error::Disk`] if the system refuses to read one.
    pub fn is_sound(&self, part: &[usize]) -> Result<bool> {
        let Some(sums) = self.sums(part)? else {
            return Ok(false);
        };
        Ok(match self.found(part) {
            Found::Foreign => false,
            Found::Nothing => true,
            Found::Own(record) | Found::Unsigned(record) => record == sums,
        })
    }

    /// Reads the chunk of every array: their checksums by the arrays' names; none unless all are there and whole.
    pub(super) fn sums(&self, part: &[usize]) -> Result<Option<Record>> {
        let mut sums = Record::new();
        for (name, variable) in &self.variables {
            let Ok(sealed) = self.open(variable, part)? else {
                return Ok(None);
            };
            sums.insert(name.clone(), checksum::last(&sealed));
        }
        Ok(Some(sums))
    }

    /// The checksum at the end of a chunk that is as long as it should be.
    fn last_sum(&self, variable: &Variable, part: &[usize]) -> Option<u32> {
        let mut file = plain::open_own(&self.chunk(variable, part)).ok()?;
        if file.metadata().ok()?.len() != variable.file_bytes() {
            return None;
        }
        file.seek(SeekFrom::End(-(checksum::BYTES as i64))).ok()?;
        let mut last = [0; checksum::BYTES];
        file.read_exact(&mut last).ok()?;
        Some(checksum::last(&last))
    }

    fn has_chunk(&self, variable: &Variable, part: &[usize]) -> bool {
        let found = fs::metadata(self.chunk(variable, part));
        found.is_ok_and(|found| found.is_file() && found.len() == variable.file_bytes())
    }

    /// The file of a chunk, by the indices of the part it belongs to: along its own dimensions an array is not cut.
    pub(super) fn chunk(&self, variable: &Variable, part: &[usize]) -> PathBuf {
        let indices = part.iter().copied().chain(std::iter::repeat(0));
        let name = chunk_name(indices.take(variable.shape.len()));
        self.root.join(&variable.name).join(name)
    }

    pub(super) fn variable(&self, name: &str) -> &Variable {
        let variable = self.variables.get(name);
        variable.unwrap_or_else(|| panic!("no array {name} in the skeleton"))
    }

    pub(super) fn holding<T: Element>(&self, name: &str) -> &Variable {
        let variable = self.variable(name);
        assert_eq!(variable.kind, T::KIND, "{name}");
        variable
    }
}
