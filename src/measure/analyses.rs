//! What a study asks to be made of samples, beyond what their sums give.

use super::{Band, BandPass, FcdConvention, Windows};
use crate::word::words;

/// Something that is made of the samples of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Analysis {
    /// Dynamics of functional connectivity: [`fcd`](super::fcd()).
    Fcd,
    /// Power spectra: [`Segments::spectrum`](super::Segments::spectrum).
    Spectrum,
    /// Functional connectivity of signals within a band.
    BandFc,
    /// Functional connectivity of amplitudes within a band: [`envelopes`](super::envelopes).
    EnvelopeFc,
    /// Order of phases within a band: [`kuramoto_order`](super::kuramoto_order).
    Kuramoto,
    /// Partial correlations: [`partial_fc`](super::partial_fc()).
    PartialFc,
    /// Times of autocorrelation: [`autocorrelation_steps`](super::autocorrelation_steps).
    Autocorrelation,
    /// Skewness: [`skewness`](super::skewness()).
    Skewness,
}

words!(Analysis {
    Fcd = "fcd",
    Spectrum = "spectrum",
    BandFc = "band-fc",
    EnvelopeFc = "envelope-fc",
    Kuramoto = "kuramoto",
    PartialFc = "partial-fc",
    Autocorrelation = "autocorrelation",
    Skewness = "skewness",
});

impl Analysis {
    /// Whether it compares nodes, so that a single one has none.
    pub fn needs_network(self) -> bool {
        match self {
            Self::Fcd | Self::BandFc | Self::EnvelopeFc | Self::Kuramoto | Self::PartialFc => true,
            Self::Spectrum | Self::Autocorrelation | Self::Skewness => false,
        }
    }

    /// Whether signals are filtered first.
    pub fn filters(self) -> bool {
        matches!(self, Self::BandFc | Self::EnvelopeFc | Self::Kuramoto)
    }
}

/// What a study asks to be made of samples, in physical units.
#[derive(Debug, Clone, PartialEq)]
pub struct Analyses {
    /// Which are made.
    pub make: Vec<Analysis>,
    /// Length of a window of FCD, ms.
    pub fcd_window: f64,
    /// Time from one window to the next, ms.
    pub fcd_step: f64,
    /// Which windows there are, and what of each is compared.
    pub fcd_convention: FcdConvention,
    /// The band of filters, and that in which peaks and slopes of spectra are looked for.
    pub band: BandPass,
    /// Samples of a segment of a spectrum.
    pub segment: usize,
    /// The bands in which power is added up; empty: those of the field, [`BANDS`](super::BANDS).
    pub bands: Vec<Band>,
}

impl Default for Analyses {
    /// Nothing is made; windows of FCD of 60 s, 3 s apart; the slow band of BOLD from 0.01 to 0.1 Hz; segments of 256 samples.
    fn default() -> Self {
        Self {
            make: Vec::new(),
            fcd_window: 60_000.0,
            fcd_step: 3000.0,
            fcd_convention: FcdConvention::Plain,
            band: BandPass {
                low_hz: 0.01,
                high_hz: 0.1,
                order: BandPass::USUAL_ORDER,
            },
            segment: 256,
            bands: Vec::new(),
        }
    }
}

impl Analyses {
    /// Whether something is made.
    pub fn has(&self, analysis: Analysis) -> bool {
        self.make.contains(&analysis)
    }

    /// Whether something is made that goes by the band.
    pub fn uses_band(&self) -> bool {
        self.has(Analysis::Spectrum) || self.make.iter().any(|one| one.filters())
    }

    /// The windows of FCD in samples that are `step_ms` apart, rounded to whole samples.
    pub fn windows(&self, step_ms: f64) -> Windows {
        Windows {
            window: (self.fcd_window / step_ms).round() as usize,
            step: ((self.fcd_step / step_ms).round() as usize).max(1),
            convention: self.fcd_convention,
        }
    }
}
