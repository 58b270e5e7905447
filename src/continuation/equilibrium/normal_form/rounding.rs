//! How far from 0 rounding may bring a coefficient of degree 3.

use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef};
use num_complex::Complex64;

use super::Mode;
use crate::continuation::linear::norm;
use crate::continuation::problem::Problem;
use crate::scalar::{Series, Series2};

/// Roundings that add up in a coefficient, in units of the last place of its largest term.
pub(crate) const ROUNDINGS: f64 = 64.0;

/// What rounding may make of the coefficient of `mode` at `monomial`, of degree 3.
///
/// The coefficient is the sum of what the cubic terms of f make of the critical directions and of
/// what its quadratic terms make of these and of the manifold's terms of degree 2. Each has an
/// error of a few units of its own last place, and more where the manifold's terms come of an
/// ill-conditioned system `lambda - J`. Where a symmetry makes the sum 0, only such errors are
/// left.
pub(super) fn rounding_of(
    problem: &dyn Problem,
    p: &[f64],
    j: MatRef<'_, f64>,
    (mode, monomial): (&Mode, [u8; 2]),
    u: &[Series2],
) -> f64 {
    let p: Vec<Series2> = p.iter().map(|&p| Series::constant(p)).collect();
    let at = Series2::index(monomial).expect("degree 3");
    let degree_2 = |index: &usize| Series2::degree(*index) == 2;
    // f at the monomial, where of the manifold's terms of degree 2 at most one is kept.
    let kept = |kept: Option<usize>| -> Vec<Complex64> {
        let mut u = u.to_vec();
        for u in &mut u {
            for index in (0..u.coefficients.len()).filter(|&k| Series2::degree(k) > 1) {
                if Some(index) != kept {
                    u.coefficients[index] = Complex64::ZERO;
                }
            }
        }
        let mut f = vec![Series::constant(0.0); u.len()];
        problem.series2(&u, &p, &mut f);
        f.iter().map(|f| f.coefficients[at]).collect()
    };
    let size = |term: &mut dyn Iterator<Item = Complex64>| -> f64 {
        let weighted = mode.left.iter().zip(term);
        weighted.map(|(left, f)| left.norm() * f.norm()).sum()
    };
    let cubic = kept(None);
    let quadratic = (0..at).filter(degree_2).map(|index| {
        let both = kept(Some(index));
        size(&mut both.iter().zip(&cubic).map(|(both, cubic)| both - cubic))
    });
    let largest = quadratic.sum::<f64>() + size(&mut cubic.iter().copied());
    let own = norm(&mode.left);
    let condition = [0.0, 2.0 * mode.eigenvalue.im]
        .map(|im| condition(j, Complex64::new(0.0, im), mode))
        .into_iter()
        .fold(own, f64::max);
    ROUNDINGS * f64::EPSILON * condition * largest
}

/// The condition number of `lambda - J`, bordered where lambda is the eigenvalue of `mode`, in
/// Frobenius' norm.
fn condition(j: MatRef<'_, f64>, lambda: Complex64, mode: &Mode) -> f64 {
    let n = j.nrows();
    let size = n + usize::from(lambda == Complex64::new(0.0, mode.eigenvalue.im));
    let matrix = Mat::from_fn(size, size, |r, c| match (r < n, c < n) {
        (true, true) => (if r == c { lambda } else { Complex64::ZERO }) - j[(r, c)],
        (true, false) => mode.right[r],
        (false, true) => mode.left[c].conj(),
        (false, false) => Complex64::ZERO,
    });
    let unit = Mat::<Complex64>::identity(size, size);
    matrix.norm_l2() * matrix.partial_piv_lu().solve(&unit).norm_l2()
}
