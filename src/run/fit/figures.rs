//! The figures of a fit.

use super::Fitted;
use super::finalists::front_of;
use crate::error::Result;
use crate::figure::{
    self, Curves, Ellipse, Finals, Front, Generations, OfRegions, Pairs, Profiles,
};
use crate::plot::Figure;
use crate::study::key::Slot;
use crate::study::{Start, Study};

/// The objective by generation.
pub(super) fn generations(fitted: &Fitted) -> Result<Option<Figure>> {
    let all = &fitted.evaluations;
    let of_each = fitted.each.iter().flat_map(|of| &of.finalists);
    let of_each = of_each.filter(|_| fitted.fit.has_own_connectomes());
    let finals = fitted.finalists.iter().chain(of_each);
    let finals = finals.map(|finalist| Finals {
        generation: all.generation[finalist.candidate],
        in_sample: finalist.first().in_sample,
        held_out: finalist.first().held_out.mean,
        standard_error: finalist.first().held_out.standard_error,
    });
    let objective = fitted.first_objective();
    let figure = Generations {
        title: title(fitted),
        label: fitted.objectives()[0],
        generation: &all.generation,
        objective: &objective,
        finals: finals.collect(),
    };
    figure.figure().map(Some)
}

/// The candidates over every pair of objectives, where there are several.
pub(super) fn front(fitted: &Fitted) -> Result<Option<Figure>> {
    let objectives = fitted.objectives();
    if fitted.finalists.is_empty() {
        return Ok(None);
    }
    let reached = fitted.finalists.iter().map(|finalist| {
        let each = finalist.objectives.iter();
        let each = each.map(|of| [of.held_out.mean, of.held_out.standard_error]);
        each.collect::<Vec<_>>()
    });
    let front = Front {
        title: title(fitted),
        labels: &objectives,
        candidates: &fitted.objectives,
        front: front_of(&fitted.objectives),
        held_out: reached.collect(),
    };
    front.figure().map(Some)
}

/// The candidates over every pair of free numbers.
pub(super) fn pairs(fitted: &Fitted) -> Result<Option<Figure>> {
    let axes = fitted.fit.ends().axes();
    let is_one = fitted.each.is_empty();
    let last = fitted.evaluations.last.first().filter(|_| is_one);
    let ellipse = last.and_then(Option::as_ref).map(|last| Ellipse {
        centre: last.mean.clone(),
        covariance: last.covariance.clone(),
    });
    let values = fitted.evaluations.all_values();
    let objective = fitted.first_objective();
    // Those of the report, else those that the search went by.
    let hopf = fitted.hopf.as_ref().map(|hopf| &hopf.found);
    let hopf = hopf.or(fitted.fit.curves.get());
    let pairs = Pairs {
        title: title(fitted),
        label: fitted.objectives()[0],
        axes,
        values: &values,
        objective: &objective,
        best: fitted.winner().map(|winner| winner.values.clone()),
        ellipse,
        curves: hopf.map(|found| Curves {
            name: "first Hopf points".into(),
            axes: found.axes,
            curves: found
                .curves
                .iter()
                .map(|curve| curve.iter().map(|&[a, b, _]| [a, b]).collect())
                .collect(),
        }),
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
    let group = fitted.winner().map(|winner| &winner.values[..]);
    figure::subjects(&title(fitted), fitted.fit.ends().axes(), &found, group).map(Some)
}

/// The largest objective over each free number, where candidates are of all subjects.
pub(super) fn profiles(fitted: &Fitted) -> Result<Option<Figure>> {
    let values = fitted.evaluations.all_values();
    let objective = fitted.first_objective();
    let profiles = Profiles {
        title: title(fitted),
        label: fitted.objectives()[0],
        axes: fitted.fit.ends().axes(),
        values: &values,
        objective: &objective,
    };
    profiles.figure()
}

/// What the winner gives every region, of each number that free numbers make differ between regions: through a formula over maps, a
/// number for a group, or a number of one region alone.
pub(super) fn regions(fitted: &Fitted) -> Result<Option<Figure>> {
    let Some(winner) = fitted.winner() else {
        return Ok(None);
    };
    let ends = fitted.fit.ends();
    let mut study = ends.at(std::slice::from_ref(&winner.values))?.study(0, 0)?;
    let keys = keys_of_regions(fitted)?;
    let n_nodes = study.connectome.n_nodes();
    let mut found = Vec::new();
    for key in keys {
        let (number, _) = study.number(&key)?;
        let (unit, _) = number.about(&study);
        let mut label = match unit.as_str() {
            "1" => key.clone(),
            unit => format!("{key} ({unit})"),
        };
        if study
            .rules
            .iter()
            .any(|rule| rule.key == key && rule.moves())
        {
            label += " at t = 0";
        }
        let values = match number.slot(&mut study) {
            Slot::PerNode(values) | Slot::Start(Start::Given(values)) => values.expand(n_nodes),
            Slot::Start(_) | Slot::Single(_) => continue,
        };
        found.push(OfRegions { label, values });
    }
    if found.is_empty() {
        return Ok(None);
    }
    let title = format!("{}: what the best fit gives every region", study.name);
    figure::regions(&title, &found, study.connectome.centres.as_ref()).map(Some)
}

/// Whether a free number makes numbers differ between regions.
pub(super) fn have_regions(fitted: &Fitted) -> bool {
    fitted.winner().is_some() && keys_of_regions(fitted).is_ok_and(|keys| !keys.is_empty())
}

/// The keys whose values for the regions change with free numbers.
fn keys_of_regions(fitted: &Fitted) -> Result<Vec<String>> {
    let ends = fitted.fit.ends();
    let mut keys: Vec<String> = Vec::new();
    for path in ends.axes().iter().flat_map(|axis| axis.paths()) {
        let key = key_of_regions(ends.base(), path)?;
        keys.extend(key.filter(|key| !keys.contains(key)));
    }
    Ok(keys)
}

/// The key whose values for the regions change with the number at `path`, if they differ between regions.
fn key_of_regions(study: &Study, path: &str) -> Result<Option<String>> {
    let rule = study
        .rules
        .iter()
        .find(|rule| rule.paths().any(|own| own == path));
    if let Some(rule) = rule {
        return Ok(rule.has_maps().then(|| rule.key.clone()));
    }
    let (number, node) = study.number(path)?;
    Ok(node.map(|_| number.path(study)))
}

/// The winner's functional connectivity, the mean over unseen seeds, and the measured one.
pub(super) fn best_fc(fitted: &Fitted) -> Result<Option<Figure>> {
    let Some(winner) = fitted.winner().filter(|winner| winner.fc.nrows() > 1) else {
        return Ok(None);
    };
    let axes = fitted.fit.ends().axes().iter().zip(&winner.values);
    let values: Vec<String> = axes.map(|(axis, value)| axis.setting(*value)).collect();
    let title = format!(
        "functional connectivity of the best fit, mean over {} unseen seeds\n{}",
        winner.first().held_out.n_seeds,
        values.join(", ")
    );
    let functional = fitted.fit.functional();
    let measured = functional.map(|all| all.select(ndarray::Axis(0), &fitted.fit.subjects));
    let study = fitted.fit.ends().base();
    let groups = study.groups();
    let regions = figure::Regions {
        labels: &study.connectome.labels,
        groups: &groups,
    };
    figure::fc(&winner.fc, measured.as_ref(), regions, &title).map(Some)
}

/// Where each subject is fitted on its own connectome: the FC of its winner, the mean over unseen seeds, and its measured one.
pub(super) fn subjects_fc(fitted: &Fitted) -> Result<Option<Figure>> {
    let fit = fitted.fit;
    let Some(measured) = fit.functional().filter(|_| fit.has_own_connectomes()) else {
        return Ok(None);
    };
    let found = fitted.each.iter().filter_map(|of| {
        let winner = of.winner().filter(|winner| winner.fc.nrows() > 1)?;
        Some(figure::SubjectFc {
            label: format!(
                "{}: {:.3}",
                fit.called(of.subject),
                winner.first().held_out.mean
            ),
            simulated: winner.fc.view(),
            measured: measured.index_axis(ndarray::Axis(0), of.subject),
        })
    });
    let found: Vec<figure::SubjectFc> = found.collect();
    if found.is_empty() {
        return Ok(None);
    }
    let study = fit.ends().base();
    let groups = study.groups();
    let regions = figure::Regions {
        labels: &study.connectome.labels,
        groups: &groups,
    };
    let title = format!(
        "functional connectivity: simulated with the numbers of each subject below the diagonal (mean over {} unseen seeds), measured above",
        fit.settings.held_out
    );
    figure::fc_of_subjects(&found, regions, &title).map(Some)
}

fn title(fitted: &Fitted) -> String {
    let study = fitted.fit.ends().base();
    format!(
        "{}: {}, {} candidates",
        study.name,
        study.model.name,
        fitted.n_candidates()
    )
}
