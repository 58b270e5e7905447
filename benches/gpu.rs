//! Every kernel a GPU can run, on the same work: the tutorial's network with noise on both states, moments streamed every 1 ms.
//!
//! ```text
//! cargo bench --bench gpu -- [--replicas 4096] [--steps 2000] [--nodes 80] [--device NAME] [--kernel NAME]
//! ```
//!
//! Prints one row per kernel, as Markdown: replica-steps per second, multiply-adds of the coupling per second, bytes of workgroup
//! memory. `--nodes` takes the first regions only. The best of three runs counts; the first also builds the kernel.

use std::sync::Arc;
use std::time::Instant;

use brainsweep::backend::gpu::{Gpu, Network};
use brainsweep::backend::{Backend, Control};
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::io::study;
use brainsweep::plan::Plan;
use brainsweep::record::Streamed;
use ndarray::s;

const RUNS: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).cloned()
    };
    let number = |flag: &str, default: usize| -> Result<usize, Box<dyn std::error::Error>> {
        Ok(value(flag).map_or(Ok(default), |text| text.parse())?)
    };
    let (replicas, n_steps) = (number("--replicas", 4096)?, number("--steps", 2000)?);
    let gpu = Gpu::open(value("--device").as_deref(), true)?;
    let plan = replicas_of_the_brain(replicas, n_steps, number("--nodes", 80)?)?;
    let described = gpu.device();
    println!(
        "{} ({}), class {}",
        described.name,
        described.driver,
        described.class.name()
    );
    println!(
        "{} nodes, {} edges, {replicas} replicas, {n_steps} steps\n",
        plan.n_nodes,
        plan.edges.lag.len()
    );
    println!(
        "| kernel | replica-steps/s | coupling MAC/s | workgroup memory | first run | best run |"
    );
    println!("|---|---|---|---|---|---|");
    let kernels = match value("--kernel") {
        Some(name) => vec![name.parse()?],
        None => gpu.kernels(&plan),
    };
    let mut gpu = gpu;
    for kernel in kernels {
        gpu = gpu.with_kernel(kernel);
        let mut seconds = Vec::new();
        for _ in 0..RUNS {
            let recorder = Streamed::new(&plan);
            let start = Instant::now();
            gpu.run(&plan, &recorder, &Control::default())?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        let best = seconds.iter().copied().fold(f64::INFINITY, f64::min);
        let per_second = (replicas * n_steps) as f64 / best;
        println!(
            "| {kernel} | {per_second:.3e} | {:.3e} | {} B | {:.2} s | {best:.2} s |",
            per_second * plan.edges.lag.len() as f64,
            kernel.workgroup_bytes(&Network::of(&plan), &plan.recipe),
            seconds[0],
        );
    }
    Ok(())
}

/// Replicas that differ in coupling, input and seed.
fn replicas_of_the_brain(
    replicas: usize,
    n_steps: usize,
    n_nodes: usize,
) -> Result<Plan, Box<dyn std::error::Error>> {
    let mut study = study::load(None, &["record.every=1", "noise.sigma.y=0.01"])?;
    study.protocol.duration = study.protocol.dt * n_steps as f64;
    if n_nodes < study.connectome.n_nodes() {
        let part = s![..n_nodes, ..n_nodes];
        let lengths = match &study.connectome.delays {
            Delays::TractLengths(lengths) => lengths.slice(part).to_owned(),
            _ => return Err("the tutorial's connectome has tract lengths".into()),
        };
        let weights = study.connectome.weights.slice(part).to_owned();
        let delays = Delays::TractLengths(lengths);
        study.connectome = Arc::new(Connectome::new(None, weights, delays, None)?);
    }
    let studies: Vec<_> = (0..replicas)
        .map(|k| {
            let mut study = study.clone();
            study.coupling.g = 2.0 * k as f64 / replicas as f64;
            study.set_number("input.x", 0.6 + 0.3 * (k % 31) as f64 / 31.0)?;
            study.protocol.seed = k as u64;
            Ok(study)
        })
        .collect::<Result<_, brainsweep::Error>>()?;
    Ok(Plan::batch(&studies)?)
}
