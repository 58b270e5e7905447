//! Equations with one or two delays, whose Hopf points are known in closed form.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use brainsweep::connectome::{Connectome, synthetic};
use brainsweep::continuation::delay::branch::{NetworkBranchSettings, NetworkEventKind};
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::coupling;
use brainsweep::model;
use brainsweep::study::{Start, Study, Values};

use super::{EVENT, events};

/// Hutchinson's logistic equation, x' = r x (1 - x(t - delay)): Hutchinson (1948), Ann. N. Y. Acad. Sci. 50, 221.
pub const HUTCHINSON: &str = r#"
    name = "hutchinson"
    summary = "logistic growth that feels the past"
    equations = "dx/dt = r*x*(1 - delayed(x, delay)) + x_ext"
    [states]
    x = { unit = "1", meaning = "population" }
    [parameters]
    r = { unit = "1/ms", default = 1.0, meaning = "growth" }
    delay = { unit = "ms", default = 1.0, meaning = "generation time" }
    [inputs]
    x_ext = { unit = "1/ms", meaning = "immigration" }
"#;

/// Hutchinson's equation has its Hopf point at r delay = pi/2 with frequency r, and the square of the amplitude grows by 40/(3 pi - 2)
/// per unit of r delay (Chow & Mallet-Paret 1977, J. Differential Equations 26, 112).
#[test]
fn the_delayed_logistic_equation_oscillates_from_half_pi_on() {
    let mut study = Study::new(
        model::intern("hutchinson", HUTCHINSON).unwrap(),
        Arc::new(Connectome::uncoupled(1)),
    );
    for (path, slope) in [("parameters.delay", 1.0), ("parameters.r", 1.0)] {
        study.initial.state[0] = Start::Given(Values::Uniform(1.0));
        let network = Network::new(&study, path).unwrap();
        let found = events(&network, &[1.0], NetworkBranchSettings::new((0.5, 3.0)));
        assert_eq!(found.len(), 1, "{path}");
        let form = found[0].form.unwrap();
        let omega = if path.ends_with("delay") {
            1.0
        } else {
            FRAC_PI_2
        };
        assert!((found[0].equilibrium.p - FRAC_PI_2).abs() < EVENT);
        assert!((found[0].root.lambda.im - omega).abs() < EVENT);
        assert!(
            (form.amplitude2_slope - slope * 40.0 / (3.0 * PI - 2.0)).abs() < 1e-9,
            "{form:?}"
        );
        assert!(form.supercritical());
        // The orbit that is born: its period is 4 delays at first, and its squared amplitude has that slope.
        let mut orbits =
            OrbitBranch::from_hopf(&network, &found[0], OrbitSettings::new((0.5, 3.0))).unwrap();
        let orbit = orbits.next().unwrap().unwrap();
        let amplitude = orbit.amplitudes(1)[0];
        let ratio = amplitude * amplitude / (orbit.p - FRAC_PI_2) / form.amplitude2_slope;
        assert!((ratio - 1.0).abs() < 1e-4, "{ratio}");
    }
}

/// A node that forgets.
const LEAKY: &str = r#"
    name = "leaky"
    summary = "a leaky integrator"
    equations = "dx/dt = -rate*x + x_ext"
    [states]
    x = { unit = "1", meaning = "activity" }
    [parameters]
    rate = { unit = "1/ms", default = 1.0, meaning = "leak" }
    [inputs]
    x_ext = { unit = "1/ms", meaning = "input" }
"#;

/// Two leaky nodes that excite each other after d = 2 ms: lambda + 1 = +-g e^(-lambda d). A real root crosses at g = 1; the nodes
/// in antiphase oscillate from g = sqrt(1 + omega^2) on, with omega d + atan(omega) = pi.
#[test]
fn two_delayed_nodes_cross_where_the_closed_form_says() {
    let mut study = Study::new(
        model::intern("leaky", LEAKY).unwrap(),
        Arc::new(synthetic::pair(40.0)),
    );
    study.couple(coupling::find("additive").unwrap());
    let network = Network::new(&study, "coupling.g").unwrap();
    let mut omega = 1.0f64;
    for _ in 0..50 {
        let off = 2.0 * omega + omega.atan() - PI;
        omega -= off / (2.0 + 1.0 / (1.0 + omega * omega));
    }
    let found = events(&network, &[0.0; 2], NetworkBranchSettings::new((0.1, 2.0)));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].kind, NetworkEventKind::BranchPoint);
    assert!((found[0].equilibrium.p - 1.0).abs() < EVENT);
    assert_eq!(found[1].kind, NetworkEventKind::Hopf);
    assert!((found[1].root.lambda.im - omega).abs() < EVENT);
    assert!((found[1].equilibrium.p - omega.hypot(1.0)).abs() < EVENT);
    assert!(
        (found[1].root.participation() - 2.0).abs() < EVENT,
        "both nodes take part"
    );
}
