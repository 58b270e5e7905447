//! Roots that cross at once or nearly so, and folds too sharp for a step: networks of a few nodes on which branches once stopped.

use std::f64::consts::TAU;
use std::sync::Arc;

use brainsweep::Control;
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEvent, NetworkEventKind,
};
use brainsweep::continuation::network::Network;
use brainsweep::coupling;
use brainsweep::model;
use brainsweep::study::{Study, Values};
use ndarray::{Array2, array};
use num_complex::Complex64;

/// A network of a model with these parameters, its delays in ms.
pub(super) fn study(
    name: &str,
    (form, g): (&str, f64),
    weights: Array2<f64>,
    delays: Array2<f64>,
    numbers: &[(&str, &[f64])],
) -> Study {
    let connectome =
        Connectome::new(None, weights, Delays::Milliseconds(delays), None).expect("a network");
    let model = model::find(name).expect("a model of ours");
    let mut study = Study::new(model, Arc::new(connectome));
    study.couple(coupling::find(form).expect("a coupling of ours"));
    study.coupling.terms[0].parameters[0] = Values::Uniform(g);
    for (name, values) in numbers {
        let at = model.parameters.iter().position(|p| p.name == *name);
        study.parameters[at.expect("a parameter")] = match values {
            [value] => Values::Uniform(*value),
            values => Values::PerNode(values.to_vec()),
        };
    }
    study
}

/// All events over a range, with steps as the program takes them; the branch has to come to the end of the range.
fn events(network: &Network, dim: usize, range: (f64, f64)) -> Vec<NetworkEvent> {
    let mut settings = NetworkBranchSettings::new(range);
    settings.step_max = 0.01 * (range.1 - range.0);
    let mut end = f64::NAN;
    let mut events = Vec::new();
    for point in NetworkBranch::new(network, &vec![0.0; dim], settings).unwrap() {
        let point = point.unwrap();
        end = point.equilibrium.p;
        events.extend(point.events);
    }
    assert_eq!(end, range.1);
    events
}

/// Eleven oscillators in a ring: all modes but one come in pairs, two of which cross close to another one. About the state at rest
/// a mode with the eigenvalue c of the wiring satisfies `(lambda - a)^2 + w^2 = g c e^(-lambda T) (lambda - a)`. On the axis the
/// modulus of both sides gives a for every frequency, and the phase then tells where they agree.
#[test]
fn a_ring_crosses_where_its_modes_do() {
    const N: usize = 11;
    let (g, w, delay) = (0.2325497375474777, 0.23764115298932895, 40.15806775553249);
    let (low, high) = (-1.0, 1.5);
    let neighbours = |i: usize, j: usize| (i + 1) % N == j || (j + 1) % N == i;
    let weights = Array2::from_shape_fn((N, N), |(i, j)| 0.5 * f64::from(neighbours(i, j)));
    let delays = weights.mapv(|w| if w > 0.0 { delay } else { 0.0 });
    let numbers: [(&str, &[f64]); 1] = [("w", &[w])];
    let study = study("stuart-landau", ("additive", g), weights, delays, &numbers);
    let network = Network::new(&study, "parameters.a").unwrap();
    let mut found: Vec<(f64, usize)> = Vec::new();
    for event in events(&network, 2 * N, (low, high)) {
        assert_eq!(event.kind, NetworkEventKind::Hopf);
        found.push((event.equilibrium.p, event.multiplicity));
    }
    let mut known: Vec<(f64, usize)> = Vec::new();
    for k in 0..=N / 2 {
        let c = g * (TAU * k as f64 / N as f64).cos();
        for sign in [-1.0, 1.0] {
            for branch in [-1.0, 1.0] {
                // a at a frequency, and by how much the phases differ.
                let off = |omega: f64| -> Option<(f64, f64)> {
                    let (square, rest) = (omega * omega, w * w - omega * omega);
                    let half = rest + 2.0 * square - 0.5 * c * c;
                    let root = (half * half - rest * rest + c * c * square).sqrt();
                    let a = sign * (-half + branch * root).sqrt();
                    let z = Complex64::new(-a, omega);
                    let late = (z * z + w * w) / (z * c) * Complex64::cis(omega * delay);
                    a.is_finite().then(|| (a, late.arg()))
                };
                let at = |k: usize| 1e-5 * k as f64;
                for k in 1..80_000 {
                    let (Some(mut from), Some(to)) = (off(at(k)), off(at(k + 1))) else {
                        continue;
                    };
                    if from.1 * to.1 > 0.0 || (from.1 - to.1).abs() > 1.0 {
                        continue;
                    }
                    let (mut left, mut right) = (at(k), at(k + 1));
                    for _ in 0..50 {
                        let middle = 0.5 * (left + right);
                        let here = off(middle).unwrap();
                        if here.1 * from.1 > 0.0 {
                            (left, from) = (middle, here);
                        } else {
                            right = middle;
                        }
                    }
                    if (low..=high).contains(&from.0) {
                        // Only the mode of all nodes alike has no twin.
                        known.push((from.0, if c == g { 1 } else { 2 }));
                    }
                }
            }
        }
    }
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(found.len(), known.len(), "{found:?}, not {known:?}");
    for (found, known) in found.iter().zip(&known) {
        assert!(
            (found.0 - known.0).abs() < 1e-10,
            "{found:?}, not {known:?}"
        );
        assert_eq!(found.1, known.1, "{found:?}");
    }
}

/// Where the states are small, branches turn within a short way at folds, and a long step lands on the arm that comes back. Delays
/// do not move folds: with and without them the same ones are found.
#[test]
fn a_long_step_past_a_sharp_fold_is_taken_back() {
    let weights = array![[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]];
    let delays = weights.mapv(|w| 1.9778161139843629 * w);
    let numbers: [(&str, &[f64]); 8] = [
        (
            "E_tau",
            &[3.384689847307309, 4.487654879395805, 4.430411174898742],
        ),
        (
            "I_tau",
            &[4.885888694136027, 2.80761286592764, 4.473136980117582],
        ),
        (
            "wEE",
            &[14.521219228047745, 10.696859874366721, 17.905391312592297],
        ),
        (
            "wIE",
            &[9.498787925264391, 5.04368036805932, 9.829065110113069],
        ),
        (
            "wEI",
            &[11.299972612378268, 12.410116879287798, 11.93943803528718],
        ),
        (
            "wII",
            &[3.097201590022215, 8.588492958364526, 4.244034558958267],
        ),
        (
            "E_a",
            &[1.3522951437919366, 1.0131889449756866, 1.3426215749185237],
        ),
        (
            "I_a",
            &[1.8300721129523423, 1.9315040499216285, 1.6392229301517598],
        ),
    ];
    let form = ("additive", 0.8011704407410579);
    let study = study("wilson-cowan", form, weights, delays, &numbers);
    let delayed = Network::new(&study, "x_ext").unwrap();
    let folds = |network: &Network| -> Vec<f64> {
        let events = events(network, 6, (-2.0, 5.0)).into_iter();
        let folds = events.filter(|event| event.kind == NetworkEventKind::Fold);
        folds.map(|fold| fold.equilibrium.p).collect()
    };
    let (with, without) = (folds(&delayed), folds(&delayed.clone().without_delays()));
    assert_eq!(with.len(), 10);
    assert_eq!(with.len(), without.len(), "{with:?}, not {without:?}");
    for (a, b) in with.iter().zip(&without) {
        assert!((a - b).abs() < 1e-10, "{with:?}, not {without:?}");
    }
}

/// Equal nodes in a ring with unequal delays: the modes of a pair are real only where they pass 0, at once; on both sides of it they
/// are complex. There the Jacobian of a node, with what its mode adds to the diagonal, has no determinant.
#[test]
fn modes_that_are_a_complex_pair_pass_zero_at_a_branch_point() {
    const N: usize = 5;
    let weights = Array2::from_shape_fn((N, N), |(i, j)| {
        f64::from((i + 1) % N == j || (j + 1) % N == i)
    });
    let delays = Array2::from_shape_fn((N, N), |(i, j)| {
        weights[[i, j]] * (1.0 + ((3 * i + 5 * j) % 7) as f64)
    });
    let (e_tau, i_tau) = (3.278989279797421, 2.1059545205690506);
    let (ee, ie, ei, ii) = (
        11.524060188018396,
        10.838186006085095,
        11.97583879088807,
        4.555243584369653,
    );
    let (e_a, i_a) = (1.383134209938596, 1.9005684714855888);
    let g = 0.057347972728626545;
    let numbers: [(&str, &[f64]); 8] = [
        ("E_tau", &[e_tau]),
        ("I_tau", &[i_tau]),
        ("wEE", &[ee]),
        ("wIE", &[ie]),
        ("wEI", &[ei]),
        ("wII", &[ii]),
        ("E_a", &[e_a]),
        ("I_a", &[i_a]),
    ];
    let study = study("wilson-cowan", ("diffusive", g), weights, delays, &numbers);
    let network = Network::new(&study, "x_ext").unwrap();
    let events = events(&network, 2 * N, (-2.0, 5.0));
    // The determinant of a node whose mode has the eigenvalue `c` of the wiring less its sum.
    let determinant = |event: &NetworkEvent, c: f64| -> f64 {
        let (x, y, p) = (
            event.equilibrium.u[0],
            event.equilibrium.u[1],
            event.equilibrium.p,
        );
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        let response = |u: f64, a: f64, theta: f64| {
            let s = sigmoid(a * (u - theta));
            (s - sigmoid(-a * theta), a * s * (1.0 - s))
        };
        let (f, df) = response(ee * x - ie * y + p, e_a, 2.8);
        let (h, dh) = response(ei * x - ii * y, i_a, 4.0);
        let (to_x, to_y) = ((1.0 - x) * df, (1.0 - y) * dh);
        let xx = (-f - 1.0 + to_x * (ee + g * c)) / e_tau;
        let yy = (-h - 1.0 - to_y * ii) / i_tau;
        xx * yy + to_x * ie / e_tau * (to_y * ei / i_tau)
    };
    let mut points = 0;
    for event in &events {
        let size = determinant(event, -4.0).abs();
        let c = |k: usize| 2.0 * (TAU * k as f64 / N as f64).cos() - 2.0;
        let off = |k: usize| determinant(event, c(k)).abs() / size;
        match event.kind {
            NetworkEventKind::Fold => assert!(off(0) < 1e-8, "{event:?}"),
            NetworkEventKind::BranchPoint => {
                points += 1;
                assert_eq!(event.multiplicity, 2, "{event:?}");
                assert!(off(1).min(off(2)) < 1e-8, "{event:?}");
            }
            NetworkEventKind::Hopf => {}
        }
    }
    assert_eq!(points, 4, "{events:?}");
}

/// A chain of three oscillators whose ends stand against each other, `(x, y)` and `(-x, -y)`, and whose middle is at rest. Just
/// where they leave that, in a pitchfork, the real root at 0 meets another one: beside it the two are a pair. With
/// G = a - x^2 - y^2 the ends satisfy G (G - g) = -w^2, and the even perturbations of ends and middle have the determinant
/// `|A| |B| - 2 g^2 A_yy B_yy` of their blocks A and B, which the delays leave as it is.
#[test]
fn a_branch_passes_a_pitchfork_beside_which_two_real_roots_meet() {
    let (g, w, delay) = (1.1564692531861671, 0.4965464696786387, 1.072202378950264);
    let weights = array![[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
    let delays = weights.mapv(|weight: f64| weight * delay);
    let numbers: [(&str, &[f64]); 1] = [("w", &[w])];
    let study = study("stuart-landau", ("diffusive", g), weights, delays, &numbers);
    let network = Network::new(&study, "parameters.a").unwrap();

    let rest = 0.5 * (g - (g * g - 4.0 * w * w).sqrt());
    let state = |a: f64| {
        let x = ((a - rest) / (1.0 + (w / rest).powi(2))).sqrt();
        [x, -w * x / rest]
    };
    let determinant = |a: f64| {
        let [x, y] = state(a);
        let of_ends =
            (rest - g - 2.0 * x * x) * (rest - 2.0 * y * y) + w * w - (2.0 * x * y).powi(2);
        let of_middle = (a - 2.0 * g) * a + w * w;
        of_ends * of_middle - 2.0 * g * g * (rest - 2.0 * y * y) * a
    };
    let (mut low, mut high) = (0.5, 0.7);
    assert!(determinant(low) * determinant(high) < 0.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if determinant(low) * determinant(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }

    let [x, y] = state(0.5);
    let mut settings = NetworkBranchSettings::new((0.5, 0.7));
    settings.step_max = 0.005;
    settings.step = 0.002;
    let start = [x, y, 0.0, 0.0, -x, -y];
    let branch = NetworkBranch::through(&network, &start, 0.5, true, settings, Control::default());
    let points: Vec<_> = branch.unwrap().map(Result::unwrap).collect();
    assert_eq!(points.last().unwrap().equilibrium.p, 0.7);
    let events: Vec<&NetworkEvent> = points.iter().flat_map(|point| &point.events).collect();
    let [pitchfork] = events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(pitchfork.kind, NetworkEventKind::BranchPoint);
    let off = pitchfork.equilibrium.p - low;
    assert!(off.abs() < 1e-11, "{off:e} from {low}");
    let [x, y] = state(low);
    for (found, right) in pitchfork.equilibrium.u.iter().zip([x, y, 0.0, 0.0, -x, -y]) {
        assert!((found - right).abs() < 1e-10, "{:?}", pitchfork.equilibrium);
    }
}
