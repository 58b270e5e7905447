//! A quadratic model of a loss, fitted to points that are known, and its least value nearby.
//!
//! ```text
//! m(z) = c + g z + z' H z / 2      H whole, or its diagonal alone, by how many points there are
//! ```

use super::Eigen;

/// Points over coefficients: as many are needed at least, and so many are taken at most, the nearest first.
const FEWEST: f64 = 1.3;
const MOST: f64 = 2.0;
/// Halvings of the interval in which the shift of the Hessian lies.
const HALVINGS: usize = 100;

/// A quadratic function of `n` numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quadratic {
    n: usize,
    constant: f64,
    /// `[n]`.
    gradient: Vec<f64>,
    /// `[n, n]` row by row.
    hessian: Vec<f64>,
}

impl Quadratic {
    /// Coefficients of a function of `n` numbers with its whole Hessian.
    pub fn n_coefficients(n: usize) -> usize {
        (n + 1) * (n + 2) / 2
    }

    /// The function with the least squares of the differences to the `losses` of those of the `points`, `[n_points][n]`, that are
    /// nearest to 0; none with too few points, or where they do not determine it.
    pub fn fitted(points: &[Vec<f64>], losses: &[f64]) -> Option<Self> {
        let n = points.first()?.len();
        let enough = |coefficients: usize| points.len() as f64 >= FEWEST * coefficients as f64;
        let (whole, diagonal) = (Self::n_coefficients(n), 2 * n + 1);
        let is_whole = enough(whole);
        let n_coefficients = match is_whole {
            true => whole,
            false if enough(diagonal) => diagonal,
            false => return None,
        };
        let squared = |k: usize| points[k].iter().map(|z| z * z).sum::<f64>();
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|&a, &b| squared(a).total_cmp(&squared(b)).then(a.cmp(&b)));
        order.truncate((MOST * n_coefficients as f64) as usize);
        // Every pair of numbers that has a coefficient.
        let pairs: Vec<(usize, usize)> = (0..n)
            .flat_map(|a| (a..if is_whole { n } else { a + 1 }).map(move |b| (a, b)))
            .collect();
        let row = |z: &[f64]| {
            let mut row = vec![1.0];
            row.extend(z);
            row.extend(pairs.iter().map(|&(a, b)| match a == b {
                true => z[a] * z[a] / 2.0,
                false => z[a] * z[b],
            }));
            row
        };
        let rows: Vec<Vec<f64>> = order.iter().map(|&k| row(&points[k])).collect();
        let values: Vec<f64> = order.iter().map(|&k| losses[k]).collect();
        let found = least_squares(rows, values)?;
        let mut hessian = vec![0.0; n * n];
        for (&(a, b), value) in pairs.iter().zip(&found[1 + n..]) {
            hessian[a * n + b] = *value;
            hessian[b * n + a] = *value;
        }
        Some(Self {
            n,
            constant: found[0],
            gradient: found[1..=n].to_vec(),
            hessian,
        })
    }

    /// Its value at `z`, `[n]`.
    pub fn value(&self, z: &[f64]) -> f64 {
        let mut value = self.constant;
        for a in 0..self.n {
            value += self.gradient[a] * z[a];
            for b in 0..self.n {
                value += self.hessian[a * self.n + b] * z[a] * z[b] / 2.0;
            }
        }
        value
    }

    /// Where it is least within `radius` of 0, `[n]`.
    ///
    /// That is where the gradient of the function with `shift z' z / 2` added vanishes, with the least shift that leaves no direction
    /// in which it falls and keeps the point inside: J. Nocedal & S. J. Wright (2006), Numerical Optimization, theorem 4.1.
    pub fn least_within(&self, radius: f64) -> Vec<f64> {
        let n = self.n;
        let Eigen { values, vectors } = Eigen::of(&self.hessian, n);
        let along: Vec<f64> = (0..n)
            .map(|k| {
                (0..n)
                    .map(|row| vectors[row * n + k] * self.gradient[row])
                    .sum()
            })
            .collect();
        let at = |shift: f64| -> Vec<f64> {
            let steps = along.iter().zip(&values);
            steps
                .map(|(g, value)| match *g == 0.0 {
                    true => 0.0,
                    false => -g / (value + shift),
                })
                .collect()
        };
        let length = |z: &[f64]| z.iter().map(|z| z * z).sum::<f64>().sqrt();
        let is_inside = |shift: f64| {
            let inside = length(&at(shift)) <= radius;
            inside && values[0] + shift > 0.0
        };
        let mut shift = 0.0;
        if !is_inside(shift) {
            let mut low = (-values[0]).max(0.0);
            let mut high = low + length(&along) / radius;
            for _ in 0..HALVINGS {
                shift = (low + high) / 2.0;
                match is_inside(shift) {
                    true => high = shift,
                    false => low = shift,
                }
            }
            shift = high;
        }
        let steps = at(shift);
        let part = |row: usize| (0..n).map(|k| vectors[row * n + k] * steps[k]).sum();
        (0..n).map(part).collect()
    }
}

/// The solution of `rows x = values` with the least squares, by Householder's reflections; none where the columns are dependent.
fn least_squares(mut rows: Vec<Vec<f64>>, mut values: Vec<f64>) -> Option<Vec<f64>> {
    let (n_rows, n) = (rows.len(), rows.first()?.len());
    let largest = rows.iter().flatten().fold(0.0, |a: f64, x| a.max(x.abs()));
    for k in 0..n {
        let norm = (k..n_rows)
            .map(|row| rows[row][k] * rows[row][k])
            .sum::<f64>()
            .sqrt();
        if norm.is_nan() || norm <= 1e-12 * largest {
            return None;
        }
        let head = if rows[k][k] > 0.0 { -norm } else { norm };
        let mut reflector: Vec<f64> = (k..n_rows).map(|row| rows[row][k]).collect();
        reflector[0] -= head;
        let squared: f64 = reflector.iter().map(|x| x * x).sum();
        for column in k..n {
            let along = (k..n_rows).map(|row| reflector[row - k] * rows[row][column]);
            let times = 2.0 * along.sum::<f64>() / squared;
            for row in k..n_rows {
                rows[row][column] -= times * reflector[row - k];
            }
        }
        let along = (k..n_rows).map(|row| reflector[row - k] * values[row]);
        let times = 2.0 * along.sum::<f64>() / squared;
        for row in k..n_rows {
            values[row] -= times * reflector[row - k];
        }
    }
    let mut solution = vec![0.0; n];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n)
            .map(|column| rows[k][column] * solution[column])
            .sum();
        solution[k] = (values[k] - known) / rows[k][k];
    }
    let is_known = solution.iter().all(|x| x.is_finite());
    is_known.then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Search, Sobol};

    /// Points about 0, evenly.
    fn points(n: usize, n_points: usize) -> Vec<Vec<f64>> {
        let points = Sobol::new(n, n_points, 3).ask();
        let centred = |point: Vec<f64>| point.into_iter().map(|x| 4.0 * x - 2.0).collect();
        points.into_iter().map(centred).collect()
    }

    fn loss(z: &[f64]) -> f64 {
        let (x, y) = (z[0] - 0.3, z[1] + 0.5);
        7.0 + 3.0 * x * x + y * y + 2.0 * x * y
    }

    #[test]
    fn a_quadratic_function_is_found_with_its_least_value() {
        let points = points(2, 9);
        let losses: Vec<f64> = points.iter().map(|z| loss(z)).collect();
        let model = Quadratic::fitted(&points, &losses).unwrap();
        for z in &points {
            assert!((model.value(z) - loss(z)).abs() < 1e-12);
        }
        let least = model.least_within(10.0);
        assert!((least[0] - 0.3).abs() < 1e-12 && (least[1] + 0.5).abs() < 1e-12);
        // Within less, no point of the circle is below it.
        let near = model.least_within(0.2);
        assert!((near[0].hypot(near[1]) - 0.2).abs() < 1e-12, "{near:?}");
        for k in 0..1000 {
            let angle = std::f64::consts::TAU * f64::from(k) / 1000.0;
            let other = [0.2 * angle.cos(), 0.2 * angle.sin()];
            assert!(model.value(&other) >= model.value(&near) - 1e-12);
        }
    }

    #[test]
    fn a_saddle_is_left_along_the_direction_that_falls() {
        let points = points(2, 9);
        let losses: Vec<f64> = points
            .iter()
            .map(|z| z[0] * z[0] - z[1] * z[1] + 0.1 * z[1])
            .collect();
        let least = Quadratic::fitted(&points, &losses)
            .unwrap()
            .least_within(1.5);
        assert!(
            least[0].abs() < 1e-12 && (least[1] + 1.5).abs() < 1e-9,
            "{least:?}"
        );
    }

    #[test]
    fn with_few_points_the_diagonal_is_found_and_with_fewer_nothing() {
        let bowl = |z: &[f64]| -> f64 { z.iter().map(|z| (z - 0.25) * (z - 0.25)).sum() };
        let of = |n_points: usize| {
            let points = points(3, n_points);
            let losses: Vec<f64> = points.iter().map(|z| bowl(z)).collect();
            Quadratic::fitted(&points, &losses)
        };
        // Ten coefficients, and seven without those of pairs.
        assert!(of(9).is_none());
        let least = of(10).unwrap().least_within(5.0);
        assert!(least.iter().all(|z| (z - 0.25).abs() < 1e-12), "{least:?}");
        let same = vec![vec![0.5, 0.5, 0.5]; 20];
        assert_eq!(Quadratic::fitted(&same, &[1.0; 20]), None);
    }
}
