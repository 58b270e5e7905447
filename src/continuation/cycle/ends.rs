//! Decides whether a branch of cycles ends between two cycles.

use super::follower::Follower;
use super::{Cycle, CycleEnd};
use crate::continuation::curve::{Curve, OnCurve, along, correct};
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{dot, norm};

/// Folds come back that lie where those before lay, to this share of the width between both sides,
const COMES_BACK: f64 = 1e-3;
/// and there the period has grown by what it grew by the time before, to this share.
const SAME_GROWTH: f64 = 0.02;

/// The end of a branch whose last folds come by turns from two parameter values that stand still, with a period that
/// has grown by the same each time.
pub(super) fn winds_on(cycles: &[Cycle]) -> Option<CycleEnd> {
    let is_fold = |event: &&Event| event.kind == EventKind::CycleFold;
    cycles.last()?.events.iter().find(is_fold)?;
    let folds = cycles
        .iter()
        .rev()
        .flat_map(|cycle| cycle.events.iter().rev());
    let last: Vec<[f64; 2]> = folds
        .filter(is_fold)
        .filter_map(|fold| Some([fold.parameters[0], fold.cycle.as_ref()?.period]))
        .take(6)
        .collect();
    to_and_fro(&last).map(CycleEnd::WindsOn)
}

/// The two parameters between which folds, the last one first with its period, come and go as [`winds_on`] says.
fn to_and_fro(folds: &[[f64; 2]]) -> Option<[f64; 2]> {
    let [[p0, t0], [p1, t1], [p2, t2], [p3, t3], [_, t4], [_, t5]] = *folds else {
        return None;
    };
    let width = (p0 - p1).abs();
    let returns = (p0 - p2).abs().max((p1 - p3).abs()) < COMES_BACK * width;
    let grows = [[t0 - t2, t2 - t4], [t1 - t3, t3 - t5]]
        .iter()
        .all(|[now, before]| *now > 0.0 && (now - before).abs() < SAME_GROWTH * now);
    (returns && grows).then(|| [p0.min(p1), p0.max(p1)])
}

impl Follower<'_> {
    /// The Hopf point, if the cycles shrink to one between `here` and `next`: beyond it the profile
    /// comes back half a period later. Returns the end, and the event among `events` that it is.
    pub(super) fn shrinks<'e>(
        &self,
        here: &OnCurve,
        next: &OnCurve,
        step: f64,
        events: &'e [Event],
    ) -> Option<(CycleEnd, Option<&'e Event>)> {
        let (swing, mean) = self.system.swing(&here.x);
        let (after, _) = self.system.swing(&next.x);
        let size = self.system.amplitude(&here.x);
        let reversed = dot(&self.system.weights()[..swing.len()], &swing, &after) < 0.0;
        if !reversed && self.system.amplitude(&next.x) >= 1e-5 {
            return None;
        }
        let parameter = self.parameter(here);
        let miss = |hopf: &Event| {
            let apart = along(&hopf.state, &mean, -1.0);
            norm(&apart) + (hopf.parameters[0] - parameter).abs()
        };
        let nearest = events
            .iter()
            .filter(|event| event.kind.is_hopf())
            .min_by(|a, b| miss(a).total_cmp(&miss(b)))
            .filter(|hopf| miss(hopf) < 2.0 * size + 10.0 * step);
        let at = nearest.map_or(parameter, |hopf| hopf.parameters[0]);
        Some((CycleEnd::Hopf(at), nearest))
    }

    /// Whether cycles of twice the period become twice the same on the way: through the period
    /// doubling they come back with their halves exchanged.
    pub(super) fn halves<'e>(
        &self,
        here: &OnCurve,
        next: &OnCurve,
        events: &'e [Event],
    ) -> Option<(CycleEnd, Option<&'e Event>)> {
        let (before, after) = (
            self.change_after(0.5, &here.x),
            self.change_after(0.5, &next.x),
        );
        let weights = &self.system.weights()[..before.len()];
        if dot(weights, &before, &after) >= 0.0 {
            return None;
        }
        let [a, b] = [before, after].map(|d| dot(weights, &d, &d).sqrt());
        let estimate = (b * self.parameter(here) + a * self.parameter(next)) / (a + b);
        let miss = |event: &Event| {
            let period = event.period.unwrap_or(f64::INFINITY);
            (event.parameters[0] - estimate).abs() + (2.0 * period / self.period(here) - 1.0).abs()
        };
        let reach = 2.0 * (self.parameter(here) - self.parameter(next)).abs() + 0.02;
        let nearest = events
            .iter()
            .filter(|event| event.kind == EventKind::PeriodDoubling)
            .min_by(|a, b| miss(a).total_cmp(&miss(b)))
            .filter(|event| miss(event) < reach);
        let at = nearest.map_or(estimate, |event| event.parameters[0]);
        Some((CycleEnd::PeriodDoubling(at), nearest))
    }

    /// The profile of `x` less itself a share of the period later.
    pub(super) fn change_after(&self, share: f64, x: &[f64]) -> Vec<f64> {
        self.system
            .times()
            .into_iter()
            .zip(x.chunks_exact(self.n()))
            .flat_map(|(t, w)| along(w, &self.system.profile_at(x, (t + share).fract()), -1.0))
            .collect()
    }

    /// The point where the parameter takes the value `bound`, between `here` and `beyond`.
    pub(super) fn land(&mut self, here: &OnCurve, beyond: &OnCurve, bound: f64) -> Option<OnCurve> {
        let t = (bound - self.parameter(here)) / (self.parameter(beyond) - self.parameter(here));
        let start = along(&here.x, &along(&beyond.x, &here.x, -1.0), t);
        let mut across = vec![0.0; start.len()];
        across[self.period_at() + 1] = 1.0;
        let on = correct(&mut self.system, start, &across, self.convergence).ok()?;
        let behind = dot(self.system.weights(), &on.tangent, &here.tangent) < 0.0;
        Some(if behind { on.reversed() } else { on })
    }

    /// The first cycle of the branch `cycles` again, if it lies between the last of them (`here`)
    /// and `cycle` (`next`).
    pub(super) fn closes(
        &mut self,
        cycles: &[Cycle],
        here: &OnCurve,
        next: &OnCurve,
        cycle: &Cycle,
    ) -> Option<OnCurve> {
        let [start, second, .., last] = cycles else {
            return None;
        };
        // Cycles are compared by what does not depend on their phase.
        let features = |cycle: &Cycle| -> Vec<f64> {
            let sizes = cycle.minima.iter().chain(&cycle.maxima).copied();
            sizes
                .chain([cycle.parameter, cycle.period / start.period])
                .collect()
        };
        let (first, from, to) = (features(start), features(last), features(cycle));
        let (step, way) = (along(&to, &from, -1.0), along(&first, &from, -1.0));
        let length = norm(&step);
        let t = dot(&[], &step, &way) / (length * length);
        let miss = along(&way, &step, -t);
        let ahead = dot(&[], &step, &along(&features(second), &first, -1.0)) > 0.0;
        if !(0.0..=1.0).contains(&t) || !ahead || norm(&miss) > 0.1 * length {
            return None;
        }
        let again = self.land(here, next, start.parameter)?;
        let converged = self.converged(again);
        let apart = along(&features(&self.cycle(&converged, Vec::new())), &first, -1.0);
        (norm(&apart) < 1e-5 * (1.0 + norm(&first))).then_some(converged.on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folds of a branch of Larter and Breakspear's node that winds about a cycle of 22.44 ms, as parameter and period.
    const WINDING: [[f64; 2]; 8] = [
        [0.162649901, 162.878735],
        [0.165135786, 171.966114],
        [0.162624711, 185.465642],
        [0.165123550, 194.350263],
        [0.162620189, 208.055623],
        [0.165121310, 216.722165],
        [0.162619379, 230.645838],
        [0.165120904, 239.090087],
    ];

    fn last_six(folds: &[[f64; 2]]) -> Vec<[f64; 2]> {
        folds.iter().rev().take(6).copied().collect()
    }

    #[test]
    fn a_branch_winds_on_when_its_folds_stand_still_and_its_period_grows_evenly() {
        let after = |n: usize| to_and_fro(&last_six(&WINDING[..n]));
        assert_eq!(after(5), None);
        // The left one has moved by 0.002 of the width since the turn before.
        assert_eq!(after(6), None);
        assert_eq!(after(7), Some([0.162619379, 0.165121310]));
        assert_eq!(after(8), Some([0.162619379, 0.165120904]));
    }

    /// A curve that closes comes back, too, with the same periods; another one grows unevenly.
    #[test]
    fn other_folds_end_no_branch() {
        let mut same = WINDING;
        same.iter_mut()
            .enumerate()
            .for_each(|(k, fold)| fold[1] = 100.0 + (k % 2) as f64);
        assert_eq!(to_and_fro(&last_six(&same)), None);
        let mut uneven = WINDING;
        uneven[7][1] += 3.0;
        assert_eq!(to_and_fro(&last_six(&uneven)), None);
    }
}
