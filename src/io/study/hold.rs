//! `[hold]`: a parameter of each node is chosen so that an output rests at a target.

use super::document::Item;
use super::read::Reader;
use super::schema::Section;
use crate::error::{Error, Result};
use crate::study::key::{self, HOLD_BY, HOLD_OUTPUT, HOLD_TARGET, Purpose, Role};
use crate::study::range::Range;
use crate::study::{Hold, Study, Values};

/// Reads what is held at rest, in a study whose other numbers are known. What else is said of it are words and numbers of the study.
pub(super) fn read(
    item: Option<&Item>,
    reader: &mut Reader,
    study: &Study,
) -> Result<Option<Hold>> {
    let Some(item) = item else { return Ok(None) };
    let keys = key::KEYS.iter().filter(|key| is_of_hold(key));
    let known: Vec<&str> = keys.map(|key| key.name()).collect();
    let table = Section::inline(Some(item), &known)?;
    let needed = |key: &key::Key, hint: &str| {
        table.get(key).ok_or_else(|| {
            let error = Error::missing(key.path, key.meaning, hint);
            item.origin.key_error(error)
        })
    };
    let output = needed(
        &HOLD_OUTPUT,
        "a state or output of the model: output = \"r_E\"",
    )?;
    let target = needed(&HOLD_TARGET, "a number, or one for each node: target = 3.0")?;
    let by = needed(&HOLD_BY, "a parameter of the model: by = \"J_i\"")?;
    let observables = study.model.observables();
    let names: Vec<&str> = observables.iter().map(|one| one.name).collect();
    let name = output.one_of(&names)?;
    let address = key::resolve(study, by.text()?, Purpose::Follow);
    let address = address.map_err(|error| by.within(error))?;
    let role = address.number.and_then(|number| number.role(study));
    let is_of_node = matches!(role, Some(Role::Model(_) | Role::Input(_)));
    let delays = address
        .number
        .is_some_and(|number| number.moves_delays(study));
    if !is_of_node || delays || address.node.is_some() {
        let rule = "it has to be a parameter or input of the model, at all nodes";
        return Err(by.but(address.full(), rule));
    }
    if let Some(rule) = reader.rules.iter().find(|rule| rule.key == address.path) {
        return Err(by.origin.error(rule.decides(&address.path)));
    }
    Ok(Some(Hold::at_rest(
        names.iter().position(|other| *other == name).unwrap_or(0),
        reader.values(Some(target), Range::Finite, Values::Uniform(0.0))?,
        address.path,
    )))
}

/// Whether a key is of what is held.
pub(super) fn is_of_hold(key: &key::Key) -> bool {
    key.section() == HOLD_OUTPUT.section()
}
