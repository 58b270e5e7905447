//! Second and third derivatives of a network's drift along complex directions, for normal forms.
//!
//! A direction `v e^(lambda t)` is late by `e^(-lambda d)` after a delay d, and the product of two
//! by `e^(-(lambda_a + lambda_b) d)`: the network runs on power series with one variable per
//! direction, and every coefficient that travels is delayed by its own factor.

use num_complex::Complex64;

use super::number::Number;
use super::{Arrivals, Network};
use crate::scalar::Series;

/// A perturbation `state e^(rate t)` of a constant state.
#[derive(Debug, Clone)]
pub(crate) struct Direction {
    /// Of the states, `[dim]`.
    pub state: Vec<Complex64>,
    /// lambda, 1/ms.
    pub rate: Complex64,
}

impl Direction {
    /// The complex conjugate.
    pub fn conj(&self) -> Self {
        Self {
            state: self.state.iter().map(Complex64::conj).collect(),
            rate: self.rate.conj(),
        }
    }
}

/// What comes to every node of what goes into lines (`[n_nodes, n_lines]`) and grows at a rate.
pub(crate) type Travel<'a> = &'a dyn Fn(Complex64, &[Complex64]) -> Arrivals<Complex64>;

impl Network {
    /// The second derivative of the drift along `a` and `b` at the constant state `u`, `[dim]`.
    pub(crate) fn second_form(
        &self,
        (u, p): (&[f64], f64),
        along: [&Direction; 2],
        travel: Travel<'_>,
    ) -> Vec<Complex64> {
        self.form::<2, 6>((u, p), along, travel)
    }

    /// The third derivative of the drift along `a`, `b` and `c` at the constant state `u`, `[dim]`.
    pub(crate) fn third_form(
        &self,
        (u, p): (&[f64], f64),
        along: [&Direction; 3],
        travel: Travel<'_>,
    ) -> Vec<Complex64> {
        self.form::<3, 20>((u, p), along, travel)
    }

    /// The coefficient of the product of all variables.
    fn form<const V: usize, const L: usize>(
        &self,
        (u, p): (&[f64], f64),
        along: [&Direction; V],
        travel: Travel<'_>,
    ) -> Vec<Complex64>
    where
        Series<V, L>: Number,
    {
        let first = |k: usize| {
            let exponents = std::array::from_fn(|v| u8::from(v == k));
            Series::<V, L>::index(exponents).expect("of degree 1")
        };
        let moving = u.iter().enumerate().map(|(at, &u)| {
            let mut series = Series::<V, L>::constant(u);
            for (k, direction) in along.iter().enumerate() {
                series.coefficients[first(k)] = direction.state[at];
            }
            series
        });
        let moving: Vec<_> = moving.collect();
        let p = Series::constant(p);
        let lines = self.lines(&moving, p);
        let still = self.arrivals(u, p.value());
        let constants = |values: Vec<f64>| values.into_iter().map(Series::constant).collect();
        let mut arrivals: Arrivals<Series<V, L>> = Arrivals {
            sums: constants(still.sums),
            fed_back: constants(still.fed_back),
        };
        for (index, exponents) in Series::<V, L>::MONOMIALS.iter().enumerate().skip(1) {
            // Squares of a variable have no part in the product of all.
            if exponents.iter().any(|&e| e > 1) {
                continue;
            }
            let parts: Vec<Complex64> = lines.iter().map(|line| line.coefficients[index]).collect();
            if parts.iter().all(|part| *part == Complex64::ZERO) {
                continue;
            }
            let taking_part = along.iter().zip(exponents).filter(|(_, e)| **e == 1);
            let rate = taking_part.map(|(direction, _)| direction.rate).sum();
            let come = travel(rate, &parts);
            for (to, from) in arrivals.sums.iter_mut().zip(come.sums) {
                to.coefficients[index] = from;
            }
            for (to, from) in arrivals.fed_back.iter_mut().zip(come.fed_back) {
                to.coefficients[index] = from;
            }
        }
        let all = Series::<V, L>::index([1; V]).expect("within the order");
        let drift = self.drift(&moving, p, &arrivals);
        drift
            .into_iter()
            .map(|rate| rate.coefficients[all])
            .collect()
    }
}
