//! Solving `Delta(lambda) v = r`, by eliminating every state but what is sent where that is
//! possible.

use faer::Mat;
use num_complex::Complex64;

use super::characteristic::Characteristic;
use crate::continuation::linear::{Columns, ComplexLu, dot};

/// `Delta(lambda)`, factored.
#[derive(Debug)]
pub(super) struct Factored<'a> {
    matrix: Columns,
    eliminated: Option<Eliminated<'a>>,
}

/// What M is without: the nodes.
#[derive(Debug)]
struct Eliminated<'a> {
    characteristic: &'a Characteristic,
    /// What every node sends, and what the sum that it receives does to it, `[n_nodes, n_states]`.
    rows: Vec<f64>,
    columns: Vec<f64>,
    /// What every connection carries.
    carried: Vec<Complex64>,
    /// `den` of every node.
    den: Vec<Complex64>,
    /// `(lambda - K_i - ...)^-1` of every node, `[n_nodes, n_states, n_states]`.
    local: Vec<Complex64>,
}

impl Characteristic {
    /// Factors `Delta(lambda)`; `None` if lambda belongs to an uncoupled node's spectrum.
    pub(super) fn factored(&self, lambda: Complex64) -> Option<Factored<'_>> {
        let factors = self.factors(lambda);
        let matrix = ComplexLu::new(self.matrix_with(lambda, &factors).as_ref()).into_columns();
        if !self.is_reduced() {
            return Some(Factored {
                matrix,
                eliminated: None,
            });
        }
        let n = self.n_states();
        let mut local = Vec::with_capacity(self.degree() * n);
        for node in 0..self.n_nodes() {
            let shifted = self.shifted(node, lambda);
            let block = Mat::from_fn(n, n, |row, column| shifted[row * n + column]);
            let inverse = ComplexLu::new(block.as_ref()).solve_matrix(&Mat::identity(n, n));
            local.extend((0..n * n).map(|at| inverse[(at / n, at % n)]));
        }
        local.iter().all(|z| z.is_finite()).then(|| Factored {
            matrix,
            eliminated: Some(Eliminated {
                rows: (0..self.n_nodes())
                    .flat_map(|node| self.row(node))
                    .collect(),
                columns: (0..self.n_nodes())
                    .flat_map(|node| self.column(node))
                    .collect(),
                carried: self.carried(|_, edge| factors[edge.delay]),
                den: (0..self.n_nodes())
                    .map(|node| self.fraction(node, lambda)[0])
                    .collect(),
                characteristic: self,
                local,
            }),
        })
    }
}

impl Factored<'_> {
    /// The solution of `Delta(lambda) v = r`, `[dim]`.
    pub fn solve(&self, r: &[Complex64]) -> Vec<Complex64> {
        let Some(eliminated) = &self.eliminated else {
            return self.matrix.solve(r);
        };
        let c = eliminated.characteristic;
        let n = c.n_states();
        let mut v = eliminated.times_local(r);
        let nodes = v.chunks_exact(n).zip(eliminated.rows.chunks_exact(n));
        let sent: Vec<Complex64> = nodes
            .zip(&eliminated.den)
            .map(|((v, row), den)| {
                let sent: Complex64 = row.iter().zip(v).map(|(r, v)| v * *r).sum();
                den * sent
            })
            .collect();
        let y = self.matrix.solve(&sent);
        let sums = c.sums_of(&eliminated.carried, &y);
        let columns = eliminated.columns.chunks_exact(n).zip(&sums);
        let received: Vec<Complex64> = columns
            .flat_map(|(column, sum)| column.iter().map(move |b| sum * *b))
            .collect();
        for (v, more) in v.iter_mut().zip(eliminated.times_local(&received)) {
            *v += more;
        }
        v
    }
}

impl Eliminated<'_> {
    fn times_local(&self, r: &[Complex64]) -> Vec<Complex64> {
        let n = self.characteristic.n_states();
        let rows = self.local.chunks_exact(n).enumerate();
        let each = rows.map(|(at, row)| dot(&[], row, &r[at / n * n..][..n]));
        each.collect()
    }
}
