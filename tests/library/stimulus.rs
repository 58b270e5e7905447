//! Stimuli: closed forms, order of accuracy, and keys.

use crate::common;

use std::path::Path;
use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::synthetic;
use brainsweep::integrator::Integrator;
use brainsweep::io::study;
use brainsweep::model;
use brainsweep::plan::Plan;
use brainsweep::run::Evoked;
use brainsweep::study::{Stimulus, Study};
use brainsweep::waveform::{AMPLITUDE, DURATION, ONSET, Waveform};

/// Decay of the linear nodes, 1/ms.
const RATE: f64 = 0.2;

/// Uncoupled linear nodes, `dx/dt = -RATE x + input`, from 0.
fn linear(text: &str) -> Study {
    let text = format!(
        "model = \"linear\"\nparameters.gamma = -{RATE}\ninitial.x = 0.0\n[connectome]\nnodes = 3\n[coupling]\nkind = \"none\"\n{text}"
    );
    study::parse::<&str>(&text, "study.toml", Path::new(""), &[]).unwrap()
}

/// x of a node after each step.
fn course(study: &Study, node: usize) -> Vec<f64> {
    let recorded = common::run(&Cpu::new(), &Plan::new(study).unwrap());
    let samples = &recorded[0].samples;
    (0..samples.dim().0)
        .map(|k| f64::from(samples[[k, 0, node]]))
        .collect()
}

/// Exponential Euler's method is exact for a linear node whose input is constant over each step: so is a pulse between whole steps.
#[test]
fn a_pulse_into_a_linear_node_has_its_closed_form() {
    let study = linear(
        "[protocol]\nduration = 40\ndt = 0.5\n[stimulus]\nwaveform = \"pulse\"\nonset = 5\nduration = 10\namplitude = 0.8\n\
         regions = [1, 2]\nweights = [1.0, -0.5]",
    );
    let expected = |t: f64| {
        let since = |from: f64| {
            if t > from {
                1.0 - (-RATE * (t - from)).exp()
            } else {
                0.0
            }
        };
        0.8 / RATE * (since(5.0) - since(15.0))
    };
    for (k, x) in course(&study, 1).into_iter().enumerate() {
        let t = 0.5 * (k as f64 + 1.0);
        assert!(
            (x - expected(t)).abs() < 1e-6,
            "{t} ms: {x} {}",
            expected(t)
        );
    }
    let half = course(&study, 2);
    assert!((half[29] + 0.5 * expected(15.0)).abs() < 1e-6);
    assert!(
        course(&study, 0).iter().all(|x| *x == 0.0),
        "it does not reach the first node"
    );
}

/// A sine into a linear node: the error of the mean over each step falls with the square of the step, whatever the integrator's order.
#[test]
fn a_sine_into_a_linear_node_is_met_with_order_two() {
    let (frequency, phase) = (25.0, 0.4);
    let omega = std::f64::consts::TAU * frequency / 1000.0;
    let exact = |t: f64| {
        let particular = |t: f64| {
            let at = omega * t + phase;
            (RATE * at.sin() - omega * at.cos()) / (RATE * RATE + omega * omega)
        };
        particular(t) - particular(0.0) * (-RATE * t).exp()
    };
    for integrator in ["exponential-euler", "heun", "rk4"] {
        let error = |dt: f64| {
            let study = linear(&format!(
                "[protocol]\nduration = 60\ndt = {dt}\n[stimulus]\nwaveform = \"sine\"\nfrequency = {frequency}\nphase = {phase}"
            ));
            let study = Study {
                integrator: Integrator::ALL
                    .into_iter()
                    .find(|one| one.name() == integrator)
                    .unwrap(),
                ..study
            };
            let off = course(&study, 0).into_iter().enumerate();
            let off = off.map(|(k, x)| (x - exact(dt * (k as f64 + 1.0))).abs());
            off.fold(0.0, f64::max)
        };
        let (coarse, fine) = (error(2.0), error(1.0));
        let order = (coarse / fine).log2();
        assert!(
            (1.8..2.3).contains(&order),
            "{integrator}: {coarse} {fine}, order {order}"
        );
    }
}

/// A pulse that begins within a step adds as much as it lasts: what it leaves changes smoothly with the onset.
#[test]
fn an_onset_within_a_step_counts_with_its_part() {
    let end = |onset: f64| {
        let study = linear(&format!(
            "[protocol]\nduration = 20\ndt = 1.0\n[stimulus]\nwaveform = \"pulse\"\nonset = {onset}\nduration = 3"
        ));
        course(&study, 0).last().copied().unwrap()
    };
    let ends: Vec<f64> = (0..=10).map(|k| end(5.0 + 0.1 * f64::from(k))).collect();
    for pair in ends.windows(2) {
        let growth = (pair[1] / pair[0]).ln();
        assert!(
            (growth - 0.1 * RATE).abs() < 2e-3,
            "later by 0.1 ms: {growth}"
        );
    }
}

/// The network of the tutorial: a stimulus of amplitude 0 changes no bit, and one that begins later changes none before.
#[test]
fn what_is_not_there_changes_no_bit() {
    let read = |flags: &[&str]| {
        let study = study::load(None, &[&["protocol.duration=60"], flags].concat()).unwrap();
        common::run(&Cpu::new(), &Plan::new(&study).unwrap())
    };
    let without = read(&[]);
    let silent = read(&["stimulus.waveform=pulse", "stimulus.amplitude=0"]);
    assert_eq!(common::differing_bits(&without, &silent), 0);
    let late = read(&["stimulus.waveform=pulse", "stimulus.onset=30"]);
    let first = |recorded: &[brainsweep::record::Recorded]| {
        let samples = recorded[0].samples.iter();
        let pairs = samples.zip(&without[0].samples);
        pairs
            .into_iter()
            .position(|(a, b)| a.to_bits() != b.to_bits())
    };
    // The first sample after the step from 30 ms on.
    assert_eq!(first(&late), Some(300 * 80));
}

/// Simulations of a batch with onsets and amplitudes of their own are those that run alone.
#[test]
fn a_batch_has_the_runs_that_are_made_alone() {
    let model = model::find("fitzhugh-nagumo").unwrap();
    let connectome = Arc::new(synthetic::random(7, 0.4, 30.0, 3));
    let quantities = Waveform::Pulse.quantities();
    let studies = (0..19u32).map(|k| {
        let mut study = Study::new(model, Arc::clone(&connectome));
        study.protocol.duration = 20.0;
        let mut numbers: Vec<f64> = quantities
            .iter()
            .map(|one| one.default.unwrap_or(0.0))
            .collect();
        numbers[AMPLITUDE] = 0.3 * f64::from(k);
        numbers[ONSET] = 0.77 * f64::from(k % 11);
        numbers[DURATION] = 3.0;
        study.stimuli.push(Stimulus {
            name: "pulse".into(),
            waveform: Waveform::Pulse,
            input: 0,
            weights: (0..7).map(|node| f64::from(node) - 2.0).collect(),
            numbers,
        });
        study
    });
    let studies: Vec<Study> = studies.collect();
    let together = common::run(&Cpu::new(), &Plan::batch(&studies).unwrap());
    for (k, study) in studies.iter().enumerate() {
        let alone = common::run(&Cpu::new(), &Plan::new(study).unwrap());
        assert_eq!(
            common::differing_bits(&together[k..=k], &alone),
            0,
            "simulation {k}"
        );
    }
}

#[test]
fn every_number_of_a_stimulus_is_a_key() {
    let text = "[protocol]\nduration = 100\n[[stimulus]]\nwaveform = \"train\"\nwidth = 1\nperiod = 10\n\
                [[stimulus]]\nname = \"drift\"\nwaveform = \"expression\"\nformula = \"a*t/duration + exp(-t/tau)\"\na = 1\ntau = 20\ninput = \"y\"";
    let read = |flags: &[&str]| study::parse(text, "study.toml", Path::new(""), flags);
    let mut study = read(&[
        "stimulus.drift.tau=30",
        "stimulus.train.period=5",
        "stimulus.drift.onset=7",
    ])
    .unwrap();
    for (path, value) in [
        ("train.width", 1.0),
        ("train.period", 5.0),
        ("drift.tau", 30.0),
        ("drift.onset", 7.0),
        ("drift.duration", 100.0),
    ] {
        let path = format!("stimulus.{path}");
        assert!(study.number_paths().contains(&path), "{path}");
        let (name, number) = path["stimulus.".len()..].split_once('.').unwrap();
        let stimulus = study.stimuli.iter().find(|one| one.name == name).unwrap();
        let place = stimulus
            .waveform
            .quantities()
            .iter()
            .position(|one| one.name == number)
            .unwrap();
        assert_eq!(stimulus.numbers[place], value, "{path}");
    }
    study.set_number("stimulus.drift.a", 4.0).unwrap();
    assert_eq!(study.stimuli[1].numbers.last_chunk(), Some(&[4.0, 30.0]));
    assert_eq!(study.stimuli[1].input, 1);
    let error = study.set_number("stimulus.train.width", -1.0).unwrap_err();
    assert!(
        error.report().contains("stimulus.train.width"),
        "{}",
        error.report()
    );
}

#[test]
fn what_makes_no_stimulus_is_said() {
    let base = "[connectome]\nnodes = 3\n[coupling]\nkind = \"none\"\n[protocol]\nduration = 100\n[stimulus]\n";
    let complaint = |text: &str| {
        let study =
            study::parse::<&str>(&format!("{base}{text}"), "study.toml", Path::new(""), &[]);
        match study.and_then(|study| Plan::new(&study).map(drop)) {
            Err(error) => error.report(),
            Ok(()) => panic!("this study must not run: {text}"),
        }
    };
    for (text, parts) in [
        (
            "waveform = \"puls\"",
            ["stimulus.puls.waveform", "did you mean \"pulse\""],
        ),
        (
            "amplitude = 1",
            [
                "stimulus.amplitude belongs to a stimulus",
                "its waveform is missing",
            ],
        ),
        (
            "waveform = \"train\"\nwidth = 1",
            ["stimulus.train.period", "time from one pulse to the next"],
        ),
        (
            "waveform = \"train\"\nwidth = 3\nperiod = 2",
            ["stimulus.train.width is 3", "no longer than the period"],
        ),
        (
            "waveform = \"pulse\"\nonset = 100",
            ["stimulus.pulse.onset is 100", "never begin"],
        ),
        (
            "waveform = \"pulse\"\nonset = -200",
            ["stimulus.pulse.onset is -200", "over at t = 0"],
        ),
        (
            "waveform = \"pulse\"\nevery = 5\nduration = 9",
            ["stimulus.pulse.duration is 9", "5 ms"],
        ),
        (
            "waveform = \"pulse\"\nfrequency = 5",
            ["stimulus.pulse.frequency", "unknown key"],
        ),
        (
            "waveform = \"sine\"\nfrequency = 6000",
            ["stimulus.sine.frequency is 6000", "5000 Hz"],
        ),
        (
            "waveform = \"pulse\"\nregions = [3]",
            ["stimulus.pulse.regions", "from 0 to 2"],
        ),
        (
            "waveform = \"pulse\"\nregions = [1, 1]",
            ["stimulus.pulse.regions", "already"],
        ),
        (
            "waveform = \"pulse\"\nregions = [\"lPRC\"]",
            ["stimulus.pulse.regions", "names no regions"],
        ),
        (
            "waveform = \"pulse\"\nweights = [1, 2]",
            ["stimulus.pulse.weights", "one for each region"],
        ),
        (
            "waveform = \"pulse\"\ninput = \"z\"",
            ["stimulus.pulse.input", "\"x\", \"y\""],
        ),
        (
            "waveform = \"samples\"",
            ["stimulus.samples.file", "needs to know which"],
        ),
        (
            "waveform = \"expression\"",
            ["stimulus.expression.formula", "expression of t"],
        ),
        (
            "waveform = \"expression\"\nname = \"f\"\nformula = \"a*t\"",
            ["stimulus.f.formula", "`a`"],
        ),
        (
            "waveform = \"expression\"\nname = \"f\"\nformula = \"1/(t-t)\"",
            ["stimulus.f.formula", "no finite number"],
        ),
        (
            "waveform = \"pulse\"\namplitude = 1e38\nweights = 1e3",
            ["stimulus.pulse.amplitude", "32-bit floats"],
        ),
        (
            "waveform = \"pulse\"\nname = \"onset\"",
            ["cannot be the name of a stimulus", "onset"],
        ),
    ] {
        let message = complaint(text);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    }
}

/// Eight pulses into a linear node whose response dies away before the next: the average is the response to one. The first is left out
/// with the transient, the last is cut off by the end.
#[test]
fn an_evoked_response_is_that_to_one_pulse() {
    let text = "[stimulus]\nwaveform = \"pulse\"\nonset = 10\nduration = 5\nevery = 100\n[protocol]\nduration = 780\ndt = 0.5\ntransient = 20";
    let study = linear(text);
    let plan = Plan::new(&study).unwrap();
    let recorded = common::run(&Cpu::new(), &plan);
    let samples = recorded[0].samples.index_axis(ndarray::Axis(1), 0);
    let evoked = Evoked::all(&plan, samples, 20.0);
    let [evoked] = &evoked[..] else {
        panic!("one stimulus is repeated")
    };
    assert_eq!((evoked.n_repetitions, evoked.mean.dim()), (6, (200, 3)));
    for (t, x) in evoked.t_ms.iter().zip(evoked.mean.column(1)) {
        let since = |from: f64| {
            if *t > from {
                1.0 - (-RATE * (t - from)).exp()
            } else {
                0.0
            }
        };
        let expected = (since(0.0) - since(5.0)) / RATE;
        assert!((x - expected).abs() < 1e-6, "{t} ms: {x} {expected}");
    }
    assert_eq!((evoked.t_ms[0], evoked.t_ms[199]), (0.5, 100.0));
    assert!(evoked.error.iter().all(|error| *error < 1e-6));
    // Samples that grow by 200 from one repetition to the next: the standard deviation of 0, 200, .. 1000 by the root of 6.
    let growing = samples.mapv(|_| 0.0)
        + &ndarray::Array2::from_shape_fn((samples.nrows(), 3), |(k, _)| k as f32);
    let grown = &Evoked::all(&plan, growing.view(), 20.0)[0];
    let expected = 200.0 * (3.5_f64 / 6.0).sqrt();
    assert!(
        grown
            .error
            .iter()
            .all(|error| (error - expected).abs() < 1e-9)
    );
}

/// Parameters and inputs that are straight lines in t have closed forms: with the number in the middle of each step, exponential Euler's
/// method is exact for a rate that is a straight line.
#[test]
fn parameters_and_inputs_follow_the_time() {
    let base = "model = \"linear\"\ninitial.x = 2.0\n[connectome]\nnodes = 3\n[coupling]\nkind = \"none\"\n[protocol]\nduration = 40\ndt = 0.5\n";
    let read = |text: &str| {
        study::parse::<&str>(&format!("{base}{text}"), "study.toml", Path::new(""), &[]).unwrap()
    };
    let study =
        read("[parameters]\ngamma = { formula = \"-a*(1 + b*t/duration)\", a = 0.05, b = 3 }");
    for (k, x) in course(&study, 0).into_iter().enumerate() {
        let t = 0.5 * (k as f64 + 1.0);
        let expected = 2.0 * (-0.05 * (t + 1.5 * t * t / 40.0)).exp();
        assert!((x - expected).abs() < 2e-6, "{t} ms: {x} {expected}");
    }
    // A ramp as input, of another slope in each node: x' = -0.2 x + s t.
    let study = read(
        "[parameters]\ngamma = -0.2\n[input]\nx = { formula = \"m*t\", m = [0.0, 0.1, -0.3] }",
    );
    for (node, slope) in [0.0, 0.1, -0.3].into_iter().enumerate() {
        for (k, x) in course(&study, node).into_iter().enumerate() {
            let t = 0.5 * (k as f64 + 1.0);
            let ramp = (t - (1.0 - (-RATE * t).exp()) / RATE) / RATE;
            let expected = 2.0 * (-RATE * t).exp() + slope * ramp;
            // Holding the middle of a ramp of slope s over steps h leaves s h^2/12.
            let held = slope.abs() * 0.25 / 12.0;
            assert!((x - expected).abs() < held + 1e-5, "{t} ms: {x} {expected}");
        }
    }
    // What names the time and does not depend on it changes no bit.
    let study = read("[parameters]\ngamma = -0.2");
    let plain = common::run(&Cpu::new(), &Plan::new(&study).unwrap());
    let study = read("[parameters]\ngamma = { formula = \"-0.2 + 0*t\" }");
    assert!(!Plan::new(&study).unwrap().recipe.moving.is_empty());
    let same = common::run(&Cpu::new(), &Plan::new(&study).unwrap());
    assert_eq!(common::differing_bits(&plain, &same), 0);
}

/// The numbers of an expression are keys, and a batch has the runs that are made alone.
#[test]
fn expressions_of_the_time_are_swept() {
    let text = "model = \"fitzhugh-nagumo\"\n[connectome]\nnodes = 3\n[coupling]\nkind = \"none\"\n[protocol]\nduration = 30\n[parameters]\n\
                tau = { formula = \"tau0*(1 + k*t/duration)\", tau0 = 10, k = 0.5 }\n[input]\nx = { formula = \"a*sin(t/5)\", a = 0.5 }";
    let study = study::parse(text, "study.toml", Path::new(""), &["parameters.tau.k=0.7"]).unwrap();
    let studies = (0..19u32).map(|k| {
        let mut study = study.clone();
        study
            .set_number("parameters.tau.k", 0.1 * f64::from(k % 5))
            .unwrap();
        study.set_number("input.x.a", 0.2 * f64::from(k)).unwrap();
        study
    });
    let studies: Vec<Study> = studies.collect();
    let together = common::run(&Cpu::new(), &Plan::batch(&studies).unwrap());
    for (k, study) in studies.iter().enumerate() {
        let alone = common::run(&Cpu::new(), &Plan::new(study).unwrap());
        assert_eq!(
            common::differing_bits(&together[k..=k], &alone),
            0,
            "simulation {k}"
        );
    }
    assert_ne!(common::differing_bits(&together[1..2], &together[2..3]), 0);
}

#[test]
fn what_may_not_follow_the_time_is_said() {
    let complaint = |text: &str| {
        let study =
            study::parse::<&str>(text, "study.toml", Path::new(""), &["protocol.duration=50"]);
        match study.and_then(|study| Plan::new(&study).map(drop)) {
            Err(error) => error.report(),
            Ok(()) => panic!("this study must not run: {text}"),
        }
    };
    for (text, parts) in [
        (
            "[coupling]\ng = { formula = \"1 + t\" }",
            ["coupling.g", "only parameters and inputs"],
        ),
        (
            "[noise]\nsigma.x = { formula = \"0.01*t\" }",
            ["noise.sigma.x", "only parameters and inputs"],
        ),
        (
            "[parameters]\ntau = { formula = \"10 - t\" }",
            ["parameters.tau", "at 10 ms"],
        ),
        (
            "[parameters]\ntau = { formula = \"1/(t - t)\" }",
            ["parameters.tau", "finite"],
        ),
        (
            "model = \"feedback-fitzhugh-nagumo\"\n[parameters]\ndelay = { formula = \"10 + t/50\" }",
            ["parameters.delay", "a delay is a whole number of steps"],
        ),
    ] {
        let message = complaint(text);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    }
}
