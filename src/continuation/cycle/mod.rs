//! Follows limit cycles in a parameter, and locates their bifurcations.
//!
//! Read in this order:
//!
//! 1. `collocation`: periodic boundary value problems; `motion`: the one that a cycle solves;
//! 2. `follower`: one cycle and the next; `floquet`, `shape`: its multipliers and extrema;
//! 3. `start`, `switch`: where a branch begins, at a Hopf point, at an orbit or at another branch;
//! 4. `branch`: the loop from the first cycle to the last; `events`, `ends`, `infinite_period`:
//!    what it meets on the way;
//! 5. `resolution`: meshes fine enough for the cycles on them;
//! 6. `settle`: simulations that settle on a cycle.

mod branch;
pub(crate) mod collocation;
mod ends;
pub(super) mod events;
pub(crate) mod floquet;
mod follower;
pub(in crate::continuation) mod infinite_period;
mod motion;
pub(super) mod resolution;
mod settle;
mod shape;
mod start;
mod switch;

pub(super) use motion::Motion;
pub(super) use settle::{Lap, Outcome, SHORT, settled};

use super::event::{Cycle, Event};
use crate::error::Remark;

/// Where a branch of cycles ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CycleEnd {
    /// In the Hopf point at this parameter value.
    Hopf(f64),
    /// A branch of cycles of twice the period ended in the period doubling at this parameter value,
    /// where both halves of a cycle become the same.
    PeriodDoubling(f64),
    /// The parameter left its range.
    Bound,
    /// The period grew to infinity; the last event says how.
    InfinitePeriod,
    /// The period passed [`Settings::period_max`](super::Settings::period_max) without a
    /// recognised divergence.
    LongPeriod,
    /// It came back to its start.
    Closed,
    /// Parameter and period stand still while states go on: cycles are not isolated there.
    NotIsolated,
    /// Parameter and period tend to values while a state grows without bound, to where it has no effect any more.
    RunsAway,
    /// The parameter goes to and fro between these two values, and at each turn the period has grown by the same: what is
    /// followed winds once more about another cycle, for ever. (Its limits are homoclinic tangencies of that cycle.)
    WindsOn([f64; 2]),
    /// A state grew beyond [`Settings::state_max`](super::Settings::state_max).
    Unbounded,
    /// [`Settings::max_cycles`](super::Settings::max_cycles) cycles.
    Enough,
    /// [`Settings::control`](super::Settings::control) ended it.
    Interrupted,
    /// Newton's method failed down to the smallest step.
    Stopped(Remark),
}

/// A branch of limit cycles.
#[derive(Debug, Clone)]
pub struct CycleBranch {
    /// In order along the branch.
    pub cycles: Vec<Cycle>,
    /// The Hopf point, period doubling or branch point it was born at, if it began at one.
    pub from: Option<Event>,
    /// Where it ends at its beginning, if it was followed both ways from a cycle on it.
    pub begin: Option<CycleEnd>,
    /// Where it ends.
    pub end: CycleEnd,
    /// Parameter values at which the events found do not explain the change of stability; empty if
    /// all went well.
    pub unexplained: Vec<f64>,
}

impl CycleBranch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.cycles.iter().flat_map(|cycle| &cycle.events)
    }
}
