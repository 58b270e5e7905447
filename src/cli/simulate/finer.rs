//! The runs with smaller steps of `brainsweep simulate --step-error`.

use crate::cli::output::note;
use crate::cli::{interruption, progress};
use crate::error::Result;
use crate::run::{self, Simulated, StepError};
use crate::study::Study;

/// How far a simulation is off, with a bar while its finer runs go on.
pub(super) fn step_error(study: &Study, simulated: &Simulated, halvings: u32) -> Result<StepError> {
    let control = interruption::control();
    let is_on_cpu = simulated.device().backend == "cpu";
    if !is_on_cpu {
        note("the step error is computed on the CPU, the run with the study's own step included");
    }
    // Every halving doubles the steps; a CPU need not repeat the first run.
    let n_runs = (2u64 << halvings) - if is_on_cpu { 2 } else { 1 };
    let total = n_runs * u64::from(simulated.plan().n_steps);
    progress::watched(total, &control, || match is_on_cpu {
        true => simulated.step_error(halvings, &control),
        false => run::step_error(study, halvings, &control),
    })
}
