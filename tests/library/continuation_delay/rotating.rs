//! Bifurcations of cycles with delays in closed form: oscillators that turn evenly and hear themselves, or each other, late.
//!
//! `z' = (mu + i w + b |z|^2 + c |z|^4) z + K z(t - delay)` has the orbits `z = R e^(i Omega t)` with `Omega = w - K sin(Omega delay)`
//! and `mu = -b R^2 - c R^4 - K cos(Omega delay)`. With `kappa = K e^(-i Omega delay)` and `S = 2 b R^2 + 4 c R^4` a perturbation
//! `R (1 + u) e^(i Omega t)`, `u` like `e^(lambda t)`, has
//!
//! ```text
//! (lambda - S - kappa_r E)(lambda - kappa_r E) + kappa_i^2 E^2 = 0,   E = e^(-lambda delay) - 1,
//! ```
//!
//! and a multiplier is `e^(2 pi lambda / Omega)`. Of two that hear each other instead of themselves, perturbations against each other
//! have `E = -e^(-lambda delay) - 1`.

use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use brainsweep::connectome::Connectome;
use brainsweep::continuation::EventKind;
use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::delay::orbit::{JudgedOrbit, OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::model;
use brainsweep::study::{Study, Values};
use num_complex::Complex64;

use super::events;

const ONE: &str = r#"
    name = "turning"
    summary = "an oscillator that hears itself late"
    equations = """
    square = x*x + y*y
    growth = mu + (b + c*square)*square
    dx/dt = growth*x - w*y + K*delayed(x, delay) + x_ext
    dy/dt = growth*y + w*x + K*delayed(y, delay)
    """
    [states]
    x = { unit = "1", meaning = "real part" }
    y = { unit = "1", meaning = "imaginary part" }
    [parameters]
    mu = { unit = "1/ms", default = 0.0, meaning = "growth" }
    b = { unit = "1/ms", default = -1.0, meaning = "of the square" }
    c = { unit = "1/ms", default = 0.0, meaning = "of the fourth power" }
    w = { unit = "rad/ms", default = 1.0, meaning = "frequency" }
    K = { unit = "1/ms", default = 0.0, meaning = "of what is heard" }
    delay = { unit = "ms", default = 1.0, meaning = "delay" }
    [inputs]
    x_ext = { unit = "1/ms", meaning = "input" }
"#;

const TWO: &str = r#"
    name = "two-turning"
    summary = "two oscillators that hear each other late"
    equations = """
    growth = mu - x*x - y*y
    dx/dt = growth*x - w*y + K*delayed(u, delay) + x_ext
    dy/dt = growth*y + w*x + K*delayed(v, delay)
    other = mu - u*u - v*v
    du/dt = other*u - w*v + K*delayed(x, delay)
    dv/dt = other*v + w*u + K*delayed(y, delay)
    """
    [states]
    x = { unit = "1", meaning = "real part of one" }
    y = { unit = "1", meaning = "imaginary part of one" }
    u = { unit = "1", meaning = "real part of the other" }
    v = { unit = "1", meaning = "imaginary part of the other" }
    [parameters]
    mu = { unit = "1/ms", default = 0.0, meaning = "growth" }
    w = { unit = "rad/ms", default = 1.0, meaning = "frequency" }
    K = { unit = "1/ms", default = 0.0, meaning = "of what is heard" }
    delay = { unit = "ms", default = 1.0, meaning = "delay" }
    [inputs]
    x_ext = { unit = "1/ms", meaning = "input" }
"#;

/// What a multiplier leaves of the closed form: 9e-8 was seen at most. Of smaller multipliers the collocation knows fewer digits.
const MULTIPLIER: f64 = 1e-6;

/// What is heard, and the frequency of the orbits near `guess`.
struct Turning {
    strength: f64,
    delay: f64,
    omega: f64,
    kappa: Complex64,
}

impl Turning {
    fn new(strength: f64, delay: f64, guess: f64) -> Self {
        let mut omega = guess;
        for _ in 0..50 {
            let off = omega - 1.0 + strength * (omega * delay).sin();
            omega -= off / (1.0 + strength * delay * (omega * delay).cos());
        }
        let kappa = Complex64::from_polar(strength, -omega * delay);
        Self {
            strength,
            delay,
            omega,
            kappa,
        }
    }

    /// What a perturbation has to make 0.
    fn characteristic(&self, lambda: Complex64, slope: f64, heard: f64) -> Complex64 {
        let late = (-lambda * self.delay).exp() * heard - 1.0;
        let own = lambda - late * self.kappa.re;
        (own - slope) * own + late * late * self.kappa.im.powi(2)
    }

    /// The branch of orbits in `mu`, with their stability; every change of stability is explained.
    fn orbits(&self, text: &str, [b, c]: [f64; 2], range: (f64, f64)) -> Vec<JudgedOrbit> {
        let name = text.lines().nth(1).unwrap().split('"').nth(1).unwrap();
        let model = model::intern(name, text).unwrap();
        let mut study = Study::new(model, Arc::new(Connectome::uncoupled(1)));
        let numbers = [
            ("b", b),
            ("c", c),
            ("K", self.strength),
            ("delay", self.delay),
        ];
        for (name, value) in numbers {
            if let Some(at) = model.parameters.iter().position(|p| p.name == name) {
                study.parameters[at] = Values::Uniform(value);
            }
        }
        let network = Network::new(&study, "parameters.mu").unwrap();
        let start = vec![0.0; model.states.len()];
        let found = events(&network, &start, NetworkBranchSettings::new(range));
        let mine = found
            .iter()
            .find(|event| (event.root.lambda.im - self.omega).abs() < 1e-9)
            .unwrap();
        assert!((mine.equilibrium.p + self.kappa.re).abs() < 1e-9);
        let mut settings = OrbitSettings::new(range);
        settings.max_points = 200;
        let orbits = OrbitBranch::from_hopf(&network, mine, settings).unwrap();
        let orbits: Vec<_> = orbits.judged().map(Result::unwrap).collect();
        assert!(orbits.iter().all(|judged| judged.is_explained));
        orbits
    }

    /// Every multiplier above a half is one of the closed form's.
    fn check(&self, judged: &JudgedOrbit, slope: f64, heard: &[f64]) {
        let multipliers = judged.multipliers.as_ref().unwrap();
        assert!((judged.orbit.omega - self.omega).abs() < 1e-9);
        for m in multipliers.values.iter().filter(|m| m.norm() > 0.5) {
            // The logarithm is one of many.
            let turns = (-4..=4).map(|k| m.ln() + Complex64::new(0.0, TAU * k as f64));
            let lambdas = turns.map(|log| log * (self.omega / TAU));
            let off = lambdas.flat_map(|lambda| {
                heard
                    .iter()
                    .map(move |&heard| self.characteristic(lambda, slope, heard).norm())
            });
            let off = off.fold(f64::INFINITY, f64::min);
            assert!(off < MULTIPLIER, "{m} misses by {off:e}");
        }
    }
}

fn bifurcations(orbits: &[JudgedOrbit]) -> Vec<(EventKind, f64, [usize; 2])> {
    let events = orbits.iter().flat_map(|judged| &judged.events);
    events.map(|e| (e.kind, e.orbit.p, e.n_unstable)).collect()
}

/// From a subcritical Hopf point orbits go back to where R^2 = 1/2.
#[test]
fn orbits_turn_at_their_fold() {
    let turning = Turning::new(0.3, 2.0, 0.7);
    let orbits = turning.orbits(ONE, [1.0, -1.0], (-0.6, 0.4));
    let [(kind, mu, n_unstable)] = bifurcations(&orbits)[..] else {
        panic!("{:?}", bifurcations(&orbits));
    };
    assert_eq!((kind, n_unstable), (EventKind::CycleFold, [1, 0]));
    assert!((mu + 0.25 + turning.kappa.re).abs() < 1e-8, "{mu}");
    for judged in [&orbits[3], &orbits[orbits.len() - 1]] {
        // R^4 - R^2 = mu + kappa_r, below and above the fold.
        let square = judged.orbit.amplitudes(2)[0].powi(2);
        assert!((square * square - square - judged.orbit.p - turning.kappa.re).abs() < 1e-8);
        turning.check(judged, 2.0 * square - 4.0 * square * square, &[1.0]);
    }
}

/// The orbits of the second Hopf point are unstable at first. They become stable where a pair of multipliers enters the unit circle.
#[test]
fn orbits_become_stable_at_a_torus_point() {
    let turning = Turning::new(0.8, 3.0, 1.72);
    // On the axis the closed form gives a slope S for every frequency; it belongs to an orbit where it is real.
    let slope = |nu: f64| -> Complex64 {
        let lambda = Complex64::new(0.0, nu);
        let late = (-lambda * turning.delay).exp() - 1.0;
        let own = lambda - late * turning.kappa.re;
        own + late * late * turning.kappa.im.powi(2) / own
    };
    let (mut low, mut high) = (1.3, 1.5);
    assert!(slope(low).im * slope(high).im < 0.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle).im * slope(low).im > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let square = -0.5 * slope(low).re;
    let orbits = turning.orbits(ONE, [-1.0, 0.0], (-0.6, 0.1));
    let [(kind, mu, n_unstable)] = bifurcations(&orbits)[..] else {
        panic!("{:?}", bifurcations(&orbits));
    };
    assert_eq!((kind, n_unstable), (EventKind::Torus, [2, 0]));
    assert!((mu - square + turning.kappa.re).abs() < 1e-7, "{mu}");
    let event = orbits
        .iter()
        .flat_map(|judged| &judged.events)
        .next()
        .unwrap();
    let angle = (low * TAU / turning.omega).rem_euclid(TAU);
    let angle = angle.min(TAU - angle);
    let found = event.multipliers.values.iter().map(|m| m.arg());
    assert!(found.map(|a| (a - angle).abs()).fold(PI, f64::min) < 1e-6);
    for judged in [&orbits[3], &orbits[orbits.len() - 1]] {
        let square = judged.orbit.p + turning.kappa.re;
        turning.check(judged, -2.0 * square, &[1.0]);
    }
}

/// Two oscillators that turn together: there R^2 = |kappa|^2 / -kappa_r one mode against each other stands still.
#[test]
fn orbits_of_two_alike_have_a_branch_point() {
    let turning = Turning::new(0.5, 3.0, 0.93);
    let orbits = turning.orbits(TWO, [0.0, 0.0], (-0.6, 1.5));
    let square = turning.kappa.norm_sqr() / -turning.kappa.re;
    let found = bifurcations(&orbits);
    let near = |&&(kind, mu, _): &&(EventKind, f64, [usize; 2])| {
        kind == EventKind::BranchPoint && (mu - square + turning.kappa.re).abs() < 1e-7
    };
    assert_eq!(found.iter().filter(near).count(), 1, "{found:?}");
    for judged in [&orbits[3], &orbits[orbits.len() - 1]] {
        let square = judged.orbit.p + turning.kappa.re;
        turning.check(judged, -2.0 * square, &[1.0, -1.0]);
    }
}
