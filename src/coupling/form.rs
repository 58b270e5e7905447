//! From the text of a coupling to the coupling.

use std::collections::{BTreeSet, HashMap};

use super::{Form, Sum};
use crate::error::Result;
use crate::language::{Compiler, Expression, Fault, IN_COUPLINGS, Meaning, Target, Text, nearest};
use crate::model::section::{Entry, Outcome, Section};
use crate::model::symbols::{Names, kept, parameter};
use crate::model::text;

/// Keys at the top of a coupling's text.
const KEYS: [&str; 6] = [
    "name",
    "summary",
    "paper",
    "notes",
    "equations",
    "parameters",
];

/// Functions of couplings alone.
const IN_SUMS: [&str; 2] = ["sum", "sum_squares"];

/// Keys of `[coupling]` in studies, and what means something in `coupling.NAME.key` or in tables of numbers there.
const OF_STUDIES: [&str; 9] = [
    "kind",
    "name",
    "source",
    "weights",
    "target",
    "conduction_speed",
    "delay_rounding",
    "delay_reads",
    "file",
];

/// What a node receives, and what it receives through squared weights.
const RECEIVED: [&str; 2] = ["c", "c_squares"];

impl Form {
    /// The coupling that `text` describes; `name` is what errors call the text.
    ///
    /// # Errors
    /// [`crate::Error::Text`] at the first place that does not read.
    pub fn read(name: &str, text: &str) -> Result<Self> {
        let text = Text {
            name: name.into(),
            text: text.into(),
        };
        read(&text.text).map_err(|fault| text.error(&fault))
    }
}

fn read(written: &str) -> Outcome<Form> {
    let document = text::document(written)?;
    let top = Section::of("a coupling", 0..0, document.get_ref());
    top.only(&KEYS)?;
    let name = text::name(&top)?;
    let mut names = Names(
        IN_COUPLINGS
            .into_iter()
            .chain(["n"])
            .map(String::from)
            .collect(),
    );
    let entries: Vec<Entry> = top
        .section("parameters")?
        .map_or(Vec::new(), |section| section.entries);
    for entry in &entries {
        let fault = |message| Err(Fault::at(entry.at.clone(), message));
        if names.0.contains(entry.key) || IN_SUMS.contains(&entry.key) {
            return fault(format!(
                "`{}` means something in couplings; choose another name",
                entry.key
            ));
        }
        if OF_STUDIES.contains(&entry.key) {
            return fault(format!(
                "`{}` is a key of [coupling] in studies; choose another name",
                entry.key
            ));
        }
        names.take(entry)?;
    }
    let parameters: Vec<_> = entries.iter().map(parameter).collect::<Outcome<_>>()?;
    let equations = text::equations(&top, written, "one line `c = ...`: what a node receives")?;

    let mut symbols: HashMap<String, Meaning> = parameters
        .iter()
        .enumerate()
        .map(|(place, parameter)| (parameter.name.to_owned(), Meaning::Parameter(place)))
        .collect();
    symbols.insert("n".into(), Meaning::Parameter(parameters.len()));
    let varying = IN_COUPLINGS.into_iter().enumerate();
    symbols.extend(varying.map(|(place, name)| (name.into(), Meaning::Varying(place))));
    let place = |fault| equations.place(fault);
    let mut received: Vec<&Expression> = Vec::new();
    for (k, name) in RECEIVED.into_iter().enumerate() {
        let mut found = equations.statements.iter().filter(
            |statement| matches!(&statement.target, Target::Definition(defined) if defined == name),
        );
        match found.next() {
            Some(statement) => received.push(&statement.expression),
            None if k == 0 => {
                let at = top
                    .get("equations")
                    .map_or(0..0, |entry| entry.value.span());
                return Err(Fault::at(at, "`c = ...` is missing: what a node receives"));
            }
            None => {}
        }
    }
    for statement in &equations.statements {
        if let Target::Definition(name) | Target::Function { name, .. } = &statement.target
            && (name == "n" || IN_COUPLINGS.contains(&name.as_str()))
        {
            let message = format!("`{name}` means something in couplings; choose another name");
            return Err(place(Fault::at(statement.at.clone(), message)));
        }
        if let Target::Derivative(state) = &statement.target {
            let message = format!("a coupling has no states; write `{state} = ...`");
            return Err(place(Fault::at(statement.at.clone(), message)));
        }
    }
    let compiler = Compiler::new(&equations.statements, symbols, BTreeSet::new()).map_err(place)?;
    let prepared = compiler.coupling(&received).map_err(place)?;
    let mut warnings: Vec<String> = entries
        .iter()
        .filter(|entry| !prepared.used.contains(entry.key))
        .map(|entry| format!("the parameter `{}` is never used", entry.key))
        .collect();
    let unused = prepared.unused.iter();
    warnings.extend(unused.map(|name| format!("`{name}` is defined and has no effect")));
    if prepared.sums.is_empty() {
        warnings.push(format!(
            "nothing is summed over connections: `sum(x_j)` is missing{}",
            nearest(
                "sum",
                equations.statements.iter().filter_map(|s| match &s.target {
                    Target::Definition(name) => Some(name.as_str()),
                    _ => None,
                })
            )
        ));
    }
    let papers = top.get("paper").map_or(Ok(Vec::new()), Entry::texts)?;
    let kinks: Vec<&str> = prepared.kinks.iter().map(String::as_str).collect();
    Ok(Form {
        name: kept(name),
        summary: text::summary(&top)?,
        equations: kept(&equations.written),
        papers: papers.iter().map(|(paper, _)| kept(paper)).collect(),
        notes: kept(top.text("notes")?.unwrap_or_default().trim()),
        parameters,
        not_smooth: (!kinks.is_empty())
            .then(|| kept(&format!("its equations use {}", kinks.join(", ")))),
        warnings,
        text: kept(written),
        sums: prepared
            .sums
            .into_iter()
            .map(|(sent, squared)| Sum { sent, squared })
            .collect(),
        prepare: prepared.prepare,
        sent: prepared.sent,
        received: prepared.received,
    })
}
