//! Adds the cycles of a diagram: from its Hopf points, and from events of cycles.

use super::Diagram;
use crate::continuation::cycle::{CycleBranch, CycleEnd};
use crate::continuation::event::{Event, EventKind};
use crate::continuation::problem::Problem;
use crate::continuation::settings::Settings;
use crate::error::Remark;

/// Branches of cycles at most that are followed from events of one other branch. Near a connection of a saddle-focus
/// there is no end of them.
const SWITCHED: usize = 12;

impl Diagram {
    /// The Hopf points of its equilibria.
    pub(super) fn hopf_points(&self) -> Vec<Event> {
        let all = self.events().map(|(_, event)| event);
        all.chain(&self.others)
            .filter(|event| event.kind.is_hopf())
            .cloned()
            .collect()
    }

    /// Follows the cycles from every Hopf point where none has ended yet.
    pub(super) fn add_cycles(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        settings: &Settings,
    ) {
        let hopf_points = self.hopf_points();
        for hopf in &hopf_points {
            let ends_here = |branch: &CycleBranch| branch.end == CycleEnd::Hopf(hopf.parameters[0]);
            let begins_here = |branch: &CycleBranch| {
                let from = branch.from.as_ref();
                from.is_some_and(|e| e.kind.is_hopf() && e.state == hopf.state)
            };
            let is_followed = |branch| ends_here(branch) || begins_here(branch);
            if settings.control.is_stopped() || self.cycles.iter().any(is_followed) {
                continue;
            }
            match CycleBranch::from_hopf(problem, parameters, 0, hopf, &hopf_points, settings) {
                Ok(branch) => {
                    if let CycleEnd::Stopped(message) = &branch.end {
                        self.stopped.push(message.clone());
                    }
                    self.cycles.push(branch);
                }
                Err(error) => self.stopped.push(error.into()),
            }
        }
    }

    /// Follows the cycles that branch off from the known ones, of which the first `from` are left
    /// out, and those that branch off from these, `settings.switches` times in a row.
    pub(super) fn add_switched(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        mut from: usize,
        settings: &Settings,
    ) {
        let hopf_points = self.hopf_points();
        for _ in 0..settings.switches {
            let known = self.cycles.len();
            for index in from..known {
                let events: Vec<Event> = self.cycles[index].events().cloned().collect();
                let ends: Vec<Event> = hopf_points.iter().chain(&events).cloned().collect();
                let branching: Vec<&Event> = events
                    .iter()
                    .filter(|e| !sides(e.kind).is_empty())
                    .collect();
                let before = self.cycles.len();
                for (k, event) in branching.iter().enumerate() {
                    if self.cycles.len() - before >= SWITCHED {
                        let left = branching.len() - k;
                        self.stopped.push(left_out(left, &self.parameter, event));
                        break;
                    }
                    self.switch(problem, parameters, (event, &ends), settings);
                }
            }
            from = known;
        }
    }

    /// Follows the cycles that branch off at `event`, unless they are known.
    fn switch(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        (event, ends): (&Event, &[Event]),
        settings: &Settings,
    ) {
        let halved = CycleEnd::PeriodDoubling(event.parameters[0]);
        let stopped = settings.control.is_stopped();
        if stopped
            || self
                .cycles
                .iter()
                .any(|b| b.end == halved || b.begin.as_ref() == Some(&halved))
        {
            return;
        }
        for &ahead in sides(event.kind) {
            match CycleBranch::from_event(problem, parameters, 0, event, ahead, ends, settings) {
                Ok(branch) => {
                    let probe = &branch.cycles[branch.cycles.len() / 2];
                    let known = self.cycles.iter().any(|other| {
                        let at = probe.parameter;
                        let there = other.cycles_at(problem, parameters, 0, at, settings);
                        there.iter().any(|cycle| cycle.is_like(probe))
                    });
                    if !known {
                        if let CycleEnd::Stopped(message) = &branch.end {
                            self.stopped.push(message.clone());
                        }
                        self.cycles.push(branch);
                    }
                }
                Err(error) => self.stopped.push(error.into()),
            }
        }
    }
}

/// To which sides cycles branch off at an event.
fn sides(kind: EventKind) -> &'static [bool] {
    match kind {
        EventKind::PeriodDoubling => &[true],
        EventKind::BranchPoint => &[true, false],
        _ => &[],
    }
}

/// That `left` events of a branch, from `event` on, were not looked at.
fn left_out(left: usize, parameter: &str, event: &Event) -> Remark {
    let what = format!(
        "{SWITCHED} branches of cycles were followed from one other; the {left} events where more may branch off, from that at \
         {parameter} = {:.9} on, were not looked at",
        event.parameters[0]
    );
    Remark::new(what)
        .with_hint("choose a smaller range, or go on with --from at a point beside such an event")
}
