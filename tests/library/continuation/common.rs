//! What the tests share.

use brainsweep::continuation::{Diagram, Event, EventKind, Locus, NodeProblem, Problem, Settings};
use brainsweep::model::find;

/// Equations from a closure-like macro: unknowns, parameters, body over `S`.
macro_rules! equations {
    ($(#[$doc:meta])* $name:ident, [$($unknown:ident),*], [$($parameter:ident),*], $body:expr) => {
        $(#[$doc])*
        pub struct $name;
        impl brainsweep::continuation::Equations for $name {
            fn unknowns(&self) -> Vec<String> {
                [$(stringify!($unknown)),*].map(String::from).to_vec()
            }
            fn parameters(&self) -> Vec<String> {
                [$(stringify!($parameter)),*].map(String::from).to_vec()
            }
            fn rates<S: brainsweep::testing::scalar::Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
                let &[$($unknown),*] = u else { panic!("wrong number of unknowns") };
                let &[$($parameter),*] = p else { panic!("wrong number of parameters") };
                let lit = |value: f64| S::lit(value);
                let _ = lit;
                rates.copy_from_slice(&$body(lit));
            }
        }
    };
}
pub(crate) use equations;

/// The tutorial's Wilson-Cowan parameters.
pub const TUTORIAL: [(&str, f64); 8] = [
    ("wEE", 16.0),
    ("wIE", 15.0),
    ("wEI", 12.0),
    ("wII", 3.0),
    ("E_a", 1.5),
    ("I_a", 1.5),
    ("E_theta", 3.0),
    ("I_theta", 3.0),
];

pub fn wilson_cowan(model: &str, y_ext: f64) -> NodeProblem {
    let mut set = TUTORIAL.to_vec();
    set.push(("y_ext", y_ext));
    NodeProblem::new(find(model).unwrap(), &set, &["x_ext", "y_ext"]).unwrap()
}

pub fn fitzhugh_nagumo() -> NodeProblem {
    NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["x_ext", "gamma"]).unwrap()
}

/// Without cycles.
pub fn equilibria(problem: &dyn Problem, parameters: &[f64], settings: &Settings) -> Diagram {
    let mut settings = settings.clone();
    settings.cycles = false;
    let diagram = Diagram::new(problem, parameters, &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    for branch in &diagram.branches {
        assert!(branch.unexplained.is_empty(), "{:?}", branch.unexplained);
    }
    diagram
}

/// The events of one kind, in order of the branches.
pub fn of_kind(diagram: &Diagram, kind: EventKind) -> Vec<Event> {
    let events = diagram.events().filter(|(_, event)| event.kind == kind);
    events.map(|(_, event)| event.clone()).collect()
}

pub fn locus_events(locus: &Locus, kind: EventKind) -> Vec<Event> {
    locus
        .events()
        .filter(|event| event.kind == kind)
        .cloned()
        .collect()
}

/// `found` within `tolerance` of `expected`, relative to 1 + |expected|.
#[track_caller]
pub fn close(found: f64, expected: f64, tolerance: f64) {
    let miss = (found - expected).abs() / (1.0 + expected.abs());
    assert!(
        miss <= tolerance,
        "found {found}, expected {expected}, off by {miss:.1e}"
    );
}

/// One step of the classical Runge-Kutta method.
pub fn runge_kutta(f: &dyn Fn(&[f64]) -> Vec<f64>, x: &[f64], dt: f64) -> Vec<f64> {
    let ahead =
        |k: &[f64], h: f64| -> Vec<f64> { x.iter().zip(k).map(|(x, k)| x + h * k).collect() };
    let a = f(x);
    let b = f(&ahead(&a, dt / 2.0));
    let c = f(&ahead(&b, dt / 2.0));
    let d = f(&ahead(&c, dt));
    (0..x.len())
        .map(|i| x[i] + dt / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]))
        .collect()
}

/// du/dt = f(u, p), as [`runge_kutta`] takes it.
pub fn field<'a>(
    problem: &'a dyn Problem,
    parameters: &'a [f64],
) -> impl Fn(&[f64]) -> Vec<f64> + 'a {
    move |u: &[f64]| {
        let mut rates = vec![0.0; u.len()];
        problem.value(u, parameters, &mut rates);
        rates
    }
}

/// The state and the derivative of the flow `[n, n]`, column by column, after `time`: the variational equation integrated with it.
pub fn time_map(
    problem: &dyn Problem,
    parameters: &[f64],
    u: &[f64],
    time: f64,
    steps: usize,
) -> (Vec<f64>, Vec<f64>) {
    let n = u.len();
    let both = |x: &[f64]| -> Vec<f64> {
        let mut rates = vec![0.0; n];
        let mut j = vec![0.0; n * (n + parameters.len())];
        problem.derivative(&x[..n], parameters, &mut rates, &mut j);
        for column in x[n..].chunks_exact(n) {
            rates.extend((0..n).map(|r| (0..n).map(|c| j[c * n + r] * column[c]).sum::<f64>()));
        }
        rates
    };
    let mut x = u.to_vec();
    x.extend((0..n * n).map(|k| f64::from(u8::from(k % (n + 1) == 0))));
    for _ in 0..steps {
        x = runge_kutta(&both, &x, time / steps as f64);
    }
    let derivative = x.split_off(n);
    (x, derivative)
}
