//! Matching of regions by name.

use std::collections::HashMap;

use ndarray::{ArrayD, Axis};

use super::functional::Regions;
use super::parts::{Found, one_order};
use crate::connectome::check::Place;
use crate::{Error, Result};

/// Where each of `labels` stands among `names`; `None` where `names` are `labels` in their order, or only numbers.
///
/// # Errors
/// Where a name is missing, or occurs twice.
pub(super) fn places(
    place: &Place,
    names: &[String],
    labels: &[String],
) -> Result<Option<Vec<usize>>> {
    let are_numbers = |names: &[String]| names.iter().all(|name| name.parse::<f64>().is_ok());
    if names == labels || are_numbers(names) || are_numbers(labels) {
        return Ok(None);
    }
    let mut places = HashMap::new();
    for (index, name) in names.iter().enumerate() {
        if places.insert(name.as_str(), index).is_some() {
            let problem = format!("{:?} has two regions named {name:?}", place.key);
            return Err(Error::data(&place.path, problem));
        }
    }
    let missing: Vec<&str> = labels
        .iter()
        .map(String::as_str)
        .filter(|label| !places.contains_key(label))
        .collect();
    if !missing.is_empty() {
        const WRITTEN_OUT: usize = 5;
        let more = match missing.len().saturating_sub(WRITTEN_OUT) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let shown = missing[..missing.len().min(WRITTEN_OUT)].join(", ");
        let extra = names.iter().find(|name| !labels.contains(name));
        let extra = extra.map_or(String::new(), |name| {
            format!("; it has {name:?}, which they do not have")
        });
        let problem = format!(
            "{:?} has no region {shown}{more}, which the other data have{extra}",
            place.key
        );
        let hint = "regions are matched by name: leave those out, or give both the same names";
        return Err(Error::data_hint(&place.path, problem, hint));
    }
    Ok(Some(
        labels.iter().map(|label| places[label.as_str()]).collect(),
    ))
}

/// A square array with its regions in the order of the weights.
pub(super) fn in_order(
    found: &Found,
    regions: &Regions,
    notes: &mut Vec<String>,
) -> Result<ArrayD<f64>> {
    let values = found.numbers.values.clone();
    let (Some(own), Some(names)) = (one_order(found)?, regions.names) else {
        return Ok(values);
    };
    let is_matrix = values.ndim() == 2 && values.shape()[0] == values.shape()[1];
    if !is_matrix || own.len() != values.shape()[0] {
        return Ok(values);
    }
    Ok(match places(&found.place, &own, names)? {
        Some(places) => {
            let key = &found.place.key;
            notes.push(format!(
                "{key:?} is brought into the order of the weights by name"
            ));
            values.select(Axis(0), &places).select(Axis(1), &places)
        }
        None => values,
    })
}
