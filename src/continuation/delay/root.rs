//! Polishes one characteristic root and its vectors by Newton's method.
//!
//! The iteration is Newton's method on `M(lambda) x = 0, c* x = 1` (Ruhe 1973, SIAM J. Numer. Anal.
//! 10, 674): one factored matrix a step, quadratic convergence, and a vector for free.

use num_complex::Complex64;

use super::characteristic::{At, Characteristic};
use crate::continuation::linear::{ComplexLu, add_to, inner, norm};

/// A Newton step below this, relative to `1 + |lambda|`, ends the iteration.
const STEP_TOLERANCE: f64 = 1e-14;
/// A root whose last Newton step is above this, relatively, is not believed.
const ACCEPTED_STEP: f64 = 1e-11;
/// Newton's method is given up after this many steps.
const MAX_ITERATIONS: usize = 25;
/// Roots closer than this to the real axis, relatively, are real.
const REAL: f64 = 1e-10;
/// Inverse iteration factors M this far from a root, relatively.
const BESIDE: f64 = 1e-9;

/// An eigenvector is believed if Delta leaves this much of it at most, relatively.
const ACCEPTED_VECTOR: f64 = 1e-9;

/// A characteristic root and its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Root {
    /// lambda, 1/ms; its imaginary part is not negative.
    pub lambda: Complex64,
    /// Null vector of M, of unit norm, `[order]`: the part of the eigenvector that nodes send (the
    /// first states if they send nothing), or all of it if M is Delta.
    pub x: Vec<Complex64>,
    /// Null vector of the transposed M, of unit norm, `[order]`.
    pub left: Vec<Complex64>,
    /// Every node's share of `|x|^2`, `[n_nodes]`.
    pub shares: Vec<f64>,
    /// `|M x|` over the largest entry of M, or of its derivative times `1 + |lambda|`.
    pub residual: f64,
    /// Newton steps that it took.
    pub iterations: usize,
}

impl Root {
    /// How many roots this one stands for: itself and its complex conjugate.
    pub fn count(&self) -> usize {
        if self.lambda.im == 0.0 { 1 } else { 2 }
    }

    /// The number of nodes that take part in the mode: one over the sum of the squared shares.
    pub fn participation(&self) -> f64 {
        self.shares
            .iter()
            .map(|share| share * share)
            .sum::<f64>()
            .recip()
    }

    /// The node at which the mode is largest.
    pub fn leading_node(&self) -> usize {
        let shares = self.shares.iter().enumerate();
        shares
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map_or(0, |(node, _)| node)
    }
}

impl Characteristic {
    /// The root that Newton's method reaches from `lambda` and the vector `x` (`[order]`); `None`
    /// if it reaches none.
    ///
    /// A root below the real axis is given as its complex conjugate above.
    pub fn polish(&self, lambda: Complex64, x: &[Complex64]) -> Option<Root> {
        let mut lambda = lambda;
        let mut x = x.to_vec();
        normalise(&mut x)?;
        let mut last = f64::INFINITY;
        let mut found = None;
        for iteration in 1..=MAX_ITERATIONS {
            let at = self.at(lambda);
            let lu = ComplexLu::new(at.matrix.as_ref());
            let mut y = multiply(&at.derivative, &x);
            lu.solve(&mut y);
            let projection = inner(&x, &y);
            if projection == Complex64::ZERO || !projection.is_finite() {
                // M is singular to the last bit: lambda is a root as it stands.
                let root = self.root_from(lambda, x);
                return root.filter(|root| root.residual < ACCEPTED_VECTOR);
            }
            let step = projection.inv();
            x = y;
            normalise(&mut x)?;
            let size = step.norm() / (1.0 + lambda.norm());
            if size > 10.0 * last && last < ACCEPTED_STEP {
                found = Some((iteration, lu));
                break;
            }
            lambda -= step;
            if !lambda.is_finite() {
                return None;
            }
            last = size;
            if size <= STEP_TOLERANCE || (iteration == MAX_ITERATIONS && size < ACCEPTED_STEP) {
                found = Some((iteration, lu));
                break;
            }
        }
        let (iterations, lu) = found?;
        self.root(lambda, x, &lu, iterations)
    }

    /// The root at an eigenvalue that is known but for rounding: its vectors by inverse iteration,
    /// with one factored matrix.
    pub(super) fn root_at(&self, lambda: Complex64) -> Option<Root> {
        self.root_from(lambda, irregular(self.order()))
    }

    /// A vector near that of a root near `lambda`, by inverse iteration there; `None` where M is
    /// singular to the last bit.
    pub(super) fn vector_near(&self, lambda: Complex64) -> Option<Vec<Complex64>> {
        let lu = ComplexLu::new(self.matrix(lambda).as_ref());
        let mut x = irregular(self.order());
        for _ in 0..2 {
            lu.solve(&mut x);
            normalise(&mut x)?;
        }
        Some(x)
    }

    /// The same as [`Characteristic::root_at`], from a vector that has something of the root's.
    fn root_from(&self, lambda: Complex64, mut x: Vec<Complex64>) -> Option<Root> {
        // Beside the root M can be inverted, and the inverse turns every vector towards that of the
        // root.
        let beside = lambda + BESIDE * (1.0 + lambda.norm());
        let lu = ComplexLu::new(self.matrix(beside).as_ref());
        for _ in 0..2 {
            lu.solve(&mut x);
            normalise(&mut x)?;
        }
        self.root(lambda, x, &lu, 0)
    }

    /// A root of which the right vector is known, and M factored very near to it.
    fn root(
        &self,
        mut lambda: Complex64,
        mut x: Vec<Complex64>,
        lu: &ComplexLu,
        iterations: usize,
    ) -> Option<Root> {
        // Two steps of inverse iteration give the left vector.
        let mut left = irregular(self.order());
        for _ in 0..2 {
            lu.solve_transpose(&mut left);
            normalise(&mut left)?;
        }
        if lambda.im.abs() <= REAL * (1.0 + lambda.norm()) {
            lambda.im = 0.0;
            make_real(&mut x);
            make_real(&mut left);
        } else if lambda.im < 0.0 {
            lambda = lambda.conj();
            x.iter_mut().chain(&mut left).for_each(|z| *z = z.conj());
        }
        let At { matrix, derivative } = self.at(lambda);
        let residual = norm(&multiply(&matrix, &x));
        // With one node, or equal ones without coupling, all of M is 0 but for rounding.
        let beside = derivative.norm_max() * (1.0 + lambda.norm());
        Some(Root {
            lambda,
            residual: residual / matrix.norm_max().max(beside),
            shares: self.shares(&x),
            x,
            left,
            iterations,
        })
    }

    /// Every node's share of `|x|^2`.
    pub(super) fn shares(&self, x: &[Complex64]) -> Vec<f64> {
        x.chunks_exact(self.order() / self.n_nodes())
            .map(|node| node.iter().map(Complex64::norm_sqr).sum())
            .collect()
    }

    /// What M annihilates of a state `v` (`[dim]`) that Delta annihilates: `[order]`.
    pub(super) fn annihilated(&self, v: Vec<Complex64>) -> Vec<Complex64> {
        if !self.is_reduced() {
            return v;
        }
        let nodes = v.chunks_exact(self.n_states()).enumerate();
        let each = nodes.map(|(node, v)| {
            let row = self.row(node);
            row.iter().zip(v).map(|(r, v)| v * *r).sum()
        });
        each.collect()
    }

    /// All states of the eigenvector of a root, `[dim]`, scaled as `root.x` is.
    pub fn right_vector(&self, root: &Root) -> Vec<Complex64> {
        if !self.is_reduced() {
            return root.x.clone();
        }
        let n = self.n_states();
        let factors = self.factors(root.lambda);
        let sums = self.sums_of(&self.carried(|_, edge| factors[edge.delay]), &root.x);
        let mut v = Vec::with_capacity(self.degree());
        let mut satisfied = true;
        for (node, sum) in sums.into_iter().enumerate() {
            // (lambda - K) v = B sum, and what is sent of v is known: least squares, since lambda -
            // K may be singular.
            let mut rows = self.shifted(node, root.lambda);
            rows.extend(self.row(node).into_iter().map(Complex64::from));
            let mut right: Vec<Complex64> = self.column(node).iter().map(|b| sum * *b).collect();
            right.push(root.x[node]);
            let (own, fits) = least_squares(&rows, &right, n);
            satisfied &= fits;
            v.extend(own);
        }
        match satisfied {
            true => v,
            false => self.by_inverse_iteration(root, v, false),
        }
    }

    /// All states of the left eigenvector of a root, `[dim]`: `w^T Delta(lambda) = 0`.
    pub fn left_vector(&self, root: &Root) -> Vec<Complex64> {
        if !self.is_reduced() {
            return root.left.clone();
        }
        let n = self.n_states();
        let mut w = Vec::with_capacity(self.degree());
        let mut satisfied = true;
        for node in 0..self.n_nodes() {
            let [den, _, num, _] = self.unit_fraction(node, root.lambda);
            let shifted = self.shifted(node, root.lambda);
            let mut rows: Vec<Complex64> =
                (0..n * n).map(|at| shifted[at % n * n + at / n]).collect();
            rows.extend(self.unit_column(node).iter().map(|b| Complex64::from(*b)));
            let sent = root.left[node] * den;
            let mut right: Vec<Complex64> = self.row(node).iter().map(|r| sent * *r).collect();
            right.push(root.left[node] * num);
            let (own, fits) = least_squares(&rows, &right, n);
            // Nothing is left of what does not show in what the node sends.
            let largest = |z: &[Complex64]| z.iter().map(|z| z.norm()).fold(0.0, f64::max);
            let least = 1e-12 * root.left[node].norm() * largest(&rows).powi(n as i32 - 1);
            satisfied &= fits && (largest(&own) > least || root.left[node].norm() < 1e-12);
            w.extend(own);
        }
        match satisfied {
            true => w,
            false => self.by_inverse_iteration(root, w, true),
        }
    }

    /// The eigenvector of the whole matrix Delta. It is needed where `v`, made from the null vector
    /// of M, is no eigenvector: M does not contain states that a node does not send, or that do not
    /// act on what it sends.
    fn by_inverse_iteration(&self, root: &Root, v: Vec<Complex64>, left: bool) -> Vec<Complex64> {
        let n = self.n_states();
        let full = self.full(root.lambda);
        let all = if left {
            full.transpose().to_owned()
        } else {
            full
        };
        let off = norm(&multiply(&all, &v)) / norm(&v);
        let beside = root.lambda + BESIDE * (1.0 + root.lambda.norm());
        let lu = ComplexLu::new(self.full(beside).as_ref());
        // On the nodes that take part, so that modes of uncoupled nodes stay apart.
        let parts = if left { &root.left } else { &root.x };
        let mut other = irregular(self.degree());
        let nodes = other.chunks_exact_mut(n).zip(parts);
        nodes.for_each(|(node, part)| node.iter_mut().for_each(|v| *v *= part.norm()));
        for _ in 0..3 {
            if left {
                lu.solve_transpose(&mut other);
            } else {
                lu.solve(&mut other);
            }
            if normalise(&mut other).is_none() {
                return v;
            }
        }
        if root.lambda.im == 0.0 {
            make_real(&mut other);
        }
        let better = norm(&multiply(&all, &other));
        // NaN is not better.
        if better < off || off.is_nan() {
            other
        } else {
            v
        }
    }

    /// `lambda - K` of a node with its delayed self feedback, row by row.
    pub(super) fn shifted(&self, node: usize, lambda: Complex64) -> Vec<Complex64> {
        let n = self.n_states();
        let local = self.parts.local(node).iter();
        let mut rows: Vec<Complex64> = local.map(|k| Complex64::from(-k)).collect();
        for row in 0..n {
            rows[row * (n + 1)] += lambda;
        }
        for (k, &line) in self.layout().feedback.iter().enumerate() {
            let factor = self.feedback_factor(node, k, lambda);
            let (column, row) = (self.parts.feedback(node, k), self.parts.sent(node, line));
            for (at, entry) in rows.iter_mut().enumerate() {
                *entry -= factor * column[at / n] * row[at % n];
            }
        }
        rows
    }
}

/// A vector to begin inverse iteration with: no entry is 0, and no sum of entries with simple
/// factors is. (One that is made from the right vector, or from equal entries, may have nothing of
/// the vector looked for: that of one uncoupled node, or of nodes against each other.)
fn irregular(n: usize) -> Vec<Complex64> {
    (0..n).map(|k| Complex64::cis((k * k) as f64)).collect()
}

/// `matrix x`
pub(super) fn multiply(matrix: &faer::Mat<Complex64>, x: &[Complex64]) -> Vec<Complex64> {
    let mut out = vec![Complex64::ZERO; matrix.nrows()];
    for (column, x) in matrix.col_iter().zip(x) {
        for (out, entry) in out.iter_mut().zip(column.iter()) {
            add_to(out, entry * x);
        }
    }
    out
}

/// Scales to unit norm; `None` if that is not possible.
pub(super) fn normalise(x: &mut [Complex64]) -> Option<()> {
    let length = norm(x);
    (length > 0.0 && length.is_finite()).then(|| x.iter_mut().for_each(|x| *x /= length))
}

/// Turns the vector of a real root so that its largest entry, and with it all of it, is real.
fn make_real(x: &mut [Complex64]) {
    let largest = x
        .iter()
        .copied()
        .max_by(|a, b| a.norm_sqr().total_cmp(&b.norm_sqr()));
    let turn = largest.map_or(Complex64::ONE, |z| z.conj() / z.norm());
    for x in x {
        *x = Complex64::from((*x * turn).re);
    }
}

/// The `n` unknowns that satisfy `n + 1` equations (row by row) best, by Householder's reflections;
/// and whether they do satisfy them.
fn least_squares(rows: &[Complex64], right: &[Complex64], n: usize) -> (Vec<Complex64>, bool) {
    let m = right.len();
    let mut a = rows.to_vec();
    let mut b = right.to_vec();
    for k in 0..n {
        let norm = (k..m).map(|i| a[i * n + k].norm_sqr()).sum::<f64>().sqrt();
        if norm == 0.0 {
            continue;
        }
        let head = a[k * n + k];
        let phase = if head.norm() > 0.0 {
            head / head.norm()
        } else {
            Complex64::ONE
        };
        let mut reflector: Vec<Complex64> = (k..m).map(|i| a[i * n + k]).collect();
        reflector[0] += phase * norm;
        let square: f64 = reflector.iter().map(Complex64::norm_sqr).sum();
        for column in k..n {
            let dot: Complex64 = reflector
                .iter()
                .enumerate()
                .map(|(i, r)| r.conj() * a[(k + i) * n + column])
                .sum();
            for (i, r) in reflector.iter().enumerate() {
                a[(k + i) * n + column] -= r * dot * 2.0 / square;
            }
        }
        let dot: Complex64 = reflector
            .iter()
            .enumerate()
            .map(|(i, r)| r.conj() * b[k + i])
            .sum();
        for (i, r) in reflector.iter().enumerate() {
            b[k + i] -= r * dot * 2.0 / square;
        }
    }
    let mut y = vec![Complex64::ZERO; n];
    for k in (0..n).rev() {
        let rest: Complex64 = (k + 1..n).map(|l| a[k * n + l] * y[l]).sum();
        y[k] = (b[k] - rest) / a[k * n + k];
    }
    let size = |z: &[Complex64]| z.iter().map(|z| z.norm()).fold(0.0, f64::max);
    let scale = size(rows) * size(&y) + size(right);
    let satisfied = b[n].norm() <= ACCEPTED_VECTOR * scale;
    (y, satisfied)
}
