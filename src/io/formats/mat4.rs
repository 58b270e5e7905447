//! MATLAB 4: matrices one after the other, each with a header of five numbers. DSI Studio writes them.

use ndarray::{ArrayD, IxDyn, ShapeBuilder};

use super::bytes::{Bytes, CUT_SHORT, Type, n_elements};
use super::{Content, MOST_LEAVES};

struct Header {
    is_big_endian: bool,
    precision: Type,
    is_text: bool,
    n_rows: usize,
    n_columns: usize,
    is_complex: bool,
    name_length: usize,
}

impl Header {
    /// Reads 20 bytes. The type is four decimal digits: byte order, 0, precision, kind.
    fn read(bytes: &mut Bytes) -> Result<Self, String> {
        let foreign = || "not a MATLAB file that can be read (version 4 to 7.3)".to_string();
        let [a, b, c, d] = *bytes.take(4)?.first_chunk().unwrap_or(&[255; 4]);
        let [little, big] = [
            i32::from_le_bytes([a, b, c, d]),
            i32::from_be_bytes([a, b, c, d]),
        ];
        let (is_big_endian, code) = match (little, big) {
            (0..=99, _) => (false, little),
            (_, 1000..=1099) => (true, big - 1000),
            _ => return Err(foreign()),
        };
        bytes.is_big_endian = is_big_endian;
        let precision = match code / 10 {
            0 => Type::F64,
            1 => Type::F32,
            2 => Type::I32,
            3 => Type::I16,
            4 => Type::U16,
            5 => Type::U8,
            _ => return Err(foreign()),
        };
        let is_text = match code % 10 {
            0 => false,
            1 => true,
            2 => return Err("holds a sparse matrix of MATLAB 4; save it with full(...)".into()),
            _ => return Err(foreign()),
        };
        let mut length = || usize::try_from(bytes.i32()?).map_err(|_| foreign());
        Ok(Self {
            is_big_endian,
            precision,
            is_text,
            n_rows: length()?,
            n_columns: length()?,
            is_complex: length()? == 1,
            name_length: length()?,
        })
    }
}

/// Whether a file that begins so may be one: the version has no mark of its own.
pub(super) fn is_one(start: &[u8]) -> bool {
    let mut bytes = Bytes {
        rest: start,
        is_big_endian: false,
    };
    let header = Header::read(&mut bytes);
    header.is_ok_and(|header| (2..=64).contains(&header.name_length) && header.n_rows > 0)
}

/// All matrices of a file.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<(String, Content)>, String> {
    let mut bytes = Bytes {
        rest: bytes,
        is_big_endian: false,
    };
    let mut all = Vec::new();
    while !bytes.rest.is_empty() {
        let header = Header::read(&mut bytes)?;
        let name = bytes.take(header.name_length)?;
        let name = String::from_utf8_lossy(name);
        let name = name.trim_end_matches('\0').to_string();
        let n = n_elements(&[header.n_rows, header.n_columns])?;
        let size = n.checked_mul(header.precision.size());
        let data = bytes.take(size.ok_or(CUT_SHORT)?)?;
        let values = header.precision.read(data, header.is_big_endian);
        let shape = IxDyn(&[header.n_rows, header.n_columns]).f();
        let array = ArrayD::from_shape_vec(shape, values).map_err(|e| e.to_string())?;
        if header.is_complex {
            bytes.take(data.len())?;
            continue;
        }
        let array = array.as_standard_layout().into_owned();
        let content = match header.is_text {
            true => Content::Texts(text_rows(&array)),
            false => Content::Numbers(array.into()),
        };
        all.push((name, content));
        if all.len() > MOST_LEAVES {
            return Err("holds too many arrays".into());
        }
    }
    Ok(all)
}

/// The rows of a matrix of characters, without the blanks that fill them.
pub(super) fn text_rows(codes: &ArrayD<f64>) -> Vec<String> {
    let width = codes.shape().last().copied().unwrap_or(0);
    let codes: Vec<f64> = codes.iter().copied().collect();
    let row = |row: &[f64]| {
        let units = row.iter().map(|&code| code as u16);
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        text.trim_end_matches([' ', '\0']).to_string()
    };
    match width {
        0 => Vec::new(),
        _ => codes.chunks(width).map(row).collect(),
    }
}
