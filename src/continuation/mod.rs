//! Follows equilibria and limit cycles in a parameter, and locates the bifurcations on the way.
//!
//! ```
//! use brainsweep::continuation::{Diagram, NodeProblem, Settings};
//! use brainsweep::model::find;
//!
//! let node = NodeProblem::new(find("fitzhugh-nagumo")?, &[], &["x_ext"])?;
//! let diagram = Diagram::new(&node, node.start(), &Settings::new(0.0, 2.0))?;
//! let hopf = diagram.events().find(|(_, event)| event.kind.name() == "hopf").expect("there are two");
//! assert!((hopf.1.parameters[0] - 0.726_058_290_075).abs() < 1e-12);
//! assert_eq!(diagram.cycles.len(), 1); // from that Hopf point to the other one
//! # Ok::<(), brainsweep::Error>(())
//! ```
//!
//! | to have | call |
//! |---|---|
//! | all equilibria, cycles and events over one parameter | [`Diagram::new`] |
//! | one branch of equilibria, point by point | [`Branch`], [`EquilibriumBranch::through`] |
//! | the cycles born at a Hopf point, or near a simulated orbit | [`CycleBranch::from_hopf`], [`CycleBranch::from_orbit`] |
//! | the cycles that a simulation settles on | [`CycleBranch::from_simulation`] |
//! | the cycles that branch off from others | [`CycleBranch::from_event`] |
//! | the cycles of a branch at one parameter value | [`CycleBranch::cycles_at`] |
//! | folds or Hopf points in two parameters | [`Locus::through`] |
//! | folds of cycles, period doublings or tori in two parameters | [`Locus::of_cycles`] |
//! | connections of a saddle with itself in two parameters | [`Locus::of_homoclinics`] |
//! | all curves in two parameters | [`Chart::new`] |
//! | nullclines, equilibria, cycles of two states at fixed parameters | [`PhasePlane::new`] |
//! | equilibria of a network, with or without its delays | [`delay::branch::NetworkBranch`] |
//! | cycles of a network without delays | [`CycleBranch::from_hopf`] |
//! | folds or Hopf points of a network in two numbers | [`network_plane::NetworkPlane::curve`] |
//! | periodic orbits of a network with delays | [`delay::orbit::OrbitBranch`] |
//! | their Floquet multipliers and bifurcations | [`delay::orbit::OrbitBranch::judged`] |
//! | the multipliers of a network's synchronous cycles, mode by mode | [`network::modes::Modes::multipliers`] |
//! | progress, and a way to stop | [`Control`](crate::Control) |
//!
//! Continuation follows a [`Problem`]. One neural mass is a [`NodeProblem`], a network without
//! delays a [`network::Network`]; any other system of equations becomes a problem by writing its
//! right-hand side once as [`Equations`]. Dual numbers and power series take all derivatives from
//! that text. There are no finite differences and no derivatives written by hand.
//!
//! # Where to start reading
//!
//! 1. `problem` says what is followed, [`Settings`] how far and how finely, [`Event`] what is
//!    found.
//! 2. `curve` has the method: Newton's iteration on n equations in n + 1 unknowns, bordered by the
//!    tangent.
//! 3. `equilibrium` is the simplest curve. It shows the pattern that all floors share: take a step,
//!    compare both ends, locate the events between, check that they explain the change of
//!    stability.
//! 4. `cycle` and `two_parameter` repeat the pattern with larger systems; `network` and `delay`
//!    with networks.
//!
//! Every floor's `mod.rs` names its own files in reading order. A floor uses only floors in its row
//! (tested in `tests/library/imports.rs`).
//!
//! | floor | which question it answers | may use |
//! |---|---|---|
//! | `linear` | how are linear systems solved? | |
//! | `settings` | how far and how finely is a branch followed? | |
//! | `rounded` | is this number 0 but for rounding? | |
//! | `stability` | what do the eigenvalues say? | |
//! | `problem` | which equations are followed? | |
//! | `curve` | where does the curve go on from here? | `linear` |
//! | `rotating` | what are equilibria of phases that turn together? | `linear`, `problem`, `curve` |
//! | `event` | what was found? | |
//! | `equilibrium` | where are equilibria, where do they change stability, and what is born there? | the floors above |
//! | `cycle` | which limit cycles exist, how stable are they, and where do they begin and end? | the floors above |
//! | `plane` | where do orbits of two states come from and go to? | the floors above |
//! | `diagram` | what exists over one parameter? | the floors above |
//! | `two_parameter` | how do bifurcations move in a second parameter? | the floors above |
//! | `phase_plane` | how do two states move at fixed parameters? | the floors above but `diagram`, `two_parameter` |
//! | `network` | what are the equations, equilibria and modes of a whole network? | the floors above but `diagram`, `two_parameter`, `phase_plane` |
//! | `delay` | when do delays make an equilibrium unstable, and which oscillations result? | the floors above but `diagram`, `two_parameter`, `phase_plane` |
//! | `network_plane` | how do the bifurcations of a network move in a second number? | the floors above but `diagram`, `phase_plane` |
//!
//! # How events between two points are found
//!
//! A step is accepted if Newton's method converges and the tangent turns little. Then every smooth
//! quantity whose zeros matter is interpolated over the step with its derivative: in the plane the
//! trace, determinant and discriminant of the Jacobian, else every eigenvalue. The step is halved,
//! again and again, while the interpolants show crossings that the ends do not, or while the events
//! located do not explain the change in the number of unstable eigenvalues. Steps that remain
//! unexplained at the smallest size are listed in [`EquilibriumBranch::unexplained`].
//!
//! This is a careful search, not a proof: a step can miss events that cancel each other between its
//! ends and leave no trace in the interpolants. A smaller [`Settings::step_max`] makes that less
//! likely. A test varies the step by a factor of 64 and finds the same events.

mod curve;
mod cycle;
pub mod delay;
mod diagram;
mod equilibrium;
mod event;
mod linear;
pub mod network;
pub mod network_plane;
mod phase_plane;
mod plane;
mod problem;
mod rotating;
mod rounded;
mod settings;
mod stability;
mod two_parameter;

pub use crate::scalar::Scalar;
pub use cycle::{CycleBranch, CycleEnd};
pub use diagram::Diagram;
pub(crate) use diagram::attractors_beside;
pub use equilibrium::branch::{Branch, BranchEnd, BranchStart, EquilibriumPoint};
pub use equilibrium::full_branch::EquilibriumBranch;
pub use event::{Criticality, Cycle, Event, EventKind};
pub use phase_plane::{
    PhasePlane, PlaneEquilibrium, PlaneOrbit, PlaneSettings, Polyline, Separatrix,
};
pub use problem::{Equations, NodeProblem, Problem};
pub use rotating::Rotating;
pub use settings::Settings;
pub use stability::Stability;
pub use two_parameter::{Chart, Locus, LocusPoint};
