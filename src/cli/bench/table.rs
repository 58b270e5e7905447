//! What was timed, as a table and as JSON.

use serde::Serialize;

use super::workload::{Measured, STEPS_OF_A_RUN, Seeds, Workload};
use crate::backend::Backend;

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    kernel: String,
    backend: &'static str,
    device: String,
    n_nodes: usize,
    max_lag: u32,
    replicas: usize,
    /// `own` or `common`.
    seeds: &'static str,
    /// Whether moments were summed.
    moments: bool,
    steps: u32,
    threads: usize,
    replica_steps_per_s: f64,
    /// One run of 60 000 steps: wall time divided by replicas.
    ms_per_run: f64,
    mac_per_s: f64,
    /// Connections per second that the machine could do at most.
    roof: Option<f64>,
    /// What bounds it.
    roof_kind: Option<&'static str>,
    roof_fraction: Option<f64>,
}

impl Row {
    /// `roof` is what bounds the sums over connections, and at how many per second.
    pub(super) fn new(
        backend: &dyn Backend,
        kernel: &str,
        threads: usize,
        workload: &Workload,
        measured: Measured,
        roof: Option<(&'static str, f64)>,
    ) -> Self {
        let mac_per_s = measured.replica_steps_per_s * measured.n_edges as f64;
        Self {
            kernel: kernel.into(),
            backend: backend.device().backend,
            device: backend.device().name.clone(),
            n_nodes: workload.n_nodes,
            max_lag: measured.max_lag,
            replicas: workload.replicas,
            seeds: match workload.seeds {
                Seeds::Own => "own",
                Seeds::Common => "common",
            },
            moments: workload.moments,
            steps: measured.steps,
            threads,
            replica_steps_per_s: measured.replica_steps_per_s,
            ms_per_run: 1e3 * f64::from(STEPS_OF_A_RUN) / measured.replica_steps_per_s,
            mac_per_s,
            roof: roof.map(|(_, roof)| roof),
            roof_kind: roof.map(|(kind, _)| kind),
            roof_fraction: roof.map(|(_, roof)| mac_per_s / roof),
        }
    }
}

/// The rows, under a line for each device.
pub(super) fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut device = "";
    for row in rows {
        if row.device != device {
            device = &row.device;
            text += &format!("\n{}: {device}\n", row.backend);
            text += "kernel            nodes  max lag  replicas  seeds   moments  threads  replica-steps/s  ms per run  connections/s  of roof\n";
        }
        let fraction = row.roof_fraction.map_or(String::from("-"), |fraction| {
            format!("{:.0} %", 100.0 * fraction)
        });
        text += &format!(
            "{:<16} {:>6}  {:>7}  {:>8}  {:<6}  {:<7}  {:>7}  {:>15.3e}  {:>10.3}  {:>13.2e}  {:>7}\n",
            row.kernel,
            row.n_nodes,
            row.max_lag,
            row.replicas,
            row.seeds,
            if row.moments { "yes" } else { "no" },
            row.threads,
            row.replica_steps_per_s,
            row.ms_per_run,
            row.mac_per_s,
            fraction,
        );
    }
    text
}
