//! The flags of `brainsweep sweep`.

use std::path::PathBuf;
use std::time::Duration;

use super::help::after_help;
use super::shard::ShardArg;
use super::slurm::SlurmArgs;
use crate::cli::backend::BackendArgs;
use crate::cli::flag::seconds;
use crate::cli::output::OutputArgs;
use crate::cli::{positive, whole};

/// Without `--out`, and with one that is there.
const OUT: &str = "Folder of the results; one that holds the same sweep is filled further. Left \
                   out: the first free of out/STUDY-sweep-1, ...";

/// Arguments of `brainsweep sweep`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help(), mut_arg("out", |out| out.help(OUT)))]
pub struct Args {
    /// A study file, or the name of a study that comes with the program; left out: hcp_network.
    pub(super) study: Option<PathBuf>,
    /// Vary a number: PATH=a:b:n (n values from a to b), PATH=a:b:n:log, PATH=v1,v2,...; a grid over all that are varied. Several keys
    /// with commas take the same values; KEY=FORMULA among them follows from the first.
    #[arg(long, value_name = "PATH=VALUES", allow_hyphen_values = true)]
    pub(super) vary: Vec<String>,
    /// Walk the lists together in place of a grid: the first values, the second values, ...
    #[arg(long)]
    pub(super) zip: bool,
    /// Draw points from ranges PATH=a:b or PATH=a:b:log: sobol:N, random:N, lhs:N (Latin hypercube).
    #[arg(long, value_name = "METHOD:N")]
    pub(super) sample: Option<String>,
    /// Replicas per point, each with another seed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) seeds: Option<u32>,
    /// Give every point seeds of its own, as inference from simulations needs; left out: all points share theirs.
    #[arg(long)]
    pub(super) own_seeds: bool,
    /// Time between the samples that are measured, ms; left out: 1, or the step if that is longer.
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub(super) every: Option<f64>,
    /// Keep more of every replica: fc, or a state's samples by its name; several with commas.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(super) keep: Vec<String>,
    /// Set a key of the study for all replicas, as often as needed.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// The first seed; short for --set protocol.seed=N.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    pub(super) seed: Option<u64>,
    /// Run the best points again with half the step, on the same noise, and say how far that moves their scores.
    #[arg(long)]
    pub step_error: bool,
    #[command(flatten)]
    pub backend: BackendArgs,
    /// Go on on the CPU if the GPU cannot be opened, or fails and cannot be opened again; left out:
    /// stop, with all that is finished.
    #[arg(long)]
    pub(super) or_cpu: bool,
    /// Read every chunk that is there, and run those again that are damaged; without it this is done of
    /// stores of up to 256 MiB, and of larger ones what is missing or cut is noticed.
    #[arg(long, requires = "out", conflicts_with = "force")]
    pub(super) verify: bool,
    /// Run the part K of N only; auto takes K and N from the array of Slurm, SGE or LSF. Without it, processes that fill one --out
    /// at the same time share all of the work.
    #[arg(
        long,
        value_name = "K/N",
        requires = "out",
        conflicts_with = "force",
        allow_hyphen_values = true
    )]
    pub(super) shard: Option<ShardArg>,
    /// End once no work is left to begin; otherwise what other processes have begun is waited for, and done here if they end.
    #[arg(long, requires = "out")]
    pub(super) no_wait: bool,
    /// Seconds between two checkpoints of chunks that take longer, so that a killed run goes on from its last; 0: none. Left out: 60.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) checkpoint: Option<Duration>,
    /// Only say what would run, how long it would take, how much memory and disk.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub(super) slurm: SlurmArgs,
}
