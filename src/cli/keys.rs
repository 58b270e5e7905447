//! `brainsweep keys`: the keys of a study, explained.

mod explained;
mod numbers;

use std::path::PathBuf;

use serde_json::Value as Json;

use explained::{explained, json_of};

use super::output::PrintArgs;
use super::target::study_of;
use crate::error::{Error, Result};
use crate::study::key::{KEYS, Key, Purpose, ends_so};

/// Arguments of `brainsweep keys`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep keys                          every key, explained
  brainsweep keys coupling                 those of a section
  brainsweep keys speed                    one key; the end of it will do
  brainsweep keys --of wilson-cowan        every number of a model, with its value
  brainsweep keys tau --of hcp_network     those of a study whose keys end so

Where a command takes a key (--set, --vary, [sweep]), the end of it will do if no other
key that serves there ends so: g for coupling.g, x_ext for input.x, alpha[12] for node
12 of parameters.alpha.")]
pub struct Args {
    /// A key, the end of one, or a section; left out: all.
    name: Option<String>,
    /// List the numbers of a study or model (name or file) with their values.
    #[arg(long, value_name = "STUDY|MODEL")]
    of: Option<PathBuf>,
    #[command(flatten)]
    printed: PrintArgs,
}

/// Lists keys.
///
/// # Errors
/// [`Error::Unknown`] for a name that no key has, and bad studies.
pub(super) fn run(args: Args) -> Result<()> {
    let name = args.name.as_deref().unwrap_or_default();
    match &args.of {
        Some(target) => {
            let study = study_of(target, &[], Purpose::Set)?;
            numbers::list(&study, name, args.printed)
        }
        None => rows(name, args.printed),
    }
}

/// The rows of the table.
fn rows(name: &str, printed: PrintArgs) -> Result<()> {
    let fits = |path: &str| matches(path, name);
    let found: Vec<&Key> = KEYS.iter().copied().filter(|key| fits(key.path)).collect();
    if found.is_empty() {
        let known = KEYS.iter().map(|key| key.path);
        return Err(Error::unknown("key", name, known));
    }
    let text = || {
        let all: Vec<String> = found.iter().map(|key| explained(key)).collect();
        all.join("\n")
    };
    let json = || -> Vec<Json> { found.iter().map(|key| json_of(key)).collect() };
    printed.print(text, json)
}

/// Whether a key is `name`, ends so, or stands in the section `name`.
fn matches(path: &str, name: &str) -> bool {
    name.is_empty() || ends_so(path, name) || path.starts_with(&format!("{name}."))
}

/// Where the reference page is made.
#[cfg(test)]
mod tests {
    use super::*;

    /// The page is what the table says. To write it anew: `UPDATE=1 cargo test --lib keys`.
    #[test]
    fn the_reference_page_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        let made = crate::study::key::reference(KEYS);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), made);
    }

    #[test]
    fn a_name_is_a_key_an_end_or_a_section() {
        assert!(matches("a.b_c", "a.b_c") && matches("a.b_c", "c") && matches("a.b_c", "a"));
        assert!(!matches("a.b_c", "b") && !matches("a.bc", "c") && matches("a.b", ""));
    }
}
