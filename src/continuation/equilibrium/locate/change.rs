//! Compares the two ends of a step: which crossings they show, and whether the interpolants hide
//! more.

use crate::continuation::equilibrium::equilibria::{ConvergedEquilibrium, Test, planar};
use crate::continuation::rounded::Rounded;

/// What changed between two points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    Fold,
    BranchPoint,
    Pair,
    /// More than one thing, or something that may be hidden.
    Unclear,
}

/// Whether the cubic with these end values and slopes (per step) has a zero inside although its
/// ends have the same sign.
fn dips(from: f64, to: f64, slope_from: f64, slope_to: f64) -> bool {
    // c(t) = from + s0 t + c2 t^2 + c3 t^3; its extrema are the roots of s0 + 2 c2 t + 3 c3 t^2.
    let c2 = 3.0 * (to - from) - 2.0 * slope_from - slope_to;
    let c3 = 2.0 * (from - to) + slope_from + slope_to;
    let discriminant = c2 * c2 - 3.0 * c3 * slope_from;
    if discriminant < 0.0 {
        return false;
    }
    let q = -(c2 + discriminant.sqrt().copysign(c2));
    [q / (3.0 * c3), slope_from / q]
        .into_iter()
        .filter(|t| *t > 0.0 && *t < 1.0)
        .any(|t| (from + t * (slope_from + t * (c2 + t * c3))) * from <= 0.0)
}

/// Whether a smooth test may hide crossings: two where its ends have the same sign, three where
/// they differ; or whether its cubic cannot be trusted, because it is far from the trapezium rule
/// while an end is near zero. One that is 0 at both ends, to rounding, hides nothing.
fn may_hide(a: Test, b: Test, length: f64) -> bool {
    if a.value.is_zero() && b.value.is_zero() {
        return false;
    }
    let (from, to) = (a.value.value, b.value.value);
    let (s0, s1) = (a.slope * length, b.slope * length);
    if from * to <= 0.0 {
        // A monotone cubic crosses once.
        let rise = to - from;
        return s0 * rise < 0.0 && s1 * rise < 0.0;
    }
    let defect = (to - from - 0.5 * (s0 + s1)).abs();
    dips(from, to, s0, s1) || defect > from.abs() + to.abs()
}

/// The parameter's part of a unit tangent is 0 below this, to rounding.
const STANDS: f64 = 1e-11;

/// Whether the parameter stays what it is, to rounding, from `a` to `b`: equilibria that fill a
/// curve at one parameter value.
pub(crate) fn stands(a: &ConvergedEquilibrium, b: &ConvergedEquilibrium) -> bool {
    let (from, to) = (a.parameter(), b.parameter());
    let still = |s: &ConvergedEquilibrium| s.parameter_speed().abs() < STANDS;
    still(a) && still(b) && (to - from).abs() < STANDS * (1.0 + from.abs())
}

/// What a step of the given length shows.
pub(super) fn change(a: &ConvergedEquilibrium, b: &ConvergedEquilibrium, length: f64) -> Change {
    let turns = a.parameter_speed() * b.parameter_speed() <= 0.0 && !stands(a, b);
    let crosses = a.on.determinant.sign != b.on.determinant.sign;
    let unstable = a.n_unstable.abs_diff(b.n_unstable);
    let hidden = if a.tests.is_empty() {
        pairs_hide(a, b, length)
    } else {
        a.tests
            .iter()
            .zip(&b.tests)
            .any(|(a, b)| may_hide(*a, *b, length))
    };
    match (turns, crosses, unstable) {
        (true, true, 0) | (false, true, 1) => Change::BranchPoint,
        _ if hidden => Change::Unclear,
        (false, false, 0) => Change::Nothing,
        (true, false, 1) => Change::Fold,
        (false, false, 2) => Change::Pair,
        _ => Change::Unclear,
    }
}

/// Whether a step in the plane that shows a fold or a pair across the axis shows more: at a fold
/// neither trace nor discriminant vanishes, with a pair on the axis the discriminant does not. (A
/// Hopf point beside a fold changes the unstable count as the fold alone would.)
pub(super) fn shows_more(
    a: &ConvergedEquilibrium,
    b: &ConvergedEquilibrium,
    change: Change,
) -> bool {
    let changes = |test: usize| match (a.tests.get(test), b.tests.get(test)) {
        (Some(a), Some(b)) => {
            let both_zero = a.value.is_zero() && b.value.is_zero();
            a.value.value * b.value.value <= 0.0 && !both_zero
        }
        _ => false,
    };
    match change {
        Change::Fold => changes(planar::TRACE) || changes(planar::DISCRIMINANT),
        Change::Pair => changes(planar::DISCRIMINANT),
        _ => false,
    }
}

/// The same for a spectrum of more than two: every eigenvalue is matched with the one it becomes.
fn pairs_hide(a: &ConvergedEquilibrium, b: &ConvergedEquilibrium, length: f64) -> bool {
    let n = a.eigenvalues.len();
    let mut free: Vec<usize> = (0..n).collect();
    let mut crossings = 0usize;
    for (value, speed) in a.eigenvalues.iter().zip(&a.speeds) {
        let ahead = speed * length;
        let expected = if ahead.norm() < 0.5 * value.norm() {
            value + ahead
        } else {
            *value
        };
        let (index, &to) = free
            .iter()
            .enumerate()
            .min_by(|(_, x), (_, y)| {
                let miss = |k: usize| (b.eigenvalues[k] - expected).norm();
                miss(**x).total_cmp(&miss(**y))
            })
            .expect("as many there as here");
        free.swap_remove(index);
        let (after, speed_after) = (b.eigenvalues[to], b.speeds[to]);
        let moved = (after - value).norm();
        let safe = value.re * after.re > 0.0 && value.re.abs().min(after.re.abs()) > 2.0 * moved;
        if (value.re > a.axis) != (after.re > b.axis) {
            crossings += 1;
        }
        if (value.im == 0.0) != (after.im == 0.0) {
            // Two real ones became a pair, or the reverse: their speeds are infinite on the way.
            if !safe {
                return true;
            }
            continue;
        }
        let test = |value: f64, slope: f64, rounding: f64| Test {
            value: Rounded { value, rounding },
            slope,
        };
        let (before, then) = (
            test(value.re, speed.re, a.axis),
            test(after.re, speed_after.re, b.axis),
        );
        let hides = may_hide(before, then, length);
        let calm =
            speed.norm().max(speed_after.norm()) * length < value.re.abs().min(after.re.abs());
        if hides && !(safe && calm) {
            return true;
        }
    }
    crossings != a.n_unstable.abs_diff(b.n_unstable)
}
