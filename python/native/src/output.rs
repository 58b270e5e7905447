//! What a run leaves, for Python.

use ndarray::{Array, Array3, Dimension};
use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::{Map, Value};

use brainsweep::output::{self, Description, Manifest, Output, Table, Values};

/// Arrays: name, dimensions, unit, meaning, numbers.
pub(crate) type Arrays = Vec<(String, Vec<String>, String, String, Buffer)>;

/// Memory that numpy reads where it is: `numpy.asarray` makes an array of it without a copy, which keeps it alive.
#[pyclass(frozen, module = "brainsweep._native")]
pub(crate) struct Buffer {
    numbers: Numbers,
    shape: Vec<usize>,
}

/// Numbers in row-major order.
enum Numbers {
    Double(Vec<f64>),
    Single(Vec<f32>),
    Whole(Vec<i64>),
    Flag(Vec<bool>),
    Byte(Vec<u8>),
    Complex(Vec<Complex64>),
}

#[pymethods]
impl Buffer {
    /// What numpy's protocol of this name says of it.
    #[getter(__array_interface__)]
    fn array_interface<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (kind, address) = match &self.numbers {
            Numbers::Double(all) => ("f8", all.as_ptr().addr()),
            Numbers::Single(all) => ("f4", all.as_ptr().addr()),
            Numbers::Whole(all) => ("i8", all.as_ptr().addr()),
            Numbers::Flag(all) => ("b1", all.as_ptr().addr()),
            Numbers::Byte(all) => ("u1", all.as_ptr().addr()),
            Numbers::Complex(all) => ("c16", all.as_ptr().addr()),
        };
        let order = if cfg!(target_endian = "big") {
            ">"
        } else {
            "<"
        };
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("typestr", format!("{order}{kind}"))?;
        interface.set_item("shape", PyTuple::new(py, &self.shape)?)?;
        // Nothing else reads it, but it is Rust's: numpy may not write.
        interface.set_item("data", (address, true))?;
        Ok(interface)
    }
}

macro_rules! buffer {
    ($number:ty, $variant:ident) => {
        impl<D: Dimension> From<Array<$number, D>> for Buffer {
            fn from(array: Array<$number, D>) -> Self {
                let shape = array.shape().to_vec();
                // Moved where it begins its memory and lies in order, as nearly all do.
                let array = match array.is_standard_layout() {
                    true => array,
                    false => array.as_standard_layout().into_owned(),
                };
                let (mut all, first) = array.into_raw_vec_and_offset();
                let first = first.unwrap_or(0);
                let n = shape.iter().product();
                if first > 0 {
                    all.drain(..first);
                }
                all.truncate(n);
                Self {
                    numbers: Numbers::$variant(all),
                    shape,
                }
            }
        }
    };
}

buffer!(f64, Double);
buffer!(f32, Single);
buffer!(i64, Whole);
buffer!(bool, Flag);
buffer!(u8, Byte);
buffer!(Complex64, Complex);

/// Arrays with their names, except some.
pub(crate) fn arrays(arrays: Vec<output::Array<'_>>, is_left_out: impl Fn(&str) -> bool) -> Arrays {
    let kept = arrays
        .into_iter()
        .filter(|array| !is_left_out(&array.description.name));
    let each = kept.map(|array| {
        let values = match array.values {
            Values::Double(values) => values.into_owned().into(),
            Values::Single(values) => values.into_owned().into(),
            Values::Whole(values) => values.into_owned().into(),
            Values::Flag(values) => values.into_owned().into(),
            Values::Complex(values) => values.into_owned().into(),
        };
        described(array.description, values)
    });
    each.collect()
}

/// Where among the arrays the recorded states stand, what they are, and their samples, `[n_samples, n_states, n_nodes]`: Python takes
/// them apart without a copy.
pub(crate) type States = (usize, Vec<(String, Vec<String>, String, String)>, Buffer);

/// The same from its parts.
pub(crate) fn states(place: usize, samples: Array3<f32>, of: Vec<Description>) -> States {
    let of = of.into_iter();
    let of = of.map(|of| (of.name, of.dimensions, of.units, of.long_name));
    (place, of.collect(), samples.into())
}

fn described(of: Description, values: Buffer) -> (String, Vec<String>, String, String, Buffer) {
    (of.name, of.dimensions, of.units, of.long_name, values)
}

/// Everything but the arrays: labels, tables, the manifest as JSON.
pub(crate) fn rest<'py>(py: Python<'py>, output: &Output) -> PyResult<Bound<'py, PyDict>> {
    let result = PyDict::new(py);
    let labels = PyDict::new(py);
    for (name, of) in &output.labels {
        labels.set_item(name, of.to_vec())?;
    }
    result.set_item("labels", labels)?;
    let tables = PyDict::new(py);
    for Table { name, header, rows } in &output.tables {
        tables.set_item(name, (header.clone(), rows.clone()))?;
    }
    result.set_item("tables", tables)?;
    result.set_item("manifest", json(&output.manifest))?;
    Ok(result)
}

fn json(manifest: &Manifest) -> String {
    let map: Map<String, Value> = manifest.to_map();
    Value::Object(map).to_string()
}
