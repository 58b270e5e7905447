//! Which backend a command runs on: flags that several commands share.

use clap::ValueEnum;

use super::threads;
use crate::backend::Backend;
use crate::backend::select::{Choice, Selected, select};
use crate::error::{Error, Result};
use crate::plan::Plan;

/// Where to run.
#[derive(Debug, clap::Args)]
pub struct BackendArgs {
    /// Where to run. auto takes what is fastest: one simulation runs on the CPU, many on a GPU if there is one (never a
    /// software renderer).
    #[arg(long, value_enum, default_value = "auto")]
    backend: BackendArg,
    /// The GPU of this number, of this PCI address, or with these words in its name and driver (`brainsweep devices` lists
    /// them).
    #[arg(long, value_name = "GPU", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    device: Option<String>,
    /// CPU threads; left out: SLURM_CPUS_PER_TASK, else OMP_NUM_THREADS, else all that this process may use.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=threads::MOST))]
    threads: Option<u16>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BackendArg {
    Auto,
    Cpu,
    Gpu,
}

impl BackendArgs {
    /// Starts as many CPU threads as are asked for.
    pub(super) fn start_threads(&self) -> Result<()> {
        threads::start(self.threads)
    }

    /// Whether the CPU is asked for.
    pub(super) fn is_cpu(&self) -> bool {
        matches!(self.backend, BackendArg::Cpu)
    }

    /// The backend for so many simulations like those of the plan; says why on stderr where that was left open.
    pub(super) fn select(&self, n_simulations: usize, plan: &Plan) -> Result<Box<dyn Backend>> {
        let selected = self.choose(n_simulations, plan)?;
        if let Some(reason) = selected.reason {
            super::output::note(&reason);
        }
        Ok(selected.backend)
    }

    /// The same, and why.
    pub fn choose(&self, n_simulations: usize, plan: &Plan) -> Result<Selected> {
        let choice = match self.backend {
            BackendArg::Auto => Choice::Auto,
            BackendArg::Cpu => Choice::Cpu,
            BackendArg::Gpu => Choice::Gpu,
        };
        if let (Choice::Cpu, Some(device)) = (choice, &self.device) {
            let problem =
                format!("--device {device:?} does not go with --backend cpu, which takes no GPU");
            return Err(Error::usage(problem, "leave out one of the two"));
        }
        select(choice, self.device.as_deref(), n_simulations, plan)
    }
}
