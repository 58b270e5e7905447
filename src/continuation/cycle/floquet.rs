//! Floquet multipliers from the transfer matrices of a cycle's mesh intervals, never from their
//! product: the multipliers of one cycle may span more powers of ten than a number has digits.

use faer::Mat;
use num_complex::Complex64;

use crate::continuation::curve::normalise;
use crate::continuation::linear::{SMALL, eigenvalues, norm};

/// By how much the trivial multiplier of a cycle misses 1: the direction of motion `flow` at time
/// 0, carried once round, misses itself.
pub(crate) fn trivial_error(transfers: &[Mat<f64>], flow: &[f64]) -> f64 {
    let n = flow.len();
    let mut carried = Mat::from_fn(n, 1, |i, _| flow[i]);
    for transfer in transfers {
        carried = transfer * &carried;
    }
    let size = norm(flow);
    let miss: f64 = (0..n).map(|i| (carried[(i, 0)] - flow[i]).powi(2)).sum();
    miss.sqrt() / size
}

/// The multipliers of a cycle without the trivial one, largest modulus first.
///
/// The space orthogonal to the direction of motion `flow` at time 0 is mapped by triangular factors
/// that are multiplied only on the diagonal (periodic Schur form by orthogonal iteration;
/// Bojanczyk, Golub & Van Dooren 1992, Proc. SPIE 1770, 31).
pub(crate) fn multipliers(transfers: &[Mat<f64>], flow: &[f64]) -> Vec<Complex64> {
    let n = flow.len();
    // An orthogonal basis whose first vector is the flow's.
    let mut start = Mat::from_fn(n, n, |r, c| if r == c { 1.0 } else { 0.0 });
    let mut unit = flow.to_vec();
    normalise(&[], &mut unit);
    let biggest = (0..n).fold(0, |b, i| if unit[i].abs() > unit[b].abs() { i } else { b });
    for i in 0..n {
        start[(i, 0)] = unit[i];
        if biggest != 0 {
            start[(i, biggest)] = if i == 0 { 1.0 } else { 0.0 };
        }
    }
    start = orthonormal(&start).0;
    let (end, factors) = once_round(transfers, &start);
    // Maps of the complement, the last one turned back into the basis it began with.
    let mut reduced: Vec<Mat<f64>> = factors
        .iter()
        .map(|r| r.submatrix(1, 1, n - 1, n - 1).to_owned())
        .collect();
    let turn = start.transpose() * &end;
    reduced.push(turn.submatrix(1, 1, n - 1, n - 1).to_owned());
    let mut values = product_eigenvalues(&reduced);
    values.sort_by(|a, b| b.norm().total_cmp(&a.norm()).then(b.im.total_cmp(&a.im)));
    values
}

/// Q and R; the diagonal of R is not negative.
fn orthonormal(a: &Mat<f64>) -> (Mat<f64>, Mat<f64>) {
    if a.ncols() > SMALL {
        let factors = a.qr();
        let (mut q, mut r) = (factors.compute_Q(), factors.R().to_owned());
        for c in 0..a.ncols() {
            if r[(c, c)] < 0.0 {
                q.col_mut(c).iter_mut().for_each(|q| *q = -*q);
                r.row_mut(c).iter_mut().for_each(|r| *r = -*r);
            }
        }
        return (q, r);
    }
    gram_schmidt(a)
}

/// Modified Gram-Schmidt, each column orthogonalised twice.
fn gram_schmidt(a: &Mat<f64>) -> (Mat<f64>, Mat<f64>) {
    let n = a.ncols();
    let mut q = a.clone();
    let mut r = Mat::zeros(n, n);
    for c in 0..n {
        for _ in 0..2 {
            for before in 0..c {
                let part: f64 = (0..n).map(|i| q[(i, before)] * q[(i, c)]).sum();
                r[(before, c)] += part;
                for i in 0..n {
                    let value = q[(i, before)];
                    q[(i, c)] -= part * value;
                }
            }
        }
        let length = (0..n).map(|i| q[(i, c)] * q[(i, c)]).sum::<f64>().sqrt();
        r[(c, c)] = length;
        for i in 0..n {
            q[(i, c)] /= length;
        }
    }
    (q, r)
}

/// The basis `start` carried through all maps, with the triangular factors on the way.
fn once_round(maps: &[Mat<f64>], start: &Mat<f64>) -> (Mat<f64>, Vec<Mat<f64>>) {
    let mut basis = start.clone();
    let mut factors = Vec::with_capacity(maps.len());
    for map in maps {
        let (q, r) = orthonormal(&(map * &basis));
        basis = q;
        factors.push(r);
    }
    (basis, factors)
}

/// Eigenvalues of the product of `maps` (the last one applied last).
pub(crate) fn product_eigenvalues(maps: &[Mat<f64>]) -> Vec<Complex64> {
    let n = maps[0].nrows();
    let mut basis = Mat::from_fn(n, n, |r, c| if r == c { 1.0 } else { 0.0 });
    // Of many multipliers those that matter separate soon; the others keep their digits relative to
    // their block.
    let rounds = if n > SMALL { 2 } else { 8 };
    for _ in 0..rounds {
        basis = once_round(maps, &basis).0;
    }
    let (end, factors) = once_round(maps, &basis);
    let turn = basis.transpose() * &end;
    // Where the basis has settled the turn is block diagonal; what has not separated stays in one
    // block.
    let mut values = Vec::new();
    let mut from = 0;
    while from < n {
        let mut to = from + 1;
        while to < n
            && (from..to)
                .any(|c| (to..n).any(|r| turn[(r, c)].abs() > 1e-9 || turn[(c, r)].abs() > 1e-9))
        {
            to += 1;
        }
        let size = to - from;
        let mut product = Mat::from_fn(size, size, |r, c| if r == c { 1.0 } else { 0.0 });
        let mut scale = 0.0;
        for factor in &factors {
            product = factor.submatrix(from, from, size, size) * &product;
            let norm = product.norm_max();
            if norm > 0.0 {
                product *= faer::Scale(1.0 / norm);
                scale += norm.ln();
            }
        }
        let whole = turn.submatrix(from, from, size, size) * product;
        values.extend(
            eigenvalues(whole.as_ref())
                .into_iter()
                .map(|e| e * f64::exp(scale)),
        );
        from = to;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multipliers 1, 1e-3 and 1e-20 of a product of 40 maps, in a turned basis.
    #[test]
    fn tiny_multipliers_keep_their_digits() {
        let turn = orthonormal(&Mat::from_fn(3, 3, |i, j| {
            ((i * 5 + j * 3 + 1) as f64).sin() + if i == j { 1.0 } else { 0.0 }
        }))
        .0;
        let rates = [1.0, 1e-3f64.powf(1.0 / 40.0), 1e-20f64.powf(1.0 / 40.0)];
        let diagonal = Mat::from_fn(3, 3, |i, j| if i == j { rates[i] } else { 0.0 });
        let map = &turn * diagonal * turn.transpose();
        let flow: Vec<f64> = (0..3).map(|i| turn[(i, 0)]).collect();
        let transfers = vec![map; 40];
        let found = multipliers(&transfers, &flow);
        assert!(trivial_error(&transfers, &flow) < 1e-13);
        assert!((found[0].re / 1e-3 - 1.0).abs() < 1e-11, "{found:?}");
        assert!((found[1].re / 1e-20 - 1.0).abs() < 1e-8, "{found:?}");
    }
}
