//! `brainsweep simulate`: one simulation, scored and drawn.

mod finer;
mod noise;
mod step_error;
mod text;
mod trial;

use std::path::PathBuf;

use clap::builder::TypedValueParser;

use super::backend::BackendArgs;
use super::output::{OutputArgs, note, note_data, study_words};
use super::{interruption, measures, progress, whole};
use crate::error::Result;
use crate::io::{self, study as studies};
use crate::plan::{MOST_HALVINGS, Plan};
use crate::run::{Simulation, data_notes};
use crate::study::key;

/// Without `--out`.
const OUT: &str =
    "Folder for the results; left out: the first free of out/STUDY-1, out/STUDY-2, ...";

/// Arguments of `brainsweep simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help(), mut_arg("out", |out| out.help(OUT)))]
pub struct Args {
    /// A study file, or the name of a study that comes with the program; left out: hcp_network.
    study: Option<PathBuf>,
    /// Set a key of the study, as often as needed: coupling.g=1.2, parameters.tau=15, parameters.alpha[12]=3.1.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of every random number; short for --set seed=N.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    /// Also run with half the step, on the same path of noise, and say how far that moves the results; N halves the step N times and
    /// measures the order, from 2 on with a figure.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1", value_parser = halvings())]
    step_error: Option<u32>,
    #[command(flatten)]
    pub backend: BackendArgs,
    /// Only say what would run, how long it would take and how much memory.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

fn halvings() -> impl TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(1..=i64::from(MOST_HALVINGS))
}

fn after_help() -> String {
    let keys = key::help(key::KEYS);
    let measures = measures::listed(true);
    format!(
        "Examples:
  brainsweep simulate                        the tutorial: 80 regions, 6 s
  brainsweep simulate --set g=1.2 --seed 3 --out g12
  brainsweep simulate wilson_cowan           two stable states of one model
  brainsweep simulate mine.toml --backend gpu --json
  brainsweep simulate mine.toml --dry-run    what would run, how long it takes
  brainsweep simulate mine.toml --step-error  how far the step decides the score

Keys of a study, in its file and in --set (`brainsweep keys` explains them). Where no
other key ends so, the end of a key will do: g for coupling.g, x_ext for input.x.
{keys}
What it leaves in its folder, which appears whole when all is written:
  simulation.npz   t (ms), one array [n_samples, n_nodes] per recorded state,
                   STATE_final [n_nodes], and the measures below
  step_error.csv   with --step-error: every run, how far scores and FC moved
  manifest.json    version, seed, every key with its value, device, wall time,
                   each array's dimensions, unit and meaning
  *.svg, *.png     figures; report.html: all of it on one page, to be clicked through

Measures of the first recorded state, after the transient:
{measures}
Ctrl-C ends a run soon and keeps what it has, marked in manifest.json; while figures are
drawn, it leaves out the others. One more ends it at once and keeps nothing. A run whose
numbers overflow keeps what came before, says where and when, and exits with 4."
    )
}

/// Simulates a study.
///
/// # Errors
/// Bad studies, devices that fail, places that cannot be written to; [`Error::Diverged`](crate::Error::Diverged) and
/// [`Error::Interrupted`](crate::Error::Interrupted) once what there is has been written.
pub(super) fn run(args: Args) -> Result<()> {
    args.backend.start_threads()?;
    let mut flags = args.set.clone();
    flags.extend(args.seed.map(|seed| format!("{}={seed}", key::SEED.path)));
    let study = studies::load(args.study.as_deref(), &flags)?;
    note_data(&study);
    let simulation = Simulation::new(&study)?;
    if let Some(halvings) = args.step_error {
        // What cannot be halved is known before anything runs.
        Plan::refined(std::slice::from_ref(&study), halvings)?;
    }
    let plan = simulation.plan();
    let backend = args.backend.select(plan.n_simulations(), plan)?;
    if args.dry_run {
        let trial = simulation.trial(&*backend)?;
        let (plan, device) = (simulation.plan(), backend.device());
        let halvings = args.step_error;
        return args.output.printed.print(
            || trial::to_text((&study, plan), device, &trial, halvings),
            || trial::to_json((&study, plan), device, &trial, halvings),
        );
    }
    interruption::note_interruption()?;
    let folder = args.output.folder(&study.name)?;

    let (control, latest) = interruption::told();
    let plan = simulation.plan();
    let total = u64::from(plan.n_steps) * plan.n_simulations() as u64;
    let run = || simulation.run(&*backend, &control);
    let simulated = progress::watched_after(total, &control, latest, run)?;
    let halvings = args.step_error.filter(|_| simulated.is_over());
    let step_error = halvings.map(|halvings| finer::step_error(&study, &simulated, halvings));
    // The simulation is kept if what comes after it fails.
    let (step_error, failure) = match step_error.transpose() {
        Ok(step_error) => (step_error, None),
        Err(error) => (None, Some(error)),
    };
    let mut output = simulated.output();
    output.study_words = study_words(args.study.as_deref(), &flags);
    step_error.iter().for_each(|of| of.add_to(&mut output));
    let (out, left_out) = io::output::write(&output, folder, interruption::drawing())?;
    drop(output);
    let scored = simulated.scored();
    let error = step_error.as_ref();
    args.output.printed.print(
        || text::to_text(&simulated, &scored, error, &out),
        || text::to_json(&simulated, &scored, error, &out),
    )?;
    let unscored = scored.undefined.filter(|_| simulated.scores().is_some());
    let remarks = simulated.remarks();
    simulated.verdict(&out)?;
    remarks.iter().for_each(|text| note(text));
    if let Some(why) = unscored
        && !data_notes(&study.connectome).contains(&why)
    {
        note(&why);
    }
    interruption::check_drawn(&left_out, interruption::RUNS)?;
    failure.map_or(Ok(()), Err)
}
