//! The figures of a fit.

use super::Fitted;
use crate::error::Result;
use crate::figure::{self, Ellipse, Finals, Generations, Pairs, Profiles};
use crate::plot::Figure;

/// The objective by generation.
pub(super) fn generations(fitted: &Fitted) -> Result<Figure> {
    let all = &fitted.evaluations;
    let finals = fitted.finalists.iter().map(|finalist| Finals {
        generation: all.generation[finalist.candidate],
        in_sample: finalist.in_sample,
        held_out: finalist.held_out.mean,
        standard_error: finalist.held_out.standard_error,
    });
    let figure = Generations {
        title: title(fitted),
        label: fitted.fit.objective.text(),
        generation: &all.generation,
        objective: &fitted.objectives,
        finals: finals.collect(),
    };
    figure.figure()
}

/// The candidates over every pair of free numbers.
pub(super) fn pairs(fitted: &Fitted) -> Result<Option<Figure>> {
    let axes = fitted.fit.ends.axes();
    let is_one = fitted.each.is_empty();
    let last = fitted.evaluations.last.first().filter(|_| is_one);
    let ellipse = last.and_then(Option::as_ref).map(|last| Ellipse {
        centre: last.mean.clone(),
        covariance: last.covariance.clone(),
    });
    let values = fitted.evaluations.all_values();
    let pairs = Pairs {
        title: title(fitted),
        label: fitted.fit.objective.text(),
        axes,
        values: &values,
        objective: &fitted.objectives,
        best: fitted.winner().map(|winner| winner.values.clone()),
        ellipse,
    };
    pairs.figure()
}

/// The numbers found for each subject, where each is fitted for itself.
pub(super) fn subjects(fitted: &Fitted) -> Result<Option<Figure>> {
    let found = fitted.each.iter().filter_map(|of| {
        let values = of.winner()?.values.clone();
        Some((of.subject, values))
    });
    let found: Vec<(usize, Vec<f64>)> = found.collect();
    if found.is_empty() {
        return Ok(None);
    }
    let group = fitted.winner().map(|winner| &winner.values[..]);
    figure::subjects(&title(fitted), fitted.fit.ends.axes(), &found, group).map(Some)
}

/// The largest objective over each free number.
pub(super) fn profiles(fitted: &Fitted) -> Result<Option<Figure>> {
    let values = fitted.evaluations.all_values();
    let profiles = Profiles {
        title: title(fitted),
        label: fitted.fit.objective.text(),
        axes: fitted.fit.ends.axes(),
        values: &values,
        objective: &fitted.objectives,
    };
    profiles.figure()
}

/// The winner's functional connectivity, the mean over unseen seeds, and the measured one.
pub(super) fn best_fc(fitted: &Fitted) -> Result<Option<Figure>> {
    let Some(winner) = fitted.winner().filter(|winner| winner.fc.nrows() > 1) else {
        return Ok(None);
    };
    let axes = fitted.fit.ends.axes().iter().zip(&winner.values);
    let values: Vec<String> = axes.map(|(axis, value)| axis.setting(*value)).collect();
    let title = format!(
        "functional connectivity of the best fit, mean over {} unseen seeds\n{}",
        winner.held_out.n_seeds,
        values.join(", ")
    );
    let functional = fitted.fit.ends.base().connectome.functional.as_ref();
    let measured = functional.map(|all| all.select(ndarray::Axis(0), &fitted.fit.subjects));
    figure::fc(&winner.fc, measured.as_ref(), &title).map(Some)
}

fn title(fitted: &Fitted) -> String {
    let study = fitted.fit.ends.base();
    format!(
        "{}: {}, {} candidates",
        study.name,
        study.model.name,
        fitted.n_candidates()
    )
}
