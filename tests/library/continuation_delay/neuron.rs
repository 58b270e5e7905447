//! Two neurons with three delays, the example of DDE-BIFTOOL's documentation (`demos/neuron`; Shayer & Campbell 2000, SIAM J. Appl.
//! Math. 61, 673): Hopf points and branch point in closed form, orbits by a second method.

use std::sync::Arc;

use brainsweep::connectome::synthetic;
use brainsweep::continuation::EventKind;
use brainsweep::continuation::delay::branch::{NetworkBranchSettings, NetworkEventKind};
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings, PeriodicOrbit};
use brainsweep::continuation::network::Network;
use brainsweep::coupling;
use brainsweep::model;
use brainsweep::study::{Study, Values};
use num_complex::Complex64;

use super::{EVENT, events};

const NEURON: &str = r#"
    name = "neuron"
    summary = "a neuron that feels its own past and that of another one"
    equations = """
    rate = tanh(x)
    dx/dt = -kappa*x + beta*tanh(delayed(x, late)) + a*x_ext
    """
    [states]
    x = { unit = "1", meaning = "activity" }
    [parameters]
    kappa = { unit = "1/ms", default = 0.5, meaning = "decay" }
    beta = { unit = "1/ms", default = -1.0, meaning = "strength of the feedback" }
    late = { unit = "ms", default = 1.5, meaning = "delay of the feedback" }
    a = { unit = "1/ms", default = 1.0, meaning = "strength of what comes from the other neuron" }
    [inputs]
    x_ext = { unit = "1", meaning = "what comes from the other neuron" }
    [outputs]
    rate = { unit = "1", meaning = "what the neuron sends" }
    [coupling]
    transmits = "rate"
    receives = "x_ext"
"#;

/// The network in a21, the strength of what the second neuron receives; 0.2 ms between them.
fn network() -> Network {
    let mut study = Study::new(
        model::intern("neuron", NEURON).unwrap(),
        Arc::new(synthetic::pair(0.2)),
    );
    study.couple(coupling::find("additive").unwrap());
    study.coupling.terms[0].parameters[0] = Values::Uniform(1.0);
    study.coupling.conduction_speed = 1.0;
    Network::new(&study, "parameters.a[1]").unwrap()
}

/// What a21 has to be for a root at lambda: (lambda + kappa - beta e^(-1.5 lambda))^2 e^(0.4 lambda).
fn strength(lambda: Complex64) -> Complex64 {
    let own = lambda + 0.5 + (-1.5 * lambda).exp();
    own * own * (0.4 * lambda).exp()
}

/// The frequency between two others at which the strength is real.
fn frequency(mut low: f64, mut high: f64) -> f64 {
    let part = |omega: f64| strength(Complex64::new(0.0, omega)).im;
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if (part(middle) > 0.0) == (part(low) > 0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// DDE-BIFTOOL prints the first Hopf point at 0.8071 with the frequency 0.7820; a real root is 0 at 1.5^2.
#[test]
fn two_neurons_oscillate_and_part_where_the_closed_form_says() {
    let omega = frequency(0.7, 0.85);
    let hopf = strength(Complex64::new(0.0, omega)).re;
    assert!((hopf - 0.8071).abs() < 1e-4 && (omega - 0.7820).abs() < 1e-4);
    let settings = NetworkBranchSettings::new((0.0, 3.0));
    let found = events(&network(), &[0.0; 2], settings);
    let first = &found[0];
    assert_eq!(first.kind, NetworkEventKind::Hopf);
    assert!((first.equilibrium.p - hopf).abs() < EVENT, "{first:?}");
    assert!((first.root.lambda.im - omega).abs() < EVENT, "{first:?}");
    assert_eq!((first.n_unstable_before, first.n_unstable_after), (0, 2));
    let last = &found[1];
    assert_eq!(last.kind, NetworkEventKind::BranchPoint);
    assert!((last.equilibrium.p - 2.25).abs() < EVENT, "{last:?}");
    assert_eq!((last.n_unstable_before, last.n_unstable_after), (2, 1));
    assert_eq!(found.len(), 2);
}

/// Computed for this project by another method: trigonometric collocation in time with 161 points, and the determinant of the
/// equations linearised about the orbit for functions that grow by a factor from one period to the next. The orbits turn at a
/// fold on their way to a homoclinic connection, as in DDE-BIFTOOL's figure.
#[test]
fn orbits_of_two_neurons_and_their_multipliers_are_those_of_a_second_method() {
    let network = network();
    let hopf = &events(&network, &[0.0; 2], NetworkBranchSettings::new((0.5, 1.0)))[0];
    let mut settings = OrbitSettings::new((0.5, 2.6));
    settings.step_max = 0.2;
    settings.tail = 1e-8;
    let born = || OrbitBranch::from_hopf(&network, hopf, settings.clone()).unwrap();
    let at = |near: &PeriodicOrbit, p: f64| born().orbit_at(near, p).unwrap();
    // Before the fold and after it: a21, period, the largest multiplier but the trivial one.
    let mut known = vec![
        (1.0, 8.768262164143405, 0.737212051600024),
        (2.0, 16.82535826604758, 0.07180483840366414),
        (2.348, 84.72781712998784, 287.9217315332204),
    ];
    known.reverse();
    let mut folds = Vec::new();
    let mut before = f64::NAN;
    for judged in born().judged() {
        let judged = judged.unwrap();
        assert!(judged.is_explained, "at {}", judged.orbit.p);
        folds.extend(judged.events);
        let p = judged.orbit.p;
        if let Some(&(place, period, multiplier)) = known.last()
            && (before - place) * (p - place) < 0.0
            && (place < 2.34) == folds.is_empty()
        {
            let orbit = at(&judged.orbit, place);
            assert!(
                (orbit.period_ms() - period).abs() < 1e-6 * period,
                "{place}"
            );
            let found = orbit.multipliers(&network).unwrap().values[0];
            let off = (found - multiplier).norm() / multiplier;
            assert!(off < 1e-5, "{place}: {found}, not {multiplier}");
            known.pop();
        }
        if known.is_empty() {
            break;
        }
        before = p;
    }
    assert!(known.is_empty(), "{known:?}");
    let [fold] = &folds[..] else {
        panic!("{folds:?}");
    };
    assert_eq!((fold.kind, fold.n_unstable), (EventKind::CycleFold, [0, 1]));
    assert!(
        (fold.orbit.p - 2.3506027040602135).abs() < 1e-7,
        "{}",
        fold.orbit.p
    );
    assert!((fold.orbit.period_ms() - 57.85220948303806).abs() < 1e-3);
}
