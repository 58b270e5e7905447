//! The GPU kernel of a model, to be read.

use crate::backend::gpu::{Build, Dialect, Kernel, Network, Program};
use crate::dynamics::{Recipe, Step};
use crate::integrator::Integrator;
use crate::model::Model;
use crate::study::NoiseKind;

/// The kernel with exponential Euler, the model's coupling (else the diffusive one) and Ornstein-Uhlenbeck noise on every input.
pub(super) fn wgsl(model: &Model) -> String {
    let noise = NoiseKind::OrnsteinUhlenbeck;
    let recipe = Recipe::full(model, Integrator::ExponentialEuler, noise);
    let links = &recipe.links;
    let program = Program {
        model,
        recipe: &recipe,
        step: &Step::new(model, &recipe, &[0]),
        monitors: &[],
        replayed: &[],
        network: Network {
            n_nodes: 80,
            n_slots: (links.lines.len().max(links.channels.len()).max(1)) as u32,
            min_lag: 3,
            max_lag: 124,
            max_feedback_lag: 0,
        },
        kernel: Kernel::Global {
            lanes: 32,
            team: 8,
            block: 8,
        },
        uniform_edges: None,
        dialect: Dialect::narrow(Build::NoContraction),
    };
    program.wgsl()
}
