//! What is taken out of a measured time series before anything is made of it: slow and fast frequencies, nuisance signals, the mean
//! over all regions.
//!
//! ```text
//! y = filter(x)      N = [1, filter(nuisance), mean over regions of y]      cleaned = y - N (N^+ y)
//! ```
//!
//! The nuisance signals go through the same filter as the data and all are taken out at once, so that no step brings back what another
//! one removed.
//!
//! Lindquist, Geuter, Wager & Caffo (2019), Modular preprocessing pipelines can reintroduce artifacts into fMRI data, Hum. Brain Mapp.
//! 40, 2358.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::BandPass;
use crate::error::DataError;
use crate::{Error, Result};

/// What of a signal's length is rounding: less is left of a signal that others explain.
const ROUNDING: f64 = 1e-9;

/// How time series are cleaned.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cleaning {
    /// The frequencies that stay.
    pub band: Option<BandPass>,
    /// Whether the mean over all regions is taken out.
    pub global_signal: bool,
}

impl Cleaning {
    /// `samples`, `[n_samples, n_nodes]`, cleaned; `nuisance`, `[n_samples, n_signals]`, is taken out of them, too. `step_s` is the
    /// time between samples, s, which filters need. A node of which nothing is left becomes 0.
    ///
    /// # Errors
    /// [`Error::Data`]: those of [`BandPass::filter`] and [`Filter::zero_phase`](super::Filter::zero_phase), a filter without a time
    /// between samples, nuisance signals of another length, and so many of them that they explain any series.
    pub fn apply(
        &self,
        samples: ArrayView2<f64>,
        nuisance: Option<ArrayView2<f64>>,
        step_s: Option<f64>,
    ) -> Result<Array2<f64>> {
        let n_samples = samples.nrows();
        if let Some(nuisance) = &nuisance
            && nuisance.nrows() != n_samples
        {
            return Err(Error::from(DataError::Mismatch {
                what: "nuisance signals",
                found: format!("{} samples beside {n_samples}", nuisance.nrows()),
                rule: "they have as many samples as the time series",
            }));
        }
        let filter = match self.band {
            Some(band) => {
                let step = step_s.ok_or(DataError::NoStep)?;
                Some(band.filter(step.recip())?)
            }
            None => None,
        };
        let filtered = |samples: ArrayView2<f64>| match &filter {
            Some(filter) => filter.zero_phase(samples),
            None => Ok(samples.to_owned()),
        };
        let mut cleaned = filtered(samples)?;
        let mut others = match nuisance {
            Some(nuisance) => filtered(nuisance)?,
            None => Array2::zeros((n_samples, 0)),
        };
        if self.global_signal
            && let Some(mean) = cleaned.mean_axis(Axis(1))
        {
            others
                .push_column(mean.view())
                .expect("a mean for each sample");
        }
        if others.ncols() > 0 {
            take_out(&others, &mut cleaned)?;
        }
        for node in 0..samples.ncols() {
            let mut column = cleaned.column_mut(node);
            let spread = length(&centred(samples.column(node).to_owned()));
            if length(&column.to_owned()) <= ROUNDING * spread {
                column.fill(0.0);
            }
        }
        Ok(cleaned)
    }
}

/// Takes the part of each column of `samples` that a constant and the columns of `others` explain out of it.
fn take_out(others: &Array2<f64>, samples: &mut Array2<f64>) -> Result<()> {
    // An orthonormal basis of what the others span; what depends on those before it adds nothing.
    let mut basis: Vec<Array1<f64>> = Vec::new();
    for other in others.columns() {
        let mut rest = centred(other.to_owned());
        let whole = length(&rest);
        // Twice, so that rounding leaves nothing of those before.
        for _ in 0..2 {
            for known in &basis {
                let share = known.dot(&rest);
                rest.scaled_add(-share, known);
            }
        }
        let left = length(&rest);
        if left > ROUNDING * whole && left > f64::EPSILON * length(&other.to_owned()) {
            basis.push(rest / left);
        }
    }
    let n_samples = samples.nrows();
    if basis.len() + 2 > n_samples {
        return Err(Error::from(DataError::Mismatch {
            what: "nuisance signals",
            found: format!("{} that differ beside {n_samples} samples", basis.len()),
            rule: "so many explain any series; take out fewer",
        }));
    }
    for mut column in samples.columns_mut() {
        let mut rest = centred(column.to_owned());
        for _ in 0..2 {
            for known in &basis {
                let share = known.dot(&rest);
                rest.scaled_add(-share, known);
            }
        }
        column.assign(&rest);
    }
    Ok(())
}

fn centred(mut signal: Array1<f64>) -> Array1<f64> {
    let mean = signal.mean().unwrap_or(0.0);
    signal -= mean;
    signal
}

fn length(signal: &Array1<f64>) -> f64 {
    signal.dot(signal).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const GLOBAL: Cleaning = Cleaning {
        band: None,
        global_signal: true,
    };

    #[test]
    fn what_others_explain_becomes_zero() {
        let samples = array![[1.0, 2.0], [2.0, 4.5], [4.0, 7.0], [3.0, 9.0]];
        // The first region is a nuisance signal; a constant and a copy among the signals add nothing.
        let nuisance = array![
            [3.0, 7.0, 1.0],
            [5.0, 7.0, 2.0],
            [9.0, 7.0, 4.0],
            [7.0, 7.0, 3.0]
        ];
        let cleaned = Cleaning::default()
            .apply(samples.view(), Some(nuisance.view()), None)
            .unwrap();
        assert!(cleaned.column(0).iter().all(|x| *x == 0.0));
        let left = cleaned.column(1);
        assert!(left.sum().abs() < 1e-12 && left.dot(&nuisance.column(0)).abs() < 1e-12);
        assert!(left.iter().any(|x| x.abs() > 0.1));
        // A single region is its own mean.
        let alone = samples.slice(ndarray::s![.., ..1]);
        let cleaned = GLOBAL.apply(alone, None, None).unwrap();
        assert!(cleaned.iter().all(|x| *x == 0.0));
    }

    #[test]
    fn what_cannot_be_taken_out_is_refused() {
        let samples = array![[1.0, 2.0], [2.0, 4.5], [4.0, 7.0]];
        let said = |cleaning: &Cleaning, nuisance: Option<&Array2<f64>>, step_s| {
            let nuisance = nuisance.map(|nuisance| nuisance.view());
            let error = cleaning.apply(samples.view(), nuisance, step_s);
            error.unwrap_err().to_string()
        };
        let none = Cleaning::default();
        let short = array![[1.0], [2.0]];
        assert!(said(&none, Some(&short), None).contains("2 samples beside 3"));
        let many = array![[1.0, 0.0], [0.0, 1.0], [5.0, 0.0]];
        assert!(said(&none, Some(&many), None).contains("2 that differ beside 3 samples"));
        let filtered = Cleaning {
            band: Some(BandPass {
                low_hz: 0.01,
                high_hz: 0.1,
                order: 2,
            }),
            ..none
        };
        assert!(said(&filtered, None, None).contains("time between two samples"));
        assert!(said(&filtered, None, Some(2.0)).contains("too few"));
        assert!(said(&filtered, None, Some(10.0)).contains("0.01 to 0.1 Hz"));
    }
}
