//! The flags of `brainsweep fit`.

use std::path::PathBuf;

use crate::cli::backend::BackendArgs;
use crate::cli::output::OutputArgs;
use crate::cli::{positive, whole};

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
  brainsweep fit --free g=0.5:1.5 --free input=0.6:0.9 --report hopf
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
  hopf.csv                        curves of first Hopf points, with --report hopf
  best.csv, subjects.csv          the finalists on seen and on unseen seeds
  zarr.json, FOLDERS              a Zarr group: every candidate, its numbers and measures
  *.svg, *.png                    objective, pairs, profiles, best_fc, regions, subjects, subjects_fc
  report.html                     every candidate on one page, to be clicked through
  manifest.json, state/           what was asked for; what the same command goes on from

The same command goes on where the last one stopped, whatever stopped it, and ends with
the same bytes. More --runs go on with the same search.", mut_arg("out", |out| out.help(OUT)))]
pub struct Args {
    /// A study file, or the name of a study that comes with the program; left out: hcp_network.
    pub(super) study: Option<PathBuf>,
    /// Let a number free: KEY=LOW:HIGH or KEY=LOW:HIGH:log, as often as needed; several keys with commas are one number;
    /// KEY=FORMULA among them follows from the first.
    #[arg(long, value_name = "KEY=LOW:HIGH", allow_hyphen_values = true)]
    pub(super) free: Vec<String>,
    /// What is to be large: an expression over measures; several, and a front of them is searched; left out: fc.
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub(super) objective: Vec<String>,
    /// How to search: cma (evolution strategy, with more and more candidates), bipop (the same, and runs with few between),
    /// guided (as cma, one candidate of each generation where a quadratic model of the objective is largest),
    /// sobol (points that fill the ranges, nothing else), nsga2 (for several objectives); left out: guided or nsga2.
    #[arg(long, value_name = "METHOD")]
    pub(super) method: Option<String>,
    /// Where the first candidates lie: sobol (all over the ranges), hopf (half of them on the curves of first Hopf points); left
    /// out: sobol.
    #[arg(long, value_name = "WHERE")]
    pub(super) start: Option<String>,
    /// Simulations, at most, those on unseen seeds among them; left out: 80 for each free number, at least 160.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) runs: Option<u32>,
    /// Simulations of every candidate, each with a seed of its own; left out: 1.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) replicas: Option<u32>,
    /// Candidates of a generation; left out: 4 + 3 ln n for n free numbers, up to a multiple of 8.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) population: Option<u32>,
    /// Which of its own random numbers the search takes: another number, another search; left out: 0.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    pub(super) search: Option<u64>,
    /// Candidates that are run again on unseen seeds; left out: 4.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) finalists: Option<u32>,
    /// Unseen seeds on which each finalist runs; left out: 16.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) held_out: Option<u32>,
    /// Time between the samples that are measured, ms; left out: 1, or the step if that is longer.
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub(super) sampling: Option<f64>,
    /// Measured subjects, by number from 0, that are kept out of the objective; the report gives theirs, too.
    #[arg(long, value_name = "SUBJECTS", value_delimiter = ',', value_parser = whole::<usize>)]
    pub(super) validate: Vec<usize>,
    /// Fit each measured subject for itself; every simulation is scored for all of them, or runs on the connectome of one
    /// where each has its own.
    #[arg(long)]
    pub(super) each_subject: bool,
    /// Fit data that the model makes with N known sets of numbers (NAME_data in objectives), and say how far off the found ones are.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(super) recover: Option<u32>,
    /// Set a key of the study for all candidates, as often as needed.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// The first seed; short for --set protocol.seed=N.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    pub(super) seed: Option<u64>,
    /// Add to the report: hopf (curves of the first Hopf points of the network, delays included, over the first two free numbers, and
    /// how far beyond them the finalists lie).
    #[arg(long, value_name = "WHAT")]
    pub(super) report: Option<String>,
    #[command(flatten)]
    pub backend: BackendArgs,
    /// Only say what would run, how long it would take, how many candidates.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}
