//! Searches a box for equilibria at one parameter value: Newton's method from many starts, deflated
//! by the equilibria that are known; in the plane also from every cell that may hold one; on a line wherever the rate of
//! change has a zero, in the box or not.

use super::cells;
use super::equilibria::Equilibria;
use super::fold::fold_near;
use super::line;
use crate::continuation::curve::largest;
use crate::continuation::linear::{Lu, distance, dot, norm};
use crate::continuation::settings::Settings;

/// Starts of the search for folds, for each one of that for equilibria.
const FOLD_STARTS: usize = 4;

/// The equilibria at `parameter` that are not among `known`.
///
/// Starts are Halton points of the box, its middle, the origin, and [`Settings::start`]. Known solutions are deflated:
/// Newton's method runs on `f(u) prod_i (1 + 1/|u - u_i|^2)`, which has no zero there (Farrell,
/// Birkisson & Funke 2015, SIAM J. Sci. Comput. 37, A2026). The same starts are used every time, so
/// the result is reproducible.
pub(crate) fn others(
    curve: &mut Equilibria<'_>,
    parameter: f64,
    known: &[Vec<f64>],
    settings: &Settings,
) -> Vec<Vec<f64>> {
    let n = curve.n();
    let mut all = known.to_vec();
    let [low, high] = settings.search_box;
    let spread = (1..=settings.search_starts).map(|start| in_box(start, n, settings));
    let middle = vec![0.5 * (low + high); n];
    let origin = vec![0.0; n];
    let start = settings.start.iter().filter(|start| start.len() == n);
    let more = [middle, origin]
        .into_iter()
        .chain(start.cloned())
        .filter(|_| settings.search_starts > 0);
    let is_new = |all: &[Vec<f64>], found: &[f64]| {
        let away = |u: &Vec<f64>| distance(u, found) > 1e-7 * (1.0 + largest(u));
        all.iter().all(away)
    };
    if n == 1 && settings.search_starts > 0 {
        let farthest = settings.state_max;
        for u in line::equilibria(curve, parameter, settings.search_box, farthest) {
            if is_new(&all, &[u]) {
                all.push(vec![u]);
            }
        }
    }
    if n == 2 && settings.search_starts > 0 {
        let (cells, half) = cells::candidates(curve, parameter, settings.search_box);
        for cell in cells {
            // Neighbours of a cell with an equilibrium may hold it, too.
            let is_near = |u: &Vec<f64>| (0..2).all(|i| (u[i] - cell[i]).abs() < 2.0 * half);
            if all.iter().any(is_near) || settings.control.is_stopped() {
                continue;
            }
            if let Some(found) = newton(curve, cell.to_vec(), parameter, &[], high - low)
                && is_new(&all, &found)
            {
                all.push(found);
            }
        }
    }
    for guess in spread.chain(more) {
        if settings.control.is_stopped() {
            break;
        }
        if let Some(found) = newton(curve, guess, parameter, &all, high - low)
            && is_new(&all, &found)
        {
            all.push(found);
        }
    }
    all.split_off(known.len())
}

/// Folds with their parameter that Newton's method reaches from points of the box and of the range.
///
/// A branch that comes back to itself between two parameter values, an isola, has folds at both of
/// its ends: so it is found without knowing a parameter value at which it exists. The same starts
/// are used every time.
pub(crate) fn folds(curve: &mut Equilibria<'_>, settings: &Settings) -> Vec<Vec<f64>> {
    let n = curve.n();
    let [from, to] = settings.range;
    let mut found: Vec<Vec<f64>> = Vec::new();
    for start in 1..=FOLD_STARTS * settings.search_starts {
        if settings.control.is_stopped() {
            break;
        }
        let mut x = in_box(start, n, settings);
        x.push(from + (to - from) * halton(start, n));
        let parameters = curve.parameters_at(&x);
        let Some((fold, _)) = fold_near(curve.problem, &parameters, curve.active, &x) else {
            continue;
        };
        let is_inside = (from..=to).contains(&fold[n]) && largest(&fold) < settings.state_max;
        let is_new = |other: &Vec<f64>| distance(other, &fold) > 1e-7 * (1.0 + largest(&fold));
        if is_inside && found.iter().all(is_new) {
            found.push(fold);
        }
    }
    found
}

fn newton(
    curve: &mut Equilibria<'_>,
    guess: Vec<f64>,
    parameter: f64,
    known: &[Vec<f64>],
    width: f64,
) -> Option<Vec<f64>> {
    let n = curve.n();
    let mut x = guess;
    x.push(parameter);
    let parameters = curve.parameters_at(&x);
    let mut value = vec![0.0; n];
    let mut deflate = true;
    for _ in 0..60 {
        let lu = Lu::new(curve.jacobian(&x));
        curve.problem.value(&x[..n], &parameters, &mut value);
        let mut step: Vec<f64> = value.iter().map(|f| -f).collect();
        lu.solve(&mut step);
        if deflate {
            // (m J + f grad(m)^T)^-1 m f by Sherman and Morrison.
            let slope: f64 = known
                .iter()
                .map(|u| {
                    let apart: Vec<f64> = x.iter().zip(u).map(|(x, u)| x - u).collect();
                    let square = dot(&[], &apart, &apart);
                    -2.0 * dot(&[], &apart, &step) / (square * (square + 1.0))
                })
                .sum();
            let factor = 1.0 / (1.0 - slope);
            step.iter_mut().for_each(|s| *s *= factor);
        }
        let size = norm(&step);
        if !size.is_finite() {
            return None;
        }
        // A step across the whole box says nothing: shorten it.
        let damp = (0.5 * width / size).min(1.0);
        for (x, s) in x.iter_mut().zip(&step) {
            *x += damp * s;
        }
        if largest(&x[..n]) > 100.0 * width {
            return None;
        }
        if size < 1e-6 * (1.0 + largest(&x)) {
            deflate = false;
        }
        if size < 1e-12 * (1.0 + largest(&x)) {
            x.truncate(n);
            return Some(x);
        }
    }
    None
}

/// State `index` (from 1) of those that are spread over the box.
pub(crate) fn in_box(index: usize, n: usize, settings: &Settings) -> Vec<f64> {
    let [low, high] = settings.search_box;
    (0..n)
        .map(|k| low + (high - low) * halton(index, k))
        .collect()
}

/// Coordinate `dimension` of point `index` (from 1) of Halton's sequence.
fn halton(index: usize, dimension: usize) -> f64 {
    const PRIMES: [usize; 16] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];
    // Beyond the sixteenth dimension the sequence's points line up: a multiple of the golden ratio
    // serves as well.
    let Some(&base) = PRIMES.get(dimension) else {
        return (index as f64 * (0.618_033_988_75 + dimension as f64 * 0.414_213_562)).fract();
    };
    let (mut value, mut scale, mut rest) = (0.0, 1.0, index);
    while rest > 0 {
        scale /= base as f64;
        value += scale * (rest % base) as f64;
        rest /= base;
    }
    value
}
