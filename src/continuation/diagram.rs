//! A whole bifurcation diagram: every branch that is found, with its events.

mod cycles;

use super::branch::{Branch, End, Point, Start, point};
use super::branch_point;
use super::curve::{along, largest};
use super::cycle::CycleBranch;
use super::equilibrium::{Equilibria, Station, convergence};
use super::event::{Event, EventKind};
use super::homotopy;
use super::linear::dot;
use super::problem::Problem;
use super::search;
use super::settings::Settings;
use crate::error::{Error, Result};

/// A branch of equilibria, from end to end.
#[derive(Debug, Clone)]
pub struct EquilibriumBranch {
    /// In order along the branch; each holds the events since the point before.
    pub points: Vec<Point>,
    /// Why it ends where it begins and where it ends; `None` where an error stopped it.
    pub ends: [Option<End>; 2],
    /// What stopped it, if something did; the points until there are kept.
    pub stopped: Vec<String>,
    /// Parameter values where the audit of events failed: none, as it should be.
    pub unexplained: Vec<f64>,
}

impl EquilibriumBranch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.points.iter().flat_map(|point| &point.events)
    }

    /// Follows the branch both ways from `start`.
    ///
    /// # Errors
    /// [`crate::Error::NotConverged`] if there is no equilibrium near it.
    pub fn through(problem: &dyn Problem, start: &Start, settings: &Settings) -> Result<Self> {
        let mut ahead = Branch::new(problem, start, settings)?;
        let (forward, mut stopped) = collect(&mut ahead);
        let mut unexplained = ahead.unexplained().to_vec();
        let mut ends = [ahead.end(), ahead.end()];
        let mut points = forward;
        if !matches!(ahead.end(), Some(End::Closed | End::NotIsolated)) {
            let start = start.clone().backward();
            let mut behind = Branch::new(problem, &start, settings)?;
            let (backward, errors) = collect(&mut behind);
            stopped.extend(errors);
            unexplained.extend(behind.unexplained());
            ends[0] = behind.end();
            points = joined(backward, points);
        }
        Ok(Self {
            points,
            ends,
            stopped,
            unexplained,
        })
    }
}

fn collect(branch: &mut Branch<'_>) -> (Vec<Point>, Vec<String>) {
    let mut points = Vec::new();
    let mut stopped = Vec::new();
    for point in branch {
        match point {
            Ok(point) => points.push(point),
            Err(error) => stopped.push(error.to_string()),
        }
    }
    (points, stopped)
}

/// `backward`, turned round, and then `forward`; both begin at the same point.
fn joined(backward: Vec<Point>, forward: Vec<Point>) -> Vec<Point> {
    let mut events: Vec<Vec<Event>> = Vec::new();
    let mut steps = Vec::new();
    let mut turned: Vec<Point> = backward
        .into_iter()
        .rev()
        .map(|mut point| {
            // What happened before a point now happens after it.
            let mut before = std::mem::take(&mut point.events);
            before.reverse();
            for event in &mut before {
                std::mem::swap(&mut event.n_unstable_before, &mut event.n_unstable_after);
                event.tangent.iter_mut().for_each(|t| *t = -*t);
            }
            events.push(before);
            steps.push(point.step);
            point.tangent.iter_mut().for_each(|t| *t = -*t);
            point.step = 0.0;
            point
        })
        .collect();
    for (k, (events, step)) in events.into_iter().zip(steps).enumerate() {
        if let Some(next) = turned.get_mut(k + 1) {
            next.events = events;
            next.step = step;
        }
    }
    turned.pop();
    let mut rest = forward.into_iter();
    if let Some(mut first) = rest.next() {
        // The backward half's last event list belongs to the point where the halves meet.
        first.events = Vec::new();
        turned.push(first);
    }
    turned.extend(rest);
    turned
}

/// Every branch that is found.
#[derive(Debug, Clone)]
pub struct Diagram {
    /// The name of the parameter that varies.
    pub parameter: String,
    /// The names of the unknowns.
    pub states: Vec<String>,
    /// Branches of equilibria.
    pub branches: Vec<EquilibriumBranch>,
    /// Branches of cycles, each born at a Hopf point or at an event of another one, which then stands before it.
    pub cycles: Vec<CycleBranch>,
    /// What could not be done, in words: where, and what to try.
    pub stopped: Vec<String>,
}

impl Diagram {
    /// Follows all equilibria of `problem` over `settings.range` of its first parameter, the others as in `parameters`.
    ///
    /// Branches are found from a search at five parameter values, and from branch points; a branch met twice is kept once.
    ///
    /// # Errors
    /// [`crate::Error::NotConverged`] if no equilibrium is found at all.
    pub fn new(problem: &dyn Problem, parameters: &[f64], settings: &Settings) -> Result<Self> {
        let mut diagram = Self {
            parameter: problem.parameter_names()[0].clone(),
            states: problem.unknown_names(),
            branches: Vec::new(),
            cycles: Vec::new(),
            stopped: Vec::new(),
        };
        let mut curve = Equilibria::new(problem, parameters, 0);
        let [low, high] = settings.range;
        // Not at round fractions: symmetric diagrams have their special points there.
        for fraction in [0.0, 1.0, 0.487, 0.241, 0.763] {
            if settings.control.is_stopped() {
                break;
            }
            let parameter = low + fraction * (high - low);
            let known = diagram.slice(&mut curve, parameter, settings);
            for state in search::others(&mut curve, parameter, &known, settings) {
                let start = start(&state, parameter, parameters);
                diagram.add(&mut curve, start, settings)?;
            }
        }
        if diagram.branches.is_empty() && !settings.control.is_stopped() {
            diagram.add_any(&mut curve, parameters, settings)?;
        }
        let stopped = diagram.branches.iter().flat_map(|b| b.stopped.clone());
        let stopped: Vec<String> = stopped.collect();
        diagram.stopped.extend(stopped);
        if settings.cycles {
            diagram.add_cycles(problem, parameters, settings);
        }
        Ok(diagram)
    }

    /// Adds the branch through an equilibrium that the search has not found, as where it lies far outside of its box.
    fn add_any(
        &mut self,
        curve: &mut Equilibria<'_>,
        parameters: &[f64],
        settings: &Settings,
    ) -> Result<()> {
        let ([low, high], [from, to]) = (settings.range, settings.search_box);
        let middle = vec![0.5 * (from + to); curve.n()];
        for parameter in [low, high, 0.5 * (low + high)] {
            let mut at = parameters.to_vec();
            at[0] = parameter;
            let found = homotopy::equilibrium(curve.problem, &middle, &at, &settings.control);
            if let Some(state) = found {
                self.add(curve, start(&state, parameter, parameters), settings)?;
            }
            if !self.branches.is_empty() {
                return Ok(());
            }
        }
        if !self.stopped.is_empty() {
            return Ok(());
        }
        Err(Error::NotConverged {
            what: "an equilibrium".into(),
            at: format!("{} from {low} to {high}", self.parameter),
            residual: f64::NAN,
            advice: "look for it in another box of states, or over another range".into(),
        })
    }

    /// Adds the branch through `start` and those that cross it, unless they are there.
    fn add(&mut self, curve: &mut Equilibria<'_>, start: Start, settings: &Settings) -> Result<()> {
        let mut starts = vec![start];
        while let Some(start) = starts.pop() {
            if settings.control.is_stopped() {
                break;
            }
            if self.passes(curve, &start, settings) {
                continue;
            }
            let branch = EquilibriumBranch::through(curve.problem, &start, settings)?;
            if branch.ends.contains(&Some(End::NotIsolated)) {
                let told = format!(
                    "equilibria are not isolated at {} = {}: they fill a curve there, which is no branch",
                    self.parameter,
                    nine_digits(branch.points[0].parameter)
                );
                if !self.stopped.contains(&told) {
                    self.stopped.push(told);
                }
                continue;
            }
            for event in branch.events() {
                if event.kind != EventKind::BranchPoint {
                    continue;
                }
                let mut x = event.state.clone();
                x.push(event.parameters[0]);
                if let Some(direction) = branch_point::other_direction(curve, &x, &event.tangent) {
                    // Start a little away from the crossing, where only one branch is near.
                    let n = curve.n();
                    let away = 10.0 * settings.step_max.min(1e-2);
                    for step in [away, -away, 0.1 * away, -0.1 * away] {
                        let guess: Vec<f64> = x
                            .iter()
                            .zip(&direction)
                            .map(|(x, d)| x + step * d)
                            .collect();
                        let mut parameters = start.parameters.clone();
                        parameters[0] = guess[n];
                        starts.push(Start {
                            state: guess[..n].to_vec(),
                            parameters,
                            active: 0,
                            tangent: Some(direction.clone()),
                        });
                    }
                }
            }
            self.branches.push(branch);
        }
        Ok(())
    }

    /// Whether a known branch passes the equilibrium near `start`.
    fn passes(&self, curve: &mut Equilibria<'_>, start: &Start, settings: &Settings) -> bool {
        let Ok(mut branch) = Branch::new(curve.problem, start, settings) else {
            return true;
        };
        let Some(Ok(point)) = branch.next() else {
            return true;
        };
        self.slice(curve, point.parameter, settings)
            .iter()
            .any(|state| {
                let miss: Vec<f64> = state.iter().zip(&point.state).map(|(a, b)| a - b).collect();
                largest(&miss) < 1e-6 * (1.0 + largest(state))
            })
    }

    /// The equilibria of the known branches at one parameter value.
    fn slice(
        &self,
        curve: &mut Equilibria<'_>,
        parameter: f64,
        settings: &Settings,
    ) -> Vec<Vec<f64>> {
        self.branches
            .iter()
            .flat_map(|branch| states_at(curve, &branch.points, parameter, settings))
            .collect()
    }

    /// All events of equilibria with the index of their branch, in order; those of cycles are with [`Diagram::cycles`].
    pub fn events(&self) -> impl Iterator<Item = (usize, &Event)> {
        self.branches
            .iter()
            .enumerate()
            .flat_map(|(index, branch)| branch.events().map(move |event| (index, event)))
    }

    /// The equilibria at `parameter`, each corrected there, with the index of their branch.
    pub fn equilibria_at(
        &self,
        problem: &dyn Problem,
        parameters: &[f64],
        parameter: f64,
        settings: &Settings,
    ) -> Vec<(usize, Point)> {
        let mut curve = Equilibria::new(problem, parameters, 0);
        let mut all: Vec<(usize, Point)> = Vec::new();
        for (index, branch) in self.branches.iter().enumerate() {
            for state in states_at(&mut curve, &branch.points, parameter, settings) {
                let same = |other: &(usize, Point)| {
                    let miss = along(&other.1.state, &state, -1.0);
                    largest(&miss) < 1e-9 * (1.0 + largest(&state))
                };
                if all.iter().any(same) {
                    continue;
                }
                let guess: Vec<f64> = state.iter().copied().chain([parameter]).collect();
                if let Ok(on) = curve.at(&guess, convergence(settings)) {
                    let station = Station::new(&mut curve, on);
                    all.push((index, point(&station, Vec::new(), 0.0)));
                }
            }
        }
        all
    }
}

/// With nine digits behind the point, and no sign if these are all 0.
fn nine_digits(value: f64) -> f64 {
    (value * 1e9).round() / 1e9 + 0.0
}

fn start(state: &[f64], parameter: f64, parameters: &[f64]) -> Start {
    let mut parameters = parameters.to_vec();
    parameters[0] = parameter;
    Start {
        state: state.to_vec(),
        parameters,
        active: 0,
        tangent: None,
    }
}

/// Where the polyline of `points` passes `parameter`, corrected.
fn states_at(
    curve: &mut Equilibria<'_>,
    points: &[Point],
    parameter: f64,
    settings: &Settings,
) -> Vec<Vec<f64>> {
    let n = curve.n();
    let mut found: Vec<Vec<f64>> = Vec::new();
    let full = |point: &Point| -> Vec<f64> {
        point
            .state
            .iter()
            .copied()
            .chain([point.parameter])
            .collect()
    };
    // Between neighbours, and at folds where the branch may reach a little further than its points.
    for pair in points.windows(2) {
        let turning = pair[1].events.iter().find(|e| e.kind == EventKind::Fold);
        let mut stops = vec![full(&pair[0])];
        if let Some(fold) = turning {
            stops.push(
                fold.state
                    .iter()
                    .copied()
                    .chain([fold.parameters[0]])
                    .collect(),
            );
        }
        stops.push(full(&pair[1]));
        for (part, ends) in stops.windows(2).enumerate() {
            let (a, b) = (&ends[0], &ends[1]);
            // A branch that ends here may end a rounding error before.
            let off = |end: &[f64]| {
                let off = end[n] - parameter;
                if off.abs() > 1e-12 * (1.0 + parameter.abs()) {
                    off
                } else {
                    0.0
                }
            };
            if off(a) * off(b) > 0.0 {
                continue;
            }
            let mut t = (parameter - a[n]) / (b[n] - a[n]);
            if !t.is_finite() {
                t = 0.0;
            }
            if turning.is_some() {
                // Near a fold the state goes with the root of the parameter.
                t = if part == 0 {
                    1.0 - (1.0 - t).sqrt()
                } else {
                    t.sqrt()
                };
            }
            let mut guess: Vec<f64> = a.iter().zip(b).map(|(a, b)| a + t * (b - a)).collect();
            guess[n] = parameter;
            if let Ok(on) = curve.at(&guess, convergence(settings)) {
                let state = on.x[..n].to_vec();
                let new = found.iter().all(|other| {
                    let miss: Vec<f64> = other.iter().zip(&state).map(|(a, b)| a - b).collect();
                    dot(&[], &miss, &miss).sqrt() > 1e-9 * (1.0 + largest(&state))
                });
                if new {
                    found.push(state);
                }
            }
        }
    }
    found
}
