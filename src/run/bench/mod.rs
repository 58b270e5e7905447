//! Times every kernel of this machine on the same work, beside what the machine could do at most.

mod workload;

use serde::Serialize;

pub use workload::{Measured, Seeds, Workload};

use crate::backend::Backend;
use crate::backend::cpu::{self, Cpu, Lanes};
use crate::backend::gpu::{self, Gpu};
use crate::error::{Error, Result};
use workload::STEPS_OF_A_RUN;

/// Replicas on a GPU, unless told: enough to fill the largest, few enough for the memory of a small
/// one.
const GPU_REPLICAS: usize = 4096;

/// Which kernels are timed, and on what work.
#[derive(Debug, Clone, PartialEq)]
pub struct Bench {
    /// Whether kernels of the CPU are timed.
    pub cpu: bool,
    /// Which GPU's kernels are timed.
    pub gpu: WhichGpu,
    /// The GPU, as [`Gpu::open`] takes it; left out: the best.
    pub device: Option<String>,
    /// Only kernels whose name contains this.
    pub kernel: Option<String>,
    /// Numbers of nodes.
    pub nodes: Vec<usize>,
    /// Conduction speeds, mm/ms.
    pub speeds: Vec<f64>,
    /// Numbers of replicas; empty: as many as fill a kernel's lanes on all threads.
    pub replicas: Vec<usize>,
    /// Steps of each timed run; left out: as many as take about a third of `seconds`.
    pub steps: Option<u32>,
    /// Seconds for each measurement.
    pub seconds: f64,
    /// Numbers of CPU threads; empty: one, and all.
    pub threads: Vec<usize>,
}

/// Which GPU is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichGpu {
    /// None.
    None,
    /// The best one that is no software renderer, if there is one.
    Hardware,
    /// The best one, a software renderer if there is nothing else.
    Any,
}

/// What a benchmark found, as it comes.
#[derive(Debug)]
pub enum Finding<'a> {
    /// What one CPU thread can do at most.
    CpuPeak(Lanes, &'a cpu::peak::PeakRates),
    /// What a GPU, by its name, can do at most.
    GpuPeak(&'a str, &'a gpu::peak::PeakRates),
    /// Why no GPU is timed.
    NoGpu(Error),
    /// A measurement.
    Row(Row),
}

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The kernel.
    pub kernel: String,
    /// The backend: `cpu` or `gpu`.
    pub backend: &'static str,
    /// The device.
    pub device: String,
    /// Nodes of the network.
    pub n_nodes: usize,
    /// The longest delay in steps.
    pub max_lag: u32,
    /// Simulations run at once.
    pub replicas: usize,
    /// `own` or `common`.
    pub seeds: &'static str,
    /// Whether moments were summed.
    pub moments: bool,
    /// Steps of each timed run.
    pub steps: u32,
    /// CPU threads; 0 on a GPU.
    pub threads: usize,
    /// Steps of one network per second.
    pub replica_steps_per_s: f64,
    /// One run of 60 000 steps, what comes before the first of them included: wall time divided by replicas.
    pub ms_per_run: f64,
    /// Connections summed per second.
    pub mac_per_s: f64,
    /// Connections per second that the machine could do at most.
    pub peak: Option<f64>,
    /// What bounds it.
    pub peak_kind: Option<&'static str>,
    /// `mac_per_s` / `peak`.
    pub peak_fraction: Option<f64>,
}

impl Row {
    /// `peak` is what bounds the sums over connections, and at how many per second.
    fn new(
        backend: &dyn Backend,
        kernel: &str,
        threads: usize,
        workload: &Workload,
        measured: Measured,
        peak: Option<(&'static str, f64)>,
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
            peak: peak.map(|(_, peak)| peak),
            peak_kind: peak.map(|(kind, _)| kind),
            peak_fraction: peak.map(|(_, peak)| mac_per_s / peak),
        }
    }
}

impl Bench {
    /// Times the kernels and gives what it finds to `tell`.
    ///
    /// # Errors
    /// [`Error::Unknown`] if no kernel has the name, [`Error::Device`] if a device fails, and bad
    /// numbers of nodes, speeds or replicas.
    pub fn run(&self, tell: &mut dyn FnMut(Finding<'_>) -> Result<()>) -> Result<()> {
        let mut names = Vec::new();
        let mut n_rows = 0;
        let mut tell = |finding: Finding<'_>| {
            n_rows += usize::from(matches!(finding, Finding::Row(_)));
            tell(finding)
        };
        // Before minutes of measurements: a device that is asked for may not be there.
        let gpu = self.open()?;
        if self.cpu {
            self.on_cpu(&mut names, &mut tell)?;
        }
        match gpu {
            Some(Ok(gpu)) => self.on_gpu(&gpu, &mut names, &mut tell)?,
            Some(Err(error)) => tell(Finding::NoGpu(error))?,
            None => {}
        }
        match n_rows {
            0 => {
                let asked = self.kernel.as_deref().unwrap_or_default();
                Err(Error::unknown(
                    "kernel",
                    asked,
                    names.iter().map(String::as_str),
                ))
            }
            _ => Ok(()),
        }
    }

    fn takes(&self, kernel: &str) -> bool {
        let asked = self.kernel.as_ref();
        asked.is_none_or(|name| kernel.contains(name.as_str()))
    }

    /// Numbers of nodes and speeds that are asked for.
    fn networks(&self) -> impl Iterator<Item = (usize, f64)> {
        let pairs = move |&nodes| self.speeds.iter().map(move |&speed| (nodes, speed));
        self.nodes.iter().flat_map(pairs)
    }

    fn replicas(&self, default: usize) -> Vec<usize> {
        match self.replicas.is_empty() {
            true => vec![default],
            false => self.replicas.clone(),
        }
    }

    fn on_cpu(
        &self,
        names: &mut Vec<String>,
        tell: &mut dyn FnMut(Finding<'_>) -> Result<()>,
    ) -> Result<()> {
        let all = rayon::current_num_threads();
        let mut threads = self.threads.clone();
        if threads.is_empty() {
            threads = vec![1, all];
            threads.dedup();
        }
        let mut peaks: Vec<(Lanes, cpu::peak::PeakRates)> = Vec::new();
        for kernel in Cpu::kernels() {
            names.push(kernel.name());
            if !self.takes(&kernel.name()) {
                continue;
            }
            let lanes = kernel.lanes();
            if !peaks.iter().any(|(of, _)| *of == lanes) {
                let measured = cpu::peak::PeakRates::measure(lanes);
                tell(Finding::CpuPeak(lanes, &measured))?;
                peaks.push((lanes, measured));
            }
            let peak = peaks
                .iter()
                .find(|(of, _)| *of == lanes)
                .map(|(_, peaks)| *peaks);
            for &threads in &threads {
                let cpu = Cpu::with_kernel(kernel)?.with_threads(threads)?;
                for (n_nodes, speed) in self.networks() {
                    for replicas in self.replicas(kernel.width() * threads) {
                        for &seeds in Seeds::of(replicas) {
                            for moments in [false, true] {
                                let workload = Workload {
                                    n_nodes,
                                    speed,
                                    replicas,
                                    seeds,
                                    moments,
                                };
                                let measured = workload.time(&cpu, self.steps, self.seconds)?;
                                let peak = peak.map(|peak| {
                                    ("loads, multiply-adds", peak.edges() * threads as f64)
                                });
                                tell(Finding::Row(Row::new(
                                    &cpu,
                                    &kernel.name(),
                                    threads,
                                    &workload,
                                    measured,
                                    peak,
                                )))?;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The GPU to time, if any; why there is none to time where one would have been.
    fn open(&self) -> Result<Option<Result<Gpu>>> {
        if self.gpu == WhichGpu::None {
            return Ok(None);
        }
        let device = self.device.as_deref();
        match (self.gpu, Gpu::open(device, false)) {
            (_, Ok(gpu)) => Ok(Some(Ok(gpu))),
            (WhichGpu::Hardware, Err(error)) if device.is_none() => Ok(Some(Err(error))),
            (WhichGpu::Hardware, Err(error)) => Err(error),
            (_, Err(_)) => Ok(Some(Ok(Gpu::open(device, true)?))),
        }
    }

    fn on_gpu(
        &self,
        gpu: &Gpu,
        names: &mut Vec<String>,
        tell: &mut dyn FnMut(Finding<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut peaks = None;
        for (n_nodes, speed) in self.networks() {
            for replicas in self.replicas(GPU_REPLICAS) {
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
                    names.push(kernel.to_string());
                    if !self.takes(&kernel.to_string()) {
                        continue;
                    }
                    if peaks.is_none() {
                        let measured = gpu::peak::PeakRates::measure(gpu)?;
                        tell(Finding::GpuPeak(&gpu.device().name, &measured))?;
                        peaks = Some(measured);
                    }
                    let backend = gpu.clone().with_kernel(kernel);
                    // What moments cost is seen once.
                    for moments in if rank == 0 {
                        vec![false, true]
                    } else {
                        vec![true]
                    } {
                        workload.moments = moments;
                        let measured = workload.time(&backend, self.steps, self.seconds)?;
                        let peak = peaks.map(|peaks| peaks.edges(kernel));
                        tell(Finding::Row(Row::new(
                            &backend,
                            &kernel.to_string(),
                            0,
                            &workload,
                            measured,
                            peak,
                        )))?;
                    }
                }
            }
        }
        Ok(())
    }
}
