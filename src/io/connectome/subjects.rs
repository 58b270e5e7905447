//! Connectomes of several people: where they lie, and their regions in one order.

use std::mem::discriminant;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::join::places;
use super::{Functional, Options, load};
use crate::connectome::check::Place;
use crate::connectome::{Connectome, Delays};
use crate::io::formats::{files, folders, has_known_ending, stem};
use crate::study::Subject;
use crate::{Error, Result};

/// What stands for the name of a person.
const ANY: char = '*';

/// Whose connectome lies where.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectFile {
    /// What `*` stands for, the name of the file without its ending, or its number in a list.
    pub name: String,
    /// A file or folder, as [`load`] takes it.
    pub path: PathBuf,
}

/// Whether a text stands for the files of several people.
pub fn is_pattern(text: &str) -> bool {
    text.contains(ANY)
}

/// The files or folders that fit `pattern`, sorted by name. The first part of the path with `*` says who there is; every further `*`
/// stands for the same name. A last part with an ending of ours is a file, another one a folder.
///
/// # Errors
/// [`Error::Data`] where nothing fits, where someone's file is not there, or where the first part has two `*`.
pub fn matching(pattern: &Path) -> Result<Vec<SubjectFile>> {
    let parts: Vec<Component> = pattern.components().collect();
    let text = |part: &Component| part.as_os_str().to_string_lossy().into_owned();
    let has_star = |part: &Component| is_pattern(&text(part));
    let first = parts.iter().position(has_star).unwrap_or(parts.len() - 1);
    let folder: PathBuf = parts[..first].iter().collect();
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => &folder,
    };
    let named = text(&parts[first]);
    let (before, behind) = named.split_once(ANY).unwrap_or((&named, ""));
    if is_pattern(behind) {
        let problem = format!("{named:?} has two *, and a person has one name");
        let hint = "leave one, or list the files: connectome.file = [\"...\", \"...\"]";
        return Err(Error::data_hint(folder, problem, hint));
    }
    let rest = &parts[first + 1..];
    let (what, entries) = match rest.is_empty() && has_known_ending(Path::new(&named)) {
        true => ("file", files(folder)?),
        false => ("folder", folders(folder)?),
    };
    let mut found = Vec::new();
    for entry in entries {
        let file = entry.file_name().unwrap_or_default().to_string_lossy();
        let name = file
            .strip_prefix(before)
            .and_then(|file| file.strip_suffix(behind));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        let mut path = entry.clone();
        path.extend(rest.iter().map(|part| text(part).replace(ANY, name)));
        if !path.exists() {
            let problem = format!("is not there, and {} is", entry.display());
            let hint =
                "list the files of those who are meant: connectome.file = [\"...\", \"...\"]";
            return Err(Error::data_hint(path, problem, hint));
        }
        found.push(SubjectFile {
            name: name.into(),
            path,
        });
    }
    match found.is_empty() {
        true => Err(Error::data(folder, format!("has no {what} like {named:?}"))),
        false => Ok(found),
    }
}

/// People by the files of a list: each has the name of its file without its ending; where two files have one name, all have their numbers
/// in the list, from 0.
pub fn listed(paths: Vec<PathBuf>) -> Vec<SubjectFile> {
    let stems: Vec<String> = paths.iter().map(|path| stem(path)).collect();
    let is_double = |k: usize| stems[..k].contains(&stems[k]);
    let are_numbered = (0..stems.len()).any(is_double);
    let all = paths.into_iter().zip(stems).enumerate();
    all.map(|(number, (path, stem))| SubjectFile {
        name: if are_numbered {
            number.to_string()
        } else {
            stem
        },
        path,
    })
    .collect()
}

impl Options {
    /// Those of a person: `*` stands for their `name` everywhere. Lists of functional data as long as there are people have an entry for
    /// each.
    fn of_subject(&self, name: &str, number: usize, n_subjects: usize) -> Self {
        let own = |text: &String| text.replace(ANY, name);
        let maybe = |text: &Option<String>| text.as_ref().map(own);
        let list = |names: &[String]| match names.len() == n_subjects && n_subjects > 1 {
            true => vec![own(&names[number])],
            false => names.iter().map(own).collect(),
        };
        let matrices = self.matrices.iter();
        Self {
            weights: maybe(&self.weights),
            matrices: matrices
                .map(|(called, text)| (called.clone(), own(text)))
                .collect(),
            tract_lengths: maybe(&self.tract_lengths),
            delays: maybe(&self.delays),
            delay_steps: maybe(&self.delay_steps),
            functional: self.functional.as_ref().map(|functional| Functional {
                names: list(&functional.names),
                ..functional.clone()
            }),
            nuisance: self.nuisance.as_ref().map(|nuisance| super::Nuisance {
                names: list(&nuisance.names),
                ..nuisance.clone()
            }),
            labels: maybe(&self.labels),
            centres: maybe(&self.centres),
            ..self.clone()
        }
    }
}

/// Loads the connectomes of some `people`, or of the one of them who is named `only`. All have the regions of the first in its order.
///
/// # Errors
/// As [`load`] for each; [`Error::Unknown`] where nobody is named `only`; [`Error::Data`] with the file where one has other regions than
/// the first, delays of another kind, no connection, or not one measured functional connectivity where the first has one.
pub fn load_subjects(
    people: &[SubjectFile],
    only: Option<&str>,
    options: &Options,
) -> Result<Vec<Subject>> {
    let read = |number: usize| -> Result<Connectome> {
        let SubjectFile { name, path } = &people[number];
        load(path, &options.of_subject(name, number, people.len()))
    };
    let chosen: Vec<usize> = match only {
        None => (0..people.len()).collect(),
        Some(only) => {
            let place = people.iter().position(|one| one.name == only);
            let names = people.iter().map(|one| one.name.as_str());
            vec![place.ok_or_else(|| Error::unknown("subject", only, names))?]
        }
    };
    let first = read(0)?;
    check_alone(&people[0].path, &first)?;
    let mut subjects = Vec::new();
    for number in chosen {
        let connectome = match number {
            0 => first.clone(),
            _ => like(
                (&people[0].path, &first),
                &people[number].path,
                read(number)?,
            )?,
        };
        subjects.push(Subject {
            name: people[number].name.clone(),
            connectome: Arc::new(connectome),
        });
    }
    Ok(subjects)
}

/// Checks what holds for the connectome of each person.
fn check_alone(path: &Path, connectome: &Connectome) -> Result<()> {
    if connectome.largest_weight() == 0.0 {
        let problem = "has no connections, and it is the connectome of one of several people";
        return Err(Error::data_hint(path, problem, "leave it out"));
    }
    if connectome.n_subjects() > 1 {
        let problem = format!(
            "has {} measured functional connectivities, and a person with a connectome of their own has one",
            connectome.n_subjects()
        );
        let hint =
            "say which: connectome.functional = NAME, in which * stands for the person's name";
        return Err(Error::data_hint(path, problem, hint));
    }
    Ok(())
}

/// The connectome at `path` with the regions of the first person's in its order.
fn like(
    (first_path, first): (&Path, &Connectome),
    path: &Path,
    mut connectome: Connectome,
) -> Result<Connectome> {
    check_alone(path, &connectome)?;
    let other = first_path.display();
    let differs = |problem: String| {
        let hint = "the connectomes of one fit have the same regions and the same kinds of data";
        Err(Error::data_hint(path, problem, hint))
    };
    let (n, n_first) = (connectome.n_nodes(), first.n_nodes());
    if n != n_first {
        return differs(format!("has {n} regions, and {other} has {n_first}"));
    }
    let kind = |of: &Connectome| match of.delays {
        Delays::TractLengths(_) => "tract lengths",
        Delays::Milliseconds(_) => "delays in ms",
        Delays::Steps(_) => "delays in steps",
        Delays::None => "no distances",
    };
    if discriminant(&connectome.delays) != discriminant(&first.delays) {
        let (own, theirs) = (kind(&connectome), kind(first));
        return differs(format!("has {own}, and {other} has {theirs}"));
    }
    if connectome.n_subjects() != first.n_subjects() {
        let words = |of: &Connectome| match of.n_subjects() {
            0 => "no measured functional connectivity",
            _ => "one",
        };
        let (own, theirs) = (words(&connectome), words(first));
        return differs(format!("has {own}, and {other} has {theirs}"));
    }
    if connectome.bold.len() != first.bold.len() {
        return differs(format!(
            "has {} measured time series, and {other} has {}",
            connectome.bold.len(),
            first.bold.len()
        ));
    }
    match (connectome.has_names(), first.has_names()) {
        (true, true) => {
            let place = Place {
                path: path.into(),
                key: "weights".into(),
                regions: Vec::new(),
            };
            if let Some(places) = places(&place, &connectome.labels, &first.labels)? {
                connectome = connectome.in_order(&places);
                connectome.notes.push(format!(
                    "the regions are brought into the order of {other} by name"
                ));
            }
        }
        (false, false) => {}
        _ => {
            connectome.notes.push(format!(
                "of this connectome and of {other} only one names its regions: they are taken to be in one order"
            ));
            connectome.labels.clone_from(&first.labels);
        }
    }
    Ok(connectome)
}
