//! Tolerances and bounds.

use crate::Control;

/// Bounds and steps of a branch. The defaults suit states and parameters of order 1.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The range of the varying parameter.
    pub range: [f64; 2],
    /// First step of arclength; the default is a hundredth of the range, at most.
    pub step: f64,
    /// The largest step. Where states are large (mV), a step may be longer: the share of their norm
    /// that half of this is of the range, at most a 200th, as long as the parameter moves by this at
    /// most. Events closer together than a step are searched for by halving it, but a long step can
    /// miss some; a smaller value makes that less likely.
    pub step_max: f64,
    /// The smallest step: below it the branch is given up.
    pub step_min: f64,
    /// By how much the tangent may turn in a step, rad.
    pub turn_max: f64,
    /// Newton's method has arrived when its correction is below this, relative to 1 + |x|.
    pub newton_tolerance: f64,
    /// Newton's method is given up after this many iterations, and the step is halved.
    pub newton_iterations: usize,
    /// A branch ends where the norm of the state passes this.
    pub state_max: f64,
    /// A branch ends after this many points.
    pub max_points: usize,
    /// The box in which other equilibria are searched for: the same interval for every state.
    pub search_box: [f64; 2],
    /// Starting points of that search per parameter value; 0 for none.
    pub search_starts: usize,
    /// A state from where that search begins as well, as the one where simulations do.
    pub start: Option<Vec<f64>>,
    /// Follow cycles from Hopf points.
    pub cycles: bool,
    /// How many times in a row cycles that branch off from cycles are followed; 0 for never.
    pub switches: usize,
    /// Mesh intervals of a cycle to begin with; more are taken where a cycle needs them.
    pub mesh: usize,
    /// Collocation points per mesh interval, 2 to 7.
    pub collocation: usize,
    /// A cycle branch ends where the period passes this, ms.
    pub period_max: f64,
    /// A cycle branch ends after this many cycles.
    pub max_cycles: usize,
    /// Is called at every point, and may stop the work.
    pub control: Control,
}

/// The largest share of the states' norm that a step may be.
const SHARE_OF_STATES: f64 = 0.005;

impl Settings {
    /// The largest step where the states have the norm `size` and the parameter moves by `speed` per
    /// unit of the branch.
    pub(super) fn longest(&self, size: f64, speed: f64) -> f64 {
        let width = self.range[1] - self.range[0];
        let share = (0.5 * self.step_max / width).min(SHARE_OF_STATES);
        let in_parameter = self.step_max / speed.abs();
        self.step_max.max((share * size).min(in_parameter))
    }

    /// The defaults for a parameter that varies from `low` to `high`.
    pub fn new(low: f64, high: f64) -> Self {
        let width = (high - low).abs();
        Self {
            range: [low.min(high), low.max(high)],
            step: 0.01 * width.min(1.0),
            step_max: 0.05 * width,
            step_min: 1e-9,
            turn_max: 0.15,
            newton_tolerance: 1e-11,
            newton_iterations: 8,
            state_max: 1e4,
            max_points: 20_000,
            search_box: [-2.0, 2.0],
            search_starts: 24,
            start: None,
            cycles: true,
            switches: 1,
            mesh: 40,
            collocation: 4,
            period_max: 1e3,
            max_cycles: 2000,
            control: Control::default(),
        }
    }
}
