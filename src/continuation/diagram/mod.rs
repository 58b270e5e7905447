//! Builds a whole bifurcation diagram: every branch that is found, with its events.

mod audit;
pub(crate) use audit::attractors_beside;
mod cycles;

use super::curve::{along, largest};
use super::cycle::CycleBranch;
use super::equilibrium::branch::{Branch, BranchStart, EquilibriumPoint};
use super::equilibrium::equilibria::Equilibria;
use super::equilibrium::fold::Folds;
use super::equilibrium::full_branch::{EquilibriumBranch, states_at};
use super::equilibrium::{branch_point, homotopy, search};
use super::event::{Event, EventKind};
use super::problem::{Problem, describe};
use super::settings::Settings;
use crate::error::{Error, Remark, Result};

/// How far beside a fold its branch is begun, relative to 1 + |state|.
const BESIDE: f64 = 1e-4;

/// Every branch that is found.
#[derive(Debug, Clone)]
pub struct Diagram {
    /// The name of the parameter that varies.
    pub parameter: String,
    /// The names of the unknowns.
    pub states: Vec<String>,
    /// Branches of equilibria.
    pub branches: Vec<EquilibriumBranch>,
    /// Branches of cycles, each born at a Hopf point or at an event of another one, which then
    /// stands before it.
    pub cycles: Vec<CycleBranch>,
    /// What could not be done: where, and what to try.
    pub stopped: Vec<Remark>,
    /// Hopf points on equilibria that are not among `branches`, as those of a network.
    others: Vec<Event>,
}

impl Diagram {
    /// Follows all equilibria of `problem` over `settings.range` of its first parameter, the others
    /// as in `parameters`.
    ///
    /// Branches are found from a search at five parameter values, from one for folds over the whole
    /// range, and from branch points; a branch met twice is kept once.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if no equilibrium is found at all.
    pub fn new(problem: &dyn Problem, parameters: &[f64], settings: &Settings) -> Result<Self> {
        let mut diagram = Self::empty(problem);
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
        diagram.add_isolas(&mut curve, parameters, settings)?;
        if diagram.branches.is_empty() && !settings.control.is_stopped() {
            diagram.add_any(&mut curve, parameters, settings)?;
        }
        let stopped = diagram.branches.iter().flat_map(|b| b.stopped.clone());
        let stopped: Vec<Remark> = stopped.collect();
        diagram.stopped.extend(stopped);
        if settings.cycles {
            diagram.add_cycles(problem, parameters, settings);
            diagram.add_switched(problem, parameters, 0, settings);
            let known = diagram.cycles.len();
            diagram.add_attractors(problem, parameters, settings);
            diagram.add_switched(problem, parameters, known, settings);
        }
        Ok(diagram)
    }

    /// The branch through the equilibrium near `state` at `parameters`, those that cross it, and the
    /// cycles born on them.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if there is no equilibrium near.
    pub fn through(
        problem: &dyn Problem,
        parameters: &[f64],
        state: &[f64],
        settings: &Settings,
    ) -> Result<Self> {
        let mut diagram = Self::empty(problem);
        let mut curve = Equilibria::new(problem, parameters, 0);
        diagram.add(
            &mut curve,
            start(state, parameters[0], parameters),
            settings,
        )?;
        if diagram.branches.is_empty() {
            return Err(Error::not_converged(
                "an equilibrium near the given one",
                describe(problem, parameters),
                f64::NAN,
                "take another point, or the numbers that it was found with",
            ));
        }
        let stopped = diagram.branches.iter().flat_map(|b| b.stopped.clone());
        let stopped: Vec<Remark> = stopped.collect();
        diagram.stopped.extend(stopped);
        if settings.cycles {
            diagram.add_cycles(problem, parameters, settings);
            diagram.add_switched(problem, parameters, 0, settings);
        }
        Ok(diagram)
    }

    /// The branch of cycles through the one near an orbit at `parameters`, both ways, and those that
    /// branch off from it: `orbit(t)` is the state at the fraction `t` of the period.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if there is no cycle near.
    pub fn through_orbit(
        problem: &dyn Problem,
        parameters: &[f64],
        orbit: (&dyn Fn(f64) -> Vec<f64>, f64),
        settings: &Settings,
    ) -> Result<Self> {
        let mut diagram = Self::empty(problem);
        let branch = CycleBranch::through_orbit(problem, parameters, 0, orbit, settings)?;
        diagram.cycles.push(branch);
        diagram.add_switched(problem, parameters, 0, settings);
        Ok(diagram)
    }

    fn empty(problem: &dyn Problem) -> Self {
        Self {
            parameter: problem.parameter_names()[0].clone(),
            states: problem.unknown_names(),
            branches: Vec::new(),
            cycles: Vec::new(),
            stopped: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Adds the branches through folds that no known branch has: isolas that lie between the parameter
    /// values of the search.
    fn add_isolas(
        &mut self,
        curve: &mut Equilibria<'_>,
        parameters: &[f64],
        settings: &Settings,
    ) -> Result<()> {
        let n = curve.n();
        for fold in search::folds(curve, settings) {
            let is_there = |event: &Event| {
                let state = along(&event.state, &fold[..n], -1.0);
                let miss = largest(&state).max((event.parameters[0] - fold[n]).abs());
                miss < 1e-5 * (1.0 + largest(&fold))
            };
            if self.events().any(|(_, event)| is_there(event)) {
                continue;
            }
            let at = curve.parameters_at(&fold);
            let folds = Folds::new(curve.problem, &at, &[curve.active], &fold);
            let mut direction = folds.values(&fold).right;
            // Beside the fold, so that it is met.
            let state = along(&fold[..n], &direction, BESIDE * (1.0 + largest(&fold)));
            direction.push(0.0);
            let mut start = start(&state, fold[n], parameters);
            start.tangent = Some(direction);
            self.add(curve, start, settings)?;
        }
        Ok(())
    }

    /// Adds the branch through an equilibrium that the search has not found, as where it lies far
    /// outside of its box.
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
        Err(Error::not_converged(
            "an equilibrium",
            format!("{} from {low} to {high}", self.parameter),
            f64::NAN,
            "look for it in another box of states, or over another range",
        ))
    }

    /// Adds the branch through `start` and those that cross it, unless they are there.
    fn add(
        &mut self,
        curve: &mut Equilibria<'_>,
        start: BranchStart,
        settings: &Settings,
    ) -> Result<()> {
        let mut starts = vec![start];
        while let Some(start) = starts.pop() {
            if settings.control.is_stopped() {
                break;
            }
            if self.passes(curve, &start, settings) {
                continue;
            }
            let branch = EquilibriumBranch::through(curve.problem, &start, settings)?;
            if let Some(at) = branch.fills_a_curve() {
                let message = Remark::new(format!(
                    "equilibria are not isolated at {} = {}: they fill a curve there, which is no branch",
                    self.parameter,
                    nine_digits(at)
                ));
                if !self.stopped.contains(&message) {
                    self.stopped.push(message);
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
                        starts.push(BranchStart {
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
    fn passes(&self, curve: &mut Equilibria<'_>, start: &BranchStart, settings: &Settings) -> bool {
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

    /// All events of equilibria with the index of their branch, in order; those of cycles are with
    /// [`Diagram::cycles`].
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
    ) -> Vec<(usize, EquilibriumPoint)> {
        let mut all: Vec<(usize, EquilibriumPoint)> = Vec::new();
        for (index, branch) in self.branches.iter().enumerate() {
            for point in branch.equilibria_at(problem, parameters, 0, parameter, settings) {
                let same = |other: &(usize, EquilibriumPoint)| {
                    let miss = along(&other.1.state, &point.state, -1.0);
                    largest(&miss) < 1e-9 * (1.0 + largest(&point.state))
                };
                if !all.iter().any(same) {
                    all.push((index, point));
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

fn start(state: &[f64], parameter: f64, parameters: &[f64]) -> BranchStart {
    let mut parameters = parameters.to_vec();
    parameters[0] = parameter;
    BranchStart {
        state: state.to_vec(),
        parameters,
        active: 0,
        tangent: None,
    }
}
