//! The coupling and its delays.

use super::super::{Key, Numeric, Role, Slot, Value};
use super::{key, of_text, set_word, uncoupled};
use crate::connectome::Delays;
use crate::coupling::{DelayReads, DelayRounding};
use crate::model::Parameter;
use crate::study::Study;
use crate::study::range::Range;
use crate::word::Word;

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

fn no_delays(study: &Study) -> Option<&'static str> {
    let is_delayed = study.coupling.conduction_speed.is_finite() && study.coupling.is_some();
    let why = "the network has no delays";
    (!is_delayed && study.model.feedback.is_empty()).then_some(why)
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

fn coupling_parameter(study: &Study, i: usize) -> &'static Parameter {
    match coupling_place(study, i) {
        Some((term, k)) => &study.coupling.terms[term].form.parameters[k],
        None => &Study::form(study.model).parameters[i],
    }
}
