//! Periodic boundary value problems by orthogonal collocation, condensed interval by interval.
//!
//! `dw/dt = F(w, a)` on [0, 1] with `w(1) = w(0)`, k scalars `a` and k - 1 integral conditions. On each mesh interval `w` is a
//! polynomial of degree m that satisfies the equation at m Gauss points (de Boor & Swartz 1973, SIAM J. Numer. Anal. 10,
//! 582; Doedel, Keller & Kernevez 1991, Int. J. Bifurcation Chaos 1, 745). Unknowns are its values at m equidistant points per interval,
//! the first of them shared with the interval before, and then the scalars.
//!
//! The linear systems are solved front by front: the equations of an interval come in, what belongs to it alone is eliminated
//! with row pivoting, and the first state, the scalars and the next state stay. The conditions and the border, which see
//! every unknown, are carried along and never pivot.

mod basis;
mod mesh;

use super::curve::{Curve, Solved};
use super::linear::{Determinant, Lu, eliminate};
use faer::Mat;

pub(super) use basis::{Basis, lagrange, lagrange_slope};

/// The equation and the conditions.
pub(super) trait PeriodicField {
    /// Unknown functions.
    fn n_states(&self) -> usize;
    /// Scalars; there is one condition less.
    fn n_scalars(&self) -> usize;
    /// F and its derivatives by states and then scalars, `[n, n + k]`, column by column.
    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]);
    /// The integrands of the conditions, given a reference and its derivative: values, and derivatives `[k - 1, n + k]` row by
    /// row.
    fn conditions(
        &self,
        w: &[f64],
        a: &[f64],
        reference: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    );
}

/// Polynomials of degree m on [0, 1]: Gauss points, and values and derivatives there of Lagrange's basis.
/// A collocation system on a mesh.
pub(super) struct Collocation<F> {
    pub field: F,
    pub basis: Basis,
    /// Interval ends, from 0 to 1.
    pub mesh: Vec<f64>,
    /// Reference and its derivative at the Gauss points, `[interval][point][2 n]`.
    reference: Vec<f64>,
    weights: Vec<f64>,
    /// How much each scalar counts in the arclength.
    pub scalar_weights: Vec<f64>,
}

impl<F: PeriodicField> Collocation<F> {
    pub fn new(field: F, degree: usize, mesh: Vec<f64>, scalar_weights: Vec<f64>) -> Self {
        let mut made = Self {
            field,
            basis: Basis::new(degree),
            mesh,
            reference: Vec::new(),
            weights: Vec::new(),
            scalar_weights,
        };
        made.reference = vec![0.0; made.n_intervals() * degree * 2 * made.n()];
        made.weigh();
        made
    }

    pub fn n(&self) -> usize {
        self.field.n_states()
    }

    pub fn n_intervals(&self) -> usize {
        self.mesh.len() - 1
    }

    /// How many points of the profile are unknown.
    pub fn n_points(&self) -> usize {
        self.n_intervals() * self.basis.degree
    }

    /// The times of the unknown points, in [0, 1).
    pub fn times(&self) -> Vec<f64> {
        let m = self.basis.degree;
        self.mesh
            .windows(2)
            .flat_map(|ends| (0..m).map(|k| ends[0] + (ends[1] - ends[0]) * k as f64 / m as f64))
            .collect()
    }

    /// Recomputes the weights of the inner product: the integral over the profile, and the scalars' own.
    pub fn weigh(&mut self) {
        let (n, m) = (self.n(), self.basis.degree);
        let mut points = vec![0.0; self.n_points()];
        let count = points.len();
        for (j, ends) in self.mesh.windows(2).enumerate() {
            for (k, w) in self.basis.node_weights.iter().enumerate() {
                points[(j * m + k) % count] += (ends[1] - ends[0]) * w.max(1e-3);
            }
        }
        self.weights = points.iter().flat_map(|w| vec![*w; n]).collect();
        self.weights.extend(&self.scalar_weights);
    }

    /// Node `k` of interval `j` as a place in the unknowns.
    fn place(&self, j: usize, k: usize) -> usize {
        ((j * self.basis.degree + k) % self.n_points()) * self.n()
    }

    /// The profile at Gauss point `c` of interval `j`: value, and derivative by time.
    fn at_gauss(&self, x: &[f64], j: usize, c: usize, value: &mut [f64], slope: &mut [f64]) {
        let h = self.mesh[j + 1] - self.mesh[j];
        value.fill(0.0);
        slope.fill(0.0);
        for k in 0..=self.basis.degree {
            let place = self.place(j, k);
            let (v, d) = (self.basis.values[c][k], self.basis.slopes[c][k] / h);
            for (i, &w) in x[place..place + self.n()].iter().enumerate() {
                value[i] += v * w;
                slope[i] += d * w;
            }
        }
    }

    /// Takes the profile of `x` as the reference of the conditions.
    pub fn refer_to(&mut self, x: &[f64]) {
        let n = self.n();
        let (mut value, mut slope) = (vec![0.0; n], vec![0.0; n]);
        let mut reference = Vec::with_capacity(self.n_points() * 2 * n);
        for j in 0..self.n_intervals() {
            for c in 0..self.basis.degree {
                self.at_gauss(x, j, c, &mut value, &mut slope);
                reference.extend(&value);
                reference.extend(&slope);
            }
        }
        self.reference = reference;
    }

    /// Takes the values of `value` and the derivatives of `slope` as reference.
    pub fn refer_to_both(&mut self, value: &[f64], slope: &[f64]) {
        self.refer_to(slope);
        let slopes = std::mem::take(&mut self.reference);
        self.refer_to(value);
        let n = self.n();
        for (to, from) in self
            .reference
            .chunks_exact_mut(2 * n)
            .zip(slopes.chunks_exact(2 * n))
        {
            to[n..].copy_from_slice(&from[n..]);
        }
    }

    /// The derivative of each interval's equations by its nodes, scalars, and minus the residual: rows are equations,
    /// columns `(m + 1) n` nodes, `k` scalars, 1. Also the conditions' rows over the same columns.
    fn interval(&self, x: &[f64], j: usize, local: &mut Mat<f64>, conditions: &mut Mat<f64>) {
        let (n, m) = (self.n(), self.basis.degree);
        let k = self.field.n_scalars();
        let scalars = &x[self.n_points() * n..];
        let h = self.mesh[j + 1] - self.mesh[j];
        let (mut w, mut slope, mut value) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut derivative = vec![0.0; n * (n + k)];
        let mut integrand = vec![0.0; k - 1];
        let mut gradient = vec![0.0; (k - 1) * (n + k)];
        let last = (m + 1) * n + k;
        conditions.fill(0.0);
        for c in 0..m {
            self.at_gauss(x, j, c, &mut w, &mut slope);
            self.field.field(&w, scalars, &mut value, &mut derivative);
            for node in 0..=m {
                let (v, d) = (self.basis.values[c][node] * h, self.basis.slopes[c][node]);
                for column in 0..n {
                    for row in 0..n {
                        let own = if row == column { d } else { 0.0 };
                        local[(c * n + row, node * n + column)] =
                            own - v * derivative[column * n + row];
                    }
                }
            }
            for row in 0..n {
                for scalar in 0..k {
                    local[(c * n + row, (m + 1) * n + scalar)] =
                        -h * derivative[(n + scalar) * n + row];
                }
                local[(c * n + row, last)] = h * (value[row] - slope[row]);
            }
            let at = (j * m + c) * 2 * n;
            let reference = [
                &self.reference[at..at + n],
                &self.reference[at + n..at + 2 * n],
            ];
            self.field
                .conditions(&w, scalars, reference, &mut integrand, &mut gradient);
            let weight = h * self.basis.gauss_weights[c];
            for q in 0..k - 1 {
                let gradient = &gradient[q * (n + k)..(q + 1) * (n + k)];
                for node in 0..=m {
                    let v = weight * self.basis.values[c][node];
                    for (column, g) in gradient[..n].iter().enumerate() {
                        conditions[(q, node * n + column)] += v * g;
                    }
                }
                for (scalar, g) in gradient[n..].iter().enumerate() {
                    conditions[(q, (m + 1) * n + scalar)] += weight * g;
                }
                conditions[(q, last)] -= weight * integrand[q];
            }
        }
    }

    /// The linear maps from each interval's first to its last state, at fixed scalars.
    pub fn transfers(&self, x: &[f64]) -> Vec<Mat<f64>> {
        let (n, m, k) = (self.n(), self.basis.degree, self.field.n_scalars());
        let mut local = Mat::zeros(m * n, (m + 1) * n + k + 1);
        let mut conditions = Mat::zeros(k.max(1), (m + 1) * n + k + 1);
        (0..self.n_intervals())
            .map(|j| {
                self.interval(x, j, &mut local, &mut conditions);
                let lu = Lu::new(local.subcols(n, m * n).to_owned());
                let mut transfer = Mat::zeros(n, n);
                for column in 0..n {
                    let mut rhs: Vec<f64> = (0..m * n).map(|r| -local[(r, column)]).collect();
                    lu.solve(&mut rhs);
                    for row in 0..n {
                        transfer[(row, column)] = rhs[(m - 1) * n + row];
                    }
                }
                transfer
            })
            .collect()
    }

    /// The profile at time `t` in [0, 1].
    pub fn profile_at(&self, x: &[f64], t: f64) -> Vec<f64> {
        let j = self
            .mesh
            .partition_point(|&end| end <= t)
            .clamp(1, self.n_intervals())
            - 1;
        let local = (t - self.mesh[j]) / (self.mesh[j + 1] - self.mesh[j]);
        let mut w = vec![0.0; self.n()];
        for (k, v) in lagrange(self.basis.degree, local).iter().enumerate() {
            let place = self.place(j, k);
            for (w, x) in w.iter_mut().zip(&x[place..]) {
                *w += v * x;
            }
        }
        w
    }
}

impl<F: PeriodicField> Curve for Collocation<F> {
    fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let (n, m, k) = (self.n(), self.basis.degree, self.field.n_scalars());
        let count = self.n_intervals();
        let inner = (m - 1) * n;
        let first_scalar = self.n_points() * n;
        // Kept columns: next state, first state, scalars, two right-hand sides.
        let kept = 2 * n + k + 2;
        let mut local = Mat::zeros(m * n, (m + 1) * n + k + 1);
        let mut conditions = Mat::zeros(k.max(1), (m + 1) * n + k + 1);
        let mut fronts: Vec<Vec<f64>> = Vec::with_capacity(count);
        let mut residual = 0.0f64;
        let mut determinant = Determinant {
            sign: 1.0,
            log: 0.0,
        };
        // What stays: n equations over (this state, first state, scalars, right-hand sides), and the k dense rows likewise.
        let width = 2 * n + k + 2;
        let mut carried = vec![0.0; (n + k) * width];
        // The border's row in its own place; its first state's entries come with the first interval.
        for scalar in 0..k {
            carried[(2 * n + scalar) * (n + k) + n + k - 1] = border[first_scalar + scalar];
        }
        carried[(2 * n + k + 1) * (n + k) + n + k - 1] = 1.0;
        for j in 0..count {
            self.interval(x, j, &mut local, &mut conditions);
            let (begins, ends) = (j == 0, j + 1 == count);
            let own = if begins { 0 } else { n };
            let eliminated = own + inner;
            let pivotable = own + m * n;
            let rows = pivotable + k;
            let mut front = vec![0.0; rows * (eliminated + kept)];
            let next = eliminated;
            let first = next + n;
            let scalar = first + n;
            // The column of the front that node `node` of this interval belongs to.
            let column_of = |node: usize, i: usize| match node {
                0 if begins => first + i,
                0 => i,
                node if node == m && ends => first + i,
                node if node == m => next + i,
                node => own + (node - 1) * n + i,
            };
            for column in 0..width {
                let to = match column {
                    c if c < n => {
                        if begins {
                            continue;
                        }
                        c
                    }
                    c => first + c - n,
                };
                let from = &carried[column * (n + k)..(column + 1) * (n + k)];
                front[to * rows..to * rows + own].copy_from_slice(&from[..own]);
                front[to * rows + pivotable..(to + 1) * rows].copy_from_slice(&from[n..]);
            }
            for node in 0..=m {
                for i in 0..n {
                    let column = column_of(node, i) * rows;
                    for row in 0..m * n {
                        front[column + own + row] += local[(row, node * n + i)];
                    }
                    for q in 0..k - 1 {
                        front[column + pivotable + q] += conditions[(q, node * n + i)];
                    }
                    // Each unknown's border entry once: with the interval that it begins in.
                    if node < m {
                        front[column + pivotable + k - 1] += border[self.place(j, node) + i];
                    }
                }
            }
            for extra in 0..=k {
                let column = (scalar + extra) * rows;
                for row in 0..m * n {
                    front[column + own + row] += local[(row, (m + 1) * n + extra)];
                }
                for q in 0..k - 1 {
                    front[column + pivotable + q] += conditions[(q, (m + 1) * n + extra)];
                }
            }
            for row in 0..m * n {
                residual = residual.max(local[(row, (m + 1) * n + k)].abs());
            }
            determinant = eliminate(&mut front, rows, pivotable, eliminated, determinant);
            for column in 0..width {
                let from = (next + column) * rows + eliminated;
                carried[column * (n + k)..(column + 1) * (n + k)]
                    .copy_from_slice(&front[from..from + n + k]);
            }
            fronts.push(front);
        }
        // What is left: first state and scalars.
        let size = n + k;
        let matrix = Mat::from_fn(size, size, |r, c| carried[(n + c) * size + r]);
        let lu = Lu::new(matrix);
        let whole = lu.determinant();
        determinant.sign *= whole.sign;
        determinant.log += whole.log;
        let mut solutions = [0, 1].map(|side| {
            let mut rhs =
                carried[(2 * n + k + side) * size..(2 * n + k + side + 1) * size].to_vec();
            lu.solve(&mut rhs);
            let mut solution = vec![0.0; x.len()];
            solution[..n].copy_from_slice(&rhs[..n]);
            solution[first_scalar..].copy_from_slice(&rhs[n..]);
            solution
        });
        for j in (0..count).rev() {
            let (begins, ends) = (j == 0, j + 1 == count);
            let own = if begins { 0 } else { n };
            let eliminated = own + inner;
            let rows = own + m * n + k;
            let front = &fronts[j];
            for (side, solution) in solutions.iter_mut().enumerate() {
                let rhs = (eliminated + 2 * n + k + side) * rows;
                let mut y = front[rhs..rhs + eliminated].to_vec();
                let mut subtract = |column: usize, value: f64| {
                    let column = &front[column * rows..column * rows + eliminated];
                    y.iter_mut().zip(column).for_each(|(y, a)| *y -= a * value);
                };
                for i in 0..n {
                    if !ends {
                        subtract(eliminated + i, solution[self.place(j, m) + i]);
                    }
                    subtract(eliminated + n + i, solution[i]);
                }
                for scalar in 0..k {
                    subtract(eliminated + 2 * n + scalar, solution[first_scalar + scalar]);
                }
                for c in (0..eliminated).rev() {
                    y[c] /= front[c * rows + c];
                    let value = y[c];
                    let column = &front[c * rows..c * rows + c];
                    y[..c]
                        .iter_mut()
                        .zip(column)
                        .for_each(|(y, a)| *y -= a * value);
                }
                let from = if begins {
                    self.place(0, 1)
                } else {
                    self.place(j, 0)
                };
                solution[from..from + eliminated].copy_from_slice(&y);
            }
        }
        let [correction, direction] = solutions;
        Solved {
            residual,
            correction,
            direction,
            determinant,
        }
    }
}
