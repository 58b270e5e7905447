//! Matching of regions by name.

use std::collections::HashMap;

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
