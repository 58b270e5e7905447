//! Input and noise.

use super::super::{Key, Numeric, Role, Slot, Value};
use super::{key, set_word};
use crate::study::range::Range;
use crate::study::{NoiseKind, NoiseScheme, Study};
use crate::word::Word;

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

fn noise_targets(study: &Study) -> Vec<String> {
    study
        .model
        .noise_targets()
        .into_iter()
        .map(String::from)
        .collect()
}

fn only_coloured(study: &Study) -> Option<&'static str> {
    match study.noise.kind {
        NoiseKind::OrnsteinUhlenbeck => None,
        NoiseKind::None => Some(NO_NOISE),
        NoiseKind::White => Some("noise.kind is \"white\", which has sigma only"),
    }
}

const NO_NOISE: &str = "noise.kind is \"none\"";
