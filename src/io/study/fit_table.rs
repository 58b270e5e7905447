//! `[fit]`: what `brainsweep fit` looks for, in the same words as its flags.

use super::document::{Item, Value, join};
use super::schema::Section;
use crate::error::Result;
use crate::fit::Description;
use crate::study::key::{self, KEYS};
use crate::study::range::Range;
use crate::sweep::{Spread, Vary};

/// The most simulations of a fit, and the most of anything else that is counted.
const MOST: u64 = 1_000_000_000;

/// What the document's table asks for; nothing, if there is none.
pub(super) fn description(document: &Item) -> Result<Description> {
    let root = Section::open(KEYS, Some(document), "", &[])?;
    let table = Section::open(KEYS, root.named(key::FIT), key::FIT, &[])?;
    let whole = |key: &key::Key| -> Result<Option<u32>> {
        let item = table.get(key);
        item.map(|item| Ok(item.whole(MOST)? as u32)).transpose()
    };
    let mut description = Description {
        runs: whole(&key::FIT_RUNS)?,
        replicas: whole(&key::FIT_REPLICAS)?,
        population: whole(&key::FIT_POPULATION)?,
        finalists: whole(&key::FIT_FINALISTS)?,
        held_out: whole(&key::FIT_HELD_OUT)?,
        set: table.set_keys(KEYS, key::FIT),
        ..Description::default()
    };
    if let Some(item) = table.get(&key::FIT_FREE) {
        let Value::Table(entries) = &item.value else {
            return Err(item.wrong("a table, as in \"coupling.g\" = \"0:3\""));
        };
        for (name, item) in entries {
            free(name, item, &mut description.free)?;
        }
    }
    if let Some(item) = table.get(&key::FIT_OBJECTIVE) {
        description.objectives = match &item.value {
            Value::List(several) => {
                let texts = several.iter().map(|one| Ok(one.text()?.to_string()));
                texts.collect::<Result<_>>()?
            }
            _ => vec![item.text()?.into()],
        };
    }
    if let Some(item) = table.get(&key::FIT_METHOD) {
        description.method = Some(item.word()?);
    }
    if let Some(item) = table.get(&key::FIT_START) {
        description.start = Some(item.word()?);
    }
    if let Some(item) = table.get(&key::FIT_SEARCH) {
        description.search = Some(item.whole(u64::MAX)?);
    }
    if let Some(item) = table.get(&key::FIT_SAMPLING) {
        description.sampling_ms = Some(item.number(Range::Positive)?);
    }
    if let Some(item) = table.get(&key::FIT_EACH_SUBJECT) {
        let Value::Boolean(each) = item.value else {
            return Err(item.wrong("true or false"));
        };
        description.each_subject = each;
    }
    if let Some(item) = table.get(&key::FIT_VALIDATE) {
        let Value::List(subjects) = &item.value else {
            return Err(item.wrong("a list of the numbers of subjects, from 0"));
        };
        for subject in subjects {
            description.validate.push(subject.whole(MOST)? as usize);
        }
    }
    Ok(description)
}

/// One number and its range; or, as TOML reads `coupling.g = ...` without quotes, a table of them.
fn free(path: &str, item: &Item, found: &mut Vec<Vary>) -> Result<()> {
    if let Value::Table(entries) = &item.value {
        let mut entries = entries.iter();
        return entries.try_for_each(|(name, item)| free(&join(path, name), item, found));
    }
    let wrong = || item.wrong("a range \"LOW:HIGH\" or \"LOW:HIGH:log\", the lower end first");
    let Value::Text(text) = &item.value else {
        return Err(wrong());
    };
    found.push(Vary {
        path: path.into(),
        values: Spread::parse_range(text).ok_or_else(wrong)?,
    });
    Ok(())
}
