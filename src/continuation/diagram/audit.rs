//! Looks for attractors that a diagram lacks: simulates between the bifurcations, from beside unstable
//! equilibria, from [`Settings::start`], and from states spread over the box of the search where all equilibria
//! are stable or there are more than two states; and follows every cycle on which a simulation settles and that is
//! not known, and every equilibrium at which one comes to rest. In the plane it looks backward in time, too, and so finds unstable cycles.
//!
//! Cycles that are born elsewhere than at Hopf points are found so, as at a saddle-node on an
//! invariant circle.

use num_complex::Complex64;

use super::Diagram;
use crate::continuation::curve::along;
use crate::continuation::cycle::{CycleBranch, CycleEnd, Lap, Outcome, SHORT, settled};
use crate::continuation::equilibrium::branch::EquilibriumPoint;
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::equilibrium::search::in_box;
use crate::continuation::event::{Cycle, Event, EventKind};
use crate::continuation::linear::norm;
use crate::continuation::plane::{Flow, Rest, Winding, laps};
use crate::continuation::problem::Problem;
use crate::continuation::settings::Settings;
use crate::continuation::stability::Stability;
use crate::error::{Remark, Result};

/// Parameter values at most at which the diagram is compared with simulations.
const VALUES: usize = 24;
/// Values at least at which that is done in the plane, and where no equilibrium is unstable.
const LEAST: usize = 7;
/// States of the search box that simulations begin at, at one value.
const ELSEWHERE: usize = 4;
/// Simulations begin this far from an equilibrium, relative to 1 + |u|.
const AWAY: f64 = 1e-3;
/// Beside a connection is this share of the gap between it and the next event.
const BESIDE: f64 = 0.04;
/// A lap is that of a known cycle if its extrema differ from it by this share of their extent.
const SAME: f64 = 0.02;
/// A multiplier is on the unit circle to this.
const NEUTRAL: f64 = 1e-6;

/// The branches of cycles that simulations of `problem` settle on between the bifurcations and that are not among `known`, and
/// what stopped them. They may end in one of `hopf_points`.
pub(crate) fn attractors_beside(
    problem: &dyn Problem,
    parameters: &[f64],
    known: &[CycleBranch],
    hopf_points: &[Event],
    settings: &Settings,
) -> (Vec<CycleBranch>, Vec<Remark>) {
    let mut diagram = Diagram {
        cycles: known.to_vec(),
        others: hopf_points.to_vec(),
        ..Diagram::empty(problem)
    };
    diagram.add_attractors(problem, parameters, settings);
    (diagram.cycles.split_off(known.len()), diagram.stopped)
}

impl Diagram {
    /// Adds the branches of cycles and equilibria that simulations settle on and that are not there yet.
    pub(super) fn add_attractors(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        settings: &Settings,
    ) {
        let mut gaps = self.gaps_between_events(settings);
        let (n_gaps, n_branches) = (gaps.len(), self.branches.len());
        halve(&mut gaps);
        for (k, [low, high]) in gaps.into_iter().enumerate() {
            let parameter = 0.5 * (low + high);
            if settings.control.is_stopped() {
                return;
            }
            let points = self.equilibria_at(problem, parameters, parameter, settings);
            let points: Vec<EquilibriumPoint> = points.into_iter().map(|(_, p)| p).collect();
            let is_stable = |p: &&EquilibriumPoint| p.n_unstable == 0;
            let states = |p: &EquilibriumPoint| p.state.clone();
            let stable: Vec<Vec<f64>> = points.iter().filter(is_stable).map(states).collect();
            let mut at = parameters.to_vec();
            at[0] = parameter;
            let unstable = points.iter().filter(|p| p.n_unstable > 0);
            let n = problem.dimension();
            // In more than two dimensions unstable equilibria are left to attractors that may be many, and no cycles: one value
            // of a gap is enough for them.
            let mut from: Vec<Vec<f64>> = match n > 2 && k >= n_gaps {
                true => Vec::new(),
                false => unstable
                    .flat_map(|point| starts(problem, &at, point))
                    .collect(),
            };
            if n == 2 {
                self.add_repellers(problem, &at, &points, settings);
            }
            // Cycles around nothing but stable equilibria, as those of an isola; in more than two dimensions also those
            // that nothing leads to from beside an equilibrium. Around a centre nothing settles.
            let settles = |p: &EquilibriumPoint| p.stability != Stability::Centre;
            if (from.is_empty() || n > 2)
                && points.iter().all(settles)
                && settings.search_starts > 0
            {
                // Others at each value: what attracts from a large part of the box does so over a range.
                let first = 1 + if n > 2 { k * ELSEWHERE } else { 0 };
                from.extend((first..first + ELSEWHERE).map(|index| in_box(index, n, settings)));
            }
            // What a simulation of the study settles on.
            from.extend(settings.start.clone());
            for start in from {
                let limits = (&stable[..], settings.state_max, SHORT);
                let new = |lap: Lap| match self.shows(&lap, parameter, true) {
                    true => Some(None),
                    false => CycleBranch::on_lap(problem, &at, 0, &lap, settings)
                        .ok()
                        .filter(attracts)
                        .map(Some),
                };
                let added = match settled(problem, &at, &start, limits, &settings.control, new) {
                    Outcome::Took(Some(cycle)) => self.add_through(problem, &at, &cycle, settings),
                    // A network's equilibria are followed elsewhere.
                    Outcome::AtRest(state) if !self.branches.is_empty() => {
                        let start = super::start(&state, parameter, parameters);
                        self.add(&mut Equilibria::new(problem, &at, 0), start, settings)
                    }
                    Outcome::Took(None) | Outcome::AtRest(_) | Outcome::Nothing => Ok(()),
                };
                self.stopped.extend(added.err().map(Into::into));
            }
        }
        if self.branches.len() > n_branches {
            self.add_cycles(problem, parameters, settings);
        }
    }

    /// Adds the branches of the unstable cycles in the plane that orbits come from which end in `points`, and that are not
    /// there yet.
    fn add_repellers(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        points: &[EquilibriumPoint],
        settings: &Settings,
    ) {
        let [low, high] = settings.search_box;
        let flow = Flow::new(problem, parameters, [high - low; 2], &settings.control).backward();
        let ends = points.iter();
        let rests: Vec<Rest<'_>> = ends.map(|p| Rest::new(&p.state, &p.eigenvalues)).collect();
        let windings = laps(&flow, (problem, parameters), &rests);
        for Winding { lap, is_closed, .. } in windings {
            if !is_closed || self.shows(&lap, parameters[0], false) {
                continue;
            }
            let cycle = CycleBranch::on_lap(problem, parameters, 0, &lap, settings);
            if let Some(cycle) = cycle.ok().filter(|cycle| !cycle.is_stable()) {
                let added = self.add_through(problem, parameters, &cycle, settings);
                self.stopped.extend(added.err().map(Into::into));
            }
        }
    }

    /// Adds the branch of the cycle that the trajectory from `state` settles on at `parameters`, and those
    /// that branch off from it, unless they are there.
    ///
    /// # Errors
    /// Those of [`CycleBranch::from_simulation`].
    pub fn add_simulated(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        state: &[f64],
        settings: &Settings,
    ) -> Result<()> {
        let cycle = CycleBranch::settled_cycle(problem, parameters, 0, state, settings)?;
        let known = self.cycles.len();
        self.add_through(problem, parameters, &cycle, settings)?;
        self.add_switched(problem, parameters, known, settings);
        Ok(())
    }

    /// Adds the branch through a cycle, unless it is known; and before it that of the cycles of half the
    /// period, if it ends where its own become those gone round twice.
    fn add_through(
        &mut self,
        problem: &dyn Problem,
        parameters: &[f64],
        cycle: &Cycle,
        settings: &Settings,
    ) -> Result<()> {
        let is_known = self.cycles.iter().any(|branch| {
            let there = branch.cycles_at(problem, parameters, 0, cycle.parameter, settings);
            there.iter().any(|other| other.is_like(cycle))
        });
        if is_known {
            return Ok(());
        }
        let through = |found: &Self| {
            let ends = found.ends_of_cycles();
            let branch = CycleBranch::through(problem, parameters, 0, cycle, &ends, settings);
            branch.map(|branch| (branch, ends))
        };
        let (mut branch, ends) = through(self)?;
        if self.has_events_of(&branch) {
            return Ok(());
        }
        let known = self.cycles.len();
        for half in branch.halved(problem, parameters, 0, &ends, settings) {
            self.add_through(problem, parameters, &half, settings)?;
        }
        if self.cycles.len() > known {
            (branch, _) = through(self)?;
        }
        self.tell_ends(&branch);
        self.cycles.push(branch);
        Ok(())
    }

    /// Where branches of cycles may end: Hopf points, and period doublings of the known cycles.
    fn ends_of_cycles(&self) -> Vec<Event> {
        let of_cycles = self.cycles.iter().flat_map(CycleBranch::events);
        let doublings = of_cycles.filter(|event| event.kind == EventKind::PeriodDoubling);
        self.hopf_points()
            .into_iter()
            .chain(doublings.cloned())
            .collect()
    }

    /// What stopped a branch of cycles.
    fn tell_ends(&mut self, branch: &CycleBranch) {
        for end in branch.begin.iter().chain([&branch.end]) {
            if let CycleEnd::Stopped(message) = end {
                self.stopped.push(message.clone());
            }
        }
    }

    /// The widest gaps between neighbouring events of equilibria and cycles; and the parts of them beside homoclinic connections:
    /// where a connection breaks, what leaves the saddle goes elsewhere, as to a cycle that is there for few values only.
    fn gaps_between_events(&self, settings: &Settings) -> Vec<[f64; 2]> {
        let [low, high] = settings.range;
        let of_equilibria = self.events().map(|(_, event)| event).chain(&self.others);
        let of_cycles = self.cycles.iter().flat_map(CycleBranch::events);
        let events = of_equilibria.chain(of_cycles);
        let real = events.filter(|event| event.kind != EventKind::NodeFocus);
        let mut stops: Vec<f64> = real.map(|event| event.parameters[0]).collect();
        stops.extend([low, high]);
        stops.retain(|stop| (low..=high).contains(stop));
        stops.sort_by(f64::total_cmp);
        let mut gaps: Vec<[f64; 2]> = stops.windows(2).map(|pair| [pair[0], pair[1]]).collect();
        gaps.retain(|[a, b]| b - a > 1e-6 * (high - low));
        gaps.sort_by(|[a, b], [c, d]| (d - c).total_cmp(&(b - a)));
        gaps.truncate(VALUES);
        let of_cycles = self.cycles.iter().flat_map(CycleBranch::events);
        let broken: Vec<f64> = of_cycles
            .filter(|event| event.kind == EventKind::Homoclinic)
            .map(|event| event.parameters[0])
            .collect();
        let beside: Vec<[f64; 2]> = gaps
            .iter()
            .flat_map(|&[a, b]| [[a, a + BESIDE * (b - a)], [b - BESIDE * (b - a), b]])
            .filter(|[a, b]| broken.contains(a) || broken.contains(b))
            .collect();
        gaps.extend(beside);
        gaps
    }

    /// Whether a known branch has a cycle like `lap` at `parameter`, stable or not, as far as can be
    /// told from its neighbours.
    fn shows(&self, lap: &Lap, parameter: f64, stable: bool) -> bool {
        let extrema = lap.extrema();
        self.cycles.iter().any(|branch| {
            branch.cycles.windows(2).any(|pair| {
                let [a, b] = [&pair[0], &pair[1]];
                let share = (parameter - a.parameter) / (b.parameter - a.parameter);
                let near = |(i, [low, high]): (usize, &[f64; 2])| {
                    let mix = |a: f64, b: f64| a + share * (b - a);
                    let off = (mix(a.minima[i], b.minima[i]) - low)
                        .abs()
                        .max((mix(a.maxima[i], b.maxima[i]) - high).abs());
                    off < SAME * (high - low)
                };
                (0.0..=1.0).contains(&share)
                    && (a.is_stable() == stable || b.is_stable() == stable)
                    && extrema.iter().enumerate().all(near)
            })
        })
    }

    /// Whether an event of `branch`, the cycle that it is of included, is on a known branch: then it is that one, reached from
    /// a cycle between whose neighbours it was not recognised.
    fn has_events_of(&self, branch: &CycleBranch) -> bool {
        let is_same = |one: &Event, other: &Event| match (&one.cycle, &other.cycle) {
            (Some(cycle), Some(of_other)) => {
                let [p, q] = [one.parameters[0], other.parameters[0]];
                let is_near = (p - q).abs() < 1e-6 * (1.0 + p.abs());
                one.kind == other.kind && is_near && cycle.is_like(of_other)
            }
            _ => false,
        };
        let known = || self.cycles.iter().flat_map(CycleBranch::events);
        // One branch of cycles leaves a Hopf point.
        let hopf = |end: &CycleEnd| match end {
            CycleEnd::Hopf(p) => Some(*p),
            _ => None,
        };
        let taken = |p: f64| {
            let born = |known: &CycleBranch| {
                let from = known.from.iter().filter(|event| event.kind.is_hopf());
                let ends = known.begin.iter().chain([&known.end]).filter_map(hopf);
                let all: Vec<f64> = from.map(|event| event.parameters[0]).chain(ends).collect();
                all.iter().any(|q| (p - q).abs() < 1e-9 * (1.0 + p.abs()))
            };
            self.cycles.iter().any(born)
        };
        let mut ends = branch.begin.iter().chain([&branch.end]).filter_map(hopf);
        let is_there = |event: &Event| known().any(|other| is_same(event, other));
        ends.any(taken) || branch.events().any(is_there)
    }
}

/// Whether all orbits near a cycle approach it. Those of nodes without coupling keep their distance in time.
fn attracts(cycle: &Cycle) -> bool {
    cycle.is_stable() && cycle.multipliers.iter().all(|m| m.norm() < 1.0 - NEUTRAL)
}

/// Adds the halves of the first gaps, the widest, until there are enough.
fn halve(gaps: &mut Vec<[f64; 2]>) {
    let mut next = 0;
    while next < gaps.len() && gaps.len() < LEAST {
        let [a, b] = gaps[next];
        let middle = 0.5 * (a + b);
        gaps.extend([[a, middle], [middle, b]]);
        next += 1;
    }
}

/// Beside an unstable equilibrium, where trajectories leave it the fastest: to both sides, or to one
/// if they turn.
fn starts(problem: &dyn Problem, parameters: &[f64], point: &EquilibriumPoint) -> Vec<Vec<f64>> {
    let mut curve = Equilibria::new(problem, parameters, 0);
    let leading = point.eigenvalues.first().copied();
    let sides = curve.beside(&point.state, leading.unwrap_or(Complex64::ZERO));
    let away = AWAY * (1.0 + norm(&point.state));
    sides
        .iter()
        .map(|side| along(&point.state, side, away))
        .collect()
}
