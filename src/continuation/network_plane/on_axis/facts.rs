//! What is known of a point of a curve: the roots of its characteristic matrix, normal forms, and the
//! functions that vanish at points of codimension two.

use std::rc::Rc;

use num_complex::Complex64;

use super::OnAxis;
use crate::continuation::curve::OnCurve;
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{dot, norm};
use crate::continuation::network::Network;
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;
use crate::continuation::two_parameter::{Bifurcations, LocusPoint, complete, rest_of};

/// The number of stable roots that are kept at every point, next to the unstable ones.
const N_STABLE: usize = 8;
/// Real parts that are small against this, 1/ms, let the tests for further roots vanish linearly.
const NEAR: f64 = 1e-2;
/// A root this near to 0, relative to the frequency, leaves no digits of a normal form.
const SINGULAR: f64 = 1e-4;
/// Points of which all that is known is kept.
const N_RECENT: usize = 4;

/// What is known of a point of the curve.
pub(super) struct Facts {
    network: Network,
    characteristic: Characteristic,
    /// Right and left null vectors of `Delta(i omega)`, the right one of unit norm.
    v: Vec<Complex64>,
    w: Vec<Complex64>,
    /// Rightmost roots with their conjugates; those on the axis are exact. Empty if they are not
    /// all found.
    roots: Vec<Complex64>,
    known: Vec<(Complex64, Vec<Complex64>)>,
    /// `l1` of a Hopf point.
    lyapunov: Option<Rounded>,
}

impl OnAxis<'_> {
    /// All that is known of a point; `None` where its equations have no meaning.
    fn facts(&self, x: &[f64]) -> Option<Rc<Facts>> {
        let known = self.recent.borrow();
        if let Some((_, facts)) = known.iter().find(|(at, _)| at == x) {
            return Some(facts.clone());
        }
        drop(known);
        let blocks = self.blocks(x)?;
        let (u, omega) = (&x[..self.n], self.omega(x).abs());
        let p1 = self.parameters(x)[0];
        let [network, _] = blocks.networks;
        let characteristic = blocks.characteristic;
        let (mut v, mut w) = (blocks.v, blocks.w);
        if self.omega(x) < 0.0 {
            let conjugate = |z: &mut Complex64| *z = z.conj();
            v.iter_mut().chain(&mut w).for_each(conjugate);
        }
        let length = norm(&v);
        v.iter_mut().for_each(|v| *v /= length);
        let lyapunov = match self.kind {
            EventKind::Hopf => {
                let omega = self.away_from_0(omega);
                let cubic = characteristic.cubic(&network, (u, p1), omega, v.clone(), w.clone());
                cubic.map(|(_, l1)| l1)
            }
            _ => None,
        };
        let (roots, known) = self.roots(&characteristic, omega);
        let facts = Rc::new(Facts {
            network,
            characteristic,
            v,
            w,
            roots,
            known,
            lyapunov,
        });
        let mut recent = self.recent.borrow_mut();
        recent.push((x.to_vec(), facts.clone()));
        if recent.len() > N_RECENT {
            recent.remove(0);
        }
        Some(facts)
    }

    /// The rightmost roots with their conjugates, those on the axis exactly there; and what is kept
    /// to find them at the next point.
    #[allow(clippy::type_complexity, reason = "what `rightmost_from` takes")]
    fn roots(
        &self,
        characteristic: &Characteristic,
        omega: f64,
    ) -> (Vec<Complex64>, Vec<(Complex64, Vec<Complex64>)>) {
        let mut known = Vec::new();
        let mut roots = if characteristic.longest_delay() == 0.0 {
            characteristic.spectrum().unwrap_or_default()
        } else {
            let unstable = self.known.iter().filter(|(lambda, _)| lambda.re > 0.0);
            let wanted = unstable.count() + N_STABLE;
            let found = characteristic.rightmost_from(&self.known, wanted);
            let (found, beyond) = found.map_or_else(
                |_| (Vec::new(), Vec::new()),
                |found| (found.roots, found.beyond),
            );
            let all = found.iter().chain(&beyond);
            known = all.map(|root| (root.lambda, root.x.clone())).collect();
            let both = |lambda: Complex64| match lambda.im == 0.0 {
                true => vec![lambda],
                false => vec![lambda, lambda.conj()],
            };
            found.iter().flat_map(|root| both(root.lambda)).collect()
        };
        for critical in self.critical(omega) {
            let off = |lambda: &Complex64| (lambda - critical).norm();
            let nearest =
                (0..roots.len()).min_by(|&a, &b| off(&roots[a]).total_cmp(&off(&roots[b])));
            if let Some(nearest) = nearest {
                roots[nearest] = critical;
            }
        }
        roots.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        (roots, known)
    }

    /// The roots that the curve keeps on the axis.
    fn critical(&self, omega: f64) -> Vec<Complex64> {
        match self.kind {
            EventKind::Hopf => vec![Complex64::new(0.0, omega), Complex64::new(0.0, -omega)],
            _ => vec![Complex64::ZERO],
        }
    }

    /// What vanishes where a further pair, or a further real root, comes to the axis: one factor for
    /// each, negative right of the axis.
    fn further(&self, facts: &Facts, omega: f64, real: bool) -> Option<Rounded> {
        if facts.roots.is_empty() {
            return None;
        }
        let rest = rest_of(&facts.roots, &self.critical(omega));
        let those = rest.iter().filter(|root| match real {
            true => root.im == 0.0,
            false => root.im > 0.0,
        });
        let factors = those.map(|root| -root.re / (root.re.abs() + NEAR));
        Some(Rounded::exact(factors.product()))
    }
}

impl Bifurcations for OnAxis<'_> {
    fn kind(&self) -> EventKind {
        self.kind
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        [x[x.len() - 2], x[x.len() - 1]]
    }

    fn accept(&mut self, x: &[f64], tangent: &[f64]) {
        self.turn(x);
        if !tangent.is_empty()
            && let Some(facts) = self.facts(x)
        {
            self.known.clone_from(&facts.known);
        }
    }

    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)> {
        let omega = self.omega(&on.x);
        let facts = self.facts(&on.x);
        let facts = facts.as_deref();
        let further = |real| facts.and_then(|facts| self.further(facts, omega.abs(), real));
        if self.kind == EventKind::Hopf {
            // l1 grows as omega^-3 towards a Bogdanov-Takens point.
            let lyapunov = facts.and_then(|facts| facts.lyapunov).map(|l1| {
                let cube = omega.abs().powi(3);
                Rounded {
                    value: l1.value * cube,
                    rounding: l1.rounding * cube,
                }
            });
            return vec![
                (EventKind::BogdanovTakens, Some(Rounded::exact(omega))),
                (EventKind::GeneralizedHopf, lyapunov),
                (EventKind::ZeroHopf, further(true)),
                (EventKind::HopfHopf, further(false)),
            ];
        }
        let curvature = facts.map(|facts| Rounded::exact(self.curvature(&on.x, facts)));
        let overlap = facts.map(|facts| Rounded::exact(overlap(facts)));
        vec![
            (EventKind::Cusp, curvature),
            (EventKind::BogdanovTakens, overlap),
            (EventKind::ZeroHopf, further(false)),
        ]
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        let facts = self.facts(&on.x);
        let omega = (self.kind == EventKind::Hopf).then(|| self.omega(&on.x).abs());
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: on.x[..self.n].to_vec(),
            kind: self.kind,
            omega,
            period: omega.map(|omega| std::f64::consts::TAU / omega),
            coefficient: facts.as_deref().and_then(|facts| match self.kind {
                EventKind::Hopf => self.coefficient(omega, facts),
                _ => Some(0.5 * self.curvature(&on.x, facts) / overlap(facts)),
            }),
            eigenvalues: facts.map_or(Vec::new(), |facts| facts.roots.clone()),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool {
        if self.kind == EventKind::Hopf && event.kind != EventKind::BogdanovTakens {
            let omega = self.omega(&on.x).abs();
            event.omega = Some(omega);
            event.period = Some(std::f64::consts::TAU / omega);
        }
        // The other normal forms are those of ordinary differential equations.
        if let Some(facts) = self.facts(&on.x)
            && facts.characteristic.longest_delay() == 0.0
        {
            let (u, p) = (&on.x[..self.n], self.parameters(&on.x));
            let jacobian = facts.network.jacobian(u, p[0]);
            complete(&facts.network, u, &p[..1], jacobian.as_ref(), event);
        }
        true
    }

    fn ends_at(&self, on: &OnCurve, _: &Settings) -> Option<BranchEnd> {
        let beyond = self.kind == EventKind::Hopf && self.omega(&on.x) < 0.0;
        beyond.then_some(BranchEnd::Event)
    }
}

impl OnAxis<'_> {
    /// The first Lyapunov coefficient; none where a root at 0 leaves no digits of it, as in a
    /// zero-Hopf point.
    fn coefficient(&self, omega: Option<f64>, facts: &Facts) -> Option<f64> {
        let omega = omega?;
        let l1 = facts.lyapunov?;
        let rest = rest_of(&facts.roots, &self.critical(omega));
        let at_0 = rest.iter().any(|root| root.norm() < SINGULAR * omega);
        (!(l1.is_zero() && at_0)).then(|| l1.known())
    }

    /// `w . f_uu v v` at a fold, for null vectors of unit norm.
    fn curvature(&self, x: &[f64], facts: &Facts) -> f64 {
        let at = (&x[..self.n], self.parameters(x)[0]);
        let value = facts
            .characteristic
            .curvature(&facts.network, at, &facts.v, &facts.w);
        value / norm(&facts.w)
    }
}

/// `w . Delta'(0) v` at a fold, for null vectors of unit norm: 0 where 0 is a double root.
fn overlap(facts: &Facts) -> f64 {
    let by_lambda = facts
        .characteristic
        .derivative_times(Complex64::ZERO, &facts.v);
    dot(&[], &facts.w, &by_lambda).re / norm(&facts.w)
}
