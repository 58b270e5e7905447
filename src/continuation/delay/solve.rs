//! Solving `Delta(lambda) v = r`, by eliminating every state but what is sent where that is
//! possible.

use faer::Mat;
use num_complex::Complex64;

use super::characteristic::Characteristic;
use crate::continuation::linear::{ComplexLu, dot};

/// `Delta(lambda)`, factored.
#[derive(Debug)]
pub(super) struct Factored<'a> {
    matrix: ComplexLu,
    eliminated: Option<Eliminated<'a>>,
}

/// What M is without: the nodes.
#[derive(Debug)]
struct Eliminated<'a> {
    characteristic: &'a Characteristic,
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
        let matrix = ComplexLu::new(self.matrix_with(lambda, &factors).as_ref());
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
            let mut v = r.to_vec();
            self.matrix.solve(&mut v);
            return v;
        };
        let c = eliminated.characteristic;
        let n = c.n_states();
        let mut v = eliminated.times_local(r);
        let own = v.chunks_exact(n).enumerate();
        let mut y: Vec<Complex64> = own
            .map(|(node, v)| {
                let sent = c
                    .row(node)
                    .iter()
                    .zip(v)
                    .map(|(r, v)| v * *r)
                    .sum::<Complex64>();
                eliminated.den[node] * sent
            })
            .collect();
        self.matrix.solve(&mut y);
        let mut received = vec![Complex64::ZERO; r.len()];
        for (node, sum) in c.sums_of(&eliminated.carried, &y).into_iter().enumerate() {
            for (to, b) in received[node * n..].iter_mut().zip(c.column(node)) {
                *to = sum * b;
            }
        }
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
