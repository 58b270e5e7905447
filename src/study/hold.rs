//! A parameter of each node that follows from where an output is to rest.

use super::Values;

/// What is held: an output of every node rests at a target, because one parameter of each node is chosen so.
///
/// The plan solves for the parameter; the value that the study itself has for it is where the search begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// What rests: the index of a state or output, see [`Model::observables`](crate::model::Model::observables).
    pub observable: usize,
    /// Where it rests.
    pub target: Values,
    /// The key of the parameter, such as `parameters.J_i`.
    pub by: String,
}
