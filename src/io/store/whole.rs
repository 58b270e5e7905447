//! A group that is written at once, into a folder that grows.

use super::skeleton::chunk_name;
use super::{Element, METADATA, Skeleton, checksum};
use crate::error::Result;
use crate::io::folder::GrowingFolder;

/// A group whose arrays have one chunk each, and whose folder has a manifest of its own.
///
/// Its own metadata are removed first and written last: there is a group only while all of its arrays are there.
#[derive(Debug)]
pub struct Whole<'a> {
    folder: &'a GrowingFolder,
    skeleton: &'a Skeleton,
}

impl<'a> Whole<'a> {
    /// Begins it anew.
    ///
    /// # Errors
    /// [`Error::Disk`](crate::Error::Disk) if an earlier one cannot be removed.
    pub fn begin(folder: &'a GrowingFolder, skeleton: &'a Skeleton) -> Result<Self> {
        folder.remove(METADATA)?;
        Ok(Self { folder, skeleton })
    }

    /// Writes all of array `name`, its elements in row-major order.
    ///
    /// # Errors
    /// [`Error::Disk`](crate::Error::Disk) if it cannot be written.
    ///
    /// # Panics
    /// If there is no such array, or it holds another number or type of elements.
    pub fn write<T: Element>(&self, name: &str, elements: &[T]) -> Result<()> {
        let mut variables = self.skeleton.variables.iter();
        let variable = variables.find(|variable| variable.name == name);
        let variable = variable.unwrap_or_else(|| panic!("no array {name} in the skeleton"));
        assert_eq!(variable.kind, T::KIND, "{name}");
        assert_eq!(variable.chunk, variable.shape, "{name}");
        let mut bytes = T::to_bytes(elements);
        assert_eq!(bytes.len() as u64, variable.bytes(), "{name}");
        checksum::seal(&mut bytes);
        let chunk = chunk_name(variable.shape.iter().map(|_| 0));
        self.folder.write(&format!("{name}/{chunk}"), &bytes)
    }

    /// Writes the coordinates and the metadata.
    ///
    /// # Errors
    /// [`Error::Disk`](crate::Error::Disk) if they cannot be written.
    pub fn finish(self) -> Result<()> {
        let (own, others): (Vec<_>, Vec<_>) = self
            .skeleton
            .group()
            .into_iter()
            .partition(|(name, _)| name == METADATA);
        let mut all = others.iter().chain(&own);
        all.try_for_each(|(name, bytes)| self.folder.write(name, bytes))
    }
}
