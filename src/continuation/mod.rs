//! Equilibria and limit cycles followed in a parameter, and the bifurcations on the way.
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
//! | everything over one parameter | [`Diagram::new`] |
//! | one branch of equilibria, point by point | [`Branch`], [`EquilibriumBranch::through`] |
//! | the cycles of a Hopf point, or of a simulated orbit | [`CycleBranch::from_hopf`], [`CycleBranch::from_orbit`] |
//! | the cycles that branch off from others | [`CycleBranch::from_event`] |
//! | the cycles of a branch at one parameter value | [`CycleBranch::cycles_at`] |
//! | folds or Hopf points in two parameters | [`Locus::through`] |
//! | folds of cycles in two parameters | [`Locus::of_cycle_folds`] |
//! | all of these | [`Chart::new`] |
//! | nullclines, equilibria, cycles of two states at fixed parameters | [`PhasePlane::new`] |
//! | equilibria of a network, with or without its delays | [`delay::branch::Branch`] |
//! | its cycles without delays, and with them | [`CycleBranch::from_hopf`], [`delay::orbit::OrbitBranch`] |
//! | the multipliers of its synchronous cycles, mode by mode | [`network::modes::Modes::multipliers`] |
//! | to watch it and to stop it | [`Control`](crate::Control) |
//!
//! What is continued is a [`Problem`]: one neural mass is a [`NodeProblem`], a network without delays a [`network::Network`]; any system of equations becomes one by writing it
//! once as [`Equations`]. All derivatives follow from that text by dual numbers and power series; there are no finite
//! differences, and no derivative is written by hand.
//!
//! # What keeps events from being stepped over
//!
//! A step is accepted if Newton's method converges and the tangent turns little. Then every smooth quantity whose zeros matter
//! (in the plane trace, determinant and discriminant, else every eigenvalue) is interpolated over the step with its derivative.
//! If that shows crossings that the ends do not, or if the crossings located do not add up to the change of the unstable count,
//! the step is halved, and so on. What stays unexplained down to the smallest step is listed in
//! [`EquilibriumBranch::unexplained`]; a test sweeps the step over a factor of 64 and finds the same events. It is no proof: events that
//! cancel each other inside a step, and leave no trace in the interpolants, are missed.
//!
//! # Inside
//!
//! | module | what it holds |
//! |---|---|
//! | `settings` | tolerances and bounds |
//! | `curve`, `linear` | bordered Newton's method; LU, small by plain loops and larger by faer |
//! | `rounded` | numbers with what rounding may have made of them |
//! | `equilibrium`, `branch`, `locate`, `branch_point`, `diagram` | equilibria and their events |
//! | `search`, `homotopy` | equilibria to begin with |
//! | `normal_form` | coefficients on the centre manifold, from power series |
//! | `collocation`, `cycle`, `floquet` | cycles and theirs |
//! | `fold_curve`, `hopf_curve`, `cycle_curve`, `locus`, `chart` | two parameters |
//! | `phase_plane` | two states: nullclines, return maps, separatrices |

mod branch;
mod branch_point;
mod chart;
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
mod homotopy;
mod hopf_curve;
mod linear;
mod locate;
mod locus;
pub mod network;
mod node;
mod normal_form;
mod phase_plane;
mod problem;
mod rounded;
mod search;
mod settings;

pub use branch::{Branch, End, Point, Start};
pub use chart::Chart;
pub use cycle::{Cycle, CycleBranch, CycleEnd};
pub use diagram::{Diagram, EquilibriumBranch};
pub use event::{Criticality, Event, EventKind, Stability};
pub use locus::{Locus, LocusPoint};
pub use node::NodeProblem;
pub use phase_plane::{Equilibrium, Orbit, PhasePlane, PlaneSettings, Polyline, Separatrix};
pub use problem::{Equations, Problem};
pub use settings::Settings;
