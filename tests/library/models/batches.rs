//! A simulation has the same bits run after run, alone, in any batch, and at any place in it.

use std::sync::Arc;

use brainsweep::backend::Backend;
use brainsweep::connectome::synthetic;
use brainsweep::integrator::Integrator;
use brainsweep::model::{MODELS, Model};
use brainsweep::plan::Plan;
use brainsweep::record::Recorded;
use brainsweep::study::{NoiseKind, Study, Values};

use super::common::{self, dt_ms};

/// More than a vector of eight lanes, and not a multiple of it.
const N_SIMULATIONS: usize = 11;
const N_STEPS: usize = 100;

/// The coupling of a model where a study names none.
fn default(model: &Model) -> &'static str {
    Study::form(model).name
}

/// Delayed noisy networks of one model that differ in all that simulations of a batch may differ in. Every third is without noise.
fn studies(
    spec: &'static Model,
    integrator: Integrator,
    noise: NoiseKind,
    coupling: &str,
) -> Vec<Study> {
    // An odd number of nodes leaves half a pair of random numbers over.
    let connectome = Arc::new(synthetic::random(5, 0.6, 60.0, 3));
    (0..N_SIMULATIONS)
        .map(|k| {
            let mut study = Study::new(spec, connectome.clone());
            study.integrator = integrator;
            common::couple(&mut study, coupling);
            study.set_g(0.05 * k as f64);
            study.protocol.seed = [1, 7, 1 << 40][k % 3];
            study.protocol.simulation = k as u32 / 2;
            study.protocol.dt = dt_ms(spec);
            study.protocol.duration = N_STEPS as f64 * dt_ms(spec);
            study.record.every = dt_ms(spec);
            study.record.states = (0..spec.states.len()).collect();
            // Parameters of which one of two simulations has one value per node.
            let first = &mut study.parameters[0];
            let scale = 1.0 + 0.01 * k as f64;
            *first = match k % 2 {
                0 => Values::Uniform(first.at(0) * scale),
                _ => Values::PerNode(
                    (0..5)
                        .map(|node| first.at(node) * (scale + 0.02 * node as f64))
                        .collect(),
                ),
            };
            let sigma = if k % 3 == 2 {
                0.0
            } else {
                0.01 * (1 + k) as f64
            };
            let mean = if k % 4 == 1 { 0.05 } else { 0.0 };
            common::set_noise(&mut study, noise, mean, |_| sigma);
            let input = (0.1 * k as f64 - 0.2) * common::spread(spec);
            study.input.fill(Values::Uniform(input));
            common::set_starts(&mut study, 0.1 * (1 + k) as f64);
            study
        })
        .collect()
}

fn run(backend: &dyn Backend, studies: &[Study]) -> Vec<Recorded> {
    common::run(backend, &Plan::batch(studies).expect("sound studies"))
}

/// Runs the batch twice, and some of its simulations alone and in a batch of three in another order.
fn is_the_same_again_and_in_any_company(backend: &dyn Backend, what: &str, studies: &[Study]) {
    let together = run(backend, studies);
    assert!(
        together
            .iter()
            .all(|recorded| recorded.samples.len_of(ndarray::Axis(0)) == N_STEPS),
        "{what}: all ran to the end"
    );
    let again = run(backend, studies);
    assert_eq!(
        common::differing_bits(&together, &again),
        0,
        "{what}: again"
    );
    let differs =
        |a: usize, b: usize| common::differing_bits(&together[a..=a], &together[b..=b]) > N_STEPS;
    assert!(
        (1..N_SIMULATIONS).all(|k| differs(k, k - 1)),
        "{what}: the simulations differ"
    );
    for k in [1, 2, 10] {
        let alone = run(backend, &studies[k..=k]);
        assert_eq!(
            common::differing_bits(&alone, &together[k..=k]),
            0,
            "{what}: simulation {k}, alone"
        );
    }
    let few = [9, 0, 5];
    let recorded = run(backend, &few.map(|k| studies[k].clone()));
    for (place, k) in few.into_iter().enumerate() {
        let there = &recorded[place..=place];
        assert_eq!(
            common::differing_bits(there, &together[k..=k]),
            0,
            "{what}: simulation {k}, in place {place}"
        );
    }
}

each_backend! {
    fn a_simulation_is_the_same_again_and_in_any_company(backend) {
        let kinds = [NoiseKind::OrnsteinUhlenbeck, NoiseKind::White];
        for (k, spec) in MODELS.iter().enumerate() {
            // Each integrator with both kinds of noise; how a node steps does not depend on its company. A software GPU takes seconds
            // for a shader.
            let (integrator, noise) = (Integrator::ALL[k % 4], kinds[k / 4 % 2]);
            let coupling = if noise == NoiseKind::White { "additive" } else { default(spec) };
            let what = format!("{}, {}, {noise:?}", spec.name, integrator.name());
            is_the_same_again_and_in_any_company(backend, &what, &studies(spec, integrator, noise, coupling));
        }
    }
}
