//! A study as the text of a study file, with the flags in it that were given.

use std::path::{Path, PathBuf};

use toml::{Table, Value as Toml};

use super::document::{Item, Value};
use crate::study::Study;
use crate::study::key;

/// What only sweeps and fits read.
const LEFT_OUT: [&str; 2] = [key::SWEEP, key::FIT];

/// The text of a `document` from which `study` was made.
pub(super) fn to_toml(document: &Item, study: &Study) -> String {
    let Value::Table(entries) = &document.value else {
        unreachable!("a document is a table");
    };
    let mut table = Table::new();
    for (name, item) in entries {
        if !LEFT_OUT.contains(&name.as_str()) {
            table.insert(name.clone(), value(item, study));
        }
    }
    let name = key::NAME.path;
    table.insert(name.into(), Toml::String(study.name.clone()));
    table.to_string()
}

fn value(item: &Item, study: &Study) -> Toml {
    match &item.value {
        Value::Boolean(value) => Toml::Boolean(*value),
        Value::Integer(value) => match i64::try_from(*value) {
            Ok(value) => Toml::Integer(value),
            Err(_) => Toml::Float(*value as f64),
        },
        Value::Float(value) => Toml::Float(*value),
        Value::Text(text) => Toml::String(match file(item, study) {
            Some(path) => path.display().to_string(),
            None => text.clone(),
        }),
        Value::Path(path) => Toml::String(absolute(path).display().to_string()),
        Value::Date(text) => Toml::String(text.clone()),
        Value::List(items) => Toml::Array(items.iter().map(|item| value(item, study)).collect()),
        Value::Table(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(name, item)| (name.clone(), value(item, study)));
            Toml::Table(entries.collect())
        }
        // Single nodes can only be set by flags: in a file stands the list of all.
        Value::Nodes { .. } => nodes(item, study),
    }
}

/// The values of all nodes.
fn nodes(item: &Item, study: &Study) -> Toml {
    let number = study.number(&item.key).map(|(number, _)| number);
    let values = number.map(|number| number.get(study).expand(study.connectome.n_nodes()));
    let values = values.unwrap_or_default().into_iter();
    Toml::Array(values.map(Toml::Float).collect())
}

/// The file that an item names.
fn file(item: &Item, study: &Study) -> Option<PathBuf> {
    let mut files = study.files.iter();
    let (_, path) = files.find(|(key, _)| *key == item.key)?;
    Some(absolute(path))
}

/// The path from the root, so that it means the same wherever the text lies. A name with `*` is no file.
fn absolute(path: &Path) -> PathBuf {
    let found = path.canonicalize();
    let found = found.or_else(|_| std::path::absolute(path));
    found.unwrap_or_else(|_| path.into())
}
