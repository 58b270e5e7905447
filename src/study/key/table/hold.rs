//! What is held at a target, and how its mean is brought there.

use super::super::{Key, Numeric, Slot, Value};
use super::{EQUALLY_LONG, key, set_word, single};
use crate::study::range::Range;
use crate::study::{Hold, HoldOn, OnMean, Study};
use crate::word::Word;

/// Why keys of `[hold]` have no effect.
const NOTHING_HELD: &str =
    "nothing is held: `hold.output` and `hold.by` say what, and by which parameter";
/// Why all points of a sweep have the same rounds.
const ALL_POINTS: &str = "the means of all points of a sweep are brought to their targets in the same way; set it for all with --set";

/// Why a key about the rounds has no effect; `None` where it has one.
fn no_rounds(study: &Study) -> Option<&'static str> {
    match &study.hold {
        None => Some(NOTHING_HELD),
        Some(hold) => (hold.on == HoldOn::Rest)
            .then_some("the output at rest is solved for, without simulations: they are for `hold.on = \"mean\"`"),
    }
}

/// The rounds of a study; the defaults where nothing is held.
fn rounds(study: &Study) -> OnMean {
    study
        .hold
        .as_ref()
        .map_or(OnMean::default(), |hold| hold.mean)
}

/// Where they are written.
fn held(study: &mut Study) -> &mut Hold {
    study
        .hold
        .as_mut()
        .expect("a number without effect is not set")
}

/// A whole number of the rounds.
fn with(study: &mut Study, set: impl FnOnce(&mut OnMean)) {
    if let Some(hold) = &mut study.hold {
        set(&mut hold.mean);
    }
}

/// What rests.
pub static HOLD_OUTPUT: Key = key(
    "hold.output",
    "",
    "state or output that is to rest at `hold.target` in every node",
    "nothing",
    Value::Other("text"),
);

/// Where it rests.
pub static HOLD_TARGET: Key = Key {
    idle: |study, _| study.hold.is_none().then_some(NOTHING_HELD),
    ..key(
        "hold.target",
        "",
        "where `hold.output` is to rest",
        "",
        Value::Number(Numeric {
            per_node: true,
            range: |_, _| Range::Finite,
            about: Some(|study, _| {
                let unit = study
                    .hold
                    .as_ref()
                    .map_or("1", |hold| study.model.observable(hold.observable).unit);
                (unit.into(), "where `hold.output` is to rest".into())
            }),
            get: |study, _| {
                let hold = study.hold.as_ref();
                hold.map_or(0.0.into(), |hold| hold.target.clone())
            },
            slot: |study, _| {
                let hold = study.hold.as_mut();
                Slot::PerNode(&mut hold.expect("a number without effect is not set").target)
            },
            role: |_, _| None,
            fixed: None,
        }),
    )
};

/// By what.
pub static HOLD_BY: Key = key(
    "hold.by",
    "",
    "parameter or input of the model that is chosen in every node so that `hold.output` rests there; its own value is where the search \
     begins",
    "",
    Value::Other("text"),
);

/// What is at the target.
pub static HOLD_ON: Key = Key {
    idle: |study, _| study.hold.is_none().then_some(NOTHING_HELD),
    ..key(
        "hold.on",
        "",
        "what is at `hold.target`: `rest`, the output of the network at rest; `mean`, the mean of the output over time and seeds, with \
         noise, which rounds of simulations bring there",
        "rest",
        Value::Word {
            words: HoldOn::words,
            get: |study| {
                study
                    .hold
                    .as_ref()
                    .map_or(HoldOn::Rest, |hold| hold.on)
                    .word()
            },
            set: |study, word| {
                if let Some(hold) = &mut study.hold {
                    set_word(&mut hold.on, word);
                }
            },
        },
    )
};

/// How near a mean has to be.
pub static HOLD_TOLERANCE: Key = Key {
    idle: |study, _| no_rounds(study),
    ..key(
        "hold.tolerance",
        "",
        "largest distance of a node's mean from `hold.target`, in units of the output; above 0",
        "a hundredth of the largest `hold.target`",
        Value::Number(single(
            Range::NotNegative,
            |study, _| study.hold.as_ref().map_or(0.0, Hold::tolerance).into(),
            |study, _| Slot::Single(held(study).mean.tolerance.get_or_insert(0.0)),
            ALL_POINTS,
        )),
    )
};

/// How many rounds.
pub static HOLD_ROUNDS: Key = Key {
    idle: |study, _| no_rounds(study),
    ..key(
        "hold.rounds",
        "",
        "rounds of simulations that bring the means to their targets, at most",
        "20",
        Value::Whole {
            most: 1000,
            get: |study| rounds(study).rounds.into(),
            set: |study, n| with(study, |mean| mean.rounds = n as u32),
        },
    )
};

/// How long each simulation of a round is.
pub static HOLD_ROUND_DURATION: Key = Key {
    idle: |study, _| no_rounds(study),
    ..key(
        "hold.round_duration",
        "ms",
        "simulated time of each simulation of a round",
        "6000",
        Value::Number(single(
            Range::Positive,
            |study, _| rounds(study).duration_ms.into(),
            |study, _| Slot::Single(&mut held(study).mean.duration_ms),
            EQUALLY_LONG,
        )),
    )
};

/// What of it the means leave out.
pub static HOLD_ROUND_TRANSIENT: Key = Key {
    idle: |study, _| no_rounds(study),
    ..key(
        "hold.round_transient",
        "ms",
        "time from t = 0 that the means of a round leave out",
        "1000",
        Value::Number(single(
            Range::NotNegative,
            |study, _| rounds(study).transient_ms.into(),
            |study, _| Slot::Single(&mut held(study).mean.transient_ms),
            EQUALLY_LONG,
        )),
    )
};

/// How many simulations a round has.
pub static HOLD_ROUND_SEEDS: Key = Key {
    idle: |study, _| no_rounds(study),
    ..key(
        "hold.round_seeds",
        "",
        "simulations of a round, over which the mean is taken, each with a seed of its own",
        "16",
        Value::Whole {
            most: 4096,
            get: |study| rounds(study).n_seeds.into(),
            set: |study, n| with(study, |mean| mean.n_seeds = n as u32),
        },
    )
};

/// Their noise.
pub static HOLD_ROUND_SEED: Key = Key {
    idle: |study, _| no_rounds(study),
    ..key(
        "hold.round_seed",
        "",
        "seed of the first simulation of a round, whatever `protocol.seed` is; all rounds have the same noise",
        "1000000",
        Value::Whole {
            most: u32::MAX as u64,
            get: |study| rounds(study).seed,
            set: |study, seed| with(study, |mean| mean.seed = seed),
        },
    )
};
