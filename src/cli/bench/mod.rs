//! `brainsweep bench`: every kernel this machine can run, on the same work, beside the roof measured in the same run.

mod table;
mod workload;

use clap::ValueEnum;

use super::progress::metric;
use super::{note, threads};
use crate::backend::Backend;
use crate::backend::cpu::roof::Roofs;
use crate::backend::cpu::{Cpu, Lanes};
use crate::backend::gpu::{self, Gpu};
use crate::error::{Error, Result};
use table::{Report, Row};
use workload::{STEPS_OF_A_RUN, Seeds, Workload};

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

The roof is what the machine can do at most for the sums over connections: on a CPU the lesser of loads from the
first-level cache and products added in registers (each connection needs one of both), times threads; on a GPU the lesser
of products added in registers and loads from workgroup memory or, for kernels that keep delay lines there, its memory."
)]
pub struct Args {
    /// Which backends.
    #[arg(long, value_enum, default_value = "all")]
    backend: Which,
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
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
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

/// Replicas on a GPU, unless told: enough to fill the largest, few enough for the memory of a small one.
const GPU_REPLICAS: usize = 4096;

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
    let mut report = Report::new(args.json);
    if args.backend != Which::Gpu {
        on_cpu(&args, &mut report)?;
    }
    if args.backend != Which::Cpu {
        on_gpu(&args, &mut report)?;
    }
    if report.is_empty() {
        let names = report.names.iter().map(String::as_str);
        let asked = args.kernel.unwrap_or_default();
        return Err(Error::unknown("kernel", &asked, names));
    }
    report.finish()
}

impl Args {
    fn takes(&self, kernel: &str) -> bool {
        self.kernel
            .as_ref()
            .is_none_or(|name| kernel.contains(name.as_str()))
    }

    /// Networks and speeds that are asked for.
    fn networks(&self) -> impl Iterator<Item = (usize, f64)> {
        let speeds = &self.speed;
        let pairs = move |&nodes| speeds.iter().map(move |&speed| (nodes as usize, speed));
        self.nodes.iter().flat_map(pairs)
    }

    fn replicas(&self, default: usize) -> Vec<usize> {
        if self.replicas.is_empty() {
            return vec![default];
        }
        self.replicas.iter().map(|&n| n as usize).collect()
    }
}

fn on_cpu(args: &Args, report: &mut Report) -> Result<()> {
    let all = rayon::current_num_threads();
    let mut threads: Vec<usize> = args.threads.iter().map(|&n| usize::from(n)).collect();
    if threads.is_empty() {
        threads = vec![1, all];
        threads.dedup();
    }
    let mut roofs: Vec<(Lanes, Roofs)> = Vec::new();
    for kernel in Cpu::kernels() {
        report.names.push(kernel.name());
        if !args.takes(&kernel.name()) {
            continue;
        }
        let lanes = kernel.lanes();
        if !roofs.iter().any(|(of, _)| *of == lanes) {
            let measured = Roofs::measure(lanes);
            report.remark(&format!(
                "{} lanes, one thread: {}loads/s from the first-level cache, {}loads/s from the second, {}multiply-adds/s",
                lanes.name(),
                metric(measured.l1_loads),
                metric(measured.l2_loads),
                metric(measured.multiply_adds),
            ))?;
            roofs.push((lanes, measured));
        }
        let roof = roofs
            .iter()
            .find(|(of, _)| *of == lanes)
            .map(|(_, roofs)| *roofs);
        for &threads in &threads {
            let cpu = Cpu::with_kernel(kernel)?.with_threads(threads)?;
            for (n_nodes, speed) in args.networks() {
                for replicas in args.replicas(kernel.width() * threads) {
                    for &seeds in Seeds::of(replicas) {
                        for moments in [false, true] {
                            let workload = Workload {
                                n_nodes,
                                speed,
                                replicas,
                                seeds,
                                moments,
                            };
                            let measured = workload.time(&cpu, args.steps, args.seconds)?;
                            let roof = roof.map(|roof| {
                                ("loads, multiply-adds", roof.edges() * threads as f64)
                            });
                            report.push(Row::new(
                                &cpu,
                                &kernel.name(),
                                threads,
                                &workload,
                                measured,
                                roof,
                            ))?;
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

fn on_gpu(args: &Args, report: &mut Report) -> Result<()> {
    let gpu = match Gpu::open(None, false) {
        Ok(gpu) => gpu,
        Err(error) if args.backend == Which::All => {
            note(&format!("no GPU is timed: {error}"));
            return Ok(());
        }
        Err(_) => Gpu::open(None, true)?,
    };
    let mut roofs = None;
    for (n_nodes, speed) in args.networks() {
        for replicas in args.replicas(GPU_REPLICAS) {
            let mut workload = Workload {
                n_nodes,
                speed,
                replicas,
                seeds: Seeds::Own,
                moments: false,
            };
            for (rank, kernel) in gpu
                .kernels(&workload.plan(STEPS_OF_A_RUN)?)
                .into_iter()
                .enumerate()
            {
                report.names.push(kernel.to_string());
                if !args.takes(&kernel.to_string()) {
                    continue;
                }
                if roofs.is_none() {
                    let measured = gpu::roof::Roofs::measure(&gpu)?;
                    report.remark(&format!(
                        "{}: {}loads/s from workgroup memory, {}loads/s from memory, {}multiply-adds/s",
                        gpu.device().name,
                        metric(measured.workgroup_loads),
                        metric(measured.memory_loads),
                        metric(measured.multiply_adds),
                    ))?;
                    roofs = Some(measured);
                }
                let backend = gpu.clone().with_kernel(kernel);
                // What moments cost is seen once.
                for moments in if rank == 0 {
                    vec![false, true]
                } else {
                    vec![true]
                } {
                    workload.moments = moments;
                    let measured = workload.time(&backend, args.steps, args.seconds)?;
                    let roof = roofs.map(|roofs| roofs.edges(kernel));
                    report.push(Row::new(
                        &backend,
                        &kernel.to_string(),
                        0,
                        &workload,
                        measured,
                        roof,
                    ))?;
                }
            }
        }
    }
    Ok(())
}
