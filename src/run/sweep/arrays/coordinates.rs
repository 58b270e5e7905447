//! What the dimensions of a sweep's arrays are: values of what varies, seeds, nodes, times.

use serde_json::json;

use super::Arrays;
use crate::io::store::{Coordinate, Numbers};
use crate::output::object;
use crate::plan::Plan;
use crate::sweep::Sweep;

impl Arrays {
    /// The coordinates of all arrays.
    pub(super) fn coordinates(&self, sweep: &Sweep, plan: &Plan) -> Vec<Coordinate> {
        let coordinate = |name: &str, dimension: &str, values, attributes| Coordinate {
            name: name.into(),
            dimension: dimension.into(),
            values,
            attributes: object(&attributes),
        };
        let counted = |n: usize| Numbers::Whole((0..n as i64).collect());
        let mut all = Vec::new();
        for axis in sweep.axes() {
            let dimension = if sweep.is_grid() {
                axis.path.as_str()
            } else {
                "point"
            };
            let attributes = json!({
                "units": axis.unit,
                "long_name": axis.meaning,
                "scale": if axis.log { "log" } else { "linear" },
            });
            all.push(coordinate(
                &axis.path,
                dimension,
                Numbers::Float(axis.values.clone()),
                attributes,
            ));
        }
        let first = sweep.base().protocol.seed;
        let seeds = (0..sweep.n_seeds() as u64)
            .map(|k| (first + k) as i64)
            .collect();
        let attributes = json!({ "long_name": "seed of the replica's random numbers" });
        all.push(coordinate(
            "seed",
            "seed",
            Numbers::Whole(seeds),
            attributes,
        ));
        if self.are_scored() {
            let attributes =
                json!({ "long_name": "subject of the measured functional connectivity" });
            all.push(coordinate(
                "subject",
                "subject",
                counted(self.scope.n_subjects),
                attributes,
            ));
        }
        let labels = &sweep.base().connectome.labels;
        let attributes = json!({ "long_name": "region" });
        all.push(coordinate(
            "node",
            "node",
            Numbers::Text(labels.clone()),
            attributes.clone(),
        ));
        let has = |name: &str| {
            let mut dimensions = self.all.iter().flat_map(|array| &array.inner);
            dimensions.any(|(dimension, _)| dimension == name)
        };
        if has("other_node") {
            all.push(coordinate(
                "other_node",
                "other_node",
                Numbers::Text(labels.clone()),
                attributes,
            ));
        }
        for one in self.scope.coordinates() {
            if has(one.name) {
                let attributes = json!({ "units": one.unit, "long_name": one.meaning });
                let values = Numbers::Float(one.values);
                all.push(coordinate(one.name, one.name, values, attributes));
            }
        }
        if has("feature") {
            let attributes = json!({ "long_name": "feature" });
            let names = Numbers::Text(self.features.names());
            all.push(coordinate("feature", "feature", names, attributes));
        }
        if has("band") {
            let attributes = json!({ "long_name": "band of frequencies" });
            let names = Numbers::Text(self.scope.band_names());
            all.push(coordinate("band", "band", names, attributes));
        }
        if has("series") {
            let attributes = json!({ "long_name": "measured series" });
            let numbers = counted(self.scope.measured_fcd().len());
            all.push(coordinate("series", "series", numbers, attributes));
        }
        for &index in sweep.kept_monitors() {
            let one = &plan.monitors[index];
            let times = (0..one.n_samples).map(|k| one.sample_time_ms(k));
            let times = Numbers::Float(times.collect());
            let attributes = json!({ "units": "ms", "long_name": "time" });
            let name = time_of(&one.array);
            all.push(coordinate(&name, &name, times, attributes));
        }
        if !sweep.kept_states().is_empty() {
            let times = (0..plan.recording.n_samples)
                .map(|k| plan.sample_time_ms(k))
                .collect();
            let attributes = json!({ "units": "ms", "long_name": "time" });
            all.push(coordinate(
                "time",
                "time",
                Numbers::Float(times),
                attributes,
            ));
        }
        all
    }
}

/// What the times of a monitor's samples are called.
pub(super) fn time_of(array: &str) -> String {
    format!("t_{array}")
}
