//! The `.npy` format: one array, in a file of its own or as an entry of an npz.
//!
//! Decoded here rather than by a crate for three reasons: the author of a file picks the number type and we want `f64` from
//! any of them, region names are arrays of text, and a header that promises more than the file holds must be an error, not an
//! allocation.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::path::Path;

use ndarray::{ArrayBase, ArrayD, Data, Dimension, IxDyn, ShapeBuilder};

use crate::{Error, Result};

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads the array of a `.npy` file as `f64`.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read, [`Error::Data`] where it is damaged or holds no real numbers.
pub fn read_f64(path: &Path) -> Result<ArrayD<f64>> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    Npy::parse(&bytes)
        .and_then(|npy| npy.to_f64())
        .map_err(|message| Error::data(path, message))
}

/// Reads the text array of a `.npy` file, in C order.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read, [`Error::Data`] where it is damaged or holds no text.
pub fn read_strings(path: &Path) -> Result<Vec<String>> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    Npy::parse(&bytes)
        .and_then(|npy| npy.to_strings())
        .map_err(|message| Error::data(path, message))
}

/// A number type that is written to npy files.
pub trait Element: Copy {
    /// What numpy calls the type.
    const DESCR: &'static str;
    /// Appends the little-endian bytes of the number.
    fn append_to(self, bytes: &mut Vec<u8>);
}

macro_rules! elements {
    ($($type:ty: $descr:literal),*) => {$(
        impl Element for $type {
            const DESCR: &'static str = $descr;
            fn append_to(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
elements!(f32: "<f4", f64: "<f8", u32: "<u4", i64: "<i8", u64: "<u8");

/// The bytes of `array` as a `.npy` file, in C order.
pub fn to_bytes<T: Element, D: Dimension>(array: &ArrayBase<impl Data<Elem = T>, D>) -> Vec<u8> {
    let shape: String = array.shape().iter().map(|n| format!("{n}, ")).collect();
    // (3, ) and (3, 4, ) are tuples to Python as well as (3,) and (3, 4).
    let header = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': ({shape}), }}",
        T::DESCR
    );
    // Magic, version, header length and header end on a multiple of 64 bytes, with a newline.
    let length = (MAGIC.len() + 4 + header.len() + 1).next_multiple_of(64);
    let mut bytes = Vec::with_capacity(length + array.len() * size_of::<T>());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[1, 0]);
    bytes.extend_from_slice(&((length - MAGIC.len() - 4) as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(length - 1, b' ');
    bytes.push(b'\n');
    for &number in array {
        number.append_to(&mut bytes);
    }
    bytes
}

/// An npy file in memory, its header read. Errors are messages: the caller knows the file.
pub(super) struct Npy<'a> {
    /// numpy's name of the element type without the byte order, for example `f8`.
    kind: &'a str,
    big_endian: bool,
    fortran_order: bool,
    shape: Vec<usize>,
    data: &'a [u8],
}

impl<'a> Npy<'a> {
    /// Reads the header.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let damaged = || "the array's header is damaged; save it again with numpy.save".to_string();
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or("not an npy array (its first bytes are not \\x93NUMPY)")?;
        let (length, start) = match rest {
            [1, _, a, b, ..] => (u16::from_le_bytes([*a, *b]) as usize, 4),
            [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, 6),
            _ => return Err(damaged()),
        };
        let header = rest
            .get(start..)
            .and_then(|rest| rest.get(..length))
            .ok_or_else(damaged)?;
        let data = &rest[start + length..];
        let header = std::str::from_utf8(header).map_err(|_| damaged())?;
        let value = |key: &str| {
            header
                .split_once(key)
                .map(|(_, rest)| rest.trim_start_matches([':', ' ']))
        };
        let descr = value("'descr'").ok_or_else(damaged)?;
        if descr.starts_with('[') {
            return Err("the array has named fields; save each as an array of its own".into());
        }
        let descr = descr
            .trim_start_matches('\'')
            .split('\'')
            .next()
            .ok_or_else(damaged)?;
        let (big_endian, kind) = match descr.strip_prefix(['<', '|', '=']) {
            Some(kind) => (false, kind),
            None => (true, descr.strip_prefix('>').ok_or_else(damaged)?),
        };
        let shape = value("'shape'")
            .and_then(|rest| rest.strip_prefix('(')?.split(')').next())
            .ok_or_else(damaged)?;
        let shape = shape.split(',').map(str::trim).filter(|n| !n.is_empty());
        let shape = shape
            .map(|n| n.parse().map_err(|_| damaged()))
            .collect::<Result<Vec<usize>, _>>()?;
        let fortran_order = value("'fortran_order'")
            .ok_or_else(damaged)?
            .starts_with("True");
        Ok(Self {
            kind,
            big_endian,
            fortran_order,
            shape,
            data,
        })
    }

    /// The numbers, in the array's shape and in C order.
    pub(super) fn to_f64(&self) -> Result<ArrayD<f64>, String> {
        macro_rules! numbers {
            ($type:ty) => {
                self.elements(|bytes: [u8; size_of::<$type>()]| match self.big_endian {
                    false => <$type>::from_le_bytes(bytes) as f64,
                    true => <$type>::from_be_bytes(bytes) as f64,
                })?
            };
        }
        let numbers = match self.kind {
            "f8" => numbers!(f64),
            "f4" => numbers!(f32),
            "i8" => numbers!(i64),
            "i4" => numbers!(i32),
            "i2" => numbers!(i16),
            "i1" => numbers!(i8),
            "u8" => numbers!(u64),
            "u4" => numbers!(u32),
            "u2" => numbers!(u16),
            "u1" => numbers!(u8),
            "b1" => self.elements(|[byte]: [u8; 1]| f64::from(byte != 0))?,
            other => {
                return Err(format!(
                    "{}; save it with .astype('f8')",
                    foreign(other, "real numbers")
                ));
            }
        };
        let shape = IxDyn(&self.shape).set_f(self.fortran_order);
        let array = ArrayD::from_shape_vec(shape, numbers).map_err(|e| e.to_string())?;
        Ok(if self.fortran_order {
            array.as_standard_layout().into_owned()
        } else {
            array
        })
    }

    /// The texts, in C order.
    pub(super) fn to_strings(&self) -> Result<Vec<String>, String> {
        let width = self
            .kind
            .get(1..)
            .and_then(|width| width.parse::<usize>().ok())
            .filter(|&width| width > 0);
        let (width, wide) = match (self.kind.as_bytes().first(), width) {
            (Some(b'U'), Some(width)) => (width, true),
            (Some(b'S'), Some(width)) => (width, false),
            _ => {
                return Err(format!(
                    "{}; save it as an array of text",
                    foreign(self.kind, "text")
                ));
            }
        };
        let size = if wide { 4 * width } else { width };
        let text = |bytes: &[u8]| -> Option<String> {
            if !wide {
                return Some(
                    std::str::from_utf8(bytes)
                        .ok()?
                        .trim_end_matches('\0')
                        .into(),
                );
            }
            let code = |c: &[u8]| -> Option<u32> {
                let c = c.try_into().ok()?;
                Some(if self.big_endian {
                    u32::from_be_bytes(c)
                } else {
                    u32::from_le_bytes(c)
                })
            };
            let characters = bytes
                .chunks_exact(4)
                .map(|c| char::from_u32(code(c)?))
                .collect::<Option<String>>();
            Some(characters?.trim_end_matches('\0').into())
        };
        self.check_length(size)?;
        let texts = self
            .data
            .chunks_exact(size)
            .map(text)
            .collect::<Option<Vec<_>>>();
        texts.ok_or_else(|| "the array holds text that is not Unicode".into())
    }

    fn elements<const SIZE: usize>(
        &self,
        number: impl Fn([u8; SIZE]) -> f64,
    ) -> Result<Vec<f64>, String> {
        self.check_length(SIZE)?;
        let (elements, _) = self.data.as_chunks::<SIZE>();
        Ok(elements.iter().map(|&bytes| number(bytes)).collect())
    }

    fn check_length(&self, size: usize) -> Result<(), String> {
        let promised = self
            .shape
            .iter()
            .try_fold(size, |product, &n| product.checked_mul(n));
        if promised == Some(self.data.len()) {
            return Ok(());
        }
        let (shape, found) = (&self.shape, self.data.len());
        Err(format!(
            "the array's header promises shape {shape:?} of {size} bytes each, but {found} bytes follow; the file is cut short or damaged"
        ))
    }
}

/// What is wrong with an element type.
fn foreign(kind: &str, wanted: &str) -> String {
    let found = match kind.as_bytes().first() {
        Some(b'c') => "complex numbers",
        Some(b'O') => "pickled Python objects",
        Some(b'U' | b'S') => "text",
        Some(b'i' | b'u' | b'f' | b'b') => "numbers",
        _ => "something else",
    };
    format!("the array holds {found} (numpy type {kind:?}), expected {wanted}")
}

#[cfg(test)]
mod tests;
