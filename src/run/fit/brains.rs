//! The connectomes on which candidates run: one for all measured subjects, or one for each.

use std::sync::Arc;

use ndarray::{Array3, ArrayView3, Axis, concatenate};

use super::{Fit, scope};
use crate::error::{Error, Result, StudyError};
use crate::fit::Features;
use crate::measure::Scope;
use crate::model::Observable;
use crate::plan::Plan;
use crate::run::held::of_any_hold;
use crate::study::{Study, Subject};
use crate::sweep::{Description, Sweep};

/// A connectome on which candidates run, and what its runs are compared with.
#[derive(Debug)]
pub(super) struct Brain {
    /// Whose it is, where each subject has one.
    pub name: Option<String>,
    /// The study on it, at the two ends of every range.
    pub ends: Sweep,
    /// What is measured of every run.
    pub scope: Arc<Scope>,
    /// What the measures are of.
    pub observable: Observable,
    /// Steps of a run.
    pub n_steps: u32,
    /// Connections of the network.
    pub n_edges: usize,
}

impl Brain {
    fn new(study: &Study, name: Option<String>, asked: &Description) -> Result<Self> {
        let ends = Sweep::new(study, asked)?;
        let plan = Plan::new(&of_any_hold(ends.study(0, 0)?))?;
        Plan::new(&of_any_hold(ends.study(1, 0)?))?;
        Ok(Self {
            scope: scope(ends.base(), &plan)?,
            name,
            ends,
            observable: plan.measured_observable(),
            n_steps: plan.n_steps,
            n_edges: plan.edges.lag.len(),
        })
    }

    /// That of the study, or those of its subjects.
    ///
    /// # Errors
    /// Those of [`Sweep::new`] and [`Plan::new`], with whose connectome it is; [`Error::Usage`] where they differ in what is measured.
    pub fn all(study: &Study, asked: &Description) -> Result<Vec<Self>> {
        if study.subjects.is_empty() {
            return Ok(vec![Self::new(study, None, asked)?]);
        }
        let names = |brain: &Self| Features::new(&brain.scope).names();
        let mut all: Vec<Self> = Vec::new();
        for (k, Subject { name, .. }) in study.subjects.iter().enumerate() {
            let brain = Self::new(&study.of_subject(k), Some(name.clone()), asked);
            let brain = brain.map_err(|error| StudyError::Value {
                key: format!("subject {name}"),
                error: error.into(),
            })?;
            if all
                .first()
                .is_some_and(|first| names(first) != names(&brain))
            {
                let problem = format!("not the same is measured of subject {name} as of the first");
                let hint = "give all the same kinds of measured data";
                return Err(Error::usage(problem, hint));
            }
            all.push(brain);
        }
        Ok(all)
    }
}

impl Fit {
    /// The plan of a run at the lower end of every range, on the first connectome.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn plan(&self) -> Result<Plan> {
        Plan::new(&of_any_hold(self.ends().study(0, 0)?))
    }

    /// Whether each subject has a connectome of its own; else all share one.
    pub fn has_own_connectomes(&self) -> bool {
        self.brains.len() > 1
    }

    /// The subjects who have a connectome of their own.
    pub(super) fn own_subjects(&self) -> Vec<Subject> {
        let own = self.brains.iter().filter_map(|brain| {
            let connectome = brain.ends.base().connectome.clone();
            let name = brain.name.clone()?;
            Some(Subject { name, connectome })
        });
        own.collect()
    }

    /// What a subject is called: its number, and its name where it has one.
    pub fn called(&self, subject: usize) -> String {
        match self.name_of(subject) {
            Some(name) => format!("{subject} ({name})"),
            None => subject.to_string(),
        }
    }

    /// The name of a subject, where it has one.
    pub fn name_of(&self, subject: usize) -> Option<&str> {
        self.brains.get(subject)?.name.as_deref()
    }

    /// The measured functional connectivity of all subjects, `[n_subjects, n_nodes, n_nodes]`; none where there is none.
    pub(super) fn functional(&self) -> Option<Array3<f64>> {
        let all = self.brains.iter();
        let all = all.map(|brain| Some(brain.ends.base().connectome.functional.as_ref()?.view()));
        let all: Option<Vec<ArrayView3<f64>>> = all.collect();
        all.map(|all| concatenate(Axis(0), &all).expect("matrices of the same regions"))
    }

    /// The connectomes on which the candidates of a search run, by number: that of each of its subjects, or the one of all.
    pub(super) fn brains_of(&self, search: usize) -> &[usize] {
        match self.has_own_connectomes() {
            true => &self.targets[search],
            false => &[0],
        }
    }

    /// The same of its finalists, which also run on those of the subjects that were kept out.
    pub(super) fn brains_of_finalists(&self, search: usize) -> Vec<usize> {
        let mut brains = self.brains_of(search).to_vec();
        if self.has_own_connectomes() {
            brains.extend(&self.validated);
        }
        brains
    }

    /// The subjects for whom the candidates of a search are compared with all others.
    pub(super) fn subjects_of(&self, search: usize) -> &[usize] {
        match self.has_own_connectomes() {
            true => &self.targets[search],
            false => &self.subjects,
        }
    }

    /// Runs of every candidate: each seed on each of its connectomes.
    pub(super) fn runs_of_a_candidate(&self) -> usize {
        self.settings.replicas * self.settings.connectomes
    }

    /// The objectives for some `subjects` with each of `n_seeds`, `[n_seeds][n_objectives]`; NaN where a run diverged or has none. The
    /// runs, whose features `run` gives, are on these `brains`, one after the other, with all seeds each.
    ///
    /// Subjects who share a connectome are compared with one run: the terms are means over them. Of subjects with their own the mean is
    /// that of their objectives.
    pub(super) fn objectives_by_seed<'a>(
        &self,
        (brains, n_seeds): (&[usize], usize),
        run: impl Fn(usize) -> &'a [f64],
        subjects: &[usize],
    ) -> Vec<Vec<f64>> {
        if !self.has_own_connectomes() {
            return (0..n_seeds)
                .map(|seed| self.values_of(run(seed), subjects))
                .collect();
        }
        let place = |subject: &usize| brains.iter().position(|brain| brain == subject);
        let places: Option<Vec<usize>> = subjects.iter().map(place).collect();
        let Some(places) = places.filter(|places| !places.is_empty()) else {
            return vec![vec![f64::NAN; self.objectives.len()]; n_seeds];
        };
        let mean = |seed: usize| {
            let mut means = vec![0.0; self.objectives.len()];
            for place in &places {
                let values = self.values_of(run(place * n_seeds + seed), &[0]);
                means.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
            }
            means.iter_mut().for_each(|sum| *sum /= places.len() as f64);
            means
        };
        (0..n_seeds).map(mean).collect()
    }

    /// The objectives of a run with these features for some subjects of its connectome, `[n_objectives]`; NaN if the run diverged.
    fn values_of(&self, features: &[f64], subjects: &[usize]) -> Vec<f64> {
        let mut terms = self.features.values(features, subjects);
        terms.extend(&self.data);
        terms.push(match self.has_distance {
            true => *features.last().expect("the distance is the last"),
            false => f64::NAN,
        });
        let values = self.objectives.iter().map(|of| of.value(&terms));
        values
            .map(|value| if value.is_finite() { value } else { f64::NAN })
            .collect()
    }
}
