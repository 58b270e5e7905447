//! `[connectome]`: a file, a connectome that comes along, or uncoupled nodes.

use std::path::PathBuf;
use std::sync::Arc;

use super::document::{Item, Value};
use super::read::Reader;
use super::schema::Section;
use crate::connectome::{Connectome, MissingLengths, Normalise};
use crate::error::{Error, Result};
use crate::io::connectome::{self, Functional, Nuisance, Options, SubjectFile};
use crate::io::memory;
use crate::measure::{BandPass, Cleaning};
use crate::study::key::{self, KEYS, Key};
use crate::study::range::Range;
use crate::study::{Study, Subject};

/// Dense matrices of all pairs of nodes that a network of uncoupled nodes takes at a time, on its way to a plan.
const MATRICES: u64 = 3;
/// The most uncoupled nodes: their weights are a dense matrix, 128 MiB at this size.
const MOST_NODES: u64 = 4096;

/// What a table of measured data may say.
const FUNCTIONAL_KEYS: [&str; 8] = [
    "fc",
    "bold",
    "tr",
    "band_pass",
    "order",
    "global_signal",
    "nuisance",
    "nuisance_columns",
];

/// The connectomes of a study with the files they come from, to be read once.
pub(super) struct Wired {
    pub connectome: Arc<Connectome>,
    pub subjects: Vec<Subject>,
    pub files: Vec<(String, PathBuf)>,
}

impl Wired {
    /// Those of a study that was read.
    pub fn of(study: &Study) -> Self {
        let section = key::NODES.section();
        let files = study.files.iter();
        let files = files.filter(|(key, _)| key.split('.').next() == Some(section));
        Self {
            connectome: study.connectome.clone(),
            subjects: study.subjects.clone(),
            files: files.cloned().collect(),
        }
    }
}

/// The connectome that a study names; or the first of several people's, and all of them.
pub(super) fn connectome(
    item: Option<&Item>,
    reader: &mut Reader,
) -> Result<(Arc<Connectome>, Vec<Subject>)> {
    let table = Section::open(KEYS, item, key::NODES.section(), &[])?;
    if let Some(item) = table.get(&key::NODES) {
        return Ok((uncoupled(item, &table)?, Vec::new()));
    }
    let Some(file) = table.get(&key::CONNECTOME_FILE) else {
        return Ok((embedded(connectome::hcp(), &table, reader)?, Vec::new()));
    };
    if let Some(shipped) = reader.shipped_connectome(file) {
        return Ok((embedded((shipped.read)(), &table, reader)?, Vec::new()));
    }
    let options = options(&table)?;
    let subject = table.get(&key::SUBJECT);
    if let Some(people) = people(file, reader)? {
        return subjects(file, &people, subject, &options);
    }
    if let Some(item) = subject {
        let rule = format!(
            "{} names one connectome; a name with * or a list names those of several people",
            key::CONNECTOME_FILE.path
        );
        name_of(item, &[])?;
        return Err(item.but("written", rule));
    }
    let path = reader.path(file)?;
    let loaded = connectome::load(&path, &options);
    let loaded = loaded.map_err(|error| match &file.value {
        // The error names the file, and there is no line to show.
        Value::Path(_) => error,
        _ => file.origin.error(error),
    });
    Ok((Arc::new(loaded?), Vec::new()))
}

/// The files of several people, where a study names such.
fn people(file: &Item, reader: &mut Reader) -> Result<Option<Vec<SubjectFile>>> {
    let found = match &file.value {
        Value::Text(text) if connectome::is_pattern(text) => {
            connectome::matching(&reader.path(file)?)
        }
        Value::List(items) if items.is_empty() => {
            return Err(file.wrong("a file, a name with * or a list of files"));
        }
        Value::List(items) => {
            let paths = items.iter().map(|item| reader.path(item));
            Ok(connectome::listed(paths.collect::<Result<_>>()?))
        }
        _ => return Ok(None),
    };
    found.map(Some).map_err(|error| file.origin.error(error))
}

/// The name that is written: a text, or a number of which one name is the digits, as 1 of `01`.
fn name_of(item: &Item, people: &[SubjectFile]) -> Result<String> {
    let value = match item.value {
        Value::Integer(value) => value as f64,
        Value::Float(value) => value,
        _ => return item.text().map(String::from),
    };
    let names = people.iter().map(|one| one.name.as_str());
    let same: Vec<&str> = names.filter(|name| name.parse() == Ok(value)).collect();
    match same[..] {
        [] => Ok(key::shown(value)),
        [name] => Ok(name.into()),
        _ => Err(item.wrong(format!("one of {} in quotes", same.join(", ")))),
    }
}

/// The connectomes of these `people`, or that of the one who is named; one alone is the study's.
fn subjects(
    file: &Item,
    people: &[SubjectFile],
    subject: Option<&Item>,
    options: &Options,
) -> Result<(Arc<Connectome>, Vec<Subject>)> {
    let only = subject.map(|item| name_of(item, people)).transpose()?;
    let place = subject.unwrap_or(file);
    let mut all =
        connectome::load_subjects(people, only.as_deref(), options).map_err(
            |error| match &error {
                Error::Unknown { .. } => place.origin.error(error),
                _ => file.origin.error(error),
            },
        )?;
    let first = all[0].connectome.clone();
    if all.len() == 1 {
        all.clear();
    }
    Ok((first, all))
}

/// A connectome that comes with the program, perhaps with other measured data, perhaps scaled.
fn embedded(
    mut connectome: Arc<Connectome>,
    table: &Section,
    reader: &mut Reader,
) -> Result<Arc<Connectome>> {
    let known = [&key::CONNECTOME_FILE, &key::FUNCTIONAL, &key::NORMALISE].map(|key| key.name());
    if let Some((_, item)) = table.iter().find(|(name, _)| !known.contains(name)) {
        let rule = format!(
            "only a connectome from a file of your own has it: add {}",
            key::CONNECTOME_FILE.path
        );
        return Err(item.but("written", rule));
    }
    if let Some(item) = table.get(&key::FUNCTIONAL) {
        let mut options = Options::default();
        functional(item, &mut options)?;
        if options.functional.is_none() {
            return Err(item.wrong("files with functional connectivity or time series"));
        }
        for file in named_files(item) {
            reader.path(file)?;
        }
        let folder = &item.origin.source.folder;
        connectome = Arc::new(connectome::with_measured(&connectome, folder, &options)?);
    }
    if let Some(item) = table.get(&key::NORMALISE) {
        let normalise: Normalise = item.word()?;
        let connectome = Arc::make_mut(&mut connectome);
        let done = normalise.apply(&mut connectome.weights)?;
        connectome.notes.extend(done);
    }
    Ok(connectome)
}

/// The names of files in `functional`.
fn named_files(functional: &Item) -> Vec<&Item> {
    match &functional.value {
        Value::Text(_) => vec![functional],
        Value::List(items) => items.iter().collect(),
        Value::Table(entries) => {
            let files = entries.iter();
            let files = files.filter(|(name, _)| ["fc", "bold", "nuisance"].contains(&&**name));
            files.flat_map(|(_, item)| named_files(item)).collect()
        }
        _ => Vec::new(),
    }
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
    // Before there is memory for them.
    let bytes = MATRICES * 8 * n_nodes * n_nodes;
    if memory::available_bytes().is_some_and(|available| bytes > available) {
        let rule = format!("takes {} MiB of memory, more than there is", bytes >> 20);
        return Err(nodes.but(n_nodes, rule));
    }
    Ok(Arc::new(Connectome::uncoupled(n_nodes as usize)))
}

fn options(table: &Section) -> Result<Options> {
    let name_in_file = |key: &Key| {
        let item = table.get(key);
        item.map(|item| item.text().map(String::from)).transpose()
    };
    let distances = [&key::TRACT_LENGTHS, &key::DELAYS, &key::DELAY_STEPS];
    let mut distances = distances.into_iter().filter_map(|key| table.get(key));
    if let (Some(first), Some(second)) = (distances.next(), distances.next()) {
        let rule = format!(
            "{} is written too; distances are given in mm, ms or steps, not both",
            first.key
        );
        return Err(second.but("written", rule));
    }
    let mut options = Options {
        weights: name_in_file(&key::WEIGHTS)?,
        tract_lengths: name_in_file(&key::TRACT_LENGTHS)?,
        delay_steps: name_in_file(&key::DELAY_STEPS)?,
        delays: name_in_file(&key::DELAYS)?,
        labels: name_in_file(&key::LABELS)?,
        centres: name_in_file(&key::CENTRES)?,
        ..Options::default()
    };
    if let Some(item) = table.get(&key::FUNCTIONAL) {
        functional(item, &mut options)?;
    }
    if let Some(item) = table.get(&key::ORIENTATION) {
        options.orientation = item.word()?;
    }
    if let Some(item) = table.get(&key::TRACT_ORIENTATION) {
        options.tract_orientation = Some(item.word()?);
    }
    if let Some(item) = table.get(&key::SYMMETRIC) {
        options.symmetric = item.word()?;
    }
    if let Some(item) = table.get(&key::LENGTH_UNIT) {
        options.length_unit = Some(item.word()?);
    }
    if let Some(item) = table.get(&key::MISSING_LENGTHS) {
        options.missing_lengths = missing_lengths(item)?;
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

/// A length in mm, or a word.
fn missing_lengths(item: &Item) -> Result<MissingLengths> {
    if let Value::Text(text) = &item.value {
        let found = MissingLengths::from_text(text);
        return found.ok_or_else(|| item.not_among(&["refuse", "zero", "euclidean"]));
    }
    item.number(Range::NotNegative).map(MissingLengths::Fixed)
}

/// Reads `functional`: a name, a list of names, or a table that says more of them.
fn functional(item: &Item, options: &mut Options) -> Result<()> {
    if !matches!(item.value, Value::Table(_)) {
        options.functional = Some(Functional {
            names: names(item)?,
            ..Functional::default()
        });
        return Ok(());
    }
    let table = Section::inline(Some(item), &FUNCTIONAL_KEYS)?;
    let step = table.named("tr").map(|step| step.number(Range::Positive));
    options.step_s = step.transpose()?;
    options.functional = match (table.named("fc"), table.named("bold")) {
        (None, Some(bold)) => Some(Functional {
            names: names(bold)?,
            are_series: true,
        }),
        (Some(fc), None) => Some(Functional {
            names: names(fc)?,
            are_series: false,
        }),
        // Series under their usual names.
        (None, None) if table.iter().next().is_some() => None,
        _ => return Err(item.wrong("a table with fc or with bold, and what is done to it")),
    };
    options.cleaning = Cleaning {
        band: band_pass(&table)?,
        global_signal: match table.named("global_signal") {
            None => false,
            Some(item) => match item.value {
                Value::Boolean(is) => is,
                _ => return Err(item.wrong("true or false")),
            },
        },
    };
    let columns = table.named("nuisance_columns");
    options.nuisance = match table.named("nuisance") {
        Some(item) => Some(Nuisance {
            names: names(item)?,
            columns: columns.map(names).transpose()?,
        }),
        None => None,
    };
    if let (Some(columns), None) = (columns, &options.nuisance) {
        return Err(columns.but("written", "nuisance names no file that they are columns of"));
    }
    Ok(())
}

/// The frequencies that stay in time series: `band_pass = [0.01, 0.1]`, Hz, and the filter's `order`.
fn band_pass(table: &Section) -> Result<Option<BandPass>> {
    let order = table.named("order");
    let Some(item) = table.named("band_pass") else {
        return match order {
            Some(order) => Err(order.but("written", "there is no band_pass whose order it is")),
            None => Ok(None),
        };
    };
    let expected = "two frequencies in Hz, [0.01, 0.1]; 0 or inf where there is no edge";
    let Value::List(edges) = &item.value else {
        return Err(item.wrong(expected));
    };
    let [low, high] = &edges[..] else {
        return Err(item.wrong(expected));
    };
    let band = BandPass {
        low_hz: low.number(Range::NotNegative)?,
        high_hz: high.number(Range::Speed)?,
        order: match order {
            Some(order) => order.whole(BandPass::LARGEST_ORDER as u64)? as usize,
            None => BandPass::USUAL_ORDER,
        },
    };
    match band.low_hz < band.high_hz {
        true => Ok(Some(band)),
        false => Err(item.wrong("a lower and a higher frequency in Hz")),
    }
}

/// One name, or a list of them.
fn names(item: &Item) -> Result<Vec<String>> {
    let names: Vec<String> = match &item.value {
        Value::List(items) => {
            let names = items.iter().map(|item| item.text().map(String::from));
            names.collect::<Result<_>>()?
        }
        _ => vec![item.text()?.into()],
    };
    match names.is_empty() {
        true => Err(item.wrong("a name or a list of names")),
        false => Ok(names),
    }
}
