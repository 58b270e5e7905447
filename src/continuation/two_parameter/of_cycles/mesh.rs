//! Keeps the mesh of a curve of cycles fine enough for them.

use super::{Critical, CycleCurve};
use crate::continuation::curve::{Convergence, OnCurve};
use crate::continuation::cycle::resolution::{FINEST, RESOLVED, UNRESOLVED, defect};
use crate::continuation::two_parameter::locus::{Adapted, Bifurcations};
use crate::error::Remark;

impl<'a, F: Critical<'a>> CycleCurve<F> {
    /// Moves to a mesh that carries the cycle of `here`; takes the curve's start along.
    pub(super) fn resolve(
        &mut self,
        here: &mut OnCurve,
        start: &mut OnCurve,
        convergence: Convergence,
    ) -> Adapted {
        self.system.respread(here, start, (1, convergence));
        let most = FINEST * (self.first_mesh.len() - 1);
        while self.defect(&here.x) > RESOLVED && self.system.n_intervals() < most {
            if !self.system.respread(here, start, (2, convergence)) {
                break;
            }
        }
        let error = self.defect(&here.x);
        if error <= UNRESOLVED {
            return Ok(());
        }
        let [p, q] = self.parameters(&here.x);
        let what = format!(
            "the curve of {} points is left before {p:.6}, {q:.6}: {} mesh intervals do not resolve the cycles there \
             (period {:.3}; between its points the cycle misses the equations by {error:.0e} of its amplitude), as where they follow an \
             unstable slow branch or come near a saddle; the points until there are kept",
            self.kind(),
            self.system.n_intervals(),
            here.x[self.scalars()],
        );
        Err(Remark::new(what).with_hint("more mesh intervals may get further"))
    }

    /// By how much the profile misses the flow, as a share of the cycle's amplitude.
    fn defect(&self, x: &[f64]) -> f64 {
        let mut times = self.system.times();
        times.push(1.0);
        let (problem, period) = (self.system.field.problem(), x[self.scalars()]);
        defect(
            problem,
            &self.parameters(x),
            &times,
            &self.profile(x),
            period,
        )
    }
}
