//! The flags of `brainsweep fit`, and how they go together with a study's `[fit]` table.

use std::path::PathBuf;

use crate::cli::backend::BackendArgs;
use crate::cli::output::OutputArgs;
use crate::cli::{positive, whole};
use crate::error::{Error, Result};
use crate::fit::{Description, Method};
use crate::study::key;
use crate::sweep::Vary;
use crate::word::Word;

/// Without `--out`, and with one that is there.
const OUT: &str = "Folder of the results; one that holds the same fit goes on where that stopped. Left \
                   out: the first free of out/STUDY-fit-1, ...";

/// Arguments of `brainsweep fit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep fit --free g=0:3 --free input=0.5:0.9 --out f1
  brainsweep fit --free g=0:3 --free 'noise.sigma.x,noise.sigma.y=0.001:0.05:log' --dry-run
  brainsweep fit mine.toml --free g=0:3 --objective '-abs(mean-0.3)' --runs 1000
  brainsweep fit --free g=0:3 --free input=0.5:0.9 --objective fc --objective=-synchrony
  brainsweep fit --free g=0:3 --free input=0.5:0.9 --each-subject
  brainsweep fit --free g=0:3 --recover 20 --objective 'fc-10*abs(sd-sd_data)'

An objective is an expression over measures: fc (the correlation with measured functional
connectivity, mean over subjects), mean, sd (over nodes), and any that is one number:

  [fit]                                           # the same in a study
  objective = \"fc\"
  [fit.free]
  \"coupling.g\" = \"0:3\"
  \"noise.sigma.x,noise.sigma.y\" = \"0.001:0.05:log\"

All candidates run with the same seeds, so that their objectives can be compared. The
best are then run on unseen seeds, which decide: what a search says of its own seeds
flatters it.

What it leaves in --out:
  report.md                       what was found, and how far to trust it
  best.toml, best-subject-*.toml, front-*.toml  studies with the numbers found, to be run at once
  best.csv, subjects.csv          the finalists on seen and on unseen seeds
  fit.npz                         every candidate with its numbers, objective and measures
  *.svg, *.png                    objective, pairs, profiles, best_fc
  manifest.json, state/           what was asked for; what the same command goes on from

The same command goes on where the last one stopped, whatever stopped it, and ends with
the same bytes. More --runs go on with the same search.", mut_arg("out", |out| out.help(OUT)))]
pub struct Args {
    /// A study file, or the name of a study that comes with the program; left out: hcp_network.
    pub(super) study: Option<PathBuf>,
    /// Let a number free: KEY=LOW:HIGH or KEY=LOW:HIGH:log, as often as needed; several keys with commas are one number.
    #[arg(long, value_name = "KEY=LOW:HIGH", allow_hyphen_values = true)]
    free: Vec<String>,
    /// What is to be large: an expression over measures; several, and a front of them is searched; left out: fc.
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    objective: Vec<String>,
    /// How to search: cma (evolution strategy, with more and more candidates), bipop (the same, and runs with few between),
    /// sobol (points that fill the ranges, nothing else), nsga2 (for several objectives); left out: cma or nsga2.
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Simulations, at most, those on unseen seeds among them; left out: 80 for each free number, at least 160.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    runs: Option<u32>,
    /// Simulations of every candidate, each with a seed of its own; left out: 1.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    replicas: Option<u32>,
    /// Candidates of a generation; left out: 4 + 3 ln n for n free numbers, up to a multiple of 8.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    population: Option<u32>,
    /// Which of its own random numbers the search takes: another number, another search; left out: 0.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    search: Option<u64>,
    /// Candidates that are run again on unseen seeds; left out: 4.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    finalists: Option<u32>,
    /// Unseen seeds on which each finalist runs; left out: 16.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    held_out: Option<u32>,
    /// Time between the samples that are measured, ms; left out: 1, or the step if that is longer.
    #[arg(long, value_name = "MS", value_parser = positive)]
    sampling: Option<f64>,
    /// Measured subjects, by number from 0, that are kept out of the objective; the report gives theirs, too.
    #[arg(long, value_name = "SUBJECTS", value_delimiter = ',', value_parser = whole::<usize>)]
    validate: Vec<usize>,
    /// Fit each measured subject for itself; every simulation is scored for all of them.
    #[arg(long)]
    each_subject: bool,
    /// Fit data that the model makes with N known sets of numbers (NAME_data in objectives), and say how far off the found ones are.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) recover: Option<u32>,
    /// Set a key of the study for all candidates, as often as needed.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The first seed; short for --set protocol.seed=N.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    #[command(flatten)]
    pub(super) backend: BackendArgs,
    /// Only say what would run, how long it would take, how many candidates.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl Args {
    /// The study's keys that are set by flags.
    pub(super) fn settings(&self) -> Vec<String> {
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
    pub(super) fn description(&self, table: Description) -> Result<Description> {
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
}
