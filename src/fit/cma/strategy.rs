//! The constants of the strategy: weights of the candidates, rates of learning.

/// Constants of the strategy (table 1).
#[derive(Debug, Clone)]
pub(super) struct Strategy {
    pub n: usize,
    /// Those of the better half sum to 1, the others are negative.
    pub weights: Vec<f64>,
    pub n_better: usize,
    pub mu_eff: f64,
    pub c_step: f64,
    pub d_step: f64,
    pub c_path: f64,
    pub c_one: f64,
    pub c_mu: f64,
    /// The mean length of a standard normal vector.
    pub length: f64,
}

impl Strategy {
    pub fn new(n: usize, population: usize) -> Self {
        let d = n as f64;
        let raw: Vec<f64> = (1..=population)
            .map(|k| libm::log((population + 1) as f64 / 2.0) - libm::log(k as f64))
            .collect();
        let n_better = population / 2;
        let eff = |w: &[f64]| {
            let sum: f64 = w.iter().sum();
            sum * sum / w.iter().map(|w| w * w).sum::<f64>()
        };
        let (better, worse) = raw.split_at(n_better);
        let mu_eff = eff(better);
        let c_one = 2.0 / ((d + 1.3) * (d + 1.3) + mu_eff);
        let c_mu = 2.0 * (0.25 + mu_eff + 1.0 / mu_eff - 2.0) / ((d + 2.0) * (d + 2.0) + mu_eff);
        let c_mu = c_mu.min(1.0 - c_one);
        let c_step = (mu_eff + 2.0) / (d + mu_eff + 5.0);
        let d_step = 1.0 + 2.0 * (((mu_eff - 1.0) / (d + 1.0)).sqrt() - 1.0).max(0.0) + c_step;
        let better_sum: f64 = better.iter().sum();
        let worse_sum: f64 = worse.iter().map(|w| w.abs()).sum();
        // Equations 50 to 53.
        let negative = (1.0 + c_one / c_mu)
            .min(1.0 + 2.0 * eff(worse) / (mu_eff + 2.0))
            .min((1.0 - c_one - c_mu) / (d * c_mu));
        let weight = |w: &f64| match *w >= 0.0 {
            true => w / better_sum,
            false => w * negative / worse_sum,
        };
        Self {
            n,
            weights: raw.iter().map(weight).collect(),
            n_better,
            mu_eff,
            c_step,
            d_step,
            c_path: (4.0 + mu_eff / d) / (d + 4.0 + 2.0 * mu_eff / d),
            c_one,
            c_mu,
            length: d.sqrt() * (1.0 - 1.0 / (4.0 * d) + 1.0 / (21.0 * d * d)),
        }
    }

    /// Generations after which the axes are computed anew.
    pub fn gap(&self) -> u32 {
        (1.0 / ((self.c_one + self.c_mu) * self.n as f64 * 10.0)).max(1.0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ten candidates for ten numbers, as `pycma` 4.4 has them.
    #[test]
    fn the_constants_are_those_of_another_implementation() {
        let s = Strategy::new(10, 10);
        let expected = [
            0.45627264690340597,
            0.2707530970017852,
            0.16223111715866978,
            0.08523354710016448,
            0.025509591835974777,
            -0.08001260758087224,
            -0.22176416099914653,
            -0.34455494178482093,
            -0.45286408637842196,
            -0.5497499176973853,
        ];
        for (weight, expected) in s.weights.iter().zip(expected) {
            assert!((weight - expected).abs() < 1e-14, "{weight} {expected}");
        }
        let pairs = [
            (s.mu_eff, 3.1672992814107017),
            (s.c_one, 0.015283824524751714),
            (s.c_mu, 0.02355177665041747),
            (s.c_path, 0.29499038303562225),
        ];
        for (found, expected) in pairs {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
    }
}
