//! HDF5: The Virtual Brain's connectivities and MATLAB 7.3.
//!
//! MATLAB writes arrays with the first axis as the fastest, so they lie transposed; cells are references to other arrays,
//! letters are 16-bit numbers.

mod checksum;
mod chunk_tree;
mod older;
mod soft_links;
mod sparse;

use std::path::Path;

use hdf5_pure::{DType, Dataset, File, Group, Object};
use ndarray::{ArrayD, IxDyn};

use super::bytes::n_elements;
use super::mat4::text_rows;
use super::{Content, DEEPEST, MOST_LEAVES, unpacked_limit};
use crate::io::plain;
use crate::{Error, Result};

fn damaged(path: &Path, error: impl std::fmt::Display) -> Error {
    let message = format!("not an HDF5 file that can be read, or damaged ({error})");
    Error::data_hint(path, message, "copy or save it again")
}

fn open(path: &Path) -> Result<File> {
    // The file's lock is not asked for: data often lies where none may be written.
    let mut bytes = plain::read(path)?;
    older::made_older(&mut bytes);
    File::from_bytes(bytes).map_err(|error| damaged(path, error))
}

/// The paths of all datasets.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    let file = open(path)?;
    let mut names = Vec::new();
    gather(&file.root(), "", 0, &mut names).map_err(|error| damaged(path, error))?;
    Ok(names)
}

fn gather(
    group: &Group,
    path: &str,
    depth: usize,
    names: &mut Vec<String>,
) -> Result<(), hdf5_pure::Error> {
    if depth > DEEPEST || names.len() > MOST_LEAVES {
        return Ok(());
    }
    names.extend(group.datasets()?.iter().map(|name| format!("{path}{name}")));
    for name in group.groups()? {
        // What MATLAB keeps for itself.
        if !name.starts_with('#') {
            let inner = group.group(&name)?;
            match sparse::n_rows(&inner) {
                Some(_) => names.push(format!("{path}{name}")),
                None => gather(&inner, &format!("{path}{name}/"), depth + 1, names)?,
            }
        }
    }
    Ok(())
}

/// Reads the dataset `name`.
pub(super) fn read(path: &Path, name: &str) -> Result<Content> {
    let file = open(path)?;
    let limit = unpacked_limit(file.file_size());
    if let Ok(group) = file.group(name)
        && let Some(n_rows) = sparse::n_rows(&group)
    {
        let matrix = sparse::read(&group, n_rows, limit);
        let matrix = matrix.map(|matrix| Content::Numbers(matrix.into()));
        return matrix.map_err(|message| Error::data(path, format!("{name:?}: {message}")));
    }
    let dataset = file.dataset(name).map_err(|error| damaged(path, error))?;
    let is_matlab = dataset
        .attrs()
        .is_ok_and(|attributes| attributes.contains_key("MATLAB_class"));
    content(&dataset, is_matlab, limit, 0).map_err(|message| {
        let message = format!("{name:?}: {message}");
        Error::data_hint(path, message, way_out(path, &dataset))
    })
}

/// Filters that other packages add to HDF5, by their registered numbers.
fn filter_name(number: u16) -> Option<&'static str> {
    Some(match number {
        307 => "bzip2",
        32001 => "Blosc",
        32004 => "LZ4",
        32008 => "Bitshuffle",
        32013 => "ZFP",
        32015 => "Zstandard",
        32017 => "SZ",
        32026 => "Blosc2",
        _ => return None,
    })
}

/// How to make a file that is read.
fn way_out(path: &Path, dataset: &Dataset) -> String {
    match dataset.dtype() {
        Ok(DType::Other(_)) => {
            return "write it as 64-bit numbers, in Python with .astype(\"f8\")".into();
        }
        Ok(DType::Compound(_)) => return "write one real number for each element".into(),
        _ => {}
    }
    let filters = dataset.filters();
    let foreign: Vec<_> = filters.into_iter().filter_map(filter_name).collect();
    let (packed, plugin) = match foreign.is_empty() {
        true => (String::new(), ""),
        false => {
            let names = foreign.join(" and ");
            (format!("it is packed with {names}; "), ", hdf5plugin")
        }
    };
    let file = path.display();
    format!(
        "{packed}write it again: python -c \"import h5py{plugin}; a, b = h5py.File('{file}'), \
         h5py.File('plain.h5', 'w'); a.visititems(lambda k, v: \
         b.update({{k: v[()]}} if hasattr(v, 'shape') else {{}}))\""
    )
}

fn content(
    dataset: &Dataset,
    is_matlab: bool,
    limit: u64,
    depth: usize,
) -> Result<Content, String> {
    let text = |error: hdf5_pure::Error| format!("cannot be read ({error})");
    let shape = dataset.shape().map_err(text)?;
    let shape: Vec<usize> = shape.iter().map(|&axis| axis as usize).collect();
    let n = n_elements(&shape)? as u64;
    let size = dataset.element_size().map_err(text)?;
    if n.saturating_mul(size.max(8)) > limit {
        return Err(format!(
            "the file promises an array of shape {shape:?}, which it is too small to hold"
        ));
    }
    let values = match dataset.dtype().map_err(text)? {
        DType::String => return dataset.read_string().map(trimmed).map_err(text),
        DType::VariableLengthString => {
            let payload = dataset.vlen_string_payload_size().map_err(text)?;
            if payload > limit {
                return Err("the file promises more text than it can hold".into());
            }
            return dataset
                .read_vlen_strings(Default::default())
                .map(trimmed)
                .map_err(text);
        }
        DType::ObjectReference if depth == 0 => return cell(dataset, limit),
        DType::Enum(_) | DType::I8 | DType::U8 => {
            let bytes = dataset.read_raw().map_err(text)?;
            bytes.into_iter().map(f64::from).collect()
        }
        DType::F32
        | DType::F64
        | DType::I16
        | DType::I32
        | DType::I64
        | DType::U16
        | DType::U32
        | DType::U64 => dataset.read_f64().map_err(text)?,
        other => return Err(format!("holds {other}, expected numbers or text")),
    };
    let array = ArrayD::from_shape_vec(IxDyn(&shape), values);
    let array = array.map_err(|_| "the file is damaged".to_string())?;
    if !is_matlab {
        return Ok(Content::Numbers(array.into()));
    }
    let array = array.reversed_axes().as_standard_layout().into_owned();
    let is_text = dataset
        .attrs()
        .is_ok_and(|attributes| attributes.contains_key("MATLAB_int_decode"))
        && matches!(dataset.dtype(), Ok(DType::U16));
    Ok(match is_text {
        true => Content::Texts(text_rows(&array)),
        false => Content::Numbers(array.into()),
    })
}

fn trimmed(texts: Vec<String>) -> Content {
    let trim = |text: String| text.trim_end_matches(['\0', ' ']).to_string();
    Content::Texts(texts.into_iter().map(trim).collect())
}

/// A cell of texts, or of arrays of one shape.
fn cell(dataset: &Dataset, limit: u64) -> Result<Content, String> {
    let objects = dataset.dereference();
    let objects = objects.map_err(|error| format!("cannot be read ({error})"))?;
    let mut texts = Vec::new();
    let mut arrays = Vec::new();
    let mut left = limit;
    for object in objects.into_iter().take(MOST_LEAVES) {
        let Object::Dataset(inner) = object else {
            return Err("holds a struct within a cell, which is not read".into());
        };
        match content(&inner, true, left, 1)? {
            Content::Texts(mut lines) => texts.append(&mut lines),
            Content::Numbers(numbers) => {
                left = left.saturating_sub(8 * numbers.values.len() as u64);
                arrays.push(numbers.values);
            }
        }
    }
    if arrays.is_empty() {
        return Ok(Content::Texts(texts));
    }
    let views: Vec<_> = arrays.iter().map(|array| array.view()).collect();
    let stacked = ndarray::stack(ndarray::Axis(0), &views);
    let stacked = stacked.map_err(|_| "holds arrays of several shapes".to_string())?;
    Ok(Content::Numbers(stacked.into()))
}
