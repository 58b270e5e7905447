//! The normal numbers of a group: drawn, or, where the study's step was halved, made of those of whole steps.

mod drawn;
mod halved;

use super::lanes::Work;
use super::pack::Pack;
use crate::noise::stream;
use crate::plan::Plan;
use drawn::Drawn;
use halved::Halved;

/// Normal numbers, step after step.
#[derive(Debug)]
pub(super) struct Random {
    /// Those of the study's steps.
    whole: Drawn,
    /// One for each time that the step was halved, the first halving first.
    halvings: Vec<Halved>,
    /// Whether any number is asked for.
    is_random: bool,
    /// Whether it goes on at a step whose whole steps were not made into halves yet.
    is_behind: bool,
}

impl Random {
    /// For these members; `width` stand side by side, of which those beyond the last repeat it.
    pub(super) fn new(plan: &Plan, members: &[usize], width: usize) -> Self {
        let drawn = |stream: u32| Drawn::new(plan, stream, members, width);
        let turns = plan.refinement.iter().flat_map(|how| &how.turns);
        let halvings = (0..).zip(turns).map(|(h, &turn)| {
            Halved::new(turn, drawn(stream::HALVING + stream::HALVING_LENGTH * h))
        });
        Self {
            whole: drawn(stream::NOISE),
            halvings: halvings.collect(),
            is_random: plan.recipe.random != 0,
            is_behind: false,
        }
    }

    /// The numbers at `step`, `[noise target][node]` or `[noise target][node][member]`, in rows of [`Random::row`]; they are drawn.
    #[inline(always)]
    pub(super) fn of(&self, step: u32) -> &[f32] {
        match self.halvings.last() {
            None => self.whole.of(step),
            Some(halved) => halved.of_step(),
        }
    }

    /// Goes on at `step`.
    pub(super) fn go_to(&mut self, step: u32) {
        let n = self.halvings.len();
        self.whole.go_to(step >> n);
        for (h, halved) in self.halvings.iter_mut().enumerate() {
            halved.go_to(step >> (n - 1 - h));
        }
        self.is_behind = true;
    }

    /// Numbers of a target at a step, padded.
    pub(super) fn row(&self) -> usize {
        self.whole.row()
    }

    /// Whether one number serves all members.
    pub(super) fn is_common(&self) -> bool {
        self.whole.is_common
    }

    /// Whether the numbers of `step` have to be drawn first.
    #[inline(always)]
    pub(super) fn is_due(&self, step: u32) -> bool {
        match self.halvings.is_empty() {
            true => self.whole.is_due(step),
            false => self.is_random,
        }
    }
}

/// Draws the numbers of a step, which are due.
pub(super) struct Draw<'a> {
    pub(super) random: &'a mut Random,
    pub(super) plan: &'a Plan,
    pub(super) step: u32,
}

impl Work for Draw<'_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let Random {
            whole,
            halvings,
            is_behind,
            ..
        } = self.random;
        let is_behind = std::mem::take(is_behind);
        let n = halvings.len();
        let whole_step = self.step >> n;
        if whole.is_due(whole_step) {
            whole.draw::<V>(self.plan.replay.as_deref());
        }
        let mut numbers = whole.of(whole_step);
        for (h, halved) in halvings.iter_mut().enumerate() {
            // Its steps are halved once less for every halving after it.
            let finer = n - 1 - h;
            if is_behind || self.step.trailing_zeros() as usize >= finer {
                halved.advance::<V>(self.step >> finer, numbers);
            }
            numbers = halved.of_step();
        }
    }
}
