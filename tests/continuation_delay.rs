//! Networks with delays: characteristic roots, Hopf points, orbits; against closed forms, reference values and simulation.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use brainsweep::backend::{Backend, Control, cpu::Cpu};
use brainsweep::connectome::{Connectome, synthetic};
use brainsweep::continuation::delay::branch::{Branch, Event, EventKind, Settings};
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::coupling::CouplingKind;
use brainsweep::integrator::Integrator;
use brainsweep::io::connectome::hcp;
use brainsweep::model::{self, Feedback, ModelSpec, NeuralMass, Parameter, State};
use brainsweep::plan::Plan;
use brainsweep::record::Raw;
use brainsweep::scalar::Scalar;
use brainsweep::study::{Past, Start, Study, Values};
use ndarray::{Array2, s};
use num_complex::Complex64;
use serde_json::Value;

/// Located parameters and frequencies agree with reference and closed forms to this, absolutely.
const EVENT: f64 = 1e-10;
/// Characteristic roots agree to this, absolutely.
const ROOT: f64 = 1e-12;

fn reference() -> Value {
    serde_json::from_str(include_str!("continuation/networks.json")).unwrap()
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap()
}

fn pair(value: &Value) -> Complex64 {
    Complex64::new(value[0].as_f64().unwrap(), value[1].as_f64().unwrap())
}

/// FitzHugh-Nagumo at every node of the HCP connectome, g = 1, 20 mm/ms.
fn tutorial() -> (Study, Network) {
    let study = Study::new(model::find("fitzhugh-nagumo").unwrap(), hcp());
    let network = Network::new(&study, "x_ext").unwrap();
    (study, network)
}

fn events(network: &Network, start: &[f64], settings: Settings) -> Vec<Event> {
    let points = Branch::new(network, start, settings).unwrap();
    points.flat_map(|point| point.unwrap().events).collect()
}

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

static HUTCHINSON: ModelSpec = ModelSpec::of::<Hutchinson, _, _, _, _>();

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

static LEAKY: ModelSpec = ModelSpec::of::<Leaky, _, _, _, _>();

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

/// The twelve rightmost roots at six inputs, all 3160 delays exact, none missing by certificate.
#[test]
fn the_rightmost_characteristic_roots_are_the_reference_ones() {
    let (study, network) = tutorial();
    for expected in reference()["delayed_roots"].as_array().unwrap() {
        let p = number(expected, "x_ext");
        let at = network.equilibrium(&network.start(&study), p).unwrap();
        let found = Characteristic::new(&network, &at.u, p)
            .rightmost(12)
            .unwrap();
        assert_eq!(found.n_unstable as f64, number(expected, "n_unstable"));
        assert_eq!(found.certificate.missing, 0);
        assert!(found.certificate.defect < 1e-9, "{:?}", found.certificate);
        for (found, expected) in found
            .roots
            .iter()
            .zip(expected["roots"].as_array().unwrap())
        {
            assert!(
                (found.lambda - pair(expected)).norm() < ROOT,
                "x_ext {p}: {} {expected}",
                found.lambda
            );
        }
    }
}

/// The certificate counts what it is not told: without any known root it finds as many missing as there are.
#[test]
fn the_certificate_counts_roots_it_does_not_know() {
    let (study, network) = tutorial();
    let at = network.equilibrium(&network.start(&study), 1.0).unwrap();
    let characteristic = Characteristic::new(&network, &at.u, 1.0);
    let roots = characteristic.rightmost(4).unwrap().roots;
    let counted =
        |known: &[(Complex64, usize)]| characteristic.certify(known, 0.0).unwrap().missing;
    assert_eq!(counted(&[]), 4);
    assert_eq!(counted(&[(roots[0].lambda, 1)]), 2);
    assert_eq!(
        counted(&[
            (roots[0].lambda, 1),
            (roots[1].lambda, 1),
            (roots[2].lambda, 1)
        ]),
        0
    );
    assert_eq!(
        counted(&[(roots[0].lambda, 2), (roots[1].lambda, 1)]),
        -2,
        "a root said twice is one too many"
    );
}

/// Every Hopf point of the homogeneous state in x_ext with frequency, mode and normal form; the first at 0.8364632949, localised
/// on node 31, supercritical. The list is the same for any step.
#[test]
fn the_delayed_network_has_its_four_hopf_points_at_any_step() {
    let (study, network) = tutorial();
    let reference = reference();
    let expected = reference["delayed_hopf"].as_array().unwrap();
    for step_max in [0.02, 0.3] {
        let mut settings = Settings::new((0.7, 1.3));
        settings.step_max = step_max;
        let found = events(&network, &network.start(&study), settings);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let form = found.form.unwrap();
            assert!((found.equilibrium.p - number(expected, "x_ext")).abs() < EVENT);
            assert!((found.root.lambda.im - number(expected, "omega")).abs() < EVENT);
            assert!(
                (found.root.participation() / number(expected, "participation_nodes") - 1.0).abs()
                    < 1e-9
            );
            assert_eq!(
                found.root.leading_node() as f64,
                number(expected, "leading_node")
            );
            assert!(
                (form.c1 / pair(&expected["c1"]) - 1.0).norm() < 1e-9,
                "{form:?} {expected}"
            );
            assert!(
                (form.crossing - pair(&expected["dlambda_dpar"])).norm() < 1e-9,
                "{form:?} {expected}"
            );
            assert!(form.supercritical());
        }
    }
}

/// A Hopf point found in one parameter is found in every other: on the way in g, in the speed, in one node's input.
#[test]
fn a_hopf_point_is_the_same_in_any_parameter() {
    let (mut study, network) = tutorial();
    let first = events(&network, &network.start(&study), Settings::new((0.8, 0.9)));
    study.set_number("input.x", first[0].equilibrium.p).unwrap();
    for (path, range, value) in [
        ("coupling.g", (0.95, 1.04), 1.0),
        ("coupling.conduction_speed", (18.0, 23.0), 20.0),
        ("input[31]", (0.8, 0.9), first[0].equilibrium.p),
    ] {
        let network = Network::new(&study, path).unwrap();
        let found = events(&network, &network.start(&study), Settings::new(range));
        let at = found
            .iter()
            .find(|event| (event.equilibrium.p - value).abs() < 1e-6);
        let at = at.unwrap_or_else(|| {
            panic!(
                "{path}: {:?}",
                found.iter().map(|e| e.equilibrium.p).collect::<Vec<_>>()
            )
        });
        assert!(
            (at.equilibrium.p / value - 1.0).abs() < EVENT,
            "{path}: {}",
            at.equilibrium.p
        );
        assert!(
            (at.root.lambda.im - first[0].root.lambda.im).abs() < EVENT,
            "{path}"
        );
    }
}

/// The orbits of the first branch have the reference's periods to 1e-10 and extrema to 1e-7 (where the reference samples).
#[test]
fn orbits_have_the_reference_periods_and_extrema() {
    let (study, network) = tutorial();
    let first = events(&network, &network.start(&study), Settings::new((0.8, 0.9)));
    let orbits =
        OrbitBranch::from_hopf(&network, &first[0], OrbitSettings::new((0.8, 0.91))).unwrap();
    let near: Vec<_> = orbits.map(Result::unwrap).collect();
    let solver =
        OrbitBranch::from_hopf(&network, &first[0], OrbitSettings::new((0.8, 0.91))).unwrap();
    for expected in reference()["delayed_orbits"].as_array().unwrap() {
        let p = number(expected, "x_ext");
        if ![0.8367, 0.85, 0.9].contains(&p) {
            continue;
        }
        let start = near
            .iter()
            .min_by(|a, b| (a.p - p).abs().total_cmp(&(b.p - p).abs()))
            .unwrap();
        let orbit = solver.orbit_at(start, p).unwrap();
        let (least, greatest) = orbit.extrema(2 * 31);
        assert!(
            (orbit.period_ms() / number(expected, "period") - 1.0).abs() < 1e-10,
            "{p}: {}",
            orbit.period_ms()
        );
        assert!(
            (greatest - number(expected, "x_max")).abs() < 1e-7,
            "{p}: {greatest}"
        );
        assert!(
            (least - number(expected, "x_min")).abs() < 1e-7,
            "{p}: {least}"
        );
    }
}

/// The study run in small steps from the states `past(t)` for t <= 0 (rows node by node): x of every node, `[n_samples, n_nodes]`.
fn simulated(
    study: &Study,
    duration: f64,
    dt: f64,
    past: impl Fn(usize, f64) -> f64,
) -> Array2<f32> {
    let mut study = study.clone();
    study.integrator = Integrator::Rk4;
    study.protocol.duration = duration;
    study.protocol.dt = dt;
    study.record.every = dt;
    let at = |state: usize, time: f64| {
        (0..80)
            .map(|node| past(2 * node + state, time))
            .collect::<Vec<_>>()
    };
    study.initial.state = (0..2)
        .map(|state| Start::Given(Values::PerNode(at(state, 0.0))))
        .collect();
    let n_past = (13.0 / dt) as usize;
    let rows = Array2::from_shape_fn((n_past, 80), |(row, node)| {
        past(2 * node, -((n_past - row) as f64) * dt)
    });
    study.initial.history = Some(Past::Stored(Arc::new(rows)));
    let plan = Plan::new(&study).unwrap();
    let recorder = Raw::new(&plan).unwrap();
    Cpu::new()
        .run(&plan, &recorder, &Control::default())
        .unwrap();
    recorder.into_recorded()[0]
        .samples
        .slice(s![.., 0, ..])
        .to_owned()
}

/// Started on an orbit just past the Hopf point, the simulation (steps of 0.02 ms, delays rounded to them) stays on it for three
/// periods: node 31 within 2e-3 of a swing of 0.18 throughout.
#[test]
fn simulation_follows_the_orbit() {
    let (mut study, network) = tutorial();
    let first = events(&network, &network.start(&study), Settings::new((0.8, 0.9)));
    let mut settings = OrbitSettings::new((0.8, 0.86));
    settings.tail = 1e-8;
    let orbit = OrbitBranch::from_hopf(&network, &first[0], settings)
        .unwrap()
        .last()
        .unwrap()
        .unwrap();
    study.set_number("input.x", orbit.p).unwrap();
    let period = orbit.period_ms();
    let dt = 0.02;
    let on_orbit = |k: usize, time: f64| orbit.at(k, time / period).0;
    let x = simulated(&study, 3.0 * period, dt, on_orbit);
    let mut worst = 0.0f64;
    for (sample, row) in x.rows().into_iter().enumerate() {
        let time = (sample + 1) as f64 * dt;
        for node in [31, 30, 0, 42] {
            worst = worst.max((f64::from(row[node]) - on_orbit(2 * node, time)).abs());
        }
    }
    assert!(worst < 2e-3, "{worst}");
    let (least, greatest) = orbit.extrema(2 * 31);
    assert!(
        greatest - least > 0.15,
        "the orbit is large enough to tell: {least} {greatest}"
    );
}

/// On each side of the first Hopf point a perturbation along its mode grows or fades as its characteristic root says.
#[test]
fn simulation_grows_and_fades_as_the_root_says() {
    let (mut study, network) = tutorial();
    for (p, grows) in [(0.82, false), (0.85, true)] {
        study.set_number("input.x", p).unwrap();
        let at = network.equilibrium(&network.start(&study), p).unwrap();
        let characteristic = Characteristic::new(&network, &at.u, p);
        let stability = characteristic.rightmost(4).unwrap();
        let root = stability
            .roots
            .iter()
            .max_by(|a, b| a.lambda.re.total_cmp(&b.lambda.re))
            .unwrap();
        assert_eq!(root.leading_node(), 31);
        assert_eq!(root.lambda.re > 0.0, grows);
        let v = characteristic.right_vector(root);
        let size = 2e-3;
        let mode = |k: usize, time: f64| at.u[k] + size * (v[k] * (root.lambda * time).exp()).re;
        let duration = 100.0;
        let x = simulated(&study, duration, 0.02, mode);
        let mut worst = 0.0f64;
        for sample in (0..x.nrows()).step_by(50) {
            let time = (sample + 1) as f64 * 0.02;
            worst = worst.max((f64::from(x[[sample, 31]]) - mode(2 * 31, time)).abs());
        }
        let envelope = size * (root.lambda.re * duration).exp().max(1.0);
        assert!(
            worst < 0.03 * envelope,
            "x_ext {p}: off by {worst} of {envelope}"
        );
    }
}
