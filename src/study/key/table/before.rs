//! What was before: states, histories, delayed feedback.

use super::super::{Key, Numeric, Slot, Value};
use super::key;
use crate::study::range::Range;

/// States at t = 0.
pub(crate) static INITIAL: Key = Key {
    names: Some(|study| {
        study
            .model
            .states
            .iter()
            .map(|state| state.name.into())
            .collect()
    }),
    ..key(
        "initial.STATE",
        "",
        "state at t = 0; also `{ uniform = [low, high] }`, drawn per node",
        "the model's",
        Value::Number(Numeric {
            per_node: true,
            range: |_, _| Range::Finite,
            about: Some(|study, s| {
                let state = &study.model.states[s];
                (state.unit.into(), format!("{} at t = 0", state.name))
            }),
            get: |study, s| study.start_values(s),
            slot: |study, s| Slot::Start(&mut study.initial.state[s]),
            role: |_, _| None,
            fixed: None,
        }),
    )
};

/// What was transmitted before.
pub(crate) static HISTORY: Key = Key {
    names: Some(|study| {
        let signals = study.signals().into_iter();
        signals
            .map(|signal| study.model.signal_name(signal).into())
            .collect()
    }),
    ..key(
        "initial.history.SIGNAL",
        "",
        "what was transmitted before t = 0: as `initial.STATE`, or a file `[n_rows, n_nodes]`, oldest row first",
        "as its start, drawn afresh at every step",
        Value::Other("per node, uniform or file"),
    )
};

/// What was fed back before.
pub(crate) static FEEDBACK: Key = key(
    "initial.feedback",
    "",
    "delayed self feedback before t = 0, per node; `initial.feedback.SIGNAL` where there are several",
    "0",
    Value::Other("per node"),
);
