//! `[connectome]`: a file, the embedded HCP data, or uncoupled nodes.

use std::sync::Arc;

use super::document::{Item, Value};
use super::read::Reader;
use super::schema::Section;
use crate::connectome::{Connectome, Normalise};
use crate::error::Result;
use crate::io::connectome::{self, Options};
use crate::study::key::{self, KEYS, Key};

/// The most uncoupled nodes: their weights are a dense matrix, 128 MiB at this size.
const MOST_NODES: u64 = 4096;

/// The connectome that a study names.
pub(super) fn connectome(item: Option<&Item>, reader: &mut Reader) -> Result<Arc<Connectome>> {
    let table = Section::open(KEYS, item, key::NODES.section(), &[])?;
    if let Some(item) = table.get(&key::NODES) {
        return uncoupled(item, &table);
    }
    let Some(file) = table.get(&key::CONNECTOME_FILE) else {
        return embedded(&table);
    };
    let options = options(&table)?;
    let path = reader.path(file)?;
    let loaded = connectome::load(&path, &options);
    loaded.map(Arc::new).map_err(|error| match &file.value {
        // The error names the file, and there is no line to show.
        Value::Path(_) => error,
        _ => file.origin.error(error),
    })
}

/// The HCP data, perhaps scaled.
fn embedded(table: &Section) -> Result<Arc<Connectome>> {
    if let Some((_, item)) = table
        .iter()
        .find(|(name, _)| *name != key::NORMALISE.name())
    {
        let rule = format!(
            "only a connectome from a file has it: add {}",
            key::CONNECTOME_FILE.path
        );
        return Err(item.but("written", rule));
    }
    let mut connectome = connectome::hcp();
    if let Some(item) = table.get(&key::NORMALISE) {
        let normalise: Normalise = item.word()?;
        normalise.apply(&mut Arc::make_mut(&mut connectome).weights)?;
    }
    Ok(connectome)
}

fn uncoupled(nodes: &Item, table: &Section) -> Result<Arc<Connectome>> {
    let n_nodes = nodes.whole(MOST_NODES)?;
    if n_nodes == 0 {
        return Err(nodes.but(0, "a network has at least one node"));
    }
    if let Some((name, item)) = table.iter().find(|(name, _)| *name != key::NODES.name()) {
        let rule = format!(
            "{} makes uncoupled nodes without a file; leave out {} or {name}",
            key::NODES.path,
            key::NODES.name()
        );
        return Err(item.but("written", rule));
    }
    Ok(Arc::new(Connectome::uncoupled(n_nodes as usize)))
}

fn options(table: &Section) -> Result<Options> {
    let name_in_file = |key: &Key| {
        let item = table.get(key);
        item.map(|item| item.text().map(String::from)).transpose()
    };
    let lengths = table.get(&key::TRACT_LENGTHS);
    if let (Some(lengths), Some(steps)) = (lengths, table.get(&key::DELAY_STEPS)) {
        let rule = format!(
            "{} is written too; distances are given in mm or in steps, not both",
            lengths.key
        );
        return Err(steps.but("written", rule));
    }
    let mut options = Options {
        weights: name_in_file(&key::WEIGHTS)?,
        tract_lengths: name_in_file(&key::TRACT_LENGTHS)?,
        delay_steps: name_in_file(&key::DELAY_STEPS)?,
        functional: name_in_file(&key::FUNCTIONAL)?,
        labels: name_in_file(&key::LABELS)?,
        ..Options::default()
    };
    if let Some(item) = table.get(&key::ORIENTATION) {
        options.orientation = item.word()?;
    }
    if let Some(item) = table.get(&key::TRACT_ORIENTATION) {
        options.tract_orientation = Some(item.word()?);
    }
    if let Some(item) = table.get(&key::SYMMETRIC) {
        options.symmetric = item.word()?;
    }
    let named = table.named("matrices");
    let names: Vec<&str> = match named.map(|item| &item.value) {
        Some(Value::Table(entries)) => entries.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    };
    let matrices = Section::open(KEYS, named, key::MATRIX.section(), &names)?;
    for (name, item) in matrices.iter() {
        options.matrices.push((name.into(), item.text()?.into()));
    }
    if let Some(item) = table.get(&key::NORMALISE) {
        options.normalise = item.word()?;
    }
    Ok(options)
}
