//! MATLAB 5 to 7: tagged elements, which may be packed one by one.
//!
//! *MAT-File Format*, The MathWorks. Read are numbers, sparse matrices, characters, cells and structs; objects,
//! functions and complex numbers are passed over.

use flate2::read::ZlibDecoder;
use ndarray::{ArrayD, Axis, IxDyn, ShapeBuilder};

use super::bytes::{Bytes, CUT_SHORT, Type, n_elements};
use super::mat4::text_rows;
use super::{Content, DEEPEST, MOST_LEAVES, unpacked_limit, zip};

const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Whether a file that begins so is one, but not of version 7.3.
pub(super) fn is_one(start: &[u8]) -> bool {
    start.starts_with(b"MATLAB 5.0")
        || start
            .get(124..128)
            .is_some_and(|v| matches!(v, [0, 1, b'I', b'M'] | [1, 0, b'M', b'I']))
}

/// All variables of a file, those within structs as `data.SC`.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<(String, Content)>, String> {
    let is_big_endian = bytes.get(126..128).ok_or(CUT_SHORT)? == b"MI";
    let mut file = Bytes {
        rest: &bytes[128..],
        is_big_endian,
    };
    let mut all = Vec::new();
    // Half of it for what is unpacked, half for the numbers made of it.
    let limit = unpacked_limit(bytes.len() as u64) / 2;
    let (mut unpacked_left, mut numbers_left) = (limit, limit / 8);
    while !file.rest.is_empty() {
        let (kind, data) = element(&mut file)?;
        // An unpacked element is one of the same kind.
        let unpacked;
        let (kind, data) = match kind {
            COMPRESSED => {
                let packed = data.len() as u64;
                let reader = ZlibDecoder::new(data);
                unpacked = zip::unpack(reader, packed, unpacked_left, |start| {
                    promised(start, is_big_endian)
                })?;
                unpacked_left -= unpacked.len() as u64;
                let mut inner = Bytes {
                    rest: &unpacked,
                    is_big_endian,
                };
                element(&mut inner)?
            }
            _ => (kind, data),
        };
        if kind != MATRIX {
            continue;
        }
        let body = Bytes {
            rest: data,
            is_big_endian,
        };
        let matrix = matrix(body, 0, &mut numbers_left)?;
        flatten(&matrix.name, matrix.value, &mut all);
        if all.len() > MOST_LEAVES {
            return Err("holds too many arrays".into());
        }
    }
    Ok(all)
}

/// How many bytes an element has that begins so, with its tag.
fn promised(start: &[u8], is_big_endian: bool) -> Option<u64> {
    let mut start = Bytes {
        rest: start,
        is_big_endian,
    };
    let tag = start.u32().ok()?;
    let is_short = tag >> 16 != 0;
    let length = start.u32().ok()?;
    (!is_short).then_some(u64::from(length) + 8)
}

/// The type and the data of the next element. Short ones stand within their tag.
fn element<'a>(bytes: &mut Bytes<'a>) -> Result<(u32, &'a [u8]), String> {
    let tag = bytes.u32()?;
    let (kind, length) = (tag & 0xffff, tag >> 16);
    if length != 0 {
        let data = bytes.take(4)?;
        return Ok((kind, data.get(..length as usize).ok_or(CUT_SHORT)?));
    }
    let length = bytes.u32()? as usize;
    let data = bytes.take(length)?;
    // All but packed elements are filled up to eight bytes; the last one need not be.
    if tag != COMPRESSED {
        let fill = (8 - length % 8) % 8;
        bytes.rest = bytes.rest.get(fill..).unwrap_or(&[]);
    }
    Ok((tag, data))
}

struct Matrix {
    name: String,
    value: Value,
}

enum Value {
    Content(Content),
    /// With the shape of the cell.
    Cells(Vec<Value>),
    /// The elements of a struct, each with its fields.
    Struct(Vec<Vec<(String, Value)>>),
    /// What is not read.
    Other,
}

/// The data of an element of numbers, and their type.
fn numbers(bytes: &mut Bytes) -> Result<Vec<f64>, String> {
    let is_big_endian = bytes.is_big_endian;
    let (kind, data) = element(bytes)?;
    let kind = match kind {
        1 => Type::I8,
        2 | 16 => Type::U8,
        3 => Type::I16,
        4 | 17 => Type::U16,
        5 => Type::I32,
        6 | 18 => Type::U32,
        7 => Type::F32,
        9 => Type::F64,
        12 => Type::I64,
        13 => Type::U64,
        _ => return Err(CUT_SHORT.into()),
    };
    match data.len() % kind.size() {
        0 => Ok(kind.read(data, is_big_endian)),
        _ => Err(CUT_SHORT.into()),
    }
}

/// Reads a matrix; `left` is how many numbers the file may still hold.
fn matrix(mut bytes: Bytes, depth: usize, left: &mut u64) -> Result<Matrix, String> {
    if depth > DEEPEST {
        return Err("holds cells within cells, too many".into());
    }
    let flags = numbers(&mut bytes)?;
    let flags = *flags.first().ok_or(CUT_SHORT)? as u32;
    let (class, is_complex) = (flags & 0xff, flags & 0x800 != 0);
    let length = |&length: &f64| usize::try_from(length as i64).map_err(|_| CUT_SHORT.to_string());
    let shape = numbers(&mut bytes)?;
    let shape = shape.iter().map(length).collect::<Result<Vec<_>, _>>()?;
    if shape.len() > 8 {
        return Err(CUT_SHORT.into());
    }
    let n = n_elements(&shape)?;
    *left = left
        .checked_sub(n as u64)
        .ok_or("holds more numbers than its size allows")?;
    let (_, name) = element(&mut bytes)?;
    let name = String::from_utf8_lossy(name).into_owned();
    let value = match class {
        1 => Value::Cells(cells(&mut bytes, n, depth, left)?),
        2 => Value::Struct(fields(&mut bytes, n, depth, left)?),
        4 => {
            let codes = characters(&mut bytes)?;
            // Letters beyond ASCII take several bytes of UTF-8: fewer letters than bytes.
            let content = match array(&shape, codes) {
                Ok(codes) => text_rows(&codes),
                Err(_) => return Err(CUT_SHORT.into()),
            };
            Value::Content(Content::Texts(content))
        }
        5 => sparse(&mut bytes, &shape)?,
        6..=15 if !is_complex => {
            let values = numbers(&mut bytes)?;
            Value::Content(Content::Numbers(array(&shape, values)?.into()))
        }
        _ => Value::Other,
    };
    Ok(Matrix { name, value })
}

/// An array whose first axis is the fastest, in C order.
fn array(shape: &[usize], values: Vec<f64>) -> Result<ArrayD<f64>, String> {
    let array = ArrayD::from_shape_vec(IxDyn(shape).f(), values).map_err(|_| CUT_SHORT)?;
    Ok(array.as_standard_layout().into_owned())
}

/// The letters of a character array, as UTF-16.
fn characters(bytes: &mut Bytes) -> Result<Vec<f64>, String> {
    let mut ahead = *bytes;
    let (kind, data) = element(&mut ahead)?;
    // UTF-8: MATLAB itself writes 16 bits for everything beyond ASCII.
    if kind == 16 {
        *bytes = ahead;
        let text = std::str::from_utf8(data).map_err(|_| CUT_SHORT)?;
        return Ok(text.encode_utf16().map(f64::from).collect());
    }
    numbers(bytes)
}

fn cells(bytes: &mut Bytes, n: usize, depth: usize, left: &mut u64) -> Result<Vec<Value>, String> {
    // Each takes a tag at least.
    if n > bytes.rest.len() / 8 {
        return Err(CUT_SHORT.into());
    }
    (0..n).map(|_| inner(bytes, depth, left)).collect()
}

/// A matrix within another.
fn inner(bytes: &mut Bytes, depth: usize, left: &mut u64) -> Result<Value, String> {
    let is_big_endian = bytes.is_big_endian;
    let (kind, data) = element(bytes)?;
    if kind != MATRIX {
        return Err(CUT_SHORT.into());
    }
    if data.is_empty() {
        return Ok(Value::Other);
    }
    let body = Bytes {
        rest: data,
        is_big_endian,
    };
    Ok(matrix(body, depth + 1, left)?.value)
}

fn fields(
    bytes: &mut Bytes,
    n: usize,
    depth: usize,
    left: &mut u64,
) -> Result<Vec<Vec<(String, Value)>>, String> {
    let width = numbers(bytes)?;
    let width = *width.first().ok_or(CUT_SHORT)? as usize;
    let (_, names) = element(bytes)?;
    if width == 0 || width > 4096 {
        return Err(CUT_SHORT.into());
    }
    let name = |name: &[u8]| {
        let end = name.iter().position(|&c| c == 0).unwrap_or(name.len());
        String::from_utf8_lossy(&name[..end]).into_owned()
    };
    let names: Vec<String> = names.chunks(width).map(name).collect();
    if n.saturating_mul(names.len()) > bytes.rest.len() / 8 {
        return Err(CUT_SHORT.into());
    }
    let one = |_| {
        let values = names
            .iter()
            .map(|name| Ok((name.clone(), inner(bytes, depth, left)?)));
        values.collect()
    };
    (0..n).map(one).collect()
}

/// A matrix of which only what is not 0 is written, column by column.
fn sparse(bytes: &mut Bytes, shape: &[usize]) -> Result<Value, String> {
    let (rows, starts, values) = (numbers(bytes)?, numbers(bytes)?, numbers(bytes)?);
    let &[n_rows, n_columns] = shape else {
        return Err(CUT_SHORT.into());
    };
    let array = of_columns([n_rows, n_columns], &rows, &starts, &values)?;
    Ok(Value::Content(Content::Numbers(array.into())))
}

/// A sparse matrix: the row of each value, and where each column's values begin.
pub(super) fn of_columns(
    [n_rows, n_columns]: [usize; 2],
    rows: &[f64],
    starts: &[f64],
    values: &[f64],
) -> Result<ArrayD<f64>, String> {
    if starts.len() != n_columns + 1 {
        return Err(CUT_SHORT.into());
    }
    let mut array = ArrayD::zeros(IxDyn(&[n_rows, n_columns]));
    for column in 0..n_columns {
        for k in starts[column] as usize..starts[column + 1] as usize {
            let (Some(&row), Some(&value)) = (rows.get(k), values.get(k)) else {
                return Err(CUT_SHORT.into());
            };
            let entry = array.get_mut(IxDyn(&[row as usize, column]));
            *entry.ok_or(CUT_SHORT)? = value;
        }
    }
    Ok(array)
}

/// Writes what a variable holds into `all`, by names that tell the way to it.
fn flatten(name: &str, value: Value, all: &mut Vec<(String, Content)>) {
    match value {
        Value::Content(content) => all.push((name.into(), content)),
        Value::Other => {}
        Value::Cells(cells) => match joined(&cells) {
            Some(content) => all.push((name.into(), content)),
            None => {
                for (index, cell) in cells.into_iter().enumerate() {
                    flatten(&format!("{name}[{index}]"), cell, all);
                }
            }
        },
        Value::Struct(elements) => {
            let is_one = elements.len() == 1;
            for (index, fields) in elements.into_iter().enumerate() {
                for (field, value) in fields {
                    let name = match is_one {
                        true => format!("{name}.{field}"),
                        false => format!("{name}[{index}].{field}"),
                    };
                    flatten(&name, value, all);
                }
            }
        }
    }
}

/// Cells of one line of text each as texts, cells of arrays of one shape as one array.
fn joined(cells: &[Value]) -> Option<Content> {
    let text = |cell: &Value| match cell {
        Value::Content(Content::Texts(lines)) if lines.len() <= 1 => {
            Some(lines.first().cloned().unwrap_or_default())
        }
        _ => None,
    };
    if let Some(texts) = cells.iter().map(text).collect() {
        return Some(Content::Texts(texts));
    }
    let array = |cell: &Value| match cell {
        Value::Content(Content::Numbers(numbers)) => Some(numbers.values.clone()),
        _ => None,
    };
    let arrays: Vec<ArrayD<f64>> = cells.iter().map(array).collect::<Option<_>>()?;
    let views: Vec<_> = arrays.iter().map(|array| array.view()).collect();
    let stacked = ndarray::stack(Axis(0), &views).ok()?;
    Some(Content::Numbers(stacked.into()))
}
