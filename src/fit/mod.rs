//! Searches for the numbers of a study that fit data: points to try, out of the losses of those that were tried.
//!
//! ```text
//! a search     v  ask       the points of the next generation, in the unit box
//! whoever can  v  ...       what each point costs: its losses
//! a search     v  tell      takes them; the next generation is another
//! ```
//!
//! A search is a function of its settings and of the losses it was told. It draws its random numbers by (seed, restart, generation,
//! candidate). So a search that was stopped is had again by telling it all losses anew, on any machine, with the same bits.
//!
//! | search | what it is |
//! |---|---|
//! | [`Sobol`] | points that fill the box evenly |
//! | [`Cma`] | evolution strategy with covariance matrix adaptation |
//! | [`Restarts`] | the same again and again, from other points, with more or fewer candidates |
//! | [`Guided`] | the same, with one candidate of each generation where a quadratic model of the losses is least |
//! | [`Nsga2`] | several losses at once: a front |
//!
//! What a fit is to find is a [`Description`]: free numbers with their ranges, and an [`Objective`] over the [`Features`] of a run.
//! [`run`](crate::run) puts these together.

mod bounds;
mod cma;
mod description;
mod eigen;
mod features;
mod guided;
mod nsga2;
mod objective;
mod quadratic;
mod random;
mod restarts;
mod sobol;

pub use cma::{Cma, Stop};
pub use description::{Description, Method, Start};
pub use eigen::Eigen;
pub use features::{FIT, Features};
pub use guided::Guided;
pub use nsga2::{Nsga2, fronts, hypervolume};
pub use objective::Objective;
pub use restarts::{Policy, Restarts};
pub use sobol::Sobol;

/// A search over the unit box.
pub trait Search {
    /// Gives the points of the next generation, `[n_candidates][n_numbers]`, each number from 0 to 1.
    fn ask(&self) -> Vec<Vec<f64>>;

    /// Takes the losses of the points that [`Search::ask`] gives now, `[n_candidates][n_losses]`: the less, the better. One that is
    /// NaN or infinite is worse than all others.
    fn tell(&mut self, losses: &[Vec<f64>]);
}

/// The order of losses, the least first: by number, and what is not finite last.
fn by_loss(a: f64, b: f64) -> std::cmp::Ordering {
    let known = |loss: f64| {
        if loss.is_finite() {
            loss
        } else {
            f64::INFINITY
        }
    };
    known(a).total_cmp(&known(b))
}

#[cfg(test)]
mod tests;
