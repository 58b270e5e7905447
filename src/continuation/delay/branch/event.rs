//! What happens on a branch of equilibria of a network.

use super::super::hopf::HopfForm;
use super::super::root::Root;
use crate::continuation::network::curve::Equilibrium;

/// What happens at an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A complex pair crosses the imaginary axis.
    Hopf,
    /// A real root crosses 0 where the branch turns.
    Fold,
    /// A real root crosses 0 and the branch does not turn: another one crosses.
    BranchPoint,
}

impl EventKind {
    /// The word of event tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hopf => "hopf",
            Self::Fold => "fold",
            Self::BranchPoint => "branch-point",
        }
    }
}

/// A root on the imaginary axis.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// Where.
    pub equilibrium: Equilibrium,
    /// The root that crosses, and its mode.
    pub root: Root,
    /// Roots with a positive real part before, in the direction of the branch.
    pub n_unstable_before: usize,
    /// Roots with a positive real part after.
    pub n_unstable_after: usize,
    /// The normal form, at Hopf points.
    pub form: Option<HopfForm>,
}
