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
        let mut asked = table;
        let set = asked.set.clone();
        let free = (!self.free.is_empty()).then(|| self.free.iter());
        let free = free.map(|all| {
            all.map(|text| Vary::parse_range(text))
                .collect::<Result<_>>()
        });
        set.put(
            (&key::FIT_FREE, "--free"),
            free.transpose()?,
            &mut asked.free,
        )?;
        let method = self.method.as_ref().map(|word| {
            let unknown = || Error::unknown("method", word, Method::words());
            Method::from_word(word).ok_or_else(unknown)
        });
        set.put(
            (&key::FIT_METHOD, "--method"),
            method.transpose()?.map(Some),
            &mut asked.method,
        )?;
        let start = self.start.as_ref().map(|word| {
            let unknown = || Error::unknown("start", word, Start::words());
            Start::from_word(word).ok_or_else(unknown)
        });
        set.put(
            (&key::FIT_START, "--start"),
            start.transpose()?.map(Some),
            &mut asked.start,
        )?;
        let objectives = (!self.objective.is_empty()).then(|| self.objective.clone());
        set.put(
            (&key::FIT_OBJECTIVE, "--objective"),
            objectives,
            &mut asked.objectives,
        )?;
        for (key, flag, given, place) in [
            (&key::FIT_RUNS, "--runs", self.runs, &mut asked.runs),
            (
                &key::FIT_REPLICAS,
                "--replicas",
                self.replicas,
                &mut asked.replicas,
            ),
            (
                &key::FIT_POPULATION,
                "--population",
                self.population,
                &mut asked.population,
            ),
            (
                &key::FIT_FINALISTS,
                "--finalists",
                self.finalists,
                &mut asked.finalists,
            ),
            (
                &key::FIT_HELD_OUT,
                "--held-out",
                self.held_out,
                &mut asked.held_out,
            ),
        ] {
            set.put((key, flag), given.map(Some), place)?;
        }
        set.put(
            (&key::FIT_SEARCH, "--search"),
            self.search.map(Some),
            &mut asked.search,
        )?;
        set.put(
            (&key::FIT_SAMPLING, "--sampling"),
            self.sampling.map(Some),
            &mut asked.sampling_ms,
        )?;
        let each = self.each_subject.then_some(true);
        set.put(
            (&key::FIT_EACH_SUBJECT, "--each-subject"),
            each,
            &mut asked.each_subject,
        )?;
        let validate = (!self.validate.is_empty()).then(|| self.validate.clone());
        set.put(
            (&key::FIT_VALIDATE, "--validate"),
            validate,
            &mut asked.validate,
        )?;
        Ok(asked)
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
