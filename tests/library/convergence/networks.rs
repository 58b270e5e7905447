//! Orders in networks of coupled nodes, on the simulator itself.
//!
//! | what | order |
//! |---|---|
//! | any integrator, `coupling_at = "start"` | 1 |
//! | Heun, `"stages"`; no delays, delays of whole steps, or interpolated ones | 2 |
//! | the same, delays rounded; or read as `x[n-1-d]` or `x[n+1-d]` | 1 |
//! | the same with noise: strong | 1 |
//! | the same with white noise, additive: weak | 2 |
//!
//! States are 32-bit floats: the steps below are so long that errors stay above a few times 1e-6.

use std::sync::Arc;

use brainsweep::backend::cpu::Cpu;
use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::coupling::{DelayReads, DelayRounding};
use brainsweep::integrator::{CouplingAt, Integrator};
use brainsweep::model;
use brainsweep::plan::Plan;
use brainsweep::study::{NoiseKind, NoiseScheme, Start, Study, Values};
use brainsweep::testing::noise::Philox;
use ndarray::{Array1, Array2};
use rand::distr::Distribution;
use rand_distr::StandardNormal;

use super::{ORDER_TOLERANCE, linear};
use crate::common;

const COUPLINGS: [&str; 3] = ["diffusive", "additive", "hyperbolic-tangent"];
/// Steps, ms, each half of the one before: of methods with order 2, and with order 1.
const LONG_MS: [f64; 3] = [0.05, 0.025, 0.0125];
const SHORT_MS: [f64; 3] = [0.0125, 0.00625, 0.003125];
/// Below this a difference is the rounding of 32-bit floats.
const ROUNDING: f64 = 3e-6;
const SPEED_MM_PER_MS: f64 = 20.0;

/// How delays lie between the steps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tracts {
    /// No delays.
    None,
    /// Delays of whole steps, whichever of [`LONG_MS`] and [`SHORT_MS`].
    OnGrid,
    /// Any delays.
    OffGrid,
}

const TRACTS: [Tracts; 3] = [Tracts::None, Tracts::OnGrid, Tracts::OffGrid];

/// Oscillating FitzHugh-Nagumo nodes that start apart.
fn study(n_nodes: usize, coupling: &str, tracts: Tracts) -> Study {
    let model = model::find("fitzhugh-nagumo").expect("a model of ours");
    let mut connectome = synthetic::random(n_nodes, 5.0 / n_nodes as f64, 60.0, 3);
    let step = SPEED_MM_PER_MS * LONG_MS[0];
    match &mut connectome.delays {
        Delays::TractLengths(mm) if tracts == Tracts::OnGrid => {
            mm.mapv_inplace(|mm| (mm / step).ceil() * step);
        }
        _ => {}
    }
    let mut study = Study::new(model, Arc::new(connectome));
    common::couple(&mut study, coupling);
    study.set_g(0.4);
    if coupling == "hyperbolic-tangent" {
        study.set_number("coupling.a", 0.3).expect("its strength");
    }
    study.coupling.conduction_speed = match tracts {
        Tracts::None => f64::INFINITY,
        _ => SPEED_MM_PER_MS,
    };
    study.input[0] = Values::Uniform(0.9);
    let start = (0..n_nodes)
        .map(|node| node as f64 / n_nodes as f64)
        .collect();
    study.initial.state[0] = Start::Given(Values::PerNode(start));
    study.protocol.duration = 24.0;
    study
}

/// Heun's method with the coupling at both ends.
fn in_stages(mut study: Study) -> Study {
    study.integrator = Integrator::Heun;
    study.protocol.coupling_at = CouplingAt::Stages;
    study
}

/// All states of all nodes every 0.8 ms, with steps of `dt_ms`.
fn path(study: &Study, dt_ms: f64) -> Vec<f64> {
    let mut study = study.clone();
    study.protocol.dt = dt_ms;
    study.record.every = study.protocol.duration.min(16.0 * LONG_MS[0]);
    study.record.states = (0..study.model.states.len()).collect();
    let plan = Plan::new(&study).expect("a sound study");
    let recorded = common::run(&Cpu::new(), &plan).remove(0);
    recorded.samples.iter().copied().map(f64::from).collect()
}

/// The order at which the path of a study converges, and the last difference.
fn order(study: &Study, steps_ms: [f64; 3]) -> (f64, f64) {
    let [coarse, middle, fine] = steps_ms.map(|dt_ms| path(study, dt_ms));
    let (first, second) = (distance(&coarse, &middle), distance(&middle, &fine));
    assert!(second > ROUNDING, "{second} is no more than rounding");
    ((first / second).log2(), second)
}

/// Root mean square.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    (squares.sum::<f64>() / a.len() as f64).sqrt()
}

#[track_caller]
fn assert_order(what: &str, study: &Study, stated: f64) {
    assert_order_of(
        what,
        study,
        if stated > 1.0 { LONG_MS } else { SHORT_MS },
        stated,
    );
}

#[track_caller]
fn assert_order_of(what: &str, study: &Study, steps_ms: [f64; 3], stated: f64) {
    let (order, last) = order(study, steps_ms);
    println!("{what}: order {order:.3}, last difference {last:.1e}");
    assert!(
        (order - stated).abs() < ORDER_TOLERANCE,
        "{what}: order {order}"
    );
}

/// With the coupling held over the step, whatever the order of the integrator for a node alone.
#[test]
fn with_the_coupling_at_the_start_every_integrator_has_order_one() {
    for coupling in ["diffusive", "additive"] {
        for tracts in [Tracts::None, Tracts::OnGrid] {
            let mut study = study(10, coupling, tracts);
            for integrator in Integrator::ALL {
                study.integrator = integrator;
                let what = format!("{}, {coupling}, {tracts:?}", integrator.name());
                assert_order(&what, &study, 1.0);
            }
        }
    }
}

/// With the coupling at both ends of the step Heun's method keeps its order, where delays are whole steps or interpolated.
#[test]
fn in_stages_heuns_method_has_order_two() {
    for coupling in COUPLINGS {
        for tracts in TRACTS {
            let mut study = in_stages(study(10, coupling, tracts));
            study.coupling.delay_rounding = match tracts {
                Tracts::OffGrid => DelayRounding::Interpolate,
                _ => DelayRounding::Nearest,
            };
            assert_order(&format!("stages, {coupling}, {tracts:?}"), &study, 2.0);
        }
    }
}

/// A delayed self feedback is taken at both ends, too.
#[test]
fn in_stages_delayed_feedback_has_order_two() {
    let model = model::find("feedback-fitzhugh-nagumo").expect("a model of ours");
    let mut study = Study::new(model, Arc::new(Connectome::uncoupled(2)));
    study.integrator = Integrator::Heun;
    study.input[0] = Values::Uniform(0.6);
    study.initial.state[0] = Start::Given(Values::PerNode(vec![0.1, 0.4]));
    // What is fed back does not jump when the past ends: a jump within a step costs the second order.
    study.initial.feedback = vec![Values::PerNode(vec![0.1, 0.4])];
    study.parameters[model.feedback[0].delay] = Values::PerNode(vec![3.0, 7.7]);
    study.protocol.duration = 24.0;
    assert_order_of("feedback, start", &study, SHORT_MS, 1.0);
    assert_order_of("feedback, stages", &in_stages(study), LONG_MS, 2.0);
}

/// What delays that are off by a part of a step cost: the distance to interpolated delays falls with the first order in the step.
///
/// Rounding to the nearest step errs to either side, by chance; the other three err to one side. So the last three have an order.
#[test]
fn delays_that_are_off_by_part_of_a_step_have_order_one() {
    let exact = {
        let mut study = in_stages(study(10, "diffusive", Tracts::OffGrid));
        study.coupling.delay_rounding = DelayRounding::Interpolate;
        path(&study, SHORT_MS[1])
    };
    let error = |rounding, reads, dt_ms| {
        let mut study = in_stages(study(10, "diffusive", Tracts::OffGrid));
        study.coupling.delay_rounding = rounding;
        study.coupling.delay_reads = reads;
        distance(&path(&study, dt_ms), &exact)
    };
    for (rounding, reads) in [
        (DelayRounding::Truncate, DelayReads::Now),
        (DelayRounding::Interpolate, DelayReads::ExtraStep),
        (DelayRounding::Interpolate, DelayReads::OneStepSooner),
    ] {
        let errors = LONG_MS.map(|dt_ms| error(rounding, reads, dt_ms));
        // Parts of a step are as good as random: over two halvings.
        let order = (errors[0] / errors[2]).log2() / 2.0;
        println!("{rounding:?}, {reads:?}: order {order:.3}, errors {errors:?}");
        assert!((order - 1.0).abs() < 2.0 * ORDER_TOLERANCE, "{order}");
    }
    let nearest = error(DelayRounding::Nearest, DelayReads::Now, LONG_MS[0]);
    let truncated = error(DelayRounding::Truncate, DelayReads::Now, LONG_MS[0]);
    assert!(nearest < truncated, "{nearest} {truncated}");
}

/// Standard normals of a path in steps of `SHORT_MS[2] / 2`, `[n_steps, n_nodes]`.
fn finest(n_nodes: usize, duration: f64, seed: u32) -> (f64, Array2<f64>) {
    let dt_ms = SHORT_MS[2] / 2.0;
    let n_steps = (duration / dt_ms).round() as usize;
    let mut rng = Philox::new(5, seed, 0);
    let normals = (0..n_steps * n_nodes).map(|_| StandardNormal.sample(&mut rng));
    let normals = Array1::from_iter(normals);
    let shape = (n_steps, n_nodes);
    (
        dt_ms,
        normals.into_shape_with_order(shape).expect("as many"),
    )
}

/// The same path in steps `m` times as long: what the noise adds over a long step is what it adds over the short ones, of which the
/// process has forgotten a part where it is Ornstein and Uhlenbeck's and exact.
fn coarsened(fine: &Array2<f64>, m: usize, study: &Study, dt_fine: f64) -> Array2<f64> {
    let noise = &study.noise;
    let is_exact = (noise.kind, noise.scheme) == (NoiseKind::OrnsteinUhlenbeck, NoiseScheme::Exact);
    let decay = if is_exact {
        1.0 - noise.rate(dt_fine)
    } else {
        1.0
    };
    let ratio = noise.amplitude(0, 0, dt_fine) / noise.amplitude(0, 0, m as f64 * dt_fine);
    let shape = (fine.nrows() / m, fine.ncols());
    Array2::from_shape_fn(shape, |(step, node)| {
        let sum = (0..m).fold(0.0, |sum, j| sum * decay + fine[[step * m + j, node]]);
        ratio * sum
    })
}

/// Strong order: the root mean square distance, over nodes and paths, to a step much shorter on the same noise.
#[test]
fn noisy_networks_converge_strongly_with_order_one() {
    const N_NODES: usize = 60;
    const N_PATHS: u32 = 4;
    let noises = [
        (NoiseKind::White, NoiseScheme::Euler),
        (NoiseKind::White, NoiseScheme::Exact),
        (NoiseKind::OrnsteinUhlenbeck, NoiseScheme::Euler),
        (NoiseKind::OrnsteinUhlenbeck, NoiseScheme::Exact),
    ];
    let methods = [
        (Integrator::ExponentialEuler, CouplingAt::Start),
        (Integrator::Heun, CouplingAt::Start),
        (Integrator::Heun, CouplingAt::Stages),
    ];
    for (kind, scheme) in noises {
        for (integrator, coupling_at) in methods {
            let is_exact_kick = (kind, scheme) == (NoiseKind::White, NoiseScheme::Exact);
            if is_exact_kick && integrator != Integrator::ExponentialEuler {
                continue;
            }
            let tracts = match coupling_at {
                CouplingAt::Start => Tracts::OnGrid,
                CouplingAt::Stages => Tracts::OffGrid,
            };
            let mut study = study(N_NODES, "diffusive", tracts);
            study.protocol.duration = 8.0;
            study.integrator = integrator;
            study.protocol.coupling_at = coupling_at;
            study.coupling.delay_rounding = DelayRounding::Interpolate;
            study.noise.kind = kind;
            study.noise.scheme = scheme;
            study.noise.sigma[0] = Values::Uniform(0.5);
            let mut errors = [0.0; 2];
            for seed in 0..N_PATHS {
                let (dt_fine, fine) = finest(N_NODES, study.protocol.duration, seed);
                let at = |dt_ms: f64| {
                    let m = (dt_ms / dt_fine).round() as usize;
                    let normals = coarsened(&fine, m, &study, dt_fine);
                    let mut study = study.clone();
                    study.noise.replay = Some(vec![Some(Arc::new(normals)), None]);
                    path(&study, dt_ms)
                };
                let exact = at(dt_fine);
                for (error, dt_ms) in errors.iter_mut().zip(&LONG_MS[1..]) {
                    let apart = at(*dt_ms);
                    let squares = apart.iter().zip(&exact).map(|(a, b)| (a - b).powi(2));
                    *error += squares.sum::<f64>();
                }
            }
            let order = (errors[0] / errors[1]).log2() / 2.0;
            let what = format!(
                "{kind:?}, {scheme:?}, {}, {coupling_at:?}",
                integrator.name()
            );
            println!(
                "{what}: strong order {order:.3}, error {:.1e}",
                errors[1].sqrt()
            );
            assert!((order - 1.0).abs() < ORDER_TOLERANCE, "{what}: {order}");
        }
    }
}

/// Weak order with additive white noise, without sampling: a step of an undelayed linear network is `x' = A x + B kick`, so the
/// stationary covariance obeys `P = A P A^T + B B^T`. It is compared with that of a step so short that nothing else counts.
/// `A` and `B` are what the simulator does to unit states and to unit kicks.
#[test]
fn in_stages_the_stationary_covariance_of_a_network_has_order_two() {
    const N: usize = 5;
    let covariance = |coupling: &str, coupling_at: CouplingAt, dt_ms: f64| -> Array2<f64> {
        let mut study = Study::new(linear(), Arc::new(synthetic::random(N, 0.7, 60.0, 9)));
        common::couple(&mut study, coupling);
        study.set_g(0.3);
        study.coupling.conduction_speed = f64::INFINITY;
        study.integrator = Integrator::Heun;
        study.protocol.coupling_at = coupling_at;
        study.parameters[0] = Values::Uniform(1.5);
        study.noise.kind = NoiseKind::White;
        study.protocol.duration = dt_ms;
        let column = |start: Vec<f64>, kick: Vec<f64>| {
            let mut study = study.clone();
            study.initial.state[0] = Start::Given(Values::PerNode(start));
            study.noise.sigma[0] = Values::Uniform(1.0);
            let normals = Array2::from_shape_vec((1, N), kick).expect("one step");
            study.noise.replay = Some(vec![Some(Arc::new(normals)); 1]);
            Array1::from_vec(path(&study, dt_ms))
        };
        let unit = |k: usize| (0..N).map(|node| f64::from(u8::from(node == k))).collect();
        let columns = |of: &dyn Fn(usize) -> Array1<f64>| {
            let mut matrix = Array2::zeros((N, N));
            (0..N).for_each(|k| matrix.column_mut(k).assign(&of(k)));
            matrix
        };
        let mut a = columns(&|k| column(unit(k), vec![0.0; N]));
        let b = columns(&|k| column(vec![0.0; N], unit(k)));
        let mut p: Array2<f64> = b.dot(&b.t());
        // P = sum_k A^k B B^T (A^k)^T, by doubling.
        for _ in 0..30 {
            p = &p + &a.dot(&p).dot(&a.t());
            a = a.dot(&a);
        }
        p
    };
    for coupling in ["diffusive", "additive"] {
        // In 32 bits a step much shorter than this is lost in rounding; two of second order tell the limit to fourth.
        let [long, short] =
            [1.0 / 64.0, 1.0 / 128.0].map(|dt_ms| covariance(coupling, CouplingAt::Stages, dt_ms));
        let limit = (4.0 * short - long) / 3.0;
        for (coupling_at, stated) in [(CouplingAt::Start, 1.0), (CouplingAt::Stages, 2.0)] {
            let steps_ms = match coupling_at {
                CouplingAt::Start => [1.0 / 32.0, 1.0 / 64.0],
                CouplingAt::Stages => [1.0 / 8.0, 1.0 / 16.0],
            };
            let errors = steps_ms.map(|dt_ms| {
                let off = covariance(coupling, coupling_at, dt_ms) - &limit;
                off.iter().fold(0.0, |worst: f64, off| worst.max(off.abs()))
            });
            let order = (errors[0] / errors[1]).log2();
            println!("{coupling}, {coupling_at:?}: weak order {order:.3}, errors {errors:?}");
            assert!(
                (order - stated).abs() < 2.0 * ORDER_TOLERANCE,
                "{coupling}, {coupling_at:?}: {order}"
            );
        }
    }
}
