//! `brainsweep simulate`: one simulation, scored and drawn.

use std::path::{Path, PathBuf};
use std::time::Instant;

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::backend::BackendArgs;
use super::{figures, print, print_json, progress};
use crate::backend::{Backend, Control, Device};
use crate::error::{Error, Result};
use crate::io::folder::{MANIFEST, NewFolder};
use crate::io::{atomic_write, memory, npz, study as studies};
use crate::measure;
use crate::plan::Plan;
use crate::plot::Figure;
use crate::record::{Divergence, Raw, Recorded};
use crate::study::Study;

/// Arguments of `brainsweep simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep simulate                        the tutorial: 80 regions, 6 s
  brainsweep simulate --set coupling.g=1.2 --seed 3 --out g12
  brainsweep simulate wilson_cowan           two stable states of one model
  brainsweep simulate mine.toml --backend gpu --json
  brainsweep simulate mine.toml --dry-run    what would run, how long it takes

Keys of a study, in its file and in --set (PER NODE: a number or a list):
  model, integrator        `brainsweep models`; exponential-euler, euler, heun, rk4
  parameters.NAME          PER NODE; `brainsweep models show MODEL` has the names
  connectome.file          npz; also .weights, .tract_lengths, .functional, ...
  connectome.nodes         in place of a file: so many uncoupled nodes
  coupling.kind, .g        diffusive, additive, none; global coupling
  coupling.conduction_speed                  mm/ms; inf: no delays
  coupling.delay_rounding, .delay_reads      nearest, truncate; x[n-d], x[n-1-d]
  input.STATE              PER NODE
  noise.kind, .tau         ornstein-uhlenbeck, white, none; ms
  noise.mean.STATE, .sigma.STATE             PER NODE
  initial.STATE            PER NODE, or { uniform = [low, high] }; .history.STATE
  protocol.duration, .dt, .transient, .seed  ms, ms, ms, a whole number
  record.states, .every    a list of states; ms

What it leaves in its folder, which appears whole when all is written:
  simulation.npz   t (ms), one array [n_samples, n_nodes] per recorded state,
                   STATE_final [n_nodes], fc, scores
  manifest.json    version, seed, every key with its value, device, wall time
  *.svg, *.png     figures

Ctrl-C ends a run soon and keeps what it has, marked in manifest.json; a second
one ends it at once and keeps nothing. A run whose numbers overflow keeps what
came before, says where and when, and exits with 2.")]
pub struct Args {
    /// A study file, or the name of a study that comes with the program; left out: hcp_network.
    study: Option<PathBuf>,
    /// Set a key of the study, as often as needed: coupling.g=1.2, parameters.tau=15, parameters.alpha[12]=3.1.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of every random number; short for --set protocol.seed=N.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    backend: BackendArgs,
    /// Folder for the results; left out: the first free of out/STUDY-1, out/STUDY-2, ...
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in --out.
    #[arg(long, requires = "out")]
    force: bool,
    /// Only say what would run, how long it would take and how much memory.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

/// Samples before this are the start-up, of which the score should be free, ms.
const START_UP_MS: f64 = 1000.0;
/// The stretch at the end that is drawn region by region, ms.
const DETAIL_MS: f64 = 1000.0;
/// Pixels per point in png files: 200 per inch.
pub(super) const PNG_SCALE: f64 = 200.0 / 72.0;

/// Simulates a study.
///
/// # Errors
/// Bad studies, devices that fail, places that cannot be written to; [`Error::Diverged`] and [`Error::Interrupted`] once
/// what there is has been written.
pub(super) fn run(args: Args) -> Result<()> {
    let mut flags = args.set.clone();
    flags.extend(args.seed.map(|seed| format!("protocol.seed={seed}")));
    let study = studies::load(args.study.as_deref(), &flags)?;
    let plan = Plan::new(&study)?;
    check_memory(&plan, memory::available_bytes())?;
    let backend = args.backend.select(plan.n_simulations())?;
    if args.dry_run {
        return dry_run(&plan, &*backend, args.json);
    }
    progress::note_interruption()?;
    // Before the work, so that a place that cannot be written to is known at once.
    let folder = match &args.out {
        Some(path) => NewFolder::named(path, args.force)?,
        None => NewFolder::numbered(Path::new("out"), &study.name)?,
    };

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
    report.verdict(&out)
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
            let found = format!(
                "{} samples of {}",
                plan.recording.n_samples,
                nodes(plan.n_nodes)
            );
            let rule = format!(
                "with them the run needs {:.1} GiB of memory and there are {:.1} GiB; raise record.every or shorten \
                 protocol.duration",
                gibibytes(bytes),
                gibibytes(available)
            );
            Err(Error::bad_value("record", found, rule))
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

fn nodes(n: usize) -> String {
    format!("{n} {}", if n == 1 { "node" } else { "nodes" })
}

/// All that comes out of a simulation.
struct Report<'a> {
    study: &'a Study,
    plan: &'a Plan,
    device: &'a Device,
    recorded: Recorded,
    wall_s: f64,
    /// Whether it was stopped before its end.
    interrupted: bool,
    t_ms: Vec<f64>,
    fc: Option<Array2<f64>>,
    scores: Option<Vec<f64>>,
    /// Mean score without the start-up, where there is one to leave out.
    settled_score: Option<f64>,
}

impl<'a> Report<'a> {
    fn new(
        study: &'a Study,
        plan: &'a Plan,
        device: &'a Device,
        recorded: Recorded,
        wall_s: f64,
        interrupted: bool,
    ) -> Result<Self> {
        let t_ms: Vec<f64> = (0..recorded.samples.len_of(Axis(0)))
            .map(|k| plan.sample_time_ms(k))
            .collect();
        let mut report = Self {
            study,
            plan,
            device,
            recorded,
            wall_s,
            interrupted,
            t_ms,
            fc: None,
            scores: None,
            settled_score: None,
        };
        let n_transient = plan.recording.n_transient;
        report.fc = report.fc_from(n_transient);
        if let (Some(fc), Some(functional)) = (&report.fc, &study.connectome.functional) {
            report.scores = Some(measure::scores(fc.view(), functional.view())?);
            let settled = report
                .t_ms
                .partition_point(|&t| t < START_UP_MS * (1.0 + 1e-9));
            if settled > n_transient
                && let Some(fc) = report.fc_from(settled)
            {
                report.settled_score = Some(measure::mean(&measure::scores(
                    fc.view(),
                    functional.view(),
                )?));
            }
        }
        Ok(report)
    }

    /// FC of the first recorded state from sample `first` on; `None` if there are no two nodes or samples.
    fn fc_from(&self, first: usize) -> Option<Array2<f64>> {
        let x: ArrayView2<f32> = self.recorded.samples.index_axis(Axis(1), 0);
        (x.nrows() >= first + 2 && x.ncols() > 1).then(|| measure::fc(x.slice(s![first.., ..])))
    }

    fn mean_score(&self) -> Option<f64> {
        self.scores.as_deref().map(measure::mean)
    }

    /// Replica-steps per second.
    fn rate(&self) -> f64 {
        f64::from(self.recorded.end.n_steps) / self.wall_s
    }

    /// Writes everything; where it is.
    fn write(&self, folder: NewFolder) -> Result<PathBuf> {
        let at = |name: &str| folder.path().join(name);
        let mut arrays = npz::Writer::create(&at("simulation.npz"))?;
        arrays.add("t", &Array1::from(self.t_ms.clone()))?;
        for (r, &state) in self.plan.recording.states.iter().enumerate() {
            let name = self.plan.model.states[state].name;
            arrays.add(name, &self.recorded.samples.index_axis(Axis(1), r))?;
        }
        for (state, values) in self
            .plan
            .model
            .states
            .iter()
            .zip(self.recorded.end.state.outer_iter())
        {
            arrays.add(&format!("{}_final", state.name), &values)?;
        }
        if let Some(fc) = &self.fc {
            arrays.add("fc", fc)?;
        }
        if let Some(scores) = &self.scores {
            arrays.add("scores", &Array1::from(scores.clone()))?;
        }
        arrays.finish()?;
        self.figures()?.par_iter().try_for_each(|(name, figure)| {
            atomic_write(&at(&format!("{name}.svg")), figure.svg().as_bytes())?;
            atomic_write(&at(&format!("{name}.png")), &figure.png(PNG_SCALE)?)
        })?;
        let manifest = serde_json::to_vec_pretty(&self.manifest()).expect("plain values are JSON");
        atomic_write(&at(MANIFEST), &manifest)?;
        folder.finish()
    }

    fn figures(&self) -> Result<Vec<(&'static str, Figure)>> {
        let (study, plan) = (self.study, self.plan);
        let title = format!(
            "{}: {}, {}, {} ms",
            study.name,
            plan.model.name,
            nodes(plan.n_nodes),
            study.protocol.duration
        );
        let mut figures = Vec::new();
        if !plan.edges.lag.is_empty() {
            figures.push((
                "connectome",
                figures::connectome(&study.connectome, &study.name)?,
            ));
            if let Some(fc) = &self.fc {
                let title = match self.mean_score() {
                    Some(score) => {
                        format!("functional connectivity, mean score {score:.3}\n{title}")
                    }
                    None => format!("functional connectivity\n{title}"),
                };
                let measured = study.connectome.functional.as_ref();
                figures.push(("fc", figures::fc(fc, measured, &title)?));
            }
        }
        if let Some(&end) = self.t_ms.last() {
            let traces = figures::Traces {
                t_ms: &self.t_ms,
                samples: self.recorded.samples.view(),
                model: plan.model,
                recorded: &plan.recording.states,
                labels: &study.connectome.labels,
            };
            figures.push(("time_series", traces.time_series(&title)?));
            if !plan.edges.lag.is_empty() && end > DETAIL_MS {
                figures.push((
                    "regions",
                    traces.regions(DETAIL_MS, &format!("{title}: the last {DETAIL_MS} ms"))?,
                ));
            }
        }
        Ok(figures)
    }

    fn manifest(&self) -> Value {
        json!({
            "brainsweep": env!("CARGO_PKG_VERSION"),
            "command": "simulate",
            "seed": self.study.protocol.seed,
            "study": studies::to_json(self.study),
            "device": self.device,
            "steps": { "planned": self.plan.n_steps, "done": self.recorded.end.n_steps },
            "interrupted": self.interrupted,
            "diverged": self.recorded.end.divergence,
            "scores": self.scores,
            "mean_score": self.mean_score(),
            "mean_score_without_first_second": self.settled_score,
            "wall_s": self.wall_s,
            "replica_steps_per_s": self.rate(),
        })
    }

    fn to_json(&self, out: &Path) -> Value {
        json!({
            "backend": self.device.backend,
            "device": self.device.name,
            "device_class": self.device.class,
            "scores": self.scores,
            "mean_score": self.mean_score(),
            "mean_score_without_first_second": self.settled_score,
            "interrupted": self.interrupted,
            "diverged": self.recorded.end.divergence,
            "steps": self.recorded.end.n_steps,
            "wall_s": self.wall_s,
            "replica_steps_per_s": self.rate(),
            "out": out,
        })
    }

    fn to_text(&self, out: &Path) -> String {
        let mut text = format!(
            "{}: {}, {} steps in {:.3} s on the {} ({}): {}steps/s\n",
            self.study.name,
            nodes(self.plan.n_nodes),
            self.recorded.end.n_steps,
            self.wall_s,
            self.device.backend,
            self.device.name,
            progress::metric(self.rate()),
        );
        if let (Some(scores), Some(mean)) = (&self.scores, self.mean_score()) {
            text += "\ncorrelation of simulated and measured functional connectivity\n";
            let numbers: Vec<String> = scores.iter().map(|score| format!("{score:.2}")).collect();
            text += &format!(
                "  per subject   {}\n  mean          {mean:.3}\n",
                numbers.join("  ")
            );
            if let Some(settled) = self.settled_score {
                text += &format!(
                    "  mean without the first second   {settled:.3}\n\
                     All regions leave their start together, and that alone correlates them: the difference of the two\n\
                     means is start-up, not dynamics. `--set protocol.transient=1000` leaves it out of fc and scores.\n"
                );
            }
        }
        text + &format!("\nwritten to {}", out.display())
    }

    /// Whether it ended as planned.
    fn verdict(&self, out: &Path) -> Result<()> {
        if let Some(Divergence {
            node,
            time_ms,
            simulation,
        }) = self.recorded.end.divergence
        {
            return Err(Error::Diverged {
                simulation,
                node,
                label: self.study.connectome.labels[node].clone(),
                time_ms,
                dt_ms: self.plan.dt_ms,
                kept: out.into(),
            });
        }
        if self.interrupted {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}
