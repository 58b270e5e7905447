//! What the flags of `brainsweep sweep` ask for, together with a study's `[sweep]` table.

use super::Args;
use crate::error::{Error, Result};
use crate::run::StoredSweep;
use crate::study::{Study, key};
use crate::sweep::{Description, Sample, Vary};

impl Args {
    /// The study's keys that are set by flags.
    pub fn settings(&self) -> Vec<String> {
        let mut settings = self.set.clone();
        settings.extend(self.seed.map(|seed| format!("{}={seed}", key::SEED.path)));
        settings
    }

    /// The sweep of `study` that the study's `table` and the flags ask for.
    ///
    /// # Errors
    /// Those of [`StoredSweep::new`]; [`Error::Usage`] for flags that do not apply.
    pub fn stored(&self, study: &Study, table: Description) -> Result<StoredSweep> {
        let stored = StoredSweep::new(study, &self.description(table)?)?;
        if self.step_error && study.connectome.functional.is_none() {
            let problem = "--step-error runs the points with the best scores again, and nothing is scored here";
            let hint = "give the study measured functional connectivity (connectome.functional)";
            return Err(Error::usage(problem, hint));
        }
        Ok(stored)
    }

    /// What is swept: the study's `table`, and what flags say instead. One `--vary`, and the table's numbers are left alone.
    fn description(&self, table: Description) -> Result<Description> {
        let mut description = table;
        let set = description.set.clone();
        if !self.vary.is_empty() {
            let vary = self.vary.iter().map(|text| Vary::parse(text));
            let vary = vary.collect::<Result<Vec<_>>>()?;
            set.put(
                (&key::SWEEP_VARY, "--vary"),
                Some(vary),
                &mut description.vary,
            )?;
            description.zip &= set.of(&key::SWEEP_ZIP).is_some();
            if set.of(&key::SWEEP_SAMPLE).is_none() {
                description.sample = None;
            }
        }
        let sample = self.sample.as_deref().map(Sample::parse).transpose()?;
        set.put(
            (&key::SWEEP_SAMPLE, "--sample"),
            sample.map(Some),
            &mut description.sample,
        )?;
        set.put(
            (&key::SWEEP_ZIP, "--zip"),
            self.zip.then_some(true),
            &mut description.zip,
        )?;
        set.put(
            (&key::SWEEP_SEEDS, "--seeds"),
            self.seeds.map(Some),
            &mut description.seeds,
        )?;
        let own = self.own_seeds.then_some(true);
        set.put(
            (&key::SWEEP_OWN_SEEDS, "--own-seeds"),
            own,
            &mut description.own_seeds,
        )?;
        set.put(
            (&key::SWEEP_EVERY, "--every"),
            self.every.map(Some),
            &mut description.every_ms,
        )?;
        let keep = (!self.keep.is_empty()).then(|| self.keep.clone());
        set.put((&key::SWEEP_KEEP, "--keep"), keep, &mut description.keep)?;
        if description.vary.is_empty() && description.seeds.is_none() {
            let problem = "nothing is varied, so the sweep has a single simulation";
            let hint = "say what is varied (--vary PATH=a:b:n, or a [sweep] table in the study), or how many --seeds";
            return Err(Error::usage(problem, hint));
        }
        Ok(description)
    }
}
