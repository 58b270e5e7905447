//! Files of QSIRecon and QSIPrep: every measure of every atlas in one MATLAB file, as `ATLAS_MEASURE_connectivity`.

use super::Options;
use super::parts::{Parts, found, names, place};
use crate::io::formats::{Leaf, Tree};
use crate::{Error, Result};

const MATRIX: &str = "_connectivity";
const LABELS: &str = "_region_labels";
const IDS: &str = "_region_ids";

/// One matrix of the file.
struct Measured<'a> {
    atlas: &'a str,
    measure: &'a str,
    leaf: &'a Leaf,
}

/// The parts of such a file; `None` for another.
pub(super) fn parts(tree: &Tree, options: &Options) -> Result<Option<Parts>> {
    let atlases = tree.leaves.iter().filter_map(|leaf| {
        let name = leaf.name.as_str();
        name.strip_suffix(LABELS).or_else(|| name.strip_suffix(IDS))
    });
    let atlases: Vec<&str> = atlases.collect();
    let measured = |leaf: &'_ Leaf| -> Option<(usize, usize)> {
        let stem = leaf.name.strip_suffix(MATRIX)?;
        let atlas = atlases.iter().find(|atlas| stem.starts_with(**atlas))?;
        Some((atlas.len(), stem.len()))
    };
    let all: Vec<Measured> = tree
        .leaves
        .iter()
        .filter_map(|leaf| {
            let (atlas, stem) = measured(leaf)?;
            Some(Measured {
                atlas: &leaf.name[..atlas],
                measure: leaf.name[atlas..stem].trim_start_matches('_'),
                leaf,
            })
        })
        .collect();
    if all.is_empty() {
        return Ok(None);
    }
    let chosen = choose(tree, &all, options.weights.as_deref())?;
    let length = all
        .iter()
        .find(|one| one.atlas == chosen.atlas && is_length(one));
    let named = |suffix: &str| {
        let name = format!("{}{suffix}", chosen.atlas);
        tree.leaves.iter().find(|leaf| leaf.name == name)
    };
    let labels = match named(LABELS) {
        Some(leaf) => Some((place(leaf), names(leaf)?)),
        None => None,
    };
    Ok(Some(Parts {
        weights: Some(found(chosen.leaf)?),
        tract_lengths: length.map(|one| found(one.leaf)).transpose()?,
        labels,
        ..Parts::default()
    }))
}

fn is_length(one: &Measured) -> bool {
    one.measure.contains("meanlength")
}

/// The measure that is named, by its whole name or without atlas and ending; or the only one.
fn choose<'a, 'b>(
    tree: &Tree,
    all: &'b [Measured<'a>],
    given: Option<&str>,
) -> Result<&'b Measured<'a>> {
    let is_meant = |one: &&Measured| match given {
        Some(name) => one.leaf.name == name || one.measure == name,
        None => !is_length(one),
    };
    let found: Vec<&Measured> = all.iter().filter(is_meant).collect();
    if let [one] = found[..] {
        return Ok(one);
    }
    let names: Vec<&str> = match (given, &found[..]) {
        (Some(name), []) => {
            let known = all.iter().map(|one| one.measure);
            let what = format!("measure in {}", tree.path.display());
            return Err(Error::unknown(&what, name, known));
        }
        (Some(_), found) => found.iter().map(|one| one.leaf.name.as_str()).collect(),
        (None, found) => found.iter().map(|one| one.measure).collect(),
    };
    let problem = format!("weights may be any of {}", names.join(", "));
    Err(Error::data_hint(
        &tree.path,
        problem,
        "name one with weights = NAME",
    ))
}
