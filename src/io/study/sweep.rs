//! `[sweep]`: what `brainsweep sweep` varies, in the same words as its flags.

use super::document::{Item, Value, join};
use super::schema::Section;
use crate::error::{Error, Result, StudyError};
use crate::study::key::{self, KEYS};
use crate::study::range::Range;
use crate::sweep::{Description, Sample, Spread, Vary};

/// The most seeds of a point.
const MOST_SEEDS: u64 = 1_000_000_000;

/// What the document's table asks for; nothing, if there is none.
pub(super) fn description(document: &Item) -> Result<Description> {
    let root = Section::open(KEYS, Some(document), "", &[])?;
    let table = Section::open(KEYS, root.named(key::SWEEP), key::SWEEP, &[])?;
    let mut description = Description {
        set: table.set_keys(KEYS, key::SWEEP),
        ..Description::default()
    };
    if let Some(item) = table.get(&key::SWEEP_VARY) {
        let Value::Table(entries) = &item.value else {
            return Err(item.wrong("a table, as in \"coupling.g\" = \"0:2:41\""));
        };
        for (name, item) in entries {
            vary(name, item, &mut description.vary)?;
        }
    }
    if let Some(item) = table.get(&key::SWEEP_ZIP) {
        description.zip = flag(item)?;
    }
    if let Some(item) = table.get(&key::SWEEP_SAMPLE) {
        let sample = Sample::parse(item.text()?);
        description.sample = Some(sample.map_err(|error| unread(item, &error))?);
    }
    if let Some(item) = table.get(&key::SWEEP_SEEDS) {
        description.seeds = Some(item.whole(MOST_SEEDS)? as u32);
    }
    if let Some(item) = table.get(&key::SWEEP_OWN_SEEDS) {
        description.own_seeds = flag(item)?;
    }
    if let Some(item) = table.get(&key::SWEEP_EVERY) {
        description.every_ms = Some(item.number(Range::Positive)?);
    }
    if let Some(item) = table.get(&key::SWEEP_KEEP) {
        let Value::List(names) = &item.value else {
            return Err(item.wrong("a list of \"fc\" and names of states"));
        };
        for name in names {
            description.keep.push(name.text()?.into());
        }
    }
    Ok(description)
}

/// True or false.
fn flag(item: &Item) -> Result<bool> {
    match item.value {
        Value::Boolean(is_so) => Ok(is_so),
        _ => Err(item.wrong("true or false")),
    }
}

/// The error for a text that the sweep cannot read.
fn unread(item: &Item, error: &Error) -> Error {
    item.origin.error(StudyError::Syntax {
        problem: format!("cannot read {}", item.key),
        hint: error.hint(),
    })
}

/// One number and its values; or, as TOML reads `coupling.g = ...` without quotes, a table of them.
fn vary(path: &str, item: &Item, found: &mut Vec<Vary>) -> Result<()> {
    let values = match &item.value {
        Value::Table(entries) => {
            for (name, item) in entries {
                vary(&join(path, name), item, found)?;
            }
            return Ok(());
        }
        Value::Text(text) => {
            let spread = Spread::parse(path, text);
            spread.map_err(|error| unread(item, &error))?
        }
        Value::List(items) => {
            // Infinity is a speed; the study says what each number may be.
            let number = |item: &Item| match item.value {
                Value::Float(value) if !value.is_nan() => Ok(value),
                _ => item.number(Range::Finite),
            };
            Spread::List(items.iter().map(number).collect::<Result<_>>()?)
        }
        _ => Spread::List(vec![item.number(Range::Finite)?]),
    };
    found.push(Vary {
        path: path.into(),
        values,
    });
    Ok(())
}
