//! Solves periodic boundary value problems by orthogonal collocation, condensed interval by
//! interval.
//!
//! `dw/dt = F(w, a)` on [0, 1] with `w(1) = w(0)`, k scalars `a` and k - 1 integral conditions. On
//! each mesh interval `w` is a polynomial of degree m that satisfies the equation at m Gauss points
//! (de Boor & Swartz 1973, SIAM J. Numer. Anal. 10, 582; Doedel, Keller & Kernevez 1991, Int. J.
//! Bifurcation Chaos 1, 745). Unknowns are its values at m equidistant points per interval, the
//! first of them shared with the interval before, and then the scalars.
//!
mod basis;
mod block;
mod condense;
mod mesh;
mod respread;

use condense::Condensed;

pub(crate) use basis::{Basis, lagrange, lagrange_slope};

/// The equation and the conditions.
pub(crate) trait PeriodicField: Sync {
    /// Unknown functions.
    fn n_states(&self) -> usize;
    /// Scalars; there is one condition less.
    fn n_scalars(&self) -> usize;
    /// The number of nodes, if they are coupled through their first state only; else 1.
    fn units(&self) -> usize {
        1
    }
    /// By how much the profile counts in the arclength.
    fn share(&self) -> f64;
    /// F and its derivatives by states and then scalars, `[n, n + k]`, column by column.
    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]);
    /// The integrands of the conditions, given a reference and its derivative: values, and
    /// derivatives `[k - 1, n + k]` row by row.
    fn conditions(
        &self,
        w: &[f64],
        a: &[f64],
        reference: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    );
}

/// A collocation system on a mesh.
pub(crate) struct Collocation<F> {
    pub field: F,
    pub basis: Basis,
    /// Interval ends, from 0 to 1.
    pub mesh: Vec<f64>,
    /// Reference and its derivative at the Gauss points, `[interval][point][2 n]`.
    reference: Vec<f64>,
    weights: Vec<f64>,
    /// How much each scalar counts in the arclength.
    pub scalar_weights: Vec<f64>,
    /// The last system condensed, for its memory.
    condensed: Condensed,
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
            condensed: Condensed::default(),
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

    /// Recomputes the weights of the inner product: the integral over the profile, and the scalars'
    /// own.
    pub fn weigh(&mut self) {
        let (n, m) = (self.n(), self.basis.degree);
        let mut points = vec![0.0; self.n_points()];
        let count = points.len();
        for (j, ends) in self.mesh.windows(2).enumerate() {
            for (k, w) in self.basis.node_weights.iter().enumerate() {
                points[(j * m + k) % count] += (ends[1] - ends[0]) * w.max(1e-3);
            }
        }
        let share = self.field.share();
        self.weights.clear();
        for w in points {
            for _ in 0..n {
                self.weights.push(w * share);
            }
        }
        self.weights.extend(&self.scalar_weights);
    }

    /// The mean of every function over the profile of `x`.
    pub fn mean(&self, x: &[f64]) -> Vec<f64> {
        let n = self.n();
        let mut mean = vec![0.0; n];
        let weighted = x.iter().zip(&self.weights[..self.n_points() * n]);
        for (k, (x, w)) in weighted.enumerate() {
            mean[k % n] += w / self.field.share() * x;
        }
        mean
    }

    /// The offset of node `k` of interval `j` in the unknowns.
    fn offset(&self, j: usize, k: usize) -> usize {
        ((j * self.basis.degree + k) % self.n_points()) * self.n()
    }

    /// The points of interval `j`, both ends included.
    fn nodes(&self, x: &[f64], j: usize, nodes: &mut [f64]) {
        let (inside, end) = nodes.split_at_mut(self.basis.degree * self.n());
        let (from, to) = (self.offset(j, 0), self.offset(j, self.basis.degree));
        inside.copy_from_slice(&x[from..from + inside.len()]);
        end.copy_from_slice(&x[to..to + end.len()]);
    }

    /// The profile at Gauss point `c` of an interval of width `h` with these nodes: value, and
    /// derivative by time.
    fn at_gauss(&self, nodes: &[f64], h: f64, c: usize, value: &mut [f64], slope: &mut [f64]) {
        let n = value.len();
        let (values, slopes) = (&self.basis.values[c], &self.basis.slopes[c]);
        for i in 0..n {
            let (mut x, mut dx) = (0.0, 0.0);
            for k in 0..values.len() {
                let node = nodes[k * n + i];
                x += values[k] * node;
                dx += slopes[k] / h * node;
            }
            value[i] = x;
            slope[i] = dx;
        }
    }

    /// Takes the profile of `x` as the reference of the conditions.
    pub fn refer_to(&mut self, x: &[f64]) {
        let n = self.n();
        let (mut value, mut slope) = (vec![0.0; n], vec![0.0; n]);
        let mut nodes = vec![0.0; (self.basis.degree + 1) * n];
        let mut reference = Vec::with_capacity(self.n_points() * 2 * n);
        for (j, ends) in self.mesh.windows(2).enumerate() {
            self.nodes(x, j, &mut nodes);
            for c in 0..self.basis.degree {
                self.at_gauss(&nodes, ends[1] - ends[0], c, &mut value, &mut slope);
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

    /// The integral of the divergence of the field over the profile `x`: the logarithm of the
    /// product of all multipliers (Liouville).
    pub fn divergence(&self, x: &[f64]) -> f64 {
        let (n, k) = (self.n(), self.field.n_scalars());
        let scalars = &x[self.n_points() * n..];
        let mut nodes = vec![0.0; (self.basis.degree + 1) * n];
        let (mut w, mut slope, mut value) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut derivative = vec![0.0; n * (n + k)];
        let mut divergence = 0.0;
        for (j, ends) in self.mesh.windows(2).enumerate() {
            let h = ends[1] - ends[0];
            self.nodes(x, j, &mut nodes);
            for (c, weight) in self.basis.gauss_weights.iter().enumerate() {
                self.at_gauss(&nodes, h, c, &mut w, &mut slope);
                self.field.field(&w, scalars, &mut value, &mut derivative);
                divergence += h * weight * (0..n).map(|i| derivative[i * (n + 1)]).sum::<f64>();
            }
        }
        divergence
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
            let offset = self.offset(j, k);
            for (w, x) in w.iter_mut().zip(&x[offset..]) {
                *w += v * x;
            }
        }
        w
    }
}
