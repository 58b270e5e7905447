//! What an analysis is of: flags that several commands share.

use std::path::{Path, PathBuf};

use super::output::note;
use crate::error::{Error, Result};
use crate::io::model as file;
use crate::io::study::{self as studies, SHIPPED};
use crate::model::{self, MODELS};
use crate::study::Study;
use crate::study::key::{self, Purpose};

/// A model or a study, and changes to it.
#[derive(Debug, clap::Args)]
pub(super) struct TargetArgs {
    /// A model (`brainsweep models`, or a file with its text), a study file, or the name of a study that comes with the program.
    target: PathBuf,
    /// Set a key of the study (`brainsweep keys`), as often as needed: y_ext=-1, wEE=16, parameters.tau=15.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
}

impl TargetArgs {
    /// The study: that of the target, or a node of a model, with what is set.
    pub(super) fn study(&self) -> Result<Study> {
        let purpose = Purpose::SetInContinuation;
        let study = study_of(&self.target, &self.set, purpose)?;
        for text in &self.set {
            let name = text.split('=').next().unwrap_or_default().trim();
            let number = key::resolve(&study, name, purpose).ok();
            let number = number.and_then(|address| address.number);
            if let Some(number) = number.filter(|number| !number.acts_on_branches(&study)) {
                let path = number.path(&study);
                note(&format!(
                    "{path} has no effect here: no equilibrium, cycle or delay depends on it"
                ));
            }
        }
        Ok(study)
    }

    /// The study with some more keys set, as the text of a study file that stands for itself.
    pub(super) fn to_toml(&self, more: &[String]) -> Result<String> {
        let purpose = Purpose::SetInContinuation;
        let mut flags = Vec::new();
        let model = named_model(&self.target)?;
        if let Some((name, _)) = &model {
            flags.extend(flags_of_model(name));
        }
        flags.extend(self.set.iter().chain(more).cloned());
        match model {
            Some((_, model)) => studies::flags_to_toml(model, &flags, purpose),
            None => studies::to_toml_for(Some(&self.target), &flags, purpose),
        }
    }
}

/// What a study says that is one node of a model.
pub fn flags_of_model(name: &str) -> [String; 2] {
    [
        format!("{}={name:?}", key::MODEL.path),
        format!("{}=1", key::NODES.path),
    ]
}

/// The study that `target` names, or a node of the model that it names, with what is `set`.
pub(super) fn study_of(target: &Path, set: &[String], purpose: Purpose) -> Result<Study> {
    match named_model(target)? {
        Some((name, model)) => {
            let mut flags = flags_of_model(&name).to_vec();
            flags.extend(set.iter().cloned());
            studies::parse_for("", model, Path::new(""), &flags, purpose)
        }
        None => Ok(studies::load_for(Some(target), set, purpose)?.0),
    }
}

/// What a study calls the model that `target` names, and the model's own name; `None` if it is a study.
pub fn named_model(target: &Path) -> Result<Option<(String, &'static str)>> {
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
            if let Err(error @ Error::Usage(_)) = file::named(&name) {
                return Err(error);
            }
            let models = MODELS.iter().map(|model| model.name);
            let known = models.chain(SHIPPED.iter().map(|study| study.name));
            Err(Error::unknown("model or study", &name, known))
        }
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
            let hint = "write a range as LOW:HIGH, two finite numbers, the lower one first";
            Err(Error::malformed(flag, text, hint))
        }
    }
}
