//! What the study is: its name, its model and how that is integrated.

use super::super::{Key, Numeric, Role, Slot, Value};
use super::{key, of_text, set_word};
use crate::integrator::Integrator;
use crate::study::Rule;
use crate::study::range::Range;
use crate::word::Word;

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
