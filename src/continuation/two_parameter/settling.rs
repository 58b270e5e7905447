//! Tells that an orbit has settled, at rest or on a cycle, and so never comes back to where it began.

use crate::continuation::curve::{Convergence, along};
use crate::continuation::cycle::resolution::flow;
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::linear::{distance, dot, eigenvalues, norm};
use crate::continuation::problem::Problem;

/// A stable equilibrium is looked for where the rates, in units of the Jacobian's size, fall below this, relative to 1 + |u|, and
/// again at each tenth of it.
const SLOW: f64 = 1e-2;
/// There the orbit stays if f differs from its linear part by this share of the slowest decay.
const LINEAR: f64 = 1e-2;
/// The orbit is on a cycle where it passes a section again this near, relative to 1 + |u|.
const AGAIN: f64 = 1e-7;
/// The first section is laid after so many steps, the next ones after twice as many each.
const FIRST_SECTION: usize = 256;

/// An orbit, as long as it may come back.
pub(super) struct Settling<'a> {
    problem: &'a dyn Problem,
    parameters: &'a [f64],
    /// Where a stable equilibrium is looked for next.
    slow: f64,
    steps: usize,
    next_section: usize,
    section: Option<Section>,
    work: [Vec<f64>; 5],
}

/// A plane through a state, across its motion there.
struct Section {
    state: Vec<f64>,
    rates: Vec<f64>,
    /// Where the orbit has passed it last.
    passed: Option<Vec<f64>>,
}

impl Section {
    fn ahead(&self, u: &[f64]) -> f64 {
        dot(&[], &along(u, &self.state, -1.0), &self.rates)
    }
}

impl<'a> Settling<'a> {
    pub fn new(problem: &'a dyn Problem, parameters: &'a [f64]) -> Self {
        Self {
            problem,
            parameters,
            slow: SLOW,
            steps: 0,
            next_section: FIRST_SECTION,
            section: None,
            work: [(); 5].map(|()| vec![0.0; problem.dimension()]),
        }
    }

    /// Whether the orbit has settled, at `u` with its `rates`, before a step of time `step` to `next`; `size` is that of the
    /// Jacobian. Time runs backwards where `step` does.
    pub fn is_over(
        &mut self,
        (u, rates): (&[f64], &[f64]),
        size: f64,
        next: &[f64],
        step: f64,
    ) -> bool {
        let speed = norm(rates) / (size * (1.0 + norm(u)));
        if speed < self.slow {
            self.slow = 0.1 * speed;
            if self.rests(u, rates, step.signum()) {
                return true;
            }
        }
        self.steps += 1;
        if self.steps == self.next_section {
            self.next_section *= 2;
            self.section = Some(Section {
                state: u.to_vec(),
                rates: rates.iter().map(|rate| rate * step.signum()).collect(),
                passed: None,
            });
            return false;
        }
        let Some(section) = &mut self.section else {
            return false;
        };
        let (behind, beyond) = (section.ahead(u), section.ahead(next));
        if behind >= 0.0 || beyond < 0.0 {
            return false;
        }
        let mut at = |share: f64| {
            let mut there = u.to_vec();
            let part = (share * step, 1);
            flow(
                self.problem,
                self.parameters,
                &mut there,
                part,
                &mut self.work,
            );
            there
        };
        // The line from end to end is off by the square of a step, its correction by the fourth power.
        let share = behind / (behind - beyond);
        let miss = section.ahead(&at(share)) / (beyond - behind);
        let here = at(share - miss);
        let is_again = |last: &Vec<f64>| distance(last, &here) < AGAIN * (1.0 + norm(&here));
        let settled = section.passed.as_ref().is_some_and(is_again);
        section.passed = Some(here);
        settled
    }

    /// The orbit goes on where another beginning is: it has come near it.
    pub fn restart(&mut self) {
        self.section = None;
        self.next_section = self.steps + FIRST_SECTION;
    }

    /// Whether `u` is so near to an equilibrium that is stable, as time runs, that the orbit stays there.
    fn rests(&self, u: &[f64], rates: &[f64], sign: f64) -> bool {
        let n = u.len();
        let mut curve = Equilibria::new(self.problem, self.parameters, 0);
        let guess = [u, &self.parameters[..1]].concat();
        let convergence = Convergence {
            tolerance: 1e-12,
            max_iterations: 12,
            early: false,
        };
        let Ok(on) = curve.at(&guess, convergence) else {
            return false;
        };
        let jacobian = curve.jacobian(&on.x);
        let away = along(u, &on.x[..n], -1.0);
        let linear: Vec<f64> = (0..n)
            .map(|i| (0..n).map(|k| jacobian[(i, k)] * away[k]).sum())
            .collect();
        let decay = eigenvalues(jacobian)
            .iter()
            .map(|e| -sign * e.re)
            .fold(f64::INFINITY, f64::min);
        decay > 0.0 && distance(rates, &linear) < LINEAR * decay * norm(&away)
    }
}
