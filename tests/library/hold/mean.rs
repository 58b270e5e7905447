//! The mean of a noisy output, held at its target by rounds of simulations.

use std::ops::ControlFlow;
use std::path::Path;

use brainsweep::backend::Backend;
use brainsweep::backend::cpu::Cpu;
use brainsweep::io::study;
use brainsweep::output::{self, Output};
use brainsweep::plan::{self, Plan};
use brainsweep::record::Streamed;
use brainsweep::run::{Fit, Simulation, hold_on_mean, simulate};
use brainsweep::study::{NoiseKind, OnMean, Study, Values};
use brainsweep::sweep::Vary;
use brainsweep::{Control, Error, Progress, fit};
use ndarray::s;

use super::{deco, ten};

/// Seconds of ten nodes, many times their slowest time constant.
const ON_MEAN: OnMean = OnMean {
    tolerance: Some(TOLERANCE),
    rounds: 12,
    duration_ms: 6000.0,
    transient_ms: 1000.0,
    n_seeds: 16,
    seed: 0,
};

/// The tolerance of [`ON_MEAN`].
const TOLERANCE: f64 = 0.02;

/// Deco's network, held by [`ON_MEAN`], with white noise of this strength on the gating of excitation.
fn noisy(sigma: f64) -> Study {
    let mut study = deco(ten("s1"), 1.0, 3.0);
    study.hold.as_mut().unwrap().mean = ON_MEAN;
    study.protocol.dt = 0.5;
    study.noise.kind = NoiseKind::White;
    study.noise.sigma[0] = sigma.into();
    study
}

/// Mean rates of each node over [`ON_MEAN`]'s times and seeds from `seed` on, and their standard errors over seeds.
fn mean_rates(study: &Study, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let of_seed = |k: u32| {
        let mut study = study.clone();
        study.record.states = vec![study.hold.as_ref().unwrap().observable];
        study.record.every = study.protocol.dt;
        study.protocol.duration = ON_MEAN.duration_ms;
        study.protocol.transient = ON_MEAN.transient_ms;
        study.protocol.seed = seed + u64::from(k);
        study
    };
    let studies: Vec<Study> = (0..ON_MEAN.n_seeds).map(of_seed).collect();
    let plan = Plan::batch(&studies).unwrap();
    let recorder = Streamed::new(&plan);
    Cpu::new()
        .run(&plan, &recorder, &Control::default())
        .unwrap();
    let means = recorder.into_moments().into_iter();
    let means: Vec<Vec<f64>> = means
        .map(|(moments, _)| moments.unwrap().mean().to_vec())
        .collect();
    let n = means.len() as f64;
    let of_node = |node: usize| {
        let mean = means.iter().map(|all| all[node]).sum::<f64>() / n;
        let squares = means
            .iter()
            .map(|all| (all[node] - mean).powi(2))
            .sum::<f64>();
        (mean, (squares / (n - 1.0) / n).sqrt())
    };
    (0..10).map(of_node).unzip()
}

/// On seeds that it has not seen, means are where they should be, within their error and that of the seeds it has seen.
#[test]
fn the_mean_of_a_noisy_rate_is_held() {
    // Twice the noise of Deco et al. (2014), which lifts the rates by 0.2 Hz.
    let study = noisy(0.02);
    let (lifted, _) = mean_rates(&study, 0);
    assert!(
        lifted.iter().all(|rate| *rate > 4.0),
        "noise lifts the rates: {lifted:?}"
    );
    let cpu = Cpu::new();
    let found = hold_on_mean(&study, &cpu, &Control::default())
        .unwrap()
        .unwrap();
    assert!(found.is_converged && found.rounds > 1, "{found:?}");
    assert!(
        found.left.iter().all(|left| left.abs() <= TOLERANCE),
        "{found:?}"
    );
    let mut held = study.clone();
    held.hold.as_mut().unwrap().target = Values::PerNode(found.rests.clone());
    let (seen, _) = mean_rates(&held, 0);
    for (rate, left) in seen.iter().zip(&found.left) {
        assert!((rate - 3.0 - left).abs() < 1e-9, "{rate} {left}");
    }
    let (unseen, errors) = mean_rates(&held, 1000);
    for node in 0..10 {
        let (rate, error) = (unseen[node], errors[node]);
        let least = TOLERANCE + 4.0 * 2_f64.sqrt() * error;
        assert!((rate - 3.0).abs() < least, "node {node}: {rate} +- {error}");
        assert!(
            lifted[node] - 3.0 > 2.0 * least,
            "node {node}: {} +- {error}",
            lifted[node]
        );
    }
    // Too few rounds are told, with the nearest of them.
    let mut one = study.clone();
    one.hold.as_mut().unwrap().mean.rounds = 1;
    let found = hold_on_mean(&one, &cpu, &Control::default())
        .unwrap()
        .unwrap();
    assert!(
        !found.is_converged && found.rounds == 1 && found.most_left() > 0.2,
        "{found:?}"
    );
}

#[test]
fn without_noise_the_mean_is_held_by_the_exact_solution() {
    let study = noisy(0.0);
    let exact = plan::rest(&study).unwrap().unwrap();
    let found = hold_on_mean(&study, &Cpu::new(), &Control::default());
    let found = found.unwrap().unwrap();
    assert_eq!((found.rounds, found.is_converged), (1, true), "{found:?}");
    assert_eq!(
        (&found.values, found.eigenvalue),
        (&exact.values, exact.eigenvalue)
    );
    let stopped = Control::default();
    stopped.stop();
    assert!(hold_on_mean(&study, &Cpu::new(), &stopped).is_err());
    let mut nothing = study;
    nothing.hold.as_mut().unwrap().mean.n_seeds = 0;
    let refused = hold_on_mean(&nothing, &Cpu::new(), &Control::default());
    let message = refused.unwrap_err().report();
    assert!(message.contains("hold.round_seeds is 0"), "{message}");
}

/// Three nodes with noise whose means are held in short rounds.
const THREE: &str = "model = \"reduced-wong-wang-exc-inh\"\nconnectome.nodes = 3\n\
    noise = { kind = \"white\", sigma.S_E = 0.02 }\nprotocol = { duration = 20, dt = 1 }\n\
    hold = { output = \"r_E\", target = 3, by = \"J_i\", on = \"mean\", tolerance = 0.05, rounds = 8, \
    round_duration = 400, round_transient = 100, round_seeds = 2 }\n";

fn three(flags: &[&str]) -> Study {
    study::parse(THREE, "three.toml", Path::new(""), flags).unwrap()
}

/// Numbers of an array of a simulation's output.
fn array(output: &Output, name: &str) -> Vec<f64> {
    let mut arrays = output.arrays.iter();
    let array = arrays.find(|array| array.description.name == name);
    match &array.expect(name).values {
        output::Values::Double(values) => values.iter().copied().collect(),
        _ => panic!("{name} has no 64-bit numbers"),
    }
}

#[test]
fn a_study_holds_its_mean_by_what_the_library_finds() {
    let study = three(&[]);
    let (cpu, control) = (Cpu::new(), Control::default());
    let found = hold_on_mean(&study, &cpu, &control).unwrap().unwrap();
    assert!(found.is_converged && found.rounds > 1, "{found:?}");
    let control = Control::default();
    let simulated = simulate(&study, &cpu, &control).unwrap();
    assert_eq!(control.steps_done(), 20, "rounds are no steps of the run");
    assert_eq!(simulated.mean_held(), Some(&found));
    let output = simulated.numbers();
    assert_eq!(array(&output, "hold"), found.values);
    assert_eq!(array(&output, "hold_rests"), found.rests);
    assert_eq!(array(&output, "hold_left"), found.left);
    assert_eq!(array(&output, "hold_rounds"), [f64::from(found.rounds)]);
    assert_eq!(array(&output, "hold_converged"), [1.0]);
    assert_eq!(simulated.remarks(), Vec::<String>::new());

    // What was found is what runs, and neither the seed nor the duration changes it.
    let mut resting = three(&["hold.on=rest", "protocol.seed=7"]);
    resting.hold.as_mut().unwrap().target = Values::PerNode(found.rests.clone());
    let other = three(&["protocol.seed=7", "protocol.duration=40"]);
    let other = simulate(&other, &cpu, &control).unwrap();
    let resting = simulate(&resting, &cpu, &control).unwrap();
    assert_eq!(other.mean_held(), Some(&found));
    let first = other.recorded().samples.slice(s![..20, .., ..]);
    assert_eq!(first, resting.recorded().samples);

    let at_rest = three(&["hold.on=rest"]);
    let exact = simulate(&at_rest, &cpu, &control).unwrap();
    assert_ne!(array(&exact.numbers(), "hold"), found.values);
    assert!(exact.mean_held().is_none());
}

#[test]
fn a_mean_that_is_not_at_its_target_is_told() {
    let study = three(&["hold.rounds=1"]);
    let simulated = simulate(&study, &Cpu::new(), &Control::default()).unwrap();
    let remark = simulated.remarks().join("\n");
    for part in [
        "mean of r_E is not held",
        "after 1 round",
        "hold.tolerance = 0.05",
    ] {
        assert!(remark.contains(part), "{remark}");
    }
    let output = simulated.numbers();
    assert_eq!(array(&output, "hold_converged"), [0.0]);
    let largest = array(&output, "hold_left")
        .iter()
        .fold(0.0, |most: f64, x| x.abs().max(most));
    assert!(largest > 0.05, "{largest}");
    assert_eq!(simulated.mean_held().unwrap().most_left(), largest);
}

/// Whatever has no rounds refuses a mean; rounds stop when they are told to.
#[test]
fn what_has_no_rounds_refuses_a_mean() {
    let study = three(&[]);
    let description = fit::Description {
        free: vec![Vary::parse("input.I_E=0:0.1").unwrap()],
        objectives: vec!["mean".into()],
        ..fit::Description::default()
    };
    for refused in [
        Plan::new(&study).unwrap_err(),
        plan::rest(&study).unwrap_err(),
        Fit::new(&study, &description).unwrap_err(),
    ] {
        let message = refused.report();
        assert!(
            message.contains("needs rounds of simulations") && message.contains("hold_rests"),
            "{message}"
        );
    }
    for (flag, part) in [
        ("hold.rounds=0", "hold.rounds is 0"),
        ("hold.round_seeds=0", "hold.round_seeds is 0"),
        ("hold.tolerance=0", "hold.tolerance, which is 0"),
        ("hold.round_transient=400", "hold.round_duration is 400 ms"),
    ] {
        let refused = Simulation::new(&three(&[flag])).map(|_| ()).unwrap_err();
        assert!(refused.report().contains(part), "{}", refused.report());
    }
    // Left out, it is a hundredth of the largest target.
    let mut zero = study.clone();
    zero.hold.as_mut().unwrap().mean.tolerance = None;
    assert_eq!(zero.hold.as_ref().unwrap().tolerance(), 0.03);
    zero.hold.as_mut().unwrap().target = 0.0.into();
    let message = Simulation::new(&zero).map(|_| ()).unwrap_err().report();
    assert!(message.contains("hold.tolerance, which is 0"), "{message}");
    // At rest, a target of 0 needs none.
    let at_rest = three(&["hold.on=rest", "hold.output=S_E", "hold.target=0.2"]);
    let mut at_zero = at_rest.clone();
    at_zero.hold.as_mut().unwrap().mean.tolerance = Some(0.0);
    assert!(Plan::new(&at_rest).is_ok() && Plan::new(&at_zero).is_ok());
    let control = Control::watching(|progress| match progress {
        Progress::Round { number: 2, .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let stopped = simulate(&study, &Cpu::new(), &control).map(|_| ());
    assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
}
