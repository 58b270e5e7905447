//! Where the measured data that are compared come from.

use std::path::Path;

use crate::error::Result;
use crate::io::connectome::{Measured, Options, Shipped, load_measured};

/// The measured data of a file, or of a connectome that comes with the program.
pub(super) fn measured(path: &Path, options: &Options) -> Result<Measured> {
    let shipped = path.to_str().and_then(Shipped::named);
    match shipped.filter(|_| !path.exists()) {
        Some(shipped) => Ok(embedded(shipped)),
        None => load_measured(path, options),
    }
}

/// The measured data of a connectome that comes with the program.
pub(super) fn embedded(shipped: Shipped) -> Measured {
    let connectome = (shipped.read)();
    Measured {
        path: shipped.name.into(),
        labels: Some(connectome.labels.clone()),
        functional: connectome.functional.clone().unwrap_or_default(),
        bold: Vec::new(),
        notes: Vec::new(),
    }
}
