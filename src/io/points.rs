//! Points at which a model is evaluated, and what it says there, as npz files.
//!
//! | key read | holds | left out |
//! |---|---|---|
//! | `STATE` | a state | its start |
//! | `input.NAME` | an input | 0 |
//! | `parameters.NAME` | a parameter | its default |
//! | `delayed.NAME` | the value that the signal `NAME` had | the value it has |
//!
//! Arrays are all of one shape, or scalars. Written are `d.STATE`, the outputs by their names, `amplitude.STATE` of noise
//! that has one, and `jacobian` `[..., n_states, n_states]`.

use std::path::Path;

use ndarray::{ArrayD, IxDyn};

use super::npz::{Archive, Writer};
use crate::error::{Error, Result};
use crate::model::{Evaluation, Model, Point};

/// Points in the order of an array of this shape.
#[derive(Debug, Clone)]
pub struct Points {
    /// The shape of the arrays; empty for a single point.
    pub shape: Vec<usize>,
    /// The points, in C order.
    pub points: Vec<Point>,
}

impl Points {
    /// The start values, the defaults, no input: a single point.
    pub fn start(model: &Model) -> Self {
        Self {
            shape: Vec::new(),
            points: vec![model.start()],
        }
    }

    /// The points in an npz file.
    ///
    /// # Errors
    /// As [`super::npz::read_f64`]; [`Error::Unknown`] for a name that the model does not have, [`Error::Data`] for arrays that differ.
    pub fn load(model: &Model, path: &Path) -> Result<Self> {
        let mut archive = Archive::open(path)?;
        let mut arrays: Vec<(String, ArrayD<f64>)> = Vec::new();
        for key in archive.keys() {
            // Known before it is read: what else lies in the file is named, not its damage.
            model.start().set(model, &key, 0.0)?;
            let array = archive.read_f64(&key)?;
            arrays.push((key, array));
        }
        let first = arrays.iter().find(|(_, array)| array.ndim() > 0);
        let (of, shape) = first.map_or(("", Vec::new()), |(key, array)| {
            (key.as_str(), array.shape().to_vec())
        });
        for (key, array) in &arrays {
            if array.ndim() > 0 && array.shape() != shape {
                let expected = format!("{shape:?} as {of:?}, or a single number");
                return Err(Error::wrong_shape(path, key, array.shape(), expected));
            }
        }
        let n_points = shape.iter().product();
        let mut points = vec![model.start(); n_points];
        for (key, array) in &arrays {
            // A scalar is the same everywhere.
            let values = array.iter().cycle();
            for (point, &value) in points.iter_mut().zip(values) {
                point.set(model, key, value)?;
            }
        }
        Ok(Self { shape, points })
    }

    /// Sets a number at every point; see [`Point::set`].
    ///
    /// # Errors
    /// As [`Point::set`].
    pub fn set(&mut self, model: &Model, name: &str, value: f64) -> Result<()> {
        model.start().set(model, name, value)?;
        self.points
            .iter_mut()
            .try_for_each(|point| point.set(model, name, value))
    }

    /// What the model says at each.
    pub fn evaluate(&self, model: &Model) -> Vec<Evaluation> {
        self.points
            .iter()
            .map(|point| model.evaluate(point))
            .collect()
    }

    /// Writes what the model says.
    ///
    /// # Errors
    /// [`Error::Disk`] if the file cannot be written, [`Error::Data`] if an output is called as another array is.
    pub fn write(&self, model: &Model, evaluations: &[Evaluation], path: &Path) -> Result<()> {
        let mut writer = Writer::create(path)?;
        let array = |shape: &[usize], values: Vec<f64>| {
            ArrayD::from_shape_vec(IxDyn(shape), values).expect("as many values as points")
        };
        for (s, state) in model.states.iter().enumerate() {
            let values = evaluations.iter().map(|e| e.rates[s]).collect();
            writer.add(&format!("d.{}", state.name), &array(&self.shape, values))?;
        }
        for (k, output) in model.outputs.iter().enumerate() {
            let values = evaluations.iter().map(|e| e.outputs[k]).collect();
            writer.add(output.name, &array(&self.shape, values))?;
        }
        for (s, state) in model
            .states
            .iter()
            .enumerate()
            .filter(|(s, _)| model.has_amplitude(*s))
        {
            let values = evaluations
                .iter()
                .map(|e| e.amplitudes[s].unwrap_or(1.0))
                .collect();
            writer.add(
                &format!("amplitude.{}", state.name),
                &array(&self.shape, values),
            )?;
        }
        let n = model.states.len();
        let shape = [&self.shape[..], &[n, n]].concat();
        let values = evaluations
            .iter()
            .flat_map(|e| e.jacobian.iter().copied())
            .collect();
        writer.add("jacobian", &array(&shape, values))?;
        writer.finish()
    }
}
