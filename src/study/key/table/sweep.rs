//! What only a sweep reads.

use super::super::{Key, Value};
use super::key;

/// What a sweep varies.
pub(crate) static SWEEP_VARY: Key = key(
    "sweep.vary",
    "",
    "table of numbers to vary: `\"coupling.g\" = \"0:2:41\"`, `\"a:b:n:log\"`, or a list",
    "",
    Value::Other("table"),
);

/// Lists in parallel.
pub(crate) static SWEEP_ZIP: Key = key(
    "sweep.zip",
    "",
    "`true`: walk the lists together in place of a grid",
    "false",
    Value::Other("true or false"),
);

/// Random points.
pub(crate) static SWEEP_SAMPLE: Key = key(
    "sweep.sample",
    "",
    "draw points from ranges `\"a:b\"`: `sobol:4096`, `random:4096`, `lhs:4096`",
    "a grid",
    Value::Other("text"),
);

/// Replicas per point.
pub(crate) static SWEEP_SEEDS: Key = key(
    "sweep.seeds",
    "",
    "replicas per point, each with another seed",
    "1",
    Value::Other("whole number"),
);

/// Whether points share their seeds.
pub(crate) static SWEEP_OWN_SEEDS: Key = key(
    "sweep.own_seeds",
    "",
    "`true`: every point has seeds of its own, as inference from simulations needs; `false`: all points share theirs, so that they can \
     be compared",
    "false",
    Value::Other("true or false"),
);

/// Sampling of a sweep.
pub(crate) static SWEEP_EVERY: Key = key(
    "sweep.every",
    "ms",
    "time between the samples that are measured",
    "1, or protocol.dt if longer",
    Value::Other("number"),
);

/// What a sweep keeps.
pub(crate) static SWEEP_KEEP: Key = key(
    "sweep.keep",
    "",
    "list of what to keep of every replica: `fc`, states and outputs, the samples of a monitor by their name (`bold`), \
     `fcd` and other matrices, `features`",
    "the measures alone",
    Value::Other("list"),
);
