//! Measured orders of accuracy: how fast each integrator's error falls with the step.
//!
//! | integrator | ODE | weak, additive noise | strong, additive noise |
//! |---|---|---|---|
//! | Euler | 1 | 1 | 1 |
//! | exponential Euler | 1; 2 with a single state; exact where linear and uncoupled | 1 | 1 |
//! | Heun | 2 | 2 | 1 |
//! | Runge-Kutta | 4 | 1 | 1 |
//!
//! All in f64, through the same generic `Integrator::advance` that the backends run in f32. The strong order is no higher
//! than 1 for any method that sees only the increment of the noise over a step (Clark & Cameron 1980, doi 10.1007/BFb0004007);
//! the Runge-Kutta method adds its kick after the step, as Euler-Maruyama does, so noise costs it its order.
//!
//! These are the orders of a node alone; [`networks`] has those of coupled nodes.

mod networks;

use brainsweep::integrator::Integrator;
use brainsweep::model::{self, MODELS, Model};
use brainsweep::testing::noise::Philox;
use rand::distr::Distribution;
use rand_distr::StandardNormal;

/// How far a measured order may lie from the stated one: the next term of the error's expansion, at the steps below.
const ORDER_TOLERANCE: f64 = 0.15;

/// Steps of one model with constant input, in f64.
struct Run<'a> {
    integrator: Integrator,
    parameters: &'a [f64],
    state: &'a [f64],
    input: &'a [f64],
    dt_ms: f64,
    n_steps: usize,
}

impl Run<'_> {
    /// The state after the steps.
    fn of(&self, model: &Model) -> Vec<f64> {
        let coefficients = model.prepare(self.parameters);
        let mut state = self.state.to_vec();
        let kick = vec![None; state.len()];
        for _ in 0..self.n_steps {
            state = self.integrator.advance(
                model,
                &state,
                self.input,
                &coefficients,
                self.dt_ms,
                &kick,
            );
        }
        state
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .fold(0.0, |worst: f64, (a, b)| worst.max((a - b).abs()))
}

/// The order between the steps `duration / n` for `n` and `2 n`, from the errors at the end.
fn order(error: impl Fn(usize) -> f64, n: usize) -> f64 {
    (error(n) / error(2 * n)).log2()
}

fn stated_order(integrator: Integrator) -> f64 {
    f64::from(integrator.order())
}

/// Starts, inputs (the fed-back state among them, held) and durations in ms, chosen so that the solution bends on its way.
const CHOSEN: [(&str, &[f64], &[f64], f64); 6] = [
    ("fitzhugh-nagumo", &[0.3, 0.1], &[1.0, 0.0], 4.0),
    ("wilson-cowan", &[0.2, 0.1], &[1.0, 0.3], 2.0),
    ("wilson-cowan-brainpy", &[0.2, 0.1], &[-0.5, 0.0], 1.0),
    ("stuart-landau", &[0.9, 0.2], &[0.05, 0.02], 6.0),
    ("montbrio-pazo-roxin", &[-1.0, 0.3], &[3.0, 0.0], 1.0),
    (
        "feedback-fitzhugh-nagumo",
        &[0.1, 0.3],
        &[0.5, 0.0, -0.4],
        4.0,
    ),
];

/// The case of a smooth model: the chosen one, or near its start, for about three times its fastest time constant there.
fn case(model: &Model) -> (Vec<f64>, Vec<f64>, f64) {
    if let Some((_, state, input, duration)) = CHOSEN.iter().find(|case| case.0 == model.name) {
        return (state.to_vec(), input.to_vec(), *duration);
    }
    let near = |x: f64| x + 0.05 * (1.0 + x.abs());
    let state: Vec<f64> = model.states.iter().map(|state| near(state.start)).collect();
    let input = vec![0.0; model.n_inputs()];
    let jacobian = model.jacobian(&state, &input, &model.prepare(&model.defaults()));
    // The growth of a vector that the Jacobian is applied to again and again.
    let n = state.len();
    let mut v: Vec<f64> = (0..n).map(|k| 1.0 + 0.1 * k as f64).collect();
    let (mut sum, n_times) = (0.0, 60);
    for k in 0..2 * n_times {
        let row = |row: &[f64]| row.iter().zip(&v).map(|(a, x)| a * x).sum::<f64>();
        let next: Vec<f64> = jacobian.chunks(n).map(row).collect();
        let size = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if k >= n_times {
            sum += size.ln();
        }
        v = next.into_iter().map(|x| x / size).collect();
    }
    let rate = (sum / f64::from(n_times)).exp();
    (state, input, if rate > 0.0 { 3.0 / rate } else { 10.0 })
}

#[test]
fn errors_fall_with_the_stated_order() {
    let smooth = MODELS.iter().filter(|model| model.not_smooth.is_none());
    for spec in smooth {
        let name = spec.name;
        let (state, input, duration) = case(spec);
        let parameters = spec.defaults();
        let end = |integrator, n_steps| {
            let dt_ms = duration / n_steps as f64;
            Run {
                integrator,
                parameters: &parameters,
                state: &state,
                input: &input,
                dt_ms,
                n_steps,
            }
            .of(spec)
        };
        let exact = end(Integrator::Rk4, 1 << 14);
        for integrator in Integrator::ALL {
            // Few steps for the fourth order, whose errors soon drown in rounding; many for the first, whose next term is near.
            let is_chosen = CHOSEN.iter().any(|case| case.0 == name);
            let n = match integrator {
                Integrator::Rk4 if is_chosen => 256,
                Integrator::Rk4 => 160,
                _ => 1024,
            };
            let exponential = integrator == Integrator::ExponentialEuler;
            if name == "kuramoto" || name == "linear" && exponential {
                // Linear, and met in one step: what is left is the rounding of 2^14 steps.
                assert!(distance(&end(integrator, n), &exact) < 1e-10, "{name}");
                continue;
            }
            let order = order(|n| distance(&end(integrator, n), &exact), n);
            println!("{name}, {}: {order:.3}", integrator.name());
            let alone = exponential && state.len() == 1;
            let stated = if alone { 2.0 } else { stated_order(integrator) };
            assert!(
                (order - stated).abs() < ORDER_TOLERANCE,
                "{name}, {}: {order}",
                integrator.name()
            );
        }
    }
}

/// Without input and with `x_0 = r_0`, Stuart-Landau turns at `w`, and its radius obeys
/// `r^2 = a/(1 + (a/r_0^2 - 1) e^(-2 a t))`. So the orders above are of convergence to the right solution.
#[test]
fn stuart_landau_converges_to_its_closed_form() {
    let spec = model::find("stuart-landau").expect("a model of ours");
    let (a, w, r0, t) = (0.25, 1.0, 0.9, 6.0f64);
    let r = (a / (1.0 + (a / (r0 * r0) - 1.0) * (-2.0 * a * t).exp())).sqrt();
    let exact = [r * (w * t).cos(), r * (w * t).sin()];
    for integrator in Integrator::ALL {
        let error = |n_steps: usize| {
            let (state, dt_ms) = ([r0, 0.0], t / n_steps as f64);
            let run = Run {
                integrator,
                parameters: &[a, w],
                state: &state,
                input: &[0.0, 0.0],
                dt_ms,
                n_steps,
            };
            distance(&run.of(spec), &exact)
        };
        // Rounding drowns the fourth order's error sooner.
        let order = order(
            error,
            if integrator == Integrator::Rk4 {
                128
            } else {
                512
            },
        );
        println!(
            "{}: {order:.3}, error {:.1e}",
            integrator.name(),
            error(1024)
        );
        assert!(
            (order - stated_order(integrator)).abs() < ORDER_TOLERANCE,
            "{}: {order}",
            integrator.name()
        );
    }
}

/// `dx/dt = input - rate x`
fn linear() -> &'static Model {
    let text = r#"
        name = "leaky"
        summary = "a leaky integrator"
        equations = "dx/dt = x_ext - rate*x"
        [states]
        x = { unit = "1", meaning = "state" }
        [parameters]
        rate = { unit = "1/ms", default = 1.0, meaning = "leak" }
        [inputs]
        x_ext = { unit = "1/ms", meaning = "input" }
    "#;
    model::intern("leaky", text).expect("a sound text")
}

fn linear_step(
    integrator: Integrator,
    x: f64,
    input: f64,
    rate: f64,
    dt_ms: f64,
    kick: f64,
) -> f64 {
    integrator.advance(linear(), &[x], &[input], &[rate], dt_ms, &[Some(kick)])[0]
}

/// `x(t) = u + (x_0 - u) e^(-rate t)` with `u = input/rate`, whatever the step; also where the leak vanishes.
#[test]
fn exponential_euler_is_exact_for_a_linear_scalar_equation() {
    /// Rounding of the few operations of one step.
    const ROUNDING: f64 = 8.0 * f64::EPSILON;
    for (rate, input, x0) in [
        (0.7, 1.3, -2.0),
        (5.0, -0.4, 1.0),
        (-0.3, 0.1, 0.5),
        (1e-12, 0.25, 1.0),
    ] {
        for dt_ms in [1e-3, 0.1, 1.0, 7.0f64] {
            // x_0 e^(-z) + input dt (1 - e^(-z))/z
            let z = rate * dt_ms;
            let exact = x0 * (-z).exp() + input * dt_ms * (-(-z).exp_m1() / z);
            let found = linear_step(Integrator::ExponentialEuler, x0, input, rate, dt_ms, 0.0);
            // The step adds a difference to x_0, so it rounds at the size of x_0, however small the result.
            let scale = x0.abs().max(exact.abs());
            assert!(
                (found - exact).abs() <= ROUNDING * scale,
                "rate {rate}, dt {dt_ms}: {found} {exact}"
            );
            let plain = linear_step(Integrator::Euler, x0, input, 0.0, dt_ms, 0.0);
            let no_leak = linear_step(Integrator::ExponentialEuler, x0, input, 0.0, dt_ms, 0.0);
            assert_eq!(no_leak, plain, "without a leak it is Euler's method");
        }
    }
}

/// The threshold-linear model is linear in each state, so exponential Euler needs no small step for it: at ten times its time constants
/// it is where the closed form is.
#[test]
fn exponential_euler_is_exact_for_threshold_linear() {
    let spec = model::find("threshold-linear").expect("a model of ours");
    let parameters = spec.defaults();
    let [tau_e, tau_i, beta_e, beta_i] = parameters[..] else {
        panic!("four parameters")
    };
    let run = Run {
        integrator: Integrator::ExponentialEuler,
        parameters: &parameters,
        state: &[1.0, 0.5],
        input: &[10.0, 5.0],
        dt_ms: 0.1,
        n_steps: 3,
    };
    let exact = |x0: f64, u: f64, tau: f64| u + (x0 - u) * (-0.3 / tau).exp();
    let exact = [
        exact(1.0, beta_e * 10.0, tau_e),
        exact(0.5, beta_i * 5.0, tau_i),
    ];
    assert!(distance(&run.of(spec), &exact) < 1e-14, "{exact:?}");
}

/// Weak order on `dx = -rate x dt + sigma dW`, without sampling: a step is `x' = A x + B kick`, so the variance obeys
/// `v' = A^2 v + B^2 sigma^2 dt` and its stationary value is `B^2 sigma^2 dt/(1 - A^2)`, to be compared with `sigma^2/(2 rate)`.
/// `A` and `B` are what the integrator does to a unit state and to a unit kick.
#[test]
fn the_stationary_variance_has_the_stated_weak_order() {
    let (rate, sigma) = (0.8, 0.3);
    for (integrator, stated) in [
        (Integrator::Euler, 1.0),
        (Integrator::ExponentialEuler, 1.0),
        (Integrator::Rk4, 1.0),
        (Integrator::Heun, 2.0),
    ] {
        let error = |n_steps: usize| {
            let dt_ms = 1.0 / n_steps as f64;
            let a = linear_step(integrator, 1.0, 0.0, rate, dt_ms, 0.0);
            let b = linear_step(integrator, 0.0, 0.0, rate, dt_ms, 1.0);
            let variance = b * b * sigma * sigma * dt_ms / (1.0 - a * a);
            (variance - sigma * sigma / (2.0 * rate)).abs()
        };
        let order = order(error, 64);
        println!("{}: weak order {order:.3}", integrator.name());
        assert!(
            (order - stated).abs() < ORDER_TOLERANCE,
            "{}: {order}",
            integrator.name()
        );
    }
}

/// Strong order on `dx = (input - rate x) dt + sigma dW`: the mean distance, over paths of the same Brownian motion, between a coarse
/// and a very fine step. Fixed seeds.
#[test]
fn noisy_paths_converge_strongly_with_order_one() {
    const PATHS: u32 = 400;
    const FINEST: usize = 1 << 11;
    let (rate, input, sigma, x0) = (1.1, 0.4, 0.5, 1.0);
    for integrator in Integrator::ALL {
        let mut errors = [0.0; 2];
        for path in 0..PATHS {
            let mut rng = Philox::new(11, path, 0);
            let scale = (1.0 / FINEST as f64).sqrt();
            let increments: Vec<f64> = (0..FINEST)
                .map(|_| {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    z * scale
                })
                .collect();
            let end = |n_steps: usize| {
                let dt_ms = 1.0 / n_steps as f64;
                increments
                    .chunks(FINEST / n_steps)
                    .fold(x0, |x, increments| {
                        linear_step(
                            integrator,
                            x,
                            input,
                            rate,
                            dt_ms,
                            sigma * increments.iter().sum::<f64>(),
                        )
                    })
            };
            let exact = end(FINEST);
            for (error, n_steps) in errors.iter_mut().zip([16, 32]) {
                *error += (end(n_steps) - exact).abs() / f64::from(PATHS);
            }
        }
        let order = (errors[0] / errors[1]).log2();
        println!(
            "{}: strong order {order:.3}, errors {:.1e} {:.1e}",
            integrator.name(),
            errors[0],
            errors[1]
        );
        assert!(
            (order - 1.0).abs() < ORDER_TOLERANCE,
            "{}: {order}",
            integrator.name()
        );
    }
}

/// Heun's corrector receives the same kick as its predictor: a kick `k` from rest ends at `k (1 - z/2)`, `z = rate dt`; the others end at `k`.
#[test]
fn heuns_predictor_receives_the_kick() {
    let (rate, dt_ms) = (0.8, 0.25);
    for integrator in Integrator::ALL {
        let found = linear_step(integrator, 0.0, 0.0, rate, dt_ms, 1.0);
        let expected = if integrator == Integrator::Heun {
            1.0 - rate * dt_ms / 2.0
        } else {
            1.0
        };
        assert!(
            (found - expected).abs() < f64::EPSILON,
            "{}: {found}",
            integrator.name()
        );
    }
}

/// Where the drift vanishes, no integrator moves: to the rounding of the drift at that point, far below f32.
#[test]
fn equilibria_are_fixed_points_of_every_integrator() {
    const ROUNDING: f64 = 1e-14;
    for spec in MODELS.iter() {
        // Phases that turn are never at rest; and Newton's method here feeds states back, not outputs.
        let feeds_outputs = spec
            .feedback
            .iter()
            .any(|feedback| feedback.state().is_none());
        if spec.name == "kuramoto" || feeds_outputs {
            continue;
        }
        let parameters = spec.defaults();
        // Inputs at which Newton's method finds a state from rest.
        let input = if CHOSEN.iter().any(|case| case.0 == spec.name) {
            0.4
        } else {
            0.0
        };
        let external = vec![input; spec.inputs.len()];
        let equilibrium = equilibrium(spec, &parameters, &external);
        let size = equilibrium.iter().fold(1.0f64, |most, x| most.max(x.abs()));
        let input = with_feedback(spec, &external, &equilibrium);
        for integrator in Integrator::ALL {
            for dt_ms in [0.001, 0.1] {
                // Threshold-linear's time constants are below 0.1 ms, where no explicit method is of use.
                let dt_ms = if spec.name == "threshold-linear" {
                    0.05 * dt_ms
                } else {
                    dt_ms
                };
                let (state, n_steps) = (&equilibrium[..], 1);
                let next = Run {
                    integrator,
                    parameters: &parameters,
                    state,
                    input: &input,
                    dt_ms,
                    n_steps,
                }
                .of(spec);
                let moved = distance(&next, &equilibrium);
                assert!(
                    moved < ROUNDING * size,
                    "{}, {}, dt {dt_ms}: {moved:e}",
                    spec.name,
                    integrator.name()
                );
            }
        }
    }
}

/// The input of each state and, for models that feed a state back, that state at rest.
fn with_feedback(spec: &Model, external: &[f64], state: &[f64]) -> Vec<f64> {
    external
        .iter()
        .copied()
        .chain(
            spec.feedback
                .iter()
                .filter_map(|feedback| feedback.state())
                .map(|s| state[s]),
        )
        .collect()
}

/// An equilibrium: Newton's method, from the first start that leads somewhere.
fn equilibrium(spec: &Model, parameters: &[f64], external: &[f64]) -> Vec<f64> {
    let coefficients = spec.prepare(parameters);
    let drift =
        |state: &[f64]| spec.drift(state, &with_feedback(spec, external, state), &coefficients);
    let n = spec.states.len();
    let start: Vec<f64> = spec.states.iter().map(|state| state.start).collect();
    let mut starts: Vec<Vec<f64>> = [0.1, -2.0, 1.0, 10.0].iter().map(|&x| vec![x; n]).collect();
    starts.insert(0, vec![0.1; n]);
    starts[1][0] = -2.0;
    starts.push(start);
    // As near to 0 as the size of the terms lets it be.
    let is_at_rest = |state: &[f64]| {
        let size = state.iter().fold(1.0f64, |most, x| most.max(x.abs()));
        drift(state).iter().all(|f| f.abs() < 1e-13 * size)
    };
    let ends = starts.into_iter().map(|start| newton(&drift, start));
    ends.into_iter()
        .find(|end| is_at_rest(end))
        .unwrap_or_else(|| panic!("{}: no equilibrium found", spec.name))
}

/// Newton's method with central differences, the fed-back state moving along.
fn newton(drift: &impl Fn(&[f64]) -> Vec<f64>, mut state: Vec<f64>) -> Vec<f64> {
    const WIDTH: f64 = 1e-6;
    let n = state.len();
    for _ in 0..100 {
        let columns: Vec<Vec<f64>> = (0..n)
            .map(|k| {
                let shifted = |by: f64| {
                    let mut state = state.clone();
                    state[k] += by;
                    drift(&state)
                };
                let (up, down) = (shifted(WIDTH), shifted(-WIDTH));
                (0..n)
                    .map(|row| (up[row] - down[row]) / (2.0 * WIDTH))
                    .collect()
            })
            .collect();
        let f = drift(&state);
        let mut rows: Vec<Vec<f64>> = (0..n)
            .map(|row| columns.iter().map(|c| c[row]).chain([f[row]]).collect())
            .collect();
        // Elimination with the largest pivot of each column.
        for k in 0..n {
            let pivot = (k..n).max_by(|&a, &b| rows[a][k].abs().total_cmp(&rows[b][k].abs()));
            rows.swap(k, pivot.expect("a row is left"));
            let pivot = rows[k].clone();
            for (_, row) in rows.iter_mut().enumerate().filter(|(row, _)| *row != k) {
                let factor = row[k] / pivot[k];
                for (entry, by) in row.iter_mut().zip(&pivot).skip(k) {
                    *entry -= factor * by;
                }
            }
        }
        for (k, x) in state.iter_mut().enumerate() {
            *x -= rows[k][n] / rows[k][k];
        }
    }
    state
}
