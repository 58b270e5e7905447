//! The discrete Fourier transform of series of any length.
//!
//! ```text
//! X_k = sum_j x_j exp(-2 pi i j k / n)
//! ```
//!
//! Powers of two by halves (Cooley & Tukey 1965, Math. Comput. 19, 297); other lengths as a convolution with a chirp, made by
//! transforms of a power of two (Bluestein 1970, IEEE Trans. Audio Electroacoust. 18, 451).

use std::f64::consts::PI;

use num_complex::Complex64;

/// The transform of series of one length.
#[derive(Debug, Clone)]
pub(super) struct Fourier {
    n: usize,
    /// `exp(-2 pi i k / m)` for the power of two m that is transformed, `[m / 2]`.
    roots: Vec<Complex64>,
    chirp: Option<Chirp>,
}

/// What turns a transform of length n into a convolution.
#[derive(Debug, Clone)]
struct Chirp {
    /// `exp(-pi i k^2 / n)`, `[n]`.
    wave: Vec<Complex64>,
    /// The transform of its conjugate, divided by its length, `[m]`.
    kernel: Vec<Complex64>,
}

impl Fourier {
    /// The transform of series of `n` samples.
    pub fn new(n: usize) -> Self {
        let is_power = n.is_power_of_two();
        let m = match is_power {
            true => n,
            false => (2 * n.max(1) - 1).next_power_of_two(),
        };
        let root = |k: usize| Complex64::from_polar(1.0, -2.0 * PI * k as f64 / m as f64);
        let roots: Vec<Complex64> = (0..m / 2).map(root).collect();
        let chirp = (!is_power).then(|| {
            // The square is taken modulo 2 n, where the wave repeats, so that its angle keeps its digits.
            let angle = |k: usize| -PI * ((k * k) % (2 * n).max(1)) as f64 / n as f64;
            let wave: Vec<Complex64> = (0..n)
                .map(|k| Complex64::from_polar(1.0, angle(k)))
                .collect();
            let mut kernel = vec![Complex64::new(0.0, 0.0); m];
            for (k, w) in wave.iter().enumerate() {
                let w = w.conj() / m as f64;
                kernel[k] = w;
                kernel[(m - k) % m] = w;
            }
            halve(&mut kernel, &roots);
            Chirp { wave, kernel }
        });
        Self { n, roots, chirp }
    }

    /// Transforms `x`, `[n]`, in place.
    pub fn forward(&self, x: &mut [Complex64]) {
        assert_eq!(x.len(), self.n, "as many samples as the transform is for");
        let Some(Chirp { wave, kernel }) = &self.chirp else {
            return halve(x, &self.roots);
        };
        let mut padded = vec![Complex64::new(0.0, 0.0); kernel.len()];
        for k in 0..self.n {
            padded[k] = x[k] * wave[k];
        }
        halve(&mut padded, &self.roots);
        for (value, factor) in padded.iter_mut().zip(kernel) {
            *value = (*value * factor).conj();
        }
        // The inverse, as the conjugate of a transform of conjugates.
        halve(&mut padded, &self.roots);
        for k in 0..self.n {
            x[k] = padded[k].conj() * wave[k];
        }
    }

    /// Transforms `x`, `[n]`, back in place.
    pub fn backward(&self, x: &mut [Complex64]) {
        x.iter_mut().for_each(|value| *value = value.conj());
        self.forward(x);
        let n = self.n as f64;
        x.iter_mut().for_each(|value| *value = value.conj() / n);
    }
}

/// Transforms as many samples as there are twice as many of as `roots`, a power of two, in place.
fn halve(x: &mut [Complex64], roots: &[Complex64]) {
    let n = x.len();
    if n < 2 {
        return;
    }
    let shift = usize::BITS - n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits() >> shift;
        if i < j {
            x.swap(i, j);
        }
    }
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        for first in (0..n).step_by(2 * half) {
            for k in 0..half {
                let (a, b) = (x[first + k], x[first + k + half] * roots[k * stride]);
                x[first + k] = a + b;
                x[first + k + half] = a - b;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition.
    fn slowly(x: &[Complex64]) -> Vec<Complex64> {
        let n = x.len();
        let term = |j: usize, k: usize| {
            x[j] * Complex64::from_polar(1.0, -2.0 * PI * ((j * k) % n) as f64 / n as f64)
        };
        (0..n).map(|k| (0..n).map(|j| term(j, k)).sum()).collect()
    }

    #[test]
    fn every_length_gives_the_definition_and_comes_back() {
        for n in [1, 2, 3, 5, 8, 30, 64, 83, 100, 257] {
            let x: Vec<Complex64> = (0..n)
                .map(|k| Complex64::new((0.3 * k as f64).sin() + 1.0, (k * k) as f64 / n as f64))
                .collect();
            let mut found = x.clone();
            let fourier = Fourier::new(n);
            fourier.forward(&mut found);
            let scale: f64 = x.iter().map(|x| x.norm()).sum();
            for (a, b) in found.iter().zip(slowly(&x)) {
                assert!((a - b).norm() < 1e-13 * scale, "{n}: {a} is not {b}");
            }
            fourier.backward(&mut found);
            for (a, b) in found.iter().zip(&x) {
                assert!((a - b).norm() < 1e-13 * scale, "{n}: {a} is not {b}");
            }
        }
    }
}
