//! Polynomials on one mesh interval.

pub(crate) struct Basis {
    pub degree: usize,
    pub gauss_weights: Vec<f64>,
    /// `[point][node]`
    pub values: Vec<Vec<f64>>,
    pub slopes: Vec<Vec<f64>>,
    /// Integrals of the basis functions.
    pub node_weights: Vec<f64>,
}

impl Basis {
    pub fn new(degree: usize) -> Self {
        let (gauss, gauss_weights) = gauss(degree);
        let values: Vec<Vec<f64>> = gauss.iter().map(|&t| lagrange(degree, t)).collect();
        let slopes = gauss.iter().map(|&t| lagrange_slope(degree, t)).collect();
        let node_weights = (0..=degree)
            .map(|k| {
                values
                    .iter()
                    .zip(&gauss_weights)
                    .map(|(v, w)| v[k] * w)
                    .sum()
            })
            .collect();
        Self {
            degree,
            gauss_weights,
            values,
            slopes,
            node_weights,
        }
    }
}

/// Lagrange's basis on the nodes k/m at `t`.
pub(crate) fn lagrange(m: usize, t: f64) -> Vec<f64> {
    let node = |k: usize| k as f64 / m as f64;
    (0..=m)
        .map(|k| {
            (0..=m)
                .filter(|&i| i != k)
                .map(|i| (t - node(i)) / (node(k) - node(i)))
                .product()
        })
        .collect()
}

/// Its derivatives at `t`.
pub(crate) fn lagrange_slope(m: usize, t: f64) -> Vec<f64> {
    let node = |k: usize| k as f64 / m as f64;
    (0..=m)
        .map(|k| {
            (0..=m)
                .filter(|&l| l != k)
                .map(|l| {
                    let rest: f64 = (0..=m)
                        .filter(|&i| i != k && i != l)
                        .map(|i| (t - node(i)) / (node(k) - node(i)))
                        .product();
                    rest / (node(k) - node(l))
                })
                .sum()
        })
        .collect()
}

/// Points and weights of Gauss's rule with `m` points on [0, 1], by Newton's method on Legendre's
/// polynomial.
fn gauss(m: usize) -> (Vec<f64>, Vec<f64>) {
    let mut points = Vec::new();
    let mut weights = Vec::new();
    for k in 0..m {
        let mut z = -(std::f64::consts::PI * (k as f64 + 0.75) / (m as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..50 {
            let (mut p, mut before) = (1.0, 0.0);
            for l in 0..m {
                let l = l as f64;
                (p, before) = (((2.0 * l + 1.0) * z * p - l * before) / (l + 1.0), p);
            }
            slope = m as f64 * (z * p - before) / (z * z - 1.0);
            let step = p / slope;
            z -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        points.push(0.5 * (1.0 + z));
        weights.push(1.0 / ((1.0 - z * z) * slope * slope));
    }
    (points, weights)
}
