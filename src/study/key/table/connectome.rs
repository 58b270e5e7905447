//! The connectome.

use super::super::{Key, Value};
use super::{NONE, key};
use crate::connectome::{LengthUnit, Normalise, Orientation, Symmetric};
use crate::word::Word;

/// Where the connectome is.
pub(crate) static CONNECTOME_FILE: Key = key(
    "connectome.file",
    "",
    "file or folder with the connectome: csv, npz, mat, h5, zip and more; docs/data.md lists the layouts; or the name of one that comes \
     along: `hcp`, `schaefer100`. A name with `*` or a list: one for each person, for a fit",
    "`hcp`, 80 regions",
    Value::Other("text"),
);

/// Whose connectome is taken.
pub(crate) static SUBJECT: Key = key(
    "connectome.subject",
    "",
    "whose connectome it is, where `connectome.file` names those of several people: what `*` stands for, or the name of the file in a list",
    "all, for a fit; nothing else takes several",
    Value::Other("text"),
);

/// Uncoupled nodes.
pub(crate) static NODES: Key = key(
    "connectome.nodes",
    "",
    "number of uncoupled nodes, in place of a file",
    "",
    Value::Other("whole number"),
);

/// Which array of the file holds the weights.
pub(crate) static WEIGHTS: Key = key(
    "connectome.weights",
    "",
    "name of the weights in the file",
    "the usual names",
    Value::Other("text"),
);

/// More weights of the same regions.
pub(crate) static MATRIX: Key = key(
    "connectome.matrices.NAME",
    "",
    "name in the file of other weights of the same regions, for `coupling.weights`",
    "",
    Value::Other("text"),
);

/// Which array of the file holds the tract lengths.
pub(crate) static TRACT_LENGTHS: Key = key(
    "connectome.tract_lengths",
    "mm",
    "name of the tract lengths in the file",
    "the usual names",
    Value::Other("text"),
);

/// Which array of the file holds the delays in ms.
pub(crate) static DELAYS: Key = key(
    "connectome.delays",
    "ms",
    "name of delays given in ms, in place of tract lengths",
    "the usual names",
    Value::Other("text"),
);

/// Which array of the file holds the delays in steps.
pub(crate) static DELAY_STEPS: Key = key(
    "connectome.delay_steps",
    "",
    "name of delays given in steps, in place of tract lengths",
    "",
    Value::Other("text"),
);

/// The unit of the tract lengths.
pub(crate) static LENGTH_UNIT: Key = key(
    "connectome.length_unit",
    "",
    "unit of the tract lengths in the file",
    "mm, or what the file says; lengths that would be too short or too long for a brain are refused",
    Value::OneOf(LengthUnit::words),
);

/// What becomes of connections without a length.
pub(crate) static MISSING_LENGTHS: Key = key(
    "connectome.missing_lengths",
    "mm",
    "length of connections that have none: a number, `\"euclidean\"` (between the centres), or `\"zero\"` (no delay)",
    "an error",
    Value::Other("number or text"),
);

/// Which array of the file holds the measured FC.
pub(crate) static FUNCTIONAL: Key = key(
    "connectome.functional",
    "",
    "name of the measured functional connectivity in the file, or files of it, also for a connectome that comes along: a name with `*` or \
     a list, one for each person; `{ bold = \"sub-*_bold.tsv\", tr = 2.0 }`: time series to make it from, and their step in s; \
     `band_pass = [0.01, 0.1]` (Hz), `order`, `global_signal = true`, `nuisance = \"sub-*_confounds.tsv\"`, `nuisance_columns` clean them",
    "the usual names",
    Value::Other("text, list or table"),
);

/// Which array of the file holds the names of the regions.
pub(crate) static LABELS: Key = key(
    "connectome.labels",
    "",
    "name of the region names in the file",
    "the usual names, or MINE_labels.txt beside MINE.npz",
    Value::Other("text"),
);

/// Which array of the file holds the centres of the regions.
pub(crate) static CENTRES: Key = key(
    "connectome.centres",
    "mm",
    "name of the centres of the regions in the file, `[n_nodes, 3]`",
    "the usual names",
    Value::Other("text"),
);

/// Which index of the weights is the sender.
pub(crate) static ORIENTATION: Key = key(
    "connectome.orientation",
    "",
    "what the rows and columns of a matrix are; `target-source`: the row receives",
    "target-source",
    Value::OneOf(Orientation::words),
);

/// Which index of the lengths is the sender.
pub(crate) static TRACT_ORIENTATION: Key = key(
    "connectome.tract_orientation",
    "",
    "the same for tract lengths or delays",
    "as connectome.orientation",
    Value::OneOf(Orientation::words),
);

/// What happens to half-filled matrices.
pub(crate) static SYMMETRIC: Key = key(
    "connectome.symmetric",
    "",
    "`upper`, `lower`: mirror that half of weights, lengths and delays; `as-is`: one-way connections stay so; `auto`: mirror a matrix \
     with entries in one half only",
    "auto",
    Value::OneOf(Symmetric::words),
);

/// How the weights are scaled.
pub(crate) static NORMALISE: Key = key(
    "connectome.normalise",
    "",
    "divide the weights by: `max`, their largest; `row-sum`, each node's incoming sum; `spectral-radius`; `log1p`: log(1 + weight)",
    NONE,
    Value::OneOf(Normalise::words),
);
