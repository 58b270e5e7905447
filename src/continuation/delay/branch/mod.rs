//! Follows the equilibria of a network, with or without delays: the rightmost roots along the
//! branch, and every event where a root crosses the imaginary axis.
//!
//! Each step is checked. Roots near the axis are matched from point to point by their speeds. A
//! cubic through each matched pair shows crossings, also two of one root within a step. Newton's
//! method locates each crossing. The located crossings must add up to the change in the number of
//! unstable roots, which is certified at every point. Else the step is halved; the point that was
//! too far is kept and tried again from the next one.

mod couple;
mod event;
mod locate;
mod step;
mod track;

use num_complex::Complex64;

pub use event::{NetworkEvent, NetworkEventKind};
use track::Near;

use super::change::Change;
use super::characteristic::Characteristic;
use super::coincide::coincide;
use super::stability::RightmostRoots;
use crate::Control;
use crate::continuation::linear::root_mean_square;
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
    /// With delays: other roots that are known, with their vectors.
    known: Vec<(Complex64, Vec<Complex64>)>,
}

/// Roots on each side of the axis that are matched from point to point.
const N_NEAR: usize = 7;
/// The same for real roots: many may crowd near the axis without ever crossing it.
const N_NEAR_REAL: usize = 4;
/// A branch that leaves another one is begun this share of the longest step away from it.
const AWAY: f64 = 0.05;
/// In a branch point roots this near to the axis, relative to 1 + |lambda|, are on it.
const ON_AXIS: f64 = 1e-7;
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
    /// Branch points of other branches, where this one may end.
    ends: Vec<NetworkEquilibrium>,
    ended_at: Option<f64>,
    /// The equilibrium of the point before the last one, and how many roots are unstable there.
    before: Option<(NetworkEquilibrium, usize)>,
    /// Where the branch began, if it ends where it comes back.
    origin: Option<NetworkEquilibrium>,
    is_closed: bool,
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
            equilibrium.turn();
        }
        Self::from(network, equilibrium, settings, control)
    }

    fn from(
        network: &'a Network,
        first: NetworkEquilibrium,
        settings: NetworkBranchSettings,
        control: Control,
    ) -> Result<Self> {
        let mut branch = Self {
            network,
            step: settings.step,
            settings,
            first: None,
            last: None,
            ahead: Vec::new(),
            n_points: 0,
            control,
            ends: Vec::new(),
            ended_at: None,
            before: None,
            origin: None,
            is_closed: false,
        };
        branch.first = Some(branch.point(first, &[])?);
        Ok(branch)
    }

    /// The branch that leaves another one at a branch point, along the mode that crosses there
    /// (`ahead`) or against it. It ends where it comes to one of `branch_points`.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if no equilibrium is found off the known branch.
    pub fn leaving(
        network: &'a Network,
        event: &NetworkEvent,
        ahead: bool,
        branch_points: &[NetworkEvent],
        settings: NetworkBranchSettings,
        control: Control,
    ) -> Result<Self> {
        let at = &event.equilibrium;
        let mode = Characteristic::new(network, &at.u, at.p).right_vector(&event.root);
        let mut du: Vec<f64> = mode.iter().map(|v| v.re).collect();
        let size = root_mean_square(&du) * if ahead { 1.0 } else { -1.0 };
        du.iter_mut().for_each(|du| *du /= size);
        let across = NetworkEquilibrium {
            du,
            dp: 0.0,
            ..at.clone()
        };
        let first = network.along(&across, AWAY * settings.step_max)?;
        let mut branch = Self::from(network, first, settings, control)?;
        branch.ends = branch_points
            .iter()
            .map(|e| e.equilibrium.clone())
            .collect();
        Ok(branch)
    }

    /// The branch through the equilibrium near `u` (`[dim]`) with the parameter at `p`, towards larger
    /// (`ahead`) or smaller values. It ends where it comes back there.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if there is none near.
    pub fn through(
        network: &'a Network,
        u: &[f64],
        p: f64,
        ahead: bool,
        settings: NetworkBranchSettings,
        control: Control,
    ) -> Result<Self> {
        let mut first = network.nearest_equilibrium(u, p)?;
        if (first.dp > 0.0) != ahead {
            first.turn();
        }
        let mut branch = Self::from(network, first.clone(), settings, control)?;
        branch.origin = Some(first);
        Ok(branch)
    }

    /// Whether the branch came back to where it began.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The parameter of the branch point that the branch ended in, if it did; that of its start, if
    /// it came back there.
    pub fn ended_at(&self) -> Option<f64> {
        self.ended_at
    }

    /// The branch point at which the branch turns on the way to `to`, as the arm of a pitchfork does
    /// in the pitchfork; or the start that it passes.
    fn meets(&mut self, to: &NetworkPoint) -> Option<NetworkEquilibrium> {
        let (before, to) = (&self.before.as_ref()?.0, &to.equilibrium);
        let apart = |a: &NetworkEquilibrium, b: &NetworkEquilibrium| {
            let moved: Vec<f64> = a.u.iter().zip(&b.u).map(|(a, b)| a - b).collect();
            root_mean_square(&moved).hypot(a.p - b.p)
        };
        let step = apart(before, to);
        let near = |end: &&NetworkEquilibrium| apart(before, end).max(apart(to, end)) < 1.1 * step;
        if self.n_points > 4
            && let Some(origin) = self.origin.clone()
            && apart(before, &origin) + apart(to, &origin) < 1.05 * step
        {
            self.is_closed = true;
            return Some(origin);
        }
        let turns = before.dp * to.dp < 0.0;
        self.ends.iter().filter(|_| turns).find(near).cloned()
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
                roots,
                beyond,
                n_unstable,
                ..
            } = {
                let wanted = unstable + self.settings.n_roots;
                characteristic.rightmost_unless(before, wanted, &self.control)?
            };
            let values = roots.iter().map(|root| root.lambda).collect();
            let near = nearest(&roots, |root| root.lambda);
            let far = roots.into_iter().filter(|root| {
                let mut near = near.iter();
                !near.any(|near| coincide(root.lambda, near.lambda))
            });
            known = far
                .chain(beyond)
                .map(|root| (root.lambda, root.x))
                .collect();
            (values, n_unstable, near)
        };
        let change = self.change(&characteristic, &equilibrium);
        let near = characteristic
            .speeds(candidates, &change)
            .into_iter()
            .map(|(root, speed)| Near { root, speed })
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

    /// The roots at the branch point in which the branch ends. Those on the axis to rounding count as on
    /// the way there.
    fn end_point(&self, end: NetworkEquilibrium) -> Result<NetworkPoint> {
        let mut point = self.point(end, &[])?;
        // With delays a pair is listed once.
        let of_pair = match self.characteristic(&point.equilibrium).longest_delay() == 0.0 {
            true => 1,
            false => 2,
        };
        let count = |least: f64| -> usize {
            let right = |lambda: &&Complex64| lambda.re > least * (1.0 + lambda.norm());
            let roots = point.roots.iter().filter(right);
            roots
                .map(|lambda| if lambda.im == 0.0 { 1 } else { of_pair })
                .sum()
        };
        if let Some(&(_, before)) = self.before.as_ref()
            && (count(ON_AXIS)..=count(-ON_AXIS)).contains(&before)
        {
            point.n_unstable = before;
        }
        Ok(point)
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
            Some(last) => {
                let next = self.advance(&last);
                self.before = Some((last.equilibrium, last.n_unstable));
                next
            }
        };
        match next {
            Ok(None) => {
                self.n_points = self.settings.max_points;
                None
            }
            Ok(Some(point)) => {
                self.n_points += 1;
                if let Some(end) = self.meets(&point) {
                    self.n_points = self.settings.max_points;
                    self.ended_at = Some(end.p);
                    // What is beyond is the other side of the same branch.
                    return Some(self.end_point(end).or(Ok(point)));
                }
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

/// The few roots nearest the imaginary axis on each side of it, in the upper half plane; of those that
/// coincide all or none.
fn nearest<T: Clone>(roots: &[T], lambda: impl Fn(&T) -> Complex64) -> Vec<T> {
    let mut sorted: Vec<&T> = roots.iter().filter(|root| lambda(root).im >= 0.0).collect();
    sorted.sort_by(|a, b| lambda(a).re.abs().total_cmp(&lambda(b).re.abs()));
    let mut near = Vec::new();
    for (right, real) in [(true, false), (true, true), (false, false), (false, true)] {
        let of_kind = sorted
            .iter()
            .filter(|root| (lambda(root).re > 0.0) == right && (lambda(root).im == 0.0) == real);
        let most = if real { N_NEAR_REAL } else { N_NEAR };
        let mut last = None;
        for (k, root) in of_kind.enumerate() {
            let lambda = lambda(root);
            if k >= most && !last.is_some_and(|last| coincide(lambda, last)) {
                break;
            }
            last = Some(lambda);
            near.push((*root).clone());
        }
    }
    near
}
