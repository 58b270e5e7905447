//! `brainsweep bench`: every kernel this machine can run, on the same work, beside the peak rate measured in the same run.

mod table;

use clap::ValueEnum;

use super::output::PrintArgs;
use super::threads;
use crate::error::{Error, Result};
use crate::run::{Bench, WhichGpu};
use table::Report;

/// Arguments of `brainsweep bench`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The work is the tutorial's network: FitzHugh-Nagumo, exponential Euler, Ornstein-Uhlenbeck noise on both states, delays
from tract lengths, and moments (for FC) every 1 ms. A rate is in steps of one whole network (replica-steps) per second; the
best of several runs counts.

Examples:
  brainsweep bench                                        all kernels
  brainsweep bench --backend gpu --json > gpu.json
  brainsweep bench --kernel batch --nodes 80,200,400,800  how cost grows with the network
  brainsweep bench --kernel batch --speed 20,5,1,0.2      with the longest delay
  brainsweep bench --kernel batch --replicas 1,16,256     with the number of replicas

The peak rate is the most that the machine can do for the sums over connections: on a CPU the lesser of loads from the
first-level cache and products added in registers (each connection needs one of both), times threads; on a GPU the lesser
of products added in registers and loads from workgroup memory or, for kernels that keep delay lines there, its memory."
)]
pub struct Args {
    /// Which backends.
    #[arg(long, value_enum, default_value = "all")]
    backend: Which,
    /// The GPU: its number, its PCI address, or words of its name and driver (`brainsweep devices` lists them).
    #[arg(long, value_name = "GPU", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    device: Option<String>,
    /// Only kernels whose name contains this.
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
    /// Nodes of the network; 80 is the HCP connectome, any other number a random one with as long tracts.
    #[arg(long, value_name = "N,..", value_delimiter = ',', allow_hyphen_values = true, default_value = "80", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    nodes: Vec<u32>,
    /// Conduction speeds, mm/ms: the longest delay grows as the speed falls.
    #[arg(
        long,
        value_name = "MM/MS,..",
        value_delimiter = ',',
        allow_hyphen_values = true,
        default_value = "20"
    )]
    speed: Vec<f64>,
    /// Replicas; left out: as many as fill the kernel's lanes on all threads.
    #[arg(long, value_name = "N,..", value_delimiter = ',', allow_hyphen_values = true, value_parser = clap::value_parser!(u32).range(1..))]
    replicas: Vec<u32>,
    /// Steps of each timed run; left out: as many as take about a third of --seconds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=600_000_000))]
    steps: Option<u32>,
    /// Seconds for each row of the table.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// CPU threads; left out: one, and all.
    #[arg(long, value_name = "N,..", value_delimiter = ',', allow_hyphen_values = true, value_parser = clap::value_parser!(u16).range(1..=threads::MOST))]
    threads: Vec<u16>,
    #[command(flatten)]
    printed: PrintArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// CPU, and every GPU that is not a software renderer.
    All,
    /// CPU only.
    Cpu,
    /// GPU only; a software renderer if there is nothing else.
    Gpu,
}

/// Times and prints.
///
/// # Errors
/// If a plan cannot be made of the arguments, a device fails, or there is no such kernel.
pub(super) fn run(args: Args) -> Result<()> {
    threads::start(None)?;
    if !(args.seconds > 0.0 && args.seconds.is_finite()) {
        let rule = "must be greater than 0";
        return Err(Error::flag_range("--seconds", args.seconds, rule));
    }
    let mut report = Report::new(args.printed);
    args.bench().run(&mut |finding| report.take(finding))?;
    report.finish()
}

impl Args {
    fn bench(&self) -> Bench {
        Bench {
            cpu: self.backend != Which::Gpu,
            gpu: match self.backend {
                Which::All => WhichGpu::Hardware,
                Which::Cpu => WhichGpu::None,
                Which::Gpu => WhichGpu::Any,
            },
            device: self.device.clone(),
            kernel: self.kernel.clone(),
            nodes: self.nodes.iter().map(|&n| n as usize).collect(),
            speeds: self.speed.clone(),
            replicas: self.replicas.iter().map(|&n| n as usize).collect(),
            steps: self.steps,
            seconds: self.seconds,
            threads: self.threads.iter().map(|&n| n.into()).collect(),
        }
    }
}
