//! The table itself: one row per key.

mod before;
mod connectome;
mod coupling;
mod fit;
mod hold;
mod input;
mod measure;
mod model;
mod monitor;
mod protocol;
mod stimulus;
mod sweep;

pub(crate) use before::*;
pub(crate) use connectome::*;
pub(crate) use coupling::*;
pub use fit::*;
pub use hold::*;
pub(crate) use input::*;
pub(crate) use measure::*;
pub(crate) use model::*;
pub use monitor::*;
pub(crate) use protocol::*;
pub use stimulus::*;
pub(crate) use sweep::*;

use super::{Key, Numeric, Slot, Value};
use crate::model::Parameter;
use crate::study::range::Range;
use crate::study::{Study, Values};
use crate::word::Word;

/// The section that only a sweep reads.
pub(crate) const SWEEP: &str = "sweep";
/// The section that only a fit reads.
pub(crate) const FIT: &str = "fit";
/// The word for no coupling and no noise.
pub(crate) const NONE: &str = "none";

/// Every key of a study, in the order of the reference page.
pub static KEYS: &[&Key] = &[
    &NAME,
    &MODEL,
    &INTEGRATOR,
    &PARAMETER,
    &CONNECTOME_FILE,
    &SUBJECT,
    &NODES,
    &WEIGHTS,
    &MATRIX,
    &TRACT_LENGTHS,
    &DELAYS,
    &DELAY_STEPS,
    &LENGTH_UNIT,
    &MISSING_LENGTHS,
    &FUNCTIONAL,
    &LABELS,
    &CENTRES,
    &ORIENTATION,
    &TRACT_ORIENTATION,
    &SYMMETRIC,
    &NORMALISE,
    &COUPLING_KIND,
    &SOURCE,
    &TARGET,
    &COUPLING_WEIGHTS,
    &COUPLING_NUMBER,
    &CONDUCTION_SPEED,
    &DELAY_ROUNDING,
    &DELAY_READS,
    &INPUT,
    &NOISE_KIND,
    &NOISE_SCHEME,
    &NOISE_TAU,
    &NOISE_MEAN,
    &NOISE_SIGMA,
    &NOISE_REPLAY,
    &INITIAL,
    &HISTORY,
    &FEEDBACK,
    &RULE_NUMBER,
    &DURATION,
    &DT,
    &COUPLING_AT,
    &SEED,
    &TRANSIENT,
    &HOLD_OUTPUT,
    &HOLD_TARGET,
    &HOLD_BY,
    &HOLD_ON,
    &HOLD_TOLERANCE,
    &HOLD_ROUNDS,
    &HOLD_ROUND_DURATION,
    &HOLD_ROUND_TRANSIENT,
    &HOLD_ROUND_SEEDS,
    &HOLD_ROUND_SEED,
    &STIMULUS_WAVEFORM,
    &STIMULUS_INPUT,
    &STIMULUS_REGIONS,
    &STIMULUS_WEIGHTS,
    &STIMULUS_FORMULA,
    &STIMULUS_FILE,
    &STIMULUS_NUMBER,
    &MONITOR_KIND,
    &MONITOR_SET,
    &MONITOR_SOURCE,
    &MONITOR_TR,
    &MONITOR_STEP,
    &MONITOR_MATRIX,
    &MONITOR_NUMBER,
    &RECORD_STATES,
    &RECORD_EVERY,
    &MEASURE_MAKE,
    &MEASURE_FCD_WINDOW,
    &MEASURE_FCD_STEP,
    &MEASURE_FCD_CONVENTION,
    &MEASURE_BAND_LOW,
    &MEASURE_BAND_HIGH,
    &MEASURE_BAND_ORDER,
    &MEASURE_SEGMENT,
    &MEASURE_BANDS,
    &SWEEP_VARY,
    &SWEEP_ZIP,
    &SWEEP_SAMPLE,
    &SWEEP_SEEDS,
    &SWEEP_OWN_SEEDS,
    &SWEEP_EVERY,
    &SWEEP_KEEP,
    &FIT_FREE,
    &FIT_OBJECTIVE,
    &FIT_METHOD,
    &FIT_START,
    &FIT_RUNS,
    &FIT_REPLICAS,
    &FIT_POPULATION,
    &FIT_SEARCH,
    &FIT_FINALISTS,
    &FIT_HELD_OUT,
    &FIT_SAMPLING,
    &FIT_VALIDATE,
    &FIT_EACH_SUBJECT,
];

/// A key that always has an effect.
const fn key(
    path: &'static str,
    unit: &'static str,
    meaning: &'static str,
    default: &'static str,
    value: Value,
) -> Key {
    Key {
        path,
        unit,
        meaning,
        default,
        value,
        names: None,
        idle: |_, _| None,
    }
}

/// A single number that neither an equilibrium nor a delay depends on, and that a sweep cannot vary.
const fn single(
    range: Range,
    get: fn(&Study, usize) -> Values,
    slot: fn(&mut Study, usize) -> Slot<'_>,
    fixed: &'static str,
) -> Numeric {
    Numeric {
        per_node: false,
        range: match range {
            Range::NotNegative => |_, _| Range::NotNegative,
            _ => |_, _| Range::Positive,
        },
        about: None,
        get,
        slot,
        role: |_, _| None,
        fixed: Some(fixed),
    }
}

/// Why every replica of a sweep is equally long.
const EQUALLY_LONG: &str =
    "all replicas of a sweep are equally long; set it for all with --set, or make a sweep for each";

/// Why every replica of a sweep is measured alike.
const MEASURED_ALIKE: &str =
    "all replicas of a sweep are measured alike; set it for all with --set";

fn set_word<W: Word>(place: &mut W, word: &str) {
    if let Some(value) = W::from_word(word) {
        *place = value;
    }
}

/// Unit and meaning of a parameter.
fn of_text(parameter: &Parameter) -> (String, String) {
    (parameter.unit.into(), parameter.meaning.into())
}

fn uncoupled(study: &Study) -> Option<&'static str> {
    let why = "the nodes are not coupled: coupling.kind is \"none\" or no weight differs from 0";
    (!study.coupling.is_some()).then_some(why)
}
