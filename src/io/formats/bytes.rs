//! Reading numbers from bytes, with every length checked.

use std::io::Read;
use std::path::Path;

use crate::Error;
use crate::io::plain;

/// The first bytes of a file, at most `n`.
pub(super) fn start_of(path: &Path, n: usize) -> crate::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(n);
    let read = plain::open(path)?.take(n as u64).read_to_end(&mut start);
    read.map_err(Error::io("read", path))?;
    Ok(start)
}

/// What is said of a file that ends too early.
pub(super) const CUT_SHORT: &str = "the file is cut short or damaged";

/// Bytes that are read from front to back, in one byte order.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    pub(super) rest: &'a [u8],
    pub(super) is_big_endian: bool,
}

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or_else(|| CUT_SHORT.to_string())?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = *self.take(N)?.first_chunk().unwrap_or(&[0; N]);
        if self.is_big_endian {
            bytes.reverse();
        }
        Ok(bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, String> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, String> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, String> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Result<f64, String> {
        self.array().map(f64::from_le_bytes)
    }
}

/// A number type of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Type {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Type {
    /// Bytes of one number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// All numbers in `bytes`, whose length is a multiple of the size.
    pub(super) fn read(self, bytes: &[u8], is_big_endian: bool) -> Vec<f64> {
        macro_rules! numbers {
            ($type:ty) => {
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&chunk| match is_big_endian {
                        true => <$type>::from_be_bytes(chunk) as f64,
                        false => <$type>::from_le_bytes(chunk) as f64,
                    })
                    .collect()
            };
        }
        match self {
            Self::I8 => numbers!(i8),
            Self::U8 => numbers!(u8),
            Self::I16 => numbers!(i16),
            Self::U16 => numbers!(u16),
            Self::I32 => numbers!(i32),
            Self::U32 => numbers!(u32),
            Self::I64 => numbers!(i64),
            Self::U64 => numbers!(u64),
            Self::F32 => numbers!(f32),
            Self::F64 => numbers!(f64),
        }
    }
}

/// The number of elements of an array of `shape`; an error where they are no number of this machine's.
pub(super) fn n_elements(shape: &[usize]) -> Result<usize, String> {
    let product = shape
        .iter()
        .try_fold(1_usize, |n, &axis| n.checked_mul(axis));
    product.ok_or_else(|| CUT_SHORT.to_string())
}
