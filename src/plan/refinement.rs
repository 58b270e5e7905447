//! The same simulations with a smaller step, on the same path of noise.

use std::borrow::Cow;

use super::check;
use crate::error::{Error, PlanError, Result};
use crate::noise;
use crate::study::Study;
use crate::study::key;

/// A step is halved so often at most.
pub const MOST_HALVINGS: u32 = 12;

/// How the noise of a plan is made of that of a larger step.
#[derive(Debug, Clone, PartialEq)]
pub struct Refinement {
    /// Cosine and sine of the turn of each halving, the first halving first (see `noise::half`).
    pub turns: Vec<[f32; 2]>,
}

impl Refinement {
    /// Of studies whose step is halved `halvings` times; `None` if it is left as it is.
    pub(super) fn new(studies: &[Study], halvings: u32) -> Result<Option<Self>> {
        if halvings == 0 {
            return Ok(None);
        }
        if halvings > MOST_HALVINGS {
            let rule = format!("a step is halved at most {MOST_HALVINGS} times");
            return Err(Error::out_of_range("halvings", halvings, rule));
        }
        let study = &studies[0];
        let tau = |study: &Study| study.noise.tau;
        if studies.iter().any(|other| tau(other) != tau(study)) {
            let key = key::NOISE_TAU.path.into();
            return Err(PlanError::Differs { key }.into());
        }
        // What is left of a kick of the noise after a step: all of a white one.
        let turn = |halving: u32| noise::turn(1.0 - study.noise.rate(step_ms(study, halving)));
        Ok(Some(Self {
            turns: (1..=halvings).map(turn).collect(),
        }))
    }
}

/// The step of a study after so many halvings, ms.
fn step_ms(study: &Study, halvings: u32) -> f64 {
    study.protocol.dt / f64::from(1 << halvings)
}

/// The studies with their step halved.
pub(super) fn halved(studies: &[Study], halvings: u32) -> Result<Cow<'_, [Study]>> {
    if halvings == 0 {
        return Ok(studies.into());
    }
    let halved = studies.iter().map(|study| {
        let mut halved = study.clone();
        halved.protocol.dt = step_ms(study, halvings);
        check::numbers(&halved)?;
        Ok(halved)
    });
    Ok(halved.collect::<Result<Vec<Study>>>()?.into())
}
