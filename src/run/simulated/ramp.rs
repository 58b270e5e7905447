//! What is drawn of a number that follows the time.

use ndarray::{Axis, s};

use super::Simulated;
use crate::error::Result;
use crate::figure;
use crate::plot::Figure;

impl Simulated<'_> {
    /// The first recorded state or output against the first parameter or input that follows the time, all regions alike, after the
    /// transient; `None` where there is none.
    pub(super) fn draw_ramp(&self) -> Result<Option<Figure>> {
        let rules = self.study.moving_rules().into_iter();
        let mut rules = rules.map(|(_, rule)| rule);
        let (Some(rule), Some(&state)) = (
            rules.find(|rule| !rule.has_maps()),
            self.plan.recording.states.first(),
        ) else {
            return Ok(None);
        };
        let first = self.plan.recording.n_transient.min(self.t_ms.len());
        let clock = |t: f64| [t, self.study.protocol.duration];
        let values: Vec<f64> = self.t_ms[first..]
            .iter()
            .map(|&t| rule.value(0, clock(t)))
            .collect();
        let (number, _) = self.study.number(&rule.key)?;
        let (unit, _) = number.about(self.study);
        let label = match unit.as_str() {
            "1" | "" => rule.key.clone(),
            unit => format!("{} ({unit})", rule.key),
        };
        let samples = self.recorded.samples.index_axis(Axis(1), 0);
        let ramp = figure::Ramp {
            label,
            values: &values,
            samples: samples.slice(s![first.., ..]),
            shown: &self.plan.model.observable(state),
        };
        ramp.figure(&format!("against {}\n{}", rule.key, self.title()))
    }
}
