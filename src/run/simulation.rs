//! One simulation of a study, planned, tried and run.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::held::OfHeld;
use super::memory;
use super::pace::Pace;
use super::scope::scope;
use super::{MeanHeld, Simulated, hold_on_mean};
use crate::Control;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::io;
use crate::measure::{MEASURES, Scope};
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
/// let output = simulated.output();
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

/// Simulates studies that share their delays side by side, each with the bits that it has alone.
///
/// # Errors
/// Those of [`Plan::batch`], [`Simulation::new`] and [`Simulation::run`].
pub fn simulate_batch<'a>(
    studies: &'a [Study],
    backend: &dyn Backend,
    control: &Control,
) -> Result<Vec<Simulated<'a>>> {
    let plan = Plan::batch(studies)?;
    memory::check(&plan, &*scope(&studies[0], &plan)?, 1)?;
    let start = Instant::now();
    let recorder = Raw::new(&plan)?;
    let outcome = backend.run(&plan, &recorder, control);
    let wall_s = start.elapsed().as_secs_f64();
    let all = recorder.into_recorded();
    if all.len() < studies.len() {
        outcome?;
        return Err(Error::Interrupted);
    }
    outcome?;
    let device = backend.device_used();
    let simulated = studies.iter().zip(all).map(|(study, recorded)| {
        let simulation = Simulation::new(study)?;
        let is_short = recorded.end.n_steps < simulation.plan.n_steps;
        let interrupted = control.is_stopped() && is_short;
        Simulated::new(
            simulation,
            device.clone(),
            recorded,
            Ok(()),
            wall_s,
            interrupted,
        )
    });
    simulated.collect()
}

/// A simulation that is ready to run.
#[derive(Debug)]
pub struct Simulation<'a> {
    pub(super) study: &'a Study,
    pub(super) plan: Plan,
    /// What is measured of a run that comes to its end.
    pub(super) scope: Arc<Scope>,
    /// How the mean of an output was brought to its target, once it was.
    pub(super) mean: Option<MeanHeld>,
}

/// What a short trial of a simulation showed.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Steps of the trial.
    pub n_steps: u32,
    /// Seconds that the whole simulation would take.
    pub expected_s: f64,
    /// Memory that the whole simulation would fill at most: the program, the network, what runs, all samples, measures, figures; and no
    /// less than this process has filled to read its data.
    pub bytes: u64,
}

impl<'a> Simulation<'a> {
    /// Plans the simulation of a study.
    ///
    /// # Errors
    /// Those of [`Plan::new`], and [`Error::Study`] if the samples would not fit into memory.
    pub fn new(study: &'a Study) -> Result<Self> {
        let plan = Plan::new(&*study.at_rest()?)?;
        check_names(study, &plan)?;
        Self::planned(study, plan, 1)
    }

    /// Plans the same simulation with its step halved `halvings` times, to be one of `n_runs` at a time.
    pub(super) fn refined(study: &'a Study, halvings: u32, n_runs: u32) -> Result<Self> {
        let plan = Plan::refined(std::slice::from_ref(study), halvings)?;
        Self::planned(study, plan, n_runs)
    }

    fn planned(study: &'a Study, plan: Plan, n_runs: u32) -> Result<Self> {
        let scope = scope(study, &plan)?;
        memory::check(&plan, &scope, n_runs)?;
        Ok(Self {
            study,
            plan,
            scope,
            mean: None,
        })
    }

    /// What will run, in steps and indices. Where the mean of an output is to be held, the output is at rest at the target in it until
    /// [`Simulation::run`] has found where it has to rest.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs a few steps, to say how long all would take.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails.
    pub fn trial(&self, backend: &dyn Backend) -> Result<Trial> {
        let read = io::memory::peak_bytes().unwrap_or(0);
        let pace = Pace::measure(&self.plan, TRIAL_STEPS, |trial| {
            let start = Instant::now();
            backend.run(trial, &Raw::new(trial)?, &Control::default())?;
            Ok(start.elapsed().as_secs_f64())
        })?;
        Ok(Trial {
            n_steps: pace.n_steps,
            expected_s: pace.seconds(self.plan.n_steps),
            bytes: read.max(memory::of_simulation(self.study, &self.plan, &self.scope)),
        })
    }

    /// Runs it to its end, or until `control` stops it; before that, the rounds of [`hold_on_mean`](super::hold_on_mean) where the study
    /// holds a mean. [`Control::steps_done`] leaves these out.
    ///
    /// A simulation that diverges, or is stopped on the way, is no error here: what it has is kept,
    /// and [`Simulated::verdict`] tells.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails, [`Error::Interrupted`] if nothing was done yet; those of
    /// [`hold_on_mean`](super::hold_on_mean).
    pub fn run(mut self, backend: &dyn Backend, control: &Control) -> Result<Simulated<'a>> {
        if self.study.holds_mean() {
            self.mean = hold_on_mean(self.study, backend, &control.aside())?;
        }
        if let Some(mean) = &self.mean {
            self.plan = Plan::new(&self.study.resting_at(&mean.rests))?;
        }
        let start = Instant::now();
        let recorder = Raw::new(&self.plan)?;
        let outcome = backend.run(&self.plan, &recorder, control);
        let wall_s = start.elapsed().as_secs_f64();
        let Some(recorded) = recorder.into_recorded().pop() else {
            outcome?;
            return Err(Error::Interrupted);
        };
        let is_short = recorded.end.n_steps < self.plan.n_steps;
        let interrupted = control.is_stopped() && is_short;
        let device = backend.device_used();
        Simulated::new(self, device, recorded, outcome, wall_s, interrupted)
    }
}

/// Every array has a name of its own: a state or output may not be called like a measure.
fn check_names(study: &Study, plan: &Plan) -> Result<()> {
    let states = plan.recording.states.iter();
    let mut names = states.map(|&state| plan.model.observable(state).name);
    let held = OfHeld::of(study);
    let is_of_held = |name: &str| held.iter().any(|one| one.name() == name);
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
