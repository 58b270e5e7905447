//! Distances between the distributions of two samples of numbers.

/// Numbers in order of size, to be compared with others.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Empty if one of them was NaN.
    sorted: Vec<f64>,
}

impl Distribution {
    /// The distribution of `values`. It is undefined if one of them is NaN, or if there are none.
    pub fn new(mut values: Vec<f64>) -> Self {
        if values.iter().any(|x| x.is_nan()) {
            values.clear();
        }
        values.sort_unstable_by(f64::total_cmp);
        Self { sorted: values }
    }

    /// The distribution of the numbers of all of `parts`; undefined if one of them is.
    pub fn pooled(parts: &[Self]) -> Self {
        let is_undefined = parts.iter().any(|part| part.sorted.is_empty());
        let all = parts.iter().flat_map(|part| part.sorted.iter().copied());
        match is_undefined {
            true => Self::new(Vec::new()),
            false => Self::new(all.collect()),
        }
    }

    /// The mean; NaN if it is undefined.
    pub fn mean(&self) -> f64 {
        super::mean(&self.sorted)
    }

    /// The standard deviation, the numbers being all there are; NaN if it is undefined.
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        let squares = self.sorted.iter().map(|x| (x - mean) * (x - mean));
        (squares.sum::<f64>() / self.sorted.len() as f64).sqrt()
    }

    /// The fraction of the numbers in each of `n` bins of equal width from `low` to `high`, both ends included; NaN if it is undefined.
    pub fn histogram(&self, [low, high]: [f64; 2], n: usize) -> Vec<f64> {
        let total = self.sorted.len() as f64;
        let mut counts = vec![0_usize; n];
        for x in &self.sorted {
            let place = ((x - low) / (high - low) * n as f64).floor();
            counts[(place.max(0.0) as usize).min(n - 1)] += 1;
        }
        counts.iter().map(|&count| count as f64 / total).collect()
    }

    /// The Kolmogorov-Smirnov distance: the largest gap between the distribution functions, from 0 to 1. NaN if either is undefined.
    pub fn kolmogorov_smirnov(&self, other: &Self) -> f64 {
        let mut most = 0.0_f64;
        match self.gaps(other, |gap, _| most = most.max(gap)) {
            true => most,
            false => f64::NAN,
        }
    }

    /// The Wasserstein distance, in the numbers' own unit: the area between the distribution functions. NaN if either is undefined.
    pub fn wasserstein(&self, other: &Self) -> f64 {
        let mut area = 0.0;
        match self.gaps(other, |gap, width| area += gap * width) {
            true => area,
            false => f64::NAN,
        }
    }

    /// Calls `take` with the gap between two distribution functions after each of all numbers, and how far it is to the next number.
    /// Gives whether both are defined.
    fn gaps(&self, other: &Self, mut take: impl FnMut(f64, f64)) -> bool {
        let (a, b) = (&self.sorted[..], &other.sorted[..]);
        if a.is_empty() || b.is_empty() {
            return false;
        }
        let (of_a, of_b) = (1.0 / a.len() as f64, 1.0 / b.len() as f64);
        let next = |values: &[f64], at: usize| values.get(at).copied().unwrap_or(f64::INFINITY);
        let (mut i, mut j) = (0, 0);
        let mut x = a[0].min(b[0]);
        while i < a.len() || j < b.len() {
            while i < a.len() && a[i] <= x {
                i += 1;
            }
            while j < b.len() && b[j] <= x {
                j += 1;
            }
            let gap = (i as f64 * of_a - j as f64 * of_b).abs();
            let after = next(a, i).min(next(b, j));
            take(gap, if after.is_finite() { after - x } else { 0.0 });
            x = after;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_small_samples() {
        let of = |values: &[f64]| Distribution::new(values.to_vec());
        let ks = |a: &[f64], b: &[f64]| of(a).kolmogorov_smirnov(&of(b));
        let wasserstein = |a: &[f64], b: &[f64]| of(a).wasserstein(&of(b));
        assert_eq!(ks(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
        assert_eq!(wasserstein(&[1.0, 2.0], &[3.0, 4.0]), 2.0);
        assert_eq!(ks(&[1.0, 2.0, 2.0], &[2.0, 1.0, 2.0]), 0.0);
        assert!((ks(&[0.0, 1.0], &[0.5]) - 0.5).abs() < 1e-15);
        assert!((wasserstein(&[0.0, 1.0], &[0.5]) - 0.5).abs() < 1e-15);
        assert!(ks(&[], &[1.0]).is_nan());
        assert!(wasserstein(&[f64::NAN], &[1.0]).is_nan());
    }

    #[test]
    fn moments_and_histogram_of_small_samples() {
        let found = Distribution::new(vec![-1.0, 1.0, 0.0, 0.6]);
        assert!((found.mean() - 0.15).abs() < 1e-15);
        assert!((found.sd() - 0.753_325_958_665_968_2).abs() < 1e-15);
        assert_eq!(found.histogram([-1.0, 1.0], 4), [0.25, 0.0, 0.25, 0.5]);
        let both = Distribution::pooled(&[found.clone(), Distribution::new(vec![0.4])]);
        assert!((both.mean() - 0.2).abs() < 1e-15);
        let undefined = Distribution::pooled(&[found, Distribution::new(vec![f64::NAN])]);
        assert!(undefined.mean().is_nan() && undefined.sd().is_nan());
        assert!(undefined.histogram([0.0, 1.0], 2)[0].is_nan());
    }
}
