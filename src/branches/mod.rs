//! What continuation found, as plain numbers: branches, their points and events, whatever they came
//! from. Tables, arrays and figures are made from these.

mod beside;
mod measure;
mod mode;
mod unexplained;

pub use beside::{Beside, Piece, Row};
pub use measure::Measure;
pub use mode::Mode;

pub(crate) use unexplained::Unexplained;

use std::path::PathBuf;

use num_complex::Complex64;

use crate::continuation::{
    BranchEnd, Cycle, CycleBranch, CycleEnd, EquilibriumBranch, EquilibriumPoint, Event, EventKind,
    Locus, Stability,
};
use crate::error::{ContinuationError, Error, Remark};

/// How a branch ends where no next point was found.
pub const STOPPED: &str = "stopped";
/// How a branch ends that has as many points, or cycles, as were asked for.
pub const ENOUGH: &str = "as many points as --points allows";
/// A branch on which the parameter stands still while a state grows without bound.
const RUNS_AWAY: &str = "a state runs away";
/// A branch whose states grow beyond what the settings allow.
const UNBOUNDED: &str = "the state grows beyond bounds";

/// A parameter that varies, and its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Varied {
    /// As the user wrote it.
    pub name: String,
    /// Its whole key.
    pub path: String,
    /// Its unit; "1" for none.
    pub unit: String,
    /// Lowest and highest value.
    pub range: [f64; 2],
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Of what, for titles: "wilson-cowan, one node".
    pub subject: String,
    /// What varied.
    pub varied: Vec<Varied>,
    /// The names of the states.
    pub states: Vec<String>,
    /// Branches of equilibria and cycles, and curves of bifurcations.
    pub branches: Vec<Branch>,
    /// Of networks: the names of the nodes, `[n_nodes]`; else empty.
    pub nodes: Vec<String>,
    /// Of networks: where each event's eigenvector sits, in the order of the events.
    pub modes: Vec<Mode>,
    /// What is recorded and drawn of every solution.
    pub measures: Vec<Measure>,
    /// Branches of other programs, to be drawn beside.
    pub beside: Vec<Beside>,
    /// Exact solutions at the values of the first parameter that were asked for.
    pub solutions: Vec<Solution>,
    /// What could not be done: where, and what to try.
    pub stopped: Vec<Remark>,
    /// What one of the remarks is about.
    pub(crate) unexplained: Unexplained,
}

/// A solution at a value of the first parameter that was asked for.
#[derive(Debug, Clone)]
pub struct Solution {
    /// The name of the branch that it lies on.
    pub branch: String,
    /// Equilibria or cycles.
    pub kind: Kind,
    /// What it is; it has no events.
    pub point: Point,
}

impl Found {
    /// The number of branches that ended before their bounds: because no next point was found, or
    /// because they may have no more.
    pub fn n_stopped(&self) -> usize {
        let short = |end: &String| end == STOPPED || end == ENOUGH;
        let stopped = |branch: &&Branch| branch.ends.iter().any(short);
        self.branches.iter().filter(stopped).count()
    }

    /// The error that says so, if there are any; what was found is in `kept`.
    pub fn stopped_short(&self, kept: PathBuf) -> Option<Error> {
        let full = |branch: &&Branch| {
            let ends = &branch.ends;
            ends.iter().any(|end| end == ENOUGH) && !ends.iter().any(|end| end == STOPPED)
        };
        let (n_stopped, n_full) = (self.n_stopped(), self.branches.iter().filter(full).count());
        let short = ContinuationError::StoppedShort {
            n_stopped,
            n_full,
            kept,
        };
        (n_stopped > 0).then(|| short.into())
    }

    /// Adds a branch; it is named after its kind and counted.
    pub fn add(&mut self, kind: Kind, points: Vec<Point>, ends: [String; 2]) {
        let number = 1 + self.branches.iter().filter(|b| b.kind == kind).count();
        self.branches.push(Branch {
            name: format!("{}_{number}", kind.name()),
            kind,
            points,
            ends,
        });
    }

    /// Gives all points and events so far the values of the parameters that did not vary.
    pub fn complete(&mut self, rest: &[f64]) {
        let on_branches = self.branches.iter_mut().flat_map(|b| &mut b.points);
        let solutions = self.solutions.iter_mut().map(|s| &mut s.point);
        for point in on_branches.chain(solutions) {
            point.parameters.extend(rest);
            for event in &mut point.events {
                event.parameters.extend(rest);
            }
        }
    }

    /// Adds equilibria in the first parameter; `rest` are the values of the others.
    pub fn add_equilibria(&mut self, branch: &EquilibriumBranch, rest: &[f64]) {
        let points = branch.points.iter().map(|point| equilibrium(point, rest));
        self.add(Kind::Equilibria, points.collect(), branch.ends.map(end));
        self.stopped.extend(branch.stopped.iter().cloned());
        self.tell_unexplained(&branch.unexplained);
    }

    /// Adds cycles in the first parameter.
    pub fn add_cycles(&mut self, branch: &CycleBranch, rest: &[f64]) {
        let points = branch.cycles.iter().map(|cycle| orbit(cycle, rest));
        let begin = match (&branch.from, &branch.begin) {
            (Some(event), _) => at(event),
            (None, Some(end)) => cycle_end(end, branch.events().next()),
            (None, None) => "an orbit".into(),
        };
        let end = cycle_end(&branch.end, branch.events().last());
        self.add(Kind::Cycles, points.collect(), [begin, end]);
        for end in branch.begin.iter().chain([&branch.end]) {
            if let CycleEnd::Stopped(message) = end {
                self.stopped.push(message.clone());
            }
        }
        self.tell_unexplained(&branch.unexplained);
    }

    /// Adds solutions of the branch that was added last, its equilibria or cycles at one value.
    pub fn add_solutions(&mut self, points: impl IntoIterator<Item = Point>) {
        let Some(last) = self.branches.last() else {
            return;
        };
        let solutions = points.into_iter().map(|point| Solution {
            branch: last.name.clone(),
            kind: last.kind,
            point,
        });
        self.solutions.extend(solutions);
    }

    /// All solutions, equilibria before cycles.
    pub fn solutions_in_order(&self) -> impl Iterator<Item = &Solution> {
        let of = |kind: Kind| self.solutions.iter().filter(move |s| s.kind == kind);
        of(Kind::Equilibria).chain(of(Kind::Cycles))
    }

    /// Adds a curve in two parameters.
    pub fn add_curve(&mut self, locus: &Locus) {
        let kind = match locus.kind {
            EventKind::Hopf => Kind::Hopfs,
            EventKind::CycleFold => Kind::CycleFolds,
            EventKind::PeriodDoubling => Kind::PeriodDoublings,
            EventKind::Torus => Kind::Tori,
            EventKind::Homoclinic => Kind::Homoclinics,
            _ => Kind::Folds,
        };
        let points = locus.points.iter().map(|point| Point {
            parameters: point.parameters.to_vec(),
            state: point.state.clone(),
            eigenvalues: point.eigenvalues.clone(),
            n_unstable: (!point.eigenvalues.is_empty())
                .then(|| point.eigenvalues.iter().filter(|e| e.re > 0.0).count()),
            stability: None,
            residual: point.residual,
            period_ms: point.period,
            coefficient: point.coefficient,
            is_bifurcation: point.kind != EventKind::NeutralSaddle,
            is_on_cycle: point.kind == EventKind::Snic,
            cycle: None,
            events: point.events.clone(),
        });
        let nearest = [locus.events().next(), locus.events().last()];
        let ends = [0, 1].map(|k| match (locus.ends[k], nearest[k]) {
            (Some(BranchEnd::Event), Some(event)) => at(event),
            (other, _) => end(other),
        });
        self.add(kind, points.collect(), ends);
        self.stopped.extend(locus.stopped.iter().cloned());
    }

    /// Branches of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Branch> {
        self.branches.iter().filter(move |b| b.kind == kind)
    }

    /// All events with the branch they are on, but for changes between node and focus, which are no bifurcations.
    pub fn events(&self) -> impl Iterator<Item = (&Branch, &Event)> {
        self.branches
            .iter()
            .flat_map(|branch| branch.events().map(move |event| (branch, event)))
            .filter(|(_, event)| event.kind != EventKind::NodeFocus)
    }
}

/// What a branch consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Equilibria in one parameter.
    Equilibria,
    /// Cycles in one parameter.
    Cycles,
    /// A curve of folds in two parameters.
    Folds,
    /// A curve of Hopf points in two parameters.
    Hopfs,
    /// A curve of folds of cycles in two parameters.
    CycleFolds,
    /// A curve of period doublings in two parameters.
    PeriodDoublings,
    /// A curve of tori in two parameters.
    Tori,
    /// A curve of homoclinic connections in two parameters.
    Homoclinics,
}

impl Kind {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equilibria => "equilibria",
            Self::Cycles => "cycles",
            Self::Folds => "folds",
            Self::Hopfs => "hopfs",
            Self::CycleFolds => "cycle_folds",
            Self::PeriodDoublings => "period_doublings",
            Self::Tori => "tori",
            Self::Homoclinics => "homoclinics",
        }
    }

    /// Whether its points lie in a plane of two parameters.
    pub fn is_curve(self) -> bool {
        !matches!(self, Self::Equilibria | Self::Cycles)
    }
}

/// A branch of equilibria or cycles, or a curve of bifurcations.
#[derive(Debug, Clone)]
pub struct Branch {
    /// `equilibria_1`, `cycles_1`, `folds_1`, ...
    pub name: String,
    /// What it consists of.
    pub kind: Kind,
    /// In order.
    pub points: Vec<Point>,
    /// How it ends where it begins and where it ends.
    pub ends: [String; 2],
}

impl Branch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.points.iter().flat_map(|point| &point.events)
    }

    /// Of cycles on a mesh: the largest [`Swing::mesh_error`] among them.
    pub fn mesh_error(&self) -> Option<f64> {
        let cycles = self.points.iter().filter_map(|point| point.cycle.as_ref());
        let errors = cycles.filter_map(|cycle| cycle.mesh_error);
        errors.max_by(f64::total_cmp)
    }
}

/// A point of a branch.
#[derive(Debug, Clone)]
pub struct Point {
    /// All that vary, `[n_parameters]`.
    pub parameters: Vec<f64>,
    /// `[n_states]`; of a cycle at time 0.
    pub state: Vec<f64>,
    /// Eigenvalues, per ms, rightmost first; of a cycle its multipliers, largest first.
    pub eigenvalues: Vec<Complex64>,
    /// `None` where it was not computed: of cycles with delays, and where not all roots are known.
    pub n_unstable: Option<usize>,
    /// Of an equilibrium.
    pub stability: Option<Stability>,
    /// Largest residual of the equations before the last correction.
    pub residual: f64,
    /// Of a cycle, and of a point where cycles are.
    pub period_ms: Option<f64>,
    /// Of a point on a curve of bifurcations.
    pub coefficient: Option<f64>,
    /// Of a point on a curve: false for neutral saddles on a curve of Hopf points.
    pub is_bifurcation: bool,
    /// Of a point on a curve of folds: whether a cycle of infinite period passes it.
    pub is_on_cycle: bool,
    /// Of a cycle: its shape.
    pub cycle: Option<Swing>,
    /// What happens between the point before and this one, in order.
    pub events: Vec<Event>,
}

/// The shape of a cycle.
#[derive(Debug, Clone)]
pub struct Swing {
    /// Lowest value of each state, `[n_states]`.
    pub minima: Vec<f64>,
    /// Highest value of each state, `[n_states]`.
    pub maxima: Vec<f64>,
    /// Fractions of the period, from 0 to 1.
    pub times: Vec<f64>,
    /// `[n_times][n_states]`
    pub profile: Vec<Vec<f64>>,
    /// By how much the flow misses the next point of the profile, from any of its points, as a share
    /// of the amplitude; `None` of cycles that are not on a mesh.
    pub mesh_error: Option<f64>,
}

/// An equilibrium in the first parameter; `rest` are the values of the others.
pub(crate) fn equilibrium(point: &EquilibriumPoint, rest: &[f64]) -> Point {
    Point {
        parameters: [&[point.parameter], rest].concat(),
        state: point.state.clone(),
        eigenvalues: point.eigenvalues.clone(),
        n_unstable: Some(point.n_unstable),
        stability: Some(point.stability),
        residual: point.residual,
        period_ms: None,
        coefficient: None,
        is_bifurcation: false,
        is_on_cycle: false,
        cycle: None,
        events: completed(&point.events, rest),
    }
}

/// A cycle in the first parameter.
pub(crate) fn orbit(cycle: &Cycle, rest: &[f64]) -> Point {
    Point {
        parameters: [&[cycle.parameter], rest].concat(),
        state: cycle.profile[0].clone(),
        eigenvalues: cycle.multipliers.clone(),
        n_unstable: Some(cycle.n_unstable),
        stability: None,
        residual: cycle.residual,
        period_ms: Some(cycle.period),
        coefficient: None,
        is_bifurcation: false,
        is_on_cycle: false,
        cycle: Some(Swing {
            minima: cycle.minima.clone(),
            maxima: cycle.maxima.clone(),
            times: cycle.times.clone(),
            profile: cycle.profile.clone(),
            mesh_error: cycle.mesh_error,
        }),
        events: completed(&cycle.events, rest),
    }
}

/// The events with the values of the parameters that did not vary.
fn completed(events: &[Event], rest: &[f64]) -> Vec<Event> {
    let mut events = events.to_vec();
    for event in &mut events {
        event.parameters.extend(rest);
    }
    events
}

/// What an event is and where.
fn at(event: &Event) -> String {
    let parameters: Vec<String> = event.parameters.iter().map(|p| fixed(*p)).collect();
    format!("{} at {}", event.kind, parameters.join(", "))
}

/// How a branch of cycles ends; `event` is the one on it that is nearest.
pub(crate) fn cycle_end(end: &CycleEnd, event: Option<&Event>) -> String {
    match end {
        CycleEnd::Hopf(parameter) => format!("hopf at {}", fixed(*parameter)),
        CycleEnd::PeriodDoubling(parameter) => {
            format!("period-doubling at {}", fixed(*parameter))
        }
        CycleEnd::Bound => "bound of the range".into(),
        CycleEnd::InfinitePeriod => match event {
            Some(event) => at(event),
            None => "infinite period".into(),
        },
        CycleEnd::LongPeriod => "period beyond --period-max".into(),
        CycleEnd::Closed => "closed".into(),
        CycleEnd::NotIsolated => "cycles are not isolated".into(),
        CycleEnd::WindsOn([low, high]) => format!(
            "one more turn about another cycle at a time, from {} to {}",
            fixed(*low),
            fixed(*high)
        ),
        CycleEnd::RunsAway => RUNS_AWAY.into(),
        CycleEnd::Unbounded => UNBOUNDED.into(),
        CycleEnd::Enough => ENOUGH.into(),
        CycleEnd::Interrupted => "interrupted".into(),
        CycleEnd::Stopped(_) => STOPPED.into(),
    }
}

fn end(end: Option<BranchEnd>) -> String {
    match end {
        Some(BranchEnd::Bound) => "bound of the range",
        Some(BranchEnd::Closed) => "closed",
        Some(BranchEnd::Event) => "an event of its own",
        Some(BranchEnd::RunsAway) => RUNS_AWAY,
        Some(BranchEnd::Unbounded) => UNBOUNDED,
        Some(BranchEnd::NotIsolated) => "equilibria are not isolated",
        Some(BranchEnd::Enough) => ENOUGH,
        Some(BranchEnd::LongPeriod) => "period beyond --period-max",
        Some(BranchEnd::Interrupted) => "interrupted",
        None => STOPPED,
    }
    .into()
}

/// With nine digits behind the point; what rounds to 0 has no sign.
pub(crate) fn fixed(value: f64) -> String {
    let text = format!("{value:.9}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|b| matches!(b, b'0' | b'.')) => digits.into(),
        _ => text,
    }
}
