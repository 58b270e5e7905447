//! Times of a study: whether they go together, and how many steps they are.

use super::key::{self, Key, shown};
use super::{Protocol, Study};
use crate::error::Error;

/// A duration may fall short of a whole number of steps by this much, relatively, and still count as that many.
pub const STEP_TOLERANCE: f64 = 1e-9;
/// A time between samples may be off a whole number of steps by this much, relatively: 1 ms is three steps of 0.333333 ms.
const MULTIPLE_TOLERANCE: f64 = 1e-6;
/// Steps are counted in 32 bits.
const MOST_STEPS: f64 = u32::MAX as f64;

/// How many steps a time is; `None` if it is no whole number of them, or none.
pub(crate) fn multiple(time: f64, step: f64) -> Option<u32> {
    let steps = time / step;
    let whole = steps.round();
    let is_whole = (steps - whole).abs() <= MULTIPLE_TOLERANCE * steps;
    ((1.0..MOST_STEPS).contains(&whole) && is_whole).then_some(whole as u32)
}

/// A time that does not fit, by its key.
pub(crate) struct Misfit {
    pub key: &'static Key,
    /// The value, with its unit.
    pub found: String,
    /// What is allowed.
    pub rule: String,
}

impl Misfit {
    fn new(key: &'static Key, ms: f64, rule: String) -> Self {
        let found = format!("{} ms", shown(ms));
        Self { key, found, rule }
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        Error::out_of_range(misfit.key.path, misfit.found, misfit.rule)
    }
}

impl Protocol {
    /// The whole steps in the duration; 0.3 ms of 0.1 ms are three, although 0.3 / 0.1 is a little less in binary.
    pub fn n_steps(&self) -> usize {
        (self.duration / self.dt * (1.0 + STEP_TOLERANCE)).floor() as usize
    }

    /// The whole number of steps in `every` ms, the value of `key`.
    pub(crate) fn steps_in(&self, key: &'static Key, every: f64) -> Result<u32, Misfit> {
        if let Some(whole) = multiple(every, self.dt) {
            return Ok(whole);
        }
        let steps = every / self.dt;
        let near = (steps.floor().clamp(1.0, MOST_STEPS) * self.dt * 1e9).round() / 1e9;
        let rule = format!(
            "must be a whole number of steps of {} = {} ms, for example {near}",
            key::DT.path,
            self.dt
        );
        Err(Misfit::new(key, every, rule))
    }
}

/// Step, duration, transient and recording go together. Each is in its range.
pub(crate) fn check(study: &Study) -> Result<(), Misfit> {
    let protocol = &study.protocol;
    let (dt, duration, every) = (protocol.dt, protocol.duration, study.record.every);
    let misfit = |key, ms, rule| Err(Misfit::new(key, ms, rule));
    if duration < dt * (1.0 - STEP_TOLERANCE) {
        let rule = format!("must be at least one step ({} = {dt} ms)", key::DT.path);
        return misfit(&key::DURATION, duration, rule);
    }
    if duration / dt >= MOST_STEPS {
        let rule = format!(
            "{:e} steps of {} = {dt} ms are more than can be counted ({MOST_STEPS:e})",
            duration / dt,
            key::DT.path
        );
        return misfit(&key::DURATION, duration, rule);
    }
    if protocol.transient >= duration {
        let rule = format!(
            "must be shorter than {} ({duration} ms): nothing would be left to measure",
            key::DURATION.path
        );
        return misfit(&key::TRANSIENT, protocol.transient, rule);
    }
    protocol.steps_in(&key::RECORD_EVERY, every)?;
    if every > duration * (1.0 + MULTIPLE_TOLERANCE) {
        let rule = format!(
            "nothing is recorded in {} = {duration} ms",
            key::DURATION.path
        );
        return misfit(&key::RECORD_EVERY, every, rule);
    }
    Ok(())
}
