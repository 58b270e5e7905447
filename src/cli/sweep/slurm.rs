//! Prints a script for Slurm that runs the sweep as an array of tasks.

use std::ffi::OsString;
use std::path::Path;

use super::Args;
use super::words::{quoted, without_head};
use crate::cli::entry;
use crate::cli::output::print;
use crate::error::{Error, Result};
use crate::run::StoredSweep;

/// CPUs of a task that is not told how many.
const CPUS: u32 = 4;

/// What the script asks Slurm for.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Slurm")]
pub(super) struct SlurmArgs {
    /// Print a script for sbatch that runs this sweep, and do nothing else.
    #[arg(long, requires = "out", conflicts_with_all = ["dry_run", "force", "shard"])]
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

/// A whole number above 0.
fn positive_count(text: &str) -> std::result::Result<u32, String> {
    match text.parse() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err("expected a whole number, 1 or more".into()),
    }
}

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

/// Prints the script that runs this command as an array of tasks.
pub(super) fn print_script(args: &Args, stored: &StoredSweep) -> Result<()> {
    let here = std::env::current_dir().map_err(Error::io("read", "the current folder"))?;
    let program = entry::program().map_err(Error::io("read", "the program's own path"))?;
    let arguments = entry::arguments().get(1..).unwrap_or_default();
    let out = args.output.out.as_deref().unwrap_or(Path::new(""));
    let name = &stored.sweep().base().name;
    print(&(args.slurm).script((&program, arguments), &here, (name, out))?)
}

#[cfg(test)]
mod tests {
    use super::*;

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
