//! Zip archives: their members, some of them packed once more with bzip2, as in The Virtual Brain's data.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use bzip2::read::BzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Format, MOST_LEAVES, has_ending, unpacked_limit, unpacked_text_limit};
use crate::io::{npy, plain};
use crate::{Error, Result};

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = plain::open(path)?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, &error))
}

fn damaged(path: &Path, error: &ZipError) -> Error {
    let message = format!("not a zip file, or cut short ({error})");
    Error::data_hint(path, message, "copy or save it again")
}

/// Bytes that hold the header of whatever is packed.
const START: u64 = 1 << 16;

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
    let promised = |start: &[u8]| match format {
        Format::Npy => npy::promised(start),
        _ => None,
    };
    let mut archive = open(path)?;
    let entry = archive
        .by_index(index)
        .map_err(|error| damaged(path, &error))?;
    let name = entry.name().to_string();
    let packed = entry.compressed_size();
    let said = Some(entry.size());
    let failed = |message| Error::data(path.join(&name), message);
    if !name.ends_with(".bz2") {
        let promised = |start: &[u8]| promised(start).max(said);
        return unpack(entry, packed, limit(packed), promised).map_err(failed);
    }
    let bytes = unpack(entry, packed, limit(packed), |_| said).map_err(failed)?;
    let packed = bytes.len() as u64;
    unpack(BzDecoder::new(&bytes[..]), packed, limit(packed), promised).map_err(failed)
}

/// All that `reader` makes of `packed` bytes, if that is no more than `limit`.
///
/// `promised` says how many bytes there are, from the first ones: a promise beyond the limit is refused before the rest is unpacked.
pub(super) fn unpack(
    mut reader: impl Read,
    packed: u64,
    limit: u64,
    promised: impl Fn(&[u8]) -> Option<u64>,
) -> Result<Vec<u8>, String> {
    let failed = |error| format!("does not unpack ({error}); copy or save it again");
    let mut bytes = Vec::new();
    let mut start = reader.by_ref().take(START.min(limit + 1));
    start.read_to_end(&mut bytes).map_err(failed)?;
    let too_much = || {
        let limit = limit >> 20;
        format!(
            "{packed} bytes unpack to more than {limit} MiB: this is no data of a brain; save it unpacked if it is"
        )
    };
    if promised(&bytes).is_some_and(|promised| promised > limit) {
        return Err(too_much());
    }
    let rest = (limit + 1).saturating_sub(bytes.len() as u64);
    reader.take(rest).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > limit {
        true => Err(too_much()),
        false => Ok(bytes),
    }
}
