//! What is made of samples.

use super::super::{Key, Slot, Value};
use super::{MEASURED_ALIKE, key, set_word, single};
use crate::measure::{Analysis, BandPass, FcdConvention};
use crate::study::Study;
use crate::study::range::Range;
use crate::word::Word;

/// What is made.
pub(crate) static MEASURE_MAKE: Key = key(
    "measure.make",
    "",
    "list of what is made of the samples of the monitor, or of the first recorded state: `fcd`, `spectrum`, `band-fc`, \
     `envelope-fc`, `kuramoto`, `partial-fc`, `autocorrelation`, `skewness`",
    "nothing beyond what sums give",
    Value::Other("list"),
);

/// How long a window of FCD is.
pub(crate) static MEASURE_FCD_WINDOW: Key = Key {
    idle: |study, _| not_made(study, Analysis::Fcd),
    ..key(
        "measure.fcd_window",
        "ms",
        "length of a window of FCD, rounded to whole samples",
        "60000",
        Value::Number(single(
            Range::Positive,
            |study, _| study.measure.fcd_window.into(),
            |study, _| Slot::Single(&mut study.measure.fcd_window),
            MEASURED_ALIKE,
        )),
    )
};

/// How far windows of FCD are apart.
pub(crate) static MEASURE_FCD_STEP: Key = Key {
    idle: |study, _| not_made(study, Analysis::Fcd),
    ..key(
        "measure.fcd_step",
        "ms",
        "time from one window of FCD to the next, rounded to whole samples",
        "3000",
        Value::Number(single(
            Range::Positive,
            |study, _| study.measure.fcd_step.into(),
            |study, _| Slot::Single(&mut study.measure.fcd_step),
            MEASURED_ALIKE,
        )),
    )
};

/// Which windows of FCD there are.
pub(crate) static MEASURE_FCD_CONVENTION: Key = Key {
    idle: |study, _| not_made(study, Analysis::Fcd),
    ..key(
        "measure.fcd_convention",
        "",
        "which windows of FCD there are, and what of each is compared",
        "plain",
        Value::Word {
            words: FcdConvention::words,
            get: |study| study.measure.fcd_convention.name(),
            set: |study, word| set_word(&mut study.measure.fcd_convention, word),
        },
    )
};

/// The lower edge of the band.
pub(crate) static MEASURE_BAND_LOW: Key = Key {
    idle: |study, _| no_band(study),
    ..key(
        "measure.band_low",
        "Hz",
        "lower edge of the band of `band-fc`, `envelope-fc` and `kuramoto`, and of peaks and slopes of spectra; 0 for none",
        "0.01",
        Value::Number(single(
            Range::NotNegative,
            |study, _| study.measure.band.low_hz.into(),
            |study, _| Slot::Single(&mut study.measure.band.low_hz),
            MEASURED_ALIKE,
        )),
    )
};

/// The upper edge of the band.
pub(crate) static MEASURE_BAND_HIGH: Key = Key {
    idle: |study, _| no_band(study),
    ..key(
        "measure.band_high",
        "Hz",
        "upper edge of the band, below half of the samples' rate",
        "0.1",
        Value::Number(single(
            Range::Positive,
            |study, _| study.measure.band.high_hz.into(),
            |study, _| Slot::Single(&mut study.measure.band.high_hz),
            MEASURED_ALIKE,
        )),
    )
};

/// The order of the filter.
pub(crate) static MEASURE_BAND_ORDER: Key = Key {
    idle: |study, _| no_band(study),
    ..key(
        "measure.band_order",
        "",
        "order of Butterworth's filter, which runs forwards and backwards",
        "2",
        Value::Whole {
            most: BandPass::LARGEST_ORDER as u64,
            get: |study| study.measure.band.order as u64,
            set: |study, order| study.measure.band.order = order as usize,
        },
    )
};

/// The segments of spectra.
pub(crate) static MEASURE_SEGMENT: Key = Key {
    idle: |study, _| not_made(study, Analysis::Spectrum),
    ..key(
        "measure.segment",
        "",
        "samples of a segment of a spectrum, which overlap by half; all samples where there are fewer",
        "256",
        Value::Whole {
            most: 1 << 30,
            get: |study| study.measure.segment as u64,
            set: |study, samples| study.measure.segment = samples as usize,
        },
    )
};

/// The bands in which power is added up.
pub(crate) static MEASURE_BANDS: Key = Key {
    idle: |study, _| not_made(study, Analysis::Spectrum),
    ..key(
        "measure.bands",
        "Hz",
        "bands of spectra by name, each with its lower and upper edge: `{ alpha = [8, 13], sigma = [11, 16] }`",
        "slow-5 to slow-2 and delta to gamma, as far as spectra show them",
        Value::Other("table"),
    )
};

fn not_made(study: &Study, analysis: Analysis) -> Option<&'static str> {
    (!study.measure.has(analysis)).then_some(match analysis {
        Analysis::Fcd => "measure.make does not have \"fcd\"",
        Analysis::Spectrum => "measure.make does not have \"spectrum\"",
        _ => "measure.make does not ask for it",
    })
}

fn no_band(study: &Study) -> Option<&'static str> {
    let why = "measure.make has nothing that goes by a band";
    (!study.measure.uses_band()).then_some(why)
}
