//! Orbits of two states at fixed parameters, and what they say about the cycles there.
//!
//! 1. `flow`: one orbit, forward or backward in time;
//! 2. `winding`: the cycles that orbits wind onto which leave equilibria and other cycles;
//! 3. `topology`: what equilibria and cycles in a plane owe each other.

mod flow;
mod topology;
mod winding;

pub(super) use flow::{Flow, Moment};
pub(super) use topology::contradictions;
pub(super) use winding::{JUMP, Rest, Winding, laps, laps_beside};
