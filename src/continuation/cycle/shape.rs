//! Size and extrema of a cycle.

use super::collocation::{Collocation, PeriodicField, lagrange, lagrange_slope};
use crate::continuation::curve::root;
use crate::continuation::linear::dot;

impl<F: PeriodicField> Collocation<F> {
    /// Smallest and largest value of each state over the polynomials.
    pub(super) fn extrema(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (n, m) = (self.n(), self.basis.degree);
        let count = self.n_points();
        let mut bounds = [vec![f64::INFINITY; n], vec![f64::NEG_INFINITY; n]];
        for i in 0..n {
            for (bound, sign) in bounds.iter_mut().zip([-1.0, 1.0]) {
                let at = |k: usize| sign * x[(k % count) * n + i];
                let best = (0..count).fold(0, |b, k| if at(k) > at(b) { k } else { b });
                bound[i] = sign * at(best);
                // The true extremum lies in the interval of the best point, or in the one before if
                // it is shared.
                let inside = best / m;
                let before = (inside + self.n_intervals() - 1) % self.n_intervals();
                let intervals = if best % m == 0 {
                    vec![before, inside]
                } else {
                    vec![inside]
                };
                for j in intervals {
                    let values: Vec<f64> = (0..=m).map(|k| at(j * m + k)).collect();
                    let local = (0..=m).fold(0, |b, k| if values[k] > values[b] { k } else { b });
                    let slope = |t: f64| dot(&[], &lagrange_slope(m, t), &values);
                    let low = local.saturating_sub(1) as f64 / m as f64;
                    let high = (local + 1).min(m) as f64 / m as f64;
                    let ends = ((low, slope(low)), (high, slope(high)));
                    if ends.0.1 * ends.1.1 < 0.0
                        && let Some((t, _, ())) =
                            root(ends.0, ends.1, 1e-12, |t| Some((slope(t), ())))
                    {
                        let value = dot(&[], &lagrange(m, t), &values);
                        bound[i] = sign * value.max(sign * bound[i]);
                    }
                }
            }
        }
        let [minima, maxima] = bounds;
        (minima, maxima)
    }

    /// Half the range of the state that moves most.
    pub(super) fn amplitude(&self, x: &[f64]) -> f64 {
        amplitude(&x[..self.n_points() * self.n()], self.n())
    }

    /// The profile without its mean, and the mean.
    pub(super) fn swing(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.n();
        let mean = self.mean(x);
        let swing = x[..self.n_points() * n]
            .iter()
            .enumerate()
            .map(|(k, w)| w - mean[k % n])
            .collect();
        (swing, mean)
    }
}

/// Half the largest range of a state over a profile `[n_points, n]`.
pub(super) fn amplitude(profile: &[f64], n: usize) -> f64 {
    let range = |i: usize| {
        let values = profile[i..].iter().step_by(n);
        let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| {
            [low.min(*v), high.max(*v)]
        });
        0.5 * (high - low)
    };
    (0..n).map(range).fold(0.0, f64::max)
}
