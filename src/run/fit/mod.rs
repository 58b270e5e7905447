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

mod axes;
mod engine;
mod figures;
mod finalists;
mod output;
mod report;
mod state;

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, json};

pub use axes::Axes;
pub use finalists::{Ceiling, Finalist};
pub use output::{Fitted, OnBound};

use super::batch::measured;
use super::sweep::machine::{Machine, Reopen};
use super::sweep::record::class_name;
use crate::backend::{Backend, Device};
use crate::control::{Control, Progress};
use crate::error::{Error, Result};
use crate::fit::{Cma, Description, FIT, Features, Method, Objective};
use crate::io::folder::GrowingFolder;
use crate::io::study as studies;
use crate::measure::{Measures, Precision};
use crate::output::{Manifest, object};
use crate::plan::Plan;
use crate::study::Study;
use crate::sweep::{self, Spread, Sweep, Vary};
use engine::Engine;
use state::Evaluations;

/// Candidates of a generation are a multiple of this: half the lanes of a thread, so that few go empty.
const LANES: usize = 8;
/// Points that fill the ranges before the search, at least.
const FEWEST_AT_START: usize = 16;
/// Simulations for each free number, and at least.
const RUNS_PER_NUMBER: usize = 80;
const FEWEST_RUNS: usize = 160;
/// Candidates that are run again, and unseen seeds of each.
const FINALISTS: usize = 4;
const HELD_OUT: usize = 16;
/// Files of a fit, where each of them may come to lie.
const FILES: [&str; 15] = [
    "manifest.json",
    state::EVALUATIONS,
    finalists::HELD_OUT,
    "fit.npz",
    "best.csv",
    "best.toml",
    "report.md",
    "objective.svg",
    "objective.png",
    "pairs.svg",
    "pairs.png",
    "best_fc.svg",
    "best_fc.png",
    "profiles.svg",
    "profiles.png",
];

/// How much a fit tries, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// How it searches.
    pub method: Method,
    /// Simulations, at most, those on unseen seeds among them.
    #[serde(skip)]
    pub runs: usize,
    /// Simulations of every candidate.
    pub replicas: usize,
    /// Candidates of a generation.
    pub population: usize,
    /// Candidates of the first generation, which fill the ranges.
    pub start: usize,
    /// Which of its own random numbers the search takes.
    pub search: u64,
    /// Candidates that are run again on unseen seeds.
    #[serde(skip)]
    pub finalists: usize,
    /// How many seeds those are.
    #[serde(skip)]
    pub held_out: usize,
}

/// A fit that is ready to run.
#[derive(Debug)]
pub struct Fit {
    /// The study at the two ends of every range.
    ends: Sweep,
    settings: Settings,
    features: Features,
    objective: Objective,
    /// Measured subjects that the objective counts, and those that are kept out of it.
    subjects: Vec<usize>,
    validated: Vec<usize>,
    /// Steps of a simulation, and its memory.
    n_steps: u32,
    bytes_of_a_run: u64,
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
    /// Those of [`Sweep::new`] for numbers that cannot be free, of [`Objective::new`], of [`Plan::new`] at the ends of the ranges;
    /// [`Error::Usage`] for a budget that is too small.
    pub fn new(study: &Study, description: &Description) -> Result<Self> {
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
        let ends = Sweep::new(study, &asked)?;
        let plan = Plan::new(&ends.study(0, 0)?)?;
        Plan::new(&ends.study(1, 0)?)?;
        let connectome = &study.connectome;
        let n_subjects = connectome
            .functional
            .as_ref()
            .map_or(0, |all| all.len_of(ndarray::Axis(0)));
        let features = Features::new(connectome.n_nodes(), n_subjects);
        let text = description.objective.as_deref().unwrap_or(FIT);
        if n_subjects == 0 && description.objective.is_none() {
            let problem = "the objective is the correlation with measured functional connectivity, and the study has none";
            let hint = format!(
                "give it some (connectome.functional), or say another --objective, over {}",
                features.terms().join(", ")
            );
            return Err(Error::usage(problem, hint));
        }
        let objective = Objective::new(text, &features.terms())?;
        let (subjects, validated) = subjects(n_subjects, &description.validate)?;
        let settings = settings(description, ends.axes().len(), study.protocol.seed)?;
        Ok(Self {
            ends,
            settings,
            features,
            objective,
            subjects,
            validated,
            n_steps: plan.n_steps,
            bytes_of_a_run: plan.bytes_per_simulation(),
        })
    }

    /// The study, and the numbers that are free with their ranges: the ends are its two points.
    pub fn ends(&self) -> &Sweep {
        &self.ends
    }

    /// How much it tries.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is to be large, as it was written.
    pub fn objective(&self) -> &str {
        self.objective.text()
    }

    /// Steps of all simulations, at most.
    pub fn n_steps(&self) -> u64 {
        self.settings.runs as u64 * u64::from(self.n_steps)
    }

    /// Generations of the search, at most, the first of them among these.
    pub fn n_generations(&self) -> usize {
        let s = &self.settings;
        let candidates = (s.runs - s.finalists * s.held_out) / s.replicas;
        1 + (candidates - s.start) / s.population
    }

    /// Memory of this machine that it fills at most, about.
    pub fn bytes(&self) -> u64 {
        let s = &self.settings;
        let n = self.ends.base().connectome.n_nodes() as u64;
        let together = (s.start.max(s.population) * s.replicas).max(s.finalists * s.held_out);
        // Sums of products and functional connectivity of each run.
        let of_a_run = 8 * (n * (n + 1) / 2 + n * n + 5 * n) + self.bytes_of_a_run;
        let table = 8 * (s.runs * (self.features.names().len() + 2)) as u64;
        together as u64 * of_a_run + 3 * table
    }

    /// Steps of one simulation.
    pub fn steps_of_a_run(&self) -> u32 {
        self.n_steps
    }

    /// Seconds that the whole fit would take, by a trial of one generation for a few steps.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails.
    pub fn trial(&self, backend: &dyn Backend) -> Result<f64> {
        const TRIAL_STEPS: u32 = 2000;
        let n = self.settings.population * self.settings.replicas;
        let studies = (0..n).map(|_| self.ends.study(0, 0));
        let whole = Plan::batch(&studies.collect::<Result<Vec<_>>>()?)?;
        let mut trial = whole.first_steps(TRIAL_STEPS);
        trial.recording.n_transient = 0;
        let start = std::time::Instant::now();
        let recorder = crate::record::Streamed::new(&trial);
        backend.run(&trial, &recorder, &Control::default())?;
        let steps = n as f64 * f64::from(trial.n_steps);
        Ok(start.elapsed().as_secs_f64() / steps * self.n_steps() as f64)
    }

    /// Makes the folder at `path`, or opens the one that is there of the same fit; with `replace`, results of ours that are there give
    /// way.
    ///
    /// # Errors
    /// [`Error::Data`] if there is something else, [`Error::Disk`] if the place cannot be written to.
    pub fn create(&self, path: &Path, replace: bool, device: &Device) -> Result<GrowingFolder> {
        let identity = self.identity(device);
        GrowingFolder::create_or_open(path, "fit", &identity, &files(), replace)
    }

    /// Makes the folder at the first free of `PARENT/STUDY-fit-1`, `-2`, ...
    ///
    /// # Errors
    /// [`Error::Disk`] if the place cannot be written to.
    pub fn create_numbered(&self, parent: &Path, device: &Device) -> Result<GrowingFolder> {
        let stem = format!("{}-fit", self.ends.base().name);
        GrowingFolder::create_numbered(parent, &stem, "fit", &self.identity(device), &files())
    }

    /// Searches, and runs the finalists on unseen seeds. What an earlier run of the same fit left in the `folder` is not run again.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `control` stopped it: whole generations are kept. [`Error::Device`], [`Error::Disk`];
    /// [`Error::Data`] if what an earlier run left is damaged.
    pub fn run(
        &self,
        folder: &GrowingFolder,
        backend: Box<dyn Backend>,
        options: &FitOptions,
        control: &Control,
    ) -> Result<Fitted<'_>> {
        let machine = Machine::new(backend, rayon::current_num_threads(), options.reopen);
        let evaluations = self.search(folder, &machine, control)?;
        let finalists = self.run_finalists(folder, &machine, &evaluations, control)?;
        Ok(Fitted::new(self, evaluations, finalists, machine.device()))
    }

    /// Runs the generations that are left.
    fn search(
        &self,
        folder: &GrowingFolder,
        machine: &Machine,
        control: &Control,
    ) -> Result<Evaluations> {
        let s = &self.settings;
        let budget = s.runs - s.finalists * s.held_out;
        let mut kept = Evaluations::load(folder, self)?;
        let mut done = Evaluations::new(self);
        let mut engine = Engine::new(s, self.ends.axes().len());
        let mut best = f64::NAN;
        loop {
            let points = engine.ask();
            let n_runs = (done.len() + points.len()) * s.replicas;
            if n_runs > budget {
                break;
            }
            let values: Vec<Vec<f64>> = points.iter().map(|point| self.values(point)).collect();
            let is_kept = kept.take(&values, &mut done, folder)?;
            if !is_kept {
                let rows = self.simulate(machine, &values, 0..s.replicas, control)?;
                done.push(engine.generation(), &values, &rows.features);
                done.save(folder)?;
            }
            let objectives = done.objectives(self, done.len() - points.len());
            best = objectives.iter().fold(best, |best, value| best.max(*value));
            let losses: Vec<Vec<f64>> = objectives.iter().map(|value| vec![-value]).collect();
            engine.tell(&points, &losses);
            let progress = Progress::Generation {
                number: engine.generation(),
                n_runs,
                n_planned: s.runs,
                best: (!best.is_nan()).then_some(best),
            };
            if !is_kept && !control.goes_on(progress) {
                return Err(Error::Interrupted);
            }
        }
        done.last = engine.distribution();
        Ok(done)
    }

    /// The values of the free numbers at a point of the unit box, with 12 digits, so that what is printed is what ran.
    fn values(&self, point: &[f64]) -> Vec<f64> {
        let axes = self.ends.axes().iter().zip(point);
        axes.map(|(axis, share)| axis.inside(*share)).collect()
    }

    /// Where values lie in the unit box.
    fn shares(&self, values: &[f64]) -> Vec<f64> {
        let axes = self.ends.axes().iter().zip(values);
        axes.map(|(axis, value)| axis.share(*value)).collect()
    }

    /// Runs candidates with these `values`, `[n_candidates][n_free]`, each with all `seeds`, counted from the study's.
    fn simulate(
        &self,
        machine: &Machine,
        values: &[Vec<f64>],
        seeds: std::ops::Range<usize>,
        control: &Control,
    ) -> Result<Rows<'_>> {
        use rayon::prelude::*;

        let sweep = self.ends.at(values)?;
        let functional = self.ends.base().connectome.functional.as_ref();
        let mut replicas: Vec<(Vec<u64>, usize, usize)> = Vec::new();
        for point in 0..values.len() {
            for seed in seeds.clone() {
                replicas.push((sweep.delay_key(point), seed, point));
            }
        }
        // Those of one seed side by side share their random numbers.
        replicas.sort();
        let batches: Vec<&[(Vec<u64>, usize, usize)]> =
            replicas.chunk_by(|a, b| a.0 == b.0).collect();
        let run = |batch: &&[(Vec<u64>, usize, usize)]| -> Result<Vec<Option<Measures>>> {
            let studies = batch
                .iter()
                .map(|(_, seed, point)| sweep.study(*point, *seed));
            let studies = studies.collect::<Result<Vec<Study>>>()?;
            measured(machine, &studies, functional, control)
        };
        let found = batches.par_iter().map(run).collect::<Result<Vec<_>>>()?;
        let n_seeds = seeds.len();
        let mut all: Vec<Option<Measures>> = Vec::new();
        all.resize_with(values.len() * n_seeds, || None);
        for (batch, measures) in batches.iter().zip(found) {
            for ((_, seed, point), measures) in batch.iter().zip(measures) {
                all[point * n_seeds + seed - seeds.start] = measures;
            }
        }
        let n_features = self.features.names().len();
        let row = |measures: &Option<Measures>| match measures {
            Some(measures) => self.features.of(measures),
            None => vec![f64::NAN; n_features],
        };
        Ok(Rows {
            features: all.par_iter().map(row).collect(),
            measures: all,
        })
    }

    /// The objective of a run with these features for some subjects; NaN if the run diverged.
    fn value(&self, features: &[f64], subjects: &[usize]) -> f64 {
        let value = self
            .objective
            .value(&self.features.values(features, subjects));
        if value.is_finite() { value } else { f64::NAN }
    }

    /// What makes it this fit and no other: the same for all who run it, whatever they run on, and however long.
    fn identity(&self, device: &Device) -> Map<String, serde_json::Value> {
        let axes = self.ends.axes().iter();
        let free: Map<String, serde_json::Value> = axes
            .map(|axis| {
                let log = if axis.log { ":log" } else { "" };
                let range = format!("{}:{}{log}", axis.values[0], axis.values[1]);
                (axis.path.clone(), json!(range))
            })
            .collect();
        let mut study = object(&studies::to_json(self.ends.base()));
        study.remove("files");
        if let Some(serde_json::Value::Object(connectome)) = study.get_mut("connectome") {
            connectome.remove("notes");
        }
        let mut fit = object(&self.settings);
        fit.insert("free".into(), free.into());
        fit.insert("objective".into(), json!(self.objective.text()));
        fit.insert("sampling".into(), json!(self.ends.base().record.every));
        fit.insert("validate".into(), json!(self.validated));
        let mut manifest = Manifest::new(
            "fit",
            &json!({
                "fit": fit,
                "features": self.features.names(),
                "device_class": class_name(device),
                "sums": Precision::Single.name(),
            }),
        );
        manifest.study = Some(study.into());
        manifest.to_map()
    }
}

/// What came of some runs, candidate by candidate, seed by seed.
struct Rows<'a> {
    /// `[n_runs][n_features]`; NaN of those that diverged.
    features: Vec<Vec<f64>>,
    /// None of those that diverged.
    measures: Vec<Option<Measures<'a>>>,
}

fn files() -> Vec<String> {
    FILES.iter().map(|name| name.to_string()).collect()
}

/// The subjects that are fitted, and those that are not.
fn subjects(n: usize, validated: &[usize]) -> Result<(Vec<usize>, Vec<usize>)> {
    for (k, subject) in validated.iter().enumerate() {
        if *subject >= n {
            let rule = match n {
                0 => "the study has no measured subjects".into(),
                n => format!("the study has measured subjects 0 to {}", n - 1),
            };
            return Err(Error::flag_range("--validate", subject, rule));
        }
        if validated[..k].contains(subject) {
            let rule = "the subject is named twice; leave out one of the two";
            return Err(Error::flag_range("--validate", subject, rule));
        }
    }
    if n > 0 && validated.len() == n {
        let problem = "all measured subjects are kept out, and none is left to fit";
        return Err(Error::usage(problem, "name fewer with --validate"));
    }
    let fitted = (0..n).filter(|subject| !validated.contains(subject));
    let mut validated = validated.to_vec();
    validated.sort_unstable();
    Ok((fitted.collect(), validated))
}

/// Fills in the defaults.
fn settings(asked: &Description, n: usize, seed: u64) -> Result<Settings> {
    let or = |asked: Option<u32>, default: usize| asked.map_or(default, |n| n as usize);
    let method = asked.method.unwrap_or_default();
    let replicas = or(asked.replicas, 1);
    let population = or(asked.population, Cma::population(n).next_multiple_of(LANES));
    let (finalists, held_out) = (or(asked.finalists, FINALISTS), or(asked.held_out, HELD_OUT));
    for (flag, value, fewest) in [
        ("--replicas", replicas, 1),
        ("--population", population, 4),
        ("--finalists", finalists, 1),
        ("--held-out", held_out, 2),
    ] {
        if value < fewest {
            let rule = format!("must be {fewest} or more");
            return Err(Error::flag_range(flag, value, rule));
        }
    }
    let start = match method {
        Method::Sobol => population,
        Method::Cma | Method::Bipop => FEWEST_AT_START.max((4 * n).next_multiple_of(LANES)),
    };
    let last = finalists * held_out;
    let fewest = (start + population) * replicas + last;
    let default = FEWEST_RUNS.max(RUNS_PER_NUMBER * n) * replicas;
    let runs = or(asked.runs, default.max(fewest));
    if runs < fewest {
        let rule = format!(
            "that is too few: {start} candidates to begin with, {population} in a generation, {replicas} runs of each, and {finalists} \
             finalists on {held_out} unseen seeds take {fewest}; raise it, or lower these"
        );
        return Err(Error::flag_range("--runs", runs, rule));
    }
    if n > crate::fit::Sobol::MOST {
        let most = crate::fit::Sobol::MOST;
        let problem = format!("{n} numbers are free, and a fit takes at most {most}");
        return Err(Error::usage(
            problem,
            "tie some together, as in --free 'a,b=0:1'",
        ));
    }
    if seed.checked_add((replicas + held_out) as u64).is_none() {
        let rule = "the seeds of a fit count up from it, past the largest whole number";
        return Err(Error::out_of_range(
            crate::study::key::SEED.path,
            seed,
            rule,
        ));
    }
    Ok(Settings {
        method,
        runs,
        replicas,
        population,
        start,
        search: asked.search.unwrap_or(0),
        finalists,
        held_out,
    })
}
