//! Heun's method with the coupling at both ends of the step, against Heun's method of the whole network, written plainly in 64 bits.

use brainsweep::backend::Backend;
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::coupling::{DelayReads, DelayRounding};
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::model::Signal;
use brainsweep::plan::Plan;
use brainsweep::study::{NoiseKind, NoiseScheme, Past, Start, Study, Values};
use ndarray::{Array2, array};

use super::{common, linear};

const DT_MS: f64 = 0.25;
const SPEED_MM_PER_MS: f64 = 4.0;
const N_STEPS: usize = 80;
const RATE: f64 = 0.4;
const G: f64 = 0.3;
/// 32-bit steps against 64-bit ones: half a unit in the last place each, of numbers up to 2.
const ROUNDING: f64 = N_STEPS as f64 * 1.2e-7;

/// Delays in steps: none, less than one, one, and several; on the grid of steps and off it.
fn steps(which: &str) -> Array2<f64> {
    let mixed = array![[0.0, 0.4, 1.0], [2.3, 0.0, 0.0], [5.0, 1.7, 0.0]];
    match which {
        "none" => Array2::zeros((3, 3)),
        "long" => mixed.mapv(|d| d + 1.0),
        "whole" => mixed.mapv(f64::ceil),
        _ => mixed,
    }
}

fn weights() -> Array2<f64> {
    array![[0.0, 0.7, 0.4], [0.2, 0.0, 0.9], [0.5, 0.8, 0.0]]
}

/// What was before t = 0: not constant, and not what a node starts with. Eight rows, oldest first.
fn past() -> Array2<f64> {
    Array2::from_shape_fn((8, 3), |(row, node)| (0.7 * row as f64 + node as f64).sin())
}

const X_0: [f64; 3] = [0.9, -0.3, 0.4];
const INPUT: [f64; 3] = [0.2, 0.0, -0.1];

fn study(kind: &str, which: &str, reads: DelayReads) -> Study {
    let lengths = steps(which).mapv(|d| d * DT_MS * SPEED_MM_PER_MS);
    let connectome = Connectome::new(None, weights(), Delays::TractLengths(lengths), None);
    let mut study = linear(connectome.expect("sound"), RATE, DT_MS, N_STEPS);
    study.integrator = Integrator::Heun;
    study.protocol.coupling_at = CouplingAt::Stages;
    common::couple(&mut study, kind);
    study.set_g(G);
    study.coupling.conduction_speed = SPEED_MM_PER_MS;
    study.coupling.delay_rounding = DelayRounding::Interpolate;
    study.coupling.delay_reads = reads;
    study.input[0] = Values::PerNode(INPUT.to_vec());
    study.initial.state[0] = Start::Given(Values::PerNode(X_0.to_vec()));
    study.initial.history = vec![(Signal::State(0), Past::Stored(past().into()))];
    study
}

/// x of every step, by Heun's method of the delay equation: `noise[step]` is what the noise adds to the inputs at the two ends.
fn plain(kind: &str, which: &str, reads: DelayReads, noise: &[[f64; 2]]) -> Vec<[f64; 3]> {
    let (weights, steps, before) = (weights(), steps(which), past());
    let mut path = vec![X_0];
    for noise in noise {
        let now = path.len() as i64 - 1;
        // x at step `at`, which may lie before t = 0 or, as it is predicted, one step ahead.
        let at = |at: i64, node: usize, predicted: &[f64; 3]| {
            if at > now {
                return predicted[node];
            }
            let back = -at - i64::from(reads.shift().max(0));
            match at {
                0.. => path[at as usize][node],
                _ if back <= 0 => X_0[node],
                _ => before[[before.nrows() - back as usize, node]],
            }
        };
        let rate = |own: &[f64; 3], end: i64, noise: f64| -> [f64; 3] {
            std::array::from_fn(|i| {
                let heard: f64 = (0..3)
                    .filter(|&j| j != i)
                    .map(|j| {
                        let d = (steps[[i, j]] + f64::from(reads.shift())).max(0.0);
                        let (whole, f) = (d.floor() as i64, d.fract());
                        let late = |lag: i64| at(now + end - lag, j, own);
                        let x = (1.0 - f) * late(whole)
                            + if f > 0.0 { f * late(whole + 1) } else { 0.0 };
                        let own = if kind == "diffusive" { own[i] } else { 0.0 };
                        weights[[i, j]] * (x - own)
                    })
                    .sum();
                INPUT[i] + G * heard - RATE * own[i] + noise
            })
        };
        let x = path[path.len() - 1];
        let a = rate(&x, 0, noise[0]);
        let predicted = std::array::from_fn(|i| x[i] + DT_MS * a[i]);
        let b = rate(&predicted, 1, noise[1]);
        path.push(std::array::from_fn(|i| x[i] + 0.5 * DT_MS * (a[i] + b[i])));
    }
    path.split_off(1)
}

#[track_caller]
fn compare(backend: &dyn Backend, study: &Study, expected: &[[f64; 3]], what: &str) {
    let plan = Plan::new(study).expect("a sound study");
    let samples = common::run(backend, &plan).remove(0).samples;
    let mut worst = 0.0f64;
    for (sample, expected) in samples.outer_iter().zip(expected) {
        for (node, expected) in expected.iter().enumerate() {
            worst = worst.max((f64::from(sample[[0, node]]) - expected).abs());
        }
    }
    assert_eq!(samples.len_of(ndarray::Axis(0)), expected.len());
    assert!(worst < ROUNDING, "{what}: {worst:e}");
}

each_backend! {
    /// Both kinds of coupling, delays of every kind, every convention.
    fn a_network_in_stages_is_stepped_by_heuns_method(backend) {
        for kind in ["diffusive", "additive"] {
            for which in ["none", "long", "whole", "mixed"] {
                for reads in DelayReads::ALL {
                    let expected = plain(kind, which, reads, &[[0.0; 2]; N_STEPS]);
                    let what = format!("{kind}, {which}, {reads:?}");
                    compare(backend, &study(kind, which, reads), &expected, &what);
                }
            }
        }
    }

    /// The noise process is heard at both ends, too: X as it is at the start in the first stage, and as it is at the end in the second.
    fn the_noise_process_is_heard_at_both_ends(backend) {
        let (tau, sigma) = (3.0f64, 0.5);
        let mut study = study("additive", "mixed", DelayReads::Now);
        study.noise.kind = NoiseKind::OrnsteinUhlenbeck;
        study.noise.scheme = NoiseScheme::Exact;
        study.noise.tau = tau;
        study.noise.sigma[0] = Values::Uniform(sigma);
        let normals: Vec<f64> = (0..N_STEPS).map(|n| (1.3 * n as f64).cos()).collect();
        let stored = Array2::from_shape_fn((N_STEPS, 3), |(step, _)| normals[step]);
        study.noise.replay = Some(vec![Some(stored.into()), None]);
        let decay = (-DT_MS / tau).exp();
        let kick = sigma * (0.5 * tau * (1.0 - decay * decay)).sqrt();
        let mut x = 0.0;
        let both_ends = normals.iter().map(|z| {
            let before = x;
            x = decay * x + kick * z;
            [before, x]
        });
        let noise: Vec<[f64; 2]> = both_ends.collect();
        let expected = plain("additive", "mixed", DelayReads::Now, &noise);
        compare(backend, &study, &expected, "noise");
    }
}
