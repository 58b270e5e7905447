//! What a number would be with a step of 0, from what it is as the step is halved.

use serde::Serialize;

/// Changes below this are rounding: the states are 32-bit floats.
const ROUNDING: f64 = 1e-6;
/// Changes below this show no order, but they are small: what is left of them is, too.
const SMALL: f64 = 1e-3;

/// A number of a run with its step, half of it, a quarter of it, ..., and what it tends to.
///
/// With `v` of the smallest step, `d` its change by the last halving and an error that falls as dt^p, the number tends to
/// `v + d / (2^p - 1)` (Richardson & Gaunt 1927, doi 10.1098/rsta.1927.0008).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// The number with each step, the largest step first.
    pub values: Vec<f64>,
    /// The order that the last two changes show: log2 of how far the last is smaller than the one before. None with a single
    /// halving, if a change is rounding, or if they have different signs.
    pub measured_order: Option<f64>,
    /// Which order the limit rests on.
    pub basis: Basis,
    /// The order p that the limit rests on; none if there is no limit.
    pub order: Option<f64>,
    /// What the number tends to; none if the changes do not shrink, or if a value is undefined.
    pub limit: Option<f64>,
    /// How far the number of the largest step, the study's, is off.
    pub error: Option<f64>,
}

/// What the order of an [`Estimate`] rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The changes: each halving makes them smaller by 2^p.
    Measured,
    /// The scheme: a single halving does not show an order, and neither do changes that shrink faster than any scheme's, by chance, or
    /// that are all below 0.001.
    Theory,
    /// The last change is rounding: the number no longer depends on the step.
    Rounding,
    /// Nothing: the changes do not shrink as an error of the step does, or a value is undefined.
    None,
}

impl Estimate {
    /// Of a number that a scheme of order `theory` makes, by the step halved again and again.
    pub(in crate::run) fn new(values: Vec<f64>, theory: f64) -> Self {
        let changes: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let measured = measured_order(&changes);
        let (basis, order) = match changes.as_slice() {
            [] => (Basis::None, None),
            all if all.iter().any(|change| !change.is_finite()) => (Basis::None, None),
            [.., last] if last.abs() < ROUNDING => (Basis::Rounding, Some(theory)),
            [_] => (Basis::Theory, Some(theory)),
            [.., before, last] => {
                let shrinks = (before / last).abs().log2();
                match measured {
                    Some(order) if (0.5 * theory..=2.0 * theory).contains(&order) => {
                        (Basis::Measured, Some(order))
                    }
                    _ if shrinks >= 0.5 * theory => (Basis::Theory, Some(theory)),
                    _ if before.abs().max(last.abs()) < SMALL => (Basis::Theory, Some(theory)),
                    _ => (Basis::None, None),
                }
            }
        };
        let limit = order.zip(changes.last()).zip(values.last());
        let limit = limit.map(|((order, change), value)| value + change / (order.exp2() - 1.0));
        Self {
            error: limit.map(|limit| values[0] - limit),
            values,
            measured_order: measured,
            basis,
            order,
            limit,
        }
    }

    /// The change by each halving.
    pub fn changes(&self) -> impl Iterator<Item = f64> + '_ {
        self.values.windows(2).map(|pair| pair[1] - pair[0])
    }

    /// The step with which the number would be right to `tolerance`, where the largest step is `dt`; at most `dt`.
    pub fn step_for(&self, tolerance: f64, dt: f64) -> Option<f64> {
        let (limit, order) = (self.limit?, self.order?);
        let n_halvings = self.values.len() - 1;
        let error = (self.values[n_halvings] - limit).abs();
        let smallest = dt / (n_halvings as f64).exp2();
        let step = smallest * (tolerance / error).powf(1.0 / order);
        // A larger step than the study's was not tried.
        Some(step.min(dt))
    }
}

/// The order that the last two of some changes show.
pub(super) fn measured_order(changes: &[f64]) -> Option<f64> {
    let [.., before, last] = changes else {
        return None;
    };
    let order = (before / last).log2();
    let is_known = order.is_finite() && before.abs().min(last.abs()) >= ROUNDING;
    is_known.then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number with an error of known order: the limit, the order and the step that is small enough come out.
    #[test]
    fn an_error_of_one_order_is_found() {
        for order in [1.0, 2.0, 4.0] {
            let value = |dt: f64| 0.27 + 0.4 * dt.powf(order);
            let values: Vec<f64> = [0.2, 0.1, 0.05].map(value).to_vec();
            let one = Estimate::new(values[..2].to_vec(), order);
            assert_eq!((one.basis, one.measured_order), (Basis::Theory, None));
            let two = Estimate::new(values.clone(), order);
            assert_eq!(two.basis, Basis::Measured);
            assert!((two.measured_order.unwrap() - order).abs() < 1e-9);
            for estimate in [one, two] {
                assert!((estimate.limit.unwrap() - 0.27).abs() < 1e-12);
                let error = estimate.error.unwrap();
                assert!((error - (values[0] - 0.27)).abs() < 1e-12);
                let step = estimate.step_for(0.001, 0.2).unwrap();
                let expected = (0.001f64 / 0.4).powf(1.0 / order).min(0.2);
                assert!((step - expected).abs() < 1e-9, "{step}, not {expected}");
                assert_eq!(estimate.step_for(1.0, 0.2), Some(0.2));
            }
        }
    }

    #[test]
    fn changes_that_do_not_shrink_have_no_limit() {
        for values in [[0.1, 0.2, 0.3], [0.1, 0.2, 0.11], [0.1, f64::NAN, 0.2]] {
            let estimate = Estimate::new(values.to_vec(), 1.0);
            assert_eq!(
                (estimate.basis, estimate.limit),
                (Basis::None, None),
                "{values:?}"
            );
            assert_eq!(estimate.error.or(estimate.step_for(0.01, 0.1)), None);
        }
    }

    #[test]
    fn small_changes_rest_on_theory_or_are_rounding() {
        let swings = Estimate::new(vec![0.1, 0.2, 0.17], 1.0);
        assert_eq!((swings.basis, swings.measured_order), (Basis::Theory, None));
        assert!((swings.limit.unwrap() - 0.14).abs() < 1e-12);
        let small = Estimate::new(vec![0.1, 0.1001, 0.1004], 1.0);
        assert_eq!(
            (small.basis, small.limit.map(|limit| limit < 0.1008)),
            (Basis::Theory, Some(true))
        );
        let chance = Estimate::new(vec![0.1, 0.2, 0.201], 1.0);
        assert_eq!(chance.basis, Basis::Theory);
        assert!((chance.limit.unwrap() - 0.202).abs() < 1e-12);
        let rounding = Estimate::new(vec![0.1, 0.2, 0.2], 4.0);
        assert_eq!(
            (rounding.basis, rounding.limit),
            (Basis::Rounding, Some(0.2))
        );
        assert_eq!(rounding.step_for(0.01, 0.1), Some(0.1));
    }
}
