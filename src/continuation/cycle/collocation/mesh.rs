//! Meshes that follow the profile.

use super::{Collocation, PeriodicField};

impl<F: PeriodicField> Collocation<F> {
    /// A mesh of `n_intervals` that gives each the same share of the (m + 1)th derivative's root
    /// (de Boor 1973; as in AUTO).
    pub fn adapted_mesh(&self, x: &[f64], n_intervals: usize) -> Vec<f64> {
        let (n, m, count) = (self.n(), self.basis.degree, self.n_intervals());
        let mut binomial = vec![1.0; m + 1];
        for k in 1..=m {
            binomial[k] = -binomial[k - 1] * (m + 1 - k) as f64 / k as f64;
        }
        // The highest derivative of each interval's polynomial, and the range of each state.
        let mut highest = vec![0.0; count * n];
        let mut range = vec![[f64::INFINITY, f64::NEG_INFINITY]; n];
        for j in 0..count {
            let h = self.mesh[j + 1] - self.mesh[j];
            for k in 0..=m {
                let offset = self.offset(j, k);
                for i in 0..n {
                    let w = x[offset + i];
                    highest[j * n + i] += binomial[m - k] * w * (m as f64 / h).powi(m as i32);
                    range[i] = [range[i][0].min(w), range[i][1].max(w)];
                }
            }
        }
        let scale: Vec<f64> = range
            .iter()
            .map(|r| 1.0 / (r[1] - r[0]).max(1e-10))
            .collect();
        let jump = |j: usize| -> f64 {
            let (a, b) = (j % count, (j + 1) % count);
            let width = 0.5 * (self.mesh[a + 1] - self.mesh[a] + self.mesh[b + 1] - self.mesh[b]);
            (0..n)
                .map(|i| ((highest[b * n + i] - highest[a * n + i]) * scale[i]).abs() / width)
                .fold(0.0, f64::max)
        };
        let mut monitor: Vec<f64> = (0..count)
            .map(|j| (0.5 * (jump((j + count - 1) % count) + jump(j))).powf(1.0 / (m + 1) as f64))
            .collect();
        let total: f64 = monitor
            .iter()
            .zip(self.mesh.windows(2))
            .map(|(e, ends)| e * (ends[1] - ends[0]))
            .sum();
        // No interval is starved: a tenth of the share goes by length.
        monitor.iter_mut().for_each(|e| *e += 0.1 * total + 1e-300);
        let mut cumulative = vec![0.0];
        for (e, ends) in monitor.iter().zip(self.mesh.windows(2)) {
            cumulative.push(cumulative[cumulative.len() - 1] + e * (ends[1] - ends[0]));
        }
        let whole = cumulative[count];
        let mut mesh: Vec<f64> = (0..=n_intervals)
            .map(|j| {
                let wanted = whole * j as f64 / n_intervals as f64;
                let at = cumulative.partition_point(|&c| c <= wanted).clamp(1, count) - 1;
                self.mesh[at] + (wanted - cumulative[at]) / monitor[at]
            })
            .collect();
        mesh[0] = 0.0;
        mesh[n_intervals] = 1.0;
        mesh
    }

    /// Moves to another mesh; `vectors` (profiles with scalars) are interpolated onto it.
    pub fn remesh(&mut self, mesh: Vec<f64>, vectors: &mut [&mut Vec<f64>]) {
        let m = self.basis.degree;
        let times: Vec<f64> = mesh
            .windows(2)
            .flat_map(|ends| {
                (0..m).map(move |k| ends[0] + (ends[1] - ends[0]) * k as f64 / m as f64)
            })
            .collect();
        for vector in vectors {
            let scalars = vector[self.n_points() * self.n()..].to_vec();
            let mut moved: Vec<f64> = times
                .iter()
                .flat_map(|&t| self.profile_at(vector, t))
                .collect();
            moved.extend(scalars);
            **vector = moved;
        }
        self.mesh = mesh;
        self.weigh();
    }
}
