//! The tables that list a model's symbols: states, parameters, inputs, outputs.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::DeValue;

use super::section::{Entry, Outcome, Section};
use super::{Bounds, Input, Output, Parameter, ParameterRange, State};
use crate::language::{self, Fault};

/// Kept for as long as the program runs.
pub(crate) fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// Names given so far.
#[derive(Default)]
pub(crate) struct Names(pub(crate) BTreeSet<String>);

impl Names {
    pub(crate) fn take(&mut self, entry: &Entry) -> Outcome<()> {
        let name = entry.key;
        if !language::is_name(name) {
            let message = format!(
                "`{name}` cannot be a symbol: a letter, then letters, digits and underscores"
            );
            return Err(Fault::at(entry.at.clone(), message));
        }
        if language::is_reserved(name) {
            let message = format!("`{name}` means something to the language; choose another name");
            return Err(Fault::at(entry.at.clone(), message));
        }
        if !self.0.insert(name.into()) {
            let message = format!(
                "`{name}` is a state, parameter, input or table already; choose another name"
            );
            return Err(Fault::at(entry.at.clone(), message));
        }
        Ok(())
    }
}

/// Unit and meaning, which every symbol has.
pub(crate) fn described<'t>(section: &Section<'t>) -> Outcome<(&'static str, &'static str)> {
    let unit = section
        .get("unit")
        .ok_or_else(|| section.missing("unit", "\"1\" stands for none"))?;
    language::check_unit(unit.text()?).map_err(|message| Fault::at(unit.value.span(), message))?;
    let meaning = section
        .text("meaning")?
        .ok_or_else(|| section.missing("meaning", "one line on what it is"))?;
    Ok((kept(unit.text()?), kept(meaning)))
}

pub(super) fn state(entry: &Entry) -> Outcome<(State, Range<usize>)> {
    let section = entry.section(format!("states.{}", entry.key))?;
    section.only(&[
        "unit",
        "meaning",
        "start",
        "non_negative",
        "bounds",
        "angle",
    ])?;
    let (unit, meaning) = described(&section)?;
    let truth = |key: &str| section.get(key).map_or(Ok(false), Entry::truth);
    let mut all = Vec::new();
    if truth("non_negative")? {
        all.push(Bounds::Clipped {
            low: 0.0,
            high: f64::INFINITY,
        });
    }
    if let Some(bounds) = section.get("bounds") {
        let (low, high) = bounds.interval()?;
        all.push(Bounds::Clipped { low, high });
    }
    if truth("angle")? {
        all.push(Bounds::Angle);
    }
    if all.len() > 1 {
        let message = format!(
            "`{}` has more than one of non_negative, bounds and angle",
            entry.key
        );
        return Err(Fault::at(entry.at.clone(), message));
    }
    let start = section.get("start").map_or(Ok(0.0), |start| {
        let value = start.number()?;
        value
            .is_finite()
            .then_some(value)
            .ok_or_else(|| start.wrong("a finite number"))
    })?;
    let bounds = all.pop().unwrap_or(Bounds::Free);
    if let Bounds::Clipped { low, high } = bounds
        && !(low..=high).contains(&start)
    {
        let message = format!(
            "the start of `{}`, {start}, lies outside its own bounds; say where it starts with start = ...",
            entry.key
        );
        let at = section.get("start").map(|start| start.value.span());
        return Err(Fault::at(at.unwrap_or(entry.at.clone()), message));
    }
    let state = State {
        name: kept(entry.key),
        unit,
        meaning,
        start,
        bounds,
    };
    Ok((state, entry.at.clone()))
}

pub(crate) fn parameter(entry: &Entry) -> Outcome<Parameter> {
    let section = entry.section(format!("parameters.{}", entry.key))?;
    section.only(&["unit", "default", "meaning", "range"])?;
    let (unit, meaning) = described(&section)?;
    let default = section
        .get("default")
        .ok_or_else(|| section.missing("default", "its value where a study says none"))?;
    let range = match section.get("range") {
        None => ParameterRange::Any,
        Some(range) => match range.value.get_ref() {
            DeValue::String(text) => match text.as_ref() {
                "positive" => ParameterRange::Positive,
                "non-negative" => ParameterRange::NonNegative,
                "non-zero" => ParameterRange::NonZero,
                _ => {
                    return Err(range.wrong(
                        "\"positive\", \"non-negative\", \"non-zero\", or two numbers in brackets",
                    ));
                }
            },
            _ => {
                let (low, high) = range.interval()?;
                ParameterRange::Between(low, high)
            }
        },
    };
    let parameter = Parameter {
        name: kept(entry.key),
        unit,
        default: default.number()?,
        meaning,
        range,
    };
    if !parameter.default.is_finite() || !range.holds(parameter.default) {
        let message = format!("the default of `{}` lies outside its own range", entry.key);
        return Err(Fault::at(default.value.span(), message));
    }
    Ok(parameter)
}

impl ParameterRange {
    /// Whether it holds this number.
    pub fn holds(&self, value: f64) -> bool {
        match *self {
            Self::Any => true,
            Self::NonZero => value != 0.0,
            Self::Positive => value > 0.0,
            Self::NonNegative => value >= 0.0,
            Self::Between(low, high) => (low..=high).contains(&value),
        }
    }
}

pub(super) fn input(entry: &Entry) -> Outcome<Input> {
    let section = entry.section(format!("inputs.{}", entry.key))?;
    section.only(&["unit", "meaning"])?;
    let (unit, meaning) = described(&section)?;
    Ok(Input {
        symbol: kept(entry.key),
        name: kept(
            entry
                .key
                .strip_suffix("_ext")
                .filter(|name| !name.is_empty())
                .unwrap_or(entry.key),
        ),
        unit,
        meaning,
    })
}

pub(super) fn output(entry: &Entry) -> Outcome<Output> {
    let section = entry.section(format!("outputs.{}", entry.key))?;
    section.only(&["unit", "meaning"])?;
    let (unit, meaning) = described(&section)?;
    Ok(Output {
        name: kept(entry.key),
        unit,
        meaning,
    })
}
