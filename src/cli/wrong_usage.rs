//! What clap says of a wrong command line, in the form of all errors.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::{Error, UsageError};

/// Ends the program where help or the version was asked for; else what is wrong, and what to do.
pub(super) fn error_of(found: &clap::Error) -> Error {
    let is_help = matches!(
        found.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if is_help {
        found.exit();
    }
    let rendered = found.render().to_string();
    // The first paragraph says what is wrong, and what would be right where there are few choices.
    let first = rendered.split("\n\n").next().unwrap_or_default();
    let mut lines = first.lines().map(str::trim);
    let problem = lines.next().unwrap_or_default();
    let mut problem = problem
        .strip_prefix("error: ")
        .unwrap_or(problem)
        .to_owned();
    let mut choices = None;
    for line in lines {
        let line = line.trim_matches(['[', ']']);
        match line.strip_prefix("possible values: ") {
            Some(values) => choices = Some(format!("it is one of {values}")),
            None => problem += &format!(" {line}"),
        }
    }
    let hint = suggestion(found).or(choices).or_else(|| help(&rendered));
    UsageError::Conflict { problem, hint }.into()
}

/// The name that was probably meant.
fn suggestion(found: &clap::Error) -> Option<String> {
    let kinds = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let near = kinds.into_iter().find_map(|kind| found.get(kind))?;
    let near = match near {
        ContextValue::String(one) => one,
        ContextValue::Strings(all) => all.first()?,
        _ => return None,
    };
    Some(format!("did you mean {near:?}?"))
}

/// Where the command is explained.
fn help(rendered: &str) -> Option<String> {
    let usage = rendered.split("Usage: ").nth(1).unwrap_or("brainsweep");
    let is_word = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
    let command: Vec<&str> = usage.split_whitespace().take_while(is_word).collect();
    Some(format!("`{} --help` explains it", command.join(" ")))
}
