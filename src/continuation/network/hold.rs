//! Finds one parameter per node with which an output of every node rests at a target.
//!
//! ```text
//! f(u, v) = 0                 the network without its delays is at rest
//! output_i(u, v) = target_i   at every node
//! ```
//!
//! Newton's method solves both at once for the states `u` and the parameters `v`, with automatic derivatives. A step that does not
//! bring the next one down is halved (Deuflhard's natural monotonicity test, which does not depend on units). Where Newton's method
//! fails from the start, the coupling grows from nothing to all of it, and each solution is the start of the next.
//!
//! Deco, Ponce-Alvarez, Hagmann, Romani, Mantini & Corbetta (2014), J. Neurosci. 34, 7886, adjust local inhibition so that the
//! excitatory rate is 3 Hz ("feedback inhibition control"); Deuflhard (2011), Newton Methods for Nonlinear Problems, section 3.3.

use faer::Mat;
use faer::linalg::solvers::Solve;

use super::connections::Connections;
use super::equations::Work;
use super::number::{D1, Number};
use super::{Arrivals, Network};
use crate::Control;
use crate::continuation::linear::{eigenvalues, root_mean_square};
use crate::error::{Error, Result};

/// A Newton step below this, relatively, is the last.
const STEP_TOLERANCE: f64 = 1e-12;
/// Steps from one start.
const MAX_ITERATIONS: usize = 60;
/// The smallest part of a Newton step that is tried.
const LEAST_PART: f64 = 1e-4;
/// The smallest growth of the coupling that is tried.
const LEAST_GROWTH: f64 = 1e-4;

/// A network at rest, held at its targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The states, `[dim]`.
    pub u: Vec<f64>,
    /// The parameter of each node, `[n_nodes]`.
    pub values: Vec<f64>,
    /// The largest real part among the eigenvalues of the network without its delays, per ms: the state is stable below 0.
    pub eigenvalue: f64,
    /// Largest time derivative left, per ms.
    pub residual: f64,
    /// Largest distance of an output from its target that is left, in units of the output.
    pub off: f64,
}

impl Network {
    /// Finds the value of the network's parameter at each node with which an output rests at a target. `observable` is its index among
    /// [`Model::observables`](crate::model::Model::observables), `targets` has one number for each node, and the search begins at the
    /// states `guess` (`[dim]`) and the parameters `values` (`[n_nodes]`).
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) with the residual that is left, per ms.
    pub fn held(
        mut self,
        observable: usize,
        targets: &[f64],
        (guess, values): (&[f64], &[f64]),
        control: &Control,
    ) -> Result<Held> {
        self.distances = super::Distances::None;
        self.feeds_back_late = false;
        self.parameter.share = vec![1.0; self.n_nodes];
        let whole = (self.matrices.clone(), self.row_sums.clone());
        let mut holding = Holding {
            network: self,
            observable,
            targets,
        };
        let mut x = [guess, values].concat();
        if !holding.newton(&mut x) {
            x = [guess, values].concat();
            let (mut reached, mut growth) = (0.0, 0.25);
            let mut tried = 0.0;
            loop {
                let scaled = whole
                    .0
                    .iter()
                    .map(|matrix| Connections::new(&**matrix * tried));
                holding.network.matrices = scaled.collect();
                holding.network.row_sums = &whole.1 * tried;
                let mut next = x.clone();
                if tried == 0.0 {
                    holding.settle(&mut next, control);
                }
                if holding.newton(&mut next) {
                    (x, reached) = (next, tried);
                    if reached == 1.0 {
                        break;
                    }
                    growth *= 2.0;
                } else {
                    growth *= 0.25;
                    if tried == 0.0 || growth < LEAST_GROWTH || control.is_stopped() {
                        return Err(holding.failed(&x, tried));
                    }
                }
                tried = (reached + growth).min(1.0);
            }
        }
        Ok(holding.finish(x))
    }
}

/// The equations, over states and then parameters.
struct Holding<'a> {
    network: Network,
    observable: usize,
    targets: &'a [f64],
}

impl Holding<'_> {
    /// States, with the parameters put into the network.
    fn load<'x>(&mut self, x: &'x [f64]) -> &'x [f64] {
        let (u, values) = x.split_at(self.network.dim());
        self.network.parameter.rest.copy_from_slice(values);
        u
    }

    /// Moves the states to where they settle with the parameters as they are, if they do.
    fn settle(&mut self, x: &mut [f64], control: &Control) {
        let u = self.load(x);
        if let Ok(found) = self.network.equilibrium_unless(u, 0.0, control) {
            x[..found.u.len()].copy_from_slice(&found.u);
        }
    }

    /// Rates of all states, then how far each output is from its target.
    fn residual(&mut self, x: &[f64]) -> Vec<f64> {
        let u = self.load(x);
        let network = &self.network;
        let arrivals = network.arrivals(u, 0.0);
        let mut all = network.drift(u, 0.0, &arrivals);
        let shown = network.shown(self.observable, u, 0.0, &arrivals);
        all.extend(shown.iter().zip(self.targets).map(|(x, target)| x - target));
        all
    }

    /// The derivatives of the residual.
    fn jacobian(&mut self, x: &[f64]) -> Mat<f64> {
        let u = self.load(x);
        let network = &self.network;
        let (n_nodes, n_states, dim) = (network.n_nodes, network.n_states(), network.dim());
        let arrivals = network.arrivals(u, 0.0);
        let parts = network.linearisation_with(u, 0.0, &arrivals);
        let by_states = network.assemble(&parts);
        let shown = network.shown_slopes(self.observable, u, &arrivals);
        // What the parameter does where all that arrives stays as it is, and to what is sent.
        let moving: Vec<D1> = u.iter().copied().map(D1::constant).collect();
        let p = D1::variable(0.0);
        let constant = |all: &[f64]| all.iter().copied().map(D1::constant).collect();
        let fixed = Arrivals {
            sums: constant(&arrivals.sums),
            fed_back: constant(&arrivals.fed_back),
        };
        let slopes = |all: Vec<D1>| all.into_iter().map(D1::derivative).collect::<Vec<f64>>();
        let drift = slopes(network.drift(&moving, p, &fixed));
        let own = slopes(network.shown(self.observable, &moving, p, &fixed));
        let sent = slopes(network.lines(&moving, p));

        let mut all = Mat::zeros(dim + n_nodes, dim + n_nodes);
        for row in 0..dim {
            for column in 0..dim {
                all[(row, column)] = by_states[(row, column)];
            }
        }
        let layout = network.layout();
        for i in 0..n_nodes {
            for s in 0..n_states {
                all[(i * n_states + s, dim + i)] += drift[i * n_states + s];
                all[(dim + i, i * n_states + s)] += shown.local[i * n_states + s];
            }
            all[(dim + i, dim + i)] += own[i];
            for (c, channel) in layout.channels.iter().enumerate() {
                let (received, felt) =
                    (parts.input(i, c), shown.sums[i * layout.channels.len() + c]);
                let weights = network.matrices[channel.matrix].row(i);
                for (j, &weight) in weights.iter().enumerate() {
                    if weight == 0.0 {
                        continue;
                    }
                    let by_parameter = weight * sent[j * layout.n_lines + channel.line];
                    for s in 0..n_states {
                        all[(i * n_states + s, dim + j)] += received[s] * by_parameter;
                        let by_state = weight * parts.sent(j, channel.line)[s];
                        all[(dim + i, j * n_states + s)] += felt * by_state;
                    }
                    all[(dim + i, dim + j)] += felt * by_parameter;
                }
            }
            for (f, &line) in layout.feedback.iter().enumerate() {
                let (received, felt) = (
                    parts.feedback(i, f),
                    shown.fed_back[i * layout.feedback.len() + f],
                );
                let by_parameter = sent[i * layout.n_lines + line];
                for s in 0..n_states {
                    all[(i * n_states + s, dim + i)] += received[s] * by_parameter;
                    all[(dim + i, i * n_states + s)] += felt * parts.sent(i, line)[s];
                }
                all[(dim + i, dim + i)] += felt * by_parameter;
            }
        }
        all
    }

    /// Newton's method from `x`; whether it converged.
    fn newton(&mut self, x: &mut Vec<f64>) -> bool {
        for _ in 0..MAX_ITERATIONS {
            let residual = self.residual(x);
            let lu = self.jacobian(x).partial_piv_lu();
            let solved = |residual: &[f64]| -> Vec<f64> {
                let mut step = Mat::from_fn(residual.len(), 1, |k, _| -residual[k]);
                lu.solve_in_place(&mut step);
                (0..residual.len()).map(|k| step[(k, 0)]).collect()
            };
            let step = solved(&residual);
            let size = |step: &[f64], x: &[f64]| {
                let relative = step.iter().zip(x).map(|(step, x)| step / (1e-3 + x.abs()));
                root_mean_square(&relative.collect::<Vec<_>>())
            };
            let length = size(&step, x);
            if !length.is_finite() {
                return false;
            }
            let mut part = 1.0;
            loop {
                let next: Vec<f64> = x.iter().zip(&step).map(|(x, d)| x + part * d).collect();
                if length <= STEP_TOLERANCE {
                    *x = next;
                    return true;
                }
                let left = size(&solved(&self.residual(&next)), x);
                if left <= (1.0 - 0.25 * part) * length || left <= STEP_TOLERANCE {
                    *x = next;
                    break;
                }
                part *= 0.5;
                if part < LEAST_PART {
                    // Rounding of the last digits lets no step shrink.
                    return length <= 1e3 * STEP_TOLERANCE;
                }
            }
        }
        false
    }

    fn finish(mut self, x: Vec<f64>) -> Held {
        let residual = self.residual(&x);
        let u = self.load(&x).to_vec();
        let (rates, off) = residual.split_at(u.len());
        let largest = |all: &[f64]| all.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let jacobian = self.network.jacobian(&u, 0.0);
        Held {
            eigenvalue: eigenvalues(jacobian.as_ref())[0].re,
            values: x[u.len()..].to_vec(),
            residual: largest(rates),
            off: largest(off),
            u,
        }
    }

    fn failed(&mut self, x: &[f64], share: f64) -> Error {
        let left = root_mean_square(&self.residual(x));
        let what = format!(
            "{} at each node with which {} rests at its target",
            self.network.parameter(),
            self.network.model.observable(self.observable).name
        );
        let at = format!("{share:.3} of the coupling");
        let advice = "give another target, another start of the states or of the parameter";
        Error::not_converged(what, at, left, advice)
    }
}

/// How an output of every node changes.
struct Slopes {
    /// With its own states, `[n_nodes, n_states]`.
    local: Vec<f64>,
    /// With its sums, `[n_nodes, n_channels]`.
    sums: Vec<f64>,
    /// With its delayed signals, `[n_nodes, n_feedback]`.
    fed_back: Vec<f64>,
}

impl Network {
    /// A state or output of every node, `[n_nodes]`.
    fn shown<S: Number>(&self, observable: usize, u: &[S], p: S, arrivals: &Arrivals<S>) -> Vec<S> {
        let n_states = self.n_states();
        let mut work = Work::new();
        let nodes = u.chunks_exact(n_states).enumerate();
        let of = nodes.map(|(node, state)| match observable.checked_sub(n_states) {
            None => state[observable],
            Some(output) => {
                self.load_outputs(node, (state, p), arrivals, &mut work);
                let mut outputs = work.run(&self.equations.outputs);
                outputs.nth(output).expect("an output of the model")
            }
        });
        of.collect()
    }

    fn shown_slopes(&self, observable: usize, u: &[f64], arrivals: &Arrivals<f64>) -> Slopes {
        let n_states = self.n_states();
        let (n_sums, n_feedback) = (self.layout.channels.len(), self.layout.feedback.len());
        let constant = |all: &[f64]| -> Vec<D1> { all.iter().copied().map(D1::constant).collect() };
        let arrivals = Arrivals {
            sums: constant(&arrivals.sums),
            fed_back: constant(&arrivals.fed_back),
        };
        let mut slopes = Slopes {
            local: Vec::with_capacity(self.dim()),
            sums: Vec::with_capacity(self.n_nodes * n_sums),
            fed_back: Vec::with_capacity(self.n_nodes * n_feedback),
        };
        let mut work = Work::new();
        let p = D1::constant(0.0);
        for (node, state) in constant(u).chunks_exact(n_states).enumerate() {
            let Some(output) = observable.checked_sub(n_states) else {
                let own = (0..n_states).map(|s| f64::from(u8::from(s == observable)));
                slopes.local.extend(own);
                slopes.sums.extend(std::iter::repeat_n(0.0, n_sums));
                slopes.fed_back.extend(std::iter::repeat_n(0.0, n_feedback));
                continue;
            };
            self.load_outputs(node, (state, p), &arrivals, &mut work);
            // States, sums and delayed values stand first among the arguments.
            for argument in 0..n_states + n_sums + n_feedback {
                let value = work.values[argument];
                work.values[argument] = D1::variable(value.value);
                let mut outputs = work.run(&self.equations.outputs);
                let slope = outputs.nth(output).expect("an output of the model");
                drop(outputs);
                work.values[argument] = value;
                let into = match argument {
                    _ if argument < n_states => &mut slopes.local,
                    _ if argument < n_states + n_sums => &mut slopes.sums,
                    _ => &mut slopes.fed_back,
                };
                into.push(slope.derivative());
            }
        }
        slopes
    }
}
