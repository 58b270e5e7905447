//! A simulation whose numbers grow beyond all bounds: found, named, cut off there, and no harm to those beside it.
//!
//! With alpha < 0 the cubic term of FitzHugh-Nagumo drives a node away faster than exponentially, in finite time.

use crate::common;

use std::sync::Arc;

use brainsweep::backend::Backend;
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::coupling;
use brainsweep::integrator::Integrator;
use brainsweep::model;
use brainsweep::plan::Plan;
use brainsweep::record::{Divergence, Recorded};
use brainsweep::study::{NoiseKind, Start, Study, Values};
use ndarray::{Array2, Axis};

const N_NODES: usize = 5;
/// The node that runs away.
const RUNAWAY: usize = 3;
const ALPHA: f64 = -0.5;
/// Just above the threshold, so that it takes some twenty steps.
const START: f64 = 0.38;
const DT_MS: f64 = 0.1;

/// Five nodes that receive from each other 20 steps late, so that what happens at one stays there for a while. The one that may run away receives
/// nobody and has no noise, so that its fate is known without the others.
fn sound() -> Study {
    let receives = |i, j| i != j && i != RUNAWAY;
    let weights = Array2::from_shape_fn((N_NODES, N_NODES), |(i, j)| {
        f64::from(u8::from(receives(i, j)))
    });
    let delays = Delays::Steps(Array2::from_elem((N_NODES, N_NODES), 20));
    let connectome = Connectome::new(None, weights, delays, None).expect("a sound connectome");
    let mut study = Study::new(
        model::find("fitzhugh-nagumo").expect("a model of ours"),
        Arc::new(connectome),
    );
    study.set_g(0.05);
    study.noise.kind = NoiseKind::OrnsteinUhlenbeck;
    study.noise.sigma[0] = Values::PerNode(
        (0..N_NODES)
            .map(|i| if i == RUNAWAY { 0.0 } else { 0.01 })
            .collect(),
    );
    study.initial.state[0] = Start::Uniform {
        low: 0.0,
        high: 0.05,
    };
    study.protocol.duration = 30.0;
    study.record.states = vec![0, 1];
    study
}

/// The same with one node that runs away.
fn unsound() -> Study {
    let mut study = sound();
    study
        .set_number(&format!("parameters.alpha[{RUNAWAY}]"), ALPHA)
        .expect("a parameter of this model");
    study.initial.state[0] = Start::Given(Values::PerNode(
        (0..N_NODES)
            .map(|node| if node == RUNAWAY { START } else { 0.02 })
            .collect(),
    ));
    study
}

/// `sound` among others, some of which run away: of `n` simulations those in `bad`.
fn batch(n: usize, bad: &[usize]) -> Vec<Study> {
    let (sound, unsound) = (sound(), unsound());
    (0..n)
        .map(|k| {
            let mut study = if bad.contains(&k) {
                unsound.clone()
            } else {
                sound.clone()
            };
            study.connectome = sound.connectome.clone();
            study.protocol.seed = k as u64;
            study
        })
        .collect()
}

fn run(backend: &dyn Backend, studies: &[Study]) -> Vec<Recorded> {
    common::run(backend, &Plan::batch(studies).expect("sound studies"))
}

/// What a simulation that diverged must look like: `n_samples` finite ones, and then nothing.
fn ends_at(recorded: &Recorded, expected: Divergence, n_samples: usize) {
    let found = recorded.end.divergence.expect("it diverged");
    assert_eq!(
        (found.simulation, found.node),
        (expected.simulation, expected.node)
    );
    assert!(
        (found.time_ms - expected.time_ms).abs() < 1e-9,
        "{found:?}, expected {expected:?}"
    );
    assert_eq!(recorded.samples.len_of(Axis(0)), n_samples);
    assert!(recorded.samples.iter().all(|x| x.is_finite()));
}

each_backend! {
    /// Every sample until then is kept, the first that is not finite is not, and the report says which simulation, which node, when.
    fn a_runaway_node_is_named_with_its_time(backend) {
        let step = first_step_beyond_bounds();
        assert!((11..200).contains(&step), "step {step}");
        let studies = batch(11, &[4]);
        let recorded = run(backend, &studies);
        let expected = Divergence { simulation: 4, node: RUNAWAY, time_ms: step as f64 * DT_MS };
        ends_at(&recorded[4], expected, step - 1);
        let last = recorded[4].samples.index_axis(Axis(0), step - 2);
        assert!(last[[0, RUNAWAY]].abs() > 10.0, "it was on its way: {last}");
    }

    /// The same simulation in another place, alone, or with others that run away too.
    fn divergence_is_reported_per_simulation(backend) {
        let alone = run(backend, &batch(5, &[4])[4..]);
        let time_ms = alone[0].end.divergence.expect("it diverged").time_ms;
        for bad in [&[0usize][..], &[2, 9], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            for (k, recorded) in run(backend, &batch(10, bad)).iter().enumerate() {
                let divergence = recorded.end.divergence;
                assert_eq!(divergence.map(|d| (d.simulation, d.node)), bad.contains(&k).then_some((k, RUNAWAY)), "{bad:?}");
                if let Some(divergence) = divergence {
                    assert!((divergence.time_ms - time_ms).abs() < 1e-9, "{divergence:?}");
                }
            }
        }
    }

    /// Simulations side by side in lanes, or in one workgroup, do not notice it: the bits are those of a batch in which nothing diverges.
    fn the_others_are_untouched(backend) {
        let bad = [0, 4, 9];
        let (with, without) = (run(backend, &batch(11, &bad)), run(backend, &batch(11, &[])));
        let others = |recorded: Vec<Recorded>| -> Vec<Recorded> {
            recorded.into_iter().enumerate().filter(|(k, _)| !bad.contains(k)).map(|(_, recorded)| recorded).collect()
        };
        let (with, without) = (others(with), others(without));
        assert_eq!((with.len(), with[0].samples.len_of(Axis(0))), (8, 300));
        assert!(with.iter().all(|recorded| recorded.end.divergence.is_none() && recorded.end.n_steps == 300));
        assert_eq!(common::differing_bits(&with, &without), 0);
    }

    /// A sample every 1 ms sees it at the next whole ms.
    fn it_is_seen_at_the_next_sample(backend) {
        let step = first_step_beyond_bounds();
        let mut study = unsound();
        study.record.every = 1.0;
        let sample = step.div_ceil(10);
        let expected = Divergence { simulation: 0, node: RUNAWAY, time_ms: sample as f64 };
        ends_at(&run(backend, &[study])[0], expected, sample - 1);
    }

    /// After the last sample nothing more is recorded, but the end of the run is looked at.
    fn it_is_seen_at_the_end_of_the_run(backend) {
        let step = first_step_beyond_bounds();
        let mut study = unsound();
        study.record.every = DT_MS * (step - 1) as f64;
        study.protocol.duration = DT_MS * (step + 3) as f64;
        let expected = Divergence { simulation: 0, node: RUNAWAY, time_ms: DT_MS * (step + 3) as f64 };
        ends_at(&run(backend, &[study])[0], expected, 1);
    }

    /// x runs away and y alone is recorded: y follows a step later at the latest.
    fn a_state_that_is_not_recorded_may_run_away(backend) {
        let step = first_step_beyond_bounds();
        let mut study = unsound();
        study.record.states = vec![1];
        let recorded = &run(backend, &[study])[0];
        let divergence = recorded.end.divergence.expect("it diverged");
        assert_eq!(divergence.node, RUNAWAY);
        let steps = (divergence.time_ms / DT_MS).round() as usize;
        assert!([step, step + 1].contains(&steps), "{steps} steps");
        assert!(recorded.samples.iter().all(|x| x.is_finite()));
    }

    /// A step far too long for the model, as a user meets it: Euler's method with 25 ms.
    fn a_step_far_too_long_diverges(backend) {
        let mut study = sound();
        study.integrator = Integrator::Euler;
        study.coupling.terms.clear();
        study.protocol.dt = 25.0;
        study.protocol.duration = 2500.0;
        study.record.every = 25.0;
        study.initial.state[0] = Start::Given(Values::PerNode((0..N_NODES).map(|node| node as f64).collect()));
        let recorded = &run(backend, &[study])[0];
        assert!(recorded.end.divergence.is_some());
        assert!(recorded.samples.len_of(Axis(0)) > 0 && recorded.samples.iter().all(|x| x.is_finite()));
    }

    /// Rectified states diverge too, and sampled too seldom to see the one step at which they are infinite. Rectifying must not turn what is
    /// not a number into 0.
    fn rectification_hides_no_divergence(backend) {
        let recorded = &run(backend, &[self_exciting()])[0];
        let divergence = recorded.end.divergence.expect("it diverged");
        assert_eq!((divergence.node, divergence.time_ms, recorded.samples.len()), (0, 0.5, 0));
    }

    /// A state that nobody receives, its own least of all, runs away unrecorded: every sample of the other is kept, and the end of the run tells. How
    /// often a backend looks in between is its own affair and may not show.
    fn what_no_sample_shows_is_told_at_the_end(backend) {
        let mut study = self_exciting();
        study.record.states = vec![1];
        ends_at(&run(backend, &[study])[0], Divergence { simulation: 0, node: 0, time_ms: 1.0 }, 2);
    }
}

/// Two threshold-linear nodes whose excitation feeds itself more than it leaks; inhibition receives from nobody.
fn self_exciting() -> Study {
    let weights = Array2::from_shape_fn((2, 2), |(i, j)| f64::from(u8::from(i != j)));
    let connectome =
        Connectome::new(None, weights, Delays::None, None).expect("a sound connectome");
    let model = model::find("threshold-linear").expect("a model of ours");
    let mut study = Study::new(model, Arc::new(connectome));
    study.integrator = Integrator::Euler;
    study.couple(coupling::find("additive").unwrap());
    study.set_g(1e4);
    study.initial.state[0] = Start::Given(Values::Uniform(1.0));
    study.protocol.dt = 0.01;
    study.protocol.duration = 1.0;
    study.record.every = 0.5;
    study
}

/// The step after which the runaway node is no longer finite: it receives from nobody, so the integrator alone tells, in the same f32.
fn first_step_beyond_bounds() -> usize {
    let study = unsound();
    let parameters: Vec<f64> = study.parameters.iter().map(|p| p.at(RUNAWAY)).collect();
    let coefficients = study.model.prepare(&parameters);
    let coefficients: Vec<f32> = coefficients.into_iter().map(|c| c as f32).collect();
    let mut state = vec![0.0f32; study.model.states.len()];
    state[0] = START as f32;
    let (input, kick) = (vec![0.0; study.model.n_inputs()], vec![None; state.len()]);
    let mut step = 0;
    while state.iter().all(|x| x.is_finite()) {
        let (dt, integrator) = (DT_MS as f32, study.integrator);
        state = integrator.advance(study.model, &state, &input, &coefficients, dt, &kick);
        step += 1;
    }
    step
}
