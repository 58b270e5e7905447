//! Finds the equilibria of one state: the rate of change is looked at along the whole line, more coarsely the farther away,
//! and has an equilibrium wherever its sign changes.
//!
//! By their signs stable and unstable equilibria take turns; so no other index than +1 is possible in all if the rate comes
//! back from both ends of the line.

use super::equilibria::Equilibria;

/// The distance between two looks, as a share of the box of the search,
const NEAR: f64 = 1e-3;
/// and outside of it as a share of the distance from its middle.
const FAR: f64 = 0.005;
/// Halvings of a step in which the sign changes: down to rounding.
const HALVINGS: usize = 80;

/// The equilibria at `parameter` between `-farthest` and `farthest`, in order.
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
        looks
            .take_while(|u| u.abs() <= farthest)
            .collect::<Vec<f64>>()
    };
    let mut looks = outward(-1.0);
    looks.reverse();
    // Both sides begin in the middle.
    looks.extend(outward(1.0).into_iter().skip(1));
    let rates: Vec<f64> = looks.iter().map(|&u| rate(u)).collect();
    let pairs = looks.windows(2).zip(rates.windows(2));
    let mut found: Vec<f64> = pairs
        .filter_map(|(u, f)| zero(&rate, [u[0], u[1]], [f[0], f[1]]))
        .collect();
    found.dedup();
    found
}

/// Where `rate` is 0 between two points, if its sign differs there; not where it jumps, as at a pole.
fn zero(
    rate: &dyn Fn(f64) -> f64,
    [mut a, mut b]: [f64; 2],
    [at_a, at_b]: [f64; 2],
) -> Option<f64> {
    if !at_a.is_finite() || !at_b.is_finite() || at_a * at_b > 0.0 {
        return None;
    }
    for (u, value) in [(a, at_a), (b, at_b)] {
        if value == 0.0 {
            return Some(u);
        }
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
