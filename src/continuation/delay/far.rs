//! The characteristic matrix far from its roots, where it differs little from a diagonal one: how far
//! that is, and the logarithm of the determinant there, without a doubt about multiples of 2 pi i.

use faer::Mat;
use num_complex::Complex64;

use super::characteristic::Characteristic;

/// What traces of third and higher powers may add to a logarithm, in radians.
const LEFT_OUT: f64 = 1.0;
/// Sums of the rows of X are below this.
const SMALL: f64 = 0.5;
/// The angle that a node's own determinant may have turned by, in radians: less than pi.
const TURNED: f64 = 3.0;

impl Characteristic {
    /// A bound on the modulus of a node's roots that have no smaller real part than `right_of`, from the sums of the
    /// rows of `K_i` and of its feedbacks.
    pub(super) fn own_bound(&self, node: usize, right_of: f64) -> f64 {
        let n = self.n_states();
        let feedback = &self.layout().feedback;
        let rows = self.parts.local(node).chunks_exact(n).enumerate();
        let sizes = rows.map(|(row, local)| {
            let fed = feedback.iter().enumerate().map(|(k, &line)| {
                let column = self.parts.feedback(node, k)[row].abs();
                let grown = growth(right_of, self.feedback_delay(node, k));
                column * size(self.parts.sent(node, line)) * grown
            });
            size(local) + fed.sum::<f64>()
        });
        sizes.fold(0.0, f64::max)
    }

    /// Where M is reduced: the sum of what the connections of every node can count with to the right of a line,
    /// `[n_nodes]`.
    pub(super) fn inflows(&self, right_of: f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.n_nodes()];
        for edge in self.edges_of_channels() {
            let grown = growth(right_of, self.delays[edge.delay]);
            sums[edge.target] += self.weight(edge, 0).abs() * grown;
        }
        sums
    }

    /// The modulus of lambda from which [`Characteristic::far_log_det`] holds on the line `Re lambda = right_of`.
    ///
    /// Let `M = D (1 - X)`, with `D = den` of every node, or lambda where nothing is eliminated. With rows of X whose
    /// sums are at most q < 1, `log det (1 - X) = -sum_k tr X^k / k` is continuous from there to infinity, and what
    /// is beyond the second trace is at most `order q^3 / (3 (1 - q))`.
    pub(super) fn far(&self, right_of: f64) -> f64 {
        let most = SMALL.min((3.0 * LEFT_OUT * (1.0 - SMALL) / self.order() as f64).cbrt());
        if !self.is_reduced() {
            return self.root_bound(right_of) / most;
        }
        // A node's n eigenvalues turn by at most asin(own / |lambda|) each.
        let turned = (TURNED / self.n_states() as f64).min(1.5).sin();
        let inflows = self.inflows(right_of);
        let far = inflows.iter().enumerate().map(|(node, inflow)| {
            let own = self.own_bound(node, right_of);
            let largest = self
                .column(node)
                .iter()
                .fold(0.0, |a: f64, b| a.max(b.abs()));
            let loudest = size(&self.row(node)) * largest;
            (own / turned).max(own + inflow * loudest / most)
        });
        far.fold(0.0, f64::max)
    }

    /// The logarithm of `det M` at `lambda`, of which `matrix` is M, to [`LEFT_OUT`]: continuous along the line up
    /// to infinity, where it is that of `lambda^degree`.
    pub(super) fn far_log_det(&self, lambda: Complex64, matrix: &Mat<Complex64>) -> Complex64 {
        let n = self.order();
        let mut log = self.degree() as f64 * lambda.ln();
        let diagonal: Vec<Complex64> = match self.is_reduced() {
            true => (0..n).map(|node| self.fraction(node, lambda)[0]).collect(),
            false => vec![lambda; n],
        };
        if self.is_reduced() {
            let alone = lambda.powu(self.n_states() as u32);
            log += diagonal
                .iter()
                .map(|den| (den / alone).ln())
                .sum::<Complex64>();
        }
        let x = |i: usize, j: usize| {
            let one = f64::from(u8::from(i == j));
            one - matrix[(i, j)] / diagonal[i]
        };
        for i in 0..n {
            log -= x(i, i) + 0.5 * (0..n).map(|j| x(i, j) * x(j, i)).sum::<Complex64>();
        }
        log
    }
}

/// How much larger `e^(-lambda delay)` can be than 1 to the right of a line.
fn growth(right_of: f64, delay: f64) -> f64 {
    (-right_of * delay).max(0.0).exp()
}

fn size(row: &[f64]) -> f64 {
    row.iter().map(|x| x.abs()).sum()
}
