//! The right-hand sides of three models, with their slopes.

use std::ops::{Add, Mul};

/// A number with its slopes by the two states of a node and by its input.
#[derive(Debug, Clone, Copy)]
pub struct Dual {
    pub value: f64,
    pub slopes: [f64; 3],
}

impl Dual {
    fn sigmoid(self) -> Self {
        let value = 1.0 / (1.0 + (-self.value).exp());
        let slopes = self.slopes.map(|slope| slope * value * (1.0 - value));
        Self { value, slopes }
    }
}

impl Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let value = self.value + other.value;
        let slopes = std::array::from_fn(|k| self.slopes[k] + other.slopes[k]);
        Self { value, slopes }
    }
}

impl Add<f64> for Dual {
    type Output = Self;

    fn add(self, other: f64) -> Self {
        let value = self.value + other;
        Self { value, ..self }
    }
}

impl Mul for Dual {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let slopes = std::array::from_fn(|k| {
            self.slopes[k].mul_add(other.value, self.value * other.slopes[k])
        });
        let value = self.value * other.value;
        Self { value, slopes }
    }
}

impl Mul<f64> for Dual {
    type Output = Self;

    fn mul(self, other: f64) -> Self {
        let slopes = self.slopes.map(|slope| slope * other);
        let value = self.value * other;
        Self { value, slopes }
    }
}

/// The parameters that are drawn, and between which bounds; the others have their defaults.
pub fn bounds(model: &str) -> &'static [(&'static str, f64, f64)] {
    match model {
        "fitzhugh-nagumo" => &[
            ("alpha", 2.0, 3.2),
            ("beta", 3.5, 4.8),
            ("gamma", -1.6, -0.8),
            ("delta", -0.05, 0.05),
            ("epsilon", 0.4, 0.8),
            ("tau", 8.0, 25.0),
        ],
        "stuart-landau" => &[("a", -0.5, 0.3), ("w", 0.1, 0.5)],
        _ => &[
            ("E_tau", 0.5, 6.0),
            ("I_tau", 0.5, 6.0),
            ("wEE", 10.0, 18.0),
            ("wIE", 3.0, 14.0),
            ("wEI", 8.0, 16.0),
            ("wII", 2.0, 12.0),
            ("E_a", 1.0, 1.5),
            ("I_a", 0.8, 2.0),
        ],
    }
}

/// Rates of a node with these parameters (of a Stuart-Landau node `a` comes by itself) in the state `(x, y)` with the input `c`.
pub fn rates(model: &str, numbers: &[f64], a: f64, [x, y, c]: [Dual; 3]) -> [Dual; 2] {
    match (model, numbers) {
        ("fitzhugh-nagumo", &[alpha, beta, gamma, delta, epsilon, tau]) => {
            let cubic = x * (x * (x * -alpha + beta) + gamma);
            let slow = (x + -delta) + y * -epsilon;
            [cubic + y * -1.0 + c, slow * (1.0 / tau)]
        }
        ("stuart-landau", &[_, w]) => {
            let growth = (x * x + y * y) * -1.0 + a;
            [growth * x + y * -w + c, growth * y + x * w]
        }
        ("wilson-cowan", &[e_tau, i_tau, ee, ie, ei, ii, e_a, i_a]) => {
            let response = |z: Dual, a: f64, theta: f64| {
                let rest = 1.0 / (1.0 + (a * theta).exp());
                ((z + -theta) * a).sigmoid() + -rest
            };
            let (u, v) = (x * ee + y * -ie + c, x * ei + y * -ii);
            let fast = (x * -1.0 + 1.0) * response(u, e_a, 2.8) + x * -1.0;
            let slow = (y * -1.0 + 1.0) * response(v, i_a, 4.0) + y * -1.0;
            [fast * (1.0 / e_tau), slow * (1.0 / i_tau)]
        }
        other => panic!("{other:?}"),
    }
}
