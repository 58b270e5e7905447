//! Limit cycles followed in a parameter.

mod events;
mod infinite_period;
mod shape;
mod start;

use num_complex::Complex64;

use super::collocation::{Collocation, PeriodicField};
use super::curve::{Convergence, Curve, OnCurve, along, correct, dot, hermite, normalise};
use super::event::{Event, EventKind};
use super::floquet;
use super::problem::{Problem, scratch};
use super::settings::Settings;

/// A limit cycle.
#[derive(Debug, Clone)]
pub struct Cycle {
    /// The varying parameter.
    pub parameter: f64,
    /// ms
    pub period: f64,
    /// Smallest value of each state: of the polynomial, not only of its points.
    pub minima: Vec<f64>,
    /// Largest value of each state.
    pub maxima: Vec<f64>,
    /// Floquet multipliers without the trivial one, largest modulus first.
    pub multipliers: Vec<Complex64>,
    /// By how much the trivial multiplier misses 1.
    pub trivial_error: f64,
    /// Multipliers outside the unit circle.
    pub n_unstable: usize,
    /// Times of the profile's points as fractions of the period, from 0 to 1.
    pub times: Vec<f64>,
    /// States at these times, `[n_points][n_states]`.
    pub profile: Vec<Vec<f64>>,
    /// What happened between the cycle before and this one, in order.
    pub events: Vec<Event>,
    /// Largest residual of the collocation equations before the last correction.
    pub residual: f64,
    /// Newton iterations it took.
    pub newton_iterations: usize,
}

impl Cycle {
    /// Whether nearby orbits approach it.
    pub fn is_stable(&self) -> bool {
        self.n_unstable == 0
    }
}

/// Where a branch of cycles ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CycleEnd {
    /// In the Hopf point at this parameter value.
    Hopf(f64),
    /// The parameter left its range.
    Bound,
    /// At infinite period; the last event says which kind.
    InfinitePeriod,
    /// The period passed [`Settings::period_max`] without a recognised divergence.
    LongPeriod,
    /// It came back to its start.
    Closed,
    /// [`Settings::max_cycles`] cycles.
    Enough,
    /// Newton's method failed down to the smallest step.
    Stopped(String),
}

/// A branch of limit cycles.
#[derive(Debug, Clone)]
pub struct CycleBranch {
    /// In order along the branch.
    pub cycles: Vec<Cycle>,
    /// The Hopf point it was born at, if it began at one.
    pub from: Option<Event>,
    /// Where it ends.
    pub end: CycleEnd,
    /// Parameter values where the audit of events failed: none, as it should be.
    pub unexplained: Vec<f64>,
}

impl CycleBranch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.cycles.iter().flat_map(|cycle| &cycle.events)
    }
}

/// dw/dt = T f(w, p) with the phase fixed by `integral w . r' = integral r . r'`; scalars are T and p.
struct Motion<'a> {
    problem: &'a dyn Problem,
    parameters: Vec<f64>,
    active: usize,
}

impl PeriodicField for Motion<'_> {
    fn n_states(&self) -> usize {
        self.problem.dimension()
    }

    fn n_scalars(&self) -> usize {
        2
    }

    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let n = w.len();
        let mut parameters = [0.0; 2];
        let parameters = &mut parameters[..self.parameters.len()];
        parameters.copy_from_slice(&self.parameters);
        parameters[self.active] = a[1];
        let period = a[0];
        scratch(n * (n + parameters.len()), 0.0, |full: &mut [f64]| {
            self.problem.derivative(w, parameters, value, full);
            for (to, from) in derivative[..n * n].iter_mut().zip(&*full) {
                *to = period * from;
            }
            let column = &full[n * (n + self.active)..n * (n + self.active + 1)];
            for (to, from) in derivative[n * (n + 1)..].iter_mut().zip(column) {
                *to = period * from;
            }
        });
        derivative[n * n..n * (n + 1)].copy_from_slice(value);
        value.iter_mut().for_each(|v| *v *= period);
    }

    fn conditions(
        &self,
        w: &[f64],
        _: &[f64],
        [r, slope]: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    ) {
        let n = w.len();
        value[0] = (0..n).map(|i| (w[i] - r[i]) * slope[i]).sum();
        derivative[..n].copy_from_slice(slope);
        derivative[n..].fill(0.0);
    }
}

/// A cycle with what is needed to see events.
#[derive(Debug, Clone)]
struct Station {
    on: OnCurve,
    multipliers: Vec<Complex64>,
    trivial_error: f64,
    n_unstable: usize,
}

/// Follows cycles; made by [`from_hopf`] and [`from_orbit`].
struct Follower<'a> {
    system: Collocation<Motion<'a>>,
    settings: &'a Settings,
    convergence: Convergence,
    unexplained: Vec<f64>,
}

impl<'a> Follower<'a> {
    fn new(
        problem: &'a dyn Problem,
        parameters: &[f64],
        active: usize,
        period: f64,
        settings: &'a Settings,
    ) -> Self {
        let mesh = (0..=settings.mesh)
            .map(|j| j as f64 / settings.mesh as f64)
            .collect();
        let motion = Motion {
            problem,
            parameters: parameters.to_vec(),
            active,
        };
        let degree = settings.collocation.clamp(2, 7);
        let weights = vec![period.powi(-2), 1.0];
        Self {
            system: Collocation::new(motion, degree, mesh, weights),
            settings,
            convergence: Convergence {
                tolerance: settings.newton_tolerance.max(1e-10),
                max_iterations: settings.newton_iterations,
                early: false,
            },
            unexplained: Vec::new(),
        }
    }

    fn n(&self) -> usize {
        self.system.n()
    }

    /// Places of period and parameter among the unknowns.
    fn period_at(&self) -> usize {
        self.system.n_points() * self.n()
    }

    fn parameter(&self, on: &OnCurve) -> f64 {
        on.x[self.period_at() + 1]
    }

    fn period(&self, on: &OnCurve) -> f64 {
        on.x[self.period_at()]
    }

    fn parameter_speed(&self, on: &OnCurve) -> f64 {
        on.tangent[self.period_at() + 1]
    }

    fn flow(&self, on: &OnCurve) -> Vec<f64> {
        let n = self.n();
        let mut parameters = self.system.field.parameters.clone();
        parameters[self.system.field.active] = self.parameter(on);
        let mut flow = vec![0.0; n];
        self.system
            .field
            .problem
            .value(&on.x[..n], &parameters, &mut flow);
        flow
    }

    fn station(&self, on: OnCurve) -> Station {
        let transfers = self.system.transfers(&on.x);
        let (multipliers, trivial_error) = floquet::multipliers(&transfers, &self.flow(&on));
        let n_unstable = multipliers.iter().filter(|m| m.norm() > 1.0).count();
        Station {
            on,
            multipliers,
            trivial_error,
            n_unstable,
        }
    }

    fn cycle(&self, station: &Station, events: Vec<Event>) -> Cycle {
        let n = self.n();
        let x = &station.on.x;
        let (minima, maxima) = self.extrema(x);
        let mut times = self.system.times();
        times.push(1.0);
        let mut profile: Vec<Vec<f64>> = x[..self.period_at()]
            .chunks_exact(n)
            .map(<[f64]>::to_vec)
            .collect();
        profile.push(profile[0].clone());
        Cycle {
            parameter: self.parameter(&station.on),
            period: self.period(&station.on),
            minima,
            maxima,
            multipliers: station.multipliers.clone(),
            trivial_error: station.trivial_error,
            n_unstable: station.n_unstable,
            times,
            profile,
            events,
            residual: station.on.residual,
            newton_iterations: station.on.iterations,
        }
    }

    fn between(&mut self, a: &OnCurve, b: &OnCurve, t: f64) -> Option<OnCurve> {
        let length = self.distance(a, b);
        let guess = hermite(a, b, length, t * length);
        let mut across: Vec<f64> = a
            .tangent
            .iter()
            .zip(&b.tangent)
            .map(|(a, b)| (1.0 - t) * a + t * b)
            .collect();
        normalise(self.system.weights(), &mut across);
        correct(&mut self.system, guess, &across, self.convergence).ok()
    }

    fn distance(&self, a: &OnCurve, b: &OnCurve) -> f64 {
        let apart = along(&a.x, &b.x, -1.0);
        dot(self.system.weights(), &apart, &apart).sqrt()
    }

    /// Moves to a mesh adapted to the cycle and corrects it there.
    fn adapt(&mut self, station: &mut Station) -> bool {
        let mesh = self.system.adapted_mesh(&station.on.x);
        let old = (self.system.mesh.clone(), station.on.clone());
        let OnCurve { x, tangent, .. } = &mut station.on;
        self.system.remesh(mesh, &mut [x, tangent]);
        let weights = self.system.weights().to_vec();
        normalise(&weights, tangent);
        let (x, tangent) = (x.clone(), tangent.clone());
        self.system.refer_to(&x);
        match correct(&mut self.system, x, &tangent, self.convergence) {
            Ok(mut on) => {
                if dot(&weights, &on.tangent, &tangent) < 0.0 {
                    on = on.reversed();
                }
                station.on.x = on.x;
                station.on.tangent = on.tangent;
                station.on.determinant = on.determinant;
                true
            }
            Err(_) => {
                self.system.remesh(old.0, &mut []);
                self.system.refer_to(&old.1.x);
                station.on = old.1;
                false
            }
        }
    }

    /// Follows the branch from a first cycle.
    fn follow(mut self, first: OnCurve, hopf_points: &[Event], from: Option<Event>) -> CycleBranch {
        let mut cycles: Vec<Cycle> = Vec::new();
        if let Some(hopf) = &from {
            cycles.push(self.point_cycle(hopf));
        }
        let mut here = self.station(first);
        cycles.push(self.cycle(&here, Vec::new()));
        let mut step = self.settings.step.max(1e-3);
        let mut history: Vec<[f64; 3]> = Vec::new();
        let [low, high] = self.settings.range;
        let end = loop {
            if cycles.len() >= self.settings.max_cycles {
                break CycleEnd::Enough;
            }
            if cycles.len().is_multiple_of(3) {
                self.adapt(&mut here);
            }
            let period = self.period(&here.on);
            self.system.scalar_weights = vec![period.powi(-2), 1.0];
            self.system.weigh();
            let weights = self.system.weights().to_vec();
            normalise(&weights, &mut here.on.tangent);
            self.system.refer_to(&here.on.x.clone());
            let Some(next) = self.advance(&here, &mut step) else {
                let message = format!(
                    "no convergence to the next cycle at {} (period {period}), step below {:.0e}; more mesh intervals may get further",
                    self.parameter(&here.on),
                    self.settings.step_min
                );
                break CycleEnd::Stopped(message);
            };
            // Through a Hopf point the cycle comes back half a period later.
            let (swing, mean) = self.swing(&here.on.x);
            let (after, _) = self.swing(&next.x);
            let size = self.amplitude(&here.on.x);
            let reversed = dot(&weights[..swing.len()], &swing, &after) < 0.0;
            if reversed || self.amplitude(&next.x) < 1e-5 {
                let parameter = self.parameter(&here.on);
                let nearest = hopf_points
                    .iter()
                    .filter(|hopf| hopf.kind == EventKind::Hopf)
                    .map(|hopf| {
                        let miss = along(&hopf.state, &mean, -1.0);
                        (
                            dot(&[], &miss, &miss).sqrt() + (hopf.parameters[0] - parameter).abs(),
                            hopf,
                        )
                    })
                    .min_by(|a, b| a.0.total_cmp(&b.0));
                match nearest {
                    Some((miss, hopf)) if miss < 2.0 * size + 10.0 * step => {
                        cycles.push(self.point_cycle(hopf));
                        break CycleEnd::Hopf(hopf.parameters[0]);
                    }
                    _ => break CycleEnd::Hopf(parameter),
                }
            }
            let parameter = self.parameter(&next);
            let outside = parameter < low || parameter > high;
            let mut next = self.station(next);
            if outside {
                let bound = if parameter < low { low } else { high };
                let t = (bound - self.parameter(&here.on)) / (parameter - self.parameter(&here.on));
                let start = along(&here.on.x, &along(&next.on.x, &here.on.x, -1.0), t);
                let mut across = vec![0.0; start.len()];
                across[self.period_at() + 1] = 1.0;
                if let Ok(mut on) = correct(&mut self.system, start, &across, self.convergence) {
                    let weights = self.system.weights();
                    if dot(weights, &on.tangent, &here.on.tangent) < 0.0 {
                        on = on.reversed();
                    }
                    next = self.station(on);
                }
            }
            let mut events = Vec::new();
            self.events(&here, &next, 0, &mut events);
            cycles.push(self.cycle(&next, events));
            let slope = self.parameter_speed(&next.on) / next.on.tangent[self.period_at()];
            history.push([self.parameter(&next.on), self.period(&next.on), slope]);
            here = next;
            if outside {
                break CycleEnd::Bound;
            }
            if self.period(&here.on) > self.settings.period_max
                || infinite_period::settled(&history)
            {
                match self.infinite_period(&here, &history) {
                    Some(event) => {
                        cycles
                            .last_mut()
                            .expect("one was pushed")
                            .events
                            .push(event);
                        break CycleEnd::InfinitePeriod;
                    }
                    None => break CycleEnd::LongPeriod,
                }
            }
        };
        CycleBranch {
            cycles,
            from,
            end,
            unexplained: self.unexplained,
        }
    }

    fn advance(&mut self, here: &Station, step: &mut f64) -> Option<OnCurve> {
        let weights = self.system.weights().to_vec();
        while *step >= self.settings.step_min {
            let guess = along(&here.on.x, &here.on.tangent, *step);
            let convergence = Convergence {
                early: true,
                ..self.convergence
            };
            if let Ok(on) = correct(&mut self.system, guess, &here.on.tangent, convergence) {
                let turn = dot(&weights, &on.tangent, &here.on.tangent)
                    .clamp(-1.0, 1.0)
                    .acos();
                if turn <= 3.0 * self.settings.turn_max && on.x[self.period_at()] > 0.0 {
                    let by_turn = 2.0 * self.settings.turn_max / turn.max(1e-12);
                    let by_newton = [2.0, 2.0, 2.0, 1.6, 1.2, 0.8][on.iterations.min(5)];
                    let factor = by_turn.min(by_newton).clamp(0.5, 2.0);
                    *step = (*step * factor).min(2.0 * self.settings.step_max);
                    return Some(on);
                }
            }
            *step *= 0.5;
        }
        None
    }

    /// A Hopf point as a cycle of no amplitude.
    fn point_cycle(&self, hopf: &Event) -> Cycle {
        Cycle {
            parameter: hopf.parameters[0],
            period: hopf.period.unwrap_or(f64::NAN),
            minima: hopf.state.clone(),
            maxima: hopf.state.clone(),
            multipliers: Vec::new(),
            trivial_error: 0.0,
            n_unstable: hopf.n_unstable_before.min(hopf.n_unstable_after),
            times: vec![0.0, 1.0],
            profile: vec![hopf.state.clone(); 2],
            events: Vec::new(),
            residual: hopf.residual,
            newton_iterations: 0,
        }
    }
}
