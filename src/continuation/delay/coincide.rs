//! Roots that coincide, as those of symmetric networks: how fast each moves along a branch, and
//! along which vectors they part.
//!
//! Of such a root any vector of a whole space is an eigenvector, and one right and one left vector
//! taken from it at random may have nothing to do with each other: what they say of the speed is
//! rounding. The speeds are the eigenvalues of `-(W^T dDelta/dlambda V)^-1 (W^T dDelta/ds V)`, with
//! bases V and W of both spaces (first-order perturbation of a semisimple root).

use faer::{Mat, MatRef};
use num_complex::Complex64;

use super::change::Change;
use super::characteristic::Characteristic;
use super::root::{Root, normalise};
use super::stability::SAME;
use crate::continuation::linear::{ComplexLu, add_scaled, dot};

/// Vectors of both spaces are opposite each other: the least singular value of what they have in
/// common, relative to the largest. A root with less moves like a power of the distance.
const OPPOSITE: f64 = 1e-6;

impl Characteristic {
    /// Every root with its speed `d lambda / ds` along a direction; those that coincide with the
    /// vectors along which they part.
    pub(super) fn speeds(&self, roots: Vec<Root>, change: &Change) -> Vec<(Root, Complex64)> {
        let mut moving = Vec::with_capacity(roots.len());
        let mut rest = roots;
        while let Some(first) = rest.first() {
            let lambda = first.lambda;
            let (same, others): (Vec<Root>, Vec<Root>) = rest
                .into_iter()
                .partition(|root| coincide(root.lambda, lambda));
            rest = others;
            let parted = (same.len() > 1).then(|| self.parted(&same, change));
            moving.extend(parted.flatten().unwrap_or_else(|| {
                let each = same.into_iter();
                each.map(|root| {
                    let speed = self.speed(&root, change);
                    (root, speed)
                })
                .collect()
            }));
        }
        moving
    }

    /// Roots that coincide; `None` if there are fewer vectors than roots, or if their complex
    /// conjugates coincide with them, too.
    fn parted(&self, roots: &[Root], change: &Change) -> Option<Vec<(Root, Complex64)>> {
        let lambda = roots[0].lambda;
        let is_pair = |root: &Root| root.lambda.im != 0.0;
        if coincide(lambda, lambda.conj()) && roots.iter().any(is_pair) {
            return None;
        }
        let [rights, lefts] = self.null_vectors(lambda, roots.len())?;
        let mut bases: Vec<Root> = Vec::new();
        for ((x, left), root) in rights.into_iter().zip(lefts).zip(roots) {
            let mut base = root.clone();
            (base.lambda, base.x, base.left) = (lambda, x, left);
            bases.push(base);
        }
        let right: Vec<_> = bases.iter().map(|base| self.right_vector(base)).collect();
        let left: Vec<_> = bases.iter().map(|base| self.left_vector(base)).collect();
        let projected = |columns: Vec<Vec<Complex64>>| {
            Mat::from_fn(bases.len(), bases.len(), |i, j| {
                dot(&[], &left[i], &columns[j])
            })
        };
        let derivatives = right.iter().map(|v| self.derivative_times(lambda, v));
        let slopes = right.iter().map(|v| self.change_times(lambda, v, change));
        let common = projected(derivatives.collect());
        let singular = common.svd().ok()?;
        let values = singular.S();
        if values[bases.len() - 1].re <= OPPOSITE * values[0].re {
            return None;
        }
        let moved = ComplexLu::new(common.as_ref()).solve_matrix(&projected(slopes.collect()));
        let eigen = moved.eigen().ok()?;
        let speeds: Vec<Complex64> = (0..bases.len()).map(|k| -eigen.S()[k]).collect();
        if speeds.iter().any(|speed| !speed.is_finite()) {
            return None;
        }
        let size = speeds.iter().map(|speed| speed.norm()).fold(0.0, f64::max);
        let turning = speeds.iter().any(|speed| speed.im.abs() > SAME * size);
        // Real roots that become a pair have no real vectors along which they part.
        if lambda.im == 0.0 && turning {
            return Some(bases.into_iter().zip(speeds).collect());
        }
        let parted = speeds.into_iter().enumerate().map(|(k, speed)| {
            let mut root = bases[k].clone();
            let mut x = vec![Complex64::ZERO; root.x.len()];
            for (j, base) in bases.iter().enumerate() {
                add_scaled(&mut x, eigen.U()[(j, k)], &base.x);
            }
            normalise(&mut x)?;
            root.shares = self.shares(&x);
            root.x = x;
            Some((root, speed))
        });
        parted.collect()
    }

    /// The `n` right and left vectors, orthonormal, of which M leaves least; real ones of a real root.
    fn null_vectors(&self, lambda: Complex64, n: usize) -> Option<[Vec<Vec<Complex64>>; 2]> {
        let matrix = self.matrix(lambda);
        let order = self.order();
        let least = order.checked_sub(n)?..order;
        if lambda.im == 0.0 {
            let real = Mat::from_fn(order, order, |i, j| matrix[(i, j)].re);
            let svd = real.svd().ok()?;
            let of = |vectors: MatRef<'_, f64>| -> Vec<Vec<Complex64>> {
                let column = |k| (0..order).map(|i| vectors[(i, k)].into()).collect();
                least.clone().map(column).collect()
            };
            return Some([of(svd.V()), of(svd.U())]);
        }
        let svd = matrix.svd().ok()?;
        let right = |k| (0..order).map(|i| svd.V()[(i, k)]).collect();
        let left = |k| (0..order).map(|i| svd.U()[(i, k)].conj()).collect();
        let rights = least.clone().map(right).collect();
        Some([rights, least.map(left).collect()])
    }
}

/// Whether two roots are the same number, to rounding.
pub(super) fn coincide(a: Complex64, b: Complex64) -> bool {
    (a - b).norm() < SAME * (1.0 + b.norm())
}
