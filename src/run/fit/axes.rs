//! What the data tell of the free numbers: the axes of the search's last distribution.
//!
//! The strategy learns the shape of the objective about its optimum: its covariance tends to the inverse of the second derivatives, up to a
//! factor (Hansen 2016, section 1.3). So a long axis is a direction in which the objective hardly changes.

use serde_json::{Map, Value, json};

use super::Fit;
use super::state::Distribution;
use crate::fit::Eigen;

/// From this ratio of the longest axis to the next on, the longest is a ridge.
const RIDGE: f64 = 4.0;
/// Parts of a direction that are named: those that are at least this part of its largest.
const NAMED: f64 = 0.2;

/// The axes of a distribution over free numbers, each in units of its range: the logarithm of it where the range is logarithmic.
#[derive(Debug, Clone, PartialEq)]
pub struct Axes {
    /// The free numbers.
    pub paths: Vec<String>,
    /// The standard deviation along each axis, the longest first.
    pub sd: Vec<f64>,
    /// The direction of each axis, a unit vector, `[n_axes][n_free]`; its largest part is positive.
    pub directions: Vec<Vec<f64>>,
}

impl Axes {
    /// Those of the last distribution of a fit.
    pub(super) fn new(fit: &Fit, last: &Distribution) -> Self {
        let paths: Vec<String> = fit
            .ends()
            .axes()
            .iter()
            .map(|axis| axis.path.clone())
            .collect();
        let n = paths.len();
        let Eigen { values, vectors } = Eigen::of(&last.covariance, n);
        let direction = |k: usize| {
            let mut parts: Vec<f64> = (0..n).map(|row| vectors[row * n + k]).collect();
            let largest = parts
                .iter()
                .copied()
                .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            if largest < 0.0 {
                parts.iter_mut().for_each(|part| *part = -*part);
            }
            parts
        };
        Self {
            sd: values
                .iter()
                .rev()
                .map(|value| value.max(0.0).sqrt())
                .collect(),
            directions: (0..n).rev().map(direction).collect(),
            paths,
        }
    }

    /// How many times the longest axis is longer than the shortest.
    pub fn ratio(&self) -> f64 {
        self.sd[0] / self.sd[self.sd.len() - 1]
    }

    /// The direction of an axis in words: "+0.94 coupling.g -0.34 input.x".
    pub fn direction(&self, axis: usize) -> String {
        let parts = &self.directions[axis];
        let largest = parts.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        let named = self.paths.iter().zip(parts);
        let named = named.filter(|(_, part)| part.abs() >= NAMED * largest);
        let named: Vec<String> = named
            .map(|(path, part)| format!("{part:+.2} {path}"))
            .collect();
        named.join(" ")
    }

    /// The direction of the ridge, if the longest axis is one.
    pub fn ridge(&self) -> Option<String> {
        let is_ridge = self.sd.len() > 1 && self.sd[0] >= RIDGE * self.sd[1];
        is_ridge.then(|| self.direction(0))
    }

    /// The same for other programs.
    pub fn to_json(&self) -> Value {
        let axes = self.sd.iter().zip(&self.directions).map(|(sd, parts)| {
            let parts = self.paths.iter().zip(parts);
            let parts: Map<String, Value> = parts
                .map(|(path, part)| (path.clone(), json!(part)))
                .collect();
            json!({ "sd": sd, "direction": parts })
        });
        json!({
            "axes": axes.collect::<Vec<_>>(),
            "ratio": self.ratio(),
            "ridge": self.ridge(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(sd: &[f64], directions: &[[f64; 2]]) -> Axes {
        Axes {
            paths: vec!["coupling.g".into(), "input.x".into()],
            sd: sd.to_vec(),
            directions: directions.iter().map(|d| d.to_vec()).collect(),
        }
    }

    #[test]
    fn a_ridge_is_named_with_its_direction() {
        let along = axes(&[0.2, 0.01], &[[0.8, -0.6], [0.6, 0.8]]);
        assert_eq!(along.ridge().unwrap(), "+0.80 coupling.g -0.60 input.x");
        assert!((along.ratio() - 20.0).abs() < 1e-12);
        let one = axes(&[0.2, 0.01], &[[1.0, 0.05], [0.05, 1.0]]);
        assert_eq!(one.ridge().unwrap(), "+1.00 coupling.g");
        assert_eq!(axes(&[0.2, 0.1], &[[1.0, 0.0], [0.0, 1.0]]).ridge(), None);
    }
}
