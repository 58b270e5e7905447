//! Nullclines: the curves on which one state does not change.

use std::collections::HashMap;

use crate::continuation::curve::root;

/// Points of a curve, in order; a closed curve ends where it begins.
pub type Polyline = Vec<[f64; 2]>;

/// The curves `f = 0` in the window, by marching over `cells` by `cells` squares.
///
/// Every point lies on an edge of a square, moved along it until `f` vanishes to the last digits,
/// so the curves are exact where they are given and straight in between. Where a square's corners
/// alternate in sign its centre tells which edges belong together. A pole, where `f` changes sign
/// without vanishing, is no part of the curve.
pub(super) fn zero_curves(
    f: impl Fn([f64; 2]) -> f64,
    window: [[f64; 2]; 2],
    cells: usize,
) -> Vec<Polyline> {
    let at = |i: usize, j: usize| -> [f64; 2] {
        let coordinate =
            |[low, high]: [f64; 2], k: usize| low + (high - low) * k as f64 / cells as f64;
        [coordinate(window[0], i), coordinate(window[1], j)]
    };
    let side = cells + 1;
    let values: Vec<f64> = (0..side * side)
        .map(|k| f(at(k % side, k / side)))
        .collect();
    let value = |i: usize, j: usize| values[j * side + i];

    // An edge is named by its lower or left corner and its direction.
    let mut points: HashMap<Edge, [f64; 2]> = HashMap::new();
    for j in 0..side {
        for i in 0..side {
            for (upward, k, l) in [(false, i + 1, j), (true, i, j + 1)] {
                if k >= side || l >= side {
                    continue;
                }
                if let Some(point) = crossing(&f, (at(i, j), value(i, j)), (at(k, l), value(k, l)))
                {
                    points.insert((i, j, upward), point);
                }
            }
        }
    }
    let mut joined: HashMap<Edge, Vec<Edge>> = HashMap::new();
    for j in 0..cells {
        for i in 0..cells {
            // Round the square: below, right, above, left.
            let edges = [
                (i, j, false),
                (i + 1, j, true),
                (i, j + 1, false),
                (i, j, true),
            ];
            let crossed: Vec<Edge> = edges
                .into_iter()
                .filter(|e| points.contains_key(e))
                .collect();
            let mut join = |a: Edge, b: Edge| {
                joined.entry(a).or_default().push(b);
                joined.entry(b).or_default().push(a);
            };
            match crossed[..] {
                [a, b] => join(a, b),
                [below, right, above, left] => {
                    let [a, b] = [at(i, j), at(i + 1, j + 1)];
                    let centre = f([0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]);
                    if (centre > 0.0) == (value(i, j) > 0.0) {
                        join(below, right);
                        join(above, left);
                    } else {
                        join(below, left);
                        join(right, above);
                    }
                }
                _ => {}
            }
        }
    }
    chains(&points, joined)
}

/// Column and row of the corner it begins at, and whether it goes up or to the right.
type Edge = (usize, usize, bool);

/// Where `f` vanishes between two corners, if it changes sign there.
fn crossing(
    f: impl Fn([f64; 2]) -> f64,
    (a, at_a): ([f64; 2], f64),
    (b, at_b): ([f64; 2], f64),
) -> Option<[f64; 2]> {
    if !(at_a.is_finite() && at_b.is_finite()) || (at_a > 0.0) == (at_b > 0.0) {
        return None;
    }
    let between = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    if at_a == 0.0 {
        return Some(a);
    }
    if at_b == 0.0 {
        return Some(b);
    }
    let (t, miss, ()) = root((0.0, at_a), (1.0, at_b), 1e-13, |t| {
        Some((f(between(t)), ()))
    })?;
    (miss.abs() <= at_a.abs().max(at_b.abs())).then(|| between(t))
}

/// The points in the order of their neighbours: open curves from end to end, then closed ones.
fn chains(points: &HashMap<Edge, [f64; 2]>, mut joined: HashMap<Edge, Vec<Edge>>) -> Vec<Polyline> {
    let mut order: Vec<Edge> = joined.keys().copied().collect();
    order.sort_unstable();
    order.sort_by_key(|edge| joined[edge].len());
    let mut curves = Vec::new();
    for start in order {
        let mut here = start;
        let mut curve = Vec::new();
        while let Some(next) = joined.get_mut(&here).and_then(Vec::pop) {
            if curve.is_empty() {
                curve.push(points[&here]);
            }
            if let Some(back) = joined.get_mut(&next) {
                let index = back.iter().position(|edge| *edge == here);
                index.map(|index| back.swap_remove(index));
            }
            curve.push(points[&next]);
            here = next;
        }
        if curve.len() > 1 {
            curves.push(curve);
        }
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x^2 + y^2 = 1 is one closed curve whose points lie on the circle and go once round.
    #[test]
    fn a_circle_is_one_closed_curve_on_the_circle() {
        let circle = zero_curves(|[x, y]| x * x + y * y - 1.0, [[-2.0, 2.0], [-1.5, 1.7]], 40);
        assert_eq!(circle.len(), 1);
        let circle = &circle[0];
        assert_eq!(circle[0], circle[circle.len() - 1]);
        assert!(
            circle
                .iter()
                .all(|[x, y]| (x.hypot(*y) - 1.0).abs() < 1e-12)
        );
        let length: f64 = circle
            .windows(2)
            .map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1]))
            .sum();
        assert!(
            (length / std::f64::consts::TAU - 1.0).abs() < 2e-3,
            "{length}"
        );
    }

    /// x y = 0.01 has two branches, also where a square has both of them; 1/x has none, only a
    /// pole.
    #[test]
    fn branches_stay_apart_and_poles_are_left_out() {
        let window = [[-1.0, 1.1], [-1.0, 1.1]];
        assert_eq!(zero_curves(|[x, y]| x * y - 0.01, window, 7).len(), 2);
        assert_eq!(zero_curves(|[x, _]| 1.0 / x, window, 20).len(), 0);
    }
}
