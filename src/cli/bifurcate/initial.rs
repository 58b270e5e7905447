//! Solutions as studies to start from: `--write-initial`.

use std::path::{Path, PathBuf};

use crate::branches::{Found, Point, Solution};
use crate::cli::output::note;
use crate::cli::target::TargetArgs;
use crate::error::{Error, Result};
use crate::io::atomic_write;
use crate::study::Study;
use crate::study::key;

/// Refuses a file that is there already, or a first one of several.
pub(super) fn check(file: &Path) -> Result<()> {
    match [file.to_path_buf(), numbered(file, 1)]
        .iter()
        .find(|path| path.exists())
    {
        Some(path) => Err(Error::exists(path)),
        None => Ok(()),
    }
}

/// Writes a study for each solution, with the `numbers` that were set beside the target's; says if
/// there was none.
pub(super) fn write(
    (target, numbers): (&TargetArgs, &[String]),
    found: &Found,
    study: &Study,
    file: &Path,
) -> Result<()> {
    let solutions: Vec<&Solution> = found.solutions_in_order().collect();
    if solutions.is_empty() {
        note("no branch has a solution at these values: no study to start from is written");
    }
    for (k, solution) in solutions.iter().enumerate() {
        let path = match solutions.len() {
            1 => file.to_path_buf(),
            _ => numbered(file, k + 1),
        };
        if path.exists() {
            return Err(Error::exists(&path));
        }
        let flags = [numbers, &flags(found, study, &solution.point)].concat();
        let text = target.to_toml(&flags)?;
        atomic_write(&path, text.as_bytes())?;
    }
    Ok(())
}

/// `FILE-2.toml` of `FILE.toml`.
fn numbered(file: &Path, number: usize) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = format!("{stem}-{number}");
    match file.extension() {
        Some(extension) => file.with_file_name(name).with_extension(extension),
        None => file.with_file_name(name),
    }
}

/// The keys that make a study start from a point: the numbers that vary, and every state of all nodes.
fn flags(found: &Found, study: &Study, point: &Point) -> Vec<String> {
    let numbers = found.varied.iter().zip(&point.parameters);
    let numbers = numbers.map(|(varied, value)| format!("{}={value:?}", varied.path));
    let n_states = study.model.states.len();
    let section = key::INITIAL.section();
    let states = study.model.states.iter().enumerate().map(|(k, state)| {
        let of_nodes: Vec<f64> = point
            .state
            .iter()
            .skip(k)
            .step_by(n_states)
            .copied()
            .collect();
        match of_nodes[..] {
            [only] => format!("{section}.{}={only:?}", state.name),
            _ => format!("{section}.{}={of_nodes:?}", state.name),
        }
    });
    numbers.chain(states).collect()
}
