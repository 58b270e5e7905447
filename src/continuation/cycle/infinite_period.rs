//! Ends at infinite period: saddle-nodes on the cycle, and connections of a saddle with itself.

use super::super::curve::{Convergence, OnCurve, correct, dot};
use super::super::equilibrium::Equilibria;
use super::super::event::{Criticality, Event, EventKind};
use super::super::fold_curve::fold_near;
use super::super::linear::eigenvalues;
use super::follow::{Follower, Station};

impl Follower<'_> {
    /// What the period's divergence says: `history` holds parameter, period, and d(parameter)/d(period).
    ///
    /// Near a SNIC `p - p* = (C/T)^2`, so `d log|dp/dT| / d log T = -3`. Near a homoclinic connection of a saddle
    /// `p - p* = K exp(-lambda T)`, so it is `-lambda T`.
    pub(super) fn infinite_period(
        &mut self,
        here: &Station,
        history: &[[f64; 3]],
    ) -> Option<Event> {
        let usable: Vec<&[f64; 3]> = history
            .iter()
            .filter(|h| (h[2] * h[1]).abs() > 1e-9 && h[2].is_finite())
            .collect();
        let last = usable.last()?;
        let earlier = usable
            .iter()
            .rev()
            .find(|h| h[1] < 0.85 * last[1] || h[1] < last[1] - 5.0)?;
        let power = divergence(earlier, last);
        let longest = self.period(&here.on);
        let n = self.n();
        // The slowest state of the cycle: near the saddle, or where the saddle-node will be.
        let (slow, _) = self.slowest(&here.on);
        let (kind, estimate) = if power < 4.0 {
            (EventKind::Snic, last[0] + 0.5 * last[1] * last[2])
        } else {
            (EventKind::Homoclinic, last[0])
        };
        let parameters = {
            let mut parameters = self.system.field.parameters.clone();
            parameters[self.system.field.active] = estimate;
            parameters
        };
        let problem = self.system.field.problem;
        let active = self.system.field.active;
        let mut curve = Equilibria::new(problem, &parameters, active);
        let mut x = slow;
        x.push(estimate);
        let mut coefficients = Vec::new();
        let coefficient;
        let residual;
        if kind == EventKind::Snic {
            let (fold, left) = fold_near(problem, &parameters, active, &x)?;
            residual = left;
            // period sqrt(distance) = C + C' sqrt(distance): from two cycles to distance 0.
            let root = |h: &[f64; 3]| (h[0] - fold[n]).abs().sqrt();
            let (near, far) = (root(last), root(earlier));
            let constant = (last[1] * near * far - earlier[1] * far * near) / (far - near);
            coefficients.push(("period_sqrt_distance", constant));
            coefficient = Some(constant);
            x = fold;
        } else {
            let convergence = Convergence {
                tolerance: 1e-12,
                max_iterations: 30,
                early: false,
            };
            let on = curve.at(&x, convergence).ok()?;
            residual = on.residual;
            x = on.x;
            let j = curve.jacobian(&x).to_owned();
            let values = eigenvalues(j.as_ref());
            let unstable = values.iter().rev().find(|e| e.re > 0.0)?.re;
            let stable = values.iter().find(|e| e.re <= 0.0)?.re;
            coefficients.push(("unstable_eigenvalue", unstable));
            coefficients.push(("stable_eigenvalue", stable));
            coefficients.push(("saddle_quantity", unstable + stable));
            coefficient = Some(unstable + stable);
            // The slower of the two rates rules: dT/d(log distance) = -1/rate. On a finer mesh, for the last digits.
            let rate = unstable.min(-stable);
            let fine = self.refined(&here.on, 3)?;
            let places = (fine.x.len() - 2, fine.x.len() - 1);
            let slope = fine.tangent[places.1] / fine.tangent[places.0];
            x[n] = fine.x[places.1] + slope / rate;
            coefficients.push(("period_rate", rate));
            x = curve.at(&x, convergence).ok()?.x;
        }
        let j = curve.jacobian(&x).to_owned();
        Some(Event {
            period: Some(longest),
            coefficient,
            coefficients,
            criticality: coefficient
                .filter(|_| kind == EventKind::Homoclinic)
                .and_then(Criticality::of),
            n_unstable_before: here.n_unstable,
            n_unstable_after: here.n_unstable,
            residual,
            eigenvalues: eigenvalues(j.as_ref()),
            ..Event::new(kind, &x[n..], &x[..n])
        })
    }

    /// The cycle of the same period on a mesh with every interval divided, which then is the mesh.
    pub(super) fn refined(&mut self, on: &OnCurve, parts: usize) -> Option<OnCurve> {
        let mut mesh = vec![0.0];
        for ends in self.system.mesh.windows(2) {
            let width = (ends[1] - ends[0]) / parts as f64;
            mesh.extend((1..=parts).map(|k| ends[0] + width * k as f64));
        }
        if let Some(end) = mesh.last_mut() {
            *end = 1.0;
        }
        let mut x = on.x.clone();
        self.system.remesh(mesh, &mut [&mut x]);
        self.system.refer_to(&x);
        let mut across = vec![0.0; x.len()];
        across[x.len() - 2] = 1.0;
        // Twice: the mesh is spread anew where the finer solution wants it.
        let on = correct(&mut self.system, x, &across, self.convergence).ok()?;
        let mesh = self.system.adapted_mesh(&on.x, self.system.n_intervals());
        let mut x = on.x;
        self.system.remesh(mesh, &mut [&mut x]);
        self.system.refer_to(&x);
        correct(&mut self.system, x, &across, self.convergence).ok()
    }

    /// The profile's point where |f| is least, and that |f|.
    pub(super) fn slowest(&self, on: &OnCurve) -> (Vec<f64>, f64) {
        let n = self.n();
        let mut parameters = self.system.field.parameters.clone();
        parameters[self.system.field.active] = self.parameter(on);
        let mut rates = vec![0.0; n];
        on.x[..self.period_at()]
            .chunks_exact(n)
            .map(|state| {
                self.system
                    .field
                    .problem
                    .value(state, &parameters, &mut rates);
                (state.to_vec(), dot(&[], &rates, &rates).sqrt())
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .expect("a profile has points")
    }
}

/// `-d log|dp/dT| / d log T` between two entries of a history of parameter, period and d(parameter)/d(period).
pub(super) fn divergence(earlier: &[f64; 3], later: &[f64; 3]) -> f64 {
    -(later[2] / earlier[2]).abs().ln() / (later[1] / earlier[1]).ln()
}

/// Whether the parameter has settled exponentially: then a connection is near, and longer periods say nothing new.
pub(super) fn settled(history: &[[f64; 3]]) -> bool {
    let [.., earlier, last] = history else {
        return false;
    };
    let left = (last[2] * last[1]).abs();
    left < 1e-7 * (1.0 + last[0].abs()) && last[1] > earlier[1] && divergence(earlier, last) > 6.0
}
