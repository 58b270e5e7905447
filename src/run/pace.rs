//! How long a run takes, from two short ones.

use crate::error::Result;
use crate::plan::Plan;

/// How many times as long as the short run the longer one must take to tell what a step takes.
const LEAST_RATIO: f64 = 1.5;
/// A run of so many seconds is not repeated with more steps.
const LONGEST_S: f64 = 2.0;
/// How often a run is timed, unless that has taken so many seconds.
const TIMES: usize = 3;
const LONGEST_TIMES_S: f64 = 0.5;

/// What short runs of a plan showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    /// Steps of the longer run.
    pub n_steps: u32,
    /// Seconds that every run takes once: delay lines are filled with the past, which for long delays
    /// is more work than many steps.
    once_s: f64,
    /// Seconds per step.
    step_s: f64,
}

impl Pace {
    /// Times `run`, which gives its seconds, with the first `n_steps` steps of `plan` and with an eighth of them. Where that makes no
    /// difference, because nearly all is done once, the longer run is repeated with more steps.
    pub fn measure(plan: &Plan, n_steps: u32, run: impl Fn(&Plan) -> Result<f64>) -> Result<Self> {
        let timed = |n_steps: u32| {
            let plan = plan.first_steps(n_steps);
            least(|| run(&plan)).map(|seconds| (plan.n_steps, seconds))
        };
        let (short, short_s) = timed(n_steps.div_ceil(8))?;
        let mut wanted = n_steps;
        loop {
            let (long, long_s) = timed(wanted)?;
            let differs = long_s > LEAST_RATIO * short_s;
            if differs || long == plan.n_steps || long_s > LONGEST_S {
                return Ok(Self::between([short, long], [short_s, long_s]));
            }
            wanted = wanted.saturating_mul(4);
        }
    }

    /// From the seconds of runs of so many steps, the shorter run first.
    fn between(steps: [u32; 2], seconds: [f64; 2]) -> Self {
        let [short, long] = steps.map(f64::from);
        // On a busy machine the short run may take longer: nothing is known of what happens once.
        let step_s = match (seconds[1] - seconds[0]) / (long - short) {
            step_s if step_s > 0.0 && step_s.is_finite() => step_s.min(seconds[1] / long),
            _ => seconds[1] / long.max(1.0),
        };
        Self {
            n_steps: steps[1],
            once_s: (seconds[1] - long * step_s).max(0.0),
            step_s,
        }
    }

    /// Seconds that a run of so many steps takes.
    pub fn seconds(&self, n_steps: u32) -> f64 {
        self.once_s + f64::from(n_steps) * self.step_s
    }
}

/// The least seconds of a run that is timed a few times: what other programs take from it is not its own.
fn least(mut run: impl FnMut() -> Result<f64>) -> Result<f64> {
    let (mut least, mut spent) = (f64::INFINITY, 0.0);
    for _ in 0..TIMES {
        let seconds = run()?;
        least = seconds.min(least);
        spent += seconds;
        if spent > LONGEST_TIMES_S {
            break;
        }
    }
    Ok(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disturbed_run_is_timed_again_and_a_long_one_is_not() {
        let timed = |seconds: [f64; 3]| {
            let mut runs = seconds.into_iter();
            let least = least(|| Ok(runs.next().unwrap())).unwrap();
            (least, runs.count())
        };
        assert_eq!(timed([0.1, 0.01, 0.02]), (0.01, 0));
        assert_eq!(timed([0.2, 0.4, 0.1]), (0.2, 1));
        assert_eq!(timed([3.0, 1.0, 1.0]), (3.0, 2));
    }

    #[test]
    fn what_happens_once_is_not_taken_for_steps() {
        // 5 s once and 2 ms a step.
        let pace = Pace::between([125, 1000], [5.25, 7.0]);
        assert!((pace.seconds(60_000) - 125.0).abs() < 1e-9);
        // A short run that was disturbed, and a plan of a single step.
        let pace = Pace::between([125, 1000], [3.0, 2.0]);
        assert!((pace.seconds(60_000) - 120.0).abs() < 1e-9);
        let pace = Pace::between([1, 1], [0.5, 0.5]);
        assert_eq!(pace.seconds(1), 0.5);
        assert_eq!(Pace::between([0, 0], [0.0, 0.0]).seconds(0), 0.0);
    }
}
