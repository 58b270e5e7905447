//! Waveforms of stimuli: how strong a stimulus is, over time.
//!
//! | waveform | its value `u` ms after its onset, until `duration` |
//! |---|---|
//! | `pulse` | 1 |
//! | `train` | 1 in the first `width` ms of every `period`, then 0 |
//! | `sine` | sin(2 pi `frequency` u + `phase`) |
//! | `chirp` | sin(2 pi (`frequency` + (`frequency_end` - `frequency`) u / (2 `duration`)) u + `phase`) |
//! | `ramp` | `from` + (`to` - `from`) u / `duration` |
//! | `noise` | standard normal numbers, each held for `interval` ms |
//! | `samples` | the numbers of a file, each held for `interval` ms; then 0 |
//! | `expression` | an expression of `t` (which is u), `duration`, and numbers of its own |
//!
//! Before the onset and after the duration it is 0. It begins anew every `every` ms, `repeats` times in all.
//!
//! Integrators hold what nodes receive over a step, so a step takes the *mean* of the waveform over it ([`Waveform::mean`]). A pulse
//! that begins or ends within a step counts with the part of the step that it covers, and results change smoothly with onset and
//! duration. The error of holding a smooth waveform falls with the square of the step. Pulses and held numbers have exact means. Of the
//! others, three points of Gauss and Legendre's rule give the mean, which is exact for ramps, and to 3e-8 for a sine of which ten steps
//! are a period.

mod expression;

use std::borrow::Cow;
use std::f64::consts::TAU;
use std::sync::Arc;

use crate::model::ParameterRange::{self, Any, NonNegative, Positive};
use crate::noise::{self, stream};

pub use expression::Expression;

/// The words that name waveforms.
pub const WAVEFORMS: [&str; 8] = [
    "pulse",
    "train",
    "sine",
    "chirp",
    "ramp",
    "noise",
    "samples",
    "expression",
];

/// What the waveform is multiplied with: the first number of every waveform.
pub const AMPLITUDE: usize = 0;
/// Where its first onset is among the numbers of a waveform.
pub const ONSET: usize = 1;
/// Where its duration is.
pub const DURATION: usize = 2;
/// Where the time between two onsets is.
pub const EVERY: usize = 3;
/// Where the number of onsets is.
pub const REPEATS: usize = 4;
/// Where the numbers of its own begin.
const OWN: usize = 5;

/// Parts of a step below this do not count: they are rounding of its ends.
const LEAST_PART: f64 = 1e-9;
/// Onsets and steps are counted exactly up to here.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The course of a stimulus over time.
#[derive(Debug, Clone)]
pub enum Waveform {
    /// 1 throughout.
    Pulse,
    /// Short pulses, one each period.
    Train,
    /// A sine.
    Sine,
    /// A sine whose frequency changes evenly.
    Chirp,
    /// A straight line.
    Ramp,
    /// Normal numbers that are held, the same in every run and at every onset.
    Noise,
    /// Numbers of a file that are held.
    Samples(Arc<[f64]>),
    /// An expression of time.
    Expression(Expression),
}

/// A number of a waveform.
#[derive(Debug, Clone)]
pub struct Quantity {
    /// Its name, as in study files.
    pub name: Cow<'static, str>,
    /// Its unit; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its default; `None`: it has to be given.
    pub default: Option<f64>,
    /// What it may be.
    pub range: ParameterRange,
}

fn quantity(
    name: &'static str,
    unit: &'static str,
    default: Option<f64>,
    range: ParameterRange,
    meaning: &'static str,
) -> Quantity {
    Quantity {
        name: name.into(),
        unit,
        meaning,
        default,
        range,
    }
}

impl Waveform {
    /// The word that names it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pulse => "pulse",
            Self::Train => "train",
            Self::Sine => "sine",
            Self::Chirp => "chirp",
            Self::Ramp => "ramp",
            Self::Noise => "noise",
            Self::Samples(_) => "samples",
            Self::Expression(_) => "expression",
        }
    }

    /// Its numbers in order: those that all waveforms have, then its own.
    pub fn quantities(&self) -> Vec<Quantity> {
        let mut all = vec![
            quantity(
                "amplitude",
                "",
                Some(1.0),
                Any,
                "factor of the waveform, in units of the input",
            ),
            quantity(
                "onset",
                "ms",
                Some(0.0),
                Any,
                "when it begins for the first time",
            ),
            quantity(
                "duration",
                "ms",
                None,
                Positive,
                "how long it lasts each time",
            ),
            quantity(
                "every",
                "ms",
                Some(0.0),
                NonNegative,
                "time from one onset to the next; 0: it begins once",
            ),
            quantity(
                "repeats",
                "1",
                Some(0.0),
                NonNegative,
                "how often it begins; 0: as often as there is time",
            ),
        ];
        let frequency = quantity(
            "frequency",
            "Hz",
            None,
            NonNegative,
            "frequency; of a chirp at the onset",
        );
        let phase = quantity("phase", "rad", Some(0.0), Any, "phase at the onset");
        let interval = quantity(
            "interval",
            "ms",
            Some(1.0),
            Positive,
            "how long each number is held",
        );
        all.extend(match self {
            Self::Pulse => vec![],
            Self::Train => vec![
                quantity("width", "ms", None, Positive, "how long each pulse lasts"),
                quantity(
                    "period",
                    "ms",
                    None,
                    Positive,
                    "time from one pulse to the next",
                ),
            ],
            Self::Sine => vec![frequency, phase],
            Self::Chirp => vec![
                frequency,
                quantity(
                    "frequency_end",
                    "Hz",
                    None,
                    NonNegative,
                    "frequency at the end",
                ),
                phase,
            ],
            Self::Ramp => vec![
                quantity("from", "1", Some(0.0), Any, "value at the onset"),
                quantity("to", "1", Some(1.0), Any, "value at the end"),
            ],
            Self::Noise => vec![
                interval,
                quantity(
                    "seed",
                    "1",
                    Some(0.0),
                    NonNegative,
                    "which numbers are drawn",
                ),
            ],
            Self::Samples(_) => vec![interval],
            Self::Expression(expression) => {
                let names = expression.names.iter();
                let own = names.map(|name| Quantity {
                    name: Cow::Owned(name.clone()),
                    unit: "",
                    meaning: "number of the formula",
                    default: None,
                    range: Any,
                });
                own.collect()
            }
        });
        all
    }

    /// Which of its `numbers` does not go with the others, or with steps of `dt` ms until `end` ms, and why: the end of a sentence
    /// that starts "KEY is VALUE, but ".
    pub fn objection(&self, numbers: &[f64], dt: f64, end: f64) -> Option<(usize, String)> {
        let [onset, duration, every] = [numbers[ONSET], numbers[DURATION], numbers[EVERY]];
        let not_whole = |k: usize| numbers[k].fract() != 0.0 || numbers[k] > MOST_WHOLE;
        let too_fast = |k: usize| numbers[k] * dt > 500.0;
        let fast = |k: usize| {
            let most = 500.0 / dt;
            Some((k, format!("steps of {dt} ms resolve at most {most} Hz")))
        };
        if not_whole(REPEATS) {
            return Some((REPEATS, "must be a whole number".into()));
        }
        if every > 0.0 && duration > every * (1.0 + LEAST_PART) {
            let why = format!("must be no longer than the time between two onsets, {every} ms");
            return Some((DURATION, why));
        }
        if every == 0.0 && numbers[REPEATS] > 1.0 {
            return Some((EVERY, "it is to begin several times".into()));
        }
        let last = match (every > 0.0, numbers[REPEATS]) {
            (false, _) => onset,
            (true, 0.0) => f64::INFINITY,
            (true, repeats) => onset + (repeats - 1.0) * every,
        };
        if onset >= end {
            let why = format!("the run ends at {end} ms: it would never begin");
            return Some((ONSET, why));
        }
        if last + duration <= 0.0 {
            return Some((ONSET, "it would be over at t = 0".into()));
        }
        match self {
            Self::Train if numbers[OWN] > numbers[OWN + 1] => {
                let why = format!("must be no longer than the period, {} ms", numbers[OWN + 1]);
                Some((OWN, why))
            }
            Self::Sine if too_fast(OWN) => fast(OWN),
            Self::Chirp if too_fast(OWN) => fast(OWN),
            Self::Chirp if too_fast(OWN + 1) => fast(OWN + 1),
            Self::Noise if not_whole(OWN + 1) => Some((OWN + 1, "must be a whole number".into())),
            _ => None,
        }
    }

    /// The first time since its onset, among a thousand, at which it is no number: a formula may divide by 0.
    pub fn not_finite(&self, numbers: &[f64]) -> Option<f64> {
        let Self::Expression(_) = self else {
            return None;
        };
        let times = (0..1000).map(|k| (f64::from(k) + 0.5) / 1000.0 * numbers[DURATION]);
        let is_wild = |u: &f64| {
            let value = self.value(numbers, *u);
            !value.is_finite() || value.abs() > f64::from(f32::MAX)
        };
        times.into_iter().find(is_wild)
    }

    /// Its onsets from t = 0 to `end` ms.
    pub fn onsets(&self, numbers: &[f64], end: f64) -> Vec<f64> {
        let [onset, every, repeats] = [numbers[ONSET], numbers[EVERY], numbers[REPEATS]];
        let count = match (every > 0.0, repeats) {
            (false, _) => 1.0,
            (true, 0.0) => f64::INFINITY,
            (true, repeats) => repeats,
        };
        let first = if every > 0.0 {
            (-onset / every).ceil().max(0.0)
        } else {
            0.0
        };
        let mut onsets = Vec::new();
        let mut k = first;
        while k < count && onset + k * every < end {
            if onset + k * every >= 0.0 {
                onsets.push(onset + k * every);
            }
            k += 1.0;
        }
        onsets
    }

    /// Its mean from `from` to `to`, ms since t = 0, times its amplitude.
    pub fn mean(&self, numbers: &[f64], from: f64, to: f64) -> f64 {
        let [onset, duration, every] = [numbers[ONSET], numbers[DURATION], numbers[EVERY]];
        let least = LEAST_PART * (to - from);
        let part = |start: f64| {
            let (a, b) = ((from - start).max(0.0), (to - start).min(duration));
            match b - a > least {
                true => self.integral(numbers, a, b),
                false => 0.0,
            }
        };
        let integral = if every > 0.0 {
            let count = match numbers[REPEATS] {
                0.0 => f64::INFINITY,
                repeats => repeats,
            };
            // One more on each side than can matter, against rounding.
            let mut k = (((from - onset - duration) / every).floor() - 1.0).max(0.0);
            let mut sum = 0.0;
            while k < count && onset + k * every < to {
                sum += part(onset + k * every);
                k += 1.0;
            }
            sum
        } else {
            part(onset)
        };
        numbers[AMPLITUDE] * integral / (to - from)
    }

    /// Its integral over times since its onset, both within its duration.
    fn integral(&self, numbers: &[f64], from: f64, to: f64) -> f64 {
        let held = |interval: f64, number: &dyn Fn(f64) -> f64| {
            let mut k = (from / interval).floor();
            let mut sum = 0.0;
            while k * interval < to {
                let part = (to.min((k + 1.0) * interval) - from.max(k * interval)).max(0.0);
                // A sliver is rounding of the ends: the number beyond has no part in the step.
                if part > LEAST_PART * (to - from) {
                    sum += part * number(k);
                }
                k += 1.0;
            }
            sum
        };
        match self {
            Self::Pulse => to - from,
            Self::Train => {
                let (width, period) = (numbers[OWN], numbers[OWN + 1]);
                // Time within pulses until `u`.
                let until = |u: f64| (u / period).floor() * width + (u % period).min(width);
                until(to) - until(from)
            }
            Self::Noise => held(numbers[OWN], &|k| normal(numbers[OWN + 1] as u64, k as u64)),
            Self::Samples(values) => {
                let number = |k: f64| values.get(k as usize).copied().unwrap_or(0.0);
                held(numbers[OWN], &number)
            }
            _ => {
                let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
                let off = half * 0.6f64.sqrt();
                let at = |u: f64| self.value(numbers, u);
                half * (5.0 * at(centre - off) + 8.0 * at(centre) + 5.0 * at(centre + off)) / 9.0
            }
        }
    }

    /// The value of a smooth waveform, `u` ms after its onset.
    fn value(&self, numbers: &[f64], u: f64) -> f64 {
        let duration = numbers[DURATION];
        let own = &numbers[OWN..];
        match self {
            Self::Sine => (TAU * own[0] * u / 1000.0 + own[1]).sin(),
            Self::Chirp => {
                let frequency = own[0] + (own[1] - own[0]) * u / (2.0 * duration);
                (TAU * frequency * u / 1000.0 + own[2]).sin()
            }
            Self::Ramp => own[0] + (own[1] - own[0]) * u / duration,
            Self::Expression(expression) => expression.formula.value(&[&[u, duration], own]),
            Self::Pulse | Self::Train | Self::Noise | Self::Samples(_) => 1.0,
        }
    }
}

/// Standard normal number `k` of the noise with this seed.
fn normal(seed: u64, k: u64) -> f64 {
    let pair = k / 2;
    let counter = [pair as u32, (pair >> 32) as u32, 0, stream::STIMULUS];
    let [w0, w1, ..] = noise::philox(counter, noise::key(seed));
    let both = noise::normals::<f32>([w0, w1]);
    f64::from(both[(k % 2) as usize])
}

#[cfg(test)]
mod tests;
