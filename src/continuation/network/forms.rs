//! Second and third derivatives of a network's drift along complex directions, for normal forms.

use num_complex::Complex64;

use super::node::{Number, d2, d3, mixed2, mixed3};
use super::{Network, Work};

/// A direction in what the nodes' drifts depend on.
#[derive(Debug, Clone)]
pub(crate) struct Direction {
    /// Of the states, `[dim]`.
    pub state: Vec<Complex64>,
    /// Of what the first states hear, g included, `[n_nodes]`.
    pub heard: Vec<Complex64>,
    /// Of the delayed self feedback, `[n_nodes]`; empty without.
    pub fed_back: Vec<Complex64>,
}

impl Direction {
    /// The complex conjugate.
    pub fn conj(&self) -> Self {
        let conj = |v: &[Complex64]| v.iter().map(Complex64::conj).collect();
        Self {
            state: conj(&self.state),
            heard: conj(&self.heard),
            fed_back: conj(&self.fed_back),
        }
    }
}

/// Real or imaginary part.
type Part = fn(Complex64) -> f64;
const PARTS: [(Part, Complex64); 2] = [(|z| z.re, Complex64::ONE), (|z| z.im, Complex64::I)];

impl Network {
    /// The second derivative of the drift along `a` and `b` at the constant state `u`, `[dim]`.
    pub(crate) fn second_form(
        &self,
        u: &[f64],
        p: f64,
        a: &Direction,
        b: &Direction,
    ) -> Vec<Complex64> {
        let mut form = vec![Complex64::ZERO; u.len()];
        for (of_a, unit_a) in PARTS {
            for (of_b, unit_b) in PARTS {
                let real = self.seeded_drift(u, p, |value, at| d2(value, of_a(at(a)), of_b(at(b))));
                add(&mut form, unit_a * unit_b, real.into_iter().map(mixed2));
            }
        }
        form
    }

    /// The third derivative of the drift along `a`, `b` and `c` at the constant state `u`, `[dim]`.
    pub(crate) fn third_form(
        &self,
        u: &[f64],
        p: f64,
        [a, b, c]: [&Direction; 3],
    ) -> Vec<Complex64> {
        let mut form = vec![Complex64::ZERO; u.len()];
        for (of_a, unit_a) in PARTS {
            for (of_b, unit_b) in PARTS {
                for (of_c, unit_c) in PARTS {
                    let real = self.seeded_drift(u, p, |value, at| {
                        d3(value, of_a(at(a)), of_b(at(b)), of_c(at(c)))
                    });
                    add(
                        &mut form,
                        unit_a * unit_b * unit_c,
                        real.into_iter().map(mixed3),
                    );
                }
            }
        }
        form
    }

    /// The drift of all nodes with every varying quantity seeded: `seed` gets its value and how to find it in a direction.
    fn seeded_drift<S: Number>(
        &self,
        u: &[f64],
        p: f64,
        seed: impl Fn(f64, &dyn Fn(&Direction) -> Complex64) -> S,
    ) -> Vec<S> {
        let n_states = self.n_states();
        let arrivals = self.arrivals(u);
        let mut out = Vec::with_capacity(u.len());
        let mut work = Work::default();
        for (i, &arrivals) in arrivals.iter().enumerate() {
            let at = i * n_states;
            let state: Vec<S> = (at..at + n_states)
                .map(|k| seed(u[k], &|d| d.state[k]))
                .collect();
            let fed_back = self.feedback().and_then(|feedback| feedback.state());
            let fed_back = fed_back.map(|s| seed(u[at + s], &|d| d.fed_back[i]));
            self.prepare_node(i, S::lit(p), S::lit(arrivals), fed_back, &mut work);
            work.input[0] = seed(work.input[0].value(), &|d| d.heard[i]);
            out.extend_from_slice(work.drift(self.model, &state));
        }
        out
    }
}

fn add(form: &mut [Complex64], factor: Complex64, real: impl Iterator<Item = f64>) {
    for (form, real) in form.iter_mut().zip(real) {
        *form += factor * real;
    }
}
