//! What runs fill of this machine's memory, phase by phase: what is there all the time, and the largest of what is there at a time.

use super::counted;
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::connectome::{Connectome, Delays};
use crate::error::{Error, Result};
use crate::io::memory::{available_bytes, bytes_of_files};
use crate::measure::{Moments, Scope};
use crate::plan::{Observing, Plan};
use crate::record::Takes;
use crate::study::{Study, key};

/// Bytes of the program with its libraries, where the system does not say.
const PROGRAM: u64 = 16 << 20;
/// Bytes of what comes to the program once it has tried what it does: the rest of itself, what is small, what lies between.
const REST: u64 = 24 << 20;
/// Bytes that figures and files fill while they are made, about: each figure has its pixels, and the page has them all.
pub(super) const FIGURES: u64 = 32 << 20;

/// Bytes of memory that the program itself fills, about; to be asked once a trial was run.
pub(super) fn of_program() -> u64 {
    bytes_of_files().unwrap_or(PROGRAM) + REST
}

/// Bytes of memory that a study's network fills, with its plan's connections.
pub(super) fn of_network(study: &Study, plan: &Plan) -> u64 {
    match plan.edges.lag.is_empty() {
        true => 0,
        false => of_connectome(&study.connectome) + plan.edges.bytes(),
    }
}

/// Bytes of memory that a connectome fills.
pub(super) fn of_connectome(connectome: &Connectome) -> u64 {
    let distances = match connectome.delays {
        Delays::None => 0,
        Delays::Steps(_) => 4,
        Delays::TractLengths(_) | Delays::Milliseconds(_) => 8,
    };
    let n = connectome.n_nodes() as u64;
    let each = 8 * (1 + connectome.matrices.len() + connectome.n_subjects()) as u64 + distances;
    let series = connectome.bold.iter().map(|one| one.samples.len() as u64);
    each * n * n + 8 * series.sum::<u64>()
}

/// Bytes of memory that a simulation of a study fills at most, the program and the network among them.
pub(super) fn of_simulation(study: &Study, plan: &Plan, scope: &Scope) -> u64 {
    of_program() + of_network(study, plan) + to_come(plan, scope, 1)
}

/// Bytes of memory that `n_runs` like the plan fill at most, beside what is there once they are planned: every sample stays in memory
/// until it is written.
fn to_come(plan: &Plan, scope: &Scope, n_runs: u32) -> u64 {
    let n = plan.n_nodes;
    // What the CPU takes, whatever it will run on.
    let cpu = Cpu::new().host_bytes(plan, Takes::SAMPLES);
    let running = cpu.max(plan.bytes_per_simulation());
    let n_samples = plan.recording.n_samples;
    let n_measured = match plan.measured() {
        Some(k) => plan.monitors[k].n_samples,
        None => n_samples,
    };
    let measures = match n_measured {
        // Nothing correlates: means are taken, and no more.
        0 | 1 => Scope::new(1, 0).bytes(true),
        _ => scope.bytes(true),
    };
    let adding = Moments::bytes_to_add(n_measured, n);
    // The score of a run without its first second: its sums and its functional connectivity are gone when the others are made.
    let settled = match scope.n_subjects {
        0 => 0,
        _ => Scope::new(n, scope.n_subjects).bytes(false).at_most(),
    };
    // Times, and what sensors see.
    let sensors = |one: &Observing| one.matrix.as_ref().map_or(0, |matrix| matrix.nrows());
    let of_monitors = plan.monitors.iter();
    let shown: u64 = of_monitors
        .map(|one| 8 * (one.n_samples * (1 + sensors(one))) as u64)
        .sum();
    // Of several states that are recorded, one is laid out anew for its file; samples that sensors see are 64 bits wide.
    let of_state = match plan.recording.states.len() {
        0 | 1 => 0,
        _ => 4 * (n_samples * n) as u64,
    };
    let seen = plan.monitors.iter().filter(|one| one.matrix.is_some());
    let seen = seen.map(|one| 8 * (one.n_samples * n) as u64).max();
    let kept = plan.bytes_recorded() + 8 * n_samples as u64 + shown + measures.kept;
    let n_runs = u64::from(n_runs);
    let phases = [
        n_runs * running,
        adding.max(settled),
        measures.making,
        FIGURES + of_state.max(seen.unwrap_or(0)),
    ];
    let most = phases.into_iter().max().unwrap_or(0);
    n_runs * plan.n_simulations() as u64 * kept + most
}

/// Refuses runs that would not fit into memory.
///
/// # Errors
/// [`Error::Study`] if they would not, with what they take and what there is.
pub(super) fn check(plan: &Plan, scope: &Scope, n_runs: u32) -> Result<()> {
    let bytes = to_come(plan, scope, n_runs);
    let n_samples = plan.recording.n_samples;
    let of_what = format!(
        "with {n_samples} samples of {} the run",
        counted(plan.n_nodes, "node")
    );
    let hint = format!(
        "raise {} or shorten {}",
        key::RECORD_EVERY.path,
        key::DURATION.path
    );
    refuse_beyond(available_bytes(), bytes, &of_what, &hint)
}

/// Refuses work that needs more `bytes` of memory than are `available`, where the system says how many that are; `what` names the work.
///
/// # Errors
/// [`Error::Study`] if it does, with what it takes and what there is.
pub(super) fn refuse_beyond(
    available: Option<u64>,
    bytes: u64,
    what: &str,
    hint: &str,
) -> Result<()> {
    let Some(available) = available.filter(|available| bytes > *available) else {
        return Ok(());
    };
    let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let problem = format!(
        "{what} needs {:.1} GiB of memory, and there are {:.1} GiB",
        gibibytes(bytes),
        gibibytes(available)
    );
    Err(Error::conflict(problem, hint))
}
