//! Equations with one or two delays, whose Hopf points are known in closed form.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use brainsweep::connectome::{Connectome, synthetic};
use brainsweep::continuation::delay::branch::{EventKind, Settings};
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::coupling::CouplingKind;
use brainsweep::model::{Feedback, Model, NeuralMass, Parameter, State};
use brainsweep::scalar::Scalar;
use brainsweep::study::{Start, Study, Values};

use super::{EVENT, events};

/// Hutchinson's logistic equation, x' = r x (1 - x(t - delay)).
struct Hutchinson;

impl NeuralMass<1, 2, 2, 1> for Hutchinson {
    const NAME: &'static str = "hutchinson";
    const SUMMARY: &'static str = "logistic growth that feels the past";
    const EQUATIONS: &'static str = "dx/dt = r x (1 - x(t - delay))";
    const REFERENCE: &'static str = "Hutchinson (1948), Ann. N. Y. Acad. Sci. 50, 221";
    const STATES: [State; 1] = [State::new("x", "1", "population")];
    const PARAMETERS: [Parameter; 2] = [
        Parameter::new("r", "1/ms", 1.0, "growth"),
        Parameter::new("delay", "ms", 1.0, "generation time"),
    ];
    const FEEDBACK: Option<Feedback> = Some(Feedback { state: 0, delay: 1 });

    fn prepare<S: Scalar>([r, _delay]: [S; 2]) -> [S; 1] {
        [r]
    }

    fn drift<S: Scalar>([x]: [S; 1], [x_ext, past]: [S; 2], [r]: [S; 1]) -> [S; 1] {
        [r * x * (S::lit(1.0) - past) + x_ext]
    }
}

static HUTCHINSON: Model = Model::of::<Hutchinson, _, _, _, _>();

/// Hutchinson's equation has its Hopf point at r delay = pi/2 with frequency r, and the square of the amplitude grows by 40/(3 pi - 2)
/// per unit of r delay (Chow & Mallet-Paret 1977, J. Differential Equations 26, 112).
#[test]
fn the_delayed_logistic_equation_oscillates_from_half_pi_on() {
    let mut study = Study::new(&HUTCHINSON, Arc::new(Connectome::uncoupled(1)));
    for (path, slope) in [("parameters.delay", 1.0), ("parameters.r", 1.0)] {
        study.initial.state[0] = Start::Given(Values::Uniform(1.0));
        let network = Network::of_model::<Hutchinson, 1, 2, 2, 1>(&study, path).unwrap();
        let found = events(&network, &[1.0], Settings::new((0.5, 3.0)));
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

/// A node that forgets: x' = -x + input.
struct Leaky;

impl NeuralMass<1, 1, 1, 1> for Leaky {
    const NAME: &'static str = "leaky";
    const SUMMARY: &'static str = "a leaky integrator";
    const EQUATIONS: &'static str = "dx/dt = -rate x + x_ext";
    const REFERENCE: &'static str = "a closed form for tests";
    const STATES: [State; 1] = [State::new("x", "1", "activity")];
    const PARAMETERS: [Parameter; 1] = [Parameter::new("rate", "1/ms", 1.0, "leak")];

    fn prepare<S: Scalar>([rate]: [S; 1]) -> [S; 1] {
        [rate]
    }

    fn drift<S: Scalar>([x]: [S; 1], [x_ext]: [S; 1], [rate]: [S; 1]) -> [S; 1] {
        [x_ext - rate * x]
    }
}

static LEAKY: Model = Model::of::<Leaky, _, _, _, _>();

/// Two leaky nodes that excite each other after d = 2 ms: lambda + 1 = +-g e^(-lambda d). A real root crosses at g = 1; the nodes
/// in antiphase oscillate from g = sqrt(1 + omega^2) on, with omega d + atan(omega) = pi.
#[test]
fn two_delayed_nodes_cross_where_the_closed_form_says() {
    let mut study = Study::new(&LEAKY, Arc::new(synthetic::pair(40.0)));
    study.coupling.kind = CouplingKind::Additive;
    let network = Network::of_model::<Leaky, 1, 1, 1, 1>(&study, "coupling.g").unwrap();
    let mut omega = 1.0f64;
    for _ in 0..50 {
        let off = 2.0 * omega + omega.atan() - PI;
        omega -= off / (2.0 + 1.0 / (1.0 + omega * omega));
    }
    let found = events(&network, &[0.0; 2], Settings::new((0.1, 2.0)));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].kind, EventKind::BranchPoint);
    assert!((found[0].equilibrium.p - 1.0).abs() < EVENT);
    assert_eq!(found[1].kind, EventKind::Hopf);
    assert!((found[1].root.lambda.im - omega).abs() < EVENT);
    assert!((found[1].equilibrium.p - omega.hypot(1.0)).abs() < EVENT);
    assert!(
        (found[1].root.participation() - 2.0).abs() < EVENT,
        "both nodes take part"
    );
}
