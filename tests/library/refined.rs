//! Plans whose step was halved: the same simulations on the same path of noise, with the same bits from every kernel of the CPU.

use std::sync::Arc;

use brainsweep::backend::Backend;
use brainsweep::backend::Control;
use brainsweep::backend::cpu::{Cpu, Kernel};
use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::model;
use brainsweep::plan::{MOST_HALVINGS, Plan};
use brainsweep::record::Raw;
use brainsweep::study::{NoiseKind, Past, Start, Study, Values};
use ndarray::{Array2, s};

use crate::common::{self, differing_bits, run};

/// Uncoupled nodes whose state is the sum of the kicks of white noise: `linear` that does not decay.
fn walk(n_nodes: usize, duration: f64, dt: f64) -> Study {
    let connectome = Connectome::uncoupled(n_nodes);
    let mut study = Study::new(model::find("linear").unwrap(), Arc::new(connectome));
    study.coupling.terms.clear();
    study.parameters[0] = Values::Uniform(0.0);
    study.initial.state[0] = Start::Given(Values::Uniform(0.0));
    common::set_noise(&mut study, NoiseKind::White, 0.0, |_| 1.0);
    study.protocol.dt = dt;
    study.protocol.duration = duration;
    study.record.every = dt;
    study
}

/// A delayed network of an odd number of nodes with two noisy states, everything random, each member with another seed.
fn network(kind: NoiseKind, n_members: u64) -> Vec<Study> {
    let connectome = Arc::new(synthetic::random(7, 0.6, 40.0, 5));
    let member = |k: u64| {
        let model = model::find("fitzhugh-nagumo").unwrap();
        let mut study = Study::new(model, Arc::clone(&connectome));
        common::couple(&mut study, "diffusive");
        study.set_g(0.2 + 0.01 * k as f64);
        study.coupling.conduction_speed = 7.0;
        common::set_noise(&mut study, kind, 0.0, |target| 0.02 + 0.01 * target as f64);
        common::set_starts(&mut study, 0.2);
        study.protocol.seed = 3 + k / 2;
        study.protocol.simulation = (k % 2) as u32;
        study.protocol.duration = 20.0;
        study.record.every = 0.2;
        study.record.states = vec![0, 1];
        study
    };
    (0..n_members).map(member).collect()
}

#[test]
fn kernels_one_by_one_and_side_by_side_give_equal_bits_of_halved_steps() {
    for kind in [NoiseKind::White, NoiseKind::OrnsteinUhlenbeck] {
        let mut studies = network(kind, 9);
        for halvings in [1, 3] {
            for replays in [false, true] {
                if replays {
                    let stored = Array2::from_shape_fn((200, 7), |(step, node)| {
                        ((step * 7 + node) as f64 * 0.7).sin()
                    });
                    let stored = Some(Arc::new(stored));
                    let all = vec![stored.clone(), stored];
                    studies
                        .iter_mut()
                        .for_each(|study| study.noise.replay = Some(all.clone()));
                } else {
                    studies
                        .iter_mut()
                        .for_each(|study| study.noise.replay = None);
                }
                let plan = Plan::refined(&studies, halvings).unwrap();
                let reference = run(&Cpu::with_kernel(Kernel::Reference).unwrap(), &plan);
                for kernel in Cpu::kernels() {
                    let found = run(&Cpu::with_kernel(kernel).unwrap(), &plan);
                    let what = format!("{}, {kind:?}, {halvings}, {replays}", kernel.name());
                    assert_eq!(differing_bits(&reference, &found), 0, "{what}");
                }
                let alone = Plan::refined(&studies[4..5], halvings).unwrap();
                let alone = run(&Cpu::new(), &alone);
                assert_eq!(differing_bits(&reference[4..5], &alone), 0);
                assert!(differing_bits(&reference[..1], &reference[1..2]) > 0);
            }
        }
    }
}

#[test]
fn no_halving_is_the_study_itself() {
    let studies = network(NoiseKind::OrnsteinUhlenbeck, 3);
    let plain = run(&Cpu::new(), &Plan::batch(&studies).unwrap());
    let refined = run(&Cpu::new(), &Plan::refined(&studies, 0).unwrap());
    assert_eq!(differing_bits(&plain, &refined), 0);
}

/// Where nothing but kicks moves the state, the path of half steps goes through that of whole ones, but for rounding.
#[test]
fn half_steps_meet_the_path_of_whole_steps() {
    let study = walk(5, 40.0, 0.1);
    let whole = run(&Cpu::new(), &Plan::new(&study).unwrap()).remove(0);
    let largest = whole.samples.iter().fold(0.0f32, |a, x| a.max(x.abs()));
    for halvings in [1, 2, 5] {
        let plan = Plan::refined(std::slice::from_ref(&study), halvings).unwrap();
        assert_eq!(plan.n_steps, 400 << halvings);
        let fine = run(&Cpu::new(), &plan).remove(0);
        assert_eq!(fine.samples.dim(), whole.samples.dim());
        let gaps = whole.samples.iter().zip(&fine.samples);
        let gap = gaps.fold(0.0f32, |gap, (a, b)| gap.max((a - b).abs()));
        println!("{halvings} halvings: {gap:.1e} apart, of {largest:.1}");
        assert!(
            gap < 2e-6 * largest * 2f32.powi(halvings as i32 / 2),
            "{gap}"
        );
        assert!(
            differing_bits(std::slice::from_ref(&whole), &[fine]) > 0,
            "another computation"
        );
    }
}

/// Increments of the finest steps have the variance of white noise and correlate neither with each other nor between nodes.
#[test]
fn increments_of_half_steps_are_white() {
    let mut study = walk(4, 2000.0, 0.5);
    for halvings in [1, 3] {
        let fine = 0.5 / f64::from(1 << halvings);
        // Every fine step is seen by a study with the small step, at the price of the samples' times.
        study.record.every = 0.5;
        let mut plan = Plan::refined(std::slice::from_ref(&study), halvings).unwrap();
        plan.recording.every = 1;
        plan.recording.n_samples = plan.n_steps as usize;
        let recorder = Raw::new(&plan).unwrap();
        Cpu::new()
            .run(&plan, &recorder, &Control::default())
            .unwrap();
        let samples = recorder.into_recorded().remove(0).samples;
        let x = samples.slice(s![.., 0, ..]).mapv(f64::from);
        let steps = &x.slice(s![1.., ..]) - &x.slice(s![..-1, ..]);
        let z = steps.mapv(|step| step / fine.sqrt());
        let n = z.nrows();
        let error = 1.0 / (n as f64).sqrt();
        let product = |a: usize, b: usize, lag: usize| {
            let pairs = z
                .slice(s![lag.., a])
                .iter()
                .zip(z.slice(s![..n - lag, b]))
                .map(|(a, b)| a * b)
                .sum::<f64>();
            pairs / (n - lag) as f64
        };
        for a in 0..4 {
            let variance = product(a, a, 0);
            assert!(
                (variance - 1.0).abs() < 4.0 * error * 2f64.sqrt(),
                "{variance}"
            );
            for b in 0..4 {
                for lag in 0..18 {
                    let found = product(a, b, lag);
                    let is_same = a == b && lag == 0;
                    // Of 4 x 4 x 18 numbers, one beyond 4.5 standard errors is one in five hundred.
                    assert!(
                        is_same || found.abs() < 4.5 * error,
                        "{a} {b} {lag}: {found}, {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn delays_in_steps_and_the_past_keep_their_times() {
    let lags = Array2::from_shape_vec((2, 2), vec![0, 3, 2, 0]).unwrap();
    let weights = Array2::from_shape_vec((2, 2), vec![0.0, 1.0, 1.0, 0.0]).unwrap();
    let connectome = Connectome::new(None, weights, Delays::Steps(lags), None).unwrap();
    let mut study = Study::new(
        model::find("fitzhugh-nagumo").unwrap(),
        Arc::new(connectome),
    );
    common::couple(&mut study, "additive");
    study.coupling.conduction_speed = 1.0;
    let signal = study.model.transmits[0];
    study.initial.state[0] = Start::Given(Values::Uniform(9.0));
    let rows = Array2::from_shape_fn((3, 2), |(row, _)| row as f64);
    let pasts = [
        Past::Stored(Arc::new(rows)),
        Past::Uniform {
            low: 0.0,
            high: 1.0,
        },
    ];
    for past in pasts {
        study.initial.history = vec![(signal, past)];
        let rows = |halvings: u32| {
            let plan = Plan::refined(std::slice::from_ref(&study), halvings).unwrap();
            assert_eq!(plan.max_lag, 3 << halvings);
            let mut all = Vec::new();
            plan.for_each_past(0, |_, _, row| {
                all.push(row.to_vec());
                true
            });
            all
        };
        let whole = rows(0);
        // The state at t = 0 comes first; each row then holds for as long as the step did.
        let held = |n: usize| {
            let held = whole[1..]
                .iter()
                .flat_map(|row| std::iter::repeat_n(row.clone(), n));
            [vec![whole[0].clone()], held.collect()].concat()
        };
        assert_eq!(rows(1), held(2));
        assert_eq!(rows(3), held(8));
    }
}

#[test]
fn what_cannot_be_halved_is_refused() {
    let mut studies = network(NoiseKind::OrnsteinUhlenbeck, 2);
    let refusal = |studies: &[Study], halvings| {
        let error = Plan::refined(studies, halvings).unwrap_err();
        error.to_string()
    };
    assert!(refusal(&studies, MOST_HALVINGS + 1).contains("halved at most 12 times"));
    studies[1].noise.tau = 6.0;
    assert!(refusal(&studies, 1).contains("noise.tau differs"));
    assert!(Plan::refined(&studies, 0).is_ok());
    let mut long = walk(1, 3e8, 0.1);
    long.record.every = 3e8;
    assert!(Plan::new(&long).is_ok());
    let text = refusal(&[long], 1);
    assert!(text.contains("more than can be counted"), "{text}");
    if let Some(gpu) = common::gpu() {
        let plan = Plan::refined(&studies[..1], 1).unwrap();
        let recorder = Raw::new(&plan).unwrap();
        let error = gpu.run(&plan, &recorder, &Control::default()).unwrap_err();
        assert!(error.report().contains("run it on the CPU"), "{error}");
    }
}
