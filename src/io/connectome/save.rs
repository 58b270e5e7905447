//! A connectome as one clean npz, which [`load`](super::load) reads back the same.

use std::path::Path;

use ndarray::{Array3, Axis, arr0};
use serde_json::{Value, json};

use super::Options;
use crate::Result;
use crate::connectome::{Connectome, Delays};
use crate::io::npz::Writer;

/// The key of the text that says where the data come from.
pub(super) const PROVENANCE: &str = "provenance";
/// The key of the time between two samples of the time series, s.
pub(super) const STEP: &str = "repetition_time_s";

/// Writes `connectome` to the npz file at `path`: weights, distances, region names, centres, measured data, and a text in JSON that
/// says where they come from and what was done to them.
///
/// # Errors
/// [`Error::Disk`](crate::Error::Disk) where the file cannot be written.
pub fn save(connectome: &Connectome, path: &Path, provenance: &Value) -> Result<()> {
    let mut writer = Writer::create(path)?;
    writer.add("weights", &connectome.weights)?;
    for (name, matrix) in &connectome.matrices {
        writer.add(&format!("matrices/{name}"), matrix)?;
    }
    match &connectome.delays {
        Delays::TractLengths(lengths) => writer.add("tract_lengths", lengths)?,
        Delays::Milliseconds(delays) => writer.add("delays", delays)?,
        Delays::Steps(steps) => writer.add("delay_steps", steps)?,
        Delays::None => {}
    }
    writer.add_texts("labels", &connectome.labels)?;
    if let Some(centres) = &connectome.centres {
        writer.add("centres", centres)?;
    }
    if let Some(functional) = &connectome.functional {
        writer.add("functional", functional)?;
    }
    bold(connectome, &mut writer)?;
    let mut about = json!({
        "brainsweep": env!("CARGO_PKG_VERSION"),
        "units": { "weights": "1", "tract_lengths": "mm", "delays": "ms", "centres": "mm" },
        "orientation": "[target, source]",
        "notes": connectome.notes,
    });
    about["from"] = provenance.clone();
    writer.add_texts(PROVENANCE, &[about.to_string()])?;
    writer.finish()
}

/// Time series of one length as one array, `[n_subjects, n_samples, n_nodes]`, others one by one.
fn bold(connectome: &Connectome, writer: &mut Writer) -> Result<()> {
    let bold = &connectome.bold;
    let Some(first) = bold.first() else {
        return Ok(());
    };
    let views: Vec<_> = bold.iter().map(|one| one.samples.view()).collect();
    let stacked: Option<Array3<f64>> = ndarray::stack(Axis(0), &views).ok();
    match stacked {
        Some(stacked) => writer.add("bold", &stacked)?,
        None => {
            for (number, one) in bold.iter().enumerate() {
                writer.add(&format!("bold_{number:04}"), &one.samples)?;
            }
        }
    }
    match first.step_s {
        Some(step) => writer.add(STEP, &arr0(step)),
        None => Ok(()),
    }
}

/// What an npz of ours is to be read with: all doubts were settled when it was written.
pub(super) fn settled(options: &Options) -> Options {
    use crate::connectome::{LengthUnit, MissingLengths, Symmetric};
    let mut options = options.clone();
    if options.symmetric == Symmetric::Auto {
        options.symmetric = Symmetric::AsIs;
    }
    if options.missing_lengths == MissingLengths::Refuse {
        options.missing_lengths = MissingLengths::Zero;
    }
    options.length_unit = options.length_unit.or(Some(LengthUnit::Millimetres));
    options
}
