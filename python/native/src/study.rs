//! A study as Python holds it: where it is read from, and what is set in it.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::data::{Told, connectome_of};
use crate::raise::{Raised, note};
use brainsweep::cli::target::{flags_of_model, named_model};
use brainsweep::error::{Result, StudyError};
use brainsweep::io::study::{self as studies, Read};
use brainsweep::run::notes_of_data;
use brainsweep::study::Values;
use brainsweep::study::key::{self, Purpose};

/// What a study is read from.
#[derive(Clone)]
enum Source {
    /// A file, or a study that comes along; none is hcp_network.
    Named(Option<PathBuf>),
    /// A text, what it is called, and the folder of its paths.
    Text(String, String, PathBuf),
}

/// A study that was read and checked.
#[pyclass(frozen, module = "brainsweep._native")]
pub(crate) struct Study {
    source: Source,
    flags: Vec<String>,
    pub(crate) study: brainsweep::study::Study,
}

impl Study {
    fn new(py: Python<'_>, source: Source, flags: Vec<String>) -> PyResult<Self> {
        let read = read(&source, &flags, Purpose::Set).raised(py)?;
        let study = read.study;
        let notes = study.notes.iter().cloned();
        note(py, notes.chain(notes_of_data(&study)))?;
        Ok(Self {
            source,
            flags,
            study,
        })
    }

    /// Everything that it says, its short keys meant to serve the `purpose`, with some flags more.
    pub(crate) fn read(&self, more: &[String], purpose: Purpose) -> Result<Read> {
        read(&self.source, &[&self.flags, more].concat(), purpose)
    }

    /// What a report calls it.
    pub(crate) fn called(&self) -> String {
        match &self.source {
            Source::Named(Some(path)) => path.display().to_string(),
            _ => self.study.name.clone(),
        }
    }
}

fn read(source: &Source, flags: &[String], purpose: Purpose) -> Result<Read> {
    match source {
        Source::Named(path) => studies::read(path.as_deref(), flags, purpose),
        Source::Text(text, name, folder) => studies::read_text(text, name, folder, flags, purpose),
    }
}

#[pymethods]
impl Study {
    /// The study that `target` names: a file, one that comes along, or a model, which is one node where `is_node`.
    #[staticmethod]
    fn named(
        py: Python<'_>,
        target: Option<PathBuf>,
        flags: Vec<String>,
        is_node: bool,
    ) -> PyResult<Self> {
        let Some(target) = target else {
            return Self::new(py, Source::Named(None), flags);
        };
        match named_model(&target).raised(py)? {
            None => Self::new(py, Source::Named(Some(target)), flags),
            Some((name, model)) => {
                let n_kept = if is_node { 2 } else { 1 };
                let mut all = flags_of_model(&name)[..n_kept].to_vec();
                all.extend(flags);
                let text = Source::Text(String::new(), model.into(), PathBuf::new());
                Self::new(py, text, all)
            }
        }
    }

    /// A study from the text of a study file; its paths are relative to `folder`.
    #[staticmethod]
    fn of_text(
        py: Python<'_>,
        text: String,
        name: String,
        folder: PathBuf,
        flags: Vec<String>,
    ) -> PyResult<Self> {
        Self::new(py, Source::Text(text, name, folder), flags)
    }

    /// The same with more keys set.
    fn set(&self, py: Python<'_>, flags: Vec<String>) -> PyResult<Self> {
        // What is set anew is no slip here, as it is on a command line.
        let key = |flag: &str| flag.split('=').next().map(str::to_owned);
        let is_kept = |of: &&String| flags.iter().all(|flag| key(flag) != key(of));
        let kept = self.flags.iter().filter(is_kept).cloned();
        let all = kept.chain(flags.iter().cloned()).collect();
        Self::new(py, self.source.clone(), all)
    }

    /// The text of a study file that stands for itself.
    fn to_toml(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.read(&[], Purpose::Set).raised(py)?.to_toml())
    }

    /// Every key with its value, as JSON.
    fn to_json(&self) -> String {
        studies::to_json(&self.study).to_string()
    }

    /// The whole key, and the value of a number, one for each node where nodes differ; no value of a key that holds no number.
    fn number(&self, py: Python<'_>, name: &str) -> PyResult<(String, Vec<f64>)> {
        let of = || {
            let address = key::resolve(&self.study, name, Purpose::Set)?;
            let Some(number) = address.number else {
                return Ok((address.full(), Vec::new()));
            };
            let n_nodes = self.study.connectome.n_nodes();
            if let Some(node) = address.node.filter(|node| *node >= n_nodes) {
                let key = address.path;
                return Err(StudyError::NoSuchNode { key, node, n_nodes }.into());
            }
            let values = match number.get(&self.study) {
                Values::Uniform(value) => vec![value],
                values => values.expand(n_nodes),
            };
            let values = match address.node.filter(|_| values.len() > 1) {
                Some(node) => vec![values[node]],
                None => values,
            };
            Ok((address.full(), values))
        };
        of().raised(py)
    }

    #[getter]
    fn name(&self) -> &str {
        &self.study.name
    }

    #[getter]
    fn model(&self) -> &str {
        self.study.model.name
    }

    /// The connectome: arrays, region names, and what is to be known of it.
    #[getter]
    fn connectome(&self, py: Python<'_>) -> PyResult<Told> {
        self.study.check_single().raised(py)?;
        Ok(connectome_of(&self.study.connectome))
    }

    /// The number of nodes; of several connectomes that of each.
    #[getter]
    fn n_nodes(&self) -> usize {
        self.study.connectome.n_nodes()
    }
}
