//! The `.npy` format: one array, in a file of its own or as an entry of an npz.
//!
//! `ndarray-npy` reads and writes the arrays. Added here: any number type becomes `f64`, region names are read from arrays of
//! text, and a header that promises more than the file holds is an error before anything is allocated for it.

use std::path::Path;

use ndarray::{ArrayBase, ArrayD, Data, Dimension};
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadNpyExt, ReadableElement, WritableElement, WriteNpyExt};

use super::formats::Content;
use super::plain;
use crate::{Error, Result};

/// Reads the array of a `.npy` file as `f64`.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it is damaged or holds no real numbers.
pub fn read_f64(path: &Path) -> Result<ArrayD<f64>> {
    let bytes = plain::read(path)?;
    Npy::parse(&bytes)
        .and_then(|npy| npy.to_f64())
        .map_err(|message| Error::data(path, message))
}

/// Reads the text array of a `.npy` file, in the order of the file.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it is damaged or holds no text.
pub fn read_strings(path: &Path) -> Result<Vec<String>> {
    let bytes = plain::read(path)?;
    Npy::parse(&bytes)
        .and_then(|npy| npy.to_strings())
        .map_err(|message| Error::data(path, message))
}

/// What an npy file in memory holds: numbers or text.
pub(super) fn parse(bytes: &[u8]) -> Result<Content, String> {
    let npy = Npy::parse(bytes)?;
    match npy.is_text() {
        true => Ok(Content::Texts(npy.to_strings()?)),
        false => Ok(Content::Numbers(npy.to_f64()?.into())),
    }
}

/// How many bytes of memory reading an npy file takes that begins so, by its header: the file's and those of its numbers; `None` where
/// the header does not tell.
pub(super) fn promised(start: &[u8]) -> Option<u64> {
    let npy = Npy::parse(start).ok()?;
    let numbers = 8 * npy.n_elements();
    let promised = npy.promised()?.saturating_add(numbers);
    Some(promised.saturating_add(npy.header_length() as u64))
}

/// The bytes of `array` as a `.npy` file, in C order.
pub fn to_bytes<T: WritableElement + Clone, D: Dimension>(
    array: &ArrayBase<impl Data<Elem = T>, D>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = array.as_standard_layout().write_npy(&mut bytes);
    written.expect("a Vec takes all bytes, and a shape fits a header");
    bytes
}

/// The bytes of a list of texts as a `.npy` file, numpy's type `<U` with room for the longest.
pub(super) fn texts_to_bytes(texts: &[String]) -> Vec<u8> {
    let longest = texts.iter().map(|text| text.chars().count()).max();
    let width = longest.unwrap_or(1).max(1);
    let n = texts.len();
    let mut header = format!("{{'descr': '<U{width}', 'fortran_order': False, 'shape': ({n},), }}");
    // The data begin at a multiple of 64 bytes; the header ends with a new line.
    let start = (10 + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(start - 10 - header.len() - 1));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for text in texts {
        let letters = text.chars().map(u32::from).chain(std::iter::repeat(0));
        bytes.extend(letters.take(width).flat_map(u32::to_le_bytes));
    }
    bytes
}

/// An npy file in memory, its header read. Errors are messages: the caller knows the file.
pub(super) struct Npy<'a> {
    bytes: &'a [u8],
    shape: Vec<usize>,
    /// numpy's name of the element type, for example `<f8`.
    descr: String,
    /// What follows the header.
    data: &'a [u8],
}

impl<'a> Npy<'a> {
    /// Reads the header.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let (start, length) = match *bytes {
            [_, _, _, _, _, _, 1, _, a, b, ..] => (10, u16::from_le_bytes([a, b]).into()),
            [_, _, _, _, _, _, _, _, a, b, c, d, ..] => (12, u32::from_le_bytes([a, b, c, d])),
            _ => return Err(damaged("a few bytes")),
        };
        let (header, _) = bytes[start..]
            .split_at_checked(length as usize)
            .ok_or_else(|| damaged("the header is cut short"))?;
        if header.windows(2).any(|pair| pair == b"[(") {
            return Err("the array has named fields; save each as an array of its own".into());
        }
        // Those of the dictionary, of the shape and of a unit of time. Each level of nesting doubles the time that the crate takes.
        if header.iter().filter(|c| b"({[".contains(c)).count() > 3 {
            return Err(damaged("the header has nested brackets"));
        }
        let mut data = bytes;
        let header = Header::from_reader(&mut data).map_err(damaged)?;
        let descr = header.type_descriptor.as_string();
        Ok(Self {
            bytes,
            shape: header.shape,
            descr: descr.cloned().unwrap_or_default(),
            data,
        })
    }

    /// The numbers, in the array's shape and in C order.
    pub(super) fn to_f64(&self) -> Result<ArrayD<f64>, String> {
        match self.kind() {
            "f8" => {
                let array = self.array::<f64>()?;
                Ok(match array.is_standard_layout() {
                    true => array,
                    false => array.as_standard_layout().into_owned(),
                })
            }
            "f4" => self.read(|number: f32| number.into()),
            "i8" => self.read(|number: i64| number as f64),
            "i4" => self.read(|number: i32| number.into()),
            "i2" => self.read(|number: i16| number.into()),
            "i1" => self.read(|number: i8| number.into()),
            "u8" => self.read(|number: u64| number as f64),
            "u4" => self.read(|number: u32| number.into()),
            "u2" => self.read(|number: u16| number.into()),
            "u1" => self.read(|number: u8| number.into()),
            "b1" => self.read(|truth: bool| truth.into()),
            _ => Err(self.foreign("real numbers; save it with .astype('f8')")),
        }
    }

    /// The texts, in the order of the file.
    pub(super) fn to_strings(&self) -> Result<Vec<String>, String> {
        let (letter, width) = self.kind().split_at_checked(1).unwrap_or_default();
        let size = match (letter, width.parse::<usize>()) {
            ("U", Ok(width @ 1..)) => width.saturating_mul(4),
            ("S", Ok(width @ 1..)) => width,
            _ => return Err(self.foreign("text; save it as an array of text")),
        };
        self.check_length(size)?;
        let character = |bytes: &[u8; 4]| {
            char::from_u32(match self.descr.starts_with('>') {
                true => u32::from_be_bytes(*bytes),
                false => u32::from_le_bytes(*bytes),
            })
        };
        let text = |bytes: &[u8]| {
            let text: String = match letter {
                "U" => bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(character)
                    .collect::<Option<_>>()?,
                _ => String::from_utf8(bytes.into()).ok()?,
            };
            Some(text.trim_end_matches('\0').into())
        };
        let texts = self
            .data
            .chunks_exact(size)
            .map(text)
            .collect::<Option<_>>();
        texts.ok_or_else(|| "the array holds text that is not Unicode".into())
    }

    /// Whether the elements are texts.
    pub(super) fn is_text(&self) -> bool {
        self.kind().starts_with(['U', 'S'])
    }

    /// The bytes that the header promises behind itself; `None` for types that are not read.
    pub(super) fn promised(&self) -> Option<u64> {
        let (letter, width) = self.kind().split_at_checked(1)?;
        let width: u64 = width.parse().ok()?;
        let size = if letter == "U" {
            width.checked_mul(4)?
        } else {
            width
        };
        let mut axes = self.shape.iter().map(|&n| n as u64);
        axes.try_fold(size, u64::checked_mul)
    }

    /// The number of elements; very large where no memory holds as many.
    pub(super) fn n_elements(&self) -> u64 {
        let axes = self.shape.iter().map(|&n| n as u64);
        axes.fold(1, u64::saturating_mul).min(u64::MAX / 8)
    }

    /// The array's shape.
    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The length of the header.
    pub(super) fn header_length(&self) -> usize {
        self.bytes.len() - self.data.len()
    }

    /// The element type without the byte order, for example `f8`.
    fn kind(&self) -> &str {
        self.descr.trim_start_matches(['<', '>', '|', '='])
    }

    fn read<T: ReadableElement + Clone>(
        &self,
        to_f64: impl Fn(T) -> f64,
    ) -> Result<ArrayD<f64>, String> {
        Ok(self.array::<T>()?.as_standard_layout().mapv(to_f64))
    }

    fn array<T: ReadableElement>(&self) -> Result<ArrayD<T>, String> {
        self.check_length(size_of::<T>())?;
        ArrayD::<T>::read_npy(self.bytes).map_err(damaged)
    }

    fn check_length(&self, size: usize) -> Result<(), String> {
        // The axes beside one of length 0 must not overflow either: the crate would panic.
        let mut cells = self.shape.iter().map(|&n| n.max(1));
        let promised = cells
            .try_fold(size, usize::checked_mul)
            .map(|bytes| if self.shape.contains(&0) { 0 } else { bytes });
        let (shape, found) = (&self.shape, self.data.len());
        if promised == Some(found) {
            return Ok(());
        }
        Err(format!(
            "the array's header promises shape {shape:?} of {size} bytes each, but {found} bytes follow; the file is cut short or damaged"
        ))
    }

    /// What is wrong with the element type.
    fn foreign(&self, wanted: &str) -> String {
        let found = match self.kind().as_bytes().first() {
            Some(b'c') => "complex numbers",
            Some(b'O') => "pickled Python objects",
            Some(b'U' | b'S') => "text",
            Some(b'i' | b'u' | b'f' | b'b') => "numbers of a type that is not read",
            Some(b'M' | b'm') => "dates or times",
            _ => "something else",
        };
        let descr = &self.descr;
        format!("the array holds {found} (numpy type {descr:?}), expected {wanted}")
    }
}

/// In one line: the crate draws a picture of what it cannot parse.
fn damaged(what: impl std::fmt::Display) -> String {
    let what = what.to_string();
    let what = what.lines().next().unwrap_or_default();
    format!("not an npy array, or damaged ({what}); save it again with numpy.save")
}

#[cfg(test)]
mod tests;
