//! Limit cycles followed in a parameter.

mod branch;
pub(crate) mod collocation;
mod ends;
mod events;
pub(crate) mod floquet;
mod follower;
mod infinite_period;
mod motion;
mod resolution;
mod shape;
mod start;
mod switch;

pub(super) use motion::Motion;

use super::event::{Cycle, Event};

/// Where a branch of cycles ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CycleEnd {
    /// In the Hopf point at this parameter value.
    Hopf(f64),
    /// Of cycles of twice the period: in the period doubling at this parameter value, where both halves are the same again.
    PeriodDoubling(f64),
    /// The parameter left its range.
    Bound,
    /// At infinite period; the last event says which kind.
    InfinitePeriod,
    /// The period passed [`Settings::period_max`](super::Settings::period_max) without a recognised divergence.
    LongPeriod,
    /// It came back to its start.
    Closed,
    /// [`Settings::max_cycles`](super::Settings::max_cycles) cycles.
    Enough,
    /// [`Settings::monitor`](super::Settings::monitor) ended it.
    Interrupted,
    /// Newton's method failed down to the smallest step.
    Stopped(String),
}

/// A branch of limit cycles.
#[derive(Debug, Clone)]
pub struct CycleBranch {
    /// In order along the branch.
    pub cycles: Vec<Cycle>,
    /// The Hopf point, period doubling or branch point it was born at, if it began at one.
    pub from: Option<Event>,
    /// Where it ends.
    pub end: CycleEnd,
    /// Parameter values where the audit of events failed: none, as it should be.
    pub unexplained: Vec<f64>,
}

impl CycleBranch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.cycles.iter().flat_map(|cycle| &cycle.events)
    }
}
