//! From the text of a monitor to the monitor.

use super::{Convolution, Kernel, Monitor, Scheme, Set, Takes};
use crate::error::Result;
use crate::integrator::Integrator;
use crate::language::{Fault, Text, nearest};
use crate::model::Model;
use crate::model::section::{Entry, Outcome, Section};
use crate::model::symbols::kept;
use crate::model::text::{Kind, node};
use crate::word::Word;

/// What a monitor's text has.
const TEXT: Kind = Kind {
    name: "a monitor",
    keys: &[
        "name",
        "summary",
        "paper",
        "notes",
        "not_smooth",
        "equations",
        "states",
        "parameters",
        "inputs",
        "outputs",
        "monitor",
        "kernel",
        "sets",
    ],
    needs_states: false,
};

/// Keys of `[[monitor]]` in studies.
const OF_STUDIES: [&str; 10] = [
    "kind", "name", "set", "source", "tr", "step", "scale", "offset", "matrix", "file",
];

/// The integrators that a monitor may have.
const INTEGRATORS: [Integrator; 3] = [Integrator::Euler, Integrator::Heun, Integrator::Rk4];

impl Monitor {
    /// The monitor that `text` describes; `name` is what errors call the text.
    ///
    /// # Errors
    /// [`crate::Error::Text`] at the first place that does not read.
    pub fn read(name: &str, text: &str) -> Result<Self> {
        let text = Text {
            name: name.into(),
            text: text.into(),
        };
        node(&text.text, &TEXT, |top, node| read(&text.text, top, node))
            .map_err(|fault| text.error(&fault))
    }
}

fn read(text: &str, top: &Section, node: Model) -> Outcome<Monitor> {
    check_names(top)?;
    let why = "it says what the monitor takes and shows";
    let section = top
        .section("monitor")?
        .ok_or_else(|| top.missing("[monitor]", why))?;
    section.only(&[
        "input",
        "shows",
        "range",
        "step",
        "settles",
        "takes",
        "scheme",
        "convolution",
        "matrix",
        "set",
        "source",
    ])?;
    let inputs: Vec<&str> = node.inputs.iter().map(|input| input.symbol).collect();
    let outputs: Vec<&str> = node.outputs.iter().map(|output| output.name).collect();
    let input = index(&section, "input", "input", &inputs)?;
    let shows = index(&section, "shows", "output", &outputs)?;
    let kernel = kernel(top, &node, [&inputs, &outputs])?;
    if let Some(kernel) = &kernel
        && (kernel.lag == input || kernel.response == shows)
    {
        let message = "the lag and the response are not what the monitor takes and shows";
        return Err(Fault::at(section.at, message));
    }
    let is_known = |k: usize| k == input || kernel.is_some_and(|kernel| kernel.lag == k);
    if let Some(k) = (0..inputs.len()).find(|&k| !is_known(k)) {
        let message = format!(
            "a monitor takes one signal, and `{}` is one more input",
            inputs[k]
        );
        return Err(Fault::at(section.at, message));
    }
    let step_ms = section.get("step").map(positive).transpose()?;
    let settles_ms = section.get("settles").map(positive).transpose()?;
    let matrix = section.get("matrix").map_or(Ok(false), Entry::truth)?;
    let first = Set {
        name: section.text("set")?.map_or("default", kept),
        source: kept(section.text("source")?.unwrap_or_default()),
        parameters: node.defaults(),
        start: node.states.iter().map(|state| state.start).collect(),
        scheme: Scheme::Whole(Integrator::Heun),
        takes: Takes::Mean,
        convolution: Convolution::Integral,
    };
    let mut sets = vec![with_ways(&section, &node, first)?];
    for entry in &top.section("sets")?.map_or(Vec::new(), |all| all.entries) {
        let set = set(entry, &node, &sets[0])?;
        if sets.iter().any(|other| other.name == set.name) {
            let message = format!("two sets are called `{}`", set.name);
            return Err(Fault::at(entry.at.clone(), message));
        }
        sets.push(set);
    }
    Ok(Monitor {
        name: node.name,
        input,
        shows,
        range: match section.get("range") {
            Some(range) => Some(<[f64; 2]>::from(range.interval()?)),
            None => None,
        },
        settles_ms,
        step_ms,
        kernel,
        needs_matrix: matrix,
        sets,
        text: kept(text),
        node,
    })
}

/// No parameter is called like a key of `[[monitor]]`.
fn check_names(top: &Section) -> Outcome<()> {
    let entries = top
        .section("parameters")?
        .map_or(Vec::new(), |section| section.entries);
    let is_taken = |entry: &&Entry| OF_STUDIES.contains(&entry.key);
    match entries.iter().find(is_taken) {
        None => Ok(()),
        Some(entry) => {
            let message = format!(
                "`{}` is a key of [[monitor]] in studies; choose another name",
                entry.key
            );
            Err(Fault::at(entry.at.clone(), message))
        }
    }
}

/// Which of `names` the key names.
fn index(section: &Section, key: &str, what: &str, names: &[&str]) -> Outcome<usize> {
    let entry = section
        .get(key)
        .ok_or_else(|| section.missing(key, &format!("it names an {what}")))?;
    index_of(entry, what, names)
}

fn index_of(entry: &Entry, what: &str, names: &[&str]) -> Outcome<usize> {
    let name = entry.text()?;
    names
        .iter()
        .position(|known| *known == name)
        .ok_or_else(|| {
            let near = nearest(name, names.iter().copied());
            let message = format!("`{name}` is no {what}{near}");
            Fault::at(entry.value.span(), message)
        })
}

fn positive(entry: &Entry) -> Outcome<f64> {
    let value = entry.number()?;
    (value > 0.0 && value.is_finite())
        .then_some(value)
        .ok_or_else(|| entry.wrong("a time in ms, above 0"))
}

fn kernel(top: &Section, node: &Model, [inputs, outputs]: [&[&str]; 2]) -> Outcome<Option<Kernel>> {
    let Some(section) = top.section("kernel")? else {
        return Ok(None);
    };
    section.only(&["response", "lag", "length"])?;
    if !node.states.is_empty() {
        let message = "a monitor has states or a kernel, not both";
        return Err(Fault::at(section.at, message));
    }
    let length = section
        .get("length")
        .ok_or_else(|| section.missing("length", "where the response ends, ms"))?;
    Ok(Some(Kernel {
        response: index(&section, "response", "output", outputs)?,
        lag: index(&section, "lag", "input", inputs)?,
        length_ms: positive(length)?,
    }))
}

/// A set: what it says, and the rest as in the first.
fn set(entry: &Entry, node: &Model, first: &Set) -> Outcome<Set> {
    let section = entry.section(format!("sets.{}", entry.key))?;
    section.only(&[
        "source",
        "parameters",
        "start",
        "scheme",
        "takes",
        "convolution",
    ])?;
    let source = section
        .text("source")?
        .ok_or_else(|| section.missing("source", "the paper or program it is from"))?;
    let mut set = with_ways(
        &section,
        node,
        Set {
            name: kept(entry.key),
            source: kept(source),
            ..first.clone()
        },
    )?;
    for entry in &section
        .section("parameters")?
        .map_or(Vec::new(), |all| all.entries)
    {
        let names: Vec<&str> = node.parameters.iter().map(|p| p.name).collect();
        let index = key_index(entry, "parameter", &names)?;
        let value = entry.number()?;
        if !value.is_finite() || !node.parameters[index].range.holds(value) {
            let message = format!("{value} lies outside the range of `{}`", entry.key);
            return Err(Fault::at(entry.value.span(), message));
        }
        set.parameters[index] = value;
    }
    for entry in &section
        .section("start")?
        .map_or(Vec::new(), |all| all.entries)
    {
        let names: Vec<&str> = node.states.iter().map(|state| state.name).collect();
        let index = key_index(entry, "state", &names)?;
        set.start[index] = entry.number()?;
    }
    Ok(set)
}

fn key_index(entry: &Entry, what: &str, names: &[&str]) -> Outcome<usize> {
    let index = names.iter().position(|known| *known == entry.key);
    index.ok_or_else(|| {
        let near = nearest(entry.key, names.iter().copied());
        let message = format!("`{}` is no {what}{near}", entry.key);
        Fault::at(entry.at.clone(), message)
    })
}

/// A set with the scheme and the like that `section` names.
fn with_ways(section: &Section, node: &Model, mut set: Set) -> Outcome<Set> {
    if let Some(entry) = section.get("scheme") {
        set.scheme = scheme(entry, node)?;
    }
    if let Some(entry) = section.get("takes") {
        set.takes = word(entry)?;
    }
    if let Some(entry) = section.get("convolution") {
        set.convolution = word(entry)?;
    }
    Ok(set)
}

fn word<W: Word>(entry: &Entry) -> Outcome<W> {
    W::from_word(entry.text()?).ok_or_else(|| {
        let words: Vec<String> = W::words()
            .iter()
            .map(|word| format!("\"{word}\""))
            .collect();
        entry.wrong(&words.join(" or "))
    })
}

/// A word, or the states in the order in which they advance.
fn scheme(entry: &Entry, node: &Model) -> Outcome<Scheme> {
    let expected = || {
        let words = INTEGRATORS.map(|integrator| format!("\"{}\"", integrator.name()));
        let message = format!(
            "{}, or a list of all states in their order",
            words.join(", ")
        );
        entry.wrong(&message)
    };
    if !matches!(entry.value.get_ref(), toml::de::DeValue::Array(_)) {
        let mut all = INTEGRATORS.into_iter();
        let name = entry.text().map_err(|_| expected())?;
        let found = all.find(|integrator| integrator.name() == name);
        return found.map(Scheme::Whole).ok_or_else(expected);
    }
    let mut order = Vec::new();
    for (name, at) in entry.texts()? {
        let index = node.states.iter().position(|state| state.name == name);
        match index {
            Some(index) if !order.contains(&index) => order.push(index),
            _ => {
                return Err(Fault::at(
                    at,
                    format!("`{name}` is no state, or stands twice"),
                ));
            }
        }
    }
    match order.len() == node.states.len() {
        true => Ok(Scheme::InTurn(order)),
        false => Err(expected()),
    }
}
