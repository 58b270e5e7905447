//! The protocol.

use super::super::{Key, Slot, Value};
use super::{EQUALLY_LONG, key, set_word, single};
use crate::integrator::CouplingAt;
use crate::study::range::Range;
use crate::word::Word;

/// Duration.
pub(crate) static DURATION: Key = key(
    "protocol.duration",
    "ms",
    "simulated time",
    "6000",
    Value::Number(single(
        Range::Positive,
        |study, _| study.protocol.duration.into(),
        |study, _| Slot::Single(&mut study.protocol.duration),
        EQUALLY_LONG,
    )),
);

/// Step.
pub(crate) static DT: Key = key(
    "protocol.dt",
    "ms",
    "step",
    "0.1",
    Value::Number(single(
        Range::Positive,
        |study, _| study.protocol.dt.into(),
        |study, _| Slot::Single(&mut study.protocol.dt),
        "all replicas of a sweep take their steps and samples together, and a result that moves with the step is the \
         integrator's; compare steps with `brainsweep simulate --set protocol.dt=...`",
    )),
);

/// When in a step nodes take what they receive.
pub(crate) static COUPLING_AT: Key = key(
    "protocol.coupling_at",
    "",
    "when in a step a node takes what it receives from others, from its own past and from Ornstein-Uhlenbeck noise: `start`, for all of \
     the step, with an error of first order in dt; `stages`, at both ends, with an error of second order, which `heun` alone has",
    "start",
    Value::Word {
        words: CouplingAt::words,
        get: |study| study.protocol.coupling_at.word(),
        set: |study, word| set_word(&mut study.protocol.coupling_at, word),
    },
);

/// Seed.
pub(crate) static SEED: Key = key(
    "protocol.seed",
    "",
    "seed of every random number",
    "0",
    Value::Whole {
        most: u64::MAX,
        get: |study| study.protocol.seed,
        set: |study, seed| study.protocol.seed = seed,
    },
);

/// What is left out of the measures.
pub(crate) static TRANSIENT: Key = key(
    "protocol.transient",
    "ms",
    "time from t = 0 that the measures leave out",
    "0",
    Value::Number(single(
        Range::NotNegative,
        |study, _| study.protocol.transient.into(),
        |study, _| Slot::Single(&mut study.protocol.transient),
        EQUALLY_LONG,
    )),
);
