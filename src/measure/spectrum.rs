//! Power spectra by Welch's method, and what is read off them.
//!
//! ```text
//! P(f) = 2 / (rate sum w^2) < |sum_t w_t (x_t - <x>) exp(-2 pi i f t)|^2 >      over segments that overlap by half
//! ```
//!
//! With a periodic Hann window w, the mean of each segment removed and one side: the conventions of SciPy's `welch`. The factor 2 is
//! missing at 0 and at half the rate.
//!
//! Welch (1967), The use of fast Fourier transform for the estimation of power spectra, IEEE Trans. Audio Electroacoust. 15, 70.

use std::borrow::Cow;
use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;

use super::fourier::Fourier;

/// A band of frequencies with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its lower and upper edge, Hz; the lower one belongs to it.
    pub edges_hz: [f64; 2],
}

/// Bands of EEG and MEG, and of slow fluctuations as in Zuo et al. (2010), NeuroImage 49, 1432.
pub static BANDS: [Band; 9] = [
    band("slow-5", 0.01, 0.027),
    band("slow-4", 0.027, 0.073),
    band("slow-3", 0.073, 0.198),
    band("slow-2", 0.198, 0.25),
    band("delta", 1.0, 4.0),
    band("theta", 4.0, 8.0),
    band("alpha", 8.0, 13.0),
    band("beta", 13.0, 30.0),
    band("gamma", 30.0, 80.0),
];

const fn band(name: &'static str, low: f64, high: f64) -> Band {
    Band {
        name: Cow::Borrowed(name),
        edges_hz: [low, high],
    }
}

/// The segments of a power spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segments {
    /// Samples of a segment.
    pub length: usize,
    /// Samples in a second.
    pub rate_hz: f64,
}

impl Segments {
    /// Segments of so many samples, or of all where there are fewer.
    pub fn of(length: usize, n_samples: usize, rate_hz: f64) -> Self {
        Self {
            length: length.min(n_samples),
            rate_hz,
        }
    }

    /// The number of frequencies, from 0 to half the rate.
    pub fn n_frequencies(&self) -> usize {
        self.length / 2 + 1
    }

    /// From one frequency to the next, Hz.
    pub fn resolution_hz(&self) -> f64 {
        self.rate_hz / self.length as f64
    }

    /// The frequencies, Hz.
    pub fn frequencies_hz(&self) -> Vec<f64> {
        let each = 0..self.n_frequencies();
        each.map(|k| k as f64 * self.resolution_hz()).collect()
    }

    /// The frequencies from `low` on and below `high`, by number; the mean is not among them.
    fn within(&self, [low, high]: [f64; 2]) -> impl Iterator<Item = usize> {
        let frequencies = self.frequencies_hz();
        let is_within = move |&k: &usize| (low..high).contains(&frequencies[k]);
        (1..self.n_frequencies()).filter(is_within)
    }

    /// Whether a band lies below half the rate and holds a frequency.
    pub fn resolves(&self, band: &Band) -> bool {
        band.edges_hz[1] <= 0.5 * self.rate_hz && self.within(band.edges_hz).next().is_some()
    }

    /// The power spectral density of each column of `samples`, `[n_samples, n_nodes]`: `[n_nodes, n_frequencies]`, in squares of the
    /// samples' unit per Hz.
    pub fn spectrum(&self, samples: ArrayView2<f64>) -> Array2<f64> {
        let n = self.length;
        let hann = |k: usize| 0.5 - 0.5 * (2.0 * PI * k as f64 / n as f64).cos();
        // A window of one sample would be 0.
        let window: Vec<f64> = match n {
            0 | 1 => vec![1.0; n],
            _ => (0..n).map(hann).collect(),
        };
        let squares: f64 = window.iter().map(|w| w * w).sum();
        let starts = (0..(samples.nrows() + 1).saturating_sub(n)).step_by((n - n / 2).max(1));
        let scale = 1.0 / (self.rate_hz * squares * starts.len() as f64);
        let fourier = Fourier::new(n);
        let mut power = Array2::zeros((samples.ncols(), self.n_frequencies()));
        let mut segment = vec![Complex64::new(0.0, 0.0); n];
        for (node, column) in samples.columns().into_iter().enumerate() {
            for start in starts.clone() {
                let sum: f64 = (start..start + n).map(|k| column[k]).sum();
                let mean = sum / n as f64;
                for k in 0..n {
                    segment[k] = Complex64::new(window[k] * (column[start + k] - mean), 0.0);
                }
                fourier.forward(&mut segment);
                for k in 0..self.n_frequencies() {
                    let is_single = k == 0 || 2 * k == n;
                    let sides = if is_single { 1.0 } else { 2.0 };
                    power[[node, k]] += sides * scale * segment[k].norm_sqr();
                }
            }
        }
        power
    }

    /// The frequency of the largest density within `band`, Hz, of each row of a `spectrum`; NaN where there is none.
    pub fn peaks_hz(&self, spectrum: ArrayView2<f64>, band: [f64; 2]) -> Vec<f64> {
        let frequencies = self.frequencies_hz();
        let peak = |row: ndarray::ArrayView1<f64>| {
            let within = self.within(band).filter(|&k| row[k] > 0.0);
            let peak = within.max_by(|&a, &b| row[a].total_cmp(&row[b]).then(b.cmp(&a)));
            peak.map_or(f64::NAN, |k| frequencies[k])
        };
        spectrum.outer_iter().map(peak).collect()
    }

    /// The power in each of `bands`, `[n_nodes, n_bands]`: the density times the resolution, added up.
    pub fn band_powers(&self, spectrum: ArrayView2<f64>, bands: &[Band]) -> Array2<f64> {
        Array2::from_shape_fn((spectrum.nrows(), bands.len()), |(node, k)| {
            let within = self.within(bands[k].edges_hz);
            within.map(|f| spectrum[[node, f]]).sum::<f64>() * self.resolution_hz()
        })
    }

    /// The exponent of a power law through each row of a `spectrum` within `band`: the slope of log density over log frequency by least
    /// squares, -1 for 1/f; NaN with fewer than two frequencies, or where a density is 0.
    pub fn slopes(&self, spectrum: ArrayView2<f64>, band: [f64; 2]) -> Vec<f64> {
        let frequencies = self.frequencies_hz();
        let within: Vec<usize> = self.within(band).collect();
        let x: Vec<f64> = within.iter().map(|&k| frequencies[k].ln()).collect();
        let slope = |row: ndarray::ArrayView1<f64>| {
            let y: Vec<f64> = within.iter().map(|&k| row[k].ln()).collect();
            let (mean_x, mean_y) = (super::mean(&x), super::mean(&y));
            let (mut xx, mut xy) = (0.0, 0.0);
            for (x, y) in x.iter().zip(&y) {
                xx += (x - mean_x) * (x - mean_x);
                xy += (x - mean_x) * (y - mean_y);
            }
            let slope = xy / xx;
            if slope.is_finite() { slope } else { f64::NAN }
        };
        spectrum.outer_iter().map(slope).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_its_power_at_its_frequency_and_in_its_band() {
        let wave = |t: usize, hz: f64| (2.0 * PI * hz * t as f64 / 200.0).sin();
        let samples = Array2::from_shape_fn((2000, 2), |(t, node)| match node {
            0 => 3.0 * wave(t, 10.0) + wave(t, 2.0),
            _ => 0.7,
        });
        let segments = Segments::of(400, 2000, 200.0);
        let spectrum = segments.spectrum(samples.view());
        let peaks = segments.peaks_hz(spectrum.view(), [1.0, 50.0]);
        assert_eq!(peaks[0], 10.0);
        let all = BANDS.iter().filter(|band| segments.resolves(band));
        let bands: Vec<Band> = all.cloned().collect();
        let names: Vec<&str> = bands.iter().map(|band| &*band.name).collect();
        assert_eq!(names, ["delta", "theta", "alpha", "beta", "gamma"]);
        // A wave of amplitude a has the power a^2 / 2.
        let powers = segments.band_powers(spectrum.view(), &bands);
        assert!((powers[[0, 2]] - 4.5).abs() < 1e-9 && (powers[[0, 0]] - 0.5).abs() < 1e-9);
        assert!(powers[[0, 1]] < 1e-20 && powers[[1, 2]] < 1e-20);
    }

    #[test]
    fn the_slope_of_a_power_law_is_its_exponent() {
        let segments = Segments::of(256, 256, 2.0);
        let of = |exponent: f64| {
            let density = segments.frequencies_hz().into_iter();
            let density = density.map(|f: f64| 5.0 * f.powf(exponent)).collect();
            Array2::from_shape_vec((1, segments.n_frequencies()), density).unwrap()
        };
        for exponent in [-2.0, -1.0, 0.5] {
            let found = segments.slopes(of(exponent).view(), [0.05, 0.8])[0];
            assert!((found - exponent).abs() < 1e-12, "{found}");
        }
        assert!(segments.slopes(of(-1.0).view(), [0.05, 0.055])[0].is_nan());
        let silent = Array2::zeros((1, segments.n_frequencies()));
        assert!(segments.slopes(silent.view(), [0.05, 0.8])[0].is_nan());
        assert!(segments.peaks_hz(silent.view(), [0.05, 0.8])[0].is_nan());
    }
}
