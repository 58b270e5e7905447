//! Limit cycles followed in a parameter.

use num_complex::Complex64;

use super::collocation::{Collocation, PeriodicField, lagrange, lagrange_slope};
use super::curve::{Convergence, Curve, OnCurve, along, correct, dot, hermite, normalise, root};
use super::event::{Criticality, Event, EventKind};
use super::floquet;
use super::problem::{Problem, scratch};
use super::settings::Settings;
use crate::error::{Error, Result};

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

/// How much a multiplier may miss the unit circle and count as on it.
const ON_CIRCLE: f64 = 1e-9;

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

    /// Smallest and largest value of each state over the polynomials.
    fn extrema(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (n, m) = (self.n(), self.system.basis.degree);
        let count = self.system.n_points();
        let mut bounds = [vec![f64::INFINITY; n], vec![f64::NEG_INFINITY; n]];
        for i in 0..n {
            for (bound, sign) in bounds.iter_mut().zip([-1.0, 1.0]) {
                let at = |k: usize| sign * x[(k % count) * n + i];
                let best = (0..count).fold(0, |b, k| if at(k) > at(b) { k } else { b });
                bound[i] = sign * at(best);
                // The true extremum lies in the interval of the best point, or in the one before if it is shared.
                let inside = best / m;
                let before = (inside + self.system.n_intervals() - 1) % self.system.n_intervals();
                let intervals = if best % m == 0 {
                    vec![before, inside]
                } else {
                    vec![inside]
                };
                for j in intervals {
                    let values: Vec<f64> = (0..=m).map(|k| at(j * m + k)).collect();
                    let local = (0..=m).fold(0, |b, k| if values[k] > values[b] { k } else { b });
                    let slope = |t: f64| -> f64 {
                        lagrange_slope(m, t)
                            .iter()
                            .zip(&values)
                            .map(|(d, v)| d * v)
                            .sum()
                    };
                    let low = local.saturating_sub(1) as f64 / m as f64;
                    let high = (local + 1).min(m) as f64 / m as f64;
                    let ends = ((low, slope(low)), (high, slope(high)));
                    if ends.0.1 * ends.1.1 < 0.0
                        && let Some((t, _, ())) =
                            root(ends.0, ends.1, 1e-12, |t| Some((slope(t), ())))
                    {
                        let value: f64 =
                            lagrange(m, t).iter().zip(&values).map(|(l, v)| l * v).sum();
                        bound[i] = sign * value.max(sign * bound[i]);
                    }
                }
            }
        }
        let [minima, maxima] = bounds;
        (minima, maxima)
    }

    /// Half the range of the state that moves most.
    fn amplitude(&self, x: &[f64]) -> f64 {
        let n = self.n();
        (0..n)
            .map(|i| {
                let values = x[i..self.period_at()].iter().step_by(n);
                let range = values.fold([f64::INFINITY, f64::NEG_INFINITY], |r, v| {
                    [r[0].min(*v), r[1].max(*v)]
                });
                0.5 * (range[1] - range[0])
            })
            .fold(0.0, f64::max)
    }

    /// The profile without its mean, and the mean.
    fn swing(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.n();
        let weights = self.system.weights();
        let mut mean = vec![0.0; n];
        for (k, w) in x[..self.period_at()].iter().enumerate() {
            mean[k % n] += weights[k] * w;
        }
        let swing = x[..self.period_at()]
            .iter()
            .enumerate()
            .map(|(k, w)| w - mean[k % n])
            .collect();
        (swing, mean)
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

    /// Events between two cycles on the same mesh.
    fn events(&mut self, a: &Station, b: &Station, depth: usize, events: &mut Vec<Event>) {
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

    fn locate(&mut self, a: &Station, b: &Station, kind: EventKind) -> Option<Event> {
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
            if self.period(&here.on) > self.settings.period_max || settled(&history) {
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

    /// What the period's divergence says: `history` holds parameter, period, and d(parameter)/d(period).
    ///
    /// Near a SNIC `p - p* = (C/T)^2`, so `d log|dp/dT| / d log T = -3`. Near a homoclinic connection of a saddle
    /// `p - p* = K exp(-lambda T)`, so it is `-lambda T`.
    fn infinite_period(&mut self, here: &Station, history: &[[f64; 3]]) -> Option<Event> {
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
        let mut curve = super::equilibrium::Equilibria::new(problem, &parameters, active);
        let mut x = slow;
        x.push(estimate);
        let mut coefficients = Vec::new();
        let coefficient;
        let residual;
        if kind == EventKind::Snic {
            let (fold, left) = super::fold_curve::fold_near(problem, &parameters, active, &x)?;
            residual = left;
            // period sqrt(distance) = C + C' sqrt(distance): from two cycles to distance 0.
            let root = |h: &[f64; 3]| (h[0] - fold[n]).abs().sqrt();
            let (near, far) = (root(last), root(earlier));
            let constant = (last[1] * near * far - earlier[1] * far * near) / (far - near);
            coefficients.push(("period_sqrt_distance", constant));
            coefficient = Some(constant);
            x = fold;
        } else {
            let on = curve
                .at(
                    &x,
                    Convergence {
                        tolerance: 1e-12,
                        max_iterations: 30,
                        early: false,
                    },
                )
                .ok()?;
            residual = on.residual;
            x = on.x;
            let j = curve.jacobian(&x).to_owned();
            let values = super::linear::eigenvalues(j.as_ref());
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
            let on = curve
                .at(
                    &x,
                    Convergence {
                        tolerance: 1e-12,
                        max_iterations: 30,
                        early: false,
                    },
                )
                .ok()?;
            x = on.x;
        }
        let j = curve.jacobian(&x).to_owned();
        Some(Event {
            kind,
            parameters: vec![x[n]],
            state: x[..n].to_vec(),
            omega: None,
            period: Some(longest),
            coefficient,
            coefficients,
            criticality: (kind == EventKind::Homoclinic)
                .then(|| Criticality::of(coefficient.unwrap_or(0.0))),
            n_unstable_before: here.n_unstable,
            n_unstable_after: here.n_unstable,
            residual,
            eigenvalues: super::linear::eigenvalues(j.as_ref()),
            tangent: Vec::new(),
        })
    }

    /// The cycle of the same period on a mesh with every interval divided, which then is the mesh.
    fn refined(&mut self, on: &OnCurve, parts: usize) -> Option<OnCurve> {
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
        let mesh = self.system.adapted_mesh(&on.x);
        let mut x = on.x;
        self.system.remesh(mesh, &mut [&mut x]);
        self.system.refer_to(&x);
        correct(&mut self.system, x, &across, self.convergence).ok()
    }

    /// The profile's point where |f| is least, and that |f|.
    fn slowest(&self, on: &OnCurve) -> (Vec<f64>, f64) {
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
fn divergence(earlier: &[f64; 3], later: &[f64; 3]) -> f64 {
    -(later[2] / earlier[2]).abs().ln() / (later[1] / earlier[1]).ln()
}

/// Whether the parameter has settled exponentially: then a connection is near, and longer periods say nothing new.
fn settled(history: &[[f64; 3]]) -> bool {
    let [.., earlier, last] = history else {
        return false;
    };
    let left = (last[2] * last[1]).abs();
    left < 1e-7 * (1.0 + last[0].abs()) && last[1] > earlier[1] && divergence(earlier, last) > 6.0
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

impl CycleBranch {
    /// The cycles born at a Hopf point, followed until they end.
    ///
    /// `parameters` are all of the problem's, of which `active` varies; `hopf_points` are where the branch may end.
    ///
    /// # Errors
    /// [`Error::NotConverged`] if no cycle is found near the Hopf point.
    pub fn from_hopf(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        hopf: &Event,
        hopf_points: &[Event],
        settings: &Settings,
    ) -> Result<Self> {
        let mut parameters = parameters.to_vec();
        parameters[active] = hopf.parameters[0];
        let omega = hopf.omega.unwrap_or(f64::NAN);
        let period = std::f64::consts::TAU / omega;
        let mut curve = super::equilibrium::Equilibria::new(problem, &parameters, active);
        let mut x = hopf.state.clone();
        x.push(hopf.parameters[0]);
        let j = curve.jacobian(&x).to_owned();
        let mode = super::normal_form::Mode::near(j.as_ref(), Complex64::new(0.0, omega));
        let mut follower = Follower::new(problem, &parameters, active, period, settings);
        let times = follower.system.times();
        let mut tangent: Vec<f64> = times
            .iter()
            .flat_map(|t| {
                let turn = Complex64::cis(std::f64::consts::TAU * t);
                mode.right
                    .iter()
                    .map(move |q| (q * turn).re)
                    .collect::<Vec<_>>()
            })
            .collect();
        tangent.extend([0.0, 0.0]);
        normalise(follower.system.weights(), &mut tangent);
        let mut centre: Vec<f64> = (0..times.len()).flat_map(|_| hopf.state.clone()).collect();
        centre.extend([period, hopf.parameters[0]]);
        follower.system.refer_to_both(&centre, &tangent);
        let mut convergence = follower.convergence;
        convergence.max_iterations = 15;
        for shrink in 0..8 {
            let amplitude = 0.01 * 0.25f64.powi(shrink);
            let guess = along(&centre, &tangent, amplitude);
            let Ok(mut on) = correct(&mut follower.system, guess, &tangent, convergence) else {
                continue;
            };
            // Not the equilibrium itself.
            if follower.amplitude(&on.x) < 0.1 * amplitude * 1e-2 {
                continue;
            }
            if dot(follower.system.weights(), &on.tangent, &tangent) < 0.0 {
                on = on.reversed();
            }
            return Ok(follower.follow(on, hopf_points, Some(hopf.clone())));
        }
        Err(Error::NotConverged {
            what: "a small cycle".into(),
            at: super::branch::describe(problem, &parameters),
            residual: f64::NAN,
            advice: "the Hopf point may be degenerate (first Lyapunov coefficient near 0); start from a simulated orbit".into(),
        })
    }

    /// The cycle near a simulated orbit, followed towards larger (`ahead`) or smaller parameter values.
    ///
    /// `orbit(t)` is the state at the fraction `t` of the period, from 0 to 1.
    ///
    /// # Errors
    /// [`Error::NotConverged`] if Newton's method does not find a cycle from it.
    pub fn from_orbit(
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        (orbit, period): (&dyn Fn(f64) -> Vec<f64>, f64),
        ahead: bool,
        settings: &Settings,
    ) -> Result<Self> {
        let mut follower = Follower::new(problem, parameters, active, period, settings);
        let mut x: Vec<f64> = follower
            .system
            .times()
            .iter()
            .flat_map(|&t| orbit(t))
            .collect();
        x.extend([period, parameters[active]]);
        let mesh = follower.system.adapted_mesh(&x);
        follower.system.remesh(mesh, &mut []);
        let mut x: Vec<f64> = follower
            .system
            .times()
            .iter()
            .flat_map(|&t| orbit(t))
            .collect();
        x.extend([period, parameters[active]]);
        follower.system.refer_to(&x);
        let mut across = vec![0.0; x.len()];
        across[x.len() - 1] = 1.0;
        let convergence = Convergence {
            tolerance: follower.convergence.tolerance,
            max_iterations: 30,
            early: false,
        };
        let mut on = correct(&mut follower.system, x, &across, convergence).map_err(|failure| {
            Error::NotConverged {
                what: "a cycle near the orbit".into(),
                at: super::branch::describe(problem, parameters),
                residual: failure.residual,
                advice: "simulate longer, so that the orbit closes, or take more mesh intervals"
                    .into(),
            }
        })?;
        let speed = on.tangent[on.tangent.len() - 1];
        if (speed > 0.0) != ahead {
            on = on.reversed();
        }
        Ok(follower.follow(on, &[], None))
    }
}
