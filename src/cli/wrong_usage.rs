//! What the command line asks for, or what is wrong with it, in the form of all errors.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use super::Cli;
use crate::error::{Error, Result, UsageError};

/// What a command line asks for.
pub enum Asked {
    /// A command.
    Work(Box<Cli>),
    /// Help or the version, to be printed.
    Help(clap::Error),
}

/// Reads the program's arguments, of which the first is the program.
///
/// # Errors
/// [`Error::Usage`] where they are wrong.
pub fn asked(arguments: &[OsString]) -> Result<Asked> {
    let command = negative_numbers_are_values(Cli::command());
    let matches = command.try_get_matches_from(arguments);
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => Ok(Asked::Work(Box::new(cli))),
        Err(found) => match is_help(&found) {
            true => Ok(Asked::Help(found)),
            false => Err(error_of(&found)),
        },
    }
}

/// Takes `-1` after a flag for its value, so that the flag itself says what it allows.
fn negative_numbers_are_values(command: clap::Command) -> clap::Command {
    let arguments = |argument: clap::Arg| {
        let takes_values = argument.get_action().takes_values();
        argument.allow_negative_numbers(takes_values)
    };
    command
        .mut_args(arguments)
        .mut_subcommands(negative_numbers_are_values)
}

/// Whether help or the version was asked for.
fn is_help(found: &clap::Error) -> bool {
    matches!(
        found.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// What is wrong, and what to do.
fn error_of(found: &clap::Error) -> Error {
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
