//! Solving `Delta(lambda) v = r` by eliminating every state but the first.

use faer::Mat;
use num_complex::Complex64;

use super::characteristic::Characteristic;
use crate::continuation::network::ComplexLu;

/// `Delta(lambda)`, factored.
#[derive(Debug)]
pub(super) struct Factored<'a> {
    characteristic: &'a Characteristic,
    matrix: ComplexLu,
    /// `e^(-lambda d)` of every distinct delay.
    factors: Vec<Complex64>,
    /// `den` of every node.
    den: Vec<Complex64>,
    /// `(lambda - K_i)^-1` of every node, `[n_nodes, n_states, n_states]`.
    local: Vec<Complex64>,
}

impl Characteristic {
    /// Factors `Delta(lambda)`; `None` if lambda belongs to an uncoupled node's spectrum.
    pub(super) fn factored(&self, lambda: Complex64) -> Option<Factored<'_>> {
        let n = self.n_states();
        let mut local = Vec::with_capacity(self.degree() * n);
        for node in 0..self.n_nodes() {
            let shifted = self.shifted(node, lambda);
            let block = Mat::from_fn(n, n, |row, column| shifted[row * n + column]);
            let inverse = ComplexLu::new(block.as_ref()).solve_matrix(&Mat::identity(n, n));
            local.extend((0..n * n).map(|at| inverse[(at / n, at % n)]));
        }
        local.iter().all(|z| z.is_finite()).then(|| Factored {
            matrix: ComplexLu::new(self.matrix(lambda).as_ref()),
            factors: self.factors(lambda),
            den: (0..self.n_nodes())
                .map(|node| self.fraction(node, lambda)[0])
                .collect(),
            characteristic: self,
            local,
        })
    }
}

impl Factored<'_> {
    /// The solution of `Delta(lambda) v = r`, `[dim]`.
    pub fn solve(&self, r: &[Complex64]) -> Vec<Complex64> {
        let c = self.characteristic;
        let n = c.n_states();
        let times_local =
            |node: usize, row: usize, right: &dyn Fn(usize) -> Complex64| -> Complex64 {
                let at = (node * n + row) * n;
                (0..n).map(|l| self.local[at + l] * right(l)).sum()
            };
        let mut x: Vec<Complex64> = (0..c.n_nodes())
            .map(|node| self.den[node] * times_local(node, 0, &|l| r[node * n + l]))
            .collect();
        self.matrix.solve(&mut x);
        let mut heard = vec![Complex64::ZERO; c.n_nodes()];
        for edge in &c.edges {
            heard[edge.target] += self.factors[edge.delay] * edge.weight * x[edge.source];
        }
        let mut v = Vec::with_capacity(r.len());
        for (node, heard) in heard.iter().enumerate() {
            let input = c.input(node);
            for row in 0..n {
                v.push(times_local(node, row, &|l| {
                    r[node * n + l] + heard * input[l]
                }));
            }
        }
        v
    }
}
