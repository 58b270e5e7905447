//! Floquet multipliers of orbits with delays.

use std::sync::Arc;

use brainsweep::connectome::Connectome;
use brainsweep::continuation::EventKind;
use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::model;
use brainsweep::study::{Start, Study, Values};

use super::closed_forms::HUTCHINSON;
use super::events;

/// Mackey & Glass (1977), Science 197, 287.
pub const MACKEY_GLASS: &str = r#"
    name = "mackey-glass"
    summary = "production that feels the past, and decay"
    equations = """
    late = delayed(x, delay)
    dx/dt = beta*late/(1 + exp(n*log(late))) - gamma*x + x_ext
    """
    [states]
    x = { unit = "1", meaning = "concentration" }
    [parameters]
    beta = { unit = "1/ms", default = 0.2, meaning = "production" }
    gamma = { unit = "1/ms", default = 0.1, meaning = "decay" }
    n = { unit = "1", default = 10.0, meaning = "steepness" }
    delay = { unit = "ms", default = 6.0, meaning = "delay" }
    [inputs]
    x_ext = { unit = "1/ms", meaning = "input" }
"#;

/// One node that starts at 1.
pub fn study(name: &str, text: &str) -> Study {
    let mut study = Study::new(
        model::intern(name, text).unwrap(),
        Arc::new(Connectome::uncoupled(1)),
    );
    study.initial.state[0] = Start::Given(Values::Uniform(1.0));
    study
}

/// Farmer (1982, Physica D 4, 366) prints that the period doubles at a delay of 13.3.
/// Computed for this project by another method, Hill's determinant over series that change their sign from one period to the next:
/// 13.249215258, where the period is 39.196496081 ms.
#[test]
fn the_mackey_glass_equation_doubles_its_period() {
    let study = study("mackey-glass", MACKEY_GLASS);
    let network = Network::new(&study, "parameters.delay").unwrap();
    let found = events(&network, &[1.0], NetworkBranchSettings::new((3.0, 5.0)));
    // x = 1 is the equilibrium; the delayed term has the slope (1 - n/2) beta/2 = -0.4 there, decay 0.1:
    // omega^2 = 0.4^2 - 0.1^2, and cos(omega delay) = -1/4.
    let omega = 0.15f64.sqrt();
    assert_eq!(found.len(), 1);
    let hopf = (-0.25f64).acos() / omega;
    assert!((found[0].equilibrium.p - hopf).abs() < 1e-9);
    let mut settings = OrbitSettings::new((3.0, 14.0));
    settings.step_max = 0.5;
    settings.tail = 1e-7;
    let orbits = OrbitBranch::from_hopf(&network, &found[0], settings).unwrap();
    let orbits: Vec<_> = orbits.judged().map(Result::unwrap).collect();
    assert!(orbits.iter().all(|judged| judged.is_explained));
    let doublings: Vec<_> = orbits.iter().flat_map(|judged| &judged.events).collect();
    let [doubling] = doublings[..] else {
        panic!("{doublings:?}");
    };
    assert_eq!(doubling.kind, EventKind::PeriodDoubling);
    assert!(
        (doubling.orbit.p - 13.249215258).abs() < 1e-6,
        "{}",
        doubling.orbit.p
    );
    assert!((doubling.orbit.period_ms() - 39.196496081).abs() < 1e-5);
    assert_eq!(doubling.n_unstable, [0, 1]);
}

/// Near a Hopf point the largest multiplier of the orbits is 1 - 2 (real part of the root that crossed) * period, at first order:
/// squared amplitudes decay twice as fast as the equilibrium's instability grows.
#[test]
fn small_orbits_attract_as_fast_as_their_equilibrium_repels() {
    let study = study("hutchinson", HUTCHINSON);
    let network = Network::new(&study, "parameters.r").unwrap();
    let found = events(&network, &[1.0], NetworkBranchSettings::new((0.5, 3.0)));
    let mut settings = OrbitSettings::new((0.5, 3.0));
    settings.amplitude = 2e-2;
    let orbit = OrbitBranch::from_hopf(&network, &found[0], settings)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let multipliers = orbit.multipliers(&network).unwrap();
    assert!(multipliers.trivial_error < 1e-8, "{multipliers:?}");
    assert_eq!(multipliers.n_unstable(), 0);
    let form = found[0].form.unwrap();
    let growth = form.crossing.re * (orbit.p - found[0].equilibrium.p);
    let expected = 1.0 - 2.0 * growth * orbit.period_ms();
    let off = (multipliers.values[0].re - expected).abs() / (1.0 - expected);
    assert!(off < 0.02, "{multipliers:?}, not {expected}");
}
