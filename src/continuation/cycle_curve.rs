//! Folds of cycles in two parameters: the cycle with its critical direction, as one periodic problem of twice the size.
//!
//! ```text
//! dw/dt = T f(w, p),    dv/dt = T f_w(w, p) v + b f(w, p)
//! phase of w,   integral v . r' = 0,   integral v . v + b^2 = 1
//! ```
//!
//! (Doedel, Govaerts & Kuznetsov 2003, SIAM J. Numer. Anal. 41, 401, their extended system.) Scalars are T, b and both parameters.

use super::collocation::{Collocation, PeriodicField};
use super::curve::{Convergence, Curve, OnCurve, Solved, correct};
use super::cycle::Cycle;
use super::event::{Event, EventKind};
use super::locus::{Bifurcations, Locus, LocusPoint, trace};
use super::problem::Problem;
use super::settings::Settings;
use crate::error::{Error, Result};

struct Twofold<'a> {
    problem: &'a dyn Problem,
}

impl PeriodicField for Twofold<'_> {
    fn n_states(&self) -> usize {
        2 * self.problem.dimension()
    }

    fn n_scalars(&self) -> usize {
        4
    }

    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let n = self.problem.dimension();
        let (u, v) = w.split_at(n);
        let (period, b, p) = (a[0], a[1], &a[2..]);
        let mut f = vec![0.0; n];
        let mut first = vec![0.0; n * (n + 2)];
        let mut second = vec![0.0; n * (n + 2)];
        self.problem.derivative(u, p, &mut f, &mut first);
        let mut direction = v.to_vec();
        direction.extend([0.0, 0.0]);
        self.problem
            .second_derivative(u, p, &direction, &mut second);
        let moved: Vec<f64> = (0..n)
            .map(|r| (0..n).map(|c| first[c * n + r] * v[c]).sum())
            .collect();
        let rows = 2 * n;
        derivative.fill(0.0);
        for r in 0..n {
            value[r] = period * f[r];
            value[n + r] = period * moved[r] + b * f[r];
            for c in 0..n {
                let j = first[c * n + r];
                derivative[c * rows + r] = period * j;
                derivative[c * rows + n + r] = period * second[c * n + r] + b * j;
                derivative[(n + c) * rows + n + r] = period * j;
            }
            derivative[2 * n * rows + r] = f[r];
            derivative[2 * n * rows + n + r] = moved[r];
            derivative[(2 * n + 1) * rows + n + r] = f[r];
            for k in 0..2 {
                let column = (2 * n + 2 + k) * rows;
                let by_parameter = first[(n + k) * n + r];
                derivative[column + r] = period * by_parameter;
                derivative[column + n + r] = period * second[(n + k) * n + r] + b * by_parameter;
            }
        }
    }

    fn conditions(
        &self,
        w: &[f64],
        a: &[f64],
        [reference, slope]: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    ) {
        let n = self.problem.dimension();
        let row = 2 * n + 4;
        derivative.fill(0.0);
        value.fill(0.0);
        for i in 0..n {
            value[0] += (w[i] - reference[i]) * slope[i];
            derivative[i] = slope[i];
            value[1] += w[n + i] * slope[i];
            derivative[row + n + i] = slope[i];
            value[2] += w[n + i] * w[n + i];
            derivative[2 * row + n + i] = 2.0 * w[n + i];
        }
        value[2] += a[1] * a[1] - 1.0;
        derivative[2 * row + 2 * n + 1] = 2.0 * a[1];
    }
}

struct CycleFolds<'a> {
    system: Collocation<Twofold<'a>>,
}

impl Curve for CycleFolds<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.system.solve(x, border)
    }

    fn weights(&self) -> &[f64] {
        self.system.weights()
    }
}

impl CycleFolds<'_> {
    fn scalars(&self) -> usize {
        self.system.n_points() * self.system.n()
    }
}

impl Bifurcations for CycleFolds<'_> {
    fn kind(&self) -> EventKind {
        EventKind::CycleFold
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        let at = self.scalars();
        [x[at + 2], x[at + 3]]
    }

    fn accept(&mut self, x: &[f64]) {
        self.system.refer_to(x);
    }

    fn tests(&self, _: &OnCurve) -> Vec<(EventKind, Option<f64>)> {
        Vec::new()
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        let n = self.system.n() / 2;
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: on.x[..n].to_vec(),
            kind: EventKind::CycleFold,
            omega: None,
            period: Some(on.x[self.scalars()]),
            coefficient: None,
            eigenvalues: Vec::new(),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn normal_form(&self, _: &OnCurve, _: &mut Event) {}
}

impl Locus {
    /// The curve of folds of cycles through `fold`, an event of the branch that `cycle` (a cycle near the fold) lies on; the second
    /// parameter has the value `second` there.
    ///
    /// # Errors
    /// [`Error::BadValue`] for a problem without two parameters, [`Error::NotConverged`] if the curve is not found from there.
    pub fn of_cycle_folds(
        problem: &dyn Problem,
        fold: &Event,
        cycle: &Cycle,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Self> {
        if problem.parameter_count() != 2 {
            let rule = "a curve of bifurcations needs two that vary";
            let found = problem.parameter_count();
            return Err(Error::bad_value("parameters", found, rule));
        }
        let n = problem.dimension();
        let degree = settings.collocation.clamp(2, 7);
        // The mesh of the cycle: its times are `degree` to an interval.
        let mesh: Vec<f64> = cycle.times.iter().copied().step_by(degree).collect();
        let weights = vec![cycle.period.powi(-2), 1.0, 1.0, 1.0];
        let system = Collocation::new(Twofold { problem }, degree, mesh, weights);
        let mut folds = CycleFolds { system };
        // A first critical direction: the cycle growing about its centre.
        let profile = &cycle.profile[..cycle.profile.len() - 1];
        let mut x: Vec<f64> = Vec::with_capacity(2 * n * profile.len() + 4);
        let centre: Vec<f64> = (0..n)
            .map(|i| profile.iter().map(|w| w[i]).sum::<f64>() / profile.len() as f64)
            .collect();
        for w in profile {
            x.extend(w);
            x.extend(w.iter().zip(&centre).map(|(w, c)| w - c));
        }
        x.extend([cycle.period, 0.0, cycle.parameter, second]);
        scale_direction(&folds.system, &mut x);
        folds.system.refer_to(&x);
        let mut across = vec![0.0; x.len()];
        across[x.len() - 1] = 1.0;
        let convergence = Convergence {
            tolerance: 1e-10,
            max_iterations: 40,
            early: false,
        };
        let on = correct(&mut folds, x, &across, convergence).map_err(|failure| {
            Error::NotConverged {
                what: "a fold of cycles".into(),
                at: format!("{} = {}", problem.parameter_names()[0], fold.parameters[0]),
                residual: failure.residual,
                advice: "take a cycle nearer to the fold, or more mesh intervals".into(),
            }
        })?;
        trace(folds, on.x, ranges, settings)
    }
}

/// Scales the v part to `integral v . v = 1`.
fn scale_direction(system: &Collocation<Twofold<'_>>, x: &mut [f64]) {
    let n = system.n() / 2;
    let at = system.n_points() * 2 * n;
    let weights = system.weights();
    let square: f64 = (0..at)
        .filter(|k| k % (2 * n) >= n)
        .map(|k| weights[k] * x[k] * x[k])
        .sum();
    let factor = square.sqrt().recip();
    for (k, x) in x[..at].iter_mut().enumerate() {
        if k % (2 * n) >= n {
            *x *= factor;
        }
    }
}
