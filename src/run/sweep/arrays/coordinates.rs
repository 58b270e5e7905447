//! What the dimensions of a sweep's arrays are: values of what varies, seeds, nodes, times.

use serde_json::json;

use super::Arrays;
use crate::io::store::{Coordinate, Numbers};
use crate::output::object;
use crate::plan::Plan;
use crate::sweep::Sweep;

/// The dimension of points that are no grid.
const POINT: &str = "point";
/// The seed of each replica, which is also the dimension of the replicas of points that share their seeds.
pub(in crate::run::sweep) const SEED: &str = "seed";
/// The dimension of the replicas of points that have seeds of their own.
const REPLICA: &str = "replica";

impl Arrays {
    /// The coordinates of all arrays.
    pub(super) fn coordinates(&self, sweep: &Sweep, plan: &Plan) -> Vec<Coordinate> {
        let coordinate = |name: &str, dimension: &str, values, attributes| {
            Coordinate::along(dimension, name, values, object(&attributes))
        };
        let counted = |n: usize| Numbers::Whole((0..n as i64).collect());
        let mut all = Vec::new();
        for axis in sweep.axes() {
            let dimension = if sweep.is_grid() {
                axis.path.as_str()
            } else {
                POINT
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
        all.extend(seeds(sweep));
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

/// What the replicas of a point are called by: their seeds, where all points share them; else numbers, and of each its seed.
fn seeds(sweep: &Sweep) -> Vec<Coordinate> {
    let about = |meaning: &str| object(&json!({ "long_name": meaning }));
    let of_points = |n_points: usize| {
        let points = (0..n_points).flat_map(|k| (0..sweep.n_seeds()).map(move |seed| (k, seed)));
        let seeds = points.map(|(k, seed)| sweep.seed(k, seed) as i64);
        Numbers::Whole(seeds.collect())
    };
    let meaning = about("seed of the replica's random numbers");
    if !sweep.has_own_seeds() {
        return vec![Coordinate::along(SEED, SEED, of_points(1), meaning)];
    }
    let numbers = Numbers::Whole((0..sweep.n_seeds() as i64).collect());
    let counted = about("number of the replica among those of its point");
    let lengths = sweep.shape().into_iter().chain([sweep.n_seeds()]);
    vec![
        Coordinate::along(REPLICA, REPLICA, numbers, counted),
        Coordinate {
            name: SEED.into(),
            dimensions: own_dimensions(sweep).into_iter().zip(lengths).collect(),
            values: of_points(sweep.n_points()),
            attributes: meaning,
        },
    ]
}

/// What the dimensions of every array are called: those of the points, then of the replicas of each.
pub(super) fn own_dimensions(sweep: &Sweep) -> Vec<String> {
    let mut dimensions: Vec<String> = match sweep.is_grid() {
        true => sweep.axes().iter().map(|axis| axis.path.clone()).collect(),
        false => vec![POINT.into()],
    };
    dimensions.push(if sweep.has_own_seeds() { REPLICA } else { SEED }.into());
    dimensions
}

/// What the times of a monitor's samples are called.
pub(super) fn time_of(array: &str) -> String {
    format!("t_{array}")
}
