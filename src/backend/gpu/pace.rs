//! How much a dispatch does: by how long the ones before it took.
//!
//! Windows and desktops take a device away from a program whose dispatch lasts two seconds. How fast a
//! device is with a network is not known before it ran. So the first dispatch does one block of steps of
//! a few simulations; every dispatch that took less than half of the target is followed by one twice as
//! large: of more simulations until it has all of a batch, then of more steps.

use std::time::Duration;

/// Workgroups of the first dispatch.
const FIRST_GROUPS: u32 = 4;

/// The size of the next dispatch.
#[derive(Debug)]
pub(super) struct Pace {
    target: Duration,
    /// Workgroups of a dispatch, of so many in all.
    groups: u32,
    n_groups: u32,
    /// Steps of a dispatch, at most so many; whole blocks, if more than one.
    steps: u32,
    max_steps: u32,
    block: u32,
}

impl Pace {
    /// Dispatches of half of `target` at least and `target` at most. The first one is halved `caution`
    /// times.
    pub(super) fn new(
        target: Duration,
        n_groups: u32,
        max_steps: u32,
        block: u32,
        caution: u32,
    ) -> Self {
        let halved = |n: u32| n.checked_shr(caution).unwrap_or(0).max(1);
        Self {
            target,
            groups: halved(FIRST_GROUPS).min(n_groups),
            n_groups,
            steps: halved(block).min(max_steps),
            max_steps,
            block,
        }
    }

    /// Workgroups of the next dispatch, at most.
    pub(super) fn groups(&self) -> u32 {
        self.groups
    }

    /// Steps of the next dispatch, at most.
    pub(super) fn steps(&self) -> u32 {
        self.steps
    }

    /// Takes in how long a dispatch of so many workgroups and steps took. One that was smaller than
    /// [`Pace::groups`] and [`Pace::steps`] tells nothing.
    pub(super) fn adapt(&mut self, groups: u32, steps: u32, took: Duration) {
        if (groups, steps) != (self.groups, self.steps) {
            return;
        }
        if took * 2 < self.target {
            if self.groups < self.n_groups {
                self.groups = self.groups.saturating_mul(2).min(self.n_groups);
            } else {
                self.steps = self.steps.saturating_mul(2).min(self.max_steps);
            }
        } else if took > self.target {
            if self.steps > self.block || self.groups == 1 {
                self.steps = (self.steps / 2).max(1);
            } else {
                self.groups /= 2;
            }
        }
        if self.steps > self.block {
            self.steps -= self.steps % self.block;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(100);

    /// The dispatches of a batch on a device that does so many workgroup-steps per second, up to
    /// `parallel` workgroups at a time: how long each took, seconds; and the last size.
    fn dispatches(pace: &mut Pace, rate: f64, parallel: u32, n: usize) -> (Vec<f64>, (u32, u32)) {
        let mut took = Vec::new();
        let mut last = (0, 0);
        for _ in 0..n {
            last = (pace.groups(), pace.steps());
            let rounds = last.0.div_ceil(parallel);
            let seconds = f64::from(rounds * parallel) * f64::from(last.1) / rate;
            took.push(seconds);
            pace.adapt(last.0, last.1, Duration::from_secs_f64(seconds));
        }
        (took, last)
    }

    /// A large card, a small one, a slow one with a large network: none is ever given a second's work,
    /// though all of a batch in one block would take 0.01 to 60 s.
    #[test]
    fn no_device_gets_too_much_at_once() {
        for (rate, parallel) in [(4e7, 660), (4e6, 40), (4e5, 8), (6e3, 4)] {
            let mut pace = Pace::new(TARGET, 11_900, 1280, 32, 0);
            let (took, (groups, steps)) = dispatches(&mut pace, rate, parallel, 60);
            assert!(took.iter().all(|&took| took < 0.2), "{rate}: {took:?}");
            // And it ends near the target, or with all that there is.
            let last = took[59];
            let is_all = (groups, steps) == (11_900, 1280);
            assert!(is_all || (0.02..0.11).contains(&last), "{rate}: {last}");
        }
    }

    #[test]
    fn the_first_dispatch_is_small_and_smaller_after_a_loss() {
        for (caution, first) in [
            (0, (4, 32)),
            (1, (2, 16)),
            (2, (1, 8)),
            (9, (1, 1)),
            (40, (1, 1)),
        ] {
            let pace = Pace::new(TARGET, 500, 1280, 32, caution);
            assert_eq!((pace.groups(), pace.steps()), first, "{caution}");
        }
        // Never more than there is.
        let pace = Pace::new(TARGET, 3, 10, 32, 0);
        assert_eq!((pace.groups(), pace.steps()), (3, 10));
    }

    #[test]
    fn steps_are_whole_blocks() {
        let mut pace = Pace::new(TARGET, 1, 100, 32, 0);
        for _ in 0..5 {
            pace.adapt(1, pace.steps(), Duration::ZERO);
            assert!(pace.steps().is_multiple_of(32), "{pace:?}");
        }
        assert_eq!(pace.steps(), 96);
        pace.adapt(1, 96, Duration::from_secs(1));
        assert_eq!(pace.steps(), 32);
        // What was smaller than a full dispatch tells nothing.
        pace.adapt(1, 5, Duration::from_secs(9));
        assert_eq!(pace.steps(), 32);
        pace.adapt(1, 32, Duration::from_secs(1));
        assert_eq!(pace.steps(), 16);
    }
}
