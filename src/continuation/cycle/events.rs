//! Bifurcations of cycles on a step: seen, located, audited.

use num_complex::Complex64;

use super::super::curve::root;
use super::super::event::{Event, EventKind};
use super::{Follower, Station};

/// How much a multiplier may miss the unit circle and count as on it.
const ON_CIRCLE: f64 = 1e-9;

impl Follower<'_> {
    /// Events between two cycles on the same mesh.
    pub(super) fn events(
        &mut self,
        a: &Station,
        b: &Station,
        depth: usize,
        events: &mut Vec<Event>,
    ) {
        let turns = self.parameter_speed(&a.on) * self.parameter_speed(&b.on) < 0.0;
        let crosses = a.on.determinant.sign != b.on.determinant.sign;
        let doubling = |s: &Station| flips(&s.multipliers);
        let flips = doubling(a) != doubling(b);
        let pairs = pairs_outside(&a.multipliers).abs_diff(pairs_outside(&b.multipliers));
        let change = a.n_unstable.abs_diff(b.n_unstable);
        let found = match (turns, crosses, flips, change) {
            (false, false, false, 0) => return,
            (true, false, false, 1) => self.locate(a, b, EventKind::CycleFold),
            (false, true, false, 1) => self.locate(a, b, EventKind::BranchPoint),
            (false, false, true, 1) => self.locate(a, b, EventKind::PeriodDoubling),
            (false, false, false, 2) if pairs == 1 => self.locate(a, b, EventKind::Torus),
            (true, true, false, 0) if depth > 12 => self.locate(a, b, EventKind::BranchPoint),
            _ => None,
        };
        if let Some(event) = found {
            events.push(event);
            return;
        }
        if depth < 24
            && let Some(on) = self.between(&a.on, &b.on, 0.5)
        {
            let middle = self.station(on);
            self.events(a, &middle, depth + 1, events);
            self.events(&middle, b, depth + 1, events);
            return;
        }
        // Multipliers that touch the circle without crossing are no event.
        let near = |s: &Station| {
            s.multipliers
                .iter()
                .any(|m| (m.norm() - 1.0).abs() < ON_CIRCLE)
        };
        if change > 0 && !near(a) && !near(b) {
            self.unexplained.push(self.parameter(&a.on));
        }
    }

    pub(super) fn locate(&mut self, a: &Station, b: &Station, kind: EventKind) -> Option<Event> {
        let place = self.period_at() + 1;
        let test = move |s: &Station| match kind {
            EventKind::CycleFold => s.on.tangent[place],
            EventKind::PeriodDoubling => nearest(&s.multipliers, -1.0) + 1.0,
            EventKind::Torus => torus_test(&s.multipliers),
            _ => nearest(&s.multipliers, 1.0) - 1.0,
        };
        let (at_a, at_b) = (test(a), test(b));
        if at_a * at_b > 0.0 || !(at_a * at_b).is_finite() {
            return None;
        }
        let (_, value, station) = root((0.0, at_a), (1.0, at_b), 1e-12, |t| {
            let on = self.between(&a.on, &b.on, t)?;
            let station = self.station(on);
            Some((test(&station), station))
        })?;
        let n = self.n();
        let pair = station
            .multipliers
            .iter()
            .find(|m| m.im > 0.0 && (m.norm() - 1.0).abs() < 1e-3);
        let omega = match kind {
            EventKind::Torus => Some(pair?.arg() / self.period(&station.on)),
            _ => None,
        };
        Some(Event {
            kind,
            parameters: vec![self.parameter(&station.on)],
            state: station.on.x[..n].to_vec(),
            omega,
            period: Some(self.period(&station.on)),
            coefficient: None,
            coefficients: Vec::new(),
            criticality: None,
            n_unstable_before: a.n_unstable,
            n_unstable_after: b.n_unstable,
            residual: value.abs().max(station.on.residual),
            eigenvalues: station.multipliers.clone(),
            tangent: Vec::new(),
        })
    }
}

/// Sign of the product of (mu + 1): changes at a period doubling.
fn flips(multipliers: &[Complex64]) -> bool {
    multipliers
        .iter()
        .filter(|m| m.im == 0.0 && m.re < -1.0)
        .count()
        % 2
        == 1
}

fn pairs_outside(multipliers: &[Complex64]) -> usize {
    multipliers
        .iter()
        .filter(|m| m.im > 0.0 && m.norm() > 1.0)
        .count()
}

/// The real multiplier nearest `target`.
fn nearest(multipliers: &[Complex64], target: f64) -> f64 {
    multipliers
        .iter()
        .filter(|m| m.im == 0.0)
        .map(|m| m.re)
        .min_by(|a, b| (a - target).abs().total_cmp(&(b - target).abs()))
        .unwrap_or(f64::NAN)
}

/// |mu| - 1 of the pair nearest the circle.
fn torus_test(multipliers: &[Complex64]) -> f64 {
    multipliers
        .iter()
        .filter(|m| m.im > 0.0)
        .map(|m| m.norm() - 1.0)
        .min_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(f64::NAN)
}
