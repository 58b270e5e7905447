//! The values of `--at`.

use crate::branches::Varied;
use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key::{self, Purpose};

/// Reads `NUMBER=VALUE,VALUE`, values within the range of the number that varies.
pub(super) fn values(study: &Study, text: &str, varied: &Varied) -> Result<Vec<f64>> {
    let hint = "write NUMBER=VALUE,VALUE with the number of --vary, as in x_ext=0.5,0.7";
    let malformed = |part: &str| Error::malformed_part("--at", text, part, hint);
    let (name, list) = text.split_once('=').ok_or_else(|| malformed(text))?;
    if key::resolve(study, name.trim(), Purpose::Follow)?.full() != varied.path {
        return Err(malformed(name));
    }
    let [low, high] = varied.range;
    let mut values: Vec<f64> = Vec::new();
    for part in list.split(',') {
        let value: f64 = part.trim().parse().map_err(|_| malformed(part))?;
        if !(low..=high).contains(&value) {
            let hint = format!("give values from {low} to {high}, the range of --vary");
            return Err(Error::malformed_part("--at", text, part, hint));
        }
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}
