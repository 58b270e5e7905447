//! Hopf points in two parameters, over `kappa = omega^2` so that the curve passes Bogdanov-Takens
//! points and goes on as one of neutral saddles (`kappa` < 0):
//!
//! ```text
//! f(u, p) = 0,   two independent combinations of G = 0   where   [f_u^2 + kappa I, B; C^T, 0] (V, G) = (0, I)
//! ```
//!
//! (Werner 1996, Contemp. Math. 172; Govaerts 2000). G is 2 by 2.

use faer::{Mat, MatRef};

use crate::continuation::curve::{Curve, Solved, solve_dense};
use crate::continuation::linear::{Lu, dot};
use crate::continuation::problem::Problem;

/// The Hopf equations over (u, kappa, p, q).
pub(crate) struct Hopfs<'a> {
    pub problem: &'a dyn Problem,
    columns: [Vec<f64>; 2],
    rows: [Vec<f64>; 2],
    /// Which combinations of the four entries of G are asked to vanish.
    choice: [[f64; 4]; 2],
}

struct Values {
    f: Vec<f64>,
    /// `[n, n + 2]`
    full: Vec<f64>,
    right: [Vec<f64>; 2],
    left: [Vec<f64>; 2],
    g: [f64; 4],
    /// Gradients of the four entries over (u, kappa, p, q).
    gradients: [Vec<f64>; 4],
}

impl<'a> Hopfs<'a> {
    pub fn new(problem: &'a dyn Problem, x: &[f64]) -> Self {
        let n = problem.dimension();
        let mut made = Self {
            problem,
            columns: [0, 1].map(|k| {
                (0..n)
                    .map(|i| ((i * (k + 2) + k) as f64 + 0.5).cos())
                    .collect()
            }),
            rows: [0, 1].map(|k| {
                (0..n)
                    .map(|i| ((i * (k + 1) + 2 * k) as f64 + 0.3).sin())
                    .collect()
            }),
            choice: [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]],
        };
        for _ in 0..4 {
            made.turn(x);
        }
        made
    }

    pub fn jacobian(&self, x: &[f64]) -> Mat<f64> {
        let n = self.problem.dimension();
        let mut f = vec![0.0; n];
        let mut full = vec![0.0; n * (n + 2)];
        self.problem
            .derivative(&x[..n], &x[n + 1..], &mut f, &mut full);
        Mat::from_fn(n, n, |r, c| full[c * n + r])
    }

    fn values(&self, x: &[f64]) -> Values {
        let n = self.problem.dimension();
        let (u, kappa, p) = (&x[..n], x[n], &x[n + 1..]);
        let mut f = vec![0.0; n];
        let mut full = vec![0.0; n * (n + 2)];
        self.problem.derivative(u, p, &mut f, &mut full);
        let j = MatRef::from_column_major_slice(&full[..n * n], n, n);
        let square = j * j;
        let matrix = Mat::from_fn(n + 2, n + 2, |r, c| match (r < n, c < n) {
            (true, true) => square[(r, c)] + if r == c { kappa } else { 0.0 },
            (true, false) => self.columns[c - n][r],
            (false, true) => self.rows[r - n][c],
            (false, false) => 0.0,
        });
        let lu = Lu::new(matrix.as_ref());
        let unit = |k: usize| -> Vec<f64> {
            let mut e = vec![0.0; n + 2];
            e[n + k] = 1.0;
            e
        };
        let mut g = [0.0; 4];
        let right = [0, 1].map(|k| {
            let mut v = unit(k);
            lu.solve(&mut v);
            g[k] = v[n];
            g[2 + k] = v[n + 1];
            v.truncate(n);
            v
        });
        let left = [0, 1].map(|k| {
            let mut w = unit(k);
            lu.solve_transpose(&mut w);
            w.truncate(n);
            w
        });
        let second = |v: &[f64]| -> Vec<f64> {
            let mut direction = v.to_vec();
            direction.resize(n + 2, 0.0);
            let mut second = vec![0.0; n * (n + 2)];
            self.problem
                .second_derivative(u, p, &direction, &mut second);
            second
        };
        let times = |v: &[f64]| -> Vec<f64> {
            (0..n)
                .map(|r| (0..n).map(|c| j[(r, c)] * v[c]).sum())
                .collect()
        };
        let times_transpose = |w: &[f64]| -> Vec<f64> {
            (0..n)
                .map(|c| (0..n).map(|r| j[(r, c)] * w[r]).sum())
                .collect()
        };
        let moved: [[Vec<f64>; 2]; 2] =
            [0, 1].map(|k| [second(&times(&right[k])), second(&right[k])]);
        let turned = [0, 1].map(|k| times_transpose(&left[k]));
        let gradients = [0, 1, 2, 3].map(|entry| {
            let (i, k) = (entry / 2, entry % 2);
            let slope = |column: usize| -> f64 {
                let part = |m: &[f64]| m[column * n..(column + 1) * n].to_vec();
                -dot(&[], &left[i], &part(&moved[k][0])) - dot(&[], &turned[i], &part(&moved[k][1]))
            };
            let mut gradient: Vec<f64> = (0..n).map(slope).collect();
            gradient.push(-dot(&[], &left[i], &right[k]));
            gradient.extend([slope(n), slope(n + 1)]);
            gradient
        });
        Values {
            f,
            full,
            right,
            left,
            g,
            gradients,
        }
    }

    /// Takes the null spaces at `x` as borders, and the best conditioned combinations of G.
    pub fn turn(&mut self, x: &[f64]) {
        let values = self.values(x);
        self.columns = orthonormal(values.left);
        self.rows = orthonormal(values.right);
        let n = self.problem.dimension();
        let values = self.values(x);
        // Gradients on the three dimensions that f = 0 leaves.
        let transposed = Mat::from_fn(n + 3, n, |r, c| match r {
            r if r < n => values.full[r * n + c],
            r if r == n => 0.0,
            r => values.full[(r - 1) * n + c],
        });
        let basis = transposed.qr().compute_Q();
        let projected = Mat::from_fn(4, 3, |r, c| {
            (0..n + 3)
                .map(|k| values.gradients[r][k] * basis[(k, n + c)])
                .sum::<f64>()
        });
        if let Ok(svd) = projected.svd() {
            let u = svd.U();
            self.choice = [0, 1].map(|k| [0, 1, 2, 3].map(|entry| u[(entry, k)]));
        }
    }
}

fn orthonormal([mut a, mut b]: [Vec<f64>; 2]) -> [Vec<f64>; 2] {
    crate::continuation::curve::normalise(&[], &mut a);
    for _ in 0..2 {
        let part = dot(&[], &a, &b);
        b.iter_mut().zip(&a).for_each(|(b, a)| *b -= part * a);
        crate::continuation::curve::normalise(&[], &mut b);
    }
    [a, b]
}

impl Curve for Hopfs<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let n = self.problem.dimension();
        let values = self.values(x);
        let mut value = values.f;
        for choice in &self.choice {
            value.push(dot(&[], choice, &values.g));
        }
        let mut derivative = Vec::with_capacity((n + 2) * (n + 3));
        for column in 0..n + 3 {
            match column {
                c if c < n => derivative.extend(&values.full[c * n..(c + 1) * n]),
                c if c == n => derivative.extend(vec![0.0; n]),
                c => derivative.extend(&values.full[(c - 1) * n..c * n]),
            }
            for choice in &self.choice {
                derivative.push(
                    choice
                        .iter()
                        .zip(&values.gradients)
                        .map(|(c, g)| c * g[column])
                        .sum(),
                );
            }
        }
        solve_dense(&value, &derivative, border)
    }
}
