//! Study files: TOML text to a [`Study`], with `--set` flags mixed in, and back to plain values for manifests.
//!
//! Times are in ms, lengths in mm, speeds in mm/ms. Every key may be left out.
//!
//! | key | holds | left out |
//! |---|---|---|
//! | `name` | what the output is called after | the file's name |
//! | `model` | a name from `brainsweep models`, or a file `mine.toml` | `fitzhugh-nagumo` |
//! | `integrator` | `exponential-euler`, `euler`, `heun`, `rk4` | `exponential-euler` |
//! | `parameters.NAME` | per node | the model's default |
//! | `connectome.file` | npz or other connectome file | the embedded HCP data, 80 regions |
//! | `connectome.nodes` | that many uncoupled nodes, in place of a file | |
//! | `connectome.weights`, `tract_lengths`, `functional`, `labels` | keys in the file | the usual spellings; names also from `NAME_labels.txt` beside `NAME.npz` |
//! | `connectome.delay_steps` | key of delays in steps, in place of tract lengths | |
//! | `connectome.orientation` | `target-source` (row receives) or `source-target` | `target-source` |
//! | `connectome.tract_orientation` | the same, for lengths or delays | as `orientation` |
//! | `connectome.symmetric` | `upper`, `lower`: that half of weights, lengths or delays, mirrored; `as-is`: one-way connections stay so | `auto`: a matrix with entries in one half only is mirrored |
//! | `connectome.normalise` | `none`, `max`, `row-sum`, `spectral-radius`; without a file, of the HCP data | `none` |
//! | `coupling.kind` | a name from `data/couplings`, a file `mine.toml`, or `none` | the model's, else `diffusive`; always `none` between uncoupled nodes |
//! | `coupling.g`, `coupling.NAME` | per node; a parameter of the coupling | its default; `g` is 1 |
//! | `coupling.source`, `coupling.target` | states or outputs that are transmitted, inputs that hear them | the model's |
//! | `[[coupling]]` | several couplings, each with a `kind` and a `name` (its kind's where there is none) for `coupling.NAME.g`; all add up | |
//! | `coupling.conduction_speed` | mm/ms; `inf`: no delay line | 20; `inf` without distances |
//! | `coupling.delay_rounding` | `nearest`, `truncate` | `nearest` |
//! | `coupling.delay_reads` | `x[n-d]`, `x[n-1-d]` | `x[n-d]` |
//! | `input`, `input.NAME` | per node; a bare `input` is the model's first | 0 |
//! | `noise.kind` | `ornstein-uhlenbeck`, `white`, `none` | `none` without `[noise]`, else `ornstein-uhlenbeck` |
//! | `noise.tau` | correlation time, ms | 5 |
//! | `noise.mean.NAME`, `noise.sigma.NAME` | per node; of a state (white) or an input (Ornstein-Uhlenbeck) | 0 |
//! | `noise.replay` | `{ file = "z.npz", x = "zx" }`: stored normals `[n_steps, n_nodes]` | drawn |
//! | `initial.STATE` | per node, or `{ uniform = [low, high] }` | the model's start |
//! | `initial.history.SIGNAL` | what is transmitted before t = 0: as `initial.STATE`, or a file `[n_rows, n_nodes]` | as its start, drawn afresh |
//! | `initial.feedback`, `initial.feedback.SIGNAL` | per node; delayed self feedback before t = 0 | 0 |
//! | `protocol.duration`, `dt` | ms | 6000, 0.1 |
//! | `protocol.seed` | whole number | 0 |
//! | `protocol.simulation` | which of the seed's independent simulations | 0 |
//! | `protocol.transient` | ms left out of the measures | 0 |
//! | `record.states` | list of states and outputs | the first state |
//! | `record.every` | ms, a multiple of `dt` | `dt` |
//! | `sweep.vary` | table of numbers to vary: `"coupling.g" = "0:2:41"`, `"a:b:n:log"`, or a list | none |
//! | `sweep.zip` | `true`: lists are walked together | `false`: a grid |
//! | `sweep.sample` | `sobol:4096`, `random:4096`, `lhs:4096` over ranges `"a:b"` | a grid |
//! | `sweep.seeds` | replicas per point | 1 |
//! | `sweep.every` | ms between the samples that are measured | 1, or `dt` if longer |
//! | `sweep.keep` | list of `fc`, states and outputs | nothing but measures |
//!
//! *Per node* is a number, a list of `n_nodes` numbers, or `{ file = "p.npz", key = "alpha" }` (npz with a key; npy, csv, tsv and txt without).
//! File paths are relative to the study file, in flags to the working folder.

mod coupling;
mod describe;
mod document;
mod overrides;
mod read;
mod resolve;
mod schema;
mod shipped;
mod sweep;
mod wiring;

use std::path::Path;

pub use describe::to_json;
pub use shipped::{SHIPPED, Shipped};

use crate::error::{Error, Result};
use crate::io::model::Kind;
use crate::study::Study;
use crate::sweep::Description;
use document::{Item, Origin, Value};
use overrides::Override;

/// Reads the study that a user names: a file, or a shipped study by its name with or without `.toml` (a file of that name comes first).
/// `None` is the shipped `hcp_network`. `flags` are `KEY=VALUE` texts, applied in order.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Unknown`] if it is neither a file nor shipped, [`Error::Study`] with file and line
/// (or the flag) for anything in it that is not right.
pub fn load<S: AsRef<str>>(study: Option<&Path>, flags: &[S]) -> Result<Study> {
    Ok(load_sweep(study, flags)?.0)
}

/// [`load`], and what the study's `[sweep]` table asks for.
///
/// # Errors
/// As [`load`].
pub fn load_sweep<S: AsRef<str>>(
    study: Option<&Path>,
    flags: &[S],
) -> Result<(Study, Description)> {
    let path = study.unwrap_or(Path::new("hcp_network"));
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("study");
    if study.is_some() && path.exists() {
        let text = read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let origin = Origin::whole(path.display().to_string(), folder);
        return interpret(&text, stem, origin, flags).map_err(|error| {
            let kind = Kind::with_equations(&text);
            kind.map_or(error, |kind| kind.instead_of(Kind::Study, path))
        });
    }
    let shipped = shipped::find(path)?;
    let origin = Origin::whole(format!("{}.toml (shipped)", shipped.name), Path::new(""));
    interpret(shipped.text, shipped.name, origin, flags)
}

fn read(path: &Path) -> Result<String> {
    let wrong = |what: &str| {
        Error::data(
            path,
            format!(
                "{what}; a study is a TOML text file, `brainsweep --help` lists those that come along"
            ),
        )
    };
    if path.is_dir() {
        return Err(wrong("is a folder"));
    }
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    String::from_utf8(bytes).map_err(|_| wrong("is no text in UTF-8"))
}

/// Reads a study from text. `name` is what it and its errors are called, `folder` what its file paths are relative to.
///
/// # Errors
/// As [`load`].
pub fn parse<S: AsRef<str>>(text: &str, name: &str, folder: &Path, flags: &[S]) -> Result<Study> {
    Ok(interpret(text, name, Origin::whole(name, folder), flags)?.0)
}

fn interpret<S: AsRef<str>>(
    text: &str,
    name: &str,
    origin: Origin,
    flags: &[S],
) -> Result<(Study, Description)> {
    let lines = Origin {
        line: Some(1),
        ..origin
    };
    let mut document = Item::parse_document(text, &lines)?;
    let flags = flags.iter().map(|flag| Override::parse(flag.as_ref()));
    let mut flags = flags.collect::<Result<Vec<_>>>()?;
    spread_input(&mut document, &mut flags)?;
    coupling::name_list(&mut document)?;
    for flag in flags {
        flag.apply(&mut document);
        coupling::name_list(&mut document)?;
    }
    let study = resolve::study(&document, name)?;
    Ok((study, sweep::description(&document)?))
}

/// Turns every bare `input = 0.8` into `input.x = 0.8`, x being the first input, so that flags can change one and leave the others.
fn spread_input(document: &mut Item, flags: &mut [Override]) -> Result<()> {
    // `{ file, key }` holds numbers; every other table holds states.
    let is_file = |entries: &[(String, Item)]| entries.iter().any(|(key, _)| key == "file");
    let bare = |value: &Value| !matches!(value, Value::Table(entries) if !is_file(entries));
    let is_model = |flag: &&Override| flag.parts == ["model"];
    let mut named = document.clone();
    if let Some(flag) = flags.iter().rfind(is_model) {
        flag.clone().apply(&mut named);
    }
    let Some(first) = resolve::model_of(&named)?.inputs.first() else {
        return Ok(());
    };
    let first = first.name;
    if let Value::Table(entries) = &mut document.value {
        for (_, item) in entries
            .iter_mut()
            .filter(|(key, item)| key == "input" && bare(&item.value))
        {
            let mut inner = item.clone();
            inner.key = document::join("input", first);
            item.value = Value::Table(vec![(first.into(), inner)]);
        }
    }
    for flag in flags
        .iter_mut()
        .filter(|flag| flag.parts == ["input"] && bare(&flag.item.value))
    {
        flag.parts.push(first.into());
        flag.item.key = document::join("input", first);
    }
    Ok(())
}
