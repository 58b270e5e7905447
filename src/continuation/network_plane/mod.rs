//! Follows folds and Hopf points of a network in two of its numbers, with or without delays.
//!
//! The equilibria over both numbers form a surface. On it lie the curves on which a root of the
//! characteristic matrix is on the imaginary axis: `on_axis` has their equations. The steps along a
//! curve, its ends and the search for points of codimension two are those of one node
//! (`two_parameter`).
//!
//! ```no_run
//! use brainsweep::continuation::network_plane::NetworkPlane;
//! use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
//! use brainsweep::continuation::{EventKind, Settings};
//!
//! let study = brainsweep::io::study::load(Some("hcp_network".as_ref()), &[""; 0])?;
//! let plane = NetworkPlane::new(&study, ["input.x", "coupling.g"], true)?;
//! let network = plane.network(0, [0.8, 1.0])?;
//! let branch = NetworkBranch::new(&network, &network.start(&study), NetworkBranchSettings::new((0.8, 0.9)))?;
//! for event in branch.flat_map(|point| point.map_or(Vec::new(), |point| point.events)) {
//!     let ranges = [[0.7, 1.3], [0.5, 1.5]];
//!     let curve = plane.curve(&(&event).into(), EventKind::Hopf, 1.0, ranges, &Settings::new(0.7, 1.3))?;
//!     println!("{} points", curve.points.len());
//! }
//! # Ok::<(), brainsweep::Error>(())
//! ```

mod on_axis;

use super::curve::{along, correct};
use super::delay::branch::NetworkPoint;
use super::equilibrium::branch::BranchEnd;
use super::equilibrium::equilibria::convergence;
use super::event::{Event, EventKind};
use super::linear::dot;
use super::network::Network;
use super::settings::Settings;
use super::two_parameter::{Locus, LocusPoint, trace};
use crate::error::{ContinuationError, Error, Result};
use crate::study::Study;
use crate::study::key::{self, Purpose};
use on_axis::OnAxis;

/// Points of curves this near to each other are the same, in the units of lengths along curves.
const SAME: f64 = 1e-6;
/// A curve leaves the chord between two points by less than this share of its length.
const ASIDE: f64 = 0.3;
/// The longest step in the plane is this many times that of branches in one number.
const LONGER: f64 = 2.0;

/// A network of which two numbers may vary.
#[derive(Debug, Clone)]
pub struct NetworkPlane {
    study: Study,
    paths: [String; 2],
    delays: bool,
}

impl NetworkPlane {
    /// The network of `study`, with the numbers at two paths ([`Network::new`] says which there
    /// are). Without `delays` every node receives the others as they are now.
    ///
    /// # Errors
    /// As [`Network::new`], and [`StudyError::Unusable`](crate::error::StudyError::Unusable) if
    /// both paths name one number of the same node.
    pub fn new(study: &Study, paths: [&str; 2], delays: bool) -> Result<Self> {
        let resolve = |path: &str| key::resolve(study, path, Purpose::Follow);
        let [first, second] = [resolve(paths[0])?, resolve(paths[1])?];
        let number = |path: &str| path.split('[').next().map(String::from);
        let nodes = [first.node, second.node];
        let apart = nodes[0].is_some() && nodes[1].is_some() && nodes[0] != nodes[1];
        let paths = [first.full(), second.full()];
        if number(&paths[0]) == number(&paths[1]) && !apart {
            let why = "it is the number that --vary varies";
            let hint = Some("name another number, or the same one of two different nodes");
            return Err(Error::unusable(&paths[1], "the second of two", why, hint));
        }
        let plane = Self {
            study: study.clone(),
            paths,
            delays,
        };
        for path in &plane.paths {
            Network::new(study, path)?;
        }
        Ok(plane)
    }

    /// The network that varies in one of the numbers (0 or 1), with the other one held.
    ///
    /// # Errors
    /// [`Error::Study`] if the number that is held may not have its value.
    pub fn network(&self, varies: usize, parameters: [f64; 2]) -> Result<Network> {
        let held = 1 - varies;
        let mut study = self.study.clone();
        let address = key::resolve(&study, &self.paths[held], Purpose::Follow)?;
        if let Some(number) = address.number {
            number.set(&mut study, address.node, parameters[held])?;
        }
        let network = Network::new(&study, &self.paths[varies])?;
        Ok(match self.delays {
            true => network,
            false => network.without_delays(),
        })
    }

    /// The curve of folds or Hopf points (`kind`) through an event of a branch in the first number,
    /// at the value `second` of the second one, or through a point of codimension two, which has
    /// both.
    ///
    /// Lengths along the curve count both numbers in units of their ranges, states by their root
    /// mean square, and the frequency, relative to those of the event.
    ///
    /// # Errors
    /// [`ContinuationError::WrongEvent`] for another kind,
    /// [`NotConverged`](ContinuationError::NotConverged) if the curve is not found from the event.
    pub fn curve(
        &self,
        event: &Event,
        kind: EventKind,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Locus> {
        if !matches!(kind, EventKind::Fold | EventKind::Hopf) {
            return Err(ContinuationError::WrongEvent {
                branch: "curve of bifurcations",
                event: kind.to_string(),
                rule: "it must be a fold or a Hopf point of equilibria",
            }
            .into());
        }
        let x = place(event, kind, second);
        let system = OnAxis::new(self, kind, &x, ranges)?;
        let width = ranges[0][1] - ranges[0][0];
        let relative = Settings {
            step: LONGER * settings.step / width,
            step_max: LONGER * settings.step_max / width,
            step_min: settings.step_min / width,
            ..settings.clone()
        };
        let mut locus = trace(system, x, ranges, &relative)?;
        end_at_zero_frequency(&mut locus);
        Ok(locus)
    }

    /// Whether a curve passes an event: corrected across the chord between its two points nearest
    /// the event, it has the event's states, frequency and numbers.
    ///
    /// `ranges` and `settings` are those the curve was made with.
    pub fn passes(
        &self,
        curve: &Locus,
        event: &Event,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> bool {
        let wanted = place(event, curve.kind, second);
        let weights = on_axis::weights(curve.kind, &wanted, ranges);
        let size = |v: &[f64]| dot(&weights, v, v).sqrt();
        let convergence = convergence(settings);
        curve.points.windows(2).any(|pair| {
            let [a, b] = [&pair[0], &pair[1]].map(|point| on_curve(point, curve.kind));
            let mut chord = along(&b, &a, -1.0);
            let length = size(&chord);
            chord.iter_mut().for_each(|entry| *entry /= length);
            let share = dot(&weights, &along(&wanted, &a, -1.0), &chord);
            let guess = along(&a, &chord, share);
            let off = size(&along(&wanted, &guess, -1.0));
            let beside = (-ASIDE * length..=(1.0 + ASIDE) * length).contains(&share);
            if !beside || off > ASIDE * length {
                return false;
            }
            // With borders of the curve's own, not of the event's: another curve may be near.
            let Ok(mut system) = OnAxis::new(self, curve.kind, &guess, ranges) else {
                return false;
            };
            system.weights.clone_from(&weights);
            let found = correct(&mut system, guess, &chord, convergence);
            found.is_ok_and(|found| size(&along(&found.x, &wanted, -1.0)) < SAME)
        })
    }
}

/// The event as a point of a curve: the states, the frequency of a Hopf point, both numbers.
fn place(event: &Event, kind: EventKind, second: f64) -> Vec<f64> {
    let mut x = event.state.clone();
    if kind == EventKind::Hopf {
        x.push(event.omega.unwrap_or(0.0));
    }
    x.push(event.parameters[0]);
    x.push(event.parameters.get(1).copied().unwrap_or(second));
    x
}

fn on_curve(point: &LocusPoint, kind: EventKind) -> Vec<f64> {
    let mut x = point.state.clone();
    if kind == EventKind::Hopf {
        x.push(point.omega.unwrap_or(0.0));
    }
    x.extend(point.parameters);
    x
}

/// A curve of Hopf points ends where its frequency is 0, in a Bogdanov-Takens point: the step that
/// went beyond has come back along the curve, which is its own mirror image there.
fn end_at_zero_frequency(locus: &mut Locus) {
    let at = |point: &mut LocusPoint, event: &Event| {
        point.parameters = [event.parameters[0], event.parameters[1]];
        point.state.clone_from(&event.state);
        point.eigenvalues.clone_from(&event.eigenvalues);
        (point.omega, point.period, point.coefficient) = (Some(0.0), None, None);
    };
    let is_end = |event: &&Event| event.kind == EventKind::BogdanovTakens;
    if locus.ends[1] == Some(BranchEnd::Event)
        && let Some(last) = locus.points.last_mut()
        && let Some(event) = last.events.iter().find(is_end).cloned()
    {
        at(last, &event);
    }
    if locus.ends[0] == Some(BranchEnd::Event)
        && let [first, next, ..] = &mut locus.points[..]
        && let Some(event) = next.events.iter().find(is_end).cloned()
    {
        at(first, &event);
    }
}

/// The events of points that begin curves in two numbers: folds and Hopf points at which one root,
/// or one pair, is on the axis.
pub fn beginnings(points: &[NetworkPoint]) -> impl Iterator<Item = (Event, EventKind)> + '_ {
    let events = points.iter().flat_map(|point| &point.events);
    events
        .filter(|event| event.multiplicity == 1)
        .filter_map(|event| {
            let event = Event::from(event);
            let kind = match event.kind {
                EventKind::Fold => EventKind::Fold,
                kind if kind.is_hopf() => EventKind::Hopf,
                _ => return None,
            };
            Some((event, kind))
        })
}
