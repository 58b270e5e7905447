//! Folds and Hopf points of equilibria as curves, with their codimension-two points.

use num_complex::Complex64;

use super::{Bifurcations, LocusPoint};
use crate::continuation::curve::{Curve, OnCurve, Solved};
use crate::continuation::equilibrium::fold::Folds;
use crate::continuation::equilibrium::hopf::Hopfs;
use crate::continuation::equilibrium::normal_form;
use crate::continuation::event::{Criticality, Event, EventKind};
use crate::continuation::linear::{dot, eigenvalues};
use crate::continuation::problem::Problem;
use crate::continuation::rounded::Rounded;

/// Hopf points whose frequency is a smaller share of the Jacobian's norm are Bogdanov-Takens points to rounding: the first
/// Lyapunov coefficient, which has a pole there, has no digits.
const SLOWEST: f64 = 1e-6;

pub(super) struct FoldLocus<'a> {
    pub folds: Folds<'a>,
    pub n: usize,
}

impl Curve for FoldLocus<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.folds.solve(x, border)
    }
}

/// Without the `k` eigenvalues nearest the given ones.
pub(crate) fn rest_of(values: &[Complex64], critical: &[Complex64]) -> Vec<Complex64> {
    let mut rest = values.to_vec();
    for target in critical {
        if let Some(index) = (0..rest.len()).min_by(|&a, &b| {
            (rest[a] - target)
                .norm()
                .total_cmp(&(rest[b] - target).norm())
        }) {
            rest.remove(index);
        }
    }
    rest
}

/// Real part of the pair nearest the axis; none without a pair.
fn pair_test(values: &[Complex64]) -> Option<Rounded> {
    values
        .iter()
        .filter(|e| e.im > 0.0)
        .map(|e| e.re)
        .min_by(|a, b| a.abs().total_cmp(&b.abs()))
        .map(Rounded::exact)
}

impl Bifurcations for FoldLocus<'_> {
    fn kind(&self) -> EventKind {
        EventKind::Fold
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        [x[self.n], x[self.n + 1]]
    }

    fn accept(&mut self, x: &[f64], _: &[f64]) {
        self.folds.turn(x);
    }

    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)> {
        let values = self.folds.values(&on.x);
        let overlap = dot(&[], &values.left, &values.right);
        let spectrum = eigenvalues(values.jacobian.as_ref());
        let rest = rest_of(&spectrum, &[Complex64::ZERO]);
        vec![
            (EventKind::Cusp, Some(Rounded::exact(values.curvature))),
            (EventKind::BogdanovTakens, Some(Rounded::exact(overlap))),
            (EventKind::ZeroHopf, pair_test(&rest)),
        ]
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        let values = self.folds.values(&on.x);
        let overlap = dot(&[], &values.left, &values.right);
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: on.x[..self.n].to_vec(),
            kind: EventKind::Fold,
            omega: None,
            period: None,
            coefficient: Some(0.5 * values.curvature / overlap),
            eigenvalues: eigenvalues(values.jacobian.as_ref()),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool {
        let values = self.folds.values(&on.x);
        let (problem, j) = (self.folds.problem, values.jacobian.as_ref());
        let (u, p) = (&on.x[..self.n], self.parameters(&on.x));
        complete(problem, u, &p, j, event);
        true
    }
}

pub(super) struct HopfLocus<'a> {
    pub hopfs: Hopfs<'a>,
    pub n: usize,
}

impl Curve for HopfLocus<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.hopfs.solve(x, border)
    }
}

impl HopfLocus<'_> {
    /// The two eigenvalues whose squares are -kappa.
    fn critical(&self, x: &[f64]) -> [Complex64; 2] {
        let root = Complex64::new(-x[self.n], 0.0).sqrt();
        [root, -root]
    }
}

impl Bifurcations for HopfLocus<'_> {
    fn kind(&self) -> EventKind {
        EventKind::Hopf
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        [x[self.n + 1], x[self.n + 2]]
    }

    fn accept(&mut self, x: &[f64], _: &[f64]) {
        self.hopfs.turn(x);
    }

    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)> {
        let kappa = on.x[self.n];
        let j = self.hopfs.jacobian(&on.x);
        let spectrum = eigenvalues(j.as_ref());
        let rest = rest_of(&spectrum, &self.critical(&on.x));
        let real = rest
            .iter()
            .filter(|e| e.im == 0.0)
            .map(|e| e.re)
            .min_by(|a, b| a.abs().total_cmp(&b.abs()))
            .map(Rounded::exact);
        let hopf = kappa > 0.0;
        // l1 grows as omega^-3 towards a Bogdanov-Takens point; l1 omega^3 stays finite there.
        let lyapunov = hopf.then(|| {
            let omega = kappa.sqrt();
            let p = self.parameters(&on.x);
            let (l1, _) = normal_form::lyapunov(
                self.hopfs.problem,
                &on.x[..self.n],
                &p,
                j.as_ref(),
                omega,
                3,
            );
            let cube = omega.powi(3);
            Rounded {
                value: l1.value * cube,
                rounding: l1.rounding * cube,
            }
        });
        vec![
            (EventKind::BogdanovTakens, Some(Rounded::exact(kappa))),
            (EventKind::GeneralizedHopf, lyapunov),
            (EventKind::ZeroHopf, real.filter(|_| hopf)),
            (EventKind::HopfHopf, pair_test(&rest).filter(|_| hopf)),
        ]
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        let kappa = on.x[self.n];
        let j = self.hopfs.jacobian(&on.x);
        let omega = (kappa > 0.0).then(|| kappa.sqrt());
        let parameters = self.parameters(&on.x);
        let state = on.x[..self.n].to_vec();
        LocusPoint {
            kind: if kappa > 0.0 {
                EventKind::Hopf
            } else {
                EventKind::NeutralSaddle
            },
            omega,
            period: omega.map(|omega| std::f64::consts::TAU / omega),
            coefficient: omega
                .filter(|omega| *omega > SLOWEST * j.norm_l2())
                .map(|omega| {
                    let (l1, _) = normal_form::lyapunov(
                        self.hopfs.problem,
                        &state,
                        &parameters,
                        j.as_ref(),
                        omega,
                        3,
                    );
                    l1.known()
                }),
            parameters,
            state,
            eigenvalues: eigenvalues(j.as_ref()),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool {
        let j = self.hopfs.jacobian(&on.x);
        let kappa = on.x[self.n];
        if kappa > 0.0 {
            event.omega = Some(kappa.sqrt());
            event.period = Some(std::f64::consts::TAU / kappa.sqrt());
        }
        let (u, p) = (&on.x[..self.n], self.parameters(&on.x));
        complete(self.hopfs.problem, u, &p, j.as_ref(), event);
        true
    }
}

/// Fills in the coefficients of a codimension-two point of equilibria.
pub(crate) fn complete(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    j: faer::MatRef<'_, f64>,
    event: &mut Event,
) {
    let pair = |k: usize| -> Option<f64> {
        let mut pairs: Vec<Complex64> = eigenvalues(j).into_iter().filter(|e| e.im > 0.0).collect();
        pairs.sort_by(|a, b| a.re.abs().total_cmp(&b.re.abs()));
        pairs.get(k).map(|e| e.im)
    };
    match event.kind {
        EventKind::Cusp => {
            let (_, c) = normal_form::fold(problem, u, p, j);
            let c = c.value;
            event.coefficients = vec![("c", c)];
            event.coefficient = Some(c);
        }
        EventKind::BogdanovTakens => {
            let [a, b] = normal_form::bogdanov_takens(problem, u, p, j);
            event.omega = None;
            event.period = None;
            event.coefficients = vec![("a", a), ("b", b)];
            event.coefficient = Some(a * b);
            event.criticality = Criticality::of(a * b);
        }
        EventKind::GeneralizedHopf => {
            let omega = event.omega.unwrap_or(f64::NAN);
            let (l1, l2) = normal_form::lyapunov(problem, u, p, j, omega, 5);
            event.coefficients = vec![("l1", l1.value), ("l2", l2)];
            event.coefficient = Some(l2);
            event.criticality = Criticality::of(l2);
        }
        EventKind::ZeroHopf => {
            let Some(omega) = event.omega.or_else(|| pair(0)) else {
                return;
            };
            event.omega = Some(omega);
            let [g200, g011, g110] = normal_form::zero_hopf(problem, u, p, j, omega);
            event.coefficients = vec![("g200", g200), ("g011", g011), ("g110", g110)];
            event.coefficient = Some(g200 * g011);
        }
        EventKind::HopfHopf => {
            let (Some(first), Some(second)) = (pair(0), pair(1)) else {
                return;
            };
            let [p11, p12, p21, p22] = normal_form::hopf_hopf(problem, u, p, j, [first, second]);
            event.coefficients = vec![("p11", p11), ("p12", p12), ("p21", p21), ("p22", p22)];
            event.coefficient = Some(p11 * p22);
        }
        _ => {}
    }
}
