//! The candidates of a fit as a Zarr group, whose arrays have the names, dimensions and units of a sweep's.

use ndarray::{Array2, Axis};
use serde_json::{Map, Value, json};

use super::state::Evaluations;
use super::{Fit, Fitted, hopf};
use crate::control::Control;
use crate::error::Result;
use crate::io::folder::GrowingFolder;
use crate::io::output::{LeftOut, write_growing};
use crate::io::store::{Coordinate, FORM, FORM_NOW, Kind, Numbers, Skeleton, Variable, Whole};
use crate::output::{Output, object};
use crate::run::sweep::arrays::{DIVERGED, DONE, STATUS, about_features, about_status, prior};
use crate::sweep::FEATURES;

/// The dimensions of what is known of every run.
const POINT: &str = "point";
const SEED: &str = "seed";
const SUBJECT: &str = "subject";
/// The objective of each subject that is fitted for itself.
const OF_SUBJECT: &str = "objective_of_subject";
/// What each is called, where it has a connectome of its own.
const SUBJECT_NAME: &str = "subject_name";
/// The file in which earlier versions left the candidates.
pub(super) const EARLIER: &str = "fit.npz";

/// A measure of every run: its array, and its numbers among the features.
struct Measured {
    variable: Variable,
    first: usize,
    n: usize,
}

impl Fit {
    /// The files of the group.
    pub(super) fn files_of_arrays(&self) -> Vec<String> {
        let none = self.skeleton(&Evaluations::new(self), Map::new());
        none.names()
    }

    /// What an earlier version left in the folder and this one replaces, in words; none where there is nothing.
    pub fn outdated(&self, folder: &GrowingFolder) -> Option<String> {
        let path = folder.existing(EARLIER)?;
        Some(format!(
            "{} is from an earlier version of brainsweep; the candidates are now arrays of a Zarr group, and it is removed in the end",
            path.display()
        ))
    }

    /// The names of the arrays of the objectives.
    fn objective_arrays(&self) -> Vec<String> {
        match self.objectives.len() {
            1 => vec!["objective".into()],
            n => (1..=n).map(|k| format!("objective_{k}")).collect(),
        }
    }

    /// The measures of every run, in the order of the features.
    fn measured(&self, n_points: usize) -> Vec<Measured> {
        let of = self.brains[0].observable;
        let mut first = 0;
        let mut all = Vec::new();
        for (measure, n) in self.features.kept() {
            let (units, mut meaning) = measure.described(of.unit, of.name, of.meaning);
            let mut inner = measure.dimensions(self.scope());
            if !measure.shape.is_of_measured() && !inner.is_empty() {
                meaning += &format!(", mean over {}s", measure.shape.of_each());
                inner.clear();
            }
            if self.has_own_connectomes() {
                // A run is of one subject, and so is what is measured of it.
                inner.retain(|(name, _)| ![SUBJECT, "series"].contains(&name.as_str()));
            }
            all.push(Measured {
                variable: self.of_runs(measure.name, n_points, inner, &units, &meaning),
                first,
                n,
            });
            first += n;
        }
        if self.has_distance {
            let meaning = "distance beyond the first Hopf point, in units of the ranges";
            all.push(Measured {
                variable: self.of_runs(hopf::DISTANCE, n_points, Vec::new(), "1", meaning),
                first,
                n: 1,
            });
        }
        all
    }

    /// An array with numbers of every run.
    fn of_runs(
        &self,
        name: &str,
        n_points: usize,
        inner: Vec<(String, usize)>,
        units: &str,
        meaning: &str,
    ) -> Variable {
        let runs = self.runs(n_points).into_iter();
        let attributes = json!({ "units": units, "long_name": meaning });
        whole(name, Kind::Double, runs.chain(inner), attributes)
    }

    /// The dimensions of the runs of so many candidates.
    fn runs(&self, n_points: usize) -> Vec<(String, usize)> {
        let mut runs = vec![(POINT.into(), n_points)];
        if self.settings.connectomes > 1 {
            runs.push((SUBJECT.into(), self.settings.connectomes));
        }
        runs.push((SEED.into(), self.settings.replicas));
        runs
    }

    /// The subjects for each of whom every candidate has an objective of its own; those whose numbers lie along the dimension, where they
    /// do.
    fn subjects_of_arrays(&self) -> Option<Vec<usize>> {
        match (self.has_own_connectomes(), self.is_of_each_subject()) {
            // A candidate is of one subject alone.
            (true, true) => None,
            (true, false) => Some(self.subjects.clone()),
            (false, true) => Some((0..self.scope().n_subjects).collect()),
            (false, false) => None,
        }
    }

    /// The group with so many candidates; `identity` says of which fit.
    fn skeleton(&self, all: &Evaluations, identity: Map<String, Value>) -> Skeleton {
        let n = all.len();
        let of_points = |name: &str, attributes: Value| {
            whole(name, Kind::Double, [(POINT.into(), n)], attributes)
        };
        let mut variables = Vec::new();
        let ranges = self.ends().axes().iter().zip(self.ends().ranges());
        for (axis, [low, high]) in ranges {
            let scale = if axis.log { "log" } else { "linear" };
            let attributes = json!({
                "units": axis.unit,
                "long_name": axis.meaning,
                "scale": scale,
                "low": low,
                "high": high,
            });
            variables.push(of_points(&axis.path, attributes));
        }
        let arrays = self.objective_arrays().into_iter();
        for (name, objective) in arrays.zip(self.objectives()) {
            let meaning = format!("{objective}, mean over the seeds of the search");
            variables.push(of_points(
                &name,
                json!({ "units": "1", "long_name": meaning }),
            ));
        }
        if let Some(subjects) = self.subjects_of_arrays() {
            let dimensions = [(POINT.into(), n), (SUBJECT.into(), subjects.len())];
            let meaning = "objective of each subject, mean over the seeds of the search";
            let attributes = json!({ "units": "1", "long_name": meaning });
            variables.push(whole(OF_SUBJECT, Kind::Double, dimensions, attributes));
        }
        variables.extend(self.measured(n).into_iter().map(|of| of.variable));
        let names = self.feature_names();
        let runs = self.runs(n);
        let feature = ("feature".to_string(), names.len());
        variables.push(whole(
            FEATURES,
            Kind::Double,
            runs.clone().into_iter().chain([feature]),
            about_features(prior(self.ends())),
        ));
        let without_objective = match self.ends().base().hold {
            Some(_) => "diverged_or_unheld",
            None => "diverged",
        };
        let marks = about_status(&[(DONE, "done"), (DIVERGED, without_objective)]);
        variables.push(whole(STATUS, Kind::Flag, runs, marks));
        let coordinates = self.coordinates(all, names);
        // So that xarray takes what is known of a candidate before it runs for coordinates.
        let paths = self.ends().axes().iter().map(|axis| axis.path.as_str());
        let own = coordinates.iter().filter(|one| !one.is_of_a_dimension());
        let own = own.map(|one| one.name.as_str());
        let named: Vec<&str> = paths.chain(own).collect();
        let mut attributes = identity;
        attributes.insert(FORM.into(), json!(FORM_NOW));
        attributes.insert("coordinates".into(), named.join(" ").into());
        Skeleton {
            attributes,
            coordinates,
            variables,
            beside: Vec::new(),
        }
    }

    fn coordinates(&self, all: &Evaluations, features: Vec<String>) -> Vec<Coordinate> {
        let of = |name: &str, dimension: &str, values: Numbers, meaning: &str| {
            let attributes = object(&json!({ "long_name": meaning }));
            Coordinate::along(dimension, name, values, attributes)
        };
        let counted = |n: usize| Numbers::Whole((0..n as i64).collect());
        let first = self.ends().base().protocol.seed;
        let seeds = (0..self.settings.replicas as u64).map(|k| (first + k) as i64);
        let generation = all.generation.iter().map(|number| *number as i64);
        let mut coordinates = vec![
            of(
                "generation",
                POINT,
                Numbers::Whole(generation.collect()),
                "generation; 0 is that of the candidates to begin with",
            ),
            of(
                "restart",
                POINT,
                Numbers::Whole(all.asked.iter().map(|of| of.restart).collect()),
                "run of the strategy that asked for the candidate, from 0; -1 of points that fill the ranges and of a front",
            ),
            of(
                SEED,
                SEED,
                Numbers::Whole(seeds.collect()),
                "seed of the run's random numbers",
            ),
            of("feature", "feature", Numbers::Text(features), "feature"),
        ];
        if self.is_of_each_subject() {
            let subject = |of: &super::state::Asked| self.targets[of.search][0] as i64;
            coordinates.push(of(
                "searched_for",
                POINT,
                Numbers::Whole(all.asked.iter().map(subject).collect()),
                "subject whose search was the first to ask for the candidate",
            ));
        }
        let names = |subjects: &mut dyn Iterator<Item = usize>| {
            let names = subjects.map(|k| self.name_of(k).unwrap_or_default().to_string());
            Numbers::Text(names.collect())
        };
        let measured = self.scope().n_subjects;
        if !self.has_own_connectomes() && measured > 0 {
            let meaning = "subject of the measured functional connectivity";
            coordinates.push(of(SUBJECT, SUBJECT, counted(measured), meaning));
        }
        if self.has_own_connectomes() {
            let meaning = "name of the subject whose connectome it is";
            let (dimension, names) = match self.is_of_each_subject() {
                true => {
                    let mut all = all.asked.iter().map(|of| self.targets[of.search][0]);
                    (POINT, names(&mut all))
                }
                false => {
                    let numbers = self.subjects.iter().map(|&subject| subject as i64);
                    let numbers = Numbers::Whole(numbers.collect());
                    coordinates.push(of(SUBJECT, SUBJECT, numbers, "number of the subject"));
                    (SUBJECT, names(&mut self.subjects.iter().copied()))
                }
            };
            coordinates.push(of(SUBJECT_NAME, dimension, names, meaning));
        }
        let series = self.scope().measured_fcd().len();
        if series > 0 && !self.has_own_connectomes() && self.scope().series_dimension() == "series"
        {
            coordinates.push(of("series", "series", counted(series), "measured series"));
        }
        coordinates
    }
}

impl Fitted<'_> {
    /// Writes the candidates as a Zarr group into the `folder`, and beside it the tables, figures and manifest of the `output`, without
    /// the pictures once `control` is stopped.
    ///
    /// # Errors
    /// Those of [`write_growing`].
    pub fn write(
        &self,
        output: &Output,
        folder: &GrowingFolder,
        control: &Control,
    ) -> Result<LeftOut> {
        self.write_arrays(folder)?;
        folder.remove(EARLIER)?;
        write_growing(output, folder, control)
    }

    fn write_arrays(&self, folder: &GrowingFolder) -> Result<()> {
        let (fit, all) = (self.fit, &self.evaluations);
        let skeleton = fit.skeleton(all, folder.identity().clone());
        let group = Whole::begin(folder, &skeleton)?;
        let values = all.all_values();
        for (axis, column) in fit.ends().axes().iter().zip(values.columns()) {
            group.write(&axis.path, &column.to_vec())?;
        }
        for (k, name) in fit.objective_arrays().iter().enumerate() {
            let column: Vec<f64> = self.objectives.iter().map(|of| of[k]).collect();
            group.write(name, &column)?;
        }
        if let Some(subjects) = fit.subjects_of_arrays() {
            let mut each = Array2::from_elem((all.len(), subjects.len()), f64::NAN);
            // Nobody asked for those that are kept out.
            let fitted = subjects.iter().enumerate();
            let fitted = fitted.filter(|(_, subject)| fit.subjects.contains(subject));
            for (place, subject) in fitted {
                let own = all.objectives(fit, &[*subject]);
                let mut column = each.column_mut(place);
                column.iter_mut().zip(own).for_each(|(to, of)| *to = of[0]);
            }
            group.write(OF_SUBJECT, &each.into_raw_vec_and_offset().0)?;
        }
        let features = all.all_features();
        for Measured { variable, first, n } in fit.measured(all.len()) {
            let own = features.slice_axis(Axis(2), (first..first + n).into());
            let own: Vec<f64> = own.iter().copied().collect();
            group.write(&variable.name, &own)?;
        }
        let status = features.rows().into_iter().map(|row| {
            let has_diverged = row.iter().all(|x| x.is_nan());
            if has_diverged { DIVERGED } else { DONE }
        });
        let status: Vec<u8> = status.collect();
        group.write(FEATURES, &features.into_raw_vec_and_offset().0)?;
        group.write(STATUS, &status)?;
        group.finish()
    }
}

/// An array in one chunk.
fn whole(
    name: &str,
    kind: Kind,
    dimensions: impl IntoIterator<Item = (String, usize)>,
    attributes: Value,
) -> Variable {
    let (dimensions, shape): (Vec<String>, Vec<usize>) = dimensions.into_iter().unzip();
    Variable {
        name: name.into(),
        kind,
        dimensions,
        chunk: shape.clone(),
        shape,
        attributes: object(&attributes),
    }
}
