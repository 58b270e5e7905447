//! Stimuli.

use super::super::{Key, Numeric, Slot, Value};
use super::key;
use crate::study::Study;
use crate::study::range::Range;
use crate::waveform::Quantity;

/// The course of a stimulus over time.
pub static STIMULUS_WAVEFORM: Key = key(
    "stimulus.waveform",
    "",
    "course of a stimulus over time: `pulse`, `train`, `sine`, `chirp`, `ramp`, `noise`, `samples` or `expression`; several `[[stimulus]]`, each \
     with a waveform and a `name`",
    "nothing",
    Value::Other("text"),
);

/// What it acts on.
pub static STIMULUS_INPUT: Key = key(
    "stimulus.input",
    "",
    "input of the model that the stimulus is added to",
    "the first input",
    Value::Other("text"),
);

/// Where it acts.
pub static STIMULUS_REGIONS: Key = key(
    "stimulus.regions",
    "",
    "list of regions that it reaches, by name or number from 0; or `{ groups = \"COLUMN\", file = \"regions.csv\", names = [...] }`",
    "all",
    Value::Other("list"),
);

/// How strongly.
pub static STIMULUS_WEIGHTS: Key = key(
    "stimulus.weights",
    "",
    "factor of each of `stimulus.regions`: a number, a list, or a file with one for every node",
    "1",
    Value::Other("number, list or file"),
);

/// An expression of time.
pub static STIMULUS_FORMULA: Key = key(
    "stimulus.formula",
    "",
    "expression of `t` (ms since the onset), `duration` and numbers that stand beside it, for `waveform = \"expression\"`",
    "",
    Value::Other("text"),
);

/// Numbers of a file.
pub static STIMULUS_FILE: Key = key(
    "stimulus.file",
    "",
    "file with a number for each `stimulus.interval`, for `waveform = \"samples\"`",
    "",
    Value::Other("file"),
);

/// The numbers of the stimuli.
pub static STIMULUS_NUMBER: Key = Key {
    names: Some(|study| {
        let each = study.stimuli.iter().flat_map(|one| {
            let names = one.waveform.quantities().into_iter();
            names.map(|quantity| format!("{}.{}", one.name, quantity.name))
        });
        each.collect()
    }),
    ..key(
        "stimulus.NAME",
        "",
        "number of the waveform: `amplitude`, `onset`, `duration`, `every`, `repeats`, and its own; `stimulus.WHICH.NAME` where there are \
         several",
        "the waveform's; duration to the next onset or the end",
        Value::Number(Numeric {
            per_node: false,
            range: |study, i| Range::of(quantity(study, i).range),
            about: Some(|study, i| {
                let (one, _) = stimulus_of(study, i);
                let quantity = quantity(study, i);
                let unit = match quantity.name == "amplitude" {
                    true => study.model.inputs[study.stimuli[one].input].unit,
                    false => quantity.unit,
                };
                (unit.into(), quantity.meaning.into())
            }),
            get: |study, i| {
                let (one, number) = stimulus_of(study, i);
                study.stimuli[one].numbers[number].into()
            },
            slot: |study, i| {
                let (one, number) = stimulus_of(study, i);
                Slot::Single(&mut study.stimuli[one].numbers[number])
            },
            role: |_, _| None,
            fixed: None,
        }),
    )
};

/// Which stimulus number `i` of the stimuli belongs to, and which of its own it is.
fn stimulus_of(study: &Study, i: usize) -> (usize, usize) {
    let mut left = i;
    for (one, stimulus) in study.stimuli.iter().enumerate() {
        let n = stimulus.numbers.len();
        if left < n {
            return (one, left);
        }
        left -= n;
    }
    unreachable!("as many numbers as names")
}

fn quantity(study: &Study, i: usize) -> Quantity {
    let (one, number) = stimulus_of(study, i);
    study.stimuli[one].waveform.quantities().swap_remove(number)
}
