//! From the text of a model to the model: every name, number and unit checked, each fault with its place.

mod common;
mod coupled;

use std::collections::HashMap;
use std::ops::Range;

use super::section::{Entry, Outcome, Section};
use super::symbols::{Names, input, kept, output, parameter, state};
use super::tables::no_files;
use super::{Feedback, Files, Input, Model, Output, Parameter, Signal, State, Table};
use crate::error::Result;
use crate::language::{self, Compiler, Fault, Meaning, Prepared, Target, Text, nearest};
pub(crate) use common::{Equations, document, equations, name, summary};

/// Keys at the top of a model's text.
const KEYS: [&str; 14] = [
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
    "noise",
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
    parts(text, &MODEL, &table, |mut parts| parts.model())
}

/// What kind of text has states and equations.
pub(crate) struct Kind {
    /// What it is in errors: `a model`.
    pub(crate) name: &'static str,
    /// Keys at its top.
    pub(crate) keys: &'static [&'static str],
    /// Whether something has to evolve.
    pub(crate) needs_states: bool,
}

const MODEL: Kind = Kind {
    name: "a model",
    keys: &KEYS,
    needs_states: true,
};

/// The states, parameters, inputs, outputs and equations of a text of another kind, as a model that no network reaches; `then` reads the
/// rest of the text.
pub(crate) fn node<T>(
    text: &str,
    kind: &Kind,
    then: impl FnOnce(&Section, Model) -> Outcome<T>,
) -> Outcome<T> {
    let table = |entry: &Entry| Table::read(entry, &no_files);
    parts(text, kind, &table, |mut parts| {
        let mut node = parts.model()?;
        node.transmits.clear();
        node.receives.clear();
        then(&parts.top, node)
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
        parts(text, &MODEL, &table, |parts| {
            let statements = parts.equations.statements.iter().filter(|_| with);
            let (names, definitions): (Vec<String>, Vec<&language::Expression>) = statements
                .filter_map(|statement| match &statement.target {
                    Target::Definition(name) => Some((name.clone(), &statement.expression)),
                    _ => None,
                })
                .unzip();
            let more = Some(definitions);
            let prepared =
                parts
                    .reading
                    .prepared(&parts.equations, &parts.outputs, &parts.noise, more)?;
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
    noise: Vec<Entry<'t>>,
    equations: Equations,
    reading: Reading<'t>,
}

impl Parts<'_> {
    fn model(&mut self) -> Outcome<Model> {
        self.reading.model(
            &self.top,
            &self.equations,
            &self.parameters,
            &self.outputs,
            &self.noise,
        )
    }
}

fn parts<T>(
    text: &str,
    kind: &Kind,
    table: &dyn Fn(&Entry) -> Outcome<Table>,
    then: impl FnOnce(Parts) -> Outcome<T>,
) -> Outcome<T> {
    let document = document(text)?;
    let top = Section::of(kind.name, 0..0, document.get_ref());
    top.only(kind.keys)?;
    name(&top)?;
    let states = match top.section("states")? {
        Some(states) => states.entries,
        None if kind.needs_states => {
            return Err(top.missing("[states]", "it lists what evolves"));
        }
        None => Vec::new(),
    };
    let mut names = Names::default();
    let states: Vec<(State, Range<usize>)> = states
        .iter()
        .map(|entry| names.take(entry).and_then(|()| state(entry)))
        .collect::<Outcome<_>>()?;
    if states.is_empty() && kind.needs_states {
        return Err(top.missing("a state", "[states] lists what evolves"));
    }
    let section = |key: &str| -> Outcome<Vec<Entry>> {
        Ok(top
            .section(key)?
            .map_or(Vec::new(), |section| section.entries))
    };
    let (parameters, inputs, outputs, noise) = (
        section("parameters")?,
        section("inputs")?,
        section("outputs")?,
        section("noise")?,
    );
    let tables = section("tables")?;
    for entry in parameters.iter().chain(&inputs).chain(&tables) {
        names.take(entry)?;
    }
    if states.len() + inputs.len() > MOST_NAMES {
        let message = format!("more than {MOST_NAMES} states and inputs");
        return Err(Fault::at(top.at.clone(), message));
    }
    let why = match kind.needs_states {
        true => "one line `dx/dt = ...` for every state x",
        false => "a line for every state and every output",
    };
    let equations = equations(&top, text, why)?;
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
        noise,
        equations,
        reading,
    })
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

    /// The programs of the rates, of the outputs, of the noises' amplitudes, and of more if there is more.
    fn prepared(
        &self,
        equations: &Equations,
        outputs: &[Entry],
        noise: &[Entry],
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
            .map(|entry| self.defined(entry.key, "output", &entry.at, equations))
            .collect::<Outcome<_>>()?;
        let amplitude = |entry: &Entry| {
            let states = self.states.iter().map(|(state, _)| state.name);
            if !states.clone().any(|state| state == entry.key) {
                let message = format!(
                    "`{0}` is no state{1}; [noise] names, for states, what their noise is multiplied by",
                    entry.key,
                    nearest(entry.key, states)
                );
                return Err(Fault::at(entry.at.clone(), message));
            }
            self.defined(entry.text()?, "amplitude", &entry.value.span(), equations)
        };
        let amplitudes: Vec<_> = noise.iter().map(amplitude).collect::<Outcome<_>>()?;
        let groups = [rates, shown, amplitudes].into_iter().chain(more);
        let groups: Vec<_> = groups.collect();
        compiler.programs(&groups).map_err(place)
    }

    fn model(
        &mut self,
        top: &Section,
        equations: &Equations,
        parameters: &[Entry],
        outputs: &[Entry],
        noise: &[Entry],
    ) -> Outcome<Model> {
        let prepared = self.prepared(equations, outputs, noise, None)?;
        let [rates, signals, amplitudes]: [_; 3] =
            prepared.programs.try_into().expect("three were asked for");
        let amplitude_of = |(state, _): &(State, Range<usize>)| {
            noise.iter().position(|entry| entry.key == state.name)
        };
        let amplitude_of = self.states.iter().map(amplitude_of).collect();
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
        let coupled = self.coupling(top)?;
        let papers = top.get("paper").map_or(Ok(Vec::new()), Entry::texts)?;
        let not_smooth = match top.text("not_smooth")? {
            Some(why) => Some(kept(why)),
            None if prepared.kinks.is_empty() => None,
            None => {
                let kinks: Vec<&str> = prepared.kinks.iter().map(String::as_str).collect();
                Some(kept(&format!("its equations use {}", kinks.join(", "))))
            }
        };
        Ok(Model {
            name: kept(name(top)?),
            family: top.text("family")?.map_or("others", kept),
            summary: summary(top)?,
            equations: kept(&equations.written),
            papers: papers.iter().map(|(paper, _)| kept(paper)).collect(),
            notes: kept(top.text("notes")?.unwrap_or_default().trim()),
            states: self.states.drain(..).map(|(state, _)| state).collect(),
            parameters: std::mem::take(&mut self.parameters),
            inputs: std::mem::take(&mut self.inputs),
            outputs: std::mem::take(&mut self.outputs),
            feedback,
            not_smooth,
            transmits: coupled.transmits,
            receives: coupled.receives,
            receives_squares: coupled.receives_squares,
            coupling: coupled.kind,
            tables: std::mem::take(&mut self.tables),
            warnings,
            text: kept(self.text),
            prepare: prepared.prepare,
            rates,
            signals,
            amplitudes,
            amplitude_of,
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

    /// What an output, or the amplitude of a noise, is defined as.
    fn defined<'e>(
        &self,
        name: &str,
        what: &str,
        at: &Range<usize>,
        equations: &'e Equations,
    ) -> Outcome<&'e language::Expression> {
        let definitions = || {
            equations
                .statements
                .iter()
                .filter_map(|statement| match &statement.target {
                    Target::Definition(name) => Some((name.as_str(), &statement.expression)),
                    _ => None,
                })
        };
        let found = definitions().find(|(defined, _)| *defined == name);
        found.map(|(_, expression)| expression).ok_or_else(|| {
            let names = definitions().map(|(name, _)| name);
            let message = format!(
                "the {what} `{name}` is not defined: `{name} = ...` is missing in the equations{}",
                nearest(name, names)
            );
            Fault::at(at.clone(), message)
        })
    }
}
