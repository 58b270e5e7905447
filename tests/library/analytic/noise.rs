//! Moments of noisy linear systems. Seeds are fixed; tolerances are standard errors of the estimates, with their formula.

use brainsweep::backend::Backend;
use brainsweep::connectome::{Connectome, synthetic};
use brainsweep::integrator::Integrator;
use brainsweep::plan::Plan;
use brainsweep::study::{NoiseKind, NoiseScheme, Study, Values};
use ndarray::{Array2, ArrayView2, Axis, s};

use super::{common, linear};

/// Standard errors that an estimate may lie off. Of a few hundred estimates here, chance takes none this far.
const STANDARD_ERRORS: f64 = 4.5;
/// The same for variances that a scheme of the noise promises.
const VARIANCE_ERRORS: f64 = 3.0;

each_backend! {
    /// The Ornstein-Uhlenbeck input X itself, under Euler's scheme and under the exact one.
    fn ornstein_uhlenbeck_input_has_its_moments(backend) {
        ornstein_uhlenbeck(backend, NoiseScheme::Euler);
        ornstein_uhlenbeck(backend, NoiseScheme::Exact);
    }

    /// White noise on a leaky node in steps as long as a tenth and a half of its time constant, under both schemes.
    fn white_noise_on_a_leaky_node_has_its_moments(backend) {
        for z in [0.1, 0.5] {
            leaky(backend, z, NoiseScheme::Euler);
            leaky(backend, z, NoiseScheme::Exact);
        }
    }

    /// Nodes, states, simulations of one seed, and seeds have noise of their own. Nodes p and p + n/2 share a block of random words, and so do
    /// simulations side by side: those are compared, and neighbours.
    fn noise_is_independent_between_nodes_simulations_and_seeds(backend) {
        let (n_nodes, n_steps) = (16, 4000);
        let white = |seed, simulation| {
            // With rate 1/dt a state holds the last kick: x' = x + dt (-x/dt) + sigma sqrt(dt) z.
            let mut study = linear(Connectome::uncoupled(n_nodes), 8.0, 0.125, n_steps);
            study.protocol.seed = seed;
            study.protocol.simulation = simulation;
            study.noise.kind = NoiseKind::White;
            study.noise.sigma[0] = Values::Uniform(8f64.sqrt());
            study
        };
        let connectome = white(0, 0).connectome;
        let studies: Vec<Study> = [(0, 0), (0, 1), (1, 0), (1 << 32, 0)]
            .map(|(seed, simulation)| Study { connectome: connectome.clone(), ..white(seed, simulation) })
            .into();
        let runs = common::run(backend, &Plan::batch(&studies).expect("sound studies"));
        let columns: Vec<Vec<f64>> = runs
            .iter()
            .flat_map(|run| (0..n_nodes).map(|node| run.samples.slice(s![.., 0, node]).mapv(f64::from).to_vec()))
            .collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n_steps as f64;
        let standard_error = 1.0 / (n_steps as f64).sqrt();
        let (mut worst, mut n_pairs) = (0.0f64, 0);
        for (k, a) in columns.iter().enumerate() {
            // The variance of z^2 is 2.
            assert!((product(a, a) - 1.0).abs() < STANDARD_ERRORS * 2f64.sqrt() * standard_error, "column {k}");
            for b in &columns[..k] {
                worst = worst.max(product(a, b).abs() / standard_error);
                n_pairs += 1;
            }
        }
        println!("largest of {n_pairs} correlations: {worst:.2} standard errors");
        assert!(worst < STANDARD_ERRORS, "{worst} standard errors");
    }

    /// White noise through a diffusive network: `x' = A x + sigma sqrt(dt) z`, `A = 1 + dt (-rate + g (W - diag(row sums)))`.
    fn a_diffusive_network_has_its_covariance(backend) {
        covariance(backend, "diffusive");
    }

    /// The same through an additive one: `A = 1 + dt (-rate + g W)`.
    fn an_additive_network_has_its_covariance(backend) {
        covariance(backend, "additive");
    }
}

/// With `rate = 1/dt`, `x' = x + dt (-x/dt + X) = dt X`, so x holds the X of the step before.
///
/// Euler: `X' = X + (mean - X) k + sigma sqrt(dt) z`, `k = dt/tau`, has mean `mean`, variance `sigma^2 dt/(1 - (1 - k)^2)` and
/// autocorrelation `(1 - k)^lag`. The process itself, and so the exact scheme, has variance `sigma^2 tau/2` and autocorrelation
/// `e^(-lag dt/tau)`.
fn ornstein_uhlenbeck(backend: &dyn Backend, scheme: NoiseScheme) {
    let (dt_ms, tau, mean, sigma) = (0.125f64, 1.0, 0.25, 0.5);
    let (n_nodes, n_steps, transient) = (512, 2000, 160);
    let mut study = linear(Connectome::uncoupled(n_nodes), 1.0 / dt_ms, dt_ms, n_steps);
    study.noise.kind = NoiseKind::OrnsteinUhlenbeck;
    study.noise.scheme = scheme;
    study.noise.tau = tau;
    study.noise.mean[0] = Values::Uniform(mean);
    study.noise.sigma[0] = Values::Uniform(sigma);
    let samples = samples(backend, &study);
    // X starts at its mean.
    assert_eq!(samples[[0, 0]], dt_ms * mean);
    let x = samples
        .slice(s![transient.., ..])
        .mapv(|x| x / dt_ms - mean);
    let n = x.len() as f64;
    let limit = sigma * sigma * tau / 2.0;
    let (decay, variance) = match scheme {
        NoiseScheme::Euler => {
            let decay = 1.0 - dt_ms / tau;
            (decay, sigma * sigma * dt_ms / (1.0 - decay * decay))
        }
        NoiseScheme::Exact => ((-dt_ms / tau).exp(), limit),
    };
    // Standard errors: the mean's is sqrt(variance sum_l rho^|l| / n), the variance's variance sqrt(2 sum_l rho^2|l| / n).
    let sum = |rho: f64| (1.0 + rho) / (1.0 - rho);
    let mean_error = (variance * sum(decay) / n).sqrt();
    let variance_error = variance * (2.0 * sum(decay * decay) / n).sqrt();
    let found_mean = x.mean().expect("numbers");
    let found = |lag: usize| autocovariance(&x, lag);
    println!(
        "{scheme:?}: mean off by {found_mean:.1e} +- {mean_error:.1e}, variance {:.5} of {variance:.5} +- {variance_error:.5}",
        found(0)
    );
    assert!(found_mean.abs() < STANDARD_ERRORS * mean_error);
    assert!((found(0) - variance).abs() < VARIANCE_ERRORS * variance_error);
    // The limit of small steps is nearer than the step is long, relative to tau.
    assert!((found(0) / limit - 1.0).abs() < dt_ms / tau);
    // The two schemes are told apart.
    let bias = (dt_ms / tau) / (2.0 - dt_ms / tau) * limit;
    assert!(bias > 10.0 * variance_error);
    for lag in [1, 4, 8, 16] {
        let expected = variance * decay.powi(lag as i32);
        // An autocovariance is never less certain than the variance.
        assert!(
            (found(lag) - expected).abs() < STANDARD_ERRORS * variance_error,
            "lag {lag}: {} {expected}",
            found(lag)
        );
    }
}

/// `dx = -rate x dt + sigma dW` by exponential Euler, `x' = e^(-z) x + kick` with `z = rate dt`, has the autocorrelation `e^(-z lag)`.
///
/// With Euler's kick, `sigma sqrt(dt) N(0, 1)`, the variance is `sigma^2 dt/(1 - e^(-2 z))`: 1.10 and 1.58 times the equation's
/// `sigma^2/(2 rate)` where z is 0.1 and 0.5. With the exact kick it is the equation's.
fn leaky(backend: &dyn Backend, z: f64, scheme: NoiseScheme) {
    let (dt_ms, sigma) = (0.25, 0.5);
    let (n_nodes, n_steps, transient) = (512, 2000, 200);
    let rate = z / dt_ms;
    let mut study = linear(Connectome::uncoupled(n_nodes), rate, dt_ms, n_steps);
    study.integrator = Integrator::ExponentialEuler;
    study.noise.kind = NoiseKind::White;
    study.noise.scheme = scheme;
    study.noise.sigma[0] = Values::Uniform(sigma);
    let x = samples(backend, &study);
    let x = x.slice(s![transient.., ..]).to_owned();
    let decay = (-z).exp();
    let limit = sigma * sigma / (2.0 * rate);
    let ratio = match scheme {
        NoiseScheme::Euler => 2.0 * z / (1.0 - decay * decay),
        NoiseScheme::Exact => 1.0,
    };
    let variance = ratio * limit;
    let sum = (1.0 + decay * decay) / (1.0 - decay * decay);
    let error = variance * (2.0 * sum / x.len() as f64).sqrt();
    let found = [0, 1, 4].map(|lag| autocovariance(&x, lag));
    println!(
        "{scheme:?}, z {z}: variance {:.4} times the equation's, {ratio:.4} +- {:.4}",
        found[0] / limit,
        error / limit
    );
    for (lag, found) in [0, 1, 4].into_iter().zip(found) {
        let expected = variance * decay.powi(lag);
        assert!(
            (found - expected).abs() < VARIANCE_ERRORS * error,
            "{scheme:?}, z {z}, lag {lag}: {found} {expected} +- {error}"
        );
    }
}

/// x over time, `[n_samples, n_nodes]`.
fn samples(backend: &dyn Backend, study: &Study) -> Array2<f64> {
    let plan = Plan::new(study).expect("a sound study");
    let run = common::run(backend, &plan).remove(0);
    run.samples.slice(s![.., 0, ..]).mapv(f64::from)
}

/// The mean product of x, `[n_samples, n_nodes]`, with itself `lag` samples later.
fn autocovariance(x: &Array2<f64>, lag: usize) -> f64 {
    let (early, late) = (x.slice(s![..x.nrows() - lag, ..]), x.slice(s![lag.., ..]));
    early.iter().zip(late).map(|(a, b)| a * b).sum::<f64>() / early.len() as f64
}

/// The covariance P of `x' = A x + sigma sqrt(dt) z` solves Lyapunov's equation `P = A P A^T + sigma^2 dt`.
fn covariance(backend: &dyn Backend, kind: &str) {
    const N: usize = 6;
    let (rate, g, sigma, dt_ms) = (0.6, 0.25, 0.4, 0.25);
    let (n_simulations, n_steps, transient) = (32, 2000, 200);
    let connectome = synthetic::random(N, 0.7, 100.0, 5);
    let mut drift = g * &connectome.weights;
    for (node, row) in connectome.weights.outer_iter().enumerate() {
        drift[[node, node]] = -rate
            - if kind == "diffusive" {
                g * row.sum()
            } else {
                0.0
            };
    }
    let a = Array2::eye(N) + dt_ms * drift;
    let p = stationary_covariance(&a, sigma * sigma * dt_ms);

    let mut study = linear(connectome, rate, dt_ms, n_steps);
    common::couple(&mut study, kind);
    study.set_g(g);
    study.coupling.conduction_speed = f64::INFINITY;
    study.noise.kind = NoiseKind::White;
    study.noise.sigma[0] = Values::Uniform(sigma);
    let studies: Vec<Study> = (0..n_simulations)
        .map(|simulation| {
            let mut study = study.clone();
            study.protocol.simulation = simulation;
            study
        })
        .collect();
    let mut found = Array2::<f64>::zeros((N, N));
    for run in common::run(backend, &Plan::batch(&studies).expect("sound studies")) {
        let x = run.samples.slice(s![transient.., 0, ..]).mapv(f64::from);
        let x: Array2<f64> = x;
        found += &(x.t().dot(&x) / (x.nrows() as f64 * f64::from(n_simulations)));
    }

    // Isserlis: var of the mean of x_i x_j over n samples is sum_l (P_ii(l) P_jj(l) + P_ij(l) P_ji(l)) / n, P(l) = A^l P.
    let n = ((n_steps - transient) as f64) * f64::from(n_simulations);
    let mut variance = Array2::<f64>::zeros((N, N));
    let mut lagged = p.clone();
    for lag in 0..400 {
        let twice = if lag == 0 { 1.0 } else { 2.0 };
        for ((i, j), v) in variance.indexed_iter_mut() {
            *v += twice * (lagged[[i, i]] * lagged[[j, j]] + lagged[[i, j]] * lagged[[j, i]]) / n;
        }
        lagged = a.dot(&lagged);
    }
    let off = (&found - &p) / variance.mapv(f64::sqrt);
    let worst = off.iter().fold(0.0, |worst: f64, off| worst.max(off.abs()));
    println!(
        "{kind}: largest of {} deviations: {worst:.2} standard errors",
        N * N
    );
    println!(
        "standard error of P_00: {:.1}%",
        100.0 * variance[[0, 0]].sqrt() / p[[0, 0]]
    );
    assert!(
        worst < STANDARD_ERRORS,
        "{worst} standard errors\nfound\n{found:.4}\nexpected\n{p:.4}"
    );
    // The comparison can tell the network from its mirror image.
    let mirrored = (&stationary_covariance(&mirror(&a, kind, rate, dt_ms), sigma * sigma * dt_ms)
        - &p)
        / variance.mapv(f64::sqrt);
    assert!(
        mirrored.iter().any(|off| off.abs() > 2.0 * STANDARD_ERRORS),
        "{mirrored:.1}"
    );
}

/// `A` of the network whose connections run the other way.
fn mirror(a: &Array2<f64>, kind: &str, rate: f64, dt_ms: f64) -> Array2<f64> {
    let mut mirrored = a.t().to_owned();
    mirrored.diag_mut().fill(0.0);
    let row_sums = mirrored.sum_axis(Axis(1));
    let own = if kind == "diffusive" { 1.0 } else { 0.0 };
    for (node, sum) in row_sums.iter().enumerate() {
        mirrored[[node, node]] = 1.0 - dt_ms * rate - own * sum;
    }
    mirrored
}

/// `P = sum_k A^k Q (A^k)^T`, `Q = q` times the identity, by doubling: P becomes `P + A P A^T`, A becomes `A^2`.
fn stationary_covariance(a: &Array2<f64>, q: f64) -> Array2<f64> {
    let mut power = a.clone();
    let mut p: Array2<f64> = q * Array2::eye(a.nrows());
    for _ in 0..20 {
        p = &p + &power.dot(&p).dot(&power.t());
        power = power.dot(&power);
    }
    let left: ArrayView2<f64> = p.view();
    let residual = &left - &(a.dot(&left).dot(&a.t()) + q * Array2::eye(a.nrows()));
    assert!(
        residual.iter().all(|r| r.abs() < 1e-12),
        "Lyapunov's equation is not solved: {residual}"
    );
    p
}
