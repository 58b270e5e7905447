//! One simulation of a study, planned, tried and run.

use std::time::Instant;

use serde::Serialize;

use super::pace::Pace;
use super::{Simulated, counted};
use crate::Control;
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::error::{Error, Result};
use crate::io::memory;
use crate::measure::MEASURES;
use crate::plan::Plan;
use crate::record::Raw;
use crate::study::{Study, key};

/// Steps of a trial, at most.
const TRIAL_STEPS: u32 = 1000;

/// Simulates a study; see [`Simulation`].
///
/// ```
/// use brainsweep::backend::cpu::Cpu;
/// use brainsweep::io::study;
/// use brainsweep::{Control, run};
///
/// let study = study::load(None, &["protocol.duration=200", "protocol.transient=100"])?;
/// let simulated = run::simulate(&study, &Cpu::new(), &Control::default())?;
/// assert_eq!(simulated.measures().scores().len(), 7);
/// let output = simulated.output()?;
/// assert!(output.arrays.iter().any(|array| array.description.name == "fc"));
/// # Ok::<(), brainsweep::Error>(())
/// ```
///
/// # Errors
/// Those of [`Simulation::new`] and [`Simulation::run`].
pub fn simulate<'a>(
    study: &'a Study,
    backend: &dyn Backend,
    control: &Control,
) -> Result<Simulated<'a>> {
    Simulation::new(study)?.run(backend, control)
}

/// A simulation that is ready to run.
#[derive(Debug)]
pub struct Simulation<'a> {
    study: &'a Study,
    plan: Plan,
}

/// What a short trial of a simulation showed.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Steps of the trial.
    pub n_steps: u32,
    /// Seconds that the whole simulation would take.
    pub expected_s: f64,
    /// Memory that the whole simulation would fill, its samples among it.
    pub bytes: u64,
}

impl<'a> Simulation<'a> {
    /// Plans the simulation of a study.
    ///
    /// # Errors
    /// Those of [`Plan::new`], and [`Error::Study`] if the samples would not fit into memory.
    pub fn new(study: &'a Study) -> Result<Self> {
        let plan = Plan::new(study)?;
        check_names(&plan)?;
        check_memory(&plan, 1, memory::available_bytes())?;
        Ok(Self { study, plan })
    }

    /// Plans the same simulation with its step halved `halvings` times, to be one of `n_runs` at a time.
    pub(super) fn refined(study: &'a Study, halvings: u32, n_runs: u32) -> Result<Self> {
        let plan = Plan::refined(std::slice::from_ref(study), halvings)?;
        check_memory(&plan, n_runs, memory::available_bytes())?;
        Ok(Self { study, plan })
    }

    /// What will run, in steps and indices.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs a few steps, to say how long all would take.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails.
    pub fn trial(&self, backend: &dyn Backend) -> Result<Trial> {
        let pace = Pace::measure(&self.plan, TRIAL_STEPS, |trial| {
            let start = Instant::now();
            backend.run(trial, &Raw::new(trial)?, &Control::default())?;
            Ok(start.elapsed().as_secs_f64())
        })?;
        Ok(Trial {
            n_steps: pace.n_steps,
            expected_s: pace.seconds(self.plan.n_steps),
            bytes: self.plan.bytes_per_simulation() + self.plan.bytes_recorded(),
        })
    }

    /// Runs it to its end, or until `control` stops it.
    ///
    /// A simulation that diverges, or is stopped on the way, is no error here: what it has is kept,
    /// and [`Simulated::verdict`] tells.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails, [`Error::Interrupted`] if nothing was done yet.
    pub fn run(self, backend: &dyn Backend, control: &Control) -> Result<Simulated<'a>> {
        let Self { study, plan } = self;
        let start = Instant::now();
        let recorder = Raw::new(&plan)?;
        let outcome = backend.run(&plan, &recorder, control);
        let wall_s = start.elapsed().as_secs_f64();
        let Some(recorded) = recorder.into_recorded().pop() else {
            outcome?;
            return Err(Error::Interrupted);
        };
        let is_short = recorded.end.n_steps < plan.n_steps;
        let interrupted = control.is_stopped() && is_short;
        let device = backend.device_used();
        Simulated::new(study, plan, device, recorded, outcome, wall_s, interrupted)
    }
}

/// Every array has a name of its own: a state or output may not be called like a measure.
fn check_names(plan: &Plan) -> Result<()> {
    let states = plan.recording.states.iter();
    let mut names = states.map(|&state| plan.model.observable(state).name);
    let held = ["hold", "hold_eigenvalue"];
    let is_of_held = |name: &str| !plan.held.is_empty() && held.contains(&name);
    let taken = names.find(|name| {
        *name == "t" || is_of_held(name) || MEASURES.iter().any(|m| m.name_in_simulation() == *name)
    });
    let of_monitors = plan.monitors.iter();
    let mut of_monitors =
        of_monitors.flat_map(|one| [one.array.clone(), format!("t_{}", one.array)]);
    let is_state = |name: &String| {
        let mut states = plan.recording.states.iter();
        states.any(|&state| plan.model.observable(state).name == name)
    };
    let is_taken =
        |name: &String| is_state(name) || MEASURES.iter().any(|m| m.name_in_simulation() == *name);
    if let Some(name) = of_monitors.find(is_taken) {
        let problem =
            format!("a monitor shows {name:?}, and the results hold another array of that name");
        let hint = "record other states, or rename the output in the monitor's text";
        return Err(Error::conflict(problem, hint));
    }
    match taken {
        None => Ok(()),
        Some(name) => {
            let problem = format!(
                "{} has {name:?}, and the results hold another array of that name",
                key::RECORD_STATES.path
            );
            let hint = "rename the state or output in the model's text";
            Err(Error::conflict(problem, hint))
        }
    }
}

/// Every sample of `n_runs` like the plan stays in memory until it is written.
fn check_memory(plan: &Plan, n_runs: u32, available: Option<u64>) -> Result<()> {
    // Besides the samples, the time of each as written and as drawn.
    let times = 16 * plan.recording.n_samples as u64;
    let n_simulations = u64::from(n_runs) * plan.n_simulations() as u64;
    // What the CPU takes, whatever it will run on.
    let running = Cpu::new().host_bytes(plan).max(plan.bytes_per_simulation());
    let bytes = n_simulations * (running + plan.bytes_recorded() + times);
    match available {
        Some(available) if bytes > available => {
            let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
            let problem = format!(
                "with {} samples of {} the run needs {:.1} GiB of memory, and there are {:.1} GiB",
                plan.recording.n_samples,
                counted(plan.n_nodes, "node"),
                gibibytes(bytes),
                gibibytes(available)
            );
            let hint = format!(
                "raise {} or shorten {}",
                key::RECORD_EVERY.path,
                key::DURATION.path
            );
            Err(Error::conflict(problem, hint))
        }
        _ => Ok(()),
    }
}
