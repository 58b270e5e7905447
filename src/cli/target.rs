//! What an analysis is of: flags that several commands share.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::io::model as file;
use crate::io::study::{self as studies, SHIPPED};
use crate::model::{self, MODELS};
use crate::study::Study;
use crate::sweep;

/// A model or a study, and changes to it.
#[derive(Debug, clap::Args)]
pub(super) struct TargetArgs {
    /// A model (`brainsweep models`, or a file with its text), a study file, or the name of a study that comes with the program.
    target: PathBuf,
    /// Set a number, or any key of the study, as often as needed: y_ext=-1, wEE=16, parameters.tau=15.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
}

impl TargetArgs {
    /// The study: that of the target, or a node of a model, with what is set.
    pub(super) fn study(&self) -> Result<Study> {
        let (keys, numbers): (Vec<&String>, Vec<&String>) = self
            .set
            .iter()
            .partition(|text| is_key(text.split('=').next().unwrap_or_default().trim()));
        let mut study = match named_model(&self.target)? {
            Some((name, model)) => {
                let mut flags = vec![format!("model={name:?}"), "connectome.nodes=1".into()];
                flags.extend(keys.into_iter().cloned());
                studies::parse("", model, Path::new(""), &flags)?
            }
            None => studies::load(Some(&self.target), &keys)?,
        };
        for text in numbers {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            let value = value.trim().parse().map_err(|_| {
                let rule = "a number is set as in y_ext=-1";
                Error::bad_value("--set", format!("{text:?}"), rule)
            })?;
            let path = path(&study, name.trim())?;
            study.set_number(&path, value)?;
        }
        Ok(study)
    }
}

/// What a study calls the model that `target` names, and the model's own name; `None` if it is a study.
fn named_model(target: &Path) -> Result<Option<(String, &'static str)>> {
    let name = target.to_string_lossy();
    if file::has_equations(target) {
        let model = file::load(target)?;
        return Ok(Some((name.into_owned(), model.name)));
    }
    if target.exists() || target.extension().is_some() || SHIPPED.iter().any(|s| s.name == name) {
        return Ok(None);
    }
    match model::find(&name) {
        Ok(model) => Ok(Some((model.name.into(), model.name))),
        Err(_) => {
            // The name of a coupling is told as such.
            if let Err(error @ Error::BadValue { .. }) = file::named(&name) {
                return Err(error);
            }
            let models = MODELS.iter().map(|model| model.name);
            let known = models.chain(SHIPPED.iter().map(|study| study.name));
            Err(Error::unknown("model or study", &name, known))
        }
    }
}

/// Whether a flag's name is a key of study files, and not a number by its short name.
fn is_key(name: &str) -> bool {
    name.contains('.') || ["name", "model", "integrator", "input"].contains(&name)
}

/// The path of a number as [`Study::set_number`] takes it.
pub(super) fn path(study: &Study, name: &str) -> Result<String> {
    let mut inputs = study.model.inputs.iter();
    match inputs.find(|input| input.symbol == name) {
        Some(input) => Ok(format!("input.{}", input.name)),
        None => sweep::resolve(study, name),
    }
}

/// Reads `LOW:HIGH`.
pub(super) fn range(flag: &str, text: &str) -> Result<[f64; 2]> {
    let parsed = text.split_once(':').and_then(|(low, high)| {
        let number = |part: &str| part.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        Some([number(low)?, number(high)?])
    });
    match parsed {
        Some([low, high]) if low < high => Ok([low, high]),
        _ => {
            let rule = "a range is written LOW:HIGH, two finite numbers, the lower one first";
            Err(Error::bad_value(flag, format!("{text:?}"), rule))
        }
    }
}
