//! Equilibria and limit cycles followed in a parameter, and the bifurcations on the way.

mod branch;
mod branch_point;
mod collocation;
mod curve;
mod cycle;
mod cycle_curve;
pub mod delay;
mod diagram;
mod equilibrium;
mod event;
mod floquet;
mod fold_curve;
mod hopf_curve;
mod linear;
mod locate;
mod locus;
pub mod network;
mod node;
mod normal_form;
mod problem;
mod search;
mod settings;

pub use branch::{Branch, End, Point, Start};
pub use cycle::{Cycle, CycleBranch, CycleEnd};
pub use diagram::{Diagram, EquilibriumBranch};
pub use event::{Criticality, Event, EventKind, Stability};
pub use locus::{Locus, LocusPoint};
pub use node::NodeProblem;
pub use problem::{Equations, Problem};
pub use settings::Settings;
