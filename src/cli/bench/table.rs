//! What was timed, as a table and as JSON.

use crate::cli::output::{PrintArgs, note, print, print_json};
use crate::cli::progress::metric;
use crate::error::Result;
use crate::run::{BenchRow as Row, Finding};

/// Rows as they come: printed at once as a table, under a line for each device, or kept to be printed
/// as JSON.
pub(super) struct Report {
    printed: PrintArgs,
    rows: Vec<Row>,
}

impl Report {
    pub(super) fn new(printed: PrintArgs) -> Self {
        let rows = Vec::new();
        Self { printed, rows }
    }

    /// Takes what was found.
    pub(super) fn take(&mut self, finding: Finding<'_>) -> Result<()> {
        match finding {
            Finding::CpuPeak(lanes, peaks) => self.remark(&format!(
                "{} lanes, one thread: {}loads/s from the first-level cache, {}loads/s from the second, {}multiply-adds/s",
                lanes.name(),
                metric(peaks.l1_loads),
                metric(peaks.l2_loads),
                metric(peaks.multiply_adds),
            )),
            Finding::GpuPeak(device, peaks) => self.remark(&format!(
                "{device}: {}loads/s from workgroup memory, {}loads/s from memory, {}multiply-adds/s",
                metric(peaks.workgroup_loads),
                metric(peaks.memory_loads),
                metric(peaks.multiply_adds),
            )),
            Finding::NoGpu(why) => {
                note(&format!("no GPU is timed: {why}"));
                Ok(())
            }
            Finding::Row(row) => self.push(row),
        }
    }

    /// A line of the table's, not of the JSON.
    fn remark(&self, text: &str) -> Result<()> {
        match self.printed.is_json() {
            true => Ok(()),
            false => print(text),
        }
    }

    fn push(&mut self, row: Row) -> Result<()> {
        let same_device = |last: &Row| last.device == row.device;
        if !self.printed.is_json() {
            if !self.rows.last().is_some_and(same_device) {
                print(&heading(&row))?;
            }
            print(&line(&row))?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Prints the JSON, if that is what was asked for.
    pub(super) fn finish(self) -> Result<()> {
        match self.printed.is_json() {
            true => print_json(&self.rows),
            false => Ok(()),
        }
    }
}

fn heading(row: &Row) -> String {
    format!(
        "\n{}: {}\nkernel            nodes  max lag  replicas  seeds   moments  threads  replica-steps/s  ms per run  connections/s  of peak\n",
        row.backend, row.device
    )
}

fn line(row: &Row) -> String {
    let fraction = row.peak_fraction.map_or(String::from("-"), |fraction| {
        format!("{:.0} %", 100.0 * fraction)
    });
    format!(
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
    )
}
