//! The same network said in two ways.

use std::sync::Arc;

use brainsweep::connectome::Connectome;
use brainsweep::continuation::Problem;
use brainsweep::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEventKind,
};
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::network::Network;
use brainsweep::continuation::network::modes::Modes;
use brainsweep::coupling::{self, Form};
use brainsweep::study::{Study, Term, Values};
use ndarray::Array2;
use num_complex::Complex64;

use super::{connectome, model, randoms, somewhere};

/// Numbers of equal networks agree to this, relatively.
const SAME: f64 = 1e-10;

fn form(equations: &str) -> &'static Form {
    let text = format!(
        "name = \"mine\"\nsummary = \"for tests\"\nequations = \"\"\"\n{equations}\n\"\"\"\n[parameters]\n\
         g = {{ unit = \"1\", default = 0.3, meaning = \"strength\" }}\n\
         h = {{ unit = \"1\", default = 0.0, meaning = \"other\" }}"
    );
    coupling::intern("mine", &text).unwrap()
}

fn close(a: Complex64, b: Complex64) -> bool {
    (a - b).norm() <= SAME * (1.0 + b.norm())
}

/// Residual, derivatives, spectrum without delays, rightmost roots with them, and the Hopf points over an input agree.
fn assert_same(name: &str, one: &Study, other: &Study, path: [&str; 2]) {
    let networks = [(one, path[0]), (other, path[1])].map(|(study, path)| {
        Network::new(study, path).unwrap_or_else(|error| panic!("{name}: {error}"))
    });
    let [a, b] = &networks;
    let mut random = randoms(5);
    let u = somewhere(one, &mut random);
    let (p, n) = (0.35, u.len());
    let all = |network: &Network| -> Vec<f64> {
        let mut numbers = network.residual(&u, p);
        numbers.extend(network.parameter_derivative(&u, p));
        let (mut value, mut first) = (vec![0.0; n], vec![0.0; n * (n + 1)]);
        network.derivative(&u, &[p], &mut value, &mut first);
        let direction: Vec<f64> = (0..=n).map(|k| 0.3 + 0.1 * k as f64).collect();
        let mut second = vec![0.0; n * (n + 1)];
        network.second_derivative(&u, &[p], &direction, &mut second);
        [numbers, first, second].concat()
    };
    for (a, b) in all(a).into_iter().zip(all(b)) {
        assert!(close(a.into(), b.into()), "{name}: {a} {b}");
    }
    let [a, b] = networks.each_ref().map(|network| {
        let characteristic = Characteristic::new(network, &u, p);
        let roots = characteristic
            .rightmost(3)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        (roots.n_unstable, roots.roots)
    });
    assert_eq!(a.0, b.0, "{name}");
    for (a, b) in a.1.iter().zip(&b.1).take(3) {
        assert!(
            close(a.lambda, b.lambda),
            "{name}: {} {}",
            a.lambda,
            b.lambda
        );
    }
}

/// The Hopf points of a range and their normal forms agree.
fn assert_same_hopf(name: &str, studies: [&Study; 2], path: &str, range: (f64, f64)) {
    let [a, b] = studies.map(|study| {
        let network = Network::new(study, path).unwrap();
        let branch = NetworkBranch::new(
            &network,
            &network.start(study),
            NetworkBranchSettings::new(range),
        );
        let events = branch.unwrap().flat_map(|point| point.unwrap().events);
        let hopf = events.filter(|event| event.kind == NetworkEventKind::Hopf);
        hopf.map(|event| (event.equilibrium.p, event.root.lambda, event.form.unwrap()))
            .collect::<Vec<_>>()
    });
    assert!(
        !a.is_empty() && a.len() == b.len(),
        "{name}: {} {}",
        a.len(),
        b.len()
    );
    for (a, b) in a.iter().zip(&b) {
        assert!(
            close(a.0.into(), b.0.into()) && close(a.1, b.1),
            "{name}: {a:?} {b:?}"
        );
        // The locations agree to 1e-13, third derivatives there to less.
        assert!((a.2.l1 / b.2.l1 - 1.0).abs() < 1e-7, "{name}: {a:?} {b:?}");
    }
}

fn coupled(form: &'static Form, g: f64) -> Study {
    let mut study = Study::new(model("fitzhugh-nagumo"), connectome(3, &mut randoms(31)));
    study.couple(form);
    study.set_g(g);
    let each = [0.05, 0.0, -0.04];
    study.input[1] = Values::PerNode(each.to_vec());
    study
}

/// Diffusive coupling is a text; so are additive and linear ones with another name for their numbers.
#[test]
fn texts_of_ones_own_are_the_couplings_that_come_with_the_program() {
    let ours = |name: &str| coupled(coupling::find(name).unwrap(), 0.08);
    let diffusive = coupled(form("own = row_sum*x_i\nc = g*sum(x_j) - g*own"), 0.08);
    assert_same("diffusive", &ours("diffusive"), &diffusive, ["input.x"; 2]);
    assert_same(
        "diffusive, g",
        &ours("diffusive"),
        &diffusive,
        ["coupling.g"; 2],
    );
    assert_same_hopf(
        "diffusive",
        [&ours("diffusive"), &diffusive],
        "input.x",
        (0.5, 1.2),
    );
    // What is sent has its factor at the sender: a line that is not plain.
    let sender = coupled(form("c = sum(g*x_j) - g*row_sum*x_i"), 0.08);
    assert_same("at the sender", &diffusive, &sender, ["input.x"; 2]);
    assert_same_hopf(
        "at the sender",
        [&diffusive, &sender],
        "input.x",
        (0.5, 1.2),
    );
    let additive = coupled(form("c = g*(sum(x_j) + h)"), 0.08);
    assert_same("additive", &ours("additive"), &additive, ["coupling.g"; 2]);
    // A shift of what is received is an input: g h = 0.35.
    let mut study = ours("linear");
    study.set_number("coupling.a", 1.0).unwrap();
    assert_same(
        "linear",
        &study,
        &ours("additive"),
        ["coupling.b", "input.x"],
    );
    let squared = coupled(form("c = g*sum(x_j*x_j)"), 0.08);
    let two = coupled(form("c = g*sum(x_j*x_j + h) - g*row_sum*h"), 0.08);
    assert_same("a square", &squared, &two, ["input.x"; 2]);
    assert_same_hopf("a square", [&squared, &two], "input.x", (0.5, 1.2));
}

/// Two couplings of half the strength are one; so are two that share channels, and two that go through different lines.
#[test]
fn halves_add_up() {
    let name_and = |study: &Study, names: [&str; 2], forms: [&'static Form; 2], g: f64| {
        let mut study = study.clone();
        study.coupling.terms = names
            .into_iter()
            .zip(forms)
            .map(|(name, form)| {
                let mut term = Term::new(study.model, form);
                term.name = name.into();
                term.parameters[0] = g.into();
                term
            })
            .collect();
        study
    };
    let diffusive = coupling::find("diffusive").unwrap();
    let whole = coupled(diffusive, 0.16);
    let halves = name_and(&whole, ["one", "other"], [diffusive, diffusive], 0.08);
    assert_same("halves", &whole, &halves, ["input.x"; 2]);
    assert_same_hopf("halves", [&whole, &halves], "input.x", (0.5, 1.2));
    // The second half is sent through a line of its own: two channels, nothing eliminated.
    let sender = form("c = sum(g*x_j) - g*row_sum*x_i");
    let mixed = name_and(&whole, ["one", "other"], [diffusive, sender], 0.08);
    let network = Network::new(&mixed, "input.x").unwrap();
    let u = vec![0.1; 6];
    let order = |network: &Network| Characteristic::new(network, &u, 0.5).order();
    assert_eq!(order(&network), 6);
    assert_eq!(order(&Network::new(&whole, "input.x").unwrap()), 3);
    assert_same("two lines", &whole, &mixed, ["input.x"; 2]);
    assert_same_hopf("two lines", [&whole, &mixed], "input.x", (0.5, 1.2));
    // One half alone: its number moves half of what the whole's does, at p = 0.35 both.
    let fixed = name_and(&whole, ["one", "other"], [diffusive, diffusive], 0.0);
    let path = "coupling.other.g";
    assert_same("the other half", &whole, &fixed, ["coupling.g", path]);
}

/// Two diffusive couplings, each over a matrix of its own, are one over the sum of what both count with; neither matrix has all
/// connections. What a coupling makes of squares of another matrix is what it makes of squares of the weights.
#[test]
fn each_coupling_goes_by_its_matrix() {
    let [g, other_g] = [0.08, 0.05];
    let mut random = randoms(77);
    let [first, second] = [(); 2].map(|()| connectome(3, &mut random).weights.clone());
    let with = |weights: &Array2<f64>, matrix: Option<&Array2<f64>>| {
        let mut study = coupled(coupling::find("diffusive").unwrap(), g);
        let mut connectome = Connectome::clone(&study.connectome);
        connectome.weights = weights.clone();
        study.connectome = Arc::new(match matrix {
            None => connectome,
            Some(matrix) => connectome.with_matrix("other", matrix.clone()).unwrap(),
        });
        study
    };
    let mut sparse = first.clone();
    sparse[[0, 1]] = 0.0;
    let mut two = with(&sparse, Some(&second));
    let mut term = two.coupling.terms[0].clone();
    term.name = "other".into();
    term.weights = Some(0);
    term.parameters[0] = Values::Uniform(other_g);
    two.coupling.terms.push(term);
    let sum = &sparse + &(&second * (other_g / g));
    let one = with(&sum, None);
    assert_same("two matrices", &two, &one, ["input.x"; 2]);
    assert_same_hopf("two matrices", [&two, &one], "input.x", (0.2, 0.9));

    let squares = form("c = g*sum(x_j) - g*row_sum*x_i + h*sum_squares(x_j)");
    let of = |study: Study, weights: Option<usize>| {
        let mut study = study;
        study.couple(squares);
        let term = &mut study.coupling.terms[0];
        term.weights = weights;
        term.parameters = vec![Values::Uniform(g), Values::Uniform(0.04)];
        study
    };
    let (named, plain) = (
        of(with(&first, Some(&second)), Some(0)),
        of(with(&second, None), None),
    );
    assert_same("squares of another matrix", &named, &plain, ["input.x"; 2]);

    let refused = Modes::new(&Network::new(&two, "input.x").unwrap()).unwrap_err();
    assert!(refused.to_string().contains("several"), "{refused}");
}

/// Kuramoto's coupling of phases: in synchrony, where all frequencies are 0, the eigenvalues are `-g` times the Laplacian's, and a
/// perturbation of one phase is felt as `g w cos(difference)`.
#[test]
fn phases_are_pulled_by_the_cosine_of_their_difference() {
    let mut study = Study::new(model("kuramoto"), connectome(5, &mut randoms(3)));
    study.couple(coupling::find("kuramoto").unwrap());
    study.set_g(0.7);
    let network = Network::new(&study, "parameters.omega")
        .unwrap()
        .without_delays();
    let theta = [0.3, -0.2, 1.1, 0.7, 2.0];
    let jacobian = network.jacobian(&theta, 0.0);
    let weights = &study.connectome.weights;
    for i in 0..5 {
        let pull = |j: usize| 0.7 * weights[[i, j]] * (theta[j] - theta[i]).cos();
        let others = || (0..5).filter(|&j| j != i);
        for j in others() {
            assert!((jacobian[(i, j)] - pull(j)).abs() < 1e-14);
        }
        assert!((jacobian[(i, i)] + others().map(pull).sum::<f64>()).abs() < 1e-14);
    }
    let synchrony = [0.4; 5];
    let modes = Modes::new(&network).unwrap();
    let found = modes.spectrum(&network, &synchrony, 0.0).unwrap();
    let whole = Characteristic::new(&network, &synchrony, 0.0)
        .spectrum()
        .unwrap();
    for (mu, found) in modes.eigenvalues.iter().zip(found) {
        assert!((found + 0.7 * mu).norm() < 1e-13, "{found} {mu}");
        let near = whole
            .iter()
            .map(|z| (z - found).norm())
            .fold(f64::INFINITY, f64::min);
        assert!(near < 1e-12, "{found}: {near:e}");
    }
    // Additive coupling with unequal row sums keeps nobody in synchrony; with equal ones it does.
    let mut study = coupled(coupling::find("additive").unwrap(), 0.2);
    let network = Network::new(&study, "input.x").unwrap();
    let error = Modes::new(&network).unwrap_err().report();
    assert!(error.contains("same state"), "{error}");
    let ring = ndarray::array![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
    let ring = brainsweep::connectome::Connectome::new(
        None,
        ring,
        brainsweep::connectome::Delays::None,
        None,
    );
    study.connectome = std::sync::Arc::new(ring.unwrap());
    study.coupling.conduction_speed = f64::INFINITY;
    study.input[1] = Values::Uniform(0.0);
    let network = Network::new(&study, "input.x").unwrap();
    let u = [0.4, 0.1].repeat(3);
    let found = Modes::new(&network)
        .unwrap()
        .spectrum(&network, &u, 0.5)
        .unwrap();
    let whole = Characteristic::new(&network, &u, 0.5).spectrum().unwrap();
    for found in found {
        let near = whole
            .iter()
            .map(|z| (z - found).norm())
            .fold(f64::INFINITY, f64::min);
        assert!(near < 1e-12, "{found}: {near:e}");
    }
}
