//! Branches of equilibria of a network: the one from the study's start, those that leave it at branch points, and, of small
//! networks, those that are connected to neither.

use super::each;
use crate::branches::{ENOUGH, Found, Kind, Mode, Point, Solution, fixed};
use crate::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEvent, NetworkEventKind, NetworkPoint,
};
use crate::continuation::network::Network;
use crate::continuation::{Event, EventKind, Stability};
use crate::control::{Control, Reached};
use crate::error::{Error, Result};

/// With more states than this no other equilibria are looked for.
const MOST_STATES: usize = 8;

/// Follows branches and collects what is on them.
pub(super) struct Equilibria<'a> {
    network: &'a Network,
    settings: NetworkBranchSettings,
    control: &'a Control,
    /// Where the eigenvectors of the events sit, in the order of the events.
    pub modes: Vec<Mode>,
    pub hopf_points: Vec<NetworkEvent>,
}

/// A branch followed to one side.
struct Side {
    points: Vec<Point>,
    /// Those of the events before each point.
    modes: Vec<Vec<Mode>>,
    branch_points: Vec<NetworkEvent>,
    end: String,
}

impl<'a> Equilibria<'a> {
    pub fn new(
        network: &'a Network,
        settings: NetworkBranchSettings,
        control: &'a Control,
    ) -> Self {
        Self {
            network,
            settings,
            control,
            modes: Vec::new(),
            hopf_points: Vec::new(),
        }
    }

    /// The branch from the equilibrium that `start` leads to at the beginning of the range, and those
    /// that leave it.
    pub fn follow_from(&mut self, start: &[f64], found: &mut Found) -> Result<()> {
        let (settings, control) = (self.settings.clone(), self.control.clone());
        let trunk = NetworkBranch::watched(self.network, start, settings, control);
        let trunk = trunk.map_err(|error| match self.control.is_stopped() {
            true => Error::Interrupted,
            false => error,
        })?;
        let trunk = self.side(trunk, found);
        let branch_points = trunk.branch_points.clone();
        self.add("beginning of the range".into(), trunk, found);
        let mut ended: Vec<f64> = Vec::new();
        for event in &branch_points {
            let parameter = event.equilibrium.p;
            if ended.contains(&parameter) || event.multiplicity > 1 {
                continue;
            }
            for ahead in [true, false] {
                if self.control.is_stopped() {
                    return Ok(());
                }
                let (settings, control) = (self.settings.clone(), self.control.clone());
                let (network, ends) = (self.network, &branch_points);
                match NetworkBranch::leaving(network, event, ahead, ends, settings, control) {
                    Ok(arm) => {
                        let arm = self.side(arm, found);
                        let at = |e: &&NetworkEvent| arm.end == at_branch_point(e.equilibrium.p);
                        ended.extend(branch_points.iter().find(at).map(|e| e.equilibrium.p));
                        self.add(at_branch_point(parameter), arm, found);
                    }
                    Err(error) => found.stopped.push(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Branches of a small network through equilibria in a box that no known branch passes: from
    /// five values of the parameter.
    pub fn follow_others(&mut self, search_box: [f64; 2], found: &mut Found) {
        if self.network.dim() > MOST_STATES {
            return;
        }
        let (low, high) = self.settings.range;
        for fraction in [0.0, 1.0, 0.487, 0.241, 0.763] {
            let p = low + fraction * (high - low);
            // One at a time: its branch may pass the others.
            while !self.control.is_stopped() {
                let known = self.known(p, found);
                let others = self
                    .network
                    .other_equilibria(p, &known, search_box, self.control);
                let Some(u) = others.into_iter().next() else {
                    break;
                };
                if !self.follow_through(&u, p, found) {
                    break;
                }
            }
        }
    }

    /// Follows the branch through the equilibrium near a state both ways.
    pub fn go_on_from(&mut self, u: &[f64], p: f64, found: &mut Found) -> Result<()> {
        let u = self.network.corrected(u, p)?;
        self.follow_through(&u, p, found);
        Ok(())
    }

    /// Follows the branch through an equilibrium both ways; whether it passes there.
    fn follow_through(&mut self, u: &[f64], p: f64, found: &mut Found) -> bool {
        let mut sides = Vec::new();
        for ahead in [true, false] {
            let (settings, control) = (self.settings.clone(), self.control.clone());
            match NetworkBranch::through(self.network, u, p, ahead, settings, control) {
                Ok(branch) => sides.push(self.side(branch, found)),
                Err(error) => {
                    found.stopped.push(error.into());
                    return false;
                }
            }
            if sides[0].end == CLOSED {
                break;
            }
        }
        let behind = sides.pop();
        match (sides.pop(), behind) {
            (Some(ahead), Some(behind)) => {
                let (begin, branch) = joined(behind, ahead);
                self.add(begin, branch, found);
            }
            (None, Some(closed)) => self.add(CLOSED.into(), closed, found),
            _ => (),
        }
        !self.known(p, found).is_empty()
    }

    /// The equilibria of the known branches at one value of the parameter.
    fn known(&self, p: f64, found: &Found) -> Vec<Vec<f64>> {
        let pairs = found.of(Kind::Equilibria).flat_map(|b| b.points.windows(2));
        let across = pairs.filter(|pair| {
            let [a, b] = [0, 1].map(|k: usize| pair[k].parameters[0] - p);
            a * b <= 0.0
        });
        let states = across.filter_map(|pair| {
            let [a, b] = [&pair[0], &pair[1]];
            let share = (p - a.parameters[0]) / (b.parameters[0] - a.parameters[0]);
            let share = if share.is_finite() { share } else { 0.0 };
            let mixed = a
                .state
                .iter()
                .zip(&b.state)
                .map(|(a, b)| a + share * (b - a));
            self.network.corrected(&mixed.collect::<Vec<_>>(), p).ok()
        });
        states.collect()
    }

    /// The equilibria of all branches at some values of the parameter.
    pub fn solve_at(&self, values: &[f64], found: &mut Found) {
        let mut solutions = Vec::new();
        for branch in found.of(Kind::Equilibria) {
            for &value in values {
                let mut here: Vec<Point> = Vec::new();
                for guess in passing(&branch.points, value) {
                    let Some(point) = self.at(&guess, value) else {
                        continue;
                    };
                    // A value at a point of the branch is passed by the segments on both sides.
                    let same = |other: &Point| near(&other.state, &point.state, SAME);
                    if !here.iter().any(same) {
                        here.push(point);
                    }
                }
                solutions.extend(here.into_iter().map(|point| Solution {
                    branch: branch.name.clone(),
                    kind: Kind::Equilibria,
                    point,
                }));
            }
        }
        found.solutions.extend(solutions);
    }

    /// The equilibrium at a value of the parameter that lies near a guess, with its roots.
    fn at(&self, guess: &Guess, value: f64) -> Option<Point> {
        let u = self.network.corrected(&guess.state, value).ok()?;
        // Newton's method may have left for another branch.
        let away: Vec<f64> = u.iter().zip(&guess.state).map(|(a, b)| a - b).collect();
        if root_mean_square(&away) > guess.length {
            return None;
        }
        let (settings, control) = (self.settings.clone(), self.control.clone());
        let branch = NetworkBranch::through(self.network, &u, value, true, settings, control);
        let mut point = plain(&branch.ok()?.next()?.ok()?);
        point.parameters = vec![value];
        Some(point)
    }

    /// Follows a branch until it ends.
    fn side(&mut self, mut branch: NetworkBranch<'_>, found: &mut Found) -> Side {
        let (mut points, mut modes) = (Vec::new(), Vec::new());
        let mut branch_points = Vec::new();
        let hopf_points = &mut self.hopf_points;
        let mut end = each(&mut branch, self.control, &mut found.stopped, |point| {
            modes.push(point.events.iter().map(mode).collect());
            for event in &point.events {
                match event.kind {
                    NetworkEventKind::Hopf => hopf_points.push(event.clone()),
                    NetworkEventKind::BranchPoint => branch_points.push(event.clone()),
                    NetworkEventKind::Fold => (),
                }
            }
            points.push(plain(&point));
            Reached {
                what: "equilibria",
                n_points: points.len(),
                parameter: point.equilibrium.p,
            }
        });
        let (low, high) = self.settings.range;
        let inside =
            |point: &Point| (point.parameters[0] - low) * (point.parameters[0] - high) < 0.0;
        if points.len() >= self.settings.max_points && points.last().is_some_and(inside) {
            end = ENOUGH;
        }
        let end = match branch.ended_at() {
            Some(_) if branch.is_closed() => CLOSED.into(),
            Some(parameter) => at_branch_point(parameter),
            None => end.into(),
        };
        Side {
            points,
            modes,
            branch_points,
            end,
        }
    }

    fn add(&mut self, begin: String, side: Side, found: &mut Found) {
        self.modes.extend(side.modes.into_iter().flatten());
        found.add(Kind::Equilibria, side.points, [begin, side.end]);
    }
}

/// States that differ by less, relatively, are the same.
const SAME: f64 = 1e-8;

/// A state between two points of a branch.
struct Guess {
    state: Vec<f64>,
    /// How far the solution may be, in root mean square: the distance of the two points.
    length: f64,
}

/// Where a branch passes a value of the parameter: between two points, or between a point and a fold.
fn passing(points: &[Point], value: f64) -> Vec<Guess> {
    let mut guesses = Vec::new();
    for pair in points.windows(2) {
        let fold = pair[1].events.iter().find(|e| e.kind == EventKind::Fold);
        let mut stops = vec![(pair[0].parameters[0], &pair[0].state)];
        stops.extend(fold.map(|fold| (fold.parameters[0], &fold.state)));
        stops.push((pair[1].parameters[0], &pair[1].state));
        for (part, ends) in stops.windows(2).enumerate() {
            let [(a, from), (b, to)] = [ends[0], ends[1]];
            if (a - value) * (b - value) > 0.0 || a == b {
                continue;
            }
            let share = (value - a) / (b - a);
            // Near a fold the state goes with the root of the parameter.
            let share = match (fold, part) {
                (None, _) => share,
                (Some(_), 0) => 1.0 - (1.0 - share).max(0.0).sqrt(),
                (Some(_), _) => share.max(0.0).sqrt(),
            };
            let step: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).collect();
            let pairs = from.iter().zip(&step);
            guesses.push(Guess {
                state: pairs.map(|(from, step)| from + share * step).collect(),
                length: root_mean_square(&step).max(1e-6),
            });
        }
    }
    guesses
}

fn root_mean_square(v: &[f64]) -> f64 {
    (v.iter().map(|v| v * v).sum::<f64>() / v.len() as f64).sqrt()
}

fn near(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    let mut pairs = a.iter().zip(b);
    pairs.all(|(a, b)| (a - b).abs() <= tolerance * (1.0 + b.abs()))
}

/// How a branch ends that comes back to its start.
const CLOSED: &str = "closed";

/// How a branch ends in a branch point.
fn at_branch_point(parameter: f64) -> String {
    format!("branch-point at {}", fixed(parameter))
}

/// `behind`, turned round, and then `ahead`; both begin at the same point. Also how the whole begins.
fn joined(behind: Side, ahead: Side) -> (String, Side) {
    let (mut points, mut modes) = (behind.points, behind.modes);
    points.reverse();
    modes.reverse();
    // What happened before a point now happens after it.
    let mut events: Vec<Vec<Event>> = Vec::new();
    for point in &mut points {
        let mut before = std::mem::take(&mut point.events);
        before.reverse();
        for event in &mut before {
            std::mem::swap(&mut event.n_unstable_before, &mut event.n_unstable_after);
            event.tangent.iter_mut().for_each(|t| *t = -*t);
        }
        events.push(before);
    }
    modes.iter_mut().for_each(|modes| modes.reverse());
    for (point, events) in points.iter_mut().skip(1).zip(events) {
        point.events = events;
    }
    modes.rotate_right(1);
    points.extend(ahead.points.into_iter().skip(1));
    modes.extend(ahead.modes.into_iter().skip(1));
    let side = Side {
        points,
        modes,
        branch_points: Vec::new(),
        end: ahead.end,
    };
    (behind.end, side)
}

fn plain(point: &NetworkPoint) -> Point {
    let equilibrium = &point.equilibrium;
    let rotates = point.roots.first().is_some_and(|root| root.im != 0.0);
    let stability = match (point.n_unstable, rotates) {
        (0, true) if point.roots[0].re == 0.0 => Stability::Centre,
        (0, false) => Stability::StableNode,
        (0, true) => Stability::StableFocus,
        (_, true) => Stability::UnstableFocus,
        // Some of the many eigenvalues are always stable.
        (_, false) => Stability::Saddle,
    };
    Point {
        parameters: vec![equilibrium.p],
        state: equilibrium.u.clone(),
        eigenvalues: point.roots.clone(),
        n_unstable: Some(point.n_unstable),
        stability: Some(stability),
        residual: equilibrium.residual,
        period_ms: None,
        coefficient: None,
        is_bifurcation: false,
        is_on_cycle: false,
        cycle: None,
        events: point.events.iter().map(Event::from).collect(),
    }
}

fn mode(event: &NetworkEvent) -> Mode {
    Mode {
        kind: Event::from(event).kind,
        parameter: event.equilibrium.p,
        omega: event.root.lambda.im,
        participation: event.root.participation(),
        shares: event.root.shares.clone(),
    }
}
