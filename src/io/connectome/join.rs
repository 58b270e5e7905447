//! Matching of regions by name.

use std::collections::{HashMap, HashSet};

use ndarray::{ArrayD, Axis};

use super::functional::Regions;
use super::parts::{Found, one_order};
use crate::connectome::check::Place;
use crate::{Error, Result};

/// Where each of `labels` stands among `names`; `None` where `names` are `labels` in their order, or where they are only the numbers of
/// rows.
///
/// # Errors
/// Where a name is missing, or occurs twice.
pub(super) fn places(
    place: &Place,
    names: &[String],
    labels: &[String],
) -> Result<Option<Vec<usize>>> {
    if names == labels || are_only_counted(names, labels) {
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
        let missing = listed(&missing);
        let extra = names.iter().find(|name| !labels.contains(name));
        let extra = extra.map_or(String::new(), |name| {
            format!("; it has {name:?}, which they do not have")
        });
        let problem = format!(
            "{:?} has no region {missing}, which the other data have{extra}",
            place.key
        );
        let hint = "regions are matched by name: leave those out, or give both the same names";
        return Err(Error::data_hint(&place.path, problem, hint));
    }
    Ok(Some(
        labels.iter().map(|label| places[label.as_str()]).collect(),
    ))
}

/// The first of some names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const WRITTEN_OUT: usize = 5;
    let more = match names.len().saturating_sub(WRITTEN_OUT) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names[..names.len().min(WRITTEN_OUT)].join(", ") + &more
}

/// Which of `names` are not among the `labels` of `whose` data, as a sentence; `None` where all are.
pub(super) fn dropped(names: &[String], labels: &[String], whose: &str) -> Option<String> {
    let labels: HashSet<&String> = labels.iter().collect();
    let extra = names.iter().filter(|name| !labels.contains(name));
    let extra: Vec<&str> = extra.map(String::as_str).collect();
    let shown = listed(&extra);
    match extra.len() {
        0 => None,
        1 => Some(format!("1 region that {whose} lack is dropped: {shown}")),
        n => Some(format!(
            "{n} regions that {whose} lack are dropped: {shown}"
        )),
    }
}

/// What is said of an array called `key` that is brought into the order of the weights, called `labels`.
pub(super) fn reordered(key: &str, names: &[String], labels: &[String]) -> String {
    let dropped = dropped(names, labels, "the weights");
    let dropped = dropped.map_or(String::new(), |dropped| format!("; {dropped}"));
    format!("{key:?} is brought into the order of the weights by name{dropped}")
}

/// The values of a square array, taken from it, with its regions in the order of the weights.
pub(super) fn in_order(
    found: &mut Found,
    regions: &Regions,
    notes: &mut Vec<String>,
) -> Result<ArrayD<f64>> {
    let own = one_order(found)?;
    let values = std::mem::take(&mut found.numbers.values);
    let Some(own) = own else {
        return Ok(values);
    };
    let Some(names) = regions.known_as(&own) else {
        notes.push(order_is_taken(&found.place.key));
        return Ok(values);
    };
    let is_matrix = values.ndim() == 2 && values.shape()[0] == values.shape()[1];
    if !is_matrix || own.len() != values.shape()[0] {
        return Ok(values);
    }
    Ok(match places(&found.place, &own, names)? {
        Some(places) => {
            notes.push(reordered(&found.place.key, &own, names));
            values.select(Axis(0), &places).select(Axis(1), &places)
        }
        None => values,
    })
}

/// What is said where there is nothing to match names with.
pub(super) fn order_is_taken(key: &str) -> String {
    format!(
        "{key:?} has names of regions and the weights have none: its order is taken to be theirs"
    )
}

/// What is said of numbers for the nodes of a network without names, whose rows are called `names`; `None` where those only count.
pub(super) fn has_unmatched_names(names: &[String]) -> Option<String> {
    let mut seen = HashSet::new();
    let are_names = names.iter().all(|name| seen.insert(name)) && !are_counted(names);
    are_names.then(|| {
        "has names of regions and the network has none: its order is taken to be that of the nodes"
            .into()
    })
}

/// Refuses arrays that name the regions in different orders where the weights have no names: one of them is not in their order.
///
/// # Errors
/// Where two of `named` differ.
pub(super) fn agree(named: &[&Found], n_nodes: usize) -> Result<()> {
    let mut first: Option<(&Found, Vec<String>)> = None;
    for &found in named {
        let numbers = &found.numbers;
        let all = [&numbers.rows, &numbers.columns];
        let names = all
            .into_iter()
            .flatten()
            .find(|names| names.len() == n_nodes);
        let Some(names) = names.filter(|names| !are_counted(names)) else {
            continue;
        };
        match &first {
            None => first = Some((found, names.clone())),
            Some((_, others)) if others == names => {}
            Some((other, others)) => {
                let differ = others.iter().zip(names).position(|(a, b)| a != b);
                let at = differ.unwrap_or(0);
                let problem = format!(
                    "the weights have no names of regions, and {:?} and {:?} list them in different orders: region {at} is {:?} or {:?}",
                    other.place.key, found.place.key, others[at], names[at]
                );
                let hint = "say which region each row of the weights is: labels = NAME of a list";
                return Err(Error::data_hint(&found.place.path, problem, hint));
            }
        }
    }
    Ok(())
}

/// Whether two lists of names have nothing to match: both count rows, or one does and the other has no such number.
pub(super) fn are_only_counted(names: &[String], labels: &[String]) -> bool {
    match (are_counted(names), are_counted(labels)) {
        (false, false) => false,
        (true, true) => true,
        _ => !names.iter().any(|name| labels.contains(name)),
    }
}

/// Whether names are only the numbers of the rows, from 0 or from 1, as programs give them where there are none: pandas and R plain
/// ones, R `V1` or `X1`, Julia `x1`, MATLAB `Var1`, Excel `Column1`.
pub(super) fn are_counted(names: &[String]) -> bool {
    let from = |first: usize, prefix: &str| {
        let mut names = names.iter().zip(first..);
        names.all(|(name, number)| {
            let digits = name.strip_prefix(prefix);
            digits.is_some_and(|digits| digits.parse::<usize>() == Ok(number))
        })
    };
    let prefixes = ["", "V", "X", "x", "Var", "Column"];
    from(0, "") || prefixes.iter().any(|prefix| from(1, prefix))
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
        assert_eq!(found(&["0", "1"], &["1", "2"]).unwrap(), None);
        assert_eq!(found(&["1001", "2001"], &["1", "2"]).unwrap(), None);
        assert_eq!(found(&["V1", "V2"], &["a", "b"]).unwrap(), None);
        // Areas of the visual cortex are called so, too.
        assert_eq!(
            found(&["V1", "V2"], &["V2", "V1"]).unwrap(),
            Some(vec![1, 0])
        );
        // The same numbers in another order are names.
        for (names, labels) in [
            (["2", "1", "3"], ["1", "2", "3"]),
            (["1", "2", "3"], ["2", "1", "3"]),
        ] {
            assert_eq!(found(&names, &labels).unwrap(), Some(vec![1, 0, 2]));
        }
        assert!(found(&["1", "2", "9"], &["1", "2", "3"]).is_err());
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
