//! What results say of an output that is held at its target: the same of simulations and of sweeps.

use rayon::prelude::*;

use super::MeanHeld;
use crate::continuation::network::hold::Held;
use crate::error::Result;
use crate::plan::{self, Plan};
use crate::study::{Hold, HoldOn, Study};

/// One array about what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfHeld {
    /// The parameter of each node.
    Parameter,
    /// The largest real part among the eigenvalues of the state at rest.
    Eigenvalue,
    /// Where each node rests.
    Rests,
    /// What is left of the mean of each node.
    Left,
    /// Rounds that were run.
    Rounds,
    /// Whether all means are within the tolerance.
    Converged,
}

impl OfHeld {
    /// What is solved for, and what rounds of simulations find.
    const ALL: [Self; 6] = [
        Self::Parameter,
        Self::Eigenvalue,
        Self::Rests,
        Self::Left,
        Self::Rounds,
        Self::Converged,
    ];

    /// What the results of a study have; nothing where it holds nothing.
    pub fn of(study: &Study) -> &'static [Self] {
        match study.hold.as_ref().map(|hold| hold.on) {
            None => &[],
            Some(HoldOn::Rest) => &Self::ALL[..2],
            Some(HoldOn::Mean) => &Self::ALL,
        }
    }

    /// The name of the array.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parameter => "hold",
            Self::Eigenvalue => "hold_eigenvalue",
            Self::Rests => "hold_rests",
            Self::Left => "hold_left",
            Self::Rounds => "hold_rounds",
            Self::Converged => "hold_converged",
        }
    }

    /// Whether it has a number for each node.
    pub fn is_of_nodes(self) -> bool {
        matches!(self, Self::Parameter | Self::Rests | Self::Left)
    }

    /// Unit and meaning, in a study that holds something.
    ///
    /// # Errors
    /// [`Error::Study`](crate::Error::Study) if it has no such parameter.
    pub fn about(self, study: &Study, hold: &Hold) -> Result<(String, String)> {
        let by = &hold.by;
        let output = study.model.observable(hold.observable);
        let (unit, name) = (output.unit.to_string(), output.name);
        let held = match hold.on {
            HoldOn::Rest => format!("{name} at its target"),
            HoldOn::Mean => format!("the mean of {name} at its target"),
        };
        Ok(match self {
            Self::Parameter => (
                study.number(by)?.0.about(study).0,
                format!("{by} that holds {held}"),
            ),
            Self::Eigenvalue => (
                "1/ms".into(),
                "largest real part among the eigenvalues at rest, delays left out; the held state is stable below 0".into(),
            ),
            Self::Rests => (unit, format!("{name} at rest, where {by} holds {held}")),
            Self::Left => (unit, format!("mean of {name} over the seeds of a round less its target")),
            Self::Rounds => ("1".into(), "rounds of simulations that were run".into()),
            Self::Converged => (
                "1".into(),
                "1: all means are within hold.tolerance of their targets; 0: they are not, and this is the nearest round".into(),
            ),
        })
    }

    /// Its numbers, `[n_nodes]` or a single one.
    pub fn values(self, held: &Held, mean: Option<&MeanHeld>) -> Vec<f64> {
        match (self, mean) {
            (Self::Parameter, _) => held.values.clone(),
            (Self::Eigenvalue, _) => vec![held.eigenvalue],
            // Nothing of what only rounds find.
            (_, None) => Vec::new(),
            (Self::Rests, Some(mean)) => mean.rests.clone(),
            (Self::Left, Some(mean)) => mean.left.clone(),
            (Self::Rounds, Some(mean)) => vec![f64::from(mean.rounds)],
            (Self::Converged, Some(mean)) => vec![f64::from(u8::from(mean.is_converged))],
        }
    }
}

/// A study to be planned for its shape alone: it holds nothing where no state holds its output at its target.
pub(super) fn of_any_hold(mut study: Study) -> Study {
    if !study.holds_mean() && plan::rest(&study).is_err() {
        study.hold = None;
    }
    study
}

/// The plan of those of these studies that have a state in which their output is at its target, which is all of them where nothing is
/// held; `None` of none. And which they are.
///
/// # Errors
/// Those of [`Plan::batch`], but for a state that is not there.
pub(super) fn planned(studies: &[Study]) -> Result<(Option<Plan>, Vec<bool>)> {
    let all = || vec![true; studies.len()];
    let error = match studies {
        [] => return Ok((None, Vec::new())),
        studies => match Plan::batch(studies) {
            Ok(plan) => return Ok((Some(plan), all())),
            Err(error) => error,
        },
    };
    if studies.iter().all(|study| study.hold.is_none()) {
        return Err(error);
    }
    let of = studies.par_iter();
    let are_held: Vec<bool> = of.map(|study| plan::rest(study).is_ok()).collect();
    if !are_held.contains(&false) {
        return Err(error);
    }
    let held = studies.iter().zip(&are_held);
    let held = held
        .filter(|(_, is_held)| **is_held)
        .map(|(study, _)| study.clone());
    let plan = match held.collect::<Vec<_>>()[..] {
        [] => None,
        ref held => Some(Plan::batch(held)?),
    };
    Ok((plan, are_held))
}
