//! Delays in ms to the samples that a step reads.

use crate::coupling::DelayRounding;
use crate::dynamics::Links;
use crate::error::{Error, PlanError, Result};
use crate::integrator::CouplingAt;
use crate::study::key;
use crate::study::{STEP_TOLERANCE, Study};

/// A delayed self feedback, in steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FedBack {
    /// Which line it reads.
    pub line: usize,
    /// How many steps before the one that is done the sample is that a step reads, per node.
    pub lags: Vec<u32>,
    /// For how many steps what was fed back before t = 0 is read, per node.
    pub before: Vec<u32>,
    /// Whether any of its delays is not what the study says, but rounded to whole steps.
    pub is_rounded: bool,
}

/// A past sample that a connection reads, and its share of what is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Steps back.
    pub lag: u32,
    /// 1, or the shares of two add up to 1.
    pub share: f64,
}

impl Reading {
    /// The whole of a sample.
    pub fn whole(lag: u32) -> Self {
        Self { lag, share: 1.0 }
    }

    /// The same, so many steps later, but not before it is there.
    pub fn later(self, shift: i32) -> Self {
        let lag = self.lag.saturating_add_signed(shift);
        Self { lag, ..self }
    }
}

/// Whether a delay of so many steps ends at a step, but for rounding.
fn is_whole(steps: f64) -> bool {
    let nearest = steps.round();
    (steps - nearest).abs() <= STEP_TOLERANCE * nearest.max(1.0)
}

/// Whether the sample that is read is not as old as the delay is long.
pub(super) fn is_rounded(steps: f64, rounding: DelayRounding) -> bool {
    match rounding {
        DelayRounding::Nearest => !is_whole(steps),
        DelayRounding::Truncate => !is_whole(steps) || steps < steps.round(),
        DelayRounding::Interpolate => false,
    }
}

/// The samples that a delay of so many steps reads, `shift` steps later; `key` sets the delay.
pub(super) fn readings(
    key: &str,
    steps: f64,
    rounding: DelayRounding,
    shift: i32,
) -> Result<Vec<Reading>> {
    let floor = |steps: f64| -> Result<u32> {
        if (0.0..=1e9).contains(&steps) {
            return Ok(steps as u32);
        }
        let (key, dt) = (key.into(), key::DT.path);
        Err(PlanError::DelayTooLong { key, steps, dt }.into())
    };
    let whole = |steps| Ok(vec![Reading::whole(floor(steps)?).later(shift)]);
    match rounding {
        DelayRounding::Nearest => whole(steps.round_ties_even()),
        DelayRounding::Truncate => whole(steps.trunc()),
        DelayRounding::Interpolate => {
            // The present is the newest sample that there is.
            let steps = (steps + f64::from(shift)).max(0.0);
            if is_whole(steps) {
                return Ok(vec![Reading::whole(floor(steps.round())?)]);
            }
            let (lag, share) = (floor(steps)?, steps.fract());
            Ok(vec![
                Reading {
                    lag,
                    share: 1.0 - share,
                },
                Reading {
                    lag: lag + 1,
                    share,
                },
            ])
        }
    }
}

/// The model's delayed self feedbacks.
pub(super) fn feedback(study: &Study, links: &Links) -> Result<Vec<FedBack>> {
    let model = study.model;
    let steps = |key: &str, delay: f64| -> Result<u32> {
        let rounding = study.coupling.delay_rounding;
        match readings(key, delay / study.protocol.dt, rounding, 0)?[..] {
            [Reading { lag, .. }] => Ok(lag),
            _ => {
                let found = format!("{} ms", key::shown(delay));
                let rule = format!(
                    "must be a whole number of steps of {} ms where {} = \"{}\": what a node feeds back to itself is not interpolated",
                    study.protocol.dt,
                    key::DELAY_ROUNDING.path,
                    rounding.name()
                );
                Err(Error::out_of_range(key, found, rule))
            }
        }
    };
    let each = model.feedback.iter().zip(&links.feedback);
    each.map(|(feedback, &line)| {
        let key = key::PARAMETER.named(model.parameters[feedback.delay].name);
        let delays = &study.parameters[feedback.delay];
        let nodes = 0..study.connectome.n_nodes();
        let is_rounded = nodes.clone().any(|node| {
            let steps = delays.at(node) / study.protocol.dt;
            is_rounded(steps, study.coupling.delay_rounding)
        });
        let lags = nodes.map(|node| steps(&key, delays.at(node)));
        let lags: Vec<u32> = lags.collect::<Result<_>>()?;
        // What is sent one step late was before t = 0 for one step more.
        let late = u32::from(model.is_late(feedback.signal));
        // In stages what is fed back at the end of a step is read in it.
        let sooner = u32::from(study.protocol.coupling_at == CouplingAt::Stages);
        if lags.iter().any(|&lag| lag < sooner) {
            return Err(Error::out_of_range(
                &key,
                "a delay below one step",
                format!(
                    "must be one step of {} ms or more where {} = \"{}\"",
                    study.protocol.dt,
                    key::COUPLING_AT.path,
                    CouplingAt::Stages.name()
                ),
            ));
        }
        Ok(FedBack {
            line,
            is_rounded,
            before: lags.iter().map(|lag| lag + late - sooner).collect(),
            lags: lags.into_iter().map(|lag| lag - sooner).collect(),
        })
    })
    .collect()
}
