//! Where results go and how they are printed: flags that several commands share, stdout and stderr.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result, printable};
use crate::io::folder::NewFolder;
use crate::run::notes_of_data;
use crate::study::Study;

/// Whether a command prints for people or for other programs.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct PrintArgs {
    /// Print JSON, for other programs.
    #[arg(long, global = true)]
    json: bool,
}

impl PrintArgs {
    /// Whether JSON is asked for.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Prints the one of two forms of a result that is asked for.
    pub(super) fn print<J: Serialize>(
        self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> J,
    ) -> Result<()> {
        match self.json {
            true => print_json(&json()),
            false => print(&text()),
        }
    }
}

/// Where a folder of results goes, and how its summary is printed.
#[derive(Debug, clap::Args)]
pub struct OutputArgs {
    /// Folder for the results; left out: a new one in out/, named after the study and numbered.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the results in --out; a folder with anything else in it is left alone.
    #[arg(long, requires = "out")]
    pub force: bool,
    #[command(flatten)]
    pub(super) printed: PrintArgs,
}

impl OutputArgs {
    /// The folder for results: `--out`, or the first free of out/STEM-1, out/STEM-2, ... A command
    /// asks for it before the work, so that a place that cannot be written to is known at once.
    pub(super) fn folder(&self, stem: &str) -> Result<NewFolder> {
        let folder = match &self.out {
            Some(path) => NewFolder::named_or_beside(path, self.force)?,
            None => NewFolder::numbered(Path::new("out"), stem)?,
        };
        folder.note().into_iter().for_each(note);
        Ok(folder)
    }
}

/// How a command line names a study: its file or name, and the flags that set its keys.
pub(super) fn study_words(study: Option<&Path>, flags: &[String]) -> Vec<String> {
    let study = study.map(|path| path.display().to_string());
    let flags = flags.iter().flat_map(|flag| ["--set".into(), flag.clone()]);
    study.into_iter().chain(flags).collect()
}

/// The command line, as far as it is Unicode.
pub(super) fn command() -> Vec<String> {
    let arguments = super::entry::arguments();
    arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// Writes a result to stdout. A reader that has seen enough (`| head`) is not an error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("write", "standard output")(error))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON value to stdout.
pub(super) fn print_json(value: &impl Serialize) -> Result<()> {
    print(&serde_json::to_string_pretty(value).expect("plain values are JSON"))
}

/// Writes a remark to stderr; where nobody reads it, it is not needed.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "note: {}", printable(text));
}

/// Writes to stderr what is to be known of a study: keys without effect, and notes on its data.
pub(super) fn note_data(study: &Study) {
    let notes = study.notes.iter().cloned();
    notes
        .chain(notes_of_data(study))
        .for_each(|text| note(&text));
}
