//! One characteristic root with its vectors: Newton's method, and its speed along a branch.
//!
//! The iteration is Newton's method on `M(lambda) x = 0, c* x = 1` (Ruhe 1973, SIAM J. Numer. Anal. 10, 674): one factored matrix
//! a step, quadratic convergence, and a vector for free.

use num_complex::Complex64;

use super::characteristic::Characteristic;
use crate::continuation::network::{ComplexLu, Linearisation};

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

/// A characteristic root and its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Root {
    /// lambda, 1/ms; its imaginary part is not negative.
    pub lambda: Complex64,
    /// Null vector of M: first states of the eigenvector, of unit norm, `[n_nodes]`.
    pub x: Vec<Complex64>,
    /// Null vector of the transposed M, of unit norm, `[n_nodes]`.
    pub left: Vec<Complex64>,
    /// `|M x|` over the largest entry of M.
    pub residual: f64,
    /// Newton steps that it took.
    pub iterations: usize,
}

impl Root {
    /// How many roots this one stands for: itself and its complex conjugate.
    pub fn count(&self) -> usize {
        if self.lambda.im == 0.0 { 1 } else { 2 }
    }

    /// The number of nodes that take part in the mode: `1 / sum |x_i|^4` with `sum |x_i|^2 = 1`.
    pub fn participation(&self) -> f64 {
        self.x
            .iter()
            .map(|x| x.norm_sqr().powi(2))
            .sum::<f64>()
            .recip()
    }

    /// The node at which the mode is largest.
    pub fn leading_node(&self) -> usize {
        let sizes = self.x.iter().map(|x| x.norm_sqr()).enumerate();
        sizes
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(node, _)| node)
    }
}

impl Characteristic {
    /// The root that Newton's method reaches from `lambda` and the vector `x` (`[n_nodes]`); `None` if it reaches none.
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
            let conjugate: Vec<Complex64> = x.iter().map(Complex64::conj).collect();
            let mut y = multiply(&at.derivative, &x);
            lu.solve(&mut y);
            let projection: Complex64 = conjugate.iter().zip(&y).map(|(c, y)| c * y).sum();
            if projection == Complex64::ZERO || !projection.is_finite() {
                // M is singular to the last bit: lambda is a root as it stands.
                found = (last < ACCEPTED_STEP).then_some((iteration, lu));
                break;
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

    /// The root at an eigenvalue that is known but for rounding: its vectors by inverse iteration, with one factored matrix.
    pub(super) fn root_at(&self, lambda: Complex64) -> Option<Root> {
        // Beside the root M can be inverted, and the inverse turns every vector towards that of the root.
        let beside = lambda + BESIDE * (1.0 + lambda.norm());
        let lu = ComplexLu::new(self.matrix(beside).as_ref());
        let mut x = irregular(self.n_nodes());
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
        let mut left = irregular(self.n_nodes());
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
        let matrix = self.matrix(lambda);
        let residual = multiply(&matrix, &x)
            .iter()
            .map(Complex64::norm_sqr)
            .sum::<f64>()
            .sqrt();
        Some(Root {
            lambda,
            residual: residual / matrix.norm_max(),
            x,
            left,
            iterations,
        })
    }

    /// All states of the eigenvector of a root, `[dim]`, scaled as `root.x` is.
    pub fn right_vector(&self, root: &Root) -> Vec<Complex64> {
        let heard = self.heard(root.lambda, &root.x);
        let n = self.n_states();
        let mut v = Vec::with_capacity(self.degree());
        for (node, heard) in heard.into_iter().enumerate() {
            // (lambda - K) v = b heard, and the first state is known: least squares, since lambda - K may be singular.
            let mut rows = self.shifted(node, root.lambda);
            rows.extend((0..n).map(|k| Complex64::from(f64::from(u8::from(k == 0)))));
            let mut right: Vec<Complex64> = self.input(node).iter().map(|b| heard * *b).collect();
            right.push(root.x[node]);
            v.extend(least_squares(&rows, &right, n));
        }
        v
    }

    /// All states of the left eigenvector of a root, `[dim]`: `w^T Delta(lambda) = 0`.
    pub fn left_vector(&self, root: &Root) -> Vec<Complex64> {
        let n = self.n_states();
        let mut w = Vec::with_capacity(self.degree());
        for node in 0..self.n_nodes() {
            let [den, _, num, _] = self.fraction(node, root.lambda);
            let shifted = self.shifted(node, root.lambda);
            let mut rows: Vec<Complex64> =
                (0..n * n).map(|at| shifted[at % n * n + at / n]).collect();
            rows.extend(self.input(node).iter().map(|b| Complex64::from(*b)));
            let mut right = vec![Complex64::ZERO; n + 1];
            right[0] = root.left[node] * den;
            right[n] = root.left[node] * num;
            w.extend(least_squares(&rows, &right, n));
        }
        w
    }

    /// `lambda - K` of a node with its delayed self feedback, row by row.
    pub(super) fn shifted(&self, node: usize, lambda: Complex64) -> Vec<Complex64> {
        let n = self.n_states();
        let mut rows: Vec<Complex64> = self
            .local(node)
            .iter()
            .map(|k| Complex64::from(-k))
            .collect();
        for row in 0..n {
            rows[row * (n + 1)] += lambda;
            if let Some((state, _)) = self.feedback() {
                rows[row * n + state] -=
                    self.feedback_factor(node, lambda) * self.parts.feedback[node * n + row];
            }
        }
        rows
    }

    /// The speed `d lambda / ds` of a root along a direction: `-(w^T dDelta/ds v) / (w^T dDelta/dlambda v)`.
    pub fn speed(&self, root: &Root, change: &Change) -> Complex64 {
        let v = self.right_vector(root);
        let w = self.left_vector(root);
        let derivative = self.derivative_times(root.lambda, &v);
        let slope = self.change_times(root.lambda, &v, change);
        let dot = |a: &[Complex64]| -> Complex64 { w.iter().zip(a).map(|(w, a)| w * a).sum() };
        -dot(&slope) / dot(&derivative)
    }

    /// `dDelta/dlambda v`, `[dim]`.
    pub(super) fn derivative_times(&self, lambda: Complex64, v: &[Complex64]) -> Vec<Complex64> {
        let n = self.n_states();
        let mut out = v.to_vec();
        if let Some((state, delays)) = self.feedback() {
            for (at, out) in out.iter_mut().enumerate() {
                let node = at / n;
                let factor = self.feedback_factor(node, lambda) * delays[node];
                *out += factor * self.parts.feedback[at] * v[node * n + state];
            }
        }
        let factors = self.factors(lambda);
        let mut heard = vec![Complex64::ZERO; self.n_nodes()];
        for edge in &self.edges {
            let delayed = factors[edge.delay] * self.delays[edge.delay];
            heard[edge.target] += delayed * edge.weight * v[edge.source * n];
        }
        for (at, out) in out.iter_mut().enumerate() {
            *out += heard[at / n] * self.parts.input[at];
        }
        out
    }

    /// `dDelta/ds v` along a direction, `[dim]`.
    fn change_times(&self, lambda: Complex64, v: &[Complex64], change: &Change) -> Vec<Complex64> {
        let n = self.n_states();
        let mut out = vec![Complex64::ZERO; v.len()];
        for (at, out) in out.iter_mut().enumerate() {
            let node = at / n;
            let row = &change.parts.local[at * n..][..n];
            *out -= row
                .iter()
                .zip(&v[node * n..])
                .map(|(k, v)| v * *k)
                .sum::<Complex64>();
            if let Some((state, _)) = self.feedback() {
                let factor = self.feedback_factor(node, lambda);
                let slower = -lambda * change.feedback_delays[node] * self.parts.feedback[at];
                *out -= factor * (change.parts.feedback[at] + slower) * v[node * n + state];
            }
        }
        // b g sum w e^(-lambda d) x: the weights of the edges hold g, and g may be 0, so its own change is summed apart.
        let factors = self.factors(lambda);
        let mut heard = vec![Complex64::ZERO; self.n_nodes()];
        let mut changed = vec![Complex64::ZERO; self.n_nodes()];
        for (k, edge) in self.edges.iter().enumerate() {
            let sent = factors[edge.delay] * v[edge.source * n];
            heard[edge.target] += sent * edge.weight;
            let weight = change.weights[k] - lambda * change.delays[k] * edge.weight;
            changed[edge.target] += sent * weight;
        }
        for (at, out) in out.iter_mut().enumerate() {
            let node = at / n;
            *out -= heard[node] * change.parts.input[at] + changed[node] * self.parts.input[at];
        }
        out
    }
}

/// How the parts of a characteristic matrix change along a direction.
#[derive(Debug, Clone)]
pub struct Change {
    /// Of the linearised nodes.
    pub(super) parts: Linearisation,
    /// Of g w of every edge.
    pub(super) weights: Vec<f64>,
    /// Of the delay of every edge.
    pub(super) delays: Vec<f64>,
    /// Of the delays of the self feedback.
    pub(super) feedback_delays: Vec<f64>,
}

impl Change {
    /// The change per unit in the direction in which the states move by `du` (`[dim]`) and the parameter by `dp`.
    pub fn new(
        characteristic: &Characteristic,
        network: &crate::continuation::network::Network,
        (u, p): (&[f64], f64),
        (du, dp): (&[f64], f64),
    ) -> Self {
        let parts = network.linearisation_slope(u, p, du, dp);
        let slopes = network.delay_slopes(p);
        let edges = &characteristic.edges;
        let pairs = || edges.iter().map(|edge| [edge.target, edge.source]);
        Self {
            weights: pairs().map(|at| parts.g * network.weights()[at]).collect(),
            delays: match slopes {
                Some(slopes) => pairs().map(|at| slopes[at] * dp).collect(),
                None => vec![0.0; edges.len()],
            },
            feedback_delays: (0..network.n_nodes())
                .map(|i| network.feedback_delay(i, p).1 * dp)
                .collect(),
            parts,
        }
    }
}

/// A vector to begin inverse iteration with: no entry is 0, and no sum of entries with simple factors is. (One that is made from
/// the right vector, or from equal entries, may have nothing of the vector looked for: that of one uncoupled node, or of nodes
/// against each other.)
fn irregular(n: usize) -> Vec<Complex64> {
    (0..n).map(|k| Complex64::cis((k * k) as f64)).collect()
}

/// `matrix x`
pub(super) fn multiply(matrix: &faer::Mat<Complex64>, x: &[Complex64]) -> Vec<Complex64> {
    let mut out = vec![Complex64::ZERO; matrix.nrows()];
    for (column, x) in matrix.col_iter().zip(x) {
        for (out, entry) in out.iter_mut().zip(column.iter()) {
            *out += entry * x;
        }
    }
    out
}

/// Scales to unit norm; `None` if that is not possible.
pub(super) fn normalise(x: &mut [Complex64]) -> Option<()> {
    let norm = x.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    (norm > 0.0 && norm.is_finite()).then(|| x.iter_mut().for_each(|x| *x /= norm))
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

/// The `n` unknowns that satisfy `n + 1` equations (row by row) best, by Householder's reflections.
fn least_squares(rows: &[Complex64], right: &[Complex64], n: usize) -> Vec<Complex64> {
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
    y
}
