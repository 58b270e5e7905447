//! What holds for every model of the registry: derivatives, precision, bounds, and that a simulation is itself wherever it runs.

use crate::common;

mod batches;

mod networks;

mod published;

mod references;

use std::sync::Arc;

use brainsweep::connectome::Connectome;
use brainsweep::integrator::Integrator;
use brainsweep::model::{self, Bounds, MODELS, Model};
use brainsweep::plan::Plan;
use brainsweep::study::{NoiseKind, Start, Study, Values};
use brainsweep::testing::noise::Philox;
use common::dt_ms;
use rand::distr::{Distribution, Uniform};

/// Reproducible numbers.
struct Draw(Philox);

impl Draw {
    /// Of a model's own: another model beside it changes none of them.
    fn of(stream: u32, spec: &Model) -> Self {
        let name = spec.name.bytes();
        let simulation = name.fold(0u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
        Self(Philox::new(2026, simulation, stream))
    }

    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        Uniform::new(low, high)
            .expect("low < high")
            .sample(&mut self.0)
    }

    /// A state within the models' range: magnitudes up to 1, within the model's bounds; near its start where it must be.
    fn state(&mut self, spec: &Model) -> Vec<f64> {
        let spread = common::spread(spec);
        spec.states
            .iter()
            .map(|state| match state.bounds {
                _ if spread < 1.0 => state.start + self.uniform(0.0, spread),
                Bounds::Clipped { low, high } => self.uniform(low.max(-1.0), high.min(1.0)),
                _ => self.uniform(-1.0, 1.0),
            })
            .collect()
    }

    fn input(&mut self, spec: &Model) -> Vec<f64> {
        (0..spec.n_inputs())
            .map(|_| self.uniform(-1.0, 1.0) * common::spread(spec))
            .collect()
    }

    /// Parameters within a fifth of their defaults; around 0 where the default is 0; the default where that is not allowed.
    fn parameters(&mut self, spec: &Model) -> Vec<f64> {
        spec.parameters
            .iter()
            .map(|parameter| {
                let p = parameter.default;
                let drawn = if p == 0.0 {
                    self.uniform(-0.2, 0.2)
                } else {
                    p * self.uniform(0.8, 1.2)
                };
                if parameter.range.holds(drawn) {
                    drawn
                } else {
                    p
                }
            })
            .collect()
    }
}

/// A text is found by its file's name, and says the same.
#[test]
fn models_are_called_as_their_files_are() {
    for spec in MODELS.iter() {
        assert!(
            std::ptr::eq(model::find(spec.name).expect("listed"), *spec),
            "{}",
            spec.name
        );
    }
}

#[test]
fn jacobians_are_the_limit_of_central_differences() {
    /// Half the width of the difference, and how far the two may be apart, relative to the largest entry: (width^2 times the third derivative,
    /// up to 1e4 in the sigmoids) and (rounding over width) are both near 1e-9.
    const WIDTH: f64 = 1e-6;
    const TOLERANCE: f64 = 1e-8;
    for spec in MODELS.iter() {
        let mut draw = Draw::of(0, spec);
        let n = spec.states.len();
        let mut worst = 0.0f64;
        for _ in 0..200 {
            let (state, input) = (draw.state(spec), draw.input(spec));
            let coefficients = spec.prepare(&draw.parameters(spec));
            let jacobian = spec.jacobian(&state, &input, &coefficients);
            let scale = jacobian
                .iter()
                .fold(1.0, |scale: f64, entry| scale.max(entry.abs()));
            for column in 0..n {
                let drift = |by: f64| {
                    let mut state = state.clone();
                    state[column] += by;
                    spec.drift(&state, &input, &coefficients)
                };
                let width = WIDTH * common::spread(spec).sqrt();
                for (row, (up, down)) in drift(width).iter().zip(drift(-width)).enumerate() {
                    let difference = (up - down) / (2.0 * width);
                    worst = worst.max((jacobian[row * n + column] - difference).abs() / scale);
                }
            }
        }
        println!("{}: {worst:.1e}", spec.name);
        assert!(worst < TOLERANCE, "{}: {worst:e}", spec.name);
    }
}

/// One step in both precisions from the same numbers: the distance per state, in units of f32's rounding at the size of the state and of what the step
/// adds to it.
struct BothPrecisions<'a> {
    integrator: Integrator,
    parameters: &'a [f64],
    state: &'a [f64],
    input: &'a [f64],
    dt_ms: f64,
}

impl BothPrecisions<'_> {
    fn distance(&self, model: &Model) -> f64 {
        let single = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let double = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let coefficients = single(&model.prepare(self.parameters));
        let (state, input, dt) = (single(self.state), single(self.input), self.dt_ms as f32);
        let none = vec![None; state.len()];
        let found = self
            .integrator
            .advance(model, &state, &input, &coefficients, dt, &none);
        let (state, input) = (double(&state), double(&input));
        let none = vec![None; state.len()];
        let exact = self.integrator.advance(
            model,
            &state,
            &input,
            &double(&coefficients),
            f64::from(dt),
            &none,
        );
        (0..state.len())
            .map(|s| {
                let size = state[s].abs().max(exact[s].abs()).max(1.0);
                (f64::from(found[s]) - exact[s]).abs() / (size * f64::from(f32::EPSILON))
            })
            .fold(0.0, f64::max)
    }
}

#[test]
fn a_step_in_f32_is_a_step_in_f64_rounded() {
    /// In units of 2^-23 at the size of the state (at least 1). Most models stay below 1: one rounding of the sum, and a tenth (the step) of
    /// those in the drift. Where terms ten and twenty times the state cancel (Wilson-Cowan's weights), so do roundings add: measured up to 4.5.
    const UNITS: f64 = 8.0;
    for spec in MODELS.iter() {
        let mut draw = Draw::of(1, spec);
        for integrator in Integrator::ALL {
            let worst = (0..500).map(|_| {
                let (state, input, parameters) =
                    (draw.state(spec), draw.input(spec), draw.parameters(spec));
                let (state, input, parameters) = (&state[..], &input[..], &parameters[..]);
                BothPrecisions {
                    integrator,
                    parameters,
                    state,
                    input,
                    dt_ms: dt_ms(spec),
                }
                .distance(spec)
            });
            let worst = worst.fold(0.0, f64::max);
            println!("{}, {}: {worst:.2}", spec.name, integrator.name());
            // Its threshold is a polynomial whose terms are a hundred times their sum.
            let units = if spec.name == "zerlaut" {
                4.0 * UNITS
            } else {
                UNITS
            };
            assert!(
                worst < units,
                "{}, {}: {worst}",
                spec.name,
                integrator.name()
            );
        }
    }
}

/// `n_nodes` uncoupled nodes of a model with random starts, inputs and parameters, each of its own.
fn individuals(spec: &'static Model, n_nodes: usize, draw: &mut Draw) -> Study {
    let mut study = Study::new(spec, Arc::new(Connectome::uncoupled(n_nodes)));
    let column = |draw: &mut Draw, of: fn(&mut Draw, &Model) -> Vec<f64>| {
        (0..n_nodes).map(|_| of(draw, spec)).collect::<Vec<_>>()
    };
    let per_node =
        |rows: &[Vec<f64>], k: usize| Values::PerNode(rows.iter().map(|row| row[k]).collect());
    let (parameters, states) = (column(draw, Draw::parameters), column(draw, Draw::state));
    let inputs = column(draw, Draw::input);
    study.parameters = (0..spec.parameters.len())
        .map(|k| per_node(&parameters, k))
        .collect();
    study.initial.state = (0..spec.states.len())
        .map(|k| Start::Given(per_node(&states, k)))
        .collect();
    study.input = (0..spec.inputs.len())
        .map(|k| per_node(&inputs, k))
        .collect();
    study.initial.feedback = vec![per_node(&states, 0); spec.feedback.len()];
    study.protocol.dt = dt_ms(spec);
    study.protocol.duration = 200.0 * dt_ms(spec);
    study.record.every = study.protocol.dt;
    study.record.states = (0..spec.states.len()).collect();
    study
}

/// `study`, with node `node` alone.
fn alone(study: &Study, node: usize) -> Study {
    let one = |values: &Values| Values::Uniform(values.at(node));
    let mut single = study.clone();
    single.connectome = Arc::new(Connectome::uncoupled(1));
    single.parameters = study.parameters.iter().map(one).collect();
    single.input = study.input.iter().map(one).collect();
    single.initial.feedback = study.initial.feedback.iter().map(one).collect();
    let start = |start: &Start| match start {
        Start::Given(values) => Start::Given(one(values)),
        drawn => drawn.clone(),
    };
    single.initial.state = study.initial.state.iter().map(start).collect();
    single
}

each_backend! {
    /// What is given per node is each node's own, and a node among others is the node alone, bit for bit.
    fn a_node_among_others_is_the_node_alone(backend) {
        for spec in MODELS.iter() {
            let mut draw = Draw::of(2, spec);
            let study = individuals(spec, 3, &mut draw);
            let together = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0);
            assert_eq!(together.samples.dim(), (200, spec.states.len(), 3), "{}", spec.name);
            for node in 0..3 {
                let single = common::run(backend, &Plan::new(&alone(&study, node)).expect("a sound study")).remove(0);
                let differing = together.samples.indexed_iter().filter(|((k, s, n), x)| {
                    *n == node && x.to_bits() != single.samples[[*k, *s, 0]].to_bits()
                });
                assert_eq!(differing.count(), 0, "{}, node {node}", spec.name);
            }
            let [a, b] = [0, 1].map(|node| together.samples[[199, 0, node]]);
            assert_ne!(a, b, "{}: the nodes differ", spec.name);
        }
    }

    /// States that may not be negative are not, however strong the noise and the inhibition; and they are pushed against the bound.
    fn rectified_states_stay_at_or_above_zero(backend) {
        for spec in MODELS.iter().filter(|spec| spec.states.iter().any(|state| state.is_non_negative())) {
            for integrator in Integrator::ALL {
                let mut study = individuals(spec, 4, &mut Draw::of(3, spec));
                study.integrator = integrator;
                study.input.fill(Values::Uniform(-5.0 * common::spread(spec)));
                let is_bound = |s: usize| spec.states.get(s).is_some_and(|state| state.is_non_negative());
                common::set_noise(&mut study, NoiseKind::White, 0.0, |s| if is_bound(s) { 5.0 } else { 0.0 });
                let recorded = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0);
                for (s, state) in spec.states.iter().enumerate().filter(|(_, state)| state.is_non_negative()) {
                    let values = recorded.samples.index_axis(ndarray::Axis(1), s);
                    assert!(values.iter().all(|&x| x >= 0.0), "{}, {}", spec.name, state.name);
                    let bound = values.iter().filter(|&&x| x == 0.0).count();
                    assert!((20..780).contains(&bound) || common::spread(spec) < 1.0, "{}, {}: {bound} of 800 at 0", spec.name, state.name);
                }
            }
        }
        assert!(model::find("threshold-linear").expect("a model of ours").states[0].is_non_negative());
    }

    /// A recorded output is that of the new states: what Jansen-Rit transmits is y1 - y2, to the bit, also through noise and delays, beside
    /// the states and without them.
    fn outputs_are_recorded(backend) {
        let spec = model::find("jansen-rit").expect("a model of ours");
        let connectome = Arc::new(brainsweep::connectome::synthetic::random(5, 0.6, 60.0, 3));
        let mut study = Study::new(spec, connectome);
        study.couple(brainsweep::coupling::find("additive").unwrap());
        study.set_g(0.01);
        common::set_noise(&mut study, NoiseKind::OrnsteinUhlenbeck, 0.1, |_| 0.05);
        study.protocol.duration = 50.0;
        let (y1, y2, psp) = (1, 2, 6);
        assert_eq!(spec.observable(psp).name, "psp");
        study.record.states = vec![y1, psp, y2];
        let all = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0).samples;
        let of = |r: usize| all.index_axis(ndarray::Axis(1), r);
        let differs = |(a, b): (f32, &f32)| a.to_bits() != b.to_bits();
        let (first, second) = (of(0), of(2));
        let difference = first.iter().zip(second).map(|(a, b)| a - b);
        assert_eq!(difference.zip(of(1)).filter(|pair| differs(*pair)).count(), 0);
        assert!(of(1).iter().any(|x| x.abs() > 1.0), "it moves");
        study.record.states = vec![psp];
        let alone = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0).samples;
        assert_eq!(alone.index_axis(ndarray::Axis(1), 0), of(1));
    }

    /// An output that receives an input has the value of the new state under the input of its step.
    fn outputs_receive_the_inputs_of_their_step(backend) {
        let spec = model::find("reduced-wong-wang").expect("a model of ours");
        let mut study = Study::new(spec, Arc::new(Connectome::uncoupled(2)));
        let input = [0.02, 0.05];
        study.input[1] = Values::PerNode(input.to_vec());
        study.protocol.duration = 100.0;
        study.record.states = vec![0, 1];
        let recorded = common::run(backend, &Plan::new(&study).expect("a sound study")).remove(0);
        let coefficients = spec.prepare(&spec.defaults());
        for (node, input) in input.into_iter().enumerate() {
            let at = |r: usize| f64::from(recorded.samples[[999, r, node]]);
            let rate = spec.outputs(&[at(0)], &[0.0, input], &coefficients)[0];
            assert!((at(1) - rate).abs() < 1e-4 * rate, "{} and {rate}", at(1));
        }
    }
}
