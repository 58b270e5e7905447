//! What a group will hold: names, shapes, units, coordinates.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{METADATA, checksum};
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

/// An array that is known from the start.
#[derive(Debug, Clone)]
pub struct Coordinate {
    /// Its name.
    pub name: String,
    /// The dimensions it lies along, with their lengths; a single one of the same name if it is the dimension's own.
    pub dimensions: Vec<(String, usize)>,
    /// Its values, the last dimension fastest.
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
    /// An array by its metadata; `None` if it is none that is filled chunk by chunk.
    pub(super) fn read(name: &str, metadata: &Value) -> Option<Self> {
        let codecs = metadata["codecs"].as_array()?;
        if !codecs.iter().any(|codec| codec["name"] == CHECKSUM) {
            return None;
        }
        let lengths = |value: &Value| -> Option<Vec<usize>> {
            let all = value.as_array()?.iter();
            all.map(|n| usize::try_from(n.as_u64()?).ok()).collect()
        };
        let shape = lengths(&metadata["shape"])?;
        let chunk = lengths(&metadata["chunk_grid"]["configuration"]["chunk_shape"])?;
        // Products of lengths are numbers of bytes.
        let is_countable = |lengths: &[usize]| {
            let mut rest = lengths.iter();
            rest.try_fold(8_usize, |n, length| n.checked_mul(*length))
                .is_some_and(|n| n > 0)
        };
        if shape.len() != chunk.len() || !is_countable(&shape) || !is_countable(&chunk) {
            return None;
        }
        let dimensions = metadata["dimension_names"].as_array()?.iter();
        Some(Self {
            name: name.into(),
            kind: match metadata["data_type"].as_str()? {
                "float64" => Kind::Double,
                "float32" => Kind::Single,
                "uint8" => Kind::Flag,
                _ => return None,
            },
            dimensions: dimensions
                .map(|name| Some(name.as_str()?.into()))
                .collect::<Option<_>>()?,
            shape,
            chunk,
            attributes: Map::new(),
        })
    }

    /// Bytes of the whole array.
    pub fn bytes(&self) -> u64 {
        self.shape.iter().map(|&n| n as u64).product::<u64>() * self.kind.bytes()
    }

    /// Bytes of a chunk's elements, those beyond the far ends included.
    pub(super) fn chunk_bytes(&self) -> u64 {
        self.chunk.iter().map(|&n| n as u64).product::<u64>() * self.kind.bytes()
    }

    /// Bytes of a chunk's file, which ends with a checksum.
    pub(super) fn file_bytes(&self) -> u64 {
        self.chunk_bytes() + checksum::BYTES as u64
    }

    fn metadata(&self) -> Value {
        let (data_type, fill) = match self.kind {
            Kind::Double => ("float64", json!("NaN")),
            Kind::Single => ("float32", json!("NaN")),
            Kind::Flag => ("uint8", json!(0)),
        };
        let mut metadata = array(
            data_type,
            fill,
            (&self.shape, &self.chunk),
            &self.dimensions,
            &self.attributes,
        );
        if let Some(codecs) = metadata["codecs"].as_array_mut() {
            codecs.push(json!({ "name": CHECKSUM }));
        }
        metadata
    }
}

/// The file of a chunk within its array's folder.
pub(super) fn chunk_name(chunk: impl IntoIterator<Item = usize>) -> String {
    let indices = chunk.into_iter().map(|index| format!(".{index}"));
    indices.fold("c".into(), |name: String, index| name + &index)
}

impl Numbers {
    /// How many there are.
    fn len(&self) -> usize {
        match self {
            Self::Float(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }
}

impl Coordinate {
    /// Values along one dimension.
    pub fn along(
        dimension: &str,
        name: &str,
        values: Numbers,
        attributes: Map<String, Value>,
    ) -> Self {
        Self {
            name: name.into(),
            dimensions: vec![(dimension.into(), values.len())],
            values,
            attributes,
        }
    }

    /// Whether it says what stands along a dimension.
    pub fn is_of_a_dimension(&self) -> bool {
        matches!(&self.dimensions[..], [(dimension, _)] if *dimension == self.name)
    }

    fn metadata(&self) -> Value {
        let (data_type, fill) = match &self.values {
            Numbers::Float(_) => ("float64", json!("NaN")),
            Numbers::Whole(_) => ("int64", json!(0)),
            Numbers::Text(_) => (TEXT, json!("")),
        };
        let (dimensions, shape): (Vec<String>, Vec<usize>) =
            self.dimensions.iter().cloned().unzip();
        let lengths = (&shape[..], &shape[..]);
        array(data_type, fill, lengths, &dimensions, &self.attributes)
    }

    /// Its only chunk.
    fn bytes(&self) -> Vec<u8> {
        match &self.values {
            Numbers::Float(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Numbers::Whole(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Numbers::Text(texts) => {
                let long = |n: usize| u32::try_from(n).expect("labels are short").to_le_bytes();
                let mut bytes = long(texts.len()).to_vec();
                for text in texts {
                    bytes.extend(long(text.len()));
                    bytes.extend(text.as_bytes());
                }
                bytes
            }
        }
    }
}

/// Zarr's name of the codec that ends a chunk with a checksum. Coordinates have none: what they hold
/// is known from the command.
pub(super) const CHECKSUM: &str = "crc32c";

/// The type whose elements are not of one length.
const TEXT: &str = "string";

/// What Zarr says of an array, in the order in which it is written.
fn array(
    data_type: &str,
    fill: Value,
    (shape, chunk): (&[usize], &[usize]),
    dimensions: &[String],
    attributes: &Map<String, Value>,
) -> Value {
    let codec = match data_type {
        TEXT => json!({ "name": "vlen-utf8" }),
        _ => json!({ "name": "bytes", "configuration": { "endian": "little" } }),
    };
    let mut metadata = json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": shape,
        "data_type": data_type,
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": chunk } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "." } },
        "fill_value": fill,
        "codecs": [codec],
    });
    if !attributes.is_empty() {
        metadata["attributes"] = json!(attributes);
    }
    metadata["dimension_names"] = json!(dimensions);
    metadata
}

/// JSON as files hold it.
fn text(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain values are JSON")
}

impl Skeleton {
    /// Every file that is known from the start, by its name: metadata, coordinates and the manifest.
    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = self.group();
        files.push((MANIFEST.into(), self.manifest()));
        files
    }

    /// The same without the manifest.
    pub(super) fn group(&self) -> Vec<(String, Vec<u8>)> {
        let mut metadata = Map::new();
        let mut files = Vec::new();
        for coordinate in &self.coordinates {
            metadata.insert(coordinate.name.clone(), coordinate.metadata());
            let first = coordinate.dimensions.iter().map(|_| 0);
            let name = format!("{}/{}", coordinate.name, chunk_name(first));
            files.push((name, coordinate.bytes()));
        }
        for variable in &self.variables {
            metadata.insert(variable.name.clone(), variable.metadata());
        }
        for (name, array) in &metadata {
            files.push((format!("{name}/{METADATA}"), text(array)));
        }
        let mut group = json!({ "zarr_format": 3, "node_type": "group" });
        if !self.attributes.is_empty() {
            group["attributes"] = json!(self.attributes);
        }
        group["consolidated_metadata"] =
            json!({ "must_understand": false, "kind": "inline", "metadata": metadata });
        files.push((METADATA.into(), text(&group)));
        files.sort();
        files
    }

    /// The names of all files of the group, as its manifest lists them.
    pub fn names(&self) -> Vec<String> {
        let coordinates = self.coordinates.iter().map(|array| &array.name);
        let variables = self.variables.iter().map(|array| &array.name);
        let mut names = vec![MANIFEST.to_string(), METADATA.to_string()];
        let of_array = |name| [format!("{name}/{METADATA}"), format!("{name}/c.*")];
        names.extend(coordinates.chain(variables).flat_map(of_array));
        names.extend(self.beside.iter().cloned());
        names
    }

    /// The attributes again, where people look for them, with the names of all files of the group.
    fn manifest(&self) -> Vec<u8> {
        let names = self.names();
        let mut manifest = self.attributes.clone();
        manifest.insert(FILES.into(), json!(names));
        text(&manifest)
    }
}
