//! What a sweep samples and what it keeps of every replica.

use super::{Description, FEATURES, Sweep, axis};
use crate::error::{Error, Result};
use crate::measure::{Kept, MEASURES, Measure};
use crate::study::key;

/// The measures that are kept where they are asked for.
fn on_request() -> impl Iterator<Item = &'static Measure> {
    let all = MEASURES.iter();
    all.filter(|one| one.shape.kept() == Kept::OnRequest)
}

/// Puts `one` among what is kept, once.
fn keep<T: PartialEq>(kept: &mut Vec<T>, one: T) {
    if !kept.contains(&one) {
        kept.push(one);
    }
}

impl Sweep {
    /// Sets how often samples are taken, of which states, and what is kept.
    pub(super) fn set_recording(&mut self, description: &Description) -> Result<()> {
        let protocol = &self.study.protocol;
        let steps = match description.every_ms {
            None => (1.0 / protocol.dt)
                .round()
                .clamp(1.0, protocol.n_steps().max(1) as f64),
            Some(every) => f64::from(protocol.steps_in(&key::SWEEP_EVERY, every)?),
        };
        self.study.record.every = axis::short(steps * protocol.dt);
        let mut monitors = self.study.monitors.iter();
        let measured = monitors.find(|one| one.matrix.is_none());
        let every = measured.map_or(self.study.record.every, |one| one.tr);
        let n_left = ((protocol.duration - protocol.transient) / every).floor();
        if n_left < 2.0 {
            let problem =
                format!("a sample every {every} ms leaves fewer than two samples to measure");
            return Err(Error::conflict(problem, "shorten it or the transient"));
        }
        match measured {
            Some(_) => self.study.record.states.clear(),
            None => self.study.record.states.truncate(1),
        }
        description.keep.iter().try_for_each(|name| self.keep(name))
    }

    /// Keeps what is called `name`: the features, a measure, what a monitor shows, or a state or output.
    fn keep(&mut self, name: &str) -> Result<()> {
        if name == FEATURES {
            self.keeps_features = true;
            return Ok(());
        }
        if let Some(measure) = on_request().find(|one| one.name == name) {
            keep(&mut self.kept_measures, measure.name);
            return Ok(());
        }
        let shown = self.study.shown_names();
        if let Some(k) = shown.iter().position(|shown| shown == name) {
            if self.study.monitors[k].matrix.is_some() {
                let why = "its sensors see a mixture of regions, and a sweep keeps regions";
                let hint = "keep what it takes, and mix that";
                return Err(Error::unusable(name, "kept", why, Some(hint)));
            }
            keep(&mut self.kept_monitors, k);
            return Ok(());
        }
        let states = self.study.model.observables();
        let state = states.iter().position(|state| state.name == name);
        let state = state.ok_or_else(|| {
            let names = states.iter().map(|state| state.name);
            let names = names.chain(shown.iter().map(String::as_str));
            let names = names
                .chain(on_request().map(|one| one.name))
                .chain([FEATURES]);
            Error::unknown("thing to keep", name, names)
        })?;
        let recorded = &mut self.study.record.states;
        keep(recorded, state);
        let place = recorded.iter().position(|s| *s == state);
        keep(&mut self.kept_states, place.expect("it is recorded now"));
        Ok(())
    }
}
