//! What a fit leaves.

use serde_json::{Map, Value, json};

use super::finalists::{Ceiling, Reached, front_of};
use super::state::Evaluations;
use super::{Axes, Finalist, FirstHopf, Fit, figures, one_or_all};
use crate::backend::Device;
use crate::output::{Drawing, Manifest, OneOf, Output};
use crate::report::{Number, Numbers, Points, View, Views};
use crate::run::sweep::points::{axis_of, settings};
use crate::sweep::Sweep;

/// An optimum closer to an end of a range than this part of it sits on the bound.
const ON_BOUND: f64 = 0.01;

/// The axes of a distribution tell something once so much of it is learnt.
const LEARNT: f64 = 0.8;

/// A fit that has run.
#[derive(Debug)]
pub struct Fitted<'a> {
    pub(super) fit: &'a Fit,
    pub(super) evaluations: Evaluations,
    /// Of every candidate, `[n_candidates][n_objectives]`; NaN of those without.
    pub(super) objectives: Vec<Vec<f64>>,
    /// The best on unseen seeds first, by the first objective; none where no candidate has an objective.
    pub finalists: Vec<Finalist>,
    /// What was found for each subject; empty unless each is fitted for itself.
    pub each: Vec<OfSubject>,
    /// What the measured subjects allow; none of fewer than two.
    pub ceiling: Option<Ceiling>,
    /// Where the network begins to oscillate; none unless [`Fitted::find_hopf`] looked for it.
    pub hopf: Option<FirstHopf>,
    /// What it ran on in the end.
    pub device: Device,
}

/// What was found for one subject.
#[derive(Debug, Clone)]
pub struct OfSubject {
    /// Its number among the measured subjects.
    pub subject: usize,
    /// Its finalists, the best on unseen seeds first; the best of all subjects together is among them.
    pub finalists: Vec<Finalist>,
    /// The mean objective of this subject on unseen seeds with the numbers that are best for all together.
    pub with_group: f64,
}

impl OfSubject {
    /// The best on unseen seeds; none where no candidate has an objective.
    pub fn winner(&self) -> Option<&Finalist> {
        let first = self.finalists.first();
        first.filter(|best| !best.first().held_out.mean.is_nan())
    }
}

/// An end of a range on which a finalist sits.
#[derive(Debug, Clone, PartialEq)]
pub struct OnBound {
    /// The number, with its unit.
    pub path: String,
    /// The end.
    pub end: f64,
    /// Whether it is the upper one.
    pub is_upper: bool,
}

impl OnBound {
    /// "coupling.g sits on the upper end of its range, 3".
    pub(super) fn in_words(&self) -> String {
        let which = if self.is_upper { "upper" } else { "lower" };
        format!(
            "{} sits on the {which} end of its range, {}",
            self.path, self.end
        )
    }
}

impl<'a> Fitted<'a> {
    pub(super) fn new(
        fit: &'a Fit,
        evaluations: Evaluations,
        finalists: Vec<Finalist>,
        each: Vec<Vec<Finalist>>,
        device: Device,
    ) -> Self {
        let group = finalists.first().map(|best| best.candidate);
        let of_subject = |(finalists, subjects): (Vec<Finalist>, &Vec<usize>)| {
            let mut all = finalists.iter();
            let with_group = all.find(|finalist| Some(finalist.candidate) == group);
            OfSubject {
                subject: subjects[0],
                with_group: with_group.map_or(f64::NAN, |finalist| finalist.first().held_out.mean),
                finalists,
            }
        };
        let each = each.into_iter().zip(&fit.targets).map(of_subject);
        let ceiling = fit
            .functional()
            .and_then(|all| Ceiling::new(&all, &fit.subjects));
        Self {
            objectives: evaluations.own_objectives(fit),
            each: each.collect(),
            ceiling,
            hopf: None,
            fit,
            evaluations,
            finalists,
            device,
        }
    }

    /// The fit that has run.
    pub fn fit(&self) -> &'a Fit {
        self.fit
    }

    /// The study, and the numbers that were free with their ranges.
    pub fn ends(&self) -> &'a Sweep {
        self.fit.ends()
    }

    /// What was to be large.
    pub fn objectives(&self) -> Vec<&'a str> {
        self.fit.objectives()
    }

    /// The first objective of every candidate.
    pub(super) fn first_objective(&self) -> Vec<f64> {
        self.objectives.iter().map(|of| of[0]).collect()
    }

    /// The best on unseen seeds; none where no candidate has an objective, and none of several objectives.
    pub fn winner(&self) -> Option<&Finalist> {
        self.finalists
            .first()
            .filter(|best| best.objectives.len() == 1 && !best.first().held_out.mean.is_nan())
    }

    /// Of several objectives, the finalists than which no other is better in all of them on unseen seeds, ranked by the first; none of
    /// one objective.
    pub fn front(&self) -> Vec<&Finalist> {
        if self.fit.objectives.len() < 2 {
            return Vec::new();
        }
        let means = self.finalists.iter().map(|finalist| {
            let means = finalist.objectives.iter().map(|of| of.held_out.mean);
            means.collect::<Vec<f64>>()
        });
        let front = front_of(&means.collect::<Vec<_>>());
        front.into_iter().map(|k| &self.finalists[k]).collect()
    }

    /// Simulations that were run, those on unseen seeds among them.
    pub fn n_runs(&self) -> usize {
        let s = &self.fit.settings;
        let of_finalists = self.fit.brains_of_finalists(0).len() * s.held_out;
        self.evaluations.len() * self.fit.runs_of_a_candidate() + self.n_finalists() * of_finalists
    }

    /// Candidates that were run on unseen seeds: those of all together, and of each subject.
    pub(super) fn n_finalists(&self) -> usize {
        let all = self.each.iter().flat_map(|of| &of.finalists);
        let all = all.chain(&self.finalists);
        let mut finalists: Vec<usize> = all.map(|finalist| finalist.candidate).collect();
        finalists.sort_unstable();
        finalists.dedup();
        finalists.len()
    }

    /// Candidates that were tried.
    pub fn n_candidates(&self) -> usize {
        self.evaluations.len()
    }

    /// Runs of candidates that diverged.
    pub fn n_diverged(&self) -> usize {
        self.evaluations.n_diverged()
    }

    /// Candidates without an objective, which count as worse than all others.
    pub fn n_without_objective(&self) -> usize {
        self.objectives.iter().filter(|of| of[0].is_nan()).count()
    }

    /// The axes of the search's last distribution; none of a search that was too short to learn them, and where each subject has a
    /// search.
    pub fn axes(&self) -> Option<Axes> {
        let last = match self.each.is_empty() {
            true => self.evaluations.last.first()?.as_ref()?,
            false => return None,
        };
        (last.learnt >= LEARNT).then(|| Axes::new(self.fit, last))
    }

    /// The ends of ranges on which the winner sits.
    pub fn on_bounds(&self) -> Vec<OnBound> {
        self.winner()
            .map_or(Vec::new(), |winner| self.bounds_of(winner))
    }

    /// The ends of ranges on which the numbers of a finalist sit.
    pub(super) fn bounds_of(&self, finalist: &Finalist) -> Vec<OnBound> {
        let shares = self.fit.shares(&finalist.values);
        let axes = self.fit.ends().axes().iter().zip(shares);
        let on_bound = axes.filter_map(|(axis, share)| {
            let is_upper = share > 0.5;
            let distance = if is_upper { 1.0 - share } else { share };
            (distance < ON_BOUND).then(|| OnBound {
                path: axis.path.clone(),
                end: axis.values[usize::from(is_upper)],
                is_upper,
            })
        });
        on_bound.collect()
    }

    /// Flags that set a finalist in a study, with the sampling that was measured; of a finalist of one `subject` its connectome, too,
    /// where it has one of its own.
    pub fn settings_of(&self, winner: &Finalist, subject: Option<usize>) -> Vec<String> {
        let name = subject.and_then(|subject| self.fit.name_of(subject));
        let whose = name.map(|name| format!("{}={name:?}", crate::study::key::SUBJECT.path));
        let mut flags: Vec<String> = whose.into_iter().collect();
        // A number at one node after the same at all nodes.
        for of_one_node in [false, true] {
            for (axis, value) in self.fit.ends().axes().iter().zip(&winner.values) {
                let settings = axis.settings(*value);
                let chosen = settings.filter(|(path, _)| path.ends_with(']') == of_one_node);
                flags.extend(chosen.map(|(path, value)| format!("{path}={value}")));
            }
        }
        let every = self.fit.ends().base().record.every;
        flags.push(format!("{}={every}", crate::study::key::RECORD_EVERY.path));
        flags
    }

    /// Tables, figures, views and a manifest; the arrays are in a group, see [`Fitted::write`].
    pub fn output(&self) -> Output<'_> {
        let are_each = self.each.iter().any(|of| of.winner().is_some());
        let of_own = self.fit.has_own_connectomes() && !self.each.is_empty();
        let all: [OneOf<Self>; 8] = [
            ("objective", true, figures::generations),
            ("front", self.objectives().len() > 1, figures::front),
            ("pairs", true, figures::pairs),
            ("subjects", are_each, figures::subjects),
            ("profiles", !of_own, figures::profiles),
            ("regions", figures::have_regions(self), figures::regions),
            ("best_fc", self.winner().is_some(), figures::best_fc),
            ("subjects_fc", of_own && are_each, figures::subjects_fc),
        ];
        Output {
            name: "fit",
            arrays: Vec::new(),
            labels: Vec::new(),
            tables: self.tables(),
            figures: Drawing::each(self, &all),
            files: Vec::new(),
            views: self.views(),
            study_words: Vec::new(),
            manifest: Manifest::new("fit", &json!({ "result": self.to_json() })),
        }
    }

    /// The candidates, to be looked into on a page.
    fn views(&self) -> Views {
        let n = self.evaluations.len();
        let number = |name: &str, meaning: &str, values: Vec<f64>| Number {
            name: name.into(),
            unit: "1".into(),
            meaning: meaning.into(),
            values: Numbers::double(values),
        };
        let objectives = self.objectives().into_iter().enumerate();
        let mut numbers: Vec<Number> = objectives
            .map(|(k, name)| {
                let values = self.objectives.iter().map(|of| of[k]).collect();
                number(name, "mean over the seeds of the search", values)
            })
            .collect();
        let generation = self.evaluations.generation.clone();
        numbers.push(number(
            "generation",
            "0 is that of the candidates to begin with",
            generation,
        ));
        let values = self.evaluations.all_values();
        let axes = self.fit.ends().axes().iter().enumerate();
        let points = Points {
            title: format!("{}: candidates", self.fit.ends().base().name),
            each: "candidate".into(),
            axes: axes
                .map(|(k, axis)| axis_of(axis, (0..n).map(|row| values[[row, k]])))
                .collect(),
            shape: Vec::new(),
            numbers,
            best: self.winner().map(|best| best.candidate),
            only: Vec::new(),
            seeds: Vec::new(),
            own_seeds: false,
            settings: settings(self.fit.ends()),
            details: None,
        };
        Views {
            all: vec![View::Points(points)],
            ..Views::default()
        }
    }

    /// All objectives in one line.
    pub fn objectives_in_words(&self) -> String {
        self.objectives().join("; ")
    }

    /// What was found, for other programs.
    pub fn to_json(&self) -> Value {
        let number = |value: f64| {
            if value.is_finite() {
                json!(value)
            } else {
                Value::Null
            }
        };
        let finalist = |finalist: &Finalist| {
            let axes = self.fit.ends().axes().iter().zip(&finalist.values);
            let point: Map<String, Value> = axes
                .map(|(axis, value)| (axis.path.clone(), json!(value)))
                .collect();
            // One objective has a number each, several a list.
            let each = |of: &dyn Fn(&Reached) -> Value| -> Value {
                let mut all: Vec<Value> = finalist.objectives.iter().map(of).collect();
                match all.len() {
                    1 => all.swap_remove(0),
                    _ => all.into(),
                }
            };
            json!({
                "point": point,
                "candidate": finalist.candidate,
                "in_sample": each(&|of| number(of.in_sample)),
                "held_out": each(&|of| number(of.held_out.mean)),
                "held_out_standard_error": each(&|of| number(of.held_out.standard_error)),
                "held_out_seeds": self.fit.settings.held_out - finalist.n_diverged,
                "n_diverged": finalist.n_diverged,
                "validation": each(&|of| of.validation.map_or(Value::Null, |over| number(over.mean))),
                "between_seeds": number(finalist.between_seeds),
            })
        };
        let on_bounds = self.on_bounds();
        let on_bounds = on_bounds
            .iter()
            .map(|bound| json!({ "path": bound.path, "end": bound.end }));
        json!({
            "objective": one_or_all(&self.objectives()),
            "front": self.front().into_iter().map(finalist).collect::<Vec<_>>(),
            "best": self.winner().map(finalist),
            "finalists": self.finalists.iter().map(finalist).collect::<Vec<_>>(),
            "subjects": self.each.iter().map(|of| json!({
                "subject": of.subject,
                "name": self.fit.name_of(of.subject),
                "best": of.winner().map(finalist),
                "held_out_with_group": number(of.with_group),
            })).collect::<Vec<_>>(),
            "candidates": self.n_candidates(),
            "runs": self.n_runs(),
            "runs_at_most": self.fit.most_runs(),
            "diverged": self.n_diverged(),
            "without_objective": self.n_without_objective(),
            "on_bounds": on_bounds.collect::<Vec<_>>(),
            "last_distribution": self.axes().map(|axes| axes.to_json()),
            "hopf": self.hopf.as_ref().map(|hopf| {
                let connectome = &self.fit.ends().base().connectome;
                hopf.to_json(self.paths_of(hopf), &|node| connectome.labels[node].clone())
            }),
            "subjects_ceiling": self.ceiling.map(|ceiling| [ceiling.lower, ceiling.upper]),
        })
    }
}

/// The study of the finalist in this place of the front, from 1.
pub(super) fn of_front(place: usize) -> String {
    format!("front-{place}.toml")
}
