//! Numbers of a solution that are recorded and drawn: means, sums, norms, single regions.

use std::fmt;
use std::sync::Arc;

use super::{Point, Swing};

type Value = dyn Fn(&[f64], &[f64]) -> f64 + Send + Sync;

/// A number made of the states of all nodes and of the numbers that vary.
#[derive(Clone)]
pub struct Measure {
    /// As the user wrote it.
    pub name: String,
    value: Arc<Value>,
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Measure").field(&self.name).finish()
    }
}

impl Measure {
    /// The measure that `value` computes of states and of the numbers that vary.
    pub fn new(
        name: impl Into<String>,
        value: impl Fn(&[f64], &[f64]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            value: Arc::new(value),
        }
    }

    /// Its value in one state.
    pub fn of(&self, state: &[f64], parameters: &[f64]) -> f64 {
        (self.value)(state, parameters)
    }

    /// Its value at an equilibrium, its mean over the period of a cycle.
    pub fn mean(&self, point: &Point) -> f64 {
        let Some(swing) = &point.cycle else {
            return self.of(&point.state, &point.parameters);
        };
        let values = self.along(swing, &point.parameters);
        let spans = swing.times.windows(2).zip(values.windows(2));
        spans
            .map(|(t, v)| 0.5 * (t[1] - t[0]) * (v[0] + v[1]))
            .sum()
    }

    /// Its lowest and highest value at the points of a cycle; at an equilibrium twice its value.
    pub fn extrema(&self, point: &Point) -> [f64; 2] {
        let Some(swing) = &point.cycle else {
            return [self.of(&point.state, &point.parameters); 2];
        };
        let values = self.along(swing, &point.parameters);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        [lowest, highest]
    }

    fn along(&self, swing: &Swing, parameters: &[f64]) -> Vec<f64> {
        let states = swing.profile.iter();
        states.map(|state| self.of(state, parameters)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x = sin^2(2 pi t) has the mean 1/2 and goes from 0 to 1, on a mesh of unequal steps, too.
    #[test]
    fn a_cycle_has_the_mean_over_its_period() {
        let n = 400;
        let times: Vec<f64> = (0..=n)
            .map(|k| (f64::from(k) / f64::from(n)).powf(1.3))
            .collect();
        let states = times
            .iter()
            .map(|t| vec![(std::f64::consts::TAU * t).sin().powi(2)]);
        let point = Point {
            parameters: vec![0.0],
            state: vec![0.0],
            eigenvalues: Vec::new(),
            n_unstable: None,
            stability: None,
            residual: 0.0,
            period_ms: Some(1.0),
            coefficient: None,
            is_bifurcation: false,
            is_on_cycle: false,
            cycle: Some(Swing {
                minima: vec![0.0],
                maxima: vec![1.0],
                profile: states.collect(),
                times,
                mesh_error: None,
            }),
            events: Vec::new(),
        };
        let measure = Measure::new("x", |state, _| state[0]);
        assert!((measure.mean(&point) - 0.5).abs() < 1e-3);
        let [low, high] = measure.extrema(&point);
        assert!(low < 1e-4 && high > 1.0 - 1e-4);
    }
}
