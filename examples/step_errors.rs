//! Prints how far a step of a given length leads astray, for every way of stepping: the tables of `docs/steps.md`.
//!
//! `cargo run --release --example step_errors`
//!
//! The network is the tutorial's, 80 FitzHugh-Nagumo regions with an input of 0.9, at which they oscillate, without noise. An error is
//! the root mean square distance of x to the solution of a step sixteen times shorter than the shortest in the table, over all regions and
//! the first 100 ms, in percent of the standard deviation of x.

use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::coupling::{DelayReads, DelayRounding};
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::io::study;
use brainsweep::run::simulate;
use brainsweep::study::{Start, Study, Values};
use brainsweep::{Control, Result};

/// Steps, ms.
const STEPS_MS: [f64; 4] = [0.4, 0.2, 0.1, 0.05];
/// The step of the reference solution.
const SHORT_MS: f64 = 0.05 / 16.0;
/// Between the samples that are compared.
const EVERY_MS: f64 = 0.8;

/// Below this an error is that of 32-bit states, in percent.
const FLOOR: f64 = 0.001;

/// Which network.
#[derive(Clone, Copy, PartialEq)]
enum Network {
    Uncoupled,
    Undelayed,
    /// Every delay is a whole number of any of the steps.
    OnGrid,
    OffGrid,
}

/// A way of stepping.
#[derive(Clone, Copy)]
struct Scheme {
    integrator: Integrator,
    at: CouplingAt,
    rounding: DelayRounding,
    reads: DelayReads,
}

/// The network with oscillating regions that start apart, and with a past that ends where they start.
fn network(which: Network) -> Result<Study> {
    let flags = ["noise.kind=none", "input.x=0.9", "protocol.duration=100"];
    let mut study = study::load(None, &flags)?;
    let n = study.connectome.n_nodes();
    let mut connectome = Connectome::clone(&study.connectome);
    match (which, &mut connectome.delays) {
        (Network::Uncoupled, _) => {
            connectome = Connectome::uncoupled(n);
            study.coupling.terms.clear();
        }
        (Network::Undelayed, _) => study.coupling.conduction_speed = f64::INFINITY,
        (Network::OnGrid, Delays::TractLengths(mm)) => {
            let step = study.coupling.conduction_speed * STEPS_MS[0];
            mm.mapv_inplace(|mm| (mm / step).ceil() * step);
        }
        _ => {}
    }
    study.connectome = Arc::new(connectome);
    let starts = (0..n).map(|node| (node * 37 % n) as f64 / n as f64);
    study.initial.state[0] = Start::Given(Values::PerNode(starts.collect()));
    study.initial.state[1] = Start::Given(0.3.into());
    study.initial.history.clear();
    study.record.every = EVERY_MS;
    Ok(study)
}

/// x of every region and sample.
fn path(mut study: Study, scheme: Scheme, dt_ms: f64) -> Result<Vec<f64>> {
    study.integrator = scheme.integrator;
    study.protocol.coupling_at = scheme.at;
    study.coupling.delay_rounding = scheme.rounding;
    study.coupling.delay_reads = scheme.reads;
    study.protocol.dt = dt_ms;
    let simulated = simulate(&study, &Cpu::new(), &Control::default())?;
    let samples = simulated.recorded().samples.iter();
    Ok(samples.copied().map(f64::from).collect())
}

/// Root mean square.
fn size(x: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = x.len() as f64;
    (x.map(|x| x * x).sum::<f64>() / n).sqrt()
}

/// An error in percent, as a cell of a table.
fn cell(error: f64) -> String {
    match error {
        ..=FLOOR => format!(" < {FLOOR} |"),
        ..0.1 => format!(" {error:.3} |"),
        ..10.0 => format!(" {error:.2} |"),
        ..=100.0 => format!(" {error:.0} |"),
        _ => " diverges |".into(),
    }
}

fn main() -> Result<()> {
    use DelayReads::{ExtraStep, Now};
    use DelayRounding::{Interpolate, Nearest, Truncate};
    let scheme = |integrator, at, rounding, reads| Scheme {
        integrator,
        at,
        rounding,
        reads,
    };
    let start = |integrator| scheme(integrator, CouplingAt::Start, Nearest, Now);
    let stages = |rounding| scheme(Integrator::Heun, CouplingAt::Stages, rounding, Now);
    let alone = Integrator::ALL.map(start).to_vec();
    let coupled = [&alone[..], &[stages(Nearest)]].concat();
    let tutorial = scheme(
        Integrator::ExponentialEuler,
        CouplingAt::Start,
        Truncate,
        ExtraStep,
    );
    let held = scheme(Integrator::Heun, CouplingAt::Start, Interpolate, Now);
    let rest = [held, stages(Truncate), stages(Interpolate)];
    let delayed = [&[tutorial][..], &coupled, &rest].concat();
    let tables = [
        ("One region", Network::Uncoupled, &alone),
        ("A network without delays", Network::Undelayed, &coupled),
        ("Delays of whole steps", Network::OnGrid, &coupled),
        ("Delays as they are", Network::OffGrid, &delayed),
    ];
    for (title, which, schemes) in tables {
        let study = network(which)?;
        let exact = path(study.clone(), stages(Interpolate), SHORT_MS)?;
        let mean = exact.iter().sum::<f64>() / exact.len() as f64;
        let sd = size(exact.iter().map(|x| x - mean));
        let columns = STEPS_MS.map(|dt_ms| format!(" {dt_ms} ms |")).concat();
        println!(
            "\n{title}\n\n| integrator | `coupling_at` | `delay_rounding` | `delay_reads` |{columns} order |"
        );
        println!("|---|---|---|---|{}---|", "---|".repeat(STEPS_MS.len()));
        for &scheme in schemes {
            let mut errors = Vec::new();
            for dt_ms in STEPS_MS {
                let found = path(study.clone(), scheme, dt_ms)?;
                let off = found.iter().zip(&exact).map(|(a, b)| a - b);
                errors.push(100.0 * size(off) / sd);
            }
            let cells: String = errors.iter().map(|&error| cell(error)).collect();
            let [.., middle, last] = errors[..] else {
                unreachable!("an error for each step")
            };
            let order = match last > FLOOR {
                true => format!("{:.1}", (middle / last).log2()),
                false => String::new(),
            };
            let (rounding, reads) = match which {
                Network::Uncoupled | Network::Undelayed => ("", ""),
                Network::OnGrid => ("", scheme.reads.name()),
                Network::OffGrid => (scheme.rounding.name(), scheme.reads.name()),
            };
            let at = if which == Network::Uncoupled {
                ""
            } else {
                scheme.at.name()
            };
            let integrator = scheme.integrator.name();
            println!("| {integrator} | {at} | {rounding} | {reads} |{cells} {order} |");
        }
    }
    Ok(())
}
