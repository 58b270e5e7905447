//! Matching of regions by name.

use std::collections::{HashMap, HashSet};

use ndarray::{ArrayD, Axis};

use super::functional::Regions;
use super::parts::{Found, one_order};
use crate::connectome::check::Place;
use crate::{Error, Result};

/// Where each of `labels` stands among `names`; `None` where `names` are `labels` in their order, or either are only counted.
///
/// # Errors
/// Where a name is missing, or occurs twice.
pub(super) fn places(
    place: &Place,
    names: &[String],
    labels: &[String],
) -> Result<Option<Vec<usize>>> {
    if names == labels || are_counted(names) || are_counted(labels) {
        return Ok(None);
    }
    let mut seen = HashSet::new();
    if let Some(twice) = labels.iter().find(|label| !seen.insert(label.as_str())) {
        let problem = format!(
            "{:?} cannot be matched by name: two regions are named {twice:?}",
            place.key
        );
        return Err(Error::data(&place.path, problem));
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
    let Some(own) = one_order(found)? else {
        return Ok(values);
    };
    let Some(names) = regions.known_as(&own) else {
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

/// Whether names are only the numbers of the rows, from 0 or from 1, as pandas and R give them where there are none.
fn are_counted(names: &[String]) -> bool {
    let from = |first: usize| {
        let mut names = names.iter().zip(first..);
        names.all(|(name, number)| name.parse::<usize>() == Ok(number))
    };
    from(0) || from(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str], labels: &[&str]) -> Result<Option<Vec<usize>>> {
        let texts = |all: &[&str]| all.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        places(&Place::memory("FC"), &texts(names), &texts(labels))
    }

    #[test]
    fn names_are_matched_and_row_numbers_are_none() {
        assert_eq!(
            found(&["b", "a", "c"], &["a", "b"]).unwrap(),
            Some(vec![1, 0])
        );
        assert_eq!(found(&["a", "b"], &["a", "b"]).unwrap(), None);
        assert_eq!(found(&["0", "1"], &["a", "b"]).unwrap(), None);
        assert_eq!(found(&["a", "b"], &["1", "2"]).unwrap(), None);
        // Numbers of an atlas are names.
        assert_eq!(
            found(&["2001", "1001"], &["1001", "2001"]).unwrap(),
            Some(vec![1, 0])
        );
        for (names, labels, part) in [
            (
                &["a", "a", "b"][..],
                &["a", "b"][..],
                "two regions named \"a\"",
            ),
            (
                &["a", "b", "c"],
                &["a", "a", "b"],
                "two regions are named \"a\"",
            ),
            (&["a", "c"], &["a", "b"], "has no region b"),
        ] {
            let said = found(names, labels).unwrap_err().report();
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
    }
}
