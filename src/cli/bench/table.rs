//! What was timed, as a table and as JSON.

use serde::Serialize;

use super::workload::{Measured, Seeds, Workload};
use crate::backend::Backend;
use crate::cli::{print, print_json};
use crate::error::Result;

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
    /// One run of 60 000 steps, what comes before the first of them included: wall time divided by replicas.
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
            ms_per_run: 1e3 * measured.s_per_run,
            mac_per_s,
            roof: roof.map(|(_, roof)| roof),
            roof_kind: roof.map(|(kind, _)| kind),
            roof_fraction: roof.map(|(_, roof)| mac_per_s / roof),
        }
    }
}

/// Rows as they come: printed at once as a table, under a line for each device, or kept to be printed as JSON.
pub(super) struct Report {
    json: bool,
    rows: Vec<Row>,
    /// Kernels that there are, timed or not.
    pub names: Vec<String>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            rows: Vec::new(),
            names: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A line of the table's, not of the JSON.
    pub(super) fn remark(&self, text: &str) -> Result<()> {
        if self.json { Ok(()) } else { print(text) }
    }

    pub(super) fn push(&mut self, row: Row) -> Result<()> {
        let same_device = |last: &Row| last.device == row.device;
        if !self.json {
            if !self.rows.last().is_some_and(same_device) {
                print(&row.heading())?;
            }
            print(&row.line())?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// The JSON, if that is what was asked for.
    pub(super) fn finish(self) -> Result<()> {
        if self.json {
            print_json(&self.rows)?;
        }
        Ok(())
    }
}

impl Row {
    fn heading(&self) -> String {
        format!(
            "\n{}: {}\nkernel            nodes  max lag  replicas  seeds   moments  threads  replica-steps/s  ms per run  connections/s  of roof\n",
            self.backend, self.device
        )
    }

    fn line(&self) -> String {
        let fraction = self.roof_fraction.map_or(String::from("-"), |fraction| {
            format!("{:.0} %", 100.0 * fraction)
        });
        format!(
            "{:<16} {:>6}  {:>7}  {:>8}  {:<6}  {:<7}  {:>7}  {:>15.3e}  {:>10.3}  {:>13.2e}  {:>7}\n",
            self.kernel,
            self.n_nodes,
            self.max_lag,
            self.replicas,
            self.seeds,
            if self.moments { "yes" } else { "no" },
            self.threads,
            self.replica_steps_per_s,
            self.ms_per_run,
            self.mac_per_s,
            fraction,
        )
    }
}
