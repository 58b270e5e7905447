//! `[stimulus]`, or several `[[stimulus]]`: what is done to the nodes while a study runs.

use std::sync::Arc;

use super::document::{Item, Value};
use super::named::Named;
use super::read::Reader;
use super::schema::Section;
use crate::error::{Error, Result, StudyError};
use crate::io::{npz, table};
use crate::language;
use crate::study::key::{
    self, STIMULUS_FILE, STIMULUS_FORMULA, STIMULUS_INPUT, STIMULUS_REGIONS, STIMULUS_WAVEFORM,
    STIMULUS_WEIGHTS,
};
use crate::study::range::Range;
use crate::study::{Stimulus, Study, Values};
use crate::waveform::{self, Expression, WAVEFORMS, Waveform};

/// Keys of a stimulus that are not among its numbers.
const WORDS: [&key::Key; 6] = [
    &STIMULUS_WAVEFORM,
    &STIMULUS_INPUT,
    &STIMULUS_REGIONS,
    &STIMULUS_WEIGHTS,
    &STIMULUS_FORMULA,
    &STIMULUS_FILE,
];

/// How several stimuli are written.
pub(super) const NAMED: Named = Named {
    what: "stimulus",
    several: "stimuli",
    kind: &STIMULUS_WAVEFORM,
    is_own: |name| {
        let common = Waveform::Pulse.quantities();
        WORDS.iter().any(|word| word.name() == name) || common.iter().any(|one| one.name == name)
    },
    example: "amplitude",
    known: "it is \"pulse\", \"train\", \"sine\", \"chirp\", \"ramp\", \"noise\", \"samples\" or \"expression\"",
};

/// Reads the stimuli of a study, whose protocol is known.
pub(super) fn read(item: Option<&Item>, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let Some(item) = item else { return Ok(()) };
    let Value::Table(entries) = &item.value else {
        return Err(item.wrong("a table with the keys of a stimulus"));
    };
    if let Some((_, other)) = entries.iter().find(|entry| !NAMED.is_one(entry)) {
        let problem = format!(
            "{} belongs to a stimulus, and there is none: its waveform is missing",
            other.key
        );
        let hint = format!("say {} = \"pulse\", or another", STIMULUS_WAVEFORM.path);
        return Err(other.origin.key_error(Error::conflict(problem, hint)));
    }
    if study.model.inputs.is_empty() {
        let problem = format!("{} has no input for a stimulus", study.model.name);
        let hint = "take a model with inputs";
        return Err(item.origin.key_error(Error::conflict(problem, hint)));
    }
    study.stimuli = entries
        .iter()
        .map(|(name, item)| one(name, item, reader, study))
        .collect::<Result<_>>()?;
    Ok(())
}

fn one(name: &str, item: &Item, reader: &mut Reader, study: &Study) -> Result<Stimulus> {
    let Value::Table(entries) = &item.value else {
        return Err(item.wrong("a table with the keys of a stimulus"));
    };
    let find = |key: &key::Key| {
        let mut entries = entries.iter();
        entries
            .find(|(name, _)| name == key.name())
            .map(|(_, item)| item)
    };
    let kind = find(&STIMULUS_WAVEFORM).expect("what is named has a waveform");
    let waveform = match kind.one_of(&WAVEFORMS)? {
        "pulse" => Waveform::Pulse,
        "train" => Waveform::Train,
        "sine" => Waveform::Sine,
        "chirp" => Waveform::Chirp,
        "ramp" => Waveform::Ramp,
        "noise" => Waveform::Noise,
        "samples" => Waveform::Samples(file(item, find(&STIMULUS_FILE), reader)?),
        _ => Waveform::Expression(formula(item, entries, find(&STIMULUS_FORMULA))?),
    };
    let quantities = waveform.quantities();
    let words = WORDS.iter().filter(|word| match word.name() {
        "file" => matches!(waveform, Waveform::Samples(_)),
        "formula" => matches!(waveform, Waveform::Expression(_)),
        _ => true,
    });
    let words = words.map(|word| word.name());
    let known: Vec<&str> = words
        .chain(quantities.iter().map(|one| &*one.name))
        .collect();
    let table = Section::inline(Some(item), &known)?;

    let inputs: Vec<&str> = study.model.inputs.iter().map(|input| input.name).collect();
    let input = match table.get(&STIMULUS_INPUT) {
        Some(item) => {
            let written = item.text()?;
            let mut all = study.model.inputs.iter();
            all.position(|input| input.name == written || input.symbol == written)
                .ok_or_else(|| item.not_among(&inputs))?
        }
        None => 0,
    };
    let mut numbers = Vec::with_capacity(quantities.len());
    for (k, quantity) in quantities.iter().enumerate() {
        let written = table.named(&quantity.name);
        numbers.push(match (written, quantity.default) {
            (Some(item), _) => item.number(Range::of(quantity.range))?,
            (None, Some(default)) => default,
            // Until it begins again, or to the end.
            (None, None) if k == waveform::DURATION => {
                let every = table.named(&quantities[waveform::EVERY].name);
                let every = every.map_or(Ok(0.0), |item| item.number(Range::NotNegative))?;
                if every > 0.0 {
                    every
                } else {
                    study.protocol.duration
                }
            }
            (None, None) => {
                let why = format!("a {} needs it: {}", waveform.name(), quantity.meaning);
                let key = format!("{}.{}", item.key, quantity.name);
                let hint = format!("say {} = ..., in {}", quantity.name, quantity.unit);
                return Err(item.origin.key_error(Error::missing(key, why, hint)));
            }
        });
    }
    Ok(Stimulus {
        name: name.into(),
        waveform,
        input,
        weights: weights(&table, reader)?,
        numbers,
    })
}

/// The numbers of a file: one column, or an array of an npz.
fn file(item: &Item, file: Option<&Item>, reader: &mut Reader) -> Result<Arc<[f64]>> {
    let Some(file) = file else {
        let key = format!("{}.{}", item.key, STIMULUS_FILE.name());
        let why = "a waveform of a file needs to know which".to_string();
        let hint = "say file = \"waveform.csv\", or { file = \"waveforms.npz\", key = \"NAME\" }";
        return Err(item.origin.key_error(Error::missing(key, why, hint)));
    };
    let array = match &file.value {
        Value::Table(_) => {
            let table = Section::inline(Some(file), &["file", "key"])?;
            let expected = "{ file = \"waveforms.npz\", key = \"NAME\" }";
            let (Some(path), Some(key)) = (table.named("file"), table.named("key")) else {
                return Err(file.wrong(expected));
            };
            let path = reader.path(path)?;
            npz::read_f64(&path, key.text()?).map_err(|error| file.within(error))?
        }
        _ => {
            let path = reader.path(file)?;
            table::read_array(&path).map_err(|error| file.within(error))?
        }
    };
    let shape = array.shape().to_vec();
    let is_long = shape.iter().filter(|length| **length != 1).count() <= 1;
    if !is_long || array.is_empty() {
        let found = format!("an array of shape {shape:?}");
        return Err(file.wrong_as(found, "[n_samples], a number for each interval"));
    }
    if let Some((k, value)) = array
        .iter()
        .enumerate()
        .find(|(_, value)| Range::Finite.objection(**value).is_some())
    {
        let rule = "only finite numbers below 3.4e38 are simulated";
        return Err(file.but(format!("{value} in sample {k}"), rule));
    }
    Ok(array.iter().copied().collect())
}

/// An expression, and its own numbers: all that stands beside it and is nothing else.
fn formula(item: &Item, entries: &[(String, Item)], formula: Option<&Item>) -> Result<Expression> {
    let Some(formula) = formula else {
        let key = format!("{}.{}", item.key, STIMULUS_FORMULA.name());
        let why = "a waveform of this kind is an expression of t".to_string();
        let hint = "say formula = \"exp(-t/tau)\", tau = 20.0";
        return Err(item.origin.key_error(Error::missing(key, why, hint)));
    };
    let mut names = Vec::new();
    for (name, entry) in entries.iter().filter(|(name, _)| !(NAMED.is_own)(name)) {
        if !language::is_name(name) || name == "t" {
            let why = "it cannot be a name in a formula";
            let hint =
                Some("a name is a letter, then letters, digits and underscores; t is the time");
            let error = Error::unusable(&entry.key, "used", why, hint);
            return Err(entry.origin.key_error(error));
        }
        names.push(name.clone());
    }
    let text = formula.text()?;
    Expression::new(text, names).map_err(|fault| {
        let problem = format!("{}: {}", formula.key, fault.message);
        let hint = Some("numbers of the formula stand beside it: tau = 20.0".into());
        let error = StudyError::Syntax { problem, hint };
        formula.origin.error_in_text(text, fault.span, error)
    })
}

/// How strongly the stimulus reaches each node.
fn weights(table: &Section, reader: &mut Reader) -> Result<Vec<f64>> {
    let n_nodes = reader.n_nodes;
    let regions = match table.get(&STIMULUS_REGIONS) {
        Some(item) => regions(item, reader)?,
        None => (0..n_nodes).collect(),
    };
    let Some(item) = table.get(&STIMULUS_WEIGHTS) else {
        return Ok(spread(&regions, &vec![1.0; regions.len()], n_nodes));
    };
    match &item.value {
        Value::List(items) => {
            if items.len() != regions.len() {
                let found = format!("a list of {}", items.len());
                let expected = format!("{} numbers, one for each region", regions.len());
                return Err(item.wrong_as(found, expected));
            }
            let each = items.iter().map(|item| item.number(Range::Finite));
            Ok(spread(
                &regions,
                &each.collect::<Result<Vec<_>>>()?,
                n_nodes,
            ))
        }
        _ => {
            let values = reader.values(Some(item), Range::Finite, Values::Uniform(1.0))?;
            let each: Vec<f64> = regions.iter().map(|&node| values.at(node)).collect();
            Ok(spread(&regions, &each, n_nodes))
        }
    }
}

/// A number for every node: those of the regions, and 0 elsewhere.
fn spread(regions: &[usize], each: &[f64], n_nodes: usize) -> Vec<f64> {
    let mut weights = vec![0.0; n_nodes];
    for (&node, &weight) in regions.iter().zip(each) {
        weights[node] = weight;
    }
    weights
}

/// The nodes that are listed, by name or number, or that are of the groups that are listed.
fn regions(item: &Item, reader: &mut Reader) -> Result<Vec<usize>> {
    const EXPECTED: &str = "a list of regions, by name or number from 0; or { groups = \"COLUMN\", file = \"regions.csv\", names = [\"NAME\"] }";
    let items = match &item.value {
        Value::List(items) if !items.is_empty() => items,
        Value::Table(_) => return of_groups(item, reader, EXPECTED),
        _ => return Err(item.wrong(EXPECTED)),
    };
    let mut nodes = Vec::with_capacity(items.len());
    for one in items {
        let node = match &one.value {
            Value::Integer(_) => one.whole(reader.n_nodes as u64 - 1)? as usize,
            Value::Text(name) => {
                let place = reader.regions.iter().position(|region| region == name);
                let names: Vec<&str> = reader.regions.iter().map(String::as_str).collect();
                match place {
                    Some(node) => node,
                    None if names.is_empty() => {
                        let rule = "the connectome names no regions: give their numbers, from 0";
                        return Err(one.but(format!("{name:?}"), rule));
                    }
                    None => return Err(one.not_among(&names)),
                }
            }
            _ => return Err(item.wrong(EXPECTED)),
        };
        if nodes.contains(&node) {
            return Err(one.but(one.found(), "it is in the list already"));
        }
        nodes.push(node);
    }
    Ok(nodes)
}

fn of_groups(item: &Item, reader: &mut Reader, expected: &str) -> Result<Vec<usize>> {
    let table = Section::inline(Some(item), &["groups", "file", "names"])?;
    let parts = ["groups", "file", "names"].map(|name| table.named(name));
    let [Some(groups), Some(file), Some(names)] = parts else {
        return Err(item.wrong(expected));
    };
    let of_nodes = reader.words_of(item, file, groups.text()?)?;
    if of_nodes.len() != reader.n_nodes {
        let found = format!("of {} nodes", of_nodes.len());
        let needed = format!("one group for each of {} nodes", reader.n_nodes);
        return Err(groups.wrong_as(found, needed));
    }
    let Value::List(names) = &names.value else {
        return Err(item.wrong(expected));
    };
    let mut known: Vec<&str> = of_nodes.iter().map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    let mut wanted = Vec::new();
    for name in names {
        wanted.push(name.one_of(&known)?);
    }
    let all = of_nodes.iter().enumerate();
    let nodes: Vec<usize> = all
        .filter(|(_, group)| wanted.contains(&group.as_str()))
        .map(|(node, _)| node)
        .collect();
    match nodes.is_empty() {
        true => Err(item.wrong(expected)),
        false => Ok(nodes),
    }
}
