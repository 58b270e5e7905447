//! What a sweep would cost: time by a short trial, memory and disk by arithmetic.

use std::fmt::Write;
use std::time::Instant;

use serde_json::{Value, json};

use super::record::counted;
use super::results::Results;
use super::run;
use crate::backend::{Backend, Control, Device};
use crate::cli::progress::metric;
use crate::error::Result;
use crate::plan::Plan;
use crate::record::Streamed;
use crate::sweep::{Chunks, Sweep};

/// Steps of the trial, and its replicas per thread on the CPU.
const TRIAL_STEPS: u32 = 2000;
const TRIAL_REPLICAS: usize = 32;

/// What a trial showed, and what follows from it.
pub(super) struct Trial<'a> {
    sweep: &'a Sweep,
    device: Device,
    n_chunks: usize,
    n_batches: usize,
    host_bytes: u64,
    device_bytes: u64,
    disk_bytes: u64,
    steps_per_s: f64,
    expected_s: f64,
}

impl<'a> Trial<'a> {
    /// Runs the trial.
    pub fn new(
        sweep: &'a Sweep,
        chunks: &Chunks,
        results: &Results,
        backend: &dyn Backend,
    ) -> Result<Self> {
        let n_threads = rayon::current_num_threads();
        let device = backend.device().clone();
        let on_cpu = device.backend == "cpu";
        let together = if on_cpu {
            chunks.room()
        } else {
            chunks.room().max(run::DEVICE_REPLICAS)
        };
        let n_trial = if on_cpu {
            TRIAL_REPLICAS * n_threads
        } else {
            together
        };
        let studies = (0..n_trial.min(sweep.n_replicas())).map(|_| sweep.study(0, 0));
        let studies = studies.collect::<Result<Vec<_>>>()?;
        let whole = Plan::batch(&studies)?;
        drop(studies);
        let mut trial = whole.first_steps(TRIAL_STEPS);
        trial.recording.n_transient = 0;
        let run = || -> Result<f64> {
            let start = Instant::now();
            backend.run(&trial, &Streamed::new(&trial), &Control::default())?;
            Ok(start.elapsed().as_secs_f64())
        };
        // The first run of a device builds its program.
        let seconds = if on_cpu {
            run()?
        } else {
            run().and_then(|_| run())?
        };
        let steps_per_s = trial.n_simulations() as f64 * f64::from(trial.n_steps) / seconds;
        let total = sweep.n_replicas() as f64 * f64::from(whole.n_steps);

        // Chunks in the making with a plan each; simulations that run, eight to a thread; a number for each replica in the end.
        let n = whole.n_nodes as u64;
        let moments = if on_cpu {
            0
        } else {
            8 * (n * (n + 1) / 2 + n) + 12 * n
        };
        let per_replica = results.bytes_per_replica() + run::BYTES_OF_A_STUDY + moments;
        let n_making = if on_cpu {
            n_threads.min(chunks.len())
        } else {
            2
        };
        let making = (n_making * together) as u64 * per_replica;
        let running = if on_cpu {
            run::LANES * n_threads as u64 * whole.bytes_per_simulation()
        } else {
            0
        };
        let summary =
            16 * sweep.n_replicas() as u64 + 8 * (sweep.n_points() * sweep.axes().len()) as u64;
        Ok(Self {
            sweep,
            n_chunks: chunks.len(),
            n_batches: chunks.len().max(sweep.n_delay_tables()),
            host_bytes: making + running + summary,
            device_bytes: backend.device_bytes(&whole, run::takes(sweep))?,
            disk_bytes: (chunks.len() * chunks.room()) as u64 * results.bytes_per_replica(),
            steps_per_s,
            expected_s: total / steps_per_s,
            device,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "points": self.sweep.n_points(),
            "seeds": self.sweep.n_seeds(),
            "replicas": self.sweep.n_replicas(),
            "chunks": self.n_chunks,
            "batches": self.n_batches,
            "delay_tables": self.sweep.n_delay_tables(),
            "host_bytes": self.host_bytes,
            "device_bytes": self.device_bytes,
            "disk_bytes": self.disk_bytes,
            "expected_s": self.expected_s,
            "replica_steps_per_s": self.steps_per_s,
            "backend": self.device.backend,
            "device": self.device.name,
            "device_class": self.device.class,
        })
    }

    /// `plan` is that of the first replica.
    pub fn to_text(&self, plan: &Plan) -> String {
        let mut text = String::from("Every replica:\n");
        // Of one alone, with its samples; a sweep keeps none unless asked to.
        let apart =
            |line: &&str| !line.starts_with("  memory") && !line.starts_with("  simulations");
        for line in plan.to_string().lines().filter(apart) {
            let _ = writeln!(text, "{line}");
        }
        text += "The sweep:\n";
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "  {key:<12} {value}");
        };
        for axis in self.sweep.axes() {
            let (first, last) = (axis.values[0], axis.values[axis.values.len() - 1]);
            let unit = if axis.unit == "1" {
                String::new()
            } else {
                format!(" {}", axis.unit)
            };
            let values = format!("{} values from {first} to {last}{unit}", axis.values.len());
            line(
                &axis.path,
                if axis.log {
                    format!("{values}, logarithmic")
                } else {
                    values
                },
            );
        }
        let (points, seeds) = (self.sweep.n_points(), self.sweep.n_seeds());
        line(
            "replicas",
            format!(
                "{} = {} x {}",
                self.sweep.n_replicas(),
                counted(points, "point"),
                counted(seeds, "seed")
            ),
        );
        line(
            "work",
            format!(
                "{}, {}, {} of delays",
                counted(self.n_chunks, "chunk"),
                counted(self.n_batches, "batch").replace("batchs", "batches"),
                counted(self.sweep.n_delay_tables(), "set")
            ),
        );
        line(
            "memory",
            format!(
                "{} at most beside the program itself, {} on the device",
                bytes(self.host_bytes),
                bytes(self.device_bytes)
            ),
        );
        line("disk", bytes(self.disk_bytes));
        line(
            "backend",
            format!(
                "{} ({}, {})",
                self.device.backend,
                self.device.name,
                self.device.class.name()
            ),
        );
        let rate = metric(self.steps_per_s);
        line(
            "time",
            format!(
                "{} at {rate}replica-steps/s, by a trial of {TRIAL_STEPS} steps",
                duration(self.expected_s)
            ),
        );
        text
    }
}

/// MiB or GiB.
fn bytes(n: u64) -> String {
    let mebibytes = n as f64 / f64::from(1 << 20);
    if mebibytes < 1024.0 {
        format!("{mebibytes:.1} MiB")
    } else {
        format!("{:.2} GiB", mebibytes / 1024.0)
    }
}

/// Seconds, minutes, hours or days.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}
