//! How alike the dynamics of functional connectivity of two files are.

use serde::Serialize;

use super::note;
use crate::connectome::numbered;
use crate::error::{Error, Result};
use crate::io::connectome::Measured;
use crate::measure::{
    Distribution, FEWEST_OF_FCD, FcdConvention, Windows, fcd, fcd_entries, why_no_fcd,
};
use crate::word::Word;

/// A series of the first file against one of the second.
#[derive(Debug, Serialize)]
pub(super) struct Compared {
    /// Which series of the first file, and of the second.
    series: [usize; 2],
    /// Windows of each.
    n_windows: [usize; 2],
    /// The mean entry of each.
    means: [Option<f64>; 2],
    /// The Kolmogorov-Smirnov distance of the entries; `None` where a node is constant in a window.
    ks: Option<f64>,
    /// Their Wasserstein distance.
    wasserstein: Option<f64>,
}

/// Two whole numbers, at least 2 and 1.
pub(super) fn windows(text: &str) -> std::result::Result<[usize; 2], String> {
    let numbers = text.split_once(',').map(|(window, step)| {
        let number = |text: &str| text.trim().parse().ok();
        Some([number(window)?, number(step)?])
    });
    match numbers.flatten() {
        Some([window, step]) if window >= 2 && step >= 1 => Ok([window, step]),
        _ => Err("expected samples of a window and from one to the next, as in 83,5".into()),
    }
}

/// Compares every series of `first` with every one of `second`.
///
/// # Errors
/// [`Error::Data`] where a file has no time series, or one with fewer than two windows or three regions.
pub(super) fn compared(
    first: &Measured,
    second: &Measured,
    [window, step]: [usize; 2],
    convention: &str,
) -> Result<Vec<Compared>> {
    let windows = &Windows {
        window,
        step,
        convention: FcdConvention::from_word(convention).unwrap_or(FcdConvention::Plain),
    };
    let (a, b) = (entries(first, windows)?, entries(second, windows)?);
    let finite = |x: f64| x.is_finite().then_some(x);
    let mut all = Vec::new();
    for (i, (n, x)) in a.iter().enumerate() {
        for (j, (m, y)) in b.iter().enumerate() {
            all.push(Compared {
                series: [i, j],
                n_windows: [*n, *m],
                means: [finite(x.mean()), finite(y.mean())],
                ks: finite(x.kolmogorov_smirnov(y)),
                wasserstein: finite(x.wasserstein(y)),
            });
        }
    }
    Ok(all)
}

/// Of each series of a file, the number of windows and the distribution of the entries.
fn entries(of: &Measured, windows: &Windows) -> Result<Vec<(usize, Distribution)>> {
    if of.bold.is_empty() {
        let hint = "dynamics need time series; leave out --fcd for matrices";
        return Err(Error::data_hint(&of.path, "holds no time series", hint));
    }
    let each = of.bold.iter().map(|one| {
        let n_samples = one.samples.nrows();
        let n = windows.of(n_samples).len();
        if n < 2 {
            let problem = format!(
                "a series of {n_samples} samples has {n} windows of {}, and two are needed",
                windows.window
            );
            return Err(Error::data_hint(&of.path, problem, "take shorter windows"));
        }
        if one.samples.ncols() < FEWEST_OF_FCD {
            let problem =
                "a series of two regions has one pair: a window has no pattern to correlate";
            return Err(Error::data_hint(&of.path, problem, "leave out --fcd"));
        }
        let distribution = Distribution::new(fcd_entries(fcd(one.samples.view(), windows).view()));
        if distribution.mean().is_nan() {
            let labels = of.labels.clone();
            let labels = labels.unwrap_or_else(|| numbered(one.samples.ncols()));
            let why = why_no_fcd(one.samples.view(), windows, &labels);
            note(&format!(
                "{}: {}",
                of.path.display(),
                why.unwrap_or_default()
            ));
        }
        Ok((n, distribution))
    });
    each.collect()
}

/// The distances for people.
pub(super) fn to_text(all: &[Compared]) -> String {
    let shown = |x: Option<f64>| x.map_or("undefined".into(), |x| format!("{x:.4}"));
    let line = |one: &Compared| {
        let [i, j] = one.series;
        format!(
            "FCD of series {i} and {j}: Kolmogorov-Smirnov {}, Wasserstein {} (means {} and {})\n",
            shown(one.ks),
            shown(one.wasserstein),
            shown(one.means[0]),
            shown(one.means[1])
        )
    };
    all.iter().map(line).collect()
}
