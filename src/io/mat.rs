//! Writes MATLAB files of versions 5 to 7.
//!
//! *MAT-File Format*, The MathWorks: a head of 128 bytes, and elements with a tag of type and length, filled up to eight bytes.

use num_complex::Complex64;

/// A value of MATLAB.
#[derive(Debug, Clone)]
pub enum Value {
    /// A matrix by its rows and columns, column after column.
    Matrix(usize, usize, Vec<f64>),
    /// The same of complex numbers.
    Complex(usize, usize, Vec<Complex64>),
    /// A line of text.
    Text(String),
    /// A row of cells.
    Cells(Vec<Value>),
    /// A row of structs, whose fields have these names.
    Structs(&'static [&'static str], Vec<Vec<Value>>),
}

impl Value {
    /// A single number.
    pub fn number(number: f64) -> Self {
        Self::Matrix(1, 1, vec![number])
    }

    /// A struct of these fields.
    pub fn one(names: &'static [&'static str], fields: Vec<Value>) -> Self {
        Self::Structs(names, vec![fields])
    }
}

/// Types of elements.
const INT8: u32 = 1;
const UINT16: u32 = 4;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const DOUBLE: u32 = 9;
const MATRIX: u32 = 14;

/// Classes of values.
const CELL: u32 = 1;
const STRUCT: u32 = 2;
const CHAR: u32 = 4;
const NUMBERS: u32 = 6;
/// The flag of complex numbers.
const IS_COMPLEX: u32 = 0x0800;

/// Bytes of a field's name, with the 0 at its end.
const FIELD: usize = 32;

/// A file of these variables.
///
/// # Panics
/// If a matrix has not as many numbers as its rows and columns say, a struct not as many fields as names, or if a name of a field is
/// longer than 31 characters.
pub fn file(variables: &[(String, Value)]) -> Vec<u8> {
    let head = format!(
        "MATLAB 5.0 MAT-file, written by brainsweep {}",
        env!("CARGO_PKG_VERSION")
    );
    let mut bytes = format!("{head:<116}").into_bytes();
    bytes.extend([0; 8]);
    bytes.extend(0x0100_u16.to_le_bytes());
    bytes.extend(b"IM");
    for (name, value) in variables {
        matrix(&mut bytes, name, value);
    }
    bytes
}

fn element(bytes: &mut Vec<u8>, kind: u32, data: &[u8]) {
    bytes.extend(kind.to_le_bytes());
    let length = u32::try_from(data.len()).expect("an element has less than 4 GiB");
    bytes.extend(length.to_le_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
}

fn matrix(bytes: &mut Vec<u8>, name: &str, value: &Value) {
    let (class, rows, columns) = match value {
        Value::Matrix(rows, columns, _) => (NUMBERS, *rows, *columns),
        Value::Complex(rows, columns, _) => (NUMBERS | IS_COMPLEX, *rows, *columns),
        Value::Text(text) => (
            CHAR,
            usize::from(!text.is_empty()),
            text.encode_utf16().count(),
        ),
        Value::Cells(cells) => (CELL, 1, cells.len()),
        Value::Structs(_, structs) => (STRUCT, 1, structs.len()),
    };
    let mut body = Vec::new();
    let flags = [class, 0].map(u32::to_le_bytes).concat();
    element(&mut body, UINT32, &flags);
    let size = |n: usize| i32::try_from(n).expect("less than 2^31 rows and columns");
    let shape = [size(rows), size(columns)].map(i32::to_le_bytes).concat();
    element(&mut body, INT32, &shape);
    element(&mut body, INT8, name.as_bytes());
    let doubles = |numbers: &mut dyn Iterator<Item = f64>| -> Vec<u8> {
        numbers.flat_map(f64::to_le_bytes).collect()
    };
    match value {
        Value::Matrix(_, _, numbers) => {
            assert_eq!(numbers.len(), rows * columns, "{name}");
            element(&mut body, DOUBLE, &doubles(&mut numbers.iter().copied()));
        }
        Value::Complex(_, _, numbers) => {
            assert_eq!(numbers.len(), rows * columns, "{name}");
            let parts: [fn(&Complex64) -> f64; 2] = [|z| z.re, |z| z.im];
            for part in parts {
                element(&mut body, DOUBLE, &doubles(&mut numbers.iter().map(part)));
            }
        }
        Value::Text(text) => {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            element(&mut body, UINT16, &units);
        }
        Value::Cells(cells) => {
            for cell in cells {
                matrix(&mut body, "", cell);
            }
        }
        Value::Structs(names, structs) => {
            // This length stands within its tag.
            body.extend((4 << 16 | INT32).to_le_bytes());
            body.extend((FIELD as u32).to_le_bytes());
            let mut all = Vec::new();
            for name in *names {
                assert!(name.len() < FIELD, "{name}");
                all.extend(name.as_bytes());
                all.resize(all.len().next_multiple_of(FIELD), 0);
            }
            element(&mut body, INT8, &all);
            for fields in structs {
                assert_eq!(fields.len(), names.len(), "{name}");
                for field in fields {
                    matrix(&mut body, "", field);
                }
            }
        }
    }
    element(bytes, MATRIX, &body);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What this crate's reader, which knows files of MATLAB itself, finds in a file.
    #[test]
    fn a_file_is_read_as_it_was_written() {
        let part = Value::one(
            &["index", "label"],
            vec![Value::number(3.0), Value::Text("LP".into())],
        );
        let branch = Value::one(
            &["x", "s"],
            vec![
                Value::Matrix(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
                part,
            ],
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made.mat");
        std::fs::write(&path, file(&[("branch".into(), branch)])).unwrap();
        let arrays = crate::io::arrays_of(&path).unwrap();
        let found = |name: &str| {
            let array = arrays.iter().find(|(key, _)| key == name).unwrap();
            array.1.clone()
        };
        let x = found("branch.x").unwrap();
        assert_eq!(x.shape(), [2, 3]);
        assert_eq!(x[[1, 0]], 2.0);
        assert_eq!(x[[0, 2]], 5.0);
        let index = found("branch.s.index").unwrap();
        assert_eq!(index.iter().copied().collect::<Vec<_>>(), [3.0]);
        assert_eq!(found("branch.s.label").unwrap_err(), ["LP"]);
    }
}
