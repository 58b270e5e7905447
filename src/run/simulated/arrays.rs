//! What a simulation leaves as arrays: samples, ends, what monitors show, responses, measures.

use ndarray::{ArrayView1, Axis};

use super::Simulated;
use crate::measure::MEASURES;
use crate::output::{Array, Values};
use crate::product::product;
use crate::run::evoked::Evoked;
use crate::run::held::OfHeld;

impl Simulated<'_> {
    /// What there is to say of an output that is held at its target.
    pub(super) fn held(&self) -> Vec<Array<'_>> {
        let (Some(hold), Some(held)) = (&self.study.hold, self.plan.held.first()) else {
            return Vec::new();
        };
        let array = |of_held: &OfHeld| {
            let (unit, meaning) = of_held.about(self.study, hold).ok()?;
            let values = of_held.values(held, self.mean.as_ref());
            let (dimensions, values): (&[&str], _) = match of_held.is_of_nodes() {
                true => (&["node"], Values::shaped(&[values.len()], values)),
                false => (&[], Values::shaped(&[], values)),
            };
            Some(Array::new(
                of_held.name(),
                dimensions,
                &unit,
                meaning,
                values,
            ))
        };
        OfHeld::of(self.study).iter().filter_map(array).collect()
    }

    /// What the monitors show, each with the times of its samples.
    fn observed(&self) -> Vec<Array<'_>> {
        let mut arrays = Vec::new();
        let all = self.plan.monitors.iter().zip(&self.recorded.observed);
        for (one, samples) in all {
            let t: Vec<f64> = (0..samples.nrows())
                .map(|k| one.sample_time_ms(k))
                .collect();
            let time = format!("t_{}", one.array);
            let meaning = format!("time of {}", one.array);
            arrays.push(Array::new(time.clone(), &[&time], "ms", meaning, t));
            let (shown, source) = (one.shown(), self.plan.model.observable(one.source));
            let meaning = format!("{} of {}", shown.meaning, source.name);
            arrays.push(match &one.matrix {
                None => Array::new(
                    &*one.array,
                    &[&time, "node"],
                    shown.unit,
                    meaning,
                    samples.view(),
                ),
                Some(matrix) => {
                    let seen = product(samples.mapv(f64::from).view(), matrix.t());
                    let sensor = format!("sensor_{}", one.array);
                    Array::new(&*one.array, &[&time, &sensor], shown.unit, meaning, seen)
                }
            });
        }
        arrays
    }

    /// The responses of the first recorded state or output to stimuli that are repeated.
    pub(super) fn evoked(&self) -> Vec<Evoked> {
        if self.plan.recording.states.is_empty() {
            return Vec::new();
        }
        let samples = self.recorded.samples.index_axis(Axis(1), 0);
        Evoked::all(&self.plan, samples, self.study.protocol.transient)
    }

    /// The same as arrays, each with its times.
    fn responses(&self) -> Vec<Array<'_>> {
        let mut arrays = Vec::new();
        for evoked in self.evoked() {
            let shown = self.plan.model.observable(self.plan.recording.states[0]);
            let name = format!("evoked_{}", evoked.stimulus.replace('-', "_"));
            let time = format!("t_{name}");
            let after = format!("time after the onset of {}", evoked.stimulus);
            let meaning = format!(
                "{} after the onset of {}, mean of {} repetitions",
                shown.name, evoked.stimulus, evoked.n_repetitions
            );
            arrays.push(Array::new(&*time, &[&time], "ms", after, evoked.t_ms));
            let error = format!("{name}_error");
            let of_error = format!("standard error of {name} over repetitions");
            for (name, meaning, values) in [
                (name, meaning, evoked.mean),
                (error, of_error, evoked.error),
            ] {
                let dimensions = [time.as_str(), "node"];
                arrays.push(Array::new(name, &dimensions, shown.unit, meaning, values));
            }
        }
        arrays
    }

    pub(super) fn arrays(&self) -> Vec<Array<'_>> {
        let (model, states) = (self.plan.model, &self.plan.recording.states);
        let mut arrays = self.observed();
        if !states.is_empty() {
            arrays.insert(
                0,
                Array::new("t", &["t"], "ms", "time", ArrayView1::from(&self.t_ms)),
            );
        }
        for (r, &state) in states.iter().enumerate() {
            let state = model.observable(state);
            let samples = self.recorded.samples.index_axis(Axis(1), r);
            let dimensions = ["t", "node"];
            let array = Array::new(state.name, &dimensions, state.unit, state.meaning, samples);
            arrays.push(array);
        }
        let ends = self.recorded.end.state.outer_iter();
        for (state, values) in model.states.iter().zip(ends) {
            let name = format!("{}_final", state.name);
            let meaning = format!("{} at the end", state.meaning);
            arrays.push(Array::new(
                name,
                &["node"],
                state.unit,
                meaning,
                values.to_owned(),
            ));
        }
        arrays.extend(self.held());
        arrays.extend(self.responses());
        let state = self.plan.measured_observable();
        for measure in MEASURES.iter().filter(|measure| self.has(measure)) {
            let dimensions = measure.dimensions(&self.scope);
            let (names, shape): (Vec<&str>, Vec<usize>) = dimensions
                .iter()
                .map(|(name, n)| (name.as_str(), *n))
                .unzip();
            let (unit, meaning) = measure.described(state.unit, state.name, state.meaning);
            let values = Values::shaped(&shape, (measure.values)(&self.measures));
            arrays.push(Array::new(
                measure.name_in_simulation(),
                &names,
                &unit,
                meaning,
                values,
            ));
        }
        for one in self.scope.coordinates() {
            let mut dimensions = arrays
                .iter()
                .flat_map(|array| &array.description.dimensions);
            if dimensions.any(|dimension| dimension == one.name) {
                let name = [one.name];
                arrays.push(Array::new(
                    one.name,
                    &name,
                    one.unit,
                    one.meaning,
                    one.values,
                ));
            }
        }
        arrays
    }
}
