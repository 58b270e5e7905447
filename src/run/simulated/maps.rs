//! What differs from region to region, for the figure of it.

use super::Simulated;
use crate::figure::NodeMap;
use crate::measure::Measure;
use crate::output::Values;

/// The measures that are drawn, from the most plain.
const DRAWN: [&str; 2] = ["mean", "global_connectivity"];

impl Simulated<'_> {
    /// The parameter that holds an output, the mean and the global connectivity of each node, where they are finite.
    pub(super) fn maps(&self) -> Vec<NodeMap> {
        let labelled = |name: &str, unit: &str| match unit {
            "1" => name.to_string(),
            unit => format!("{name} ({unit})"),
        };
        let mut maps = Vec::new();
        let held = self
            .held()
            .into_iter()
            .find(|array| array.description.name == "hold");
        if let (Some(hold), Some(held)) = (&self.study.hold, held)
            && let Values::Double(values) = held.values
        {
            // "parameters.J_i".
            let by = hold.by.rsplit('.').next().unwrap_or(&hold.by);
            maps.push(NodeMap {
                label: labelled(by, &held.description.units),
                values: values.iter().copied().collect(),
            });
        }
        let state = self.plan.measured_observable();
        for measure in DRAWN.map(Measure::named) {
            if self.has(measure) {
                let (unit, _) = measure.described(state.unit, state.name, state.meaning);
                let name = match measure.name {
                    "mean" => format!("mean {}", state.name),
                    name => name.replace('_', " "),
                };
                maps.push(NodeMap {
                    label: labelled(&name, &unit),
                    values: (measure.values)(&self.measures).into_owned(),
                });
            }
        }
        maps.retain(|map| map.values.iter().any(|value| value.is_finite()));
        maps
    }
}
