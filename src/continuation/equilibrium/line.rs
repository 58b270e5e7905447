//! Finds the equilibria of one state: the rate of change is looked at along the whole line, more coarsely the farther away,
//! and has an equilibrium wherever its sign changes.
//!
//! By the signs stable and unstable equilibria take turns: those that are missed are pairs closer together than two looks.

use super::equilibria::Equilibria;

/// The distance between two looks, as a share of the box of the search,
const NEAR: f64 = 1e-3;
/// and outside of it as a share of the distance from its middle.
const FAR: f64 = 0.005;
/// Equilibria at most on each side of the box: of a periodic rate there is no end of them.
const MOST_OUTSIDE: usize = 2;
/// Halvings of a step in which the sign changes: down to rounding.
const HALVINGS: usize = 80;

/// The equilibria at `parameter` in the box, and up to two on each side of it that are no farther from 0 than `farthest`.
pub(super) fn equilibria(
    curve: &Equilibria<'_>,
    parameter: f64,
    [low, high]: [f64; 2],
    farthest: f64,
) -> Vec<f64> {
    let rate = |u: f64| {
        let mut value = [0.0];
        let parameters = curve.parameters_at(&[u, parameter]);
        curve.problem.value(&[u], &parameters, &mut value);
        value[0]
    };
    let (middle, width) = (0.5 * (low + high), high - low);
    let outward = |side: f64| {
        let next = move |away: &f64| Some(away + (NEAR * width).max(FAR * away));
        let looks = std::iter::successors(Some(0.0), next).map(move |away| middle + side * away);
        looks.skip(1).take_while(|u| u.abs() <= farthest)
    };
    let mut found = Vec::new();
    for side in [-1.0, 1.0] {
        let mut outside = 0;
        let mut before = (middle, rate(middle));
        for u in outward(side) {
            let here = (u, rate(u));
            if let Some(zero) = zero(&rate, before, here) {
                outside += usize::from(zero < low || zero > high);
                found.push(zero);
            }
            before = here;
            if outside == MOST_OUTSIDE {
                break;
            }
        }
    }
    found
}

/// Where `rate` is 0 between two points, if its sign differs there; not where it jumps, as at a pole.
fn zero(
    rate: &dyn Fn(f64) -> f64,
    (mut a, at_a): (f64, f64),
    (mut b, at_b): (f64, f64),
) -> Option<f64> {
    // Of zeros side by side, which fill an interval, only the first.
    if at_b == 0.0 && at_a != 0.0 {
        return Some(b);
    }
    let differs = (at_a > 0.0 && at_b < 0.0) || (at_a < 0.0 && at_b > 0.0);
    if !differs || !at_a.is_finite() || !at_b.is_finite() {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (a + b);
        let value = rate(middle);
        match value == 0.0 || middle == a || middle == b {
            true => break,
            false if (value > 0.0) == (at_a > 0.0) => a = middle,
            false => b = middle,
        }
    }
    let u = 0.5 * (a + b);
    (rate(u).abs() <= 1e-6 * at_a.abs().max(at_b.abs())).then_some(u)
}
