//! The equations that continuation follows: du/dt = f(u, p), and its derivatives.

mod node;

pub use node::NodeProblem;

use crate::scalar::{Dual, Gradient, Scalar, Series2, Series4, Slope};

/// Right-hand sides written once, generically. Every derivative a [`Problem`] needs follows.
///
/// ```
/// use brainsweep::continuation::Equations;
/// use brainsweep::continuation::Scalar;
///
/// /// A -> 2X + Y, as Prigogine & Lefever (1968) have it, J. Chem. Phys. 48, 1695.
/// struct Brusselator;
/// impl Equations for Brusselator {
///     fn unknowns(&self) -> Vec<String> {
///         ["x", "y"].map(String::from).to_vec()
///     }
///     fn parameters(&self) -> Vec<String> {
///         vec!["b".into()]
///     }
///     fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
///         let (x, y, b) = (u[0], u[1], p[0]);
///         rates[0] = S::lit(1.0) - (b + S::lit(1.0)) * x + x * x * y;
///         rates[1] = b * x - x * x * y;
///     }
/// }
/// ```
pub trait Equations: Sync {
    /// The names of the unknowns.
    fn unknowns(&self) -> Vec<String>;
    /// The names of the parameters that may vary: one, or two.
    fn parameters(&self) -> Vec<String>;
    /// f(u, p): `u` and `rates` are `[n_unknowns]`, `p` is `[n_parameters]`.
    fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]);
    /// How many unknowns there are.
    fn n_unknowns(&self) -> usize {
        self.unknowns().len()
    }
    /// How many parameters may vary.
    fn n_parameters(&self) -> usize {
        self.parameters().len()
    }
}

/// du/dt = f(u, p) with its derivatives: what the engine works on.
///
/// Made from [`Equations`]; a problem with structure may implement it directly. Matrices are
/// written column by column.
pub trait Problem: Sync {
    /// The names of the unknowns.
    fn unknown_names(&self) -> Vec<String>;
    /// The names of the parameters that may vary.
    fn parameter_names(&self) -> Vec<String>;
    /// How many unknowns there are.
    fn dimension(&self) -> usize;
    /// How many parameters may vary.
    fn parameter_count(&self) -> usize;
    /// The number of equal units that the unknowns belong to: the nodes of a network. Lengths along
    /// branches are root mean squares over units, so steps do not shrink with their number.
    fn units(&self) -> usize {
        1
    }
    /// Whether each unit receives only the first unknown of the others, into the rate of its own
    /// first unknown.
    fn receives_first_only(&self) -> bool {
        false
    }

    /// f(u, p), `[n]`.
    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]);

    /// f and its derivatives with respect to the unknowns and then the parameters,
    /// `[n, n + n_parameters]`.
    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]);

    /// The derivatives of `f' direction`, as [`Problem::derivative`] orders them; `direction` is
    /// `[n + n_parameters]`.
    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]);

    /// f on power series in two variables.
    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]);

    /// f on power series in four variables.
    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]);
}

/// Derivatives taken in one pass.
const PASS: usize = 3;

/// Runs `body` on `len` values: on the stack if they are few, as they are for one node.
pub(super) fn scratch<T: Copy, R>(len: usize, fill: T, body: impl FnOnce(&mut [T]) -> R) -> R {
    const FEW: usize = 32;
    if len <= FEW {
        body(&mut [fill; FEW][..len])
    } else {
        body(&mut vec![fill; len])
    }
}

/// Calls `visit(first_column, (u, p))` for every `PASS` columns of the derivative, with the values
/// seeded for them.
fn passes(u: &[f64], p: &[f64], mut visit: impl FnMut(usize, &[Gradient<PASS>])) {
    scratch(u.len() + p.len(), Gradient::constant(0.0), |seeded| {
        for (k, &value) in u.iter().chain(p).enumerate() {
            seeded[k].value = value;
        }
        for first in (0..seeded.len()).step_by(PASS) {
            let columns = first..(first + PASS).min(seeded.len());
            for column in columns.clone() {
                seeded[column].slopes[column - first] = 1.0;
            }
            visit(first, seeded);
            for column in columns {
                seeded[column].slopes[column - first] = 0.0;
            }
        }
    });
}

impl<E: Equations> Problem for E {
    fn unknown_names(&self) -> Vec<String> {
        self.unknowns()
    }

    fn parameter_names(&self) -> Vec<String> {
        self.parameters()
    }

    fn dimension(&self) -> usize {
        self.n_unknowns()
    }

    fn parameter_count(&self) -> usize {
        self.n_parameters()
    }

    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]) {
        self.rates(u, p, value);
    }

    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let n = u.len();
        scratch(n, Gradient::constant(0.0), |rates| {
            passes(u, p, |first, seeded| {
                self.rates(&seeded[..n], &seeded[n..], rates);
                let columns = &mut derivative[first * n..];
                for k in 0..PASS.min(columns.len() / n) {
                    let column = &mut columns[k * n..][..n];
                    for row in 0..n {
                        column[row] = rates[row].slopes[k];
                    }
                }
            });
            for row in 0..n {
                value[row] = rates[row].value;
            }
        });
    }

    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]) {
        let n = u.len();
        let mut rates = vec![Dual::constant(Gradient::constant(0.0)); n];
        passes(u, p, |first, seeded| {
            let seeded: Vec<Dual<Gradient<PASS>>> = seeded
                .iter()
                .zip(direction)
                .map(|(&value, &slope)| Dual {
                    value,
                    slope: Slope::Of(Gradient::constant(slope)),
                })
                .collect();
            self.rates(&seeded[..n], &seeded[n..], &mut rates);
            for (k, column) in second[first * n..]
                .chunks_exact_mut(n)
                .take(PASS)
                .enumerate()
            {
                for (entry, rate) in column.iter_mut().zip(&rates) {
                    *entry = rate.derivative().slopes[k];
                }
            }
        });
    }

    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]) {
        self.rates(u, p, rates);
    }

    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]) {
        self.rates(u, p, rates);
    }
}

/// `name = value, ...` of the problem's parameters.
pub(crate) fn describe(problem: &dyn Problem, parameters: &[f64]) -> String {
    let names = problem.parameter_names();
    let pairs: Vec<String> = names
        .iter()
        .zip(parameters)
        .map(|(name, value)| format!("{name} = {value:.9}"))
        .collect();
    pairs.join(", ")
}
