//! CIFTI-2 with parcels: `pconn.nii` and `ptseries.nii` of the Human Connectome Project's tools and of XCP-D.
//!
//! A NIfTI-2 file whose header is followed by XML that says what the axes are: parcels with names, or times. Glasser et al.
//! (2013), The minimal preprocessing pipelines for the Human Connectome Project, NeuroImage 80, 105.

use ndarray::{ArrayD, IxDyn, ShapeBuilder};

use super::bytes::{Bytes, CUT_SHORT, Type, n_elements};
use super::{Content, Numbers};

/// Length of a NIfTI-2 header, bytes: also its first number.
const HEADER: usize = 540;
/// The code of an extension that is CIFTI's XML.
const CIFTI: i32 = 32;

/// Whether a file that begins so is NIfTI-2.
pub(super) fn is_one(start: &[u8]) -> bool {
    start.get(4..7) == Some(b"n+2")
}

/// One axis of the matrix.
enum Axis {
    Parcels(Vec<String>),
    Series { step_s: f64 },
}

/// Reads a file: rows are times, or regions; columns are regions.
pub(super) fn parse(bytes: &[u8]) -> Result<Content, String> {
    let is_big_endian = bytes.get(..4) == Some(&[0, 0, 2, 28]);
    let at = |offset: usize| -> Result<Bytes, String> {
        let rest = bytes.get(offset..).ok_or(CUT_SHORT)?;
        Ok(Bytes {
            rest,
            is_big_endian,
        })
    };
    let kind = match at(12)?.i16()? {
        2 => Type::U8,
        4 => Type::I16,
        8 => Type::I32,
        16 => Type::F32,
        64 => Type::F64,
        256 => Type::I8,
        512 => Type::U16,
        768 => Type::U32,
        1024 => Type::I64,
        1280 => Type::U64,
        code => {
            return Err(format!(
                "holds numbers of NIfTI's type {code}, which is not read"
            ));
        }
    };
    let mut sizes = at(16)?;
    let mut dim = [0_usize; 8];
    for size in &mut dim {
        *size = usize::try_from(sizes.i64()?).map_err(|_| CUT_SHORT)?;
    }
    if dim[0] != 6 || dim[1..5] != [1; 4] {
        return Err("is an image of NIfTI, not a matrix of CIFTI".into());
    }
    let shape = [dim[5], dim[6]];
    let start = usize::try_from(at(168)?.i64()?).map_err(|_| CUT_SHORT)?;
    let (slope, intercept) = (at(176)?.f64()?, at(184)?.f64()?);
    let size = n_elements(&shape)?.checked_mul(kind.size());
    let data = at(start)?.take(size.ok_or(CUT_SHORT)?)?;
    let mut values = kind.read(data, is_big_endian);
    if slope != 0.0 && slope.is_finite() && (slope, intercept) != (1.0, 0.0) {
        values.iter_mut().for_each(|v| *v = *v * slope + intercept);
    }
    // The first dimension is the fastest.
    let array = ArrayD::from_shape_vec(IxDyn(&shape).f(), values).map_err(|e| e.to_string())?;
    let (first, second) = axes(&xml(at(HEADER)?)?)?;
    // Times first, then regions.
    let (first, second, array) = match (first, second) {
        (parcels @ Axis::Parcels(_), series @ Axis::Series { .. }) => {
            (series, parcels, array.reversed_axes())
        }
        other => (other.0, other.1, array),
    };
    let values = array.as_standard_layout().into_owned();
    let (rows, step_s) = match first {
        Axis::Parcels(names) => (Some(names), None),
        Axis::Series { step_s } => (None, Some(step_s)),
    };
    let columns = match second {
        Axis::Parcels(names) => Some(names),
        Axis::Series { .. } => return Err("has no axis of parcels".into()),
    };
    let fits =
        |names: &Option<Vec<String>>, n: usize| names.as_ref().is_none_or(|all| all.len() == n);
    if !fits(&rows, values.shape()[0]) || !fits(&columns, values.shape()[1]) {
        return Err("names more or fewer parcels than the matrix has; it is damaged".into());
    }
    Ok(Content::Numbers(Numbers {
        values,
        rows,
        columns,
        step_s,
    }))
}

/// The text of CIFTI's extension.
fn xml(mut bytes: Bytes) -> Result<String, String> {
    let has_extensions = bytes.take(4)?[0] != 0;
    while has_extensions && !bytes.rest.is_empty() {
        let (size, code) = (bytes.i32()?, bytes.i32()?);
        let size = usize::try_from(size).ok().and_then(|n| n.checked_sub(8));
        let text = bytes.take(size.ok_or(CUT_SHORT)?)?;
        if code == CIFTI {
            let end = text.iter().position(|&c| c == 0).unwrap_or(text.len());
            let text = std::str::from_utf8(&text[..end]).map_err(|_| CUT_SHORT)?;
            return Ok(text.into());
        }
    }
    Err("is NIfTI-2 without the XML of CIFTI".into())
}

/// What the two axes of the matrix are, the faster one first.
fn axes(xml: &str) -> Result<(Axis, Axis), String> {
    let options = roxmltree::ParsingOptions {
        nodes_limit: 1_000_000,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(xml, options)
        .map_err(|error| format!("its XML is damaged ({error})"))?;
    let mut found = [None, None];
    for map in document
        .descendants()
        .filter(|node| node.has_tag_name("MatrixIndicesMap"))
    {
        let dimensions = map
            .attribute("AppliesToMatrixDimension")
            .unwrap_or_default();
        for dimension in dimensions.split(',') {
            let place = match dimension.trim() {
                "0" => 0,
                "1" => 1,
                _ => return Err("has more than two axes".into()),
            };
            found[place] = Some(axis(map)?);
        }
    }
    match found {
        [Some(first), Some(second)] => Ok((first, second)),
        _ => Err("its XML does not say what both axes are".into()),
    }
}

fn axis(map: roxmltree::Node) -> Result<Axis, String> {
    match map.attribute("IndicesMapToDataType").unwrap_or_default() {
        "CIFTI_INDEX_TYPE_PARCELS" => {
            let parcels = map.children().filter(|node| node.has_tag_name("Parcel"));
            let names = parcels.map(|parcel| parcel.attribute("Name").unwrap_or_default().into());
            Ok(Axis::Parcels(names.collect()))
        }
        "CIFTI_INDEX_TYPE_SERIES" => {
            let number = |name: &str| {
                map.attribute(name)
                    .and_then(|text| text.trim().parse::<f64>().ok())
            };
            let exponent = number("SeriesExponent").unwrap_or(0.0);
            let step = number("SeriesStep").ok_or("its XML does not say the step of its series")?;
            Ok(Axis::Series {
                step_s: step * 10_f64.powf(exponent),
            })
        }
        other => Err(format!(
            "has an axis of {other}; only parcels and series are read"
        )),
    }
}
