//! `[connectome]`: a file, the embedded HCP data, or uncoupled nodes.

use std::sync::Arc;

use super::document::{Item, Value};
use super::read::Reader;
use super::schema::Section;
use crate::connectome::{Connectome, Normalise, Symmetric};
use crate::error::Result;
use crate::io::connectome::{self, Options, Orientation};

/// The most uncoupled nodes: their weights are a dense matrix, 128 MiB at this size.
const MOST_NODES: u64 = 4096;
const ORIENTATIONS: [Orientation; 2] = [Orientation::TargetSource, Orientation::SourceTarget];
const SYMMETRICS: [Symmetric; 4] = [
    Symmetric::Auto,
    Symmetric::Upper,
    Symmetric::Lower,
    Symmetric::AsIs,
];
const NORMALISES: [Normalise; 4] = [
    Normalise::None,
    Normalise::Max,
    Normalise::RowSum,
    Normalise::SpectralRadius,
];

/// The connectome that a study names.
pub(super) fn connectome(item: Option<&Item>, reader: &mut Reader) -> Result<Arc<Connectome>> {
    let table = Section::open(item, "connectome", &[])?;
    if let Some(item) = table.get("nodes") {
        return uncoupled(item, &table);
    }
    let Some(file) = table.get("file") else {
        return embedded(&table);
    };
    let options = options(&table)?;
    let path = reader.path(file)?;
    let loaded = connectome::load(&path, &options);
    loaded
        .map(Arc::new)
        .map_err(|error| file.origin.error(format!("connectome: {error}")))
}

/// The HCP data, perhaps scaled.
fn embedded(table: &Section) -> Result<Arc<Connectome>> {
    if let Some((_, item)) = table.iter().find(|(name, _)| *name != "normalise") {
        let rule = "only a connectome from a file has it: add connectome.file";
        return Err(item.but("written", rule));
    }
    let mut connectome = connectome::hcp();
    if let Some(item) = table.get("normalise") {
        let normalise = item.word(&NORMALISES)?;
        normalise.apply(&mut Arc::make_mut(&mut connectome).weights)?;
    }
    Ok(connectome)
}

fn uncoupled(nodes: &Item, table: &Section) -> Result<Arc<Connectome>> {
    let n_nodes = nodes.whole(MOST_NODES)?;
    if n_nodes == 0 {
        return Err(nodes.but(0, "a network has at least one node"));
    }
    if let Some((name, item)) = table.iter().find(|(name, _)| *name != "nodes") {
        let rule = format!(
            "connectome.nodes makes uncoupled nodes without a file; leave out nodes or {name}"
        );
        return Err(item.but("written", rule));
    }
    Ok(Arc::new(Connectome::uncoupled(n_nodes as usize)))
}

fn options(table: &Section) -> Result<Options> {
    let key = |name| {
        table
            .get(name)
            .map(|item| item.text().map(String::from))
            .transpose()
    };
    if let (Some(_), Some(steps)) = (table.get("tract_lengths"), table.get("delay_steps")) {
        let rule = "connectome.tract_lengths is written too; distances are given in mm or in steps, not both";
        return Err(steps.but("written", rule));
    }
    let mut options = Options {
        weights: key("weights")?,
        tract_lengths: key("tract_lengths")?,
        delay_steps: key("delay_steps")?,
        functional: key("functional")?,
        labels: key("labels")?,
        ..Options::default()
    };
    if let Some(item) = table.get("orientation") {
        options.orientation = item.word(&ORIENTATIONS)?;
    }
    if let Some(item) = table.get("tract_orientation") {
        options.tract_orientation = Some(item.word(&ORIENTATIONS)?);
    }
    if let Some(item) = table.get("symmetric") {
        options.symmetric = item.word(&SYMMETRICS)?;
    }
    let names = match table.get("matrices").map(|item| &item.value) {
        Some(Value::Table(entries)) => entries.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    };
    let matrices = Section::open(table.get("matrices"), "connectome.matrices", &names)?;
    for (name, item) in matrices.iter() {
        options.matrices.push((name.into(), item.text()?.into()));
    }
    if let Some(item) = table.get("normalise") {
        options.normalise = item.word(&NORMALISES)?;
    }
    Ok(options)
}
