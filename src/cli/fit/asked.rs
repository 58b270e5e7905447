//! What the flags of `brainsweep fit` ask for, together with a study's `[fit]` table.

use super::Args;
use crate::error::{Error, Result};
use crate::fit::{Description, Method, Start};
use crate::study::key;
use crate::sweep::Vary;
use crate::word::Word;

/// What `--report` may name.
const HOPF: &str = "hopf";

impl Args {
    /// The study's keys that are set by flags.
    pub fn settings(&self) -> Vec<String> {
        let mut settings = self.set.clone();
        settings.extend(self.seed.map(|seed| format!("{}={seed}", key::SEED.path)));
        settings
    }

    /// What the user calls the study.
    pub(super) fn study_name(&self) -> String {
        let study = self.study.as_deref();
        study.map_or("hcp_network".into(), |path| path.display().to_string())
    }

    /// What is fitted: the study's `table`, and what flags say instead. One `--free`, and the table's numbers are left alone.
    pub fn description(&self, table: Description) -> Result<Description> {
        let mut description = table;
        if !self.free.is_empty() {
            let free = self.free.iter().map(|text| Vary::parse_range(text));
            description.free = free.collect::<Result<_>>()?;
        }
        if let Some(word) = &self.method {
            let method = Method::from_word(word);
            let unknown = || Error::unknown("method", word, Method::words());
            description.method = Some(method.ok_or_else(unknown)?);
        }
        if let Some(word) = &self.start {
            let start = Start::from_word(word);
            let unknown = || Error::unknown("start", word, Start::words());
            description.start = Some(start.ok_or_else(unknown)?);
        }
        let objectives = (!self.objective.is_empty()).then(|| self.objective.clone());
        description.objectives = objectives.unwrap_or(description.objectives);
        description.runs = self.runs.or(description.runs);
        description.replicas = self.replicas.or(description.replicas);
        description.population = self.population.or(description.population);
        description.search = self.search.or(description.search);
        description.finalists = self.finalists.or(description.finalists);
        description.held_out = self.held_out.or(description.held_out);
        description.sampling_ms = self.sampling.or(description.sampling_ms);
        description.each_subject |= self.each_subject;
        if !self.validate.is_empty() {
            description.validate = self.validate.clone();
        }
        Ok(description)
    }

    /// Whether the report is to say where the network begins to oscillate.
    pub fn reports_hopf(&self) -> Result<bool> {
        match self.report.as_deref() {
            None => Ok(false),
            Some(HOPF) => Ok(true),
            Some(word) => Err(Error::unknown("report", word, [HOPF])),
        }
    }
}
