//! Locates the points where two branches of equilibria cross, and finds the direction of the other
//! branch.

use faer::Mat;

use super::equilibria::Equilibria;
use crate::continuation::curve::{largest, normalise};
use crate::continuation::linear::{Lu, bordered, dot};

/// A branch point near `x = (u, p)`: Newton's method on
///
/// ```text
/// f(u, p) + mu w = 0,   f_u^T w = 0,   f_p . w = 0,   w . w = 1
/// ```
///
/// which is regular at simple branch points, where `mu` = 0 (Moore 1980, SIAM J. Numer. Anal. 17,
/// 567). Returns the point and the largest residual.
pub(crate) fn solve(curve: &mut Equilibria<'_>, x: &[f64]) -> Option<(Vec<f64>, f64)> {
    let n = curve.n();
    let mut x = x.to_vec();
    let mut w = left_null(curve, &x);
    let mut mu = 0.0;
    for _ in 0..20 {
        let j = curve.jacobian(&x).to_owned();
        let derivative = extended(curve, &x);
        // Rows: f + mu w (n), [f_u f_p]^T w (n + 1), w.w - 1. Unknowns: x (n + 1), mu, w (n).
        let mut rhs = vec![0.0; 2 * n + 2];
        let mut value = vec![0.0; n];
        curve
            .problem
            .value(&x[..n], &curve.parameters_at(&x), &mut value);
        for i in 0..n {
            rhs[i] = -(value[i] + mu * w[i]);
        }
        for k in 0..=n {
            rhs[n + k] = -(0..n).map(|i| derivative[(i, k)] * w[i]).sum::<f64>();
        }
        rhs[2 * n + 1] = 1.0 - dot(&[], &w, &w);
        let mut matrix = Mat::zeros(2 * n + 2, 2 * n + 2);
        let mut direction = vec![0.0; n + 1];
        for k in 0..=n {
            direction[k] = 1.0;
            let moved = curve.jacobian_along(&x, &direction);
            direction[k] = 0.0;
            for i in 0..n {
                matrix[(i, k)] = if k < n { j[(i, k)] } else { derivative[(i, n)] };
            }
            for row in 0..=n {
                matrix[(n + row, k)] = (0..n).map(|i| moved[(i, row)] * w[i]).sum::<f64>();
            }
        }
        for i in 0..n {
            matrix[(i, n + 1)] = w[i];
            matrix[(i, n + 2 + i)] = mu;
            for row in 0..=n {
                matrix[(n + row, n + 2 + i)] = derivative[(i, row)];
            }
            matrix[(2 * n + 1, n + 2 + i)] = 2.0 * w[i];
        }
        let residual = largest(&rhs);
        Lu::new(matrix.as_ref()).solve(&mut rhs);
        let step = largest(&rhs);
        if !step.is_finite() {
            return None;
        }
        for (x, d) in x.iter_mut().zip(&rhs[..=n]) {
            *x += d;
        }
        mu += rhs[n + 1];
        for (w, d) in w.iter_mut().zip(&rhs[n + 2..]) {
            *w += d;
        }
        if step < 1e-12 * (1.0 + largest(&x)) {
            return Some((x, residual.max(mu.abs())));
        }
    }
    None
}

/// `[f_u, f_p]`, `[n, n + 1]`.
fn extended(curve: &mut Equilibria<'_>, x: &[f64]) -> Mat<f64> {
    let n = curve.n();
    let parameters = curve.parameters_at(x);
    let mut value = vec![0.0; n];
    let mut derivative = vec![0.0; n * (n + parameters.len())];
    curve
        .problem
        .derivative(&x[..n], &parameters, &mut value, &mut derivative);
    let active = curve.active;
    Mat::from_fn(n, n + 1, |i, k| {
        derivative[(if k < n { k } else { n + active }) * n + i]
    })
}

/// The left null vector of `f_u`, by inverse iteration on the bordered matrix.
fn left_null(curve: &mut Equilibria<'_>, x: &[f64]) -> Vec<f64> {
    let n = curve.n();
    let j = curve.jacobian(x).to_owned();
    let mut borders = [vec![1.0; n], (0..n).map(|k| 1.0 + 0.1 * k as f64).collect()];
    for _ in 0..4 {
        let lu = Lu::new(bordered(j.as_ref(), &borders[1], &borders[0]).as_ref());
        let mut v = vec![0.0; n + 1];
        v[n] = 1.0;
        let mut w = v.clone();
        lu.solve(&mut v);
        lu.solve_transpose(&mut w);
        for (border, mut found) in borders.iter_mut().zip([v, w]) {
            found.truncate(n);
            normalise(&[], &mut found);
            *border = found;
        }
    }
    let [_, left] = borders;
    left
}

/// The direction of the branch that crosses the one with this `tangent` at the branch point `x`,
/// from the algebraic branching equation (Keller 1977). `None` if the crossing is not a simple one.
pub(crate) fn other_direction(
    curve: &mut Equilibria<'_>,
    x: &[f64],
    tangent: &[f64],
) -> Option<Vec<f64>> {
    let n = curve.n();
    let w = left_null(curve, x);
    let derivative = extended(curve, x);
    // The kernel of [f_u, f_p] has two dimensions: the smallest right singular vectors.
    let svd = derivative.svd().ok()?;
    let v = svd.V();
    let basis: Vec<Vec<f64>> = (n - 1..=n)
        .map(|c| (0..=n).map(|r| v[(r, c)]).collect())
        .collect();
    let mut first = vec![0.0; n + 1];
    for b in &basis {
        let part = dot(&[], b, tangent);
        first.iter_mut().zip(b).for_each(|(f, b)| *f += part * b);
    }
    normalise(&[], &mut first);
    let mut second = vec![0.0; n + 1];
    let (c0, c1) = (dot(&[], &basis[0], &first), dot(&[], &basis[1], &first));
    for k in 0..=n {
        second[k] = c1 * basis[0][k] - c0 * basis[1][k];
    }
    let quadratic = |curve: &mut Equilibria<'_>, a: &[f64], b: &[f64]| -> f64 {
        let moved = curve.jacobian_along(x, a);
        (0..n)
            .map(|i| w[i] * (0..=n).map(|k| moved[(i, k)] * b[k]).sum::<f64>())
            .sum()
    };
    let b11 = quadratic(curve, &first, &first);
    let b12 = quadratic(curve, &first, &second);
    let b22 = quadratic(curve, &second, &second);
    // One root of b11 s^2 + 2 b12 s t + b22 t^2 is near 1 : 0; the other one is wanted.
    let discriminant = b12 * b12 - b11 * b22;
    if discriminant <= 0.0 {
        return None;
    }
    let q = -(b12 + discriminant.sqrt().copysign(b12));
    // Its roots are s : t = q : b11 (near 1 : 0) and b22 : q.
    let (s, t) = (b22, q);
    let mut other: Vec<f64> = first
        .iter()
        .zip(&second)
        .map(|(f, g)| s * f + t * g)
        .collect();
    normalise(&[], &mut other);
    Some(other)
}
