//! Folds in one or two parameters, by the minimally augmented system (Griewank & Reddien 1984, SIAM
//! J. Numer. Anal. 21, 176; Govaerts 2000, Numerical Methods for Bifurcations of Dynamical
//! Equilibria):
//!
//! ```text
//! f(u, p) = 0,   g(u, p) = 0    where    [f_u b; c^T 0] (v, g) = (0, 1)
//! ```

use faer::Mat;

use crate::continuation::curve::{Curve, Solved, largest, normalise, solve_dense};
use crate::continuation::linear::{Lu, bordered, dot, norm};
use crate::continuation::problem::Problem;

/// The fold equations over (u, active parameters).
pub(crate) struct Folds<'a> {
    pub problem: &'a dyn Problem,
    pub parameters: Vec<f64>,
    pub active: Vec<usize>,
    pub column: Vec<f64>,
    pub row: Vec<f64>,
}

/// At a point of the fold equations.
pub(crate) struct FoldValues {
    /// f and then g.
    pub value: Vec<f64>,
    /// Its derivatives, `[n + 1, n + active]`, column by column.
    pub derivative: Vec<f64>,
    /// Right and left null vectors, of length 1.
    pub right: Vec<f64>,
    pub left: Vec<f64>,
    /// `left . f_uu right right`
    pub curvature: f64,
    pub jacobian: Mat<f64>,
}

impl<'a> Folds<'a> {
    pub fn new(problem: &'a dyn Problem, parameters: &[f64], active: &[usize], x: &[f64]) -> Self {
        let n = problem.dimension();
        let mut made = Self {
            problem,
            parameters: parameters.to_vec(),
            active: active.to_vec(),
            column: vec![1.0; n],
            row: (0..n).map(|k| 1.0 + 0.1 * k as f64).collect(),
        };
        for _ in 0..4 {
            made.turn(x);
        }
        made
    }

    pub fn parameters_at(&self, x: &[f64]) -> Vec<f64> {
        let n = self.problem.dimension();
        let mut parameters = self.parameters.clone();
        for (&index, &value) in self.active.iter().zip(&x[n..]) {
            parameters[index] = value;
        }
        parameters
    }

    /// Takes the null vectors at `x` as borders.
    pub fn turn(&mut self, x: &[f64]) {
        let values = self.values(x);
        self.column = values.left;
        self.row = values.right;
    }

    pub fn values(&self, x: &[f64]) -> FoldValues {
        let n = self.problem.dimension();
        let parameters = self.parameters_at(x);
        let total = n + parameters.len();
        let mut value = vec![0.0; n];
        let mut full = vec![0.0; n * total];
        self.problem
            .derivative(&x[..n], &parameters, &mut value, &mut full);
        let jacobian = Mat::from_fn(n, n, |r, c| full[c * n + r]);
        let lu = Lu::new(bordered(jacobian.as_ref(), &self.column, &self.row).as_ref());
        let mut v = vec![0.0; n + 1];
        v[n] = 1.0;
        let mut w = v.clone();
        lu.solve(&mut v);
        lu.solve_transpose(&mut w);
        let g = v[n];
        v.truncate(n);
        w.truncate(n);
        let mut direction = v.clone();
        direction.resize(total, 0.0);
        let mut second = vec![0.0; n * total];
        self.problem
            .second_derivative(&x[..n], &parameters, &direction, &mut second);
        let slope = |column: usize| -dot(&[], &w, &second[column * n..(column + 1) * n]);
        let mut derivative = Vec::with_capacity((n + 1) * (n + self.active.len()));
        for column in (0..n).chain(self.active.iter().map(|a| n + a)) {
            derivative.extend(&full[column * n..(column + 1) * n]);
            derivative.push(slope(column));
        }
        let curvature = -(0..n).map(|k| slope(k) * v[k]).sum::<f64>();
        let lengths = dot(&[], &v, &v) * norm(&w);
        normalise(&[], &mut v);
        normalise(&[], &mut w);
        value.push(g);
        FoldValues {
            value,
            derivative,
            right: v,
            left: w,
            curvature: curvature / lengths,
            jacobian,
        }
    }
}

impl Curve for Folds<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let values = self.values(x);
        solve_dense(&values.value, &values.derivative, border)
    }
}

/// The fold near `x = (u, p)` in one parameter, with the largest residual.
pub(crate) fn fold_near(
    problem: &dyn Problem,
    parameters: &[f64],
    active: usize,
    x: &[f64],
) -> Option<(Vec<f64>, f64)> {
    let mut folds = Folds::new(problem, parameters, &[active], x);
    let mut x = x.to_vec();
    for _ in 0..30 {
        let values = folds.values(&x);
        let size = x.len();
        let matrix = Mat::from_fn(size, size, |r, c| values.derivative[c * size + r]);
        let mut step: Vec<f64> = values.value.iter().map(|f| -f).collect();
        Lu::new(matrix.as_ref()).solve(&mut step);
        let length = largest(&step);
        if !length.is_finite() {
            return None;
        }
        x.iter_mut().zip(&step).for_each(|(x, s)| *x += s);
        folds.turn(&x);
        if length < 1e-12 * (1.0 + largest(&x)) {
            return Some((x, largest(&values.value)));
        }
    }
    None
}
