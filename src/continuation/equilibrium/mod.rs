//! Equilibria of a [`Problem`](super::Problem) followed in one parameter, and their bifurcations.
//!
//! Read in this order:
//!
//! 1. `equilibria`: the curve `f(u, p) = 0`, and the eigenvalues along it;
//! 2. `branch`: one step after the other along that curve;
//! 3. `locate`: the events between two points, and the check that none is missing;
//! 4. `normal_form`: the coefficients that say what an event looks like;
//! 5. `branch_point`, `fold`, `hopf`: the equations that single events satisfy;
//! 6. `search`, `cells`, `homotopy`: equilibria to begin with.

pub(crate) mod branch;
pub(crate) mod branch_point;
mod cells;
pub(crate) mod equilibria;
pub(crate) mod fold;
pub(crate) mod full_branch;
pub(crate) mod homotopy;
pub(crate) mod hopf;
mod line;
mod locate;
pub(crate) mod normal_form;
pub(crate) mod search;
