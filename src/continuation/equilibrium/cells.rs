//! Finds the places of a box in the plane where both rates of change may vanish: cells that either
//! nullcline may cross are divided again and again.
//!
//! A rate may vanish in a cell if its sign differs between the corners, or if its gradient in the
//! middle is steep enough to bring it to 0 within the cell. Newton's method from a few points of the
//! box misses equilibria with a small basin, as those in the bend of a steep sigmoid.

use super::equilibria::Equilibria;

/// Cells to a side of the box at first.
const SIDE: usize = 24;
/// How often a cell is divided.
const DEPTH: usize = 5;
/// Cells of one size at most.
const MOST: usize = 1500;
/// Smallest cells at most: with more, equilibria fill a curve.
const MOST_LEFT: usize = 400;
/// A gradient counts as this many times as steep as in the middle of the cell.
const STEEPER: f64 = 1.5;

/// The middles of the smallest cells of the box `[low, high]` x `[low, high]` where an equilibrium
/// may lie, and half their side; none where equilibria fill a curve.
pub(super) fn candidates(
    curve: &mut Equilibria<'_>,
    parameter: f64,
    [low, high]: [f64; 2],
) -> (Vec<[f64; 2]>, f64) {
    let mut half = 0.5 * (high - low) / SIDE as f64;
    let middle = |k: usize| low + (2 * k + 1) as f64 * half;
    let mut cells: Vec<[f64; 2]> = (0..SIDE * SIDE)
        .map(|k| [middle(k % SIDE), middle(k / SIDE)])
        .collect();
    cells.retain(|cell| may_hold(curve, parameter, *cell, half));
    for _ in 0..DEPTH {
        if cells.len() > MOST {
            break;
        }
        half *= 0.5;
        cells = cells
            .into_iter()
            .flat_map(|[x, y]| {
                [[-half, -half], [-half, half], [half, -half], [half, half]]
                    .map(|[dx, dy]| [x + dx, y + dy])
            })
            .filter(|cell| may_hold(curve, parameter, *cell, half))
            .collect();
    }
    if cells.len() > MOST_LEFT {
        cells.clear();
    }
    (cells, half)
}

fn may_hold(curve: &mut Equilibria<'_>, parameter: f64, [x, y]: [f64; 2], half: f64) -> bool {
    let parameters = curve.parameters_at(&[x, y, parameter]);
    let rates = |u: [f64; 2]| {
        let mut value = [0.0; 2];
        curve.problem.value(&u, &parameters, &mut value);
        value
    };
    let corners = [[-half, -half], [-half, half], [half, -half], [half, half]]
        .map(|[dx, dy]| rates([x + dx, y + dy]));
    let within = rates([x, y]);
    let jacobian = curve.jacobian(&[x, y, parameter]);
    (0..2).all(|i| {
        let positive = corners.iter().filter(|corner| corner[i] > 0.0).count();
        let slope = jacobian[(i, 0)].abs() + jacobian[(i, 1)].abs();
        (1..4).contains(&positive) || within[i].abs() <= STEEPER * half * slope
    })
}
