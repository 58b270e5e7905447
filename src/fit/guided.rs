//! [`Restarts`] with a guide: in each generation one candidate stands where a quadratic model of what is known says that the loss is
//! least.
//!
//! Where all candidates run with the same seeds, a loss is smooth, and its differences between neighbours tell where it falls. Whether
//! they do is measured first: the model has to put the candidates of the last generation, which it did not know, in about the order that
//! they turned out to have. As in N. Hansen (2019), GECCO, 664, doi 10.1145/3321707.3321842, which asks the same of its model.

use super::quadratic::Quadratic;
use super::{Policy, Restarts, Search};

/// Kendall's correlation of the model's order with the true one, from which on the model is followed.
const TRUSTED: f64 = 0.5;
/// Points that are remembered, over the coefficients of the model.
const REMEMBERED: usize = 20;

/// Runs of the strategy, one candidate of each generation the model's.
#[derive(Debug, Clone)]
pub struct Guided {
    restarts: Restarts,
    /// Points that are known, and their losses; the last ones.
    known: Vec<(Vec<f64>, f64)>,
    /// The model about where the search is now; none where too little is known.
    model: Option<Quadratic>,
}

impl Guided {
    /// The first run goes from `start`, as in [`Restarts::new`].
    ///
    /// # Panics
    /// As [`Restarts::new`].
    pub fn new(policy: Policy, start: &[f64], step: f64, population: usize, seed: u64) -> Self {
        Self {
            restarts: Restarts::new(policy, start, step, population, seed),
            known: Vec::new(),
            model: None,
        }
    }

    /// The search that is guided.
    pub fn restarts(&self) -> &Restarts {
        &self.restarts
    }

    /// Takes the losses of other points that are known, in the unit box.
    pub fn remember(&mut self, points: &[Vec<f64>], losses: &[Vec<f64>]) {
        let all = points.iter().zip(losses);
        let finite = all.filter(|(_, losses)| losses[0].is_finite());
        self.known
            .extend(finite.map(|(point, losses)| (point.clone(), losses[0])));
        let n = self.restarts.run().mean().len();
        let most = REMEMBERED * Quadratic::n_coefficients(n);
        self.known.drain(..self.known.len().saturating_sub(most));
    }

    /// The model of what is known, as the search sees it now.
    fn fitted(&self) -> Option<Quadratic> {
        let run = self.restarts.run();
        let points: Vec<Vec<f64>> = self
            .known
            .iter()
            .map(|(point, _)| run.seen(point))
            .collect();
        let losses: Vec<f64> = self.known.iter().map(|(_, loss)| *loss).collect();
        Quadratic::fitted(&points, &losses)
    }
}

impl Search for Guided {
    fn ask(&self) -> Vec<Vec<f64>> {
        self.restarts.ask()
    }

    fn tell(&mut self, losses: &[Vec<f64>]) {
        let points = self.restarts.ask();
        let run = self.restarts.run();
        let is_trusted = self.model.as_ref().is_some_and(|model| {
            let drawn = 0..points.len() - usize::from(run.is_injected());
            let drawn = drawn.filter(|&k| losses[k][0].is_finite());
            let pairs = drawn.map(|k| [model.value(&run.seen(&points[k])), losses[k][0]]);
            kendall(&pairs.collect::<Vec<_>>()) >= TRUSTED
        });
        self.remember(&points, losses);
        self.restarts.tell(losses);
        self.model = self.fitted();
        if let Some(model) = self.model.as_ref().filter(|_| is_trusted) {
            let least = model.least_within(self.restarts.run().longest_injected());
            self.restarts.inject(&least);
        }
    }
}

/// Kendall's rank correlation of pairs of numbers: of all pairs of pairs, those in the same order less those in the other, over all; NaN
/// of fewer than two.
fn kendall(pairs: &[[f64; 2]]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for (k, a) in pairs.iter().enumerate() {
        for b in &pairs[..k] {
            let product = (a[0] - b[0]) * (a[1] - b[1]);
            sum += f64::from(i8::from(product > 0.0) - i8::from(product < 0.0));
            n += 1.0;
        }
    }
    sum / n
}

#[cfg(test)]
mod tests {
    use super::kendall;

    #[test]
    fn rank_correlations_are_those_of_the_definition() {
        assert_eq!(kendall(&[[1.0, 2.0], [2.0, 5.0], [3.0, 9.0]]), 1.0);
        assert_eq!(kendall(&[[1.0, 9.0], [2.0, 5.0], [3.0, 2.0]]), -1.0);
        // scipy.stats.kendalltau([1, 2, 3, 4], [1, 3, 2, 4])
        let one_swapped = [[1.0, 1.0], [2.0, 3.0], [3.0, 2.0], [4.0, 4.0]];
        assert!((kendall(&one_swapped) - 2.0 / 3.0).abs() < 1e-15);
        assert!(kendall(&[[1.0, 1.0]]).is_nan());
    }
}
