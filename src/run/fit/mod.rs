//! Fits: the numbers of a study that make an objective large, and how far to trust them.
//!
//! ```text
//! Study, Description
//!     v  Fit::new              ranges, objective, budget: all checked
//! Fit
//!     v  create                the folder, or the one that is there of the same fit
//!     v  run                   generation by generation, each kept when it is whole; then the finalists on unseen seeds
//! Fitted                       the winner, its score on the seeds that were searched and on those that were not
//!     v  output
//! Output                       evaluations, best.csv, figures; best.toml and report.md beside
//! ```
//!
//! A fit is a function of the study and its description. What is kept of it is the table of evaluations: when a fit goes on, the search is
//! told all of them anew, and asks on. So a fit that was killed ends with the same bytes, whatever it runs on.

mod arrays;
mod axes;
mod brains;
mod engine;
mod figures;
mod finalists;
mod held_out;
mod hopf;
mod output;
mod recovery;
mod report;
mod search;
mod settings;
mod state;
mod subjects;
mod tables;
mod trial;

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, json};

pub use axes::Axes;
pub use finalists::{Ceiling, Finalist, Reached};
pub use hopf::{Beyond, FirstHopf, HopfCurves};
pub use output::{Fitted, OfSubject, OnBound};
pub use recovery::{Recovered, Recovery};
pub use settings::Settings;

use super::batch::measured;
use super::scope::scope;
use super::sweep::machine::{Machine, Reopen};
use super::sweep::record::class_name;
use crate::backend::{Backend, Device};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::fit::{Description, FIT, Features, Objective};
use crate::io::folder::GrowingFolder;
use crate::io::study as studies;
use crate::measure::{Precision, Scope};
use crate::output::{Manifest, object};
use crate::study::Study;
use crate::sweep::{self, Spread, Sweep, Vary};
use brains::Brain;
use settings::{Load, check_terms, each, settings, subjects};

/// Files of a fit beside those of its arrays, where each of them may come to lie.
const FILES: [&str; 19] = [
    state::EVALUATIONS,
    held_out::HELD_OUT,
    hopf::CURVES,
    arrays::EARLIER,
    "best.csv",
    "best.toml",
    "hopf.csv",
    "report.md",
    "report.html",
    "objective.svg",
    "objective.png",
    "pairs.svg",
    "pairs.png",
    "best_fc.svg",
    "best_fc.png",
    "profiles.svg",
    "profiles.png",
    "regions.svg",
    "regions.png",
];

/// A fit that is ready to run.
#[derive(Debug)]
pub struct Fit {
    /// The connectomes on which candidates run: one, or one of each subject.
    brains: Vec<Brain>,
    settings: Settings,
    features: Features,
    /// What is to be large: one, or several of which a front is searched.
    objectives: Vec<Objective>,
    /// Measured subjects that the objective counts, and those that are kept out of it.
    subjects: Vec<usize>,
    validated: Vec<usize>,
    /// The terms of the data that the objective may speak of, beside those of a run.
    data: Vec<f64>,
    /// Whether an objective speaks of the distance from the first Hopf points.
    has_distance: bool,
    /// The first Hopf points, once they were looked for.
    curves: OnceLock<HopfCurves>,
    /// The subjects that each search is for: one search for all, or one for each.
    targets: Vec<Vec<usize>>,
}

/// How a fit runs.
pub struct FitOptions<'a> {
    /// What to do when a device fails.
    pub reopen: Reopen<'a>,
}

impl Fit {
    /// Checks what a description asks for.
    ///
    /// # Errors
    /// Those of [`Sweep::new`] for numbers that cannot be free, of [`Objective::new`], of [`Plan::new`](crate::plan::Plan::new) at the ends of the
    /// ranges;
    /// [`Error::Usage`] for a budget that is too small.
    pub fn new(study: &Study, description: &Description) -> Result<Self> {
        Self::of_data(study, description, None)
    }

    /// The same where the objective may also speak of the terms of the `data`, each by its name with `_data` behind it; terms that are
    /// not known yet are 0.
    fn of_data(study: &Study, description: &Description, data: Option<Vec<f64>>) -> Result<Self> {
        if description.free.is_empty() {
            let problem = "no number is free, so there is nothing to fit";
            let hint = "say which, with --free KEY=LOW:HIGH, or in [fit.free] of the study";
            return Err(Error::usage(problem, hint));
        }
        let ends = |vary: &Vary| {
            let mut ends = vary.clone();
            if let Spread::Range { n, .. } = &mut ends.values {
                *n = Some(2);
            }
            ends
        };
        let asked = sweep::Description {
            vary: description.free.iter().map(ends).collect(),
            zip: true,
            seeds: description.replicas,
            every_ms: description.sampling_ms,
            ..sweep::Description::default()
        };
        let brains = Brain::all(study, &asked)?;
        let Brain { ends, scope, .. } = &brains[0];
        let n_subjects = match study.subjects.len() {
            0 => scope.n_subjects,
            own => own,
        };
        let features = Features::new(scope);
        let mut texts: Vec<&str> = description.objectives.iter().map(String::as_str).collect();
        if texts.is_empty() && scope.n_subjects > 0 {
            texts.push(FIT);
        }
        if texts.is_empty() {
            let problem = "the objective is the correlation with measured functional connectivity, and the study has none";
            let hint = format!(
                "give it some (connectome.functional), or say another --objective, over {}",
                features.terms().join(", ")
            );
            return Err(Error::usage(problem, hint));
        }
        check_terms(&texts, scope)?;
        let mut terms: Vec<String> = features.terms().into_iter().map(String::from).collect();
        let mut data = data;
        if let Some(data) = &mut data {
            data.resize(terms.len(), 0.0);
            let own = terms.clone().into_iter();
            terms.extend(own.map(|name| format!("{name}_data")));
        }
        terms.push(hopf::DISTANCE.into());
        let names: Vec<&str> = terms.iter().map(String::as_str).collect();
        let objectives = texts.iter().map(|text| Objective::new(text, &names));
        let objectives = objectives.collect::<Result<Vec<_>>>()?;
        let is_double = |k: usize| {
            objectives[..k]
                .iter()
                .any(|one| one.text() == objectives[k].text())
        };
        if let Some(k) = (0..objectives.len()).find(|&k| is_double(k)) {
            let problem = format!("the objective {:?} is named twice", objectives[k].text());
            return Err(Error::usage(problem, "leave out one of the two"));
        }
        let (subjects, validated) = subjects(n_subjects, &description.validate)?;
        let targets = match description.each_subject {
            false => vec![subjects.clone()],
            true => each(&subjects, &features, &objectives, brains.len() > 1)?,
        };
        if description.each_subject && brains.len() > 1 && !validated.is_empty() {
            let why = "each subject is fitted on its own connectome, and nothing would run on those that are kept out";
            let hint = "leave it out, or --each-subject";
            return Err(Error::not_applicable("--validate", why, hint));
        }
        // On how many connectomes each candidate runs, and those of finalists beside.
        let (connectomes, kept_out) = match brains.len() {
            1 => (1, 0),
            _ => (targets[0].len(), validated.len()),
        };
        let settings = settings(
            description,
            ends.axes().len(),
            &Load {
                searches: targets.len(),
                connectomes,
                kept_out,
                // No candidate is compared for all together where each runs on the connectome of one.
                with_group: targets.len() > 1 && brains.len() == 1,
            },
            study.protocol.seed,
        )?;
        let distance = terms.len() - 1;
        let fit = Self {
            has_distance: objectives.iter().any(|of| of.uses(distance)),
            curves: OnceLock::new(),
            brains,
            settings,
            features,
            objectives,
            subjects,
            validated,
            targets,
            data: data.unwrap_or_default(),
        };
        if fit.needs_curves() {
            fit.axes_of_curves()?;
        }
        Ok(fit)
    }

    /// What each number is called that is kept of a run, `[n_features]`.
    fn feature_names(&self) -> Vec<String> {
        let mut names = self.features.names();
        names.extend(self.has_distance.then(|| hopf::DISTANCE.into()));
        names
    }

    /// The study, and the numbers that are free with their ranges: the ends are its two points. Where each subject has a connectome of its
    /// own, the study is on the first one's.
    pub fn ends(&self) -> &Sweep {
        &self.brains[0].ends
    }

    /// What is measured of every run; all connectomes have the same measures.
    fn scope(&self) -> &Scope {
        &self.brains[0].scope
    }

    /// How much it tries.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is to be large, as it was written.
    pub fn objectives(&self) -> Vec<&str> {
        self.objectives.iter().map(Objective::text).collect()
    }

    /// Searches that run side by side: one, or one for each subject.
    pub fn n_searches(&self) -> usize {
        self.targets.len()
    }

    /// Whether each subject is fitted for itself.
    pub fn is_of_each_subject(&self) -> bool {
        self.n_searches() > 1
    }

    /// Makes the folder at `path`, or opens the one that is there of the same fit; with `replace`, results of ours that are there give
    /// way.
    ///
    /// # Errors
    /// [`Error::Data`] if there is something else, [`Error::Disk`] if the place cannot be written to.
    pub fn create(&self, path: &Path, replace: bool, device: &Device) -> Result<GrowingFolder> {
        let identity = self.identity(device);
        GrowingFolder::create_or_open(path, "fit", &identity, &self.files(), replace)
    }

    /// The names of all files that may come to lie in the folder.
    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = FILES.iter().map(|name| name.to_string()).collect();
        names.extend(self.files_of_arrays());
        if self.objectives.len() > 1 {
            names.extend(["front.svg", "front.png"].map(String::from));
            names.extend((1..=self.settings.finalists).map(output::of_front));
        }
        if self.is_of_each_subject() {
            names.extend(["subjects.csv", "subjects.svg", "subjects.png"].map(String::from));
            if self.has_own_connectomes() {
                names.extend(["subjects_fc.svg", "subjects_fc.png"].map(String::from));
            }
            let studies = self.subjects.iter();
            names.extend(studies.map(|subject| format!("best-subject-{subject}.toml")));
        }
        names
    }

    /// Makes the folder at the first free of `PARENT/STUDY-fit-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Disk`] if the place cannot be written to.
    pub fn create_numbered(&self, parent: &Path, device: &Device) -> Result<GrowingFolder> {
        let stem = format!("{}-fit", self.ends().base().name);
        GrowingFolder::create_numbered(parent, &stem, "fit", &self.identity(device), &self.files())
    }

    /// Searches, and runs the finalists on unseen seeds. What an earlier run of the same fit left in the `folder` is not run again.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `control` stopped it: whole generations are kept. [`Error::Device`], [`Error::Disk`];
    /// [`Error::Data`] if what an earlier run left is damaged. A folder that was made for this and holds nothing yet is removed.
    pub fn run(
        &self,
        folder: &GrowingFolder,
        backend: Box<dyn Backend>,
        options: &FitOptions,
        control: &Control,
    ) -> Result<Fitted<'_>> {
        let machine = Machine::new(backend, rayon::current_num_threads(), options.reopen);
        let fitted = self.run_on(folder, &machine, control);
        fitted.inspect_err(|_| folder.abandon())
    }

    fn run_on(
        &self,
        folder: &GrowingFolder,
        machine: &Machine,
        control: &Control,
    ) -> Result<Fitted<'_>> {
        self.find_curves(folder, control)?;
        let evaluations = self.search(folder, machine, control)?;
        let (group, each) = self.run_finalists(folder, machine, &evaluations, control)?;
        let device = machine.device();
        Ok(Fitted::new(self, evaluations, group, each, device))
    }

    /// What makes it this fit and no other: the same for all who run it, whatever they run on, and however long.
    fn identity(&self, device: &Device) -> Map<String, serde_json::Value> {
        let axes = self.ends().axes().iter();
        let free: Map<String, serde_json::Value> = axes
            .map(|axis| {
                let log = if axis.log { ":log" } else { "" };
                let range = format!("{}:{}{log}", axis.values[0], axis.values[1]);
                (axis.written(), json!(range))
            })
            .collect();
        let mut base = self.ends().base().clone();
        base.subjects = self.own_subjects();
        let mut study = object(&studies::to_json(&base));
        study.remove("files");
        if let Some(serde_json::Value::Object(connectome)) = study.get_mut("connectome") {
            connectome.remove("notes");
            let own = connectome.get_mut("subjects");
            let own = own.and_then(serde_json::Value::as_object_mut);
            for one in own.into_iter().flat_map(Map::values_mut) {
                one.as_object_mut().map(|one| one.remove("notes"));
            }
        }
        let mut fit = object(&self.settings);
        fit.insert("free".into(), free.into());
        fit.insert("objective".into(), one_or_all(&self.objectives()));
        fit.insert("sampling".into(), json!(self.ends().base().record.every));
        fit.insert("validate".into(), json!(self.validated));
        fit.insert("each_subject".into(), json!(self.is_of_each_subject()));
        let mut manifest = Manifest::new(
            "fit",
            &json!({
                "fit": fit,
                "features": self.feature_names(),
                "device_class": class_name(device),
                "sums": Precision::Single.name(),
            }),
        );
        manifest.study = Some(study.into());
        manifest.to_map()
    }
}

/// The text of one objective, the list of several.
fn one_or_all(objectives: &[&str]) -> serde_json::Value {
    match objectives {
        [one] => json!(one),
        all => json!(all),
    }
}
