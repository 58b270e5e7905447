//! Parameter recovery: the model makes data with known numbers, and each of these is fitted.
//!
//! What a fit finds there is the most that it can find in measured data, which the model did not make.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array3, Axis};
use serde_json::{Map, Value, json};

use super::search::Job;
use super::{Fit, FitOptions, hopf};
use crate::backend::{Backend, Device};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::figure::{self, Truths};
use crate::fit::{Description, Search, Sobol};
use crate::io::folder::GrowingFolder;
use crate::output::{Drawing, Manifest, Output, Table, cell};
use crate::plot::Figure;
use crate::report::Views;
use crate::run::sweep::machine::Machine;
use crate::study::Study;
use crate::sweep;

/// The word of a recovery's own random numbers: its truths are no candidates.
const TRUTHS: u64 = 0x7275_7468;

/// A recovery that is ready to run.
#[derive(Debug)]
pub struct Recovery {
    study: Study,
    description: Description,
    n: usize,
    /// The fit of data that do not exist yet.
    template: Fit,
}

/// What a recovery found.
#[derive(Debug)]
pub struct Recovered<'a> {
    recovery: &'a Recovery,
    /// The true numbers, `[n_truths][n_free]`.
    pub truths: Vec<Vec<f64>>,
    /// Those that were found, `[n_truths][n_free]`; none where the truth diverged, or nothing was found.
    pub found: Vec<Option<Vec<f64>>>,
    /// What it ran on in the end.
    pub device: Device,
}

impl Recovery {
    /// Checks what a description asks for, to be recovered from `n` truths.
    ///
    /// # Errors
    /// As [`Fit::new`]; [`Error::Usage`] where subjects are named, or no truth is asked for; [`Error::Study`] where each subject has a
    /// connectome of its own.
    pub fn new(study: &Study, description: &Description, n: u32) -> Result<Self> {
        if n == 0 {
            return Err(Error::flag_range("--recover", n, "must be 1 or more"));
        }
        if description.each_subject || !description.validate.is_empty() {
            let why = "a recovery fits data of the model, not measured subjects";
            let hint = "leave out --each-subject and --validate";
            return Err(Error::not_applicable("--recover", why, hint));
        }
        if description.objectives.len() > 1 {
            let why = "a recovery compares the numbers of one objective with the truth";
            let hint = "add the objectives up in one expression";
            return Err(Error::not_applicable("--recover", why, hint));
        }
        study.check_single()?;
        let n_nodes = study.connectome.n_nodes();
        let template = with_functional(study, Array3::zeros((1, n_nodes, n_nodes)));
        Ok(Self {
            template: Fit::of_data(&template, description, Some(Vec::new()))?,
            study: study.clone(),
            description: description.clone(),
            n: n as usize,
        })
    }

    /// The fit that every truth gets.
    pub fn template(&self) -> &Fit {
        &self.template
    }

    /// Steps of all simulations, at most.
    pub fn n_steps(&self) -> u64 {
        self.n as u64 * (self.template.n_steps() + u64::from(self.template.steps_of_a_run()))
    }

    /// Makes the folder at `path`, or opens the one that is there of the same recovery; with `replace`, results of ours that are there
    /// give way. Without a path it is the first free of `PARENT/STUDY-recovery-1`, `-2`, ...
    ///
    /// # Errors
    /// As [`Fit::create`].
    pub fn create(
        &self,
        path: Option<&Path>,
        parent: &Path,
        replace: bool,
        device: &Device,
    ) -> Result<GrowingFolder> {
        let mut identity = self.template.identity(device);
        identity.insert("recover".into(), json!(self.n));
        let mut files: Vec<String> = [
            "manifest.json",
            "report.md",
            "report.html",
            "recovery.csv",
            hopf::CURVES,
        ]
        .map(String::from)
        .to_vec();
        files.extend(["recovery.svg", "recovery.png"].map(String::from));
        for truth in 0..self.n {
            let own = self.template.files().into_iter();
            files.extend(own.map(|name| format!("{}/{name}", folder_of(truth))));
        }
        match path {
            Some(path) => {
                GrowingFolder::create_or_open(path, "recovery", &identity, &files, replace)
            }
            None => {
                let stem = format!("{}-recovery", self.study.name);
                GrowingFolder::create_numbered(parent, &stem, "recovery", &identity, &files)
            }
        }
    }

    /// Makes data with each truth and fits it. What an earlier run of the same recovery left in the `folder` is not run again.
    ///
    /// The data of truth k have a seed of their own, after those of the search and of the finalists.
    ///
    /// # Errors
    /// As [`Fit::run`].
    pub fn run(
        &self,
        folder: &GrowingFolder,
        backend: Box<dyn Backend>,
        options: &FitOptions,
        control: &Control,
    ) -> Result<Recovered<'_>> {
        let machine = Machine::new(backend, rayon::current_num_threads(), options.reopen);
        let settings = &self.template.settings;
        let n_free = self.template.ends().axes().len();
        let points = Sobol::new(n_free, self.n, settings.search ^ TRUTHS).ask();
        let truths: Vec<Vec<f64>> = points
            .iter()
            .map(|point| self.template.values(point))
            .collect();
        self.template.find_curves(folder, control)?;
        let mut found = Vec::new();
        for (k, truth) in truths.iter().enumerate() {
            let first = settings.replicas + settings.held_out + k;
            let job = Job {
                brain: 0,
                values: truth,
            };
            let rows = self
                .template
                .simulate(&machine, &[job], first..first + 1, control)?;
            let Some(measures) = &rows.measures[0] else {
                found.push(None);
                continue;
            };
            let data = with_functional(&self.study, measures.fc().clone().insert_axis(Axis(0)));
            let terms = self.template.features.values(&rows.features[0], &[0]);
            let fit = Fit::of_data(&data, &self.description, Some(terms))?;
            if let Some(curves) = self.template.curves.get() {
                // The data do not move them.
                let _ = fit.curves.set(curves.clone());
            }
            let path = folder.path().join(folder_of(k));
            let own = fit.create(&path, false, &machine.device())?;
            let fitted = fit.run_on(&own, &machine, control)?;
            own.write("report.md", fitted.report("the study").as_bytes())?;
            fitted.write(&fitted.output(), &own, control)?;
            found.push(fitted.winner().map(|winner| winner.values.clone()));
        }
        Ok(Recovered {
            recovery: self,
            truths,
            found,
            device: machine.device(),
        })
    }
}

impl Recovered<'_> {
    /// The numbers that were free, with their ranges.
    pub fn axes(&self) -> &[sweep::Axis] {
        self.recovery.template.ends().axes()
    }

    /// How far each number that was found is off, as a part of its range, `[n_free][n_found]`.
    fn errors(&self) -> Vec<Vec<f64>> {
        let fit = &self.recovery.template;
        let mut errors = vec![Vec::new(); self.axes().len()];
        for (truth, found) in self.truths.iter().zip(&self.found) {
            let Some(found) = found else { continue };
            let (truth, found) = (fit.shares(truth), fit.shares(found));
            for k in 0..errors.len() {
                errors[k].push((found[k] - truth[k]).abs());
            }
        }
        errors
    }

    /// The median of that for each number; NaN where nothing was found.
    pub fn median_errors(&self) -> Vec<f64> {
        let median = |mut errors: Vec<f64>| {
            errors.sort_by(f64::total_cmp);
            let n = errors.len();
            match n {
                0 => f64::NAN,
                n if n % 2 == 1 => errors[n / 2],
                n => (errors[n / 2 - 1] + errors[n / 2]) / 2.0,
            }
        };
        self.errors().into_iter().map(median).collect()
    }

    /// Tables, the figure and a manifest.
    pub fn output(&self) -> Output<'_> {
        Output {
            name: "recovery",
            arrays: Vec::new(),
            labels: Vec::new(),
            tables: vec![self.table()],
            figures: vec![Drawing::new("recovery", || self.figure())],
            files: Vec::new(),
            views: Views::default(),
            study_words: Vec::new(),
            manifest: Manifest::new("fit", &json!({ "result": self.to_json() })),
        }
    }

    fn figure(&self) -> Result<Option<Figure>> {
        let truths = Truths {
            title: format!(
                "{}: {} truths and what was found",
                self.recovery.study.name,
                self.truths.len()
            ),
            axes: self.axes(),
            truths: &self.truths,
            found: &self.found,
        };
        figure::recovery(&truths).map(Some)
    }

    fn table(&self) -> Table {
        let mut header = vec!["truth".into()];
        for axis in self.axes() {
            header.extend([
                format!("{}.true", axis.path),
                format!("{}.found", axis.path),
            ]);
        }
        let rows = self.truths.iter().zip(&self.found).enumerate();
        let rows = rows.map(|(number, (truth, found))| {
            let mut row = vec![number.to_string()];
            for k in 0..truth.len() {
                let found = found.as_ref().map_or(f64::NAN, |found| found[k]);
                row.extend([truth[k], found].map(cell));
            }
            row
        });
        Table {
            name: "recovery",
            rows: rows.collect(),
            header,
        }
    }

    /// What was found, for other programs.
    pub fn to_json(&self) -> Value {
        let medians = self.median_errors();
        let named = |values: &[f64]| {
            let values = self.axes().iter().zip(values);
            let named: Map<String, Value> = values
                .map(|(axis, value)| {
                    let value = if value.is_finite() {
                        json!(value)
                    } else {
                        Value::Null
                    };
                    (axis.path.clone(), value)
                })
                .collect();
            named
        };
        let truths = self.truths.iter().zip(&self.found);
        let truths = truths.map(|(truth, found)| {
            json!({ "truth": named(truth), "found": found.as_ref().map(|found| named(found)) })
        });
        json!({
            "objective": super::one_or_all(&self.recovery.template.objectives()),
            "median_errors": named(&medians),
            "truths": truths.collect::<Vec<_>>(),
        })
    }

    /// What was found, in a page.
    pub fn report(&self) -> String {
        let n = self.found.iter().flatten().count();
        let mut text = format!(
            "# Recovery of {}\n\nThe model made data with {} truths, which fill the ranges, each with a seed of its own; {n} were fitted.\n\n\
             | number | median error, part of its range |\n|---|---|\n",
            self.recovery.study.name,
            self.truths.len()
        );
        for (axis, error) in self.axes().iter().zip(self.median_errors()) {
            text += &format!("| `{}` | {:.1} % |\n", axis.path, 100.0 * error);
        }
        text + "\nA number that is not found here cannot be found in measured data with this objective.\n\n\
                `recovery.csv` and `recovery.png` have every truth beside what was found; each has its fit in a folder.\n"
    }
}

/// The folder of the fit of a truth.
fn folder_of(truth: usize) -> String {
    format!("truth-{truth:03}")
}

/// A study with other measured functional connectivity, and no measured series.
fn with_functional(study: &Study, functional: Array3<f64>) -> Study {
    let mut study = study.clone();
    let connectome = Arc::make_mut(&mut study.connectome);
    connectome.functional = Some(functional);
    connectome.bold.clear();
    study
}
