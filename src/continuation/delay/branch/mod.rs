//! Follows the equilibria of a network, with or without delays: the rightmost roots along the
//! branch, and every event where a root crosses the imaginary axis.
//!
//! Each step is checked. Roots near the axis are matched from point to point by their speeds. A
//! cubic through each matched pair shows crossings, also two of one root within a step. Newton's
//! method locates each crossing. The located crossings must add up to the change in the number of
//! unstable roots, which is certified at every point. Else the step is halved; the point that was
//! too far is kept and tried again from the next one.

mod event;
mod step;
mod track;

use num_complex::Complex64;

pub use event::{NetworkEvent, NetworkEventKind};
use track::Near;

use super::characteristic::Characteristic;
use super::root::Change;
use super::stability::RightmostRoots;
use crate::Control;
use crate::continuation::network::Network;
use crate::continuation::network::equilibrium::NetworkEquilibrium;
use crate::error::Result;

/// Bounds and steps of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkBranchSettings {
    /// The branch ends where the parameter leaves this range.
    pub range: (f64, f64),
    /// First step, in the units of [`equilibrium`](crate::continuation::network::equilibrium).
    pub step: f64,
    /// Longest step.
    pub step_max: f64,
    /// A step shorter than this is an error.
    pub step_min: f64,
    /// The least number of stable roots to keep at every point, next to all unstable ones (with
    /// delays).
    pub n_roots: usize,
    /// The branch ends after this many points.
    pub max_points: usize,
}

impl NetworkBranchSettings {
    /// Steps of a hundredth of the range at first and a twentieth at most; eight roots.
    pub fn new(range: (f64, f64)) -> Self {
        let width = (range.1 - range.0).abs();
        Self {
            range,
            step: 0.01 * width,
            step_max: 0.05 * width,
            step_min: 1e-9 * width,
            n_roots: 8,
            max_points: 10_000,
        }
    }
}

/// A point of a branch.
#[derive(Debug, Clone)]
pub struct NetworkPoint {
    /// The state, the parameter, the direction.
    pub equilibrium: NetworkEquilibrium,
    /// Rightmost roots first; only those near the imaginary axis have vectors.
    pub roots: Vec<Complex64>,
    /// Roots with a positive real part.
    pub n_unstable: usize,
    /// What happened since the point before, in order.
    pub events: Vec<NetworkEvent>,
    near: Vec<Near>,
    /// With delays: every root that is known, with its vector.
    known: Vec<(Complex64, Vec<Complex64>)>,
}

/// Roots on each side of the axis that are matched from point to point.
const N_NEAR: usize = 7;
/// The same for real roots: many may crowd near the axis without ever crossing it.
const N_NEAR_REAL: usize = 3;
/// An eigenvector is believed if the characteristic matrix leaves this much of it at most.
const VECTOR_RESIDUAL: f64 = 1e-8;

/// A branch of equilibria, as an iterator over its points.
#[derive(Debug)]
pub struct NetworkBranch<'a> {
    network: &'a Network,
    settings: NetworkBranchSettings,
    first: Option<NetworkPoint>,
    last: Option<NetworkPoint>,
    /// Points further on that could not be joined to the last one yet, the farthest first.
    ahead: Vec<NetworkPoint>,
    step: f64,
    n_points: usize,
    control: Control,
}

impl<'a> NetworkBranch<'a> {
    /// The branch through the equilibrium that the network reaches from `start` (`[dim]`) at the
    /// first value of the range; it goes towards the second value.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if no equilibrium is reached, [`crate::Error::Continuation`] if
    /// its roots cannot be found.
    pub fn new(
        network: &'a Network,
        start: &[f64],
        settings: NetworkBranchSettings,
    ) -> Result<Self> {
        Self::watched(network, start, settings, Control::default())
    }

    /// The same; `control` may end the search for the first equilibrium, and the branch between two
    /// points.
    ///
    /// # Errors
    /// As [`NetworkBranch::new`].
    pub fn watched(
        network: &'a Network,
        start: &[f64],
        settings: NetworkBranchSettings,
        control: Control,
    ) -> Result<Self> {
        let mut equilibrium = network.equilibrium_unless(start, settings.range.0, &control)?;
        if (settings.range.1 - settings.range.0) * equilibrium.dp < 0.0 {
            equilibrium.du.iter_mut().for_each(|du| *du = -*du);
            equilibrium.dp = -equilibrium.dp;
        }
        let mut branch = Self {
            network,
            step: settings.step,
            settings,
            first: None,
            last: None,
            ahead: Vec::new(),
            n_points: 0,
            control,
        };
        branch.first = Some(branch.point(equilibrium, &[])?);
        Ok(branch)
    }

    fn characteristic(&self, at: &NetworkEquilibrium) -> Characteristic {
        Characteristic::new(self.network, &at.u, at.p)
    }

    /// The roots at an equilibrium; `before` are those near the axis at the point before, moved on.
    fn point(
        &self,
        equilibrium: NetworkEquilibrium,
        before: &[(Complex64, Vec<Complex64>)],
    ) -> Result<NetworkPoint> {
        let characteristic = self.characteristic(&equilibrium);
        let mut known = Vec::new();
        let (roots, n_unstable, candidates) = if characteristic.longest_delay() == 0.0 {
            let spectrum = characteristic.spectrum()?;
            let unstable = spectrum.iter().filter(|lambda| lambda.re > 0.0).count();
            let near = nearest(&spectrum, |lambda| *lambda);
            let roots = near
                .iter()
                .filter_map(|&lambda| characteristic.root_at(lambda));
            let believed = roots.filter(|root| root.residual < VECTOR_RESIDUAL);
            let candidates = believed.collect();
            (spectrum, unstable, candidates)
        } else {
            let unstable = before.iter().filter(|(lambda, _)| lambda.re > 0.0).count();
            let RightmostRoots {
                roots, n_unstable, ..
            } = characteristic.rightmost_from(before, unstable + self.settings.n_roots)?;
            known = roots
                .iter()
                .map(|root| (root.lambda, root.x.clone()))
                .collect();
            let values = roots.iter().map(|root| root.lambda).collect();
            (values, n_unstable, nearest(&roots, |root| root.lambda))
        };
        let change = self.change(&characteristic, &equilibrium);
        let near = candidates
            .into_iter()
            .map(|root| Near {
                speed: characteristic.speed(&root, &change),
                root,
            })
            .collect();
        Ok(NetworkPoint {
            equilibrium,
            roots,
            n_unstable,
            events: Vec::new(),
            near,
            known,
        })
    }

    fn change(&self, characteristic: &Characteristic, at: &NetworkEquilibrium) -> Change {
        Change::new(characteristic, self.network, (&at.u, at.p), (&at.du, at.dp))
    }
}

impl Iterator for NetworkBranch<'_> {
    type Item = Result<NetworkPoint>;

    /// The next point; after an error the branch ends, and what was handed out before stands.
    fn next(&mut self) -> Option<Result<NetworkPoint>> {
        if self.n_points == self.settings.max_points {
            return None;
        }
        let next = match self.last.take() {
            None => Ok(Some(self.first.take()?)),
            Some(last) => self.advance(&last),
        };
        match next {
            Ok(None) => {
                self.n_points = self.settings.max_points;
                None
            }
            Ok(Some(point)) => {
                self.n_points += 1;
                self.last = Some(point.clone());
                Some(Ok(point))
            }
            Err(error) => {
                self.n_points = self.settings.max_points;
                Some(Err(error))
            }
        }
    }
}

/// The few roots nearest the imaginary axis on each side of it, in the upper half plane.
fn nearest<T: Clone>(roots: &[T], lambda: impl Fn(&T) -> Complex64) -> Vec<T> {
    let mut sorted: Vec<&T> = roots.iter().filter(|root| lambda(root).im >= 0.0).collect();
    sorted.sort_by(|a, b| lambda(a).re.abs().total_cmp(&lambda(b).re.abs()));
    let mut near = Vec::new();
    for (right, real) in [(true, false), (true, true), (false, false), (false, true)] {
        let of_kind = sorted
            .iter()
            .filter(|root| (lambda(root).re > 0.0) == right && (lambda(root).im == 0.0) == real);
        let most = if real { N_NEAR_REAL } else { N_NEAR };
        near.extend(of_kind.take(most).map(|root| (*root).clone()));
    }
    near
}
