//! The table itself: one row per key.

mod hold;

pub use hold::*;

use super::super::range::Range;
use super::super::{NoiseKind, NoiseScheme, Rule, Study, Values};
use super::{Key, Numeric, Role, Slot, Value};
use crate::connectome::{Delays, LengthUnit, Normalise, Orientation, Symmetric};
use crate::coupling::{DelayReads, DelayRounding};
use crate::integrator::{CouplingAt, Integrator};
use crate::measure::{Analysis, BandPass, FcdConvention};
use crate::model::Parameter;
use crate::waveform::Quantity;
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

// --- what the study is ---

/// What the output is called after.
pub(crate) static NAME: Key = key(
    "name",
    "",
    "what the output folder is called after",
    "the file's name",
    Value::Other("text"),
);

/// The neural mass model.
pub(crate) static MODEL: Key = key(
    "model",
    "",
    "neural mass model of every node: a name from `brainsweep models`, or a file with a model's text",
    "fitzhugh-nagumo",
    Value::Other("text"),
);

/// The integrator.
pub(crate) static INTEGRATOR: Key = key(
    "integrator",
    "",
    "how a node advances by one step",
    "exponential-euler",
    Value::Word {
        words: Integrator::words,
        get: |study| study.integrator.word(),
        set: |study, word| set_word(&mut study.integrator, word),
    },
);

/// The parameters of the model.
pub(crate) static PARAMETER: Key = Key {
    names: Some(|study| {
        study
            .model
            .parameters
            .iter()
            .map(|p| p.name.into())
            .collect()
    }),
    ..key(
        "parameters.NAME",
        "",
        "parameter of the model; `brainsweep models show MODEL` has the names",
        "the model's",
        Value::Number(Numeric {
            per_node: true,
            range: |study, i| Range::of_parameter(study.model, i),
            about: Some(|study, i| of_text(&study.model.parameters[i])),
            get: |study, i| study.parameters[i].clone(),
            slot: |study, i| Slot::PerNode(&mut study.parameters[i]),
            role: |_, i| Some(Role::Model(i)),
            fixed: None,
        }),
    )
};

/// Numbers of rules.
pub(crate) static RULE_NUMBER: Key = Key {
    names: Some(|study| study.rules.iter().flat_map(Rule::paths).collect()),
    ..key(
        "KEY.NUMBER",
        "",
        "number of a rule for values per node, as k in `parameters.tau = { formula = \"tau0*(1 + k*map)\", ... }`",
        "",
        Value::Number(Numeric {
            per_node: false,
            range: |_, _| Range::Finite,
            about: Some(|study, i| {
                let (rule, name) = study.rule_of(i);
                ("1".into(), format!("{name} in the rule for {}", rule.key))
            }),
            get: |study, i| study.rule_number(i).into(),
            slot: |study, i| Slot::Single(study.rule_slot(i)),
            role: |_, _| None,
            fixed: None,
        }),
    )
};

// --- the connectome ---

/// Where the connectome is.
pub(crate) static CONNECTOME_FILE: Key = key(
    "connectome.file",
    "",
    "file or folder with the connectome: csv, npz, mat, h5, zip and more; docs/data.md lists the layouts; or the name of one that comes \
     along: `hcp`, `schaefer100`",
    "`hcp`, 80 regions",
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

// --- the coupling ---

/// The form of the coupling.
pub(crate) static COUPLING_KIND: Key = key(
    "coupling.kind",
    "",
    "form of the coupling: a name from `brainsweep couplings`, a file with a coupling's text, or `none`; several `[[coupling]]`, each with \
     a kind and a `name`, add up",
    "the model's, else diffusive; none between uncoupled nodes",
    Value::Other("text"),
);

/// What is transmitted.
pub(crate) static SOURCE: Key = key(
    "coupling.source",
    "",
    "state or output that a node transmits, or a list of them",
    "the model's",
    Value::Other("text or list"),
);

/// What receives it.
pub(crate) static TARGET: Key = key(
    "coupling.target",
    "",
    "input that receives it, or a list of them",
    "the model's",
    Value::Other("text or list"),
);

/// Which matrix the coupling goes by.
pub(crate) static COUPLING_WEIGHTS: Key = key(
    "coupling.weights",
    "",
    "matrix the coupling goes by: a name from `connectome.matrices`, or `weights`",
    "weights",
    Value::Other("text"),
);

/// The parameters of the couplings.
pub(crate) static COUPLING_NUMBER: Key = Key {
    names: Some(|study| {
        let terms = &study.coupling.terms;
        if terms.is_empty() {
            let form = Study::form(study.model);
            return form.parameters.iter().map(|p| p.name.into()).collect();
        }
        let each = terms.iter().enumerate().flat_map(|(t, term)| {
            let parameters = term.form.parameters.iter();
            parameters.map(move |parameter| study.coupling.name_of(t, parameter.name))
        });
        each.collect()
    }),
    idle: |study, _| uncoupled(study),
    ..key(
        "coupling.NAME",
        "",
        "parameter of the coupling, such as `coupling.g`; `brainsweep couplings show KIND` has the names; `coupling.WHICH.NAME` where there \
         are several couplings",
        "the coupling's",
        Value::Number(Numeric {
            per_node: true,
            range: |study, i| Range::of(coupling_parameter(study, i).range),
            about: Some(|study, i| of_text(coupling_parameter(study, i))),
            get: |study, i| match coupling_place(study, i) {
                Some((term, k)) => study.coupling.terms[term].parameters[k].clone(),
                None => coupling_parameter(study, i).default.into(),
            },
            slot: |study, i| {
                let (term, k) = coupling_place(study, i).expect("idle without couplings");
                Slot::PerNode(&mut study.coupling.terms[term].parameters[k])
            },
            role: |study, i| {
                let place = coupling_place(study, i);
                place.map(|(term, parameter)| Role::Coupling { term, parameter })
            },
            fixed: None,
        }),
    )
};

/// The conduction speed.
pub(crate) static CONDUCTION_SPEED: Key = Key {
    idle: |study, _| {
        uncoupled(study).or(match study.connectome.delays {
            Delays::TractLengths(_) => None,
            // Infinity turns the delays off, however they are given.
            _ if study.coupling.conduction_speed == f64::INFINITY => None,
            Delays::Milliseconds(_) => Some("the connectome gives its delays in ms, so no speed acts on them; inf turns them off"),
            Delays::Steps(_) => Some("the connectome gives its delays in steps, so no speed acts on them; inf turns them off"),
            Delays::None => Some("the connectome has no tract lengths for a speed to act on"),
        })
    },
    ..key(
        "coupling.conduction_speed",
        "mm/ms",
        "conduction speed; inf: no delays",
        "20; inf for a connectome without tract lengths or delays",
        Value::Number(Numeric {
            per_node: false,
            range: |_, _| Range::Speed,
            about: None,
            get: |study, _| study.coupling.conduction_speed.into(),
            slot: |study, _| Slot::Single(&mut study.coupling.conduction_speed),
            role: |_, _| Some(Role::Speed),
            fixed: None,
        }),
    )
};

/// How a delay becomes steps.
pub(crate) static DELAY_ROUNDING: Key = Key {
    idle: |study, _| no_delays(study),
    ..key(
        "coupling.delay_rounding",
        "",
        "what becomes of a delay that is no whole number of steps; `interpolate` reads between the two steps around it, from two \
         connections in place of one",
        "nearest",
        Value::Word {
            words: DelayRounding::words,
            get: |study| study.coupling.delay_rounding.word(),
            set: |study, word| set_word(&mut study.coupling.delay_rounding, word),
        },
    )
};

/// Which past sample is read.
pub(crate) static DELAY_READS: Key = Key {
    idle: |study, _| no_delays(study),
    ..key(
        "coupling.delay_reads",
        "",
        "which past sample a delay of d steps reads; `x[n+1-d]` reads `x[n]` where d is 0",
        "x[n-d]",
        Value::Word {
            words: DelayReads::words,
            get: |study| study.coupling.delay_reads.word(),
            set: |study, word| set_word(&mut study.coupling.delay_reads, word),
        },
    )
};

// --- input and noise ---

/// Constant inputs.
pub(crate) static INPUT: Key = Key {
    names: Some(|study| {
        study
            .model
            .inputs
            .iter()
            .map(|input| input.name.into())
            .collect()
    }),
    ..key(
        "input.NAME",
        "",
        "constant part of an input; a bare `input` is the model's first",
        "0",
        Value::Number(Numeric {
            per_node: true,
            range: |_, _| Range::Finite,
            about: Some(|study, i| {
                let input = &study.model.inputs[i];
                (
                    input.unit.into(),
                    format!("constant input to {}", input.name),
                )
            }),
            get: |study, i| study.input[i].clone(),
            slot: |study, i| Slot::PerNode(&mut study.input[i]),
            role: |_, i| Some(Role::Input(i)),
            fixed: None,
        }),
    )
};

/// Which noise.
pub(crate) static NOISE_KIND: Key = key(
    "noise.kind",
    "",
    "random process: `ornstein-uhlenbeck` on inputs, `white` on states",
    "none without `[noise]`, else ornstein-uhlenbeck",
    Value::Word {
        words: NoiseKind::words,
        get: |study| study.noise.kind.word(),
        set: |study, word| set_word(&mut study.noise.kind, word),
    },
);

/// How the noise advances.
pub(crate) static NOISE_SCHEME: Key = Key {
    idle: |study, _| match study.noise.kind {
        NoiseKind::None => Some(NO_NOISE),
        _ => None,
    },
    ..key(
        "noise.scheme",
        "",
        "how a step advances the noise. Ornstein-Uhlenbeck: the stationary sd is sigma sqrt(tau/2) with `exact`, \
         sigma sqrt(tau/(2 - dt/tau)) with `euler`. White on dv/dt = -v/tau: the stationary sd of v is sigma sqrt(tau/2) with `exact`, \
         which exponential Euler alone has, and larger with `euler`",
        "euler",
        Value::Word {
            words: NoiseScheme::words,
            get: |study| study.noise.scheme.word(),
            set: |study, word| set_word(&mut study.noise.scheme, word),
        },
    )
};

/// Correlation time of the noise.
pub(crate) static NOISE_TAU: Key = Key {
    idle: |study, _| only_coloured(study),
    ..key(
        "noise.tau",
        "ms",
        "correlation time of the noise",
        "5",
        Value::Number(Numeric {
            per_node: false,
            range: |_, _| Range::Positive,
            about: None,
            get: |study, _| study.noise.tau.into(),
            slot: |study, _| Slot::Single(&mut study.noise.tau),
            role: |_, _| None,
            fixed: None,
        }),
    )
};

/// Mean of the noise.
pub(crate) static NOISE_MEAN: Key = Key {
    names: Some(noise_targets),
    idle: |study, _| only_coloured(study),
    ..key(
        "noise.mean.NAME",
        "",
        "mean of the noise on an input",
        "0",
        Value::Number(Numeric {
            per_node: true,
            range: |_, _| Range::Finite,
            about: Some(|study, t| {
                let name = study.model.noise_targets()[t];
                let input = study.model.input_index(name);
                let unit = input.map_or("1", |i| study.model.inputs[i].unit);
                (unit.into(), format!("mean of the noise on {name}"))
            }),
            get: |study, t| study.noise.mean[t].clone(),
            slot: |study, t| Slot::PerNode(&mut study.noise.mean[t]),
            role: |study, t| {
                let name = study.model.noise_targets()[t];
                study.model.input_index(name).map(Role::Input)
            },
            fixed: None,
        }),
    )
};

/// Strength of the noise.
pub(crate) static NOISE_SIGMA: Key = Key {
    names: Some(noise_targets),
    idle: |study, _| match study.noise.kind {
        NoiseKind::None => Some(NO_NOISE),
        _ => None,
    },
    ..key(
        "noise.sigma.NAME",
        "",
        "strength of the noise, of a state (white) or an input (Ornstein-Uhlenbeck)",
        "0",
        Value::Number(Numeric {
            per_node: true,
            range: |_, _| Range::NotNegative,
            about: Some(|study, t| {
                let name = study.model.noise_targets()[t];
                let state = study.model.states.iter().find(|state| state.name == name);
                // The noise drives the state's derivative.
                let unit = match state.map_or("1", |state| state.unit) {
                    "1" => "ms^-0.5".into(),
                    unit => format!("{unit} ms^-0.5"),
                };
                (unit, format!("strength of the noise on {name}"))
            }),
            get: |study, t| study.noise.sigma[t].clone(),
            slot: |study, t| Slot::PerNode(&mut study.noise.sigma[t]),
            role: |_, _| None,
            fixed: None,
        }),
    )
};

/// Stored normals.
pub(crate) static NOISE_REPLAY: Key = key(
    "noise.replay",
    "",
    "`{ file = \"z.npz\", x = \"zx\" }`: stored standard normals `[n_steps, n_nodes]`",
    "drawn from the seed",
    Value::Other("table"),
);

// --- what was before ---

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

// --- the protocol ---

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

// --- stimuli ---

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

// --- monitors ---

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
    "protocol.dt",
    Value::Number(single(
        Range::Positive,
        |study, _| study.record.every.into(),
        |study, _| Slot::Single(&mut study.record.every),
        "all replicas of a sweep are sampled alike; say how often with --every",
    )),
);

// --- what is made of samples ---

/// What is made.
pub(crate) static MEASURE_MAKE: Key = key(
    "measure.make",
    "",
    "list of what is made of the samples of the monitor, or of the first recorded state: `fcd`, `spectrum`, `band-fc`, \
     `envelope-fc`, `kuramoto`, `partial-fc`, `autocorrelation`, `skewness`",
    "nothing beyond what sums give",
    Value::Other("list"),
);

/// How long a window of FCD is.
pub(crate) static MEASURE_FCD_WINDOW: Key = Key {
    idle: |study, _| not_made(study, Analysis::Fcd),
    ..key(
        "measure.fcd_window",
        "ms",
        "length of a window of FCD, rounded to whole samples",
        "60000",
        Value::Number(single(
            Range::Positive,
            |study, _| study.measure.fcd_window.into(),
            |study, _| Slot::Single(&mut study.measure.fcd_window),
            MEASURED_ALIKE,
        )),
    )
};

/// How far windows of FCD are apart.
pub(crate) static MEASURE_FCD_STEP: Key = Key {
    idle: |study, _| not_made(study, Analysis::Fcd),
    ..key(
        "measure.fcd_step",
        "ms",
        "time from one window of FCD to the next, rounded to whole samples",
        "3000",
        Value::Number(single(
            Range::Positive,
            |study, _| study.measure.fcd_step.into(),
            |study, _| Slot::Single(&mut study.measure.fcd_step),
            MEASURED_ALIKE,
        )),
    )
};

/// Which windows of FCD there are.
pub(crate) static MEASURE_FCD_CONVENTION: Key = Key {
    idle: |study, _| not_made(study, Analysis::Fcd),
    ..key(
        "measure.fcd_convention",
        "",
        "which windows of FCD there are, and what of each is compared",
        "plain",
        Value::Word {
            words: FcdConvention::words,
            get: |study| study.measure.fcd_convention.name(),
            set: |study, word| set_word(&mut study.measure.fcd_convention, word),
        },
    )
};

/// The lower edge of the band.
pub(crate) static MEASURE_BAND_LOW: Key = Key {
    idle: |study, _| no_band(study),
    ..key(
        "measure.band_low",
        "Hz",
        "lower edge of the band of `band-fc`, `envelope-fc` and `kuramoto`, and of peaks and slopes of spectra; 0 for none",
        "0.01",
        Value::Number(single(
            Range::NotNegative,
            |study, _| study.measure.band.low_hz.into(),
            |study, _| Slot::Single(&mut study.measure.band.low_hz),
            MEASURED_ALIKE,
        )),
    )
};

/// The upper edge of the band.
pub(crate) static MEASURE_BAND_HIGH: Key = Key {
    idle: |study, _| no_band(study),
    ..key(
        "measure.band_high",
        "Hz",
        "upper edge of the band, below half of the samples' rate",
        "0.1",
        Value::Number(single(
            Range::Positive,
            |study, _| study.measure.band.high_hz.into(),
            |study, _| Slot::Single(&mut study.measure.band.high_hz),
            MEASURED_ALIKE,
        )),
    )
};

/// The order of the filter.
pub(crate) static MEASURE_BAND_ORDER: Key = Key {
    idle: |study, _| no_band(study),
    ..key(
        "measure.band_order",
        "",
        "order of Butterworth's filter, which runs forwards and backwards",
        "2",
        Value::Whole {
            most: BandPass::LARGEST_ORDER as u64,
            get: |study| study.measure.band.order as u64,
            set: |study, order| study.measure.band.order = order as usize,
        },
    )
};

/// The segments of spectra.
pub(crate) static MEASURE_SEGMENT: Key = Key {
    idle: |study, _| not_made(study, Analysis::Spectrum),
    ..key(
        "measure.segment",
        "",
        "samples of a segment of a spectrum, which overlap by half; all samples where there are fewer",
        "256",
        Value::Whole {
            most: 1 << 30,
            get: |study| study.measure.segment as u64,
            set: |study, samples| study.measure.segment = samples as usize,
        },
    )
};

/// The bands in which power is added up.
pub(crate) static MEASURE_BANDS: Key = Key {
    idle: |study, _| not_made(study, Analysis::Spectrum),
    ..key(
        "measure.bands",
        "Hz",
        "bands of spectra by name, each with its lower and upper edge: `{ alpha = [8, 13], sigma = [11, 16] }`",
        "slow-5 to slow-2 and delta to gamma, as far as spectra show them",
        Value::Other("table"),
    )
};

// --- a sweep ---

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

// --- what only a fit reads ---

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

// --- helpers of the rows ---

const NO_NOISE: &str = "noise.kind is \"none\"";

fn set_word<W: Word>(place: &mut W, word: &str) {
    if let Some(value) = W::from_word(word) {
        *place = value;
    }
}

/// Unit and meaning of a parameter.
fn of_text(parameter: &Parameter) -> (String, String) {
    (parameter.unit.into(), parameter.meaning.into())
}

fn noise_targets(study: &Study) -> Vec<String> {
    study
        .model
        .noise_targets()
        .into_iter()
        .map(String::from)
        .collect()
}

fn uncoupled(study: &Study) -> Option<&'static str> {
    let why = "the nodes are not coupled: coupling.kind is \"none\" or no weight differs from 0";
    (!study.coupling.is_some()).then_some(why)
}

fn no_delays(study: &Study) -> Option<&'static str> {
    let is_delayed = study.coupling.conduction_speed.is_finite() && study.coupling.is_some();
    let why = "the network has no delays";
    (!is_delayed && study.model.feedback.is_empty()).then_some(why)
}

fn not_made(study: &Study, analysis: Analysis) -> Option<&'static str> {
    (!study.measure.has(analysis)).then_some(match analysis {
        Analysis::Fcd => "measure.make does not have \"fcd\"",
        Analysis::Spectrum => "measure.make does not have \"spectrum\"",
        _ => "measure.make does not ask for it",
    })
}

fn no_band(study: &Study) -> Option<&'static str> {
    let why = "measure.make has nothing that goes by a band";
    (!study.measure.uses_band()).then_some(why)
}

fn only_coloured(study: &Study) -> Option<&'static str> {
    match study.noise.kind {
        NoiseKind::OrnsteinUhlenbeck => None,
        NoiseKind::None => Some(NO_NOISE),
        NoiseKind::White => Some("noise.kind is \"white\", which has sigma only"),
    }
}

/// Coupling and parameter of number `i` of the couplings; `None` without couplings.
fn coupling_place(study: &Study, i: usize) -> Option<(usize, usize)> {
    let mut left = i;
    for (t, term) in study.coupling.terms.iter().enumerate() {
        let n = term.form.parameters.len();
        if left < n {
            return Some((t, left));
        }
        left -= n;
    }
    None
}

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

fn coupling_parameter(study: &Study, i: usize) -> &'static Parameter {
    match coupling_place(study, i) {
        Some((term, k)) => &study.coupling.terms[term].form.parameters[k],
        None => &Study::form(study.model).parameters[i],
    }
}
