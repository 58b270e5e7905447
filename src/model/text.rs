//! From the text of a model to the model: every name, number and unit checked, each fault with its place.

use std::collections::HashMap;
use std::ops::Range;

use toml::de::DeTable;

use super::section::{Entry, Outcome, Section};
use super::symbols::{Names, input, kept, output, parameter, state};
use super::tables::no_files;
use super::{Feedback, Files, Input, Model, Output, Parameter, Signal, State, Table};
use crate::error::Result;
use crate::language::{self, Compiler, Fault, Meaning, Prepared, Statement, Target, Text, nearest};

/// Keys at the top of a model's text.
const KEYS: [&str; 13] = [
    "name",
    "family",
    "summary",
    "paper",
    "notes",
    "not_smooth",
    "equations",
    "states",
    "parameters",
    "inputs",
    "outputs",
    "tables",
    "coupling",
];

/// The most states and inputs together: noise on them is counted in the bits of one number.
const MOST_NAMES: usize = 128;

impl Model {
    /// The model that `text` describes; `name` is what errors call the text.
    ///
    /// What is read is kept for as long as the program runs: [`intern`](super::intern) keeps equal texts once.
    ///
    /// # Errors
    /// [`crate::Error::Text`] at the first place that does not read.
    pub fn read(name: &str, text: &str) -> Result<Self> {
        Self::read_with(name, text, &no_files)
    }

    /// The same where `files` gives the arrays of its tables.
    ///
    /// # Errors
    /// As [`Model::read`].
    pub fn read_with(name: &str, text: &str, files: &Files) -> Result<Self> {
        let text = Text {
            name: name.into(),
            text: text.into(),
        };
        read(&text.text, files).map_err(|fault| text.error(&fault))
    }
}

fn read(text: &str, files: &Files) -> Outcome<Model> {
    let table = |entry: &Entry| Table::read(entry, files);
    parts(text, &table, |mut parts| {
        parts.reading.model(
            &parts.top,
            &parts.equations,
            &parts.parameters,
            &parts.outputs,
        )
    })
}

/// The equations of a text that reads, once more: with the definitions that they use, by name.
pub(super) struct Definitions {
    /// Parameters to coefficients; what is asked for: rates, then outputs, then definitions; what is delayed.
    pub(super) prepared: Prepared,
    /// The names of the definitions.
    pub(super) names: Vec<String>,
}

/// The definitions of a model's text. Where those would be too many operations once more, it is none of them.
pub(super) fn definitions(text: &str, tables: &[Table]) -> Definitions {
    let table = |entry: &Entry| {
        let known = tables.iter().find(|table| table.name == entry.key);
        Ok(known.expect("its tables were read").clone())
    };
    let read = |with: bool| {
        parts(text, &table, |parts| {
            let statements = parts.equations.statements.iter().filter(|_| with);
            let (names, definitions): (Vec<String>, Vec<&language::Expression>) = statements
                .filter_map(|statement| match &statement.target {
                    Target::Definition(name) => Some((name.clone(), &statement.expression)),
                    _ => None,
                })
                .unzip();
            let more = Some(definitions);
            let prepared = parts
                .reading
                .prepared(&parts.equations, &parts.outputs, more)?;
            Ok(Definitions { prepared, names })
        })
    };
    read(true)
        .or_else(|_| read(false))
        .unwrap_or_else(|fault| panic!("a text that has been read reads again: {fault:?}"))
}

/// What a text is made of.
struct Parts<'t> {
    top: Section<'t>,
    parameters: Vec<Entry<'t>>,
    outputs: Vec<Entry<'t>>,
    equations: Equations,
    reading: Reading<'t>,
}

fn parts<T>(
    text: &str,
    table: &dyn Fn(&Entry) -> Outcome<Table>,
    then: impl FnOnce(Parts) -> Outcome<T>,
) -> Outcome<T> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        Fault::at(
            at,
            format!("not valid TOML: {}", error.message().replace('\n', ", ")),
        )
    })?;
    let top = Section::of("", 0..0, document.get_ref());
    top.only(&KEYS)?;
    let name = top
        .get("name")
        .ok_or_else(|| top.missing("name", "it is what studies and results call the model"))?;
    let is_plain = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !is_plain(name.text()?) {
        return Err(Fault::at(
            name.value.span(),
            "a model's name is of lower case letters, digits and hyphens",
        ));
    }
    let Some(states) = top.section("states")? else {
        return Err(top.missing("[states]", "it lists what evolves"));
    };
    let mut names = Names::default();
    let states: Vec<(State, Range<usize>)> = states
        .entries
        .iter()
        .map(|entry| names.take(entry).and_then(|()| state(entry)))
        .collect::<Outcome<_>>()?;
    if states.is_empty() {
        return Err(top.missing("a state", "[states] lists what evolves"));
    }
    let section = |key: &str| -> Outcome<Vec<Entry>> {
        Ok(top
            .section(key)?
            .map_or(Vec::new(), |section| section.entries))
    };
    let (parameters, inputs, outputs) = (
        section("parameters")?,
        section("inputs")?,
        section("outputs")?,
    );
    let tables = section("tables")?;
    for entry in parameters.iter().chain(&inputs).chain(&tables) {
        names.take(entry)?;
    }
    if states.len() + inputs.len() > MOST_NAMES {
        let message = format!("more than {MOST_NAMES} states and inputs");
        return Err(Fault::at(top.at.clone(), message));
    }
    let equations = equations(&top, text)?;
    let reading = Reading {
        text,
        states,
        parameters: parameters.iter().map(parameter).collect::<Outcome<_>>()?,
        inputs: inputs.iter().map(input).collect::<Outcome<_>>()?,
        outputs: outputs.iter().map(output).collect::<Outcome<_>>()?,
        tables: tables.iter().map(table).collect::<Outcome<_>>()?,
    };
    reading.check_inputs(&inputs)?;
    then(Parts {
        top,
        parameters,
        outputs,
        equations,
        reading,
    })
}

/// The statements, and the text that they were read from.
struct Equations {
    written: String,
    statements: Vec<Statement>,
    at: Range<usize>,
    /// Where the text of the equations begins in the whole; `None` if it was written with escapes.
    offset: Option<usize>,
}

impl Equations {
    fn place(&self, fault: Fault) -> Fault {
        match self.offset {
            Some(offset) => fault.moved(offset),
            None => Fault::at(self.at.clone(), fault.message),
        }
    }
}

fn equations(top: &Section, text: &str) -> Outcome<Equations> {
    let entry = top
        .get("equations")
        .ok_or_else(|| top.missing("equations", "one line `dx/dt = ...` for every state x"))?;
    let written = entry.text()?;
    let at = entry.value.span();
    // The text in the file, without its quotes, is the text itself unless there are escapes in it.
    let raw = &text[at.clone()];
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let quote = quotes.iter().find(|quote| raw.starts_with(**quote));
    let offset = quote.and_then(|quote| {
        let inner = at.start + quote.len();
        let newline = text[inner..].starts_with('\n').then_some(inner + 1);
        let windows = text[inner..].starts_with("\r\n").then_some(inner + 2);
        let starts = [newline, windows, Some(inner)];
        starts
            .into_iter()
            .flatten()
            .find(|&start| text[start..].starts_with(written))
    });
    let mut equations = Equations {
        written: written.trim_end().into(),
        statements: Vec::new(),
        at,
        offset,
    };
    equations.statements = language::parse(written).map_err(|fault| equations.place(fault))?;
    Ok(equations)
}

/// What the tables of a text say.
struct Reading<'t> {
    text: &'t str,
    states: Vec<(State, Range<usize>)>,
    parameters: Vec<Parameter>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
    tables: Vec<Table>,
}

impl Reading<'_> {
    /// Names of inputs in studies are all different.
    fn check_inputs(&self, entries: &[Entry]) -> Outcome<()> {
        for (k, (input, entry)) in self.inputs.iter().zip(entries).enumerate() {
            if self.inputs[..k]
                .iter()
                .any(|other| other.name == input.name)
            {
                let message = format!(
                    "two inputs are called `input.{}` in studies; rename one",
                    input.name
                );
                return Err(Fault::at(entry.at.clone(), message));
            }
        }
        Ok(())
    }

    /// The signal of this name.
    fn signal(&self, name: &str) -> Option<Signal> {
        let state = self.states.iter().position(|(state, _)| state.name == name);
        let output = || self.outputs.iter().position(|output| output.name == name);
        state
            .map(Signal::State)
            .or_else(|| output().map(Signal::Output))
    }

    /// The programs of the rates, of the outputs, and of more if there is more.
    fn prepared(
        &self,
        equations: &Equations,
        outputs: &[Entry],
        more: Option<Vec<&language::Expression>>,
    ) -> Outcome<Prepared> {
        let n_states = self.states.len();
        let mut symbols = HashMap::new();
        for (place, (state, _)) in self.states.iter().enumerate() {
            symbols.insert(state.name.to_owned(), Meaning::Varying(place));
        }
        for (place, input) in self.inputs.iter().enumerate() {
            symbols.insert(input.symbol.to_owned(), Meaning::Varying(n_states + place));
        }
        for (place, parameter) in self.parameters.iter().enumerate() {
            symbols.insert(parameter.name.to_owned(), Meaning::Parameter(place));
        }
        let states = self.states.iter().map(|(state, _)| state.name.to_owned());
        let can_be_delayed = states.chain(outputs.iter().map(|entry| entry.key.to_owned()));
        let place = |fault| equations.place(fault);

        let rates = self.rates(equations)?;
        let tables = self.tables.iter();
        let tables = tables.map(|table| (table.name.to_owned(), table.lookup.clone()));
        let compiler = Compiler::new(&equations.statements, symbols, can_be_delayed.collect())
            .and_then(|compiler| compiler.with_tables(tables.collect()))
            .map_err(place)?;
        let shown: Vec<_> = outputs
            .iter()
            .map(|entry| self.shown(entry, equations, &compiler))
            .collect::<Outcome<_>>()?;
        let groups: Vec<_> = [rates, shown].into_iter().chain(more).collect();
        compiler.programs(&groups).map_err(place)
    }

    fn model(
        &mut self,
        top: &Section,
        equations: &Equations,
        parameters: &[Entry],
        outputs: &[Entry],
    ) -> Outcome<Model> {
        let prepared = self.prepared(equations, outputs, None)?;
        let [rates, signals]: [_; 2] = prepared.programs.try_into().expect("two were asked for");
        let feedback: Vec<Feedback> = prepared
            .delayed
            .iter()
            .map(|(name, delay)| Feedback {
                signal: self.signal(name).expect("only signals can be delayed"),
                delay: *delay,
            })
            .collect();

        let mut warnings = Vec::new();
        for entry in parameters {
            if !prepared.used.contains(entry.key) {
                warnings.push(format!("the parameter `{}` is never used", entry.key));
            }
        }
        for input in &self.inputs {
            if !prepared.used.contains(input.symbol) {
                warnings.push(format!("the input `{}` is never used", input.symbol));
            }
        }
        for table in &self.tables {
            if !prepared.used.contains(table.name) {
                warnings.push(format!("the table `{}` is never used", table.name));
            }
        }
        for name in &prepared.unused {
            warnings.push(format!("`{name}` is defined and has no effect"));
        }
        let (transmits, hears) = self.coupling(top)?;
        let hears_squares = self.hears_squares(top, &hears)?;
        let papers = top.get("paper").map_or(Ok(Vec::new()), Entry::texts)?;
        let not_smooth = match top.text("not_smooth")? {
            Some(why) => Some(kept(why)),
            None if prepared.kinks.is_empty() => None,
            None => {
                let kinks: Vec<&str> = prepared.kinks.iter().map(String::as_str).collect();
                Some(kept(&format!("its equations use {}", kinks.join(", "))))
            }
        };
        let required = |key: &str, why: &str| -> Outcome<&'static str> {
            Ok(kept(
                top.text(key)?.ok_or_else(|| top.missing(key, why))?.trim(),
            ))
        };
        Ok(Model {
            name: required("name", "")?,
            family: top.text("family")?.map_or("others", kept),
            summary: required("summary", "one line on what the model is")?,
            equations: kept(&equations.written),
            papers: papers.iter().map(|(paper, _)| kept(paper)).collect(),
            notes: kept(top.text("notes")?.unwrap_or_default().trim()),
            states: self.states.drain(..).map(|(state, _)| state).collect(),
            parameters: std::mem::take(&mut self.parameters),
            inputs: std::mem::take(&mut self.inputs),
            outputs: std::mem::take(&mut self.outputs),
            feedback,
            not_smooth,
            transmits,
            hears,
            hears_squares,
            tables: std::mem::take(&mut self.tables),
            warnings,
            text: kept(self.text),
            prepare: prepared.prepare,
            rates,
            signals,
        })
    }

    /// The right-hand sides, in the order of the states.
    fn rates<'e>(&self, equations: &'e Equations) -> Outcome<Vec<&'e language::Expression>> {
        let mut rates: Vec<Option<&language::Expression>> = vec![None; self.states.len()];
        for statement in &equations.statements {
            let Target::Derivative(name) = &statement.target else {
                continue;
            };
            let fault = |message| Err(equations.place(Fault::at(statement.at.clone(), message)));
            let states = || self.states.iter().map(|(state, _)| state.name);
            let Some(place) = states().position(|state| state == name) else {
                return fault(format!(
                    "`{name}` is no state{}; [states] lists them",
                    nearest(name, states())
                ));
            };
            if rates[place].replace(&statement.expression).is_some() {
                return fault(format!("`{name}` has two equations"));
            }
        }
        rates
            .into_iter()
            .zip(&self.states)
            .map(|(rate, (state, at))| {
                let message = format!(
                    "the state `{0}` has no equation: `d{0}/dt = ...` is missing",
                    state.name
                );
                rate.ok_or_else(|| Fault::at(at.clone(), message))
            })
            .collect()
    }

    /// What an output is defined as.
    fn shown<'e>(
        &self,
        entry: &Entry,
        equations: &'e Equations,
        compiler: &Compiler,
    ) -> Outcome<&'e language::Expression> {
        let is_definition = |statement: &&Statement| matches!(&statement.target, Target::Definition(name) if name == entry.key);
        if let Some(statement) = equations.statements.iter().find(is_definition) {
            return Ok(&statement.expression);
        }
        debug_assert!(
            !compiler.defines(entry.key),
            "every definition is a statement"
        );
        let definitions =
            equations
                .statements
                .iter()
                .filter_map(|statement| match &statement.target {
                    Target::Definition(name) => Some(name.as_str()),
                    _ => None,
                });
        let message = format!(
            "the output `{0}` is not defined: `{0} = ...` is missing in the equations{1}",
            entry.key,
            nearest(entry.key, definitions)
        );
        Err(Fault::at(entry.at.clone(), message))
    }

    /// What is transmitted, and which inputs hear it: the first state and the first input where the text does not say.
    fn coupling(&self, top: &Section) -> Outcome<(Vec<Signal>, Vec<usize>)> {
        let Some(section) = top.section("coupling")? else {
            let hears = if self.inputs.is_empty() {
                Vec::new()
            } else {
                vec![0]
            };
            return Ok((vec![Signal::State(0); hears.len()], hears));
        };
        section.only(&["transmits", "hears", "hears_squares"])?;
        let texts = |key: &str, why: &str| {
            section
                .get(key)
                .ok_or_else(|| section.missing(key, why))
                .and_then(Entry::texts)
        };
        let transmits = texts("transmits", "the state or output that the network carries")?
            .into_iter()
            .map(|(name, at)| {
                self.signal(name).ok_or_else(|| {
                    let states = self.states.iter().map(|(state, _)| state.name);
                    let known = states.chain(self.outputs.iter().map(|output| output.name));
                    Fault::at(
                        at,
                        format!("`{name}` is no state and no output{}", nearest(name, known)),
                    )
                })
            })
            .collect::<Outcome<Vec<_>>>()?;
        let hears = texts("hears", "the input that the network enters")?
            .into_iter()
            .map(|(name, at)| {
                self.inputs
                    .iter()
                    .position(|input| input.symbol == name)
                    .ok_or_else(|| {
                        let known = self.inputs.iter().map(|input| input.symbol);
                        Fault::at(at, format!("`{name}` is no input{}", nearest(name, known)))
                    })
            })
            .collect::<Outcome<Vec<_>>>()?;
        if transmits.len() != hears.len() {
            let message = format!(
                "{} are transmitted and {} hear: as many are needed",
                transmits.len(),
                hears.len()
            );
            return Err(Fault::at(section.at, message));
        }
        Ok((transmits, hears))
    }

    /// Which inputs hear the sum over squared weights, beside those that hear the sum.
    fn hears_squares(&self, top: &Section, hears: &[usize]) -> Outcome<Vec<usize>> {
        let section = top.section("coupling")?;
        let Some(entry) = section.as_ref().and_then(|s| s.get("hears_squares")) else {
            return Ok(Vec::new());
        };
        let mut places: Vec<usize> = Vec::new();
        for (name, at) in entry.texts()? {
            let symbols = || self.inputs.iter().map(|input| input.symbol);
            let Some(place) = symbols().position(|symbol| symbol == name) else {
                let message = format!("`{name}` is no input{}", nearest(name, symbols()));
                return Err(Fault::at(at, message));
            };
            if hears.contains(&place) || places.contains(&place) {
                let message = format!("`{name}` hears the network already; name another input");
                return Err(Fault::at(at, message));
            }
            places.push(place);
        }
        if places.len() != hears.len() {
            let message = format!(
                "{} are transmitted and {} hear squared weights: as many are needed",
                hears.len(),
                places.len()
            );
            return Err(Fault::at(entry.value.span(), message));
        }
        Ok(places)
    }
}
