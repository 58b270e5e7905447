//! Monitors, and what is recorded.

use super::super::{Key, Numeric, Slot, Value};
use super::{DT, key, of_text, single};
use crate::study::Study;
use crate::study::range::Range;

/// What is measured of the nodes.
pub static MONITOR_KIND: Key = key(
    "monitor.kind",
    "",
    "what is measured of the nodes while they run: a name from `brainsweep monitors`, or a file with a monitor's text; several `[[monitor]]`, \
     each with a kind and a `name`",
    "nothing",
    Value::Other("text"),
);

/// Which set of parameters it has.
pub static MONITOR_SET: Key = key(
    "monitor.set",
    "",
    "set of the monitor's parameters; `brainsweep monitors show KIND` has the names",
    "its first",
    Value::Other("text"),
);

/// What it takes.
pub static MONITOR_SOURCE: Key = key(
    "monitor.source",
    "",
    "state or output that the monitor takes",
    "what the model transmits",
    Value::Other("text"),
);

/// How often it shows something.
pub static MONITOR_TR: Key = key(
    "monitor.tr",
    "ms",
    "time between samples, a multiple of `monitor.step`",
    "",
    Value::Other("number"),
);

/// Its own step.
pub static MONITOR_STEP: Key = key(
    "monitor.step",
    "ms",
    "the monitor's own step, a multiple of `protocol.dt`: it takes the mean of its source over it",
    "the monitor's, or protocol.dt if longer",
    Value::Other("number"),
);

/// What sensors see.
pub static MONITOR_MATRIX: Key = key(
    "monitor.matrix",
    "",
    "file with what each sensor sees of each region, [sensor, region]",
    "every region as it is",
    Value::Other("file"),
);

/// The numbers of the monitors.
pub static MONITOR_NUMBER: Key = Key {
    names: Some(|study| {
        let each = study.monitors.iter().flat_map(|one| {
            let parameters = one.monitor.node.parameters.iter().map(|p| p.name);
            let names = ["scale", "offset"].into_iter().chain(parameters);
            names.map(|name| format!("{}.{name}", one.name))
        });
        each.collect()
    }),
    ..key(
        "monitor.NAME",
        "",
        "parameter of the monitor, or `scale` and `offset`, which map its source into its range: `scale x + offset`; `monitor.WHICH.NAME` \
         where there are several",
        "its set's; 1 and 0",
        Value::Number(Numeric {
            per_node: true,
            range: |study, i| match monitor_place(study, i) {
                (one, Some(k)) => Range::of(study.monitors[one].monitor.node.parameters[k].range),
                _ => Range::Finite,
            },
            about: Some(|study, i| match monitor_place(study, i) {
                (one, Some(k)) => of_text(&study.monitors[one].monitor.node.parameters[k]),
                _ => (
                    "1".into(),
                    "maps the monitor's source into its range".into(),
                ),
            }),
            get: |study, i| match monitor_place(study, i) {
                (one, Some(k)) => study.monitors[one].parameters[k].clone(),
                (one, None) if monitor_number(study, i) == 0 => study.monitors[one].scale.clone(),
                (one, None) => study.monitors[one].offset.clone(),
            },
            slot: |study, i| {
                let number = monitor_number(study, i);
                let (one, parameter) = monitor_place(study, i);
                let one = &mut study.monitors[one];
                Slot::PerNode(match parameter {
                    Some(k) => &mut one.parameters[k],
                    None if number == 0 => &mut one.scale,
                    None => &mut one.offset,
                })
            },
            role: |_, _| None,
            fixed: None,
        }),
    )
};

/// What is recorded.
pub(crate) static RECORD_STATES: Key = key(
    "record.states",
    "",
    "list of states and outputs to record",
    "the first state; with a monitor none",
    Value::Other("list"),
);

/// How often.
pub(crate) static RECORD_EVERY: Key = key(
    "record.every",
    "ms",
    "time between samples, a multiple of `protocol.dt`",
    DT.path,
    Value::Number(single(
        Range::Positive,
        |study, _| study.record.every.into(),
        |study, _| Slot::Single(&mut study.record.every),
        "all replicas of a sweep are sampled alike; say how often with --every",
    )),
);

/// Which monitor number `i` of the monitors belongs to, and which of its own it is: scale, offset, then its parameters.
fn monitor_of(study: &Study, i: usize) -> (usize, usize) {
    let mut left = i;
    for (one, observation) in study.monitors.iter().enumerate() {
        let n = 2 + observation.parameters.len();
        if left < n {
            return (one, left);
        }
        left -= n;
    }
    unreachable!("as many numbers as names")
}

fn monitor_number(study: &Study, i: usize) -> usize {
    monitor_of(study, i).1
}

/// The monitor and parameter of number `i`; `None` of scale and offset.
fn monitor_place(study: &Study, i: usize) -> (usize, Option<usize>) {
    let (one, number) = monitor_of(study, i);
    (one, number.checked_sub(2))
}
