//! Points at which no state holds the output at its target: they are marked and left out, and the others run.

use std::sync::Arc;

use super::held::first_at;
use super::means::Mean;
use crate::error::{Error, Result};
use crate::plan::{self, Plan};
use crate::run::counted;
use crate::run::held::{of_any_hold, planned};
use crate::study::Study;
use crate::sweep::{Replica, Sweep};

/// What can be run of a batch.
pub(super) struct Runnable {
    /// What to run; `None` where there is nothing.
    pub plan: Option<Plan>,
    /// Its replicas, in their order.
    pub replicas: Vec<Replica>,
    /// What brought the mean of each to its target, where a mean is held.
    pub means: Vec<Option<Arc<Mean>>>,
    /// Replicas that cannot be held.
    pub unheld: Vec<Replica>,
}

impl Runnable {
    /// Of these replicas, whose means were found.
    ///
    /// # Errors
    /// Those of [`Plan::batch`], but for a state that is not there.
    pub fn new(
        sweep: &Sweep,
        replicas: Vec<Replica>,
        means: Vec<Option<Arc<Mean>>>,
    ) -> Result<Self> {
        let is_found = |mean: &Option<Arc<Mean>>| mean.as_ref().is_none_or(|mean| mean.is_ok());
        let (found, lost): (Vec<_>, Vec<_>) = replicas
            .into_iter()
            .zip(means)
            .partition(|(_, mean)| is_found(mean));
        let mut unheld: Vec<Replica> = lost.into_iter().map(|(replica, _)| replica).collect();
        let studies = found.iter().map(|(replica, mean)| {
            let study = sweep.study(replica.point, replica.seed)?;
            Ok(match mean.as_deref() {
                Some(Ok(mean)) => study.resting_at(&mean.rests),
                _ => study,
            })
        });
        let (plan, are_held) = planned(&studies.collect::<Result<Vec<_>>>()?)?;
        let (held, lost): (Vec<_>, Vec<_>) = found
            .into_iter()
            .zip(are_held)
            .partition(|(_, is_held)| *is_held);
        unheld.extend(lost.into_iter().map(|((replica, _), _)| replica));
        let (replicas, means) = held.into_iter().map(|(one, _)| one).unzip();
        Ok(Self {
            plan,
            replicas,
            means,
            unheld,
        })
    }
}

/// The study of the first seed of a point, [to be planned](of_any_hold) before anything is run: the output itself is at rest where its
/// mean is held.
///
/// # Errors
/// [`Error::Study`] for numbers that a study may not have.
pub(super) fn to_plan(sweep: &Sweep, point: usize) -> Result<Study> {
    Ok(of_any_hold(sweep.study(point, 0)?.at_rest()?.into_owned()))
}

/// Refuses a sweep of which none of these points has a state that holds the output at its target.
///
/// # Errors
/// [`Error::Study`] with what the first lacks.
pub(super) fn check(sweep: &Sweep, points: &[usize]) -> Result<()> {
    let mut first = None;
    for &point in points {
        match plan::rest(&*sweep.study(point, 0)?.at_rest()?) {
            Ok(_) => return Ok(()),
            Err(error) => {
                first.get_or_insert((point, error));
            }
        }
    }
    let Some((point, error)) = first else {
        return Ok(());
    };
    if sweep.n_points() == 1 {
        return Err(error);
    }
    let problem = format!(
        "{} cannot be held at its target at any end of the sweep{}: {error}",
        held_output(sweep),
        first_at(sweep, point),
    );
    let hint = error.hint();
    Err(Error::conflict(problem, hint.unwrap_or_default()))
}

/// Says at which points no state holds the output at its target, and why the first has none; nothing where all have one.
pub(super) fn remark(sweep: &Sweep, points: &[usize]) -> Result<Option<String>> {
    let [first, ..] = points else {
        return Ok(None);
    };
    let why = match plan::rest(&*sweep.study(*first, 0)?.at_rest()?) {
        Err(error) => error.to_string(),
        Ok(_) => "no first round of simulations came to its end".into(),
    };
    Ok(Some(format!(
        "{} cannot be held at its target at {} of {}{}: {}. They are marked in `status`, were not simulated, and are left out of all means",
        held_output(sweep),
        points.len(),
        counted(sweep.n_points(), "point"),
        first_at(sweep, *first),
        why
    )))
}

/// The name of what is held.
fn held_output(sweep: &Sweep) -> &str {
    let study = sweep.base();
    let hold = study.hold.as_ref().expect("something is held");
    study.model.observable(hold.observable).name
}
