//! Prints a script for Slurm that runs the sweep as an array of tasks.

use std::ffi::OsString;
use std::path::Path;

use crate::cli::positive_count;
use crate::error::{Error, Result};

/// CPUs of a task that is not told how many.
const CPUS: u32 = 4;

/// What the script asks Slurm for.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Slurm")]
pub(super) struct SlurmArgs {
    /// Print a script for sbatch that runs this sweep, and do nothing else.
    #[arg(long, requires = "out", conflicts_with_all = ["dry_run", "force"])]
    slurm: bool,
    /// Tasks that share the work.
    #[arg(long, value_name = "N", requires = "slurm", default_value = "1", value_parser = positive_count)]
    array: u32,
    /// The most time a task may take, as sbatch writes it: 30, 1:00:00, 2-12:00; left out: what the cluster sets.
    #[arg(long, value_name = "TIME", requires = "slurm", value_parser = time)]
    time: Option<String>,
    /// CPUs of a task, each a thread; left out: 4.
    #[arg(long, value_name = "N", requires = "slurm", value_parser = positive_count)]
    cpus: Option<u32>,
    /// Any other option of sbatch, as often as needed: --sbatch=--partition=short --sbatch=--mem=8G.
    #[arg(long, value_name = "OPTION", requires = "slurm", allow_hyphen_values = true, value_parser = option)]
    sbatch: Vec<String>,
}

/// Flags that the script says in its head, with a value of their own or without.
const HEAD: [(&str, bool); 5] = [
    ("--slurm", false),
    ("--array", true),
    ("--time", true),
    ("--cpus", true),
    ("--sbatch", true),
];

/// A limit of time as sbatch takes it.
fn time(text: &str) -> std::result::Result<String, String> {
    let days = text.split_once('-');
    let (days, rest) = days.map_or((None, text), |(days, rest)| (Some(days), rest));
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let parts = rest.split(':').count();
    match days.is_none_or(is_number) && parts <= 3 && rest.split(':').all(is_number) {
        true => Ok(text.into()),
        false => Err("it is written M, H:M:S, D-H or D-H:M:S, as in 1:00:00".into()),
    }
}

/// An option of sbatch.
fn option(text: &str) -> std::result::Result<String, String> {
    match text.starts_with('-') && !text.chars().any(char::is_control) {
        true => Ok(text.into()),
        false => Err("it is written as sbatch takes it, as in --sbatch=--partition=short".into()),
    }
}

impl SlurmArgs {
    /// Whether the script is asked for.
    pub fn is_wanted(&self) -> bool {
        self.slurm
    }

    /// The script, for the program at `program` with these `arguments` in the folder `here`, for a study of this `name`.
    ///
    /// # Errors
    /// [`Error::Usage`] if something of it is no Unicode, or has a line break.
    pub fn script(
        &self,
        (program, arguments): (&Path, &[OsString]),
        here: &Path,
        (name, out): (&str, &Path),
    ) -> Result<String> {
        let text = |what: &std::ffi::OsStr| match what.to_str() {
            Some(text) if !text.contains(['\n', '\r', '\0']) => Ok(quoted(text)),
            _ => {
                let problem = format!("{:?} cannot stand in a script", what.to_string_lossy());
                let hint = "use names without line breaks, in Unicode";
                Err(Error::usage(problem, hint))
            }
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = name.chars().map(plain).collect();
        let store = text(here.join(out).as_os_str())?;
        let mut head = vec![format!("--job-name={name}")];
        let log = match self.array {
            1 => format!("--output={name}-%j.log"),
            n => {
                head.push(format!("--array=1-{n}"));
                format!("--output={name}-%A_%a.log")
            }
        };
        head.extend(self.time.iter().map(|time| format!("--time={time}")));
        head.push("--ntasks=1".into());
        head.push(format!("--cpus-per-task={}", self.cpus.unwrap_or(CPUS)));
        head.extend(["--requeue".into(), "--open-mode=append".into(), log]);
        head.extend(self.sbatch.iter().cloned());
        let head: Vec<String> = head.iter().map(|line| format!("#SBATCH {line}")).collect();
        let mut command = vec![text(program.as_os_str())?];
        let arguments = without_head(arguments);
        let arguments = arguments.iter().map(|argument| text(argument));
        command.extend(arguments.collect::<Result<Vec<_>>>()?);
        Ok(format!(
            "#!/bin/bash
# Fills {store}
# Tasks share the work by what they find there: each may be killed, requeued, or joined by others at
# any time. `brainsweep status` says how far they are. Submit this with `sbatch FILE`.
{}
set -euo pipefail
cd {}
# As many threads as SLURM_CPUS_PER_TASK says.
exec {}",
            head.join("\n"),
            text(here.as_os_str())?,
            command.join(" "),
        ))
    }
}

/// The arguments of the program without those that the script's head says.
fn without_head(arguments: &[OsString]) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut is_value = false;
    for argument in arguments {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let text = argument.to_string_lossy();
        let flag = text.split('=').next().unwrap_or_default();
        match HEAD.iter().find(|(name, _)| *name == flag) {
            Some((_, takes_value)) => is_value = *takes_value && !text.contains('='),
            None => kept.push(argument.clone()),
        }
    }
    kept
}

/// An argument as a shell takes it.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-+=:,./@%^".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_head_says_is_not_said_again() {
        let words = |text: &str| -> Vec<OsString> { text.split(' ').map(OsString::from).collect() };
        let all = "sweep s.toml --slurm --array 16 --vary g=0:2:41 --time=1:00:00 --cpus 2 --sbatch --mem=8G --out z";
        let kept = without_head(&words(all));
        assert_eq!(kept, words("sweep s.toml --vary g=0:2:41 --out z"));
    }

    #[test]
    fn arguments_survive_a_shell() {
        for (text, expected) in [
            ("g=0:2:41", "g=0:2:41"),
            ("alpha[12]=2:4", "'alpha[12]=2:4'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a b", "'a b'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn times_are_those_of_sbatch() {
        for good in ["30", "1:00", "1:00:00", "2-12", "2-12:00", "2-12:00:00"] {
            assert_eq!(time(good).as_deref(), Ok(good));
        }
        for wrong in ["", "1h", "1:00:00:00", "-12", "2-", "1::2", "1\n"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
