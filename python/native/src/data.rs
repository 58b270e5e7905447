//! Connectomes, time series, stores and lists of what comes along, for Python.

use std::path::PathBuf;

use ndarray::{Array, ArrayD, Dimension};
use pyo3::prelude::*;

use crate::output::{Arrays, Buffer};
use crate::raise::Raised;
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::error::{Error, Result};
use brainsweep::io::connectome::{self as files, Options};
use brainsweep::io::store::{Contents, Kind};
use brainsweep::study::key;
use brainsweep::{coupling, model, monitor};

/// Arrays, region names, notes.
pub(crate) type Told = (Arrays, Vec<String>, Vec<String>);

/// The arrays of a connectome, region names, and what is to be known of it.
pub(crate) fn connectome_of(connectome: &Connectome) -> Told {
    let mut arrays = Arrays::new();
    let mut add = |name: &str, dimensions: &[&str], unit: &str, meaning: &str, values| {
        let dimensions = dimensions.iter().map(|d| d.to_string()).collect();
        arrays.push((name.into(), dimensions, unit.into(), meaning.into(), values));
    };
    let pair = ["target", "source"];
    let weights = connectome.weights.clone().into();
    add("weights", &pair, "1", "weights, rows receive", weights);
    match &connectome.delays {
        Delays::TractLengths(lengths) => {
            let lengths = lengths.clone().into();
            add("tract_lengths", &pair, "mm", "tract lengths", lengths);
        }
        Delays::Milliseconds(ms) => add("delays", &pair, "ms", "delays", ms.clone().into()),
        Delays::Steps(steps) => {
            let steps = steps.mapv(i64::from).into();
            add("delay_steps", &pair, "steps", "delays", steps);
        }
        Delays::None => {}
    }
    if let Some(functional) = &connectome.functional {
        let dimensions = ["subject", "target", "source"];
        let meaning = "measured functional connectivity";
        add(
            "functional",
            &dimensions,
            "1",
            meaning,
            functional.clone().into(),
        );
    }
    if let Some(centres) = &connectome.centres {
        let meaning = "centres of the regions";
        add(
            "centres",
            &["node", "axis"],
            "mm",
            meaning,
            centres.clone().into(),
        );
    }
    (arrays, connectome.labels.clone(), connectome.notes.clone())
}

/// Reads a connectome from a file or folder.
#[pyfunction]
pub(crate) fn connectome(py: Python<'_>, path: PathBuf) -> PyResult<Told> {
    let read = py.detach(|| files::load(&path, &Options::default()));
    Ok(connectome_of(&read.raised(py)?))
}

/// The connectome of a name that comes along.
#[pyfunction]
pub(crate) fn hcp() -> Told {
    connectome_of(&files::hcp())
}

/// Numbers as 64-bit floats in row-major order, little-endian, and how many along each dimension.
type Raw<'a> = (&'a [u8], Vec<usize>);

/// The array of such numbers.
fn array<D: Dimension>(name: &str, (bytes, shape): Raw<'_>) -> Result<Array<f64, D>> {
    let (numbers, _) = bytes.as_chunks();
    let numbers = numbers.iter().copied().map(f64::from_le_bytes).collect();
    let shaped = ArrayD::from_shape_vec(shape.clone(), numbers);
    let shaped = shaped.map(ArrayD::into_dimensionality::<D>);
    match shaped {
        Ok(Ok(array)) => Ok(array),
        _ => {
            let n = D::NDIM.unwrap_or(0);
            let problem = format!("{name} has the shape {shape:?}, and {n} dimensions are needed");
            Err(Error::usage(
                problem,
                "give one number for every two regions",
            ))
        }
    }
}

/// Checks arrays as a connectome and writes them to an npz file; what is to be known of them.
#[pyfunction]
pub(crate) fn save_connectome(
    py: Python<'_>,
    path: PathBuf,
    weights: Raw<'_>,
    tract_lengths: Option<Raw<'_>>,
    delays: Option<Raw<'_>>,
    functional: Option<Raw<'_>>,
    labels: Option<Vec<String>>,
) -> PyResult<Vec<String>> {
    let save = || -> Result<Vec<String>> {
        let delays = match (tract_lengths, delays) {
            (Some(_), Some(_)) => {
                let problem = "distances are given in mm and in ms";
                return Err(Error::usage(problem, "leave out tract_lengths or delays"));
            }
            (Some(lengths), None) => Delays::TractLengths(array("tract_lengths", lengths)?),
            (None, Some(ms)) => Delays::Milliseconds(array("delays", ms)?),
            (None, None) => Delays::None,
        };
        let functional = functional.map(|all| array("functional", all)).transpose()?;
        let weights = array("weights", weights)?;
        let connectome = Connectome::new(labels, weights, delays, functional)?;
        files::save(&connectome, &path, &"arrays in memory".into())?;
        Ok(connectome.notes)
    };
    save().raised(py)
}

/// An array of a store that is filled chunk by chunk.
#[pyfunction]
pub(crate) fn store(py: Python<'_>, path: PathBuf, name: &str) -> PyResult<Option<Buffer>> {
    let read = || -> Result<Option<Buffer>> {
        let contents = Contents::look(&path, &["sweep", "fit"])?;
        Ok(match contents.kind(name) {
            None => None,
            Some(Kind::Double) => Some(contents.whole::<f64>(name)?.into()),
            Some(Kind::Single) => Some(contents.whole::<f32>(name)?.into()),
            Some(Kind::Flag) => Some(contents.whole::<u8>(name)?.into()),
        })
    };
    read().raised(py)
}

/// Names and summaries of the models that come along.
#[pyfunction]
pub(crate) fn models() -> Vec<(&'static str, &'static str)> {
    model::MODELS
        .iter()
        .map(|one| (one.name, one.summary))
        .collect()
}

/// Names of the couplings that come along.
#[pyfunction]
pub(crate) fn couplings() -> Vec<&'static str> {
    coupling::FORMS.iter().map(|one| one.name).collect()
}

/// Names of the monitors that come along.
#[pyfunction]
pub(crate) fn monitors() -> Vec<&'static str> {
    monitor::MONITORS.iter().map(|one| one.name).collect()
}

/// Names and summaries of the studies that come along.
#[pyfunction]
pub(crate) fn shipped() -> Vec<(&'static str, &'static str)> {
    brainsweep::io::study::SHIPPED
        .iter()
        .map(|one| (one.name, one.summary))
        .collect()
}

/// The keys of a study, and what they mean.
#[pyfunction]
pub(crate) fn keys() -> Vec<(&'static str, &'static str)> {
    key::KEYS
        .iter()
        .map(|key| (key.path, key.meaning))
        .collect()
}
