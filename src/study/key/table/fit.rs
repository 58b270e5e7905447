//! What only a fit reads.

use super::super::{Key, Value};
use super::key;

/// What a fit looks for.
pub static FIT_FREE: Key = key(
    "fit.free",
    "",
    "table of numbers to find: `\"coupling.g\" = \"0:3\"`, `\"noise.sigma.x,noise.sigma.y\" = \"0.001:0.05:log\"`",
    "",
    Value::Other("table"),
);

/// What is to be large.
pub static FIT_OBJECTIVE: Key = key(
    "fit.objective",
    "",
    "what is to be large: an expression over measures, as `\"fc - 0.5 synchrony\"`; a list of several, and a front of them is searched",
    "`\"fc\"`",
    Value::Other("text or list"),
);

/// How a fit searches.
pub static FIT_METHOD: Key = key(
    "fit.method",
    "",
    "how to search: `cma`, `bipop`, `guided`, `sobol`, or `nsga2` for several objectives",
    "`guided`; of several objectives `nsga2`",
    Value::Other("text"),
);

/// Where a fit begins.
pub static FIT_START: Key = key(
    "fit.start",
    "",
    "where the first candidates lie: `sobol` (all over the ranges), `hopf` (half of them on the curves of first Hopf points)",
    "`sobol`",
    Value::Other("text"),
);

/// The simulations of a fit.
pub static FIT_RUNS: Key = key(
    "fit.runs",
    "",
    "simulations, at most, those on unseen seeds among them",
    "80 for each free number, at least 160",
    Value::Other("whole number"),
);

/// Seeds of a candidate.
pub static FIT_REPLICAS: Key = key(
    "fit.replicas",
    "",
    "simulations of every candidate, each with a seed of its own",
    "1",
    Value::Other("whole number"),
);

/// Candidates of a generation.
pub static FIT_POPULATION: Key = key(
    "fit.population",
    "",
    "candidates of a generation",
    "4 + 3 ln n for n free numbers, up to a multiple of 8",
    Value::Other("whole number"),
);

/// The random numbers of the search itself.
pub static FIT_SEARCH: Key = key(
    "fit.search",
    "",
    "which of its own random numbers the search takes: another number, another search",
    "0",
    Value::Other("whole number"),
);

/// Candidates on unseen seeds.
pub static FIT_FINALISTS: Key = key(
    "fit.finalists",
    "",
    "candidates that are run again on unseen seeds",
    "4",
    Value::Other("whole number"),
);

/// Unseen seeds.
pub static FIT_HELD_OUT: Key = key(
    "fit.held_out",
    "",
    "unseen seeds on which each finalist runs",
    "16",
    Value::Other("whole number"),
);

/// Sampling of a fit.
pub static FIT_SAMPLING: Key = key(
    "fit.sampling",
    "ms",
    "time between the samples that are measured",
    "1, or protocol.dt if longer",
    Value::Other("number"),
);

/// Subjects that are kept out.
pub static FIT_VALIDATE: Key = key(
    "fit.validate",
    "",
    "list of measured subjects, by number from 0, that are kept out of the objective",
    "none",
    Value::Other("list"),
);

/// A fit for each subject.
pub static FIT_EACH_SUBJECT: Key = key(
    "fit.each_subject",
    "",
    "`true`: fit each measured subject for itself",
    "false: the mean over subjects",
    Value::Other("true or false"),
);
