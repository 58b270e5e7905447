//! What the step of a simulation does to its results, and whether it is said rightly.

use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::Connectome;
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::io::study as studies;
use brainsweep::run::{Basis, simulate, step_error};
use brainsweep::study::{Start, Study, Values};
use brainsweep::{Control, Error, model};

/// The network of the tutorial without noise at an input of 0.9, where it oscillates: with the textbook's delays, scored from 1 to 4 s.
fn oscillating_network(more: &[&str]) -> Study {
    let settings = [
        "input.x=0.9",
        "noise.kind=none",
        "delay_rounding=nearest",
        "delay_reads=x[n-d]",
        "duration=4000",
        "transient=1000",
        "record.every=1",
    ];
    studies::load(None, &[&settings[..], more].concat()).unwrap()
}

/// Its mean score with the classical Runge-Kutta method and a step of 0.005 ms.
const CONVERGED_SCORE: f64 = 0.270;

/// With the default step of 0.1 ms the score is 0.309, and 0.243 by Heun's method: both know from half the step where they should be.
#[test]
fn half_the_step_tells_the_converged_score_of_the_network() {
    let cases: [(&[&str], f64); 3] = [
        (&["dt=0.1"], 0.309),
        (&["dt=0.05"], 0.289),
        (&["dt=0.1", "integrator=heun"], 0.243),
    ];
    for (settings, with_its_step) in cases {
        let study = oscillating_network(settings);
        let error = step_error(&study, 1, &Control::default()).unwrap();
        let score = error.mean_score.unwrap();
        println!("{settings:?}: {score:?}, {:?}", error.runs[1].fc_change);
        assert!((score.values[0] - with_its_step).abs() < 0.002);
        assert_eq!((score.basis, error.theoretical_order), (Basis::Theory, 1.0));
        let off = score.limit.unwrap() - CONVERGED_SCORE;
        assert!(off.abs() < 0.01, "{settings:?}: {off} off");
        // The step that is recommended is as much smaller as the error is too large.
        let error_with_step = score.error.unwrap().abs();
        let expected = study.protocol.dt * 0.01 / error_with_step;
        let step = error.step_ms.unwrap();
        assert!(
            (step / expected - 1.0).abs() < 1e-9,
            "{step}, not {expected}"
        );
    }
}

/// One oscillating node, of which two states are recorded.
fn node(integrator: Integrator, dt: f64) -> Study {
    let model = model::find("fitzhugh-nagumo").unwrap();
    let mut study = Study::new(model, Arc::new(Connectome::uncoupled(1)));
    study.coupling.terms.clear();
    study.integrator = integrator;
    study.input[0] = Values::Uniform(1.0);
    study.initial.state[0] = Start::Given(Values::Uniform(0.3));
    study.protocol.duration = 16.0;
    study.protocol.dt = dt;
    study.record.states = vec![0, 1];
    study.record.every = 0.8;
    study
}

/// The largest error of each state is what a far smaller step shows it to be, and falls by the integrator's order.
#[test]
fn errors_of_states_are_those_against_a_far_smaller_step() {
    for (integrator, order, dt) in [
        (Integrator::Euler, 1.0, 0.1),
        (Integrator::ExponentialEuler, 1.0, 0.02),
        (Integrator::Heun, 2.0, 0.1),
    ] {
        let study = node(integrator, dt);
        let error = step_error(&study, 2, &Control::default()).unwrap();
        assert_eq!(error.theoretical_order, order);
        assert!(error.mean_score.is_none() && error.scores.is_empty() && error.step_ms.is_none());
        let n_steps: Vec<u32> = error.runs.iter().map(|run| run.n_steps).collect();
        let n = (16.0 / dt).round() as u32;
        assert_eq!(n_steps, [n, 2 * n, 4 * n]);
        let control = Control::default();
        let own = simulate(&study, &Cpu::new(), &control).unwrap();
        let exact = node(Integrator::Rk4, 0.0125);
        let exact = simulate(&exact, &Cpu::new(), &control).unwrap();
        assert_eq!(error.states.len(), 2);
        for (s, state) in error.states.iter().enumerate() {
            let gap = |k: usize| {
                let [a, b] = [&own, &exact].map(|run| run.recorded().samples[[k, s, 0]]);
                f64::from(a - b).abs()
            };
            let largest = (0..20).map(gap).fold(0.0, f64::max);
            println!("{integrator:?}: {} off by {largest}, {state:?}", state.name);
            assert!(
                (state.largest / largest - 1.0).abs() < 0.15,
                "{state:?}, not {largest}"
            );
            assert!(
                (state.measured_order.unwrap() - order).abs() < 0.3,
                "{state:?}"
            );
            let sample = (state.t_ms / 0.8).round() as usize - 1;
            assert!((gap(sample) / largest - 1.0).abs() < 0.15, "{state:?}");
        }
    }
}

/// The order by theory is the one that is measured, in a network whose coupling is held over a step and in one that has stages.
#[test]
fn networks_have_the_order_that_theory_gives_them() {
    let network = |more: &[&str]| {
        let settings = [
            "input.x=0.9",
            "noise.kind=none",
            "delay_reads=x[n-d]",
            "integrator=heun",
            "dt=0.2",
            "duration=60",
            "transient=0",
            "record.every=10",
        ];
        studies::load(None, &[&settings[..], more].concat()).unwrap()
    };
    for (settings, order) in [
        (&["coupling_at=start", "delay_rounding=interpolate"], 1.0),
        (&["coupling_at=stages", "delay_rounding=truncate"], 1.0),
        (&["coupling_at=stages", "delay_rounding=interpolate"], 2.0),
    ] {
        let error = step_error(&network(settings), 3, &Control::default()).unwrap();
        assert_eq!(error.theoretical_order, order, "{settings:?}");
        let measured = error.states[0].measured_order.unwrap();
        println!("{settings:?}: {:?}", error.states[0]);
        assert!((measured - order).abs() < 0.3, "{settings:?}: {measured}");
    }
}

/// A delayed self feedback whose delay is no whole number of steps is rounded, and keeps order 1 in stages.
#[test]
fn a_rounded_feedback_has_order_one() {
    let model = model::find("feedback-fitzhugh-nagumo").unwrap();
    let delay = model.feedback[0].delay;
    for (steps, order) in [(8.0, 2.0), (7.5, 1.0)] {
        let mut study = Study::new(model, Arc::new(Connectome::uncoupled(1)));
        study.integrator = Integrator::Heun;
        study.protocol.duration = 16.0;
        study.coupling.terms.clear();
        study.protocol.coupling_at = CouplingAt::Stages;
        study.parameters[delay] = Values::Uniform(steps * study.protocol.dt);
        let error = step_error(&study, 1, &Control::default()).unwrap();
        assert_eq!(error.theoretical_order, order, "{steps} steps");
    }
}

/// The first run is the study's own, and on its path of noise half a step moves the score far less than another seed does.
#[test]
fn with_noise_the_runs_share_its_path() {
    let study = |seed: u64| {
        let seed = format!("seed={seed}");
        studies::load(None, &["duration=700", "transient=100", &seed]).unwrap()
    };
    let control = Control::default();
    let score = |seed| {
        let study = study(seed);
        let simulated = simulate(&study, &Cpu::new(), &control).unwrap();
        simulated.measures().mean_score()
    };
    let error = step_error(&study(0), 1, &control).unwrap();
    let found = error.mean_score.clone().unwrap();
    assert_eq!(found.values[0].to_bits(), score(0).to_bits());
    assert!(
        error.states.is_empty(),
        "states have no error of their own where they are noisy"
    );
    assert_eq!(error, step_error(&study(0), 1, &control).unwrap());
    let moved = (found.values[1] - found.values[0]).abs();
    let others: Vec<f64> = (1..5)
        .map(|seed| (score(seed) - found.values[0]).abs())
        .collect();
    let by_seed = others.iter().sum::<f64>() / 4.0;
    println!("half the step moves the score by {moved}, other seeds by {others:?}");
    assert!(moved > 0.0 && moved < 0.2 * by_seed);
}

/// Euler's method is unstable for a rate of 10/ms with a step of 0.25 ms, and stable with half of it.
#[test]
fn a_run_that_diverges_is_said_to() {
    let mut study = Study::new(
        model::find("linear").unwrap(),
        Arc::new(Connectome::uncoupled(3)),
    );
    study.coupling.terms.clear();
    study.integrator = Integrator::Euler;
    study.initial.state[0] = Start::Given(Values::Uniform(1.0));
    study.protocol.dt = 0.25;
    study.protocol.duration = 100.0;
    study.record.every = 1.0;
    let error = step_error(&study, 1, &Control::default()).unwrap();
    assert!(
        error.runs[0]
            .diverged_at_ms
            .is_some_and(|time| time < 100.0)
    );
    assert_eq!(error.runs[1].diverged_at_ms, None);
    assert!(error.states.is_empty() && error.fc_order.is_none());
    assert_eq!(error.runs[1].fc_change, None);
}

#[test]
fn no_halving_is_refused_and_a_stopped_run_is_interrupted() {
    let study = node(Integrator::Heun, 0.1);
    let error = step_error(&study, 0, &Control::default()).unwrap_err();
    assert!(error.to_string().contains("must be 1 or more"), "{error}");
    let control = Control::default();
    control.stop();
    let error = step_error(&study, 1, &control).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
}
