//! Models of XPPAUT: an `.ode` file, translated to a text of ours.
//!
//! XPPAUT is described in Ermentrout (2002), Simulating, Analyzing, and Animating Dynamical Systems, SIAM. Of its files the common part
//! is taken: equations, parameters, starts, auxiliary and fixed quantities, functions, conditions, delays. What cannot be translated is
//! named line by line, and then there is no translation: half a model is none.
//!
//! Names are in lower case, since XPPAUT does not tell `V` from `v`; those that mean something to our language get a `_`. The first
//! variable gets an input, so that a network and noise can reach it: with no input the equations are those of the file.

mod expression;
mod lines;
mod write;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

use crate::error::Error;
use crate::model::{Model, plain_name};
use lines::{Item, Lines, Said, lines};
use write::{HELPERS, Kind, Names};

/// The largest file that is looked at, in bytes.
const LARGEST: usize = 200_000;
/// Lines with faults after which no more are looked for.
const ENOUGH: usize = 100;

/// A translated model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// The model's text.
    pub text: String,
    /// What was left out, renamed or may differ, in words.
    pub notes: Vec<String>,
}

/// What cannot be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

/// A line that cannot be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    /// From 1; `None` is the file as a whole.
    line: Option<usize>,
    text: String,
    message: String,
}

impl Faults {
    /// The lines, from 1.
    pub fn lines(&self) -> Vec<usize> {
        self.0.iter().filter_map(|fault| fault.line).collect()
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const SHOWN: usize = 80;
        const MOST: usize = 50;
        write!(f, "cannot be translated as it is; nothing was written")?;
        for fault in self.0.iter().take(MOST) {
            let cut: String = fault
                .text
                .chars()
                .filter(|c| !c.is_control())
                .take(SHOWN)
                .collect();
            match fault.line {
                Some(line) => write!(f, "\n  line {line}: {cut}\n    {}", fault.message)?,
                None => write!(f, "\n  {}", fault.message)?,
            }
        }
        match self.0.len() {
            n if n > MOST => write!(f, "\n  and more"),
            _ => Ok(()),
        }
    }
}

/// The model that the text of an .ode file describes, called after `name`; `file` is what its text calls the file.
///
/// # Errors
/// Every line that cannot be translated.
pub fn translate(text: &str, name: &str, file: &str) -> Result<Translated, Faults> {
    if text.len() > LARGEST {
        return Err(Faults(vec![Fault {
            line: None,
            text: String::new(),
            message: format!("more than {LARGEST} bytes are no model of a node"),
        }]));
    }
    let name = &plain_name(name);
    let read = lines(text);
    let first = Translation::of(&read, name, file, false)?;
    match Model::read(name, &first.text) {
        Ok(_) => Ok(first),
        Err(error) => {
            // An exponent that is a function's argument may vary.
            let second = Translation::of(&read, name, file, true)?;
            match Model::read(name, &second.text) {
                Ok(_) => Ok(second),
                Err(_) => Err(unread(&error)),
            }
        }
    }
}

/// Of a translation that our own reader does not take.
fn unread(error: &Error) -> Faults {
    let (message, excerpt) = match error {
        Error::Text(error) => (error.message.clone(), error.place.excerpt.as_str()),
        other => (other.to_string(), ""),
    };
    let shown = excerpt
        .lines()
        .next()
        .and_then(|line| line.split_once(" | "))
        .map_or("", |(_, line)| line);
    Faults(vec![Fault {
        line: None,
        text: String::new(),
        message: format!("{message}, in the translated line `{shown}`"),
    }])
}

/// What is collected for the text.
struct Translation<'a> {
    read: &'a Lines,
    names: Names,
    faults: Vec<Fault>,
    equations: Vec<String>,
}

impl<'a> Translation<'a> {
    fn of(
        read: &'a Lines,
        name: &str,
        file: &str,
        by_logarithms: bool,
    ) -> Result<Translated, Faults> {
        let mut translation = Self {
            read,
            names: Names::new(by_logarithms, &read.faults),
            faults: read.faults.clone(),
            equations: Vec::new(),
        };
        translation.collect_names();
        translation.check_starts();
        let input = translation.write_equations();
        translation.faults.sort_by_key(|fault| fault.line);
        if !translation.faults.is_empty() {
            return Err(Faults(translation.faults));
        }
        Ok(translation.text(name, file, &input))
    }

    fn fault(&mut self, item: &Item, message: String) {
        let text = item.text.to_string();
        self.faults.push(Fault {
            line: Some(item.line),
            text,
            message,
        });
    }

    fn collect_names(&mut self) {
        let mut first_line = BTreeMap::new();
        for item in &self.read.items {
            let (kind, what) = match &item.said {
                Said::Equation(_) => (Kind::State, "a variable"),
                Said::Fixed(_) => (Kind::Quantity, "a fixed quantity"),
                Said::Aux(_) => (Kind::Quantity, "an auxiliary quantity"),
                Said::Derived(_) => (Kind::Derived, "a derived parameter"),
                Said::Function(arguments, _) => (Kind::Function(arguments.len()), "a function"),
                Said::Parameter(..) => (Kind::Parameter, "a parameter"),
                Said::Initial(_) => continue,
            };
            if let Some((line, earlier)) = first_line.get(&item.name) {
                let hint = match item.text.chars().any(char::is_uppercase) {
                    true => "; XPPAUT does not tell upper from lower case",
                    false => "",
                };
                self.fault(
                    item,
                    format!("`{}` is {earlier} already (line {line}){hint}", item.name),
                );
                continue;
            }
            if item.name == "t" || item.name == "pi" {
                self.fault(
                    item,
                    format!(
                        "`{}` means something to XPPAUT; choose another name",
                        item.name
                    ),
                );
                continue;
            }
            first_line.insert(item.name.clone(), (item.line, what));
            let ours = self.names.free(&item.name);
            if ours != item.name {
                self.names.notes.insert(format!(
                    "`{}` means something here and is called `{ours}`",
                    item.name
                ));
            }
            self.names.add(&item.name, ours, kind);
        }
        if !self
            .read
            .items
            .iter()
            .any(|item| matches!(item.said, Said::Equation(_)))
        {
            self.faults.push(Fault {
                line: None,
                text: String::new(),
                message: "there is no equation: `x' = ...` or `dx/dt = ...`".into(),
            });
        }
    }

    fn check_starts(&mut self) {
        for item in &self.read.items {
            if let Said::Initial(_) = item.said
                && !matches!(self.names.known.get(&item.name), Some((_, Kind::State)))
            {
                self.fault(item, format!("`{}` has a start and no equation", item.name));
            }
        }
    }

    /// The lines of the equations; gives the name of the input of the first variable.
    fn write_equations(&mut self) -> String {
        let mut input = String::new();
        for item in &self.read.items {
            if self.faults.len() > ENOUGH {
                break;
            }
            let ours = self
                .names
                .known
                .get(&item.name)
                .map_or(String::new(), |(ours, _)| ours.clone());
            let (node, arguments) = match &item.said {
                Said::Equation(node)
                | Said::Fixed(node)
                | Said::Derived(node)
                | Said::Aux(node) => (node, Vec::new()),
                Said::Function(arguments, node) => {
                    let renamed = arguments.iter().map(|argument| {
                        let mut ours = argument.clone();
                        let is_other = |ours: &String| ours != argument && arguments.contains(ours);
                        while !self.names.can_be_argument(argument, &ours) || is_other(&ours) {
                            ours.push('_');
                        }
                        (argument.clone(), ours)
                    });
                    (node, renamed.collect())
                }
                Said::Parameter(..) | Said::Initial(_) => continue,
            };
            if let Said::Derived(node) = &item.said
                && !self.names.is_constant(node, &[])
                && self.names.write(node, &[]).is_ok()
            {
                self.fault(
                    item,
                    "a derived parameter depends on parameters alone".into(),
                );
                continue;
            }
            let written = match self.names.write(node, &arguments) {
                Ok(written) => written,
                Err(message) => {
                    self.fault(item, message);
                    continue;
                }
            };
            self.equations.push(match &item.said {
                Said::Equation(_) if input.is_empty() => {
                    input = self.names.free(&format!("{ours}_ext"));
                    format!("d{ours}/dt = {written} + {input}")
                }
                Said::Equation(_) => format!("d{ours}/dt = {written}"),
                Said::Function(..) => {
                    let names: Vec<&str> =
                        arguments.iter().map(|(_, ours)| ours.as_str()).collect();
                    format!("{ours}({}) = {written}", names.join(", "))
                }
                _ => format!("{ours} = {written}"),
            });
        }
        let helpers = HELPERS
            .iter()
            .filter(|(helper, _)| self.names.helpers.contains(helper));
        self.equations
            .extend(helpers.map(|(_, line)| (*line).to_owned()));
        input
    }

    fn text(self, name: &str, file: &str, input: &str) -> Translated {
        let Self {
            read,
            names,
            equations,
            ..
        } = self;
        let ours = |item: &Item| names.known[&item.name].0.clone();
        let title = read
            .title
            .as_deref()
            .map_or_else(|| format!("translated from {file}"), str::to_owned);
        let mut notes = read.notes.clone();
        notes.extend(names.notes.iter().cloned());
        let mut about = format!(
            "Translated from {file}. Time, whose unit the file does not say, is in ms here. {input} is not in the file: it is 0 unless \
             a study, a network or noise sets it."
        );
        for note in &names.notes {
            about += &format!(" {}.", capital(note));
        }
        let mut text = format!(
            "# Translated from {} by `brainsweep models import`.\n",
            plain(file)
        );
        if !read.study.is_empty() {
            _ = writeln!(
                text,
                "# Of the study, in XPPAUT's words: {}",
                plain(&read.study.join(", "))
            );
        }
        _ = write!(
            text,
            "\nname = {}\nfamily = \"translated from XPPAUT\"\nsummary = {}\nnotes = {}\n\nequations = \"\"\"\n{}\n\"\"\"\n\n[states]\n",
            quoted(name),
            quoted(&title),
            quoted(&about),
            equations.join("\n")
        );
        let starts = read.items.iter().filter_map(|item| match item.said {
            Said::Initial(value) => Some((item.name.as_str(), value)),
            _ => None,
        });
        let starts: BTreeMap<&str, f64> = starts.collect();
        let items = |of: fn(&Said) -> bool| read.items.iter().filter(move |item| of(&item.said));
        for item in items(|said| matches!(said, Said::Equation(_))) {
            let start = starts.get(item.name.as_str()).copied().unwrap_or(0.0);
            _ = writeln!(
                text,
                "{} = {{ unit = \"1\", start = {start:?}, meaning = \"variable, line {}\" }}",
                ours(item),
                item.line
            );
        }
        text += "\n[parameters]\n";
        for item in items(|said| matches!(said, Said::Parameter(..))) {
            if let Said::Parameter(value, kind) = item.said {
                _ = writeln!(
                    text,
                    "{} = {{ unit = \"1\", default = {value:?}, meaning = \"{kind}, line {}\" }}",
                    ours(item),
                    item.line
                );
            }
        }
        for (delay, value) in &names.delays {
            _ = writeln!(
                text,
                "{delay} = {{ unit = \"ms\", default = {value:?}, range = \"non-negative\", meaning = \"delay, written as a number in the file\" }}"
            );
        }
        let first = items(|said| matches!(said, Said::Equation(_)))
            .next()
            .map(ours)
            .unwrap_or_default();
        _ = write!(
            text,
            "\n[inputs]\n{input} = {{ unit = \"1/ms\", meaning = \"input to {first}, which the file does not have\" }}\n"
        );
        let mut aux = items(|said| matches!(said, Said::Aux(_))).peekable();
        if aux.peek().is_some() {
            text += "\n[outputs]\n";
        }
        for item in aux {
            _ = writeln!(
                text,
                "{} = {{ unit = \"1\", meaning = \"auxiliary quantity, line {}\" }}",
                ours(item),
                item.line
            );
        }
        _ = write!(
            text,
            "\n[coupling]\ntransmits = \"{first}\"\nreceives = \"{input}\"\n"
        );
        Translated { text, notes }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Without what a comment or a text in quotes cannot hold.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        plain(text).replace('\\', "\\\\").replace('"', "\\\"")
    )
}
