//! `brainsweep simulate`: one simulation, scored and drawn.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::json;

use super::backend::BackendArgs;
use super::report::{self, Report};
use super::{note_data, print, print_json, progress, results_folder, whole};
use crate::backend::{Backend, Control};
use crate::error::{Error, Result};
use crate::io::{memory, study as studies};
use crate::plan::Plan;
use crate::record::Raw;
use crate::study::key;

/// Arguments of `brainsweep simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub struct Args {
    /// A study file, or the name of a study that comes with the program; left out: hcp_network.
    study: Option<PathBuf>,
    /// Set a key of the study, as often as needed: coupling.g=1.2, parameters.tau=15, parameters.alpha[12]=3.1.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of every random number; short for --set seed=N.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    #[command(flatten)]
    backend: BackendArgs,
    /// Folder for the results; left out: the first free of out/STUDY-1, out/STUDY-2, ...
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in --out; a folder with anything else in it is left alone.
    #[arg(long, requires = "out")]
    force: bool,
    /// Only say what would run, how long it would take and how much memory.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

fn after_help() -> String {
    let keys = key::help(key::KEYS);
    format!(
        "Examples:
  brainsweep simulate                        the tutorial: 80 regions, 6 s
  brainsweep simulate --set g=1.2 --seed 3 --out g12
  brainsweep simulate wilson_cowan           two stable states of one model
  brainsweep simulate mine.toml --backend gpu --json
  brainsweep simulate mine.toml --dry-run    what would run, how long it takes

Keys of a study, in its file and in --set (`brainsweep keys` explains them). Where no
other key ends so, the end of a key will do: g for coupling.g, x_ext for input.x.
{keys}
What it leaves in its folder, which appears whole when all is written:
  simulation.npz   t (ms), one array [n_samples, n_nodes] per recorded state,
                   STATE_final [n_nodes], fc, scores
  manifest.json    version, seed, every key with its value, device, wall time
  *.svg, *.png     figures

Ctrl-C ends a run soon and keeps what it has, marked in manifest.json; a second
one ends it at once and keeps nothing. A run whose numbers overflow keeps what
came before, says where and when, and exits with 2."
    )
}

/// Simulates a study.
///
/// # Errors
/// Bad studies, devices that fail, places that cannot be written to; [`Error::Diverged`] and [`Error::Interrupted`] once
/// what there is has been written.
pub(super) fn run(args: Args) -> Result<()> {
    args.backend.start_threads()?;
    let mut flags = args.set.clone();
    flags.extend(args.seed.map(|seed| format!("{}={seed}", key::SEED.path)));
    let study = studies::load(args.study.as_deref(), &flags)?;
    note_data(&study);
    let plan = Plan::new(&study)?;
    check_memory(&plan, memory::available_bytes())?;
    let backend = args.backend.select(plan.n_simulations())?;
    if args.dry_run {
        return dry_run(&plan, &*backend, args.json);
    }
    progress::note_interruption()?;
    let folder = results_folder(args.out.as_deref(), args.force, &study.name)?;

    let start = Instant::now();
    let (recorder, control) = (Raw::new(&plan)?, Control::default());
    let total = u64::from(plan.n_steps) * plan.n_simulations() as u64;
    let outcome = progress::watched(total, &control, || backend.run(&plan, &recorder, &control));
    let wall_s = start.elapsed().as_secs_f64();
    let Some(recorded) = recorder.into_recorded().pop() else {
        outcome?;
        return Err(Error::Interrupted);
    };
    let interrupted = control.is_stopped() && recorded.end.n_steps < plan.n_steps;
    let report = Report::new(
        &study,
        &plan,
        backend.device(),
        recorded,
        wall_s,
        interrupted,
    )?;
    let out = report.write(folder)?;
    if args.json {
        print_json(&report.to_json(&out))?;
    } else {
        print(&report.to_text(&out))?;
    }
    outcome?;
    report.verdict(&out)?;
    report.note_undefined();
    Ok(())
}

/// Every sample stays in memory until it is written.
fn check_memory(plan: &Plan, available: Option<u64>) -> Result<()> {
    // Beside the samples, the time of each as written and as drawn.
    let times = 16 * plan.recording.n_samples as u64;
    let bytes =
        plan.n_simulations() as u64 * (plan.bytes_per_simulation() + plan.bytes_recorded() + times);
    match available {
        Some(available) if bytes > available => {
            let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
            let problem = format!(
                "with {} samples of {} the run needs {:.1} GiB of memory, and there are {:.1} GiB",
                plan.recording.n_samples,
                report::nodes(plan.n_nodes),
                gibibytes(bytes),
                gibibytes(available)
            );
            let hint = "raise record.every or shorten protocol.duration";
            Err(Error::conflict(problem, hint))
        }
        _ => Ok(()),
    }
}

/// What would run; a few steps are done to see how long it would take.
fn dry_run(plan: &Plan, backend: &dyn Backend, json: bool) -> Result<()> {
    const TRIAL_STEPS: u32 = 1000;
    let trial = plan.first_steps(TRIAL_STEPS);
    let start = Instant::now();
    backend.run(&trial, &Raw::new(&trial)?, &Control::default())?;
    let seconds =
        start.elapsed().as_secs_f64() * f64::from(plan.n_steps) / f64::from(trial.n_steps);
    let bytes = plan.bytes_per_simulation() + plan.bytes_recorded();
    let device = backend.device();
    if json {
        return print_json(&json!({
            "model": plan.model.name,
            "simulations": plan.n_simulations(),
            "nodes": plan.n_nodes,
            "steps": plan.n_steps,
            "samples": plan.recording.n_samples,
            "bytes": bytes,
            "expected_s": seconds,
            "backend": device.backend,
            "device": device.name,
            "device_class": device.class,
        }));
    }
    let rate = f64::from(plan.n_steps) / seconds;
    print(&format!(
        "This would run:\n{plan}  {:<12} {} ({}, {})\n  {:<12} {:.2} s at {}steps/s, by a trial of {} steps",
        "backend",
        device.backend,
        device.name,
        device.class.name(),
        "time",
        seconds,
        progress::metric(rate),
        trial.n_steps,
    ))
}
