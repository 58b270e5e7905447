//! What texts of models and of couplings have in common: name, summary, equations.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::language::{self, Fault, Statement};
use crate::model::section::{Outcome, Section};
use crate::model::symbols::kept;

/// The name of a model or coupling.
pub(crate) fn name<'t>(top: &Section<'t>) -> Outcome<&'t str> {
    let what = top.name.trim_start_matches("a ");
    let name = top.get("name").ok_or_else(|| {
        let why = format!("it is what studies and results call the {what}");
        top.missing("name", &why)
    })?;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let text = name.text()?;
    if text.is_empty() || !text.chars().all(is_plain) {
        let message = format!("a {what}'s name is of lower case letters, digits and hyphens");
        return Err(Fault::at(name.value.span(), message));
    }
    Ok(text)
}

/// The line that says what a model or coupling is.
pub(crate) fn summary(top: &Section) -> Outcome<&'static str> {
    let why = format!(
        "one line on what the {} is",
        top.name.trim_start_matches("a ")
    );
    let summary = top
        .text("summary")?
        .ok_or_else(|| top.missing("summary", &why))?;
    Ok(kept(summary.trim()))
}

/// The text as TOML.
pub(crate) fn document(text: &str) -> Outcome<Spanned<DeTable<'_>>> {
    DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        let message = format!("not valid TOML: {}", error.message().replace('\n', ", "));
        Fault::at(at, message)
    })
}

/// The statements, and the text that they were read from.
pub(crate) struct Equations {
    pub(crate) written: String,
    pub(crate) statements: Vec<Statement>,
    at: Range<usize>,
    /// Where the text of the equations begins in the whole; `None` if it was written with escapes.
    offset: Option<usize>,
}

impl Equations {
    pub(crate) fn place(&self, fault: Fault) -> Fault {
        match self.offset {
            Some(offset) => fault.moved(offset),
            None => Fault::at(self.at.clone(), fault.message),
        }
    }
}

/// The equations of a text; `why` it needs them.
pub(crate) fn equations(top: &Section, text: &str, why: &str) -> Outcome<Equations> {
    let entry = top
        .get("equations")
        .ok_or_else(|| top.missing("equations", why))?;
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
