//! Limit cycles followed in a parameter.

mod ends;
mod events;
mod follow;
mod infinite_period;
mod motion;
mod resolution;
mod shape;
mod start;
mod switch;

use num_complex::Complex64;

pub(super) use motion::Motion;

use super::event::Event;

/// A limit cycle.
#[derive(Debug, Clone)]
pub struct Cycle {
    /// The varying parameter.
    pub parameter: f64,
    /// ms
    pub period: f64,
    /// Smallest value of each state: of the polynomial, not only of its points.
    pub minima: Vec<f64>,
    /// Largest value of each state.
    pub maxima: Vec<f64>,
    /// Floquet multipliers without the trivial one, largest modulus first. In the plane there is one, exp of the integral of the
    /// divergence over a period, at most the largest number.
    pub multipliers: Vec<Complex64>,
    /// By how much the trivial multiplier misses 1.
    pub trivial_error: f64,
    /// Multipliers outside the unit circle.
    pub n_unstable: usize,
    /// Times of the profile's points as fractions of the period, from 0 to 1.
    pub times: Vec<f64>,
    /// States at these times, `[n_points][n_states]`.
    pub profile: Vec<Vec<f64>>,
    /// What happened between the cycle before and this one, in order.
    pub events: Vec<Event>,
    /// Largest residual of the collocation equations before the last correction.
    pub residual: f64,
    /// Newton iterations it took.
    pub newton_iterations: usize,
}

impl Cycle {
    /// Whether nearby orbits approach it.
    pub fn is_stable(&self) -> bool {
        self.n_unstable == 0
    }

    /// Whether two cycles at one parameter value are the same but for their phase, to 1e-5.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let sizes = |cycle: &Self| -> Vec<f64> {
            let extrema = cycle.minima.iter().chain(&cycle.maxima).copied();
            extrema.chain([cycle.period]).collect()
        };
        let pairs = sizes(self).into_iter().zip(sizes(other));
        pairs
            .into_iter()
            .all(|(a, b)| (a - b).abs() < 1e-5 * (1.0 + b.abs()))
    }
}

/// Where a branch of cycles ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CycleEnd {
    /// In the Hopf point at this parameter value.
    Hopf(f64),
    /// Of cycles of twice the period: in the period doubling at this parameter value, where both halves are the same again.
    PeriodDoubling(f64),
    /// The parameter left its range.
    Bound,
    /// At infinite period; the last event says which kind.
    InfinitePeriod,
    /// The period passed [`Settings::period_max`](super::Settings::period_max) without a recognised divergence.
    LongPeriod,
    /// It came back to its start.
    Closed,
    /// [`Settings::max_cycles`](super::Settings::max_cycles) cycles.
    Enough,
    /// [`Settings::control`](super::Settings::control) ended it.
    Interrupted,
    /// Newton's method failed down to the smallest step.
    Stopped(String),
}

/// A branch of limit cycles.
#[derive(Debug, Clone)]
pub struct CycleBranch {
    /// In order along the branch.
    pub cycles: Vec<Cycle>,
    /// The Hopf point, period doubling or branch point it was born at, if it began at one.
    pub from: Option<Event>,
    /// Where it ends.
    pub end: CycleEnd,
    /// Parameter values where the audit of events failed: none, as it should be.
    pub unexplained: Vec<f64>,
}

impl CycleBranch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.cycles.iter().flat_map(|cycle| &cycle.events)
    }
}
