//! What a plan is made of: the parts of a step, waveforms, monitors, stored numbers.

use std::sync::Arc;

use super::{Edges, Observing, Wave};
use crate::dynamics::{Links, Moving, Recipe, Stages};
use crate::error::{Error, PlanError, Result};
use crate::integrator::CouplingAt;
use crate::study::key::{self, Role};
use crate::study::{NoiseKind, NoiseScheme, Observation, StoredNormals, Study};

/// The monitors of studies that run for `n_steps`.
pub(super) fn monitors(studies: &[Study], n_steps: u32) -> Result<Vec<Observing>> {
    let study = &studies[0];
    let all = (0..study.monitors.len()).map(|k| {
        let each: Vec<&Observation> = studies.iter().map(|study| &study.monitors[k]).collect();
        let key = key::MONITOR_NUMBER.named(&each[0].name);
        let times = [study.protocol.dt, study.protocol.transient];
        Observing::new(&each, &key, times, n_steps, study.connectome.n_nodes())
    });
    let mut all = all.collect::<Result<Vec<_>>>()?;
    for (one, name) in all.iter_mut().zip(study.shown_names()) {
        one.array = name;
    }
    Ok(all)
}

/// The waveform of each stimulus, and what depends on the time.
pub(super) fn waves(studies: &[Study], recipe: &Recipe) -> Vec<Wave> {
    let stimuli = 0..studies[0].stimuli.len();
    let stimuli = stimuli.map(|k| Wave::of_stimulus(studies, k));
    let moving = recipe.moving.iter();
    stimuli
        .chain(moving.map(|&moving| Wave::of_number(studies, moving)))
        .collect()
}

/// Coefficients and inputs that follow from an expression of the time.
fn moving(study: &Study) -> Vec<Moving> {
    let rules = study.moving_rules();
    let is_moving = |role: Role| rules.iter().any(|(other, _)| *other == role);
    let program = study.model.prepare_program();
    let n_parameters = study.model.parameters.len();
    let depends = program.depends(|p| p < n_parameters && is_moving(Role::Model(p)));
    let coefficients = program.results().iter().enumerate();
    let coefficients = coefficients
        .filter(|(_, id)| depends[**id as usize])
        .map(|(c, _)| Moving::Coefficient(c));
    let inputs = 0..study.model.inputs.len();
    let inputs = inputs
        .filter(|&i| is_moving(Role::Input(i)))
        .map(Moving::Input);
    coefficients.chain(inputs).collect()
}

/// The parts of a step that any of the `studies` needs.
pub(super) fn recipe(studies: &[Study], edges: &Edges, links: Links) -> Recipe {
    let study = &studies[0];
    let n_nodes = study.connectome.n_nodes();
    let any = |t: usize, values: fn(&Study, usize, usize) -> f64| {
        studies
            .iter()
            .any(|study| (0..n_nodes).any(|node| values(study, t, node) != 0.0))
    };
    let (mut process, mut random) = (0, 0);
    if study.noise.kind != NoiseKind::None {
        for t in 0..study.model.noise_targets().len() {
            let sigma = any(t, |study, t, node| study.noise.sigma[t].at(node));
            let mean = any(t, |study, t, node| study.noise.mean[t].at(node));
            let has_process = sigma || (mean && study.noise.kind == NoiseKind::OrnsteinUhlenbeck);
            process |= u128::from(has_process) << t;
            random |= u128::from(sigma) << t;
        }
    }
    Recipe {
        integrator: study.integrator,
        links: if edges.lag.is_empty() {
            Links::none(study.model)
        } else {
            links
        },
        noise: if process == 0 {
            NoiseKind::None
        } else {
            study.noise.kind
        },
        process,
        random,
        exact_kicks: random != 0
            && study.noise.kind == NoiseKind::White
            && study.noise.scheme == NoiseScheme::Exact,
        stages: match study.protocol.coupling_at {
            CouplingAt::Start => None,
            CouplingAt::Stages => Some(Stages {
                delayed: edges.lag.iter().any(|&lag| lag > 0),
                prompt: edges.lag.contains(&0),
            }),
        },
        stimuli: study.stimuli.iter().map(|one| one.input).collect(),
        moving: moving(study),
    }
}

/// The stored normal numbers of a study, if it has any.
pub(super) fn replay(
    study: &Study,
    recipe: &Recipe,
    n_steps: usize,
) -> Result<Option<StoredNormals<f32>>> {
    let Some(stored) = &study.noise.replay else {
        return Ok(None);
    };
    let n_nodes = study.connectome.n_nodes();
    let mut replay = Vec::new();
    let targets = study.model.noise_targets();
    for (s, stored) in stored.iter().enumerate() {
        let name = targets[s];
        let Some(stored) = stored.as_ref().filter(|_| recipe.is_random(s)) else {
            if recipe.is_random(s) {
                return Err(Error::missing(
                    key::NOISE_REPLAY.below(name),
                    format!("{name} has noise, and the noise of others is replayed"),
                    format!(
                        "give its normal numbers too, or set {} = 0",
                        key::NOISE_SIGMA.named(name)
                    ),
                ));
            }
            replay.push(None);
            continue;
        };
        if stored.nrows() < n_steps || stored.ncols() != n_nodes {
            return Err(PlanError::WrongShape {
                key: key::NOISE_REPLAY.below(name),
                found: stored.shape().to_vec(),
                expected: format!("[n_steps, n_nodes] = [{n_steps}, {n_nodes}] normal numbers"),
            }
            .into());
        }
        replay.push(Some(Arc::new(stored.mapv(|z| z as f32))));
    }
    Ok(Some(replay))
}
