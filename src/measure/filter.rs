//! Band-pass filters of time series without a shift in time: Butterworth's, run forwards and backwards.
//!
//! ```text
//! |H(f)|^2 = 1 / (1 + W(f)^(2 order))       W: the analog low-pass, high-pass or band-pass frequency
//! ```
//!
//! The two runs together have the gain `|H|^2`, so that it is 1/2 at the edges of the band, and no phase. The design is the analog
//! filter's, turned by the bilinear transformation with its edges kept in place; ends are continued by point reflection. These are the
//! conventions of SciPy's `butter` and `sosfiltfilt`, whose numbers the tests ask for.
//!
//! Oppenheim & Schafer (2010), Discrete-time signal processing, chapter 7; Gustafsson (1996), Determining the initial states in
//! forward-backward filtering, IEEE Trans. Signal Process. 44, 988.

use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;

use crate::error::DataError;
use crate::{Error, Result};

/// The frequencies that a filter leaves in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandPass {
    /// The lower edge, Hz; 0 leaves in all slow frequencies.
    pub low_hz: f64,
    /// The upper edge, Hz; infinity leaves in all fast frequencies.
    pub high_hz: f64,
    /// Butterworth's order, from 1 to [`BandPass::LARGEST_ORDER`]. The filter runs twice, so its slopes are as steep as those of
    /// twice the order.
    pub order: usize,
}

/// A filter for series of one sampling rate.
#[derive(Debug, Clone)]
pub struct Filter {
    sections: Vec<Section>,
    /// Samples by which both ends are continued.
    padding: usize,
}

/// One second-order section: `y = (b0 + b1/z + b2/z^2) / (1 + a1/z + a2/z^2) x`.
#[derive(Debug, Clone, Copy)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
}

impl BandPass {
    /// The order where none is said.
    pub const USUAL_ORDER: usize = 2;
    /// Filters of a higher order ring for longer than recordings of BOLD last.
    pub const LARGEST_ORDER: usize = 10;

    /// The filter for samples taken at `rate_hz`.
    ///
    /// # Errors
    /// [`DataError::Band`] for edges that are not in order from 0 to half of `rate_hz`, for no edge at all, and for an order that
    /// is out of range.
    pub fn filter(&self, rate_hz: f64) -> Result<Filter> {
        let Self {
            low_hz: low,
            high_hz: high,
            order,
        } = *self;
        let (has_low, has_high) = (low > 0.0, high < f64::INFINITY);
        let nyquist = rate_hz / 2.0;
        let below = |edge: f64| edge > 0.0 && edge < nyquist;
        let is_fine = (1..=Self::LARGEST_ORDER).contains(&order)
            && nyquist.is_finite()
            && low >= 0.0
            && low < high
            && (has_low || has_high)
            && (!has_low || below(low))
            && (!has_high || below(high));
        if !is_fine {
            return Err(DataError::Band {
                low_hz: low,
                high_hz: high,
                order,
                largest_order: Self::LARGEST_ORDER,
                rate_hz,
            }
            .into());
        }
        // Where the bilinear transformation brings the edges to, in units of twice the sampling rate.
        let warped = |edge: f64| (PI * edge / rate_hz).tan();
        let prototype = (0..order).map(|k| match 2 * k + 1 == order {
            true => Complex64::new(-1.0, 0.0),
            false => {
                let angle = PI * (2 * k + order + 1) as f64 / (2 * order) as f64;
                Complex64::from_polar(1.0, angle)
            }
        });
        // Analog poles, zeros of the digital filter, and where its gain is 1.
        let (poles, zeros, unit): (Vec<Complex64>, [f64; 2], f64) = match (has_low, has_high) {
            (false, _) => {
                let edge = warped(high);
                (prototype.map(|p| p * edge).collect(), [-1.0, -1.0], 0.0)
            }
            (_, false) => {
                let edge = warped(low);
                let poles = prototype.map(|p| edge / p).collect();
                (poles, [1.0, 1.0], f64::INFINITY)
            }
            (true, true) => {
                let (low, high) = (warped(low), warped(high));
                let centre = (low * high).sqrt();
                let split = |p: Complex64| {
                    let half = p * (high - low) / 2.0;
                    let root = (half * half - centre * centre).sqrt();
                    [half + root, half - root]
                };
                (prototype.flat_map(split).collect(), [1.0, -1.0], centre)
            }
        };
        let n_poles = poles.len();
        let digital = poles.into_iter().map(|s| (1.0 + s) / (1.0 - s));
        // The frequency of gain 1, on the unit circle.
        let unit = Complex64::from_polar(1.0, 2.0 * unit.atan());
        let section = |[p, q]: [Complex64; 2]| Section::new([p, q], zeros, unit);
        Ok(Filter {
            sections: pairs(digital.collect())
                .into_iter()
                .map(|(poles, is_single)| match is_single {
                    false => section(poles),
                    true => Section::single(poles[0].re, zeros[0], unit),
                })
                .collect(),
            padding: 3 * (n_poles + 1),
        })
    }
}

/// Poles in conjugate or real pairs; one real pole may be left, beside itself and marked.
fn pairs(poles: Vec<Complex64>) -> Vec<([Complex64; 2], bool)> {
    let (mut real, complex): (Vec<_>, Vec<_>) = poles.into_iter().partition(|p| p.im == 0.0);
    real.sort_by(|p, q| p.re.total_cmp(&q.re));
    let upper = complex.into_iter().filter(|p| p.im > 0.0);
    let mut pairs: Vec<_> = upper.map(|p| ([p, p.conj()], false)).collect();
    for two in real.chunks(2) {
        pairs.push(([two[0], two[two.len() - 1]], two.len() == 1));
    }
    pairs
}

impl Section {
    /// Poles and zeros, with gain 1 at `unit` on the unit circle.
    fn new(poles: [Complex64; 2], zeros: [f64; 2], unit: Complex64) -> Self {
        let [p, q] = poles;
        let b = [1.0, -zeros[0] - zeros[1], zeros[0] * zeros[1]];
        Self::scaled(b, [-(p + q).re, (p * q).re], unit)
    }

    /// One pole and one zero.
    fn single(pole: f64, zero: f64, unit: Complex64) -> Self {
        Self::scaled([1.0, -zero, 0.0], [-pole, 0.0], unit)
    }

    fn scaled(b: [f64; 3], a: [f64; 2], unit: Complex64) -> Self {
        let back = unit.inv();
        let above = b[0] + back * (b[1] + back * b[2]);
        let below = 1.0 + back * (a[0] + back * a[1]);
        let gain = (below / above).norm();
        Self {
            b: b.map(|b| b * gain),
            a,
        }
    }

    /// Filters a signal in place, as if its first value had been there for ever; `level` is that value, and becomes what the
    /// section makes of it.
    fn run(&self, signal: &mut [f64], level: &mut f64) {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let before = *level;
        let after = before * (b0 + b1 + b2) / (1.0 + a1 + a2);
        let mut second = b2 * before - a2 * after;
        let mut first = b1 * before - a1 * after + second;
        for n in 0..signal.len() {
            let x = signal[n];
            let y = b0 * x + first;
            first = b1 * x - a1 * y + second;
            second = b2 * x - a2 * y;
            signal[n] = y;
        }
        *level = after;
    }
}

impl Filter {
    /// The fewest samples that the filter can be run over.
    pub fn fewest_samples(&self) -> usize {
        self.padding + 1
    }

    /// `samples`, `[n_samples, n_nodes]`, filtered forwards and backwards; each column for itself. The result has the same shape.
    ///
    /// # Errors
    /// [`DataError::ShortSeries`] for fewer samples than [`Filter::fewest_samples`].
    pub fn zero_phase(&self, samples: ArrayView2<f64>) -> Result<Array2<f64>> {
        let (n_samples, n_nodes) = samples.dim();
        if n_samples < self.fewest_samples() {
            return Err(Error::from(DataError::ShortSeries {
                n_samples,
                needed: self.fewest_samples(),
            }));
        }
        let padding = self.padding;
        let mut filtered = Array2::zeros((n_samples, n_nodes));
        let mut signal = vec![0.0; n_samples + 2 * padding];
        for node in 0..n_nodes {
            let (start, end) = (samples[[0, node]], samples[[n_samples - 1, node]]);
            for n in 0..n_samples {
                signal[padding + n] = samples[[n, node]];
            }
            for k in 1..=padding {
                signal[padding - k] = 2.0 * start - samples[[k, node]];
                signal[padding + n_samples - 1 + k] =
                    2.0 * end - samples[[n_samples - 1 - k, node]];
            }
            for _ in 0..2 {
                let mut level = signal[0];
                for section in &self.sections {
                    section.run(&mut signal, &mut level);
                }
                signal.reverse();
            }
            for n in 0..n_samples {
                filtered[[n, node]] = signal[padding + n];
            }
        }
        Ok(filtered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(low_hz: f64, high_hz: f64, order: usize) -> BandPass {
        BandPass {
            low_hz,
            high_hz,
            order,
        }
    }

    /// The gain of a whole filter at one frequency, from its sections.
    fn gain(filter: &Filter, frequency: f64, rate: f64) -> f64 {
        let back = Complex64::from_polar(1.0, -2.0 * PI * frequency / rate);
        let of = |section: &Section| {
            let ([b0, b1, b2], [a1, a2]) = (section.b, section.a);
            ((b0 + back * (b1 + back * b2)) / (1.0 + back * (a1 + back * a2))).norm()
        };
        filter.sections.iter().map(of).product()
    }

    #[test]
    fn gains_are_those_of_butterworth() {
        let rate = 0.5;
        let warped = |f: f64| (PI * f / rate).tan();
        for order in 1..=BandPass::LARGEST_ORDER {
            for (low, high) in [
                (0.01, 0.1),
                (0.001, 0.24),
                (0.0, 0.1),
                (0.02, f64::INFINITY),
            ] {
                let filter = band(low, high, order).filter(rate).unwrap();
                for k in 1..100 {
                    let f = 0.0025 * k as f64;
                    let w = match (low, high) {
                        (0.0, _) => warped(f) / warped(high),
                        (_, f64::INFINITY) => warped(low) / warped(f),
                        _ => {
                            let (a, b) = (warped(low), warped(high));
                            (warped(f) - a * b / warped(f)) / (b - a)
                        }
                    };
                    let expected = (1.0 + w.powi(2 * order as i32)).sqrt().recip();
                    let found = gain(&filter, f, rate);
                    assert!(
                        (found - expected).abs() < 1e-9,
                        "order {order}, {low} to {high} Hz at {f} Hz: {found}, not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_sine_within_the_band_keeps_its_phase_and_a_constant_goes() {
        let rate = 1.0;
        let filter = band(0.01, 0.1, 2).filter(rate).unwrap();
        let signal = |n: usize| (2.0 * PI * 0.0316 * n as f64).sin();
        let samples = Array2::from_shape_fn((2000, 2), |(n, node)| match node {
            0 => 7.0 + signal(n),
            _ => 7.0,
        });
        let filtered = filter.zero_phase(samples.view()).unwrap();
        for n in 500..1500 {
            assert!((filtered[[n, 0]] - signal(n)).abs() < 2e-3);
            assert!(filtered[[n, 1]].abs() < 1e-9);
        }
    }

    #[test]
    fn impossible_bands_and_short_series_are_refused() {
        for (low, high, order) in [
            (0.1, 0.01, 2),
            (0.01, 0.25, 2),
            (0.01, 0.3, 2),
            (-0.01, 0.1, 2),
            (0.3, f64::INFINITY, 2),
            (0.0, f64::INFINITY, 2),
            (f64::NAN, 0.1, 2),
            (0.01, f64::NAN, 2),
            (0.01, 0.1, 0),
            (0.01, 0.1, 11),
        ] {
            let error = band(low, high, order).filter(0.5).unwrap_err();
            assert!(matches!(error, Error::Data(DataError::Band { .. })));
        }
        let filter = band(0.01, 0.1, 2).filter(0.5).unwrap();
        assert_eq!(filter.fewest_samples(), 16);
        let samples = Array2::zeros((15, 3));
        let error = filter.zero_phase(samples.view()).unwrap_err();
        assert!(error.to_string().contains("15 samples"), "{error}");
    }
}
