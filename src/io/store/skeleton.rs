//! What a group will hold: names, shapes, units, coordinates.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use zarrs::array::codec::BytesCodec;
use zarrs::array::{Array, ArrayBuilder, ArrayMetadataOptions, CodecOptions, DataType, data_type};
use zarrs::group::{Group, GroupBuilder};
use zarrs::metadata::ChunkKeySeparator;
use zarrs::metadata::v3::{AdditionalFieldV3, AdditionalFieldsV3};
use zarrs::storage::store::MemoryStore;
use zarrs::storage::{Bytes, ListableStorageTraits, ReadableStorageTraits, StorageError};

use super::METADATA;
use crate::error::{Error, Result};
use crate::io::folder::{FILES, MANIFEST};

/// A group that will be filled.
#[derive(Debug, Clone, Default)]
pub struct Skeleton {
    /// What the group says of itself; two groups with the same attributes are the same. `brainsweep` is among them.
    pub attributes: Map<String, Value>,
    /// Arrays that are written at once.
    pub coordinates: Vec<Coordinate>,
    /// Arrays that are filled chunk by chunk.
    pub variables: Vec<Variable>,
    /// Names of the files that may be written beside the arrays; in them `*` stands for digits, dots and dashes.
    pub beside: Vec<String>,
}

/// An array of one dimension that is known from the start.
#[derive(Debug, Clone)]
pub struct Coordinate {
    /// Its name.
    pub name: String,
    /// The dimension it lies along; of the same name if it is the dimension's own.
    pub dimension: String,
    /// Its values.
    pub values: Numbers,
    /// `units`, `long_name` and the like.
    pub attributes: Map<String, Value>,
}

/// Values of a coordinate.
#[derive(Debug, Clone)]
pub enum Numbers {
    /// 64-bit floats.
    Float(Vec<f64>),
    /// 64-bit integers.
    Whole(Vec<i64>),
    /// Texts.
    Text(Vec<String>),
}

/// An array that is filled chunk by chunk.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Type of its elements.
    pub kind: Kind,
    /// Names of its dimensions.
    pub dimensions: Vec<String>,
    /// Lengths of its dimensions.
    pub shape: Vec<usize>,
    /// Lengths of a chunk.
    pub chunk: Vec<usize>,
    /// `units`, `long_name` and the like.
    pub attributes: Map<String, Value>,
}

/// Type of a variable's elements, and what stands where nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 64-bit floats; NaN.
    Double,
    /// 32-bit floats; NaN.
    Single,
    /// Bytes; 0.
    Flag,
}

impl Kind {
    /// Bytes of an element.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Double => 8,
            Self::Single => 4,
            Self::Flag => 1,
        }
    }
}

impl Variable {
    /// Bytes of the whole array.
    pub fn bytes(&self) -> u64 {
        self.shape.iter().map(|&n| n as u64).product::<u64>() * self.kind.bytes()
    }

    /// Bytes of a chunk, those at the far ends included.
    pub(super) fn chunk_bytes(&self) -> u64 {
        self.chunk.iter().map(|&n| n as u64).product::<u64>() * self.kind.bytes()
    }

    /// The array in a storage.
    pub(super) fn array<S>(&self, storage: &Arc<S>) -> Result<Array<S>> {
        let (data_type, fill): (DataType, Value) = match self.kind {
            Kind::Double => (data_type::float64(), json!("NaN")),
            Kind::Single => (data_type::float32(), json!("NaN")),
            Kind::Flag => (data_type::uint8(), json!(0)),
        };
        array(
            storage,
            &self.name,
            data_type,
            fill,
            (&self.shape, &self.chunk),
            &self.dimensions,
            &self.attributes,
        )
    }
}

impl Coordinate {
    fn write(&self, storage: &Arc<MemoryStore>) -> Result<Array<MemoryStore>> {
        let (data_type, fill, n): (DataType, Value, usize) = match &self.values {
            Numbers::Float(values) => (data_type::float64(), json!("NaN"), values.len()),
            Numbers::Whole(values) => (data_type::int64(), json!(0), values.len()),
            Numbers::Text(values) => (data_type::string(), json!(""), values.len()),
        };
        let dimensions = std::slice::from_ref(&self.dimension);
        let array = array(
            storage,
            &self.name,
            data_type,
            fill,
            (&[n], &[n]),
            dimensions,
            &self.attributes,
        )?;
        let every = every_chunk();
        match &self.values {
            Numbers::Float(values) => array.store_chunk_opt(&[0], values, &every),
            Numbers::Whole(values) => array.store_chunk_opt(&[0], values, &every),
            Numbers::Text(values) => array.store_chunk_opt(&[0], values, &every),
        }
        .map_err(|error| unbuilt(&self.name, error))?;
        Ok(array)
    }
}

/// A chunk that happens to hold fill values only is a file like any other: one that is missing is not done.
pub(super) fn every_chunk() -> CodecOptions {
    CodecOptions::default().with_store_empty_chunks(true)
}

fn array<S>(
    storage: &Arc<S>,
    name: &str,
    data_type: DataType,
    fill: Value,
    (shape, chunk): (&[usize], &[usize]),
    dimensions: &[String],
    attributes: &Map<String, Value>,
) -> Result<Array<S>> {
    let long = |lengths: &[usize]| -> Vec<u64> { lengths.iter().map(|&n| n as u64).collect() };
    let fill: zarrs::array::FillValueMetadata =
        serde_json::from_value(fill).map_err(|error| unbuilt(name, error))?;
    let text = data_type == zarrs::array::data_type::string();
    let mut builder = ArrayBuilder::new(long(shape), long(chunk), data_type, fill);
    builder
        .chunk_key_encoding_default_separator(ChunkKeySeparator::Dot)
        .dimension_names(Some(dimensions.iter().map(String::as_str)))
        .attributes(attributes.clone());
    if !text {
        builder.array_to_bytes_codec(Arc::new(BytesCodec::little()));
    }
    let array = builder
        .build(storage.clone(), &format!("/{name}"))
        .map_err(|error| unbuilt(name, error))?;
    let plain = ArrayMetadataOptions::default().with_include_zarrs_metadata(false);
    Ok(array.with_metadata_options(plain))
}

fn unbuilt(name: &str, error: impl std::fmt::Display) -> Error {
    Error::data(
        name,
        format!("cannot be made an array of a Zarr group: {error}"),
    )
}

impl Skeleton {
    /// Every file that is known from the start, by its name: metadata, coordinates and the manifest.
    pub(super) fn files(&self) -> Result<Vec<(String, Bytes)>> {
        let storage = Arc::new(MemoryStore::new());
        let coordinates = self
            .coordinates
            .iter()
            .map(|coordinate| coordinate.write(&storage));
        let variables = self
            .variables
            .iter()
            .map(|variable| variable.array(&storage));
        let mut metadata = Map::new();
        for array in coordinates.chain(variables) {
            let array = array?;
            let name = array.path().as_str().trim_start_matches('/').to_string();
            array
                .store_metadata()
                .map_err(|error| unbuilt(&name, error))?;
            let described =
                serde_json::to_value(array.metadata()).map_err(|error| unbuilt(&name, error))?;
            metadata.insert(name, described);
        }
        let manifest = self.manifest(metadata.keys());
        // In the order of the arrays; a map without one would give other bytes every time.
        let consolidated = json!({ "kind": "inline", "metadata": metadata });
        let mut fields = AdditionalFieldsV3::new();
        fields.insert(
            "consolidated_metadata".into(),
            AdditionalFieldV3::new(consolidated, false),
        );
        let group: Group<MemoryStore> = GroupBuilder::new()
            .attributes(self.attributes.clone())
            .additional_fields(fields)
            .build(storage.clone(), "/")
            .map_err(|error| unbuilt("/", error))?;
        group
            .store_metadata()
            .map_err(|error| unbuilt("/", error))?;
        let read = || -> std::result::Result<Vec<(String, Bytes)>, StorageError> {
            let mut files = Vec::new();
            for key in storage.list()? {
                let bytes = storage.get(&key)?.unwrap_or_default();
                files.push((key.as_str().to_string(), bytes));
            }
            Ok(files)
        };
        let mut files = read().map_err(|error| unbuilt("/", error))?;
        files.push((MANIFEST.into(), manifest.into()));
        Ok(files)
    }

    /// The attributes again, where people look for them, with the names of all files of the group.
    fn manifest<'a>(&self, arrays: impl Iterator<Item = &'a String>) -> Vec<u8> {
        let mut names = vec![MANIFEST.to_string(), METADATA.to_string()];
        names.extend(arrays.flat_map(|name| [format!("{name}/{METADATA}"), format!("{name}/c.*")]));
        names.extend(self.beside.iter().cloned());
        let mut manifest = self.attributes.clone();
        manifest.insert(FILES.into(), json!(names));
        serde_json::to_vec_pretty(&manifest).expect("plain values are JSON")
    }
}
