//! Moves a point of a curve of profiles to another mesh.

use super::{Collocation, PeriodicField};
use crate::continuation::curve::{Convergence, Curve, OnCurve, correct, normalise};
use crate::continuation::linear::dot;

impl<F: PeriodicField> Collocation<F> {
    /// Moves to a mesh of `factor` times as many intervals, spread as the profile wants it; whether
    /// that succeeded.
    pub fn respread(
        &mut self,
        here: &mut OnCurve,
        start: &mut OnCurve,
        (factor, convergence): (usize, Convergence),
    ) -> bool {
        let n_intervals = factor * self.n_intervals();
        let mesh = self.adapted_mesh(&here.x, n_intervals);
        let old = (self.mesh.clone(), here.clone(), start.clone());
        let vectors = &mut [
            &mut here.x,
            &mut here.tangent,
            &mut start.x,
            &mut start.tangent,
        ];
        self.remesh(mesh, vectors);
        for tangent in [&mut here.tangent, &mut start.tangent] {
            normalise(self.weights(), tangent);
        }
        self.refer_to(&here.x);
        if self.corrected(here, convergence) {
            return true;
        }
        self.remesh(old.0, &mut []);
        (*here, *start) = (old.1, old.2);
        self.refer_to(&here.x);
        false
    }

    /// Corrects `here`, which keeps its direction; whether that succeeded.
    pub fn corrected(&mut self, here: &mut OnCurve, convergence: Convergence) -> bool {
        let mut across = here.tangent.clone();
        normalise(self.weights(), &mut across);
        let Ok(on) = correct(self, here.x.clone(), &across, convergence) else {
            return false;
        };
        let turned = dot(self.weights(), &on.tangent, &across) < 0.0;
        *here = if turned { on.reversed() } else { on };
        self.refer_to(&here.x);
        true
    }
}
