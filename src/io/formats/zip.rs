//! Zip archives: their members, some of them packed once more with bzip2, as in The Virtual Brain's data.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use bzip2::read::BzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Format, MOST_LEAVES, has_ending, unpacked_limit, unpacked_text_limit};
use crate::{Error, Result};

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, &error))
}

fn damaged(path: &Path, error: &ZipError) -> Error {
    let message = format!("not a zip file, or cut short ({error})");
    Error::data_hint(path, message, "copy or save it again")
}

/// Endings of the members that are read.
const ENDINGS: [&str; 5] = ["txt", "csv", "tsv", "dat", "npy"];

/// Whether all members are numpy arrays.
pub(super) fn is_npz(path: &Path) -> Result<bool> {
    let archive = open(path)?;
    let mut names = archive.file_names();
    Ok(!archive.is_empty() && names.all(|name| name.ends_with(".npy")))
}

/// Name, without endings and folders that all have in common, and index of the members with arrays. What a Mac adds is left out.
pub(super) fn members(path: &Path) -> Result<Vec<(String, usize)>> {
    let archive = open(path)?;
    let mut members = Vec::new();
    for (index, name) in (0..archive.len()).filter_map(|i| Some((i, archive.name_for_index(i)?))) {
        let hidden = |part: &str| part.starts_with('.') || part == "__MACOSX";
        let inner = name.strip_suffix(".bz2").unwrap_or(name);
        if !name.split('/').any(hidden) && has_ending(Path::new(inner), &ENDINGS) {
            members.push((inner.to_string(), index));
        }
    }
    members.truncate(MOST_LEAVES);
    let folder = |name: &str| {
        name.rsplit_once('/')
            .map_or(String::new(), |(folder, _)| format!("{folder}/"))
    };
    let common = members
        .first()
        .map_or(String::new(), |(name, _)| folder(name));
    let is_common = members.iter().all(|(name, _)| name.starts_with(&common));
    for (name, _) in &mut members {
        if is_common {
            *name = name[common.len()..].to_string();
        }
        // A numpy array keeps its ending: it says how to read it.
        if let Some((stem, ending)) = name.rsplit_once('.')
            && !ending.eq_ignore_ascii_case("npy")
        {
            *name = stem.to_string();
        }
    }
    Ok(members)
}

/// The bytes of a member, unpacked.
pub(super) fn member(path: &Path, index: usize, format: Format) -> Result<Vec<u8>> {
    let limit = match format {
        Format::Text => unpacked_text_limit,
        _ => unpacked_limit,
    };
    let mut archive = open(path)?;
    let entry = archive
        .by_index(index)
        .map_err(|error| damaged(path, &error))?;
    let name = entry.name().to_string();
    let packed = entry.compressed_size();
    let bytes = unpack(entry, packed, limit(packed))
        .map_err(|message| Error::data(path.join(&name), message))?;
    if !name.ends_with(".bz2") {
        return Ok(bytes);
    }
    let packed = bytes.len() as u64;
    unpack(BzDecoder::new(&bytes[..]), packed, limit(packed))
        .map_err(|message| Error::data(path.join(&name), message))
}

/// All that `reader` makes of `packed` bytes, if that is no more than `limit`.
pub(super) fn unpack(reader: impl Read, packed: u64, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = reader.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("does not unpack ({error}); copy or save it again"))?;
    match bytes.len() as u64 > limit {
        true => Err(format!(
            "{packed} bytes unpack to more than {} MiB: this is no data of a brain; save it unpacked if it is",
            limit >> 20
        )),
        false => Ok(bytes),
    }
}
