//! Builds a chart: every curve of bifurcations that is found in two parameters.

mod places;

use num_complex::Complex64;

use super::locus::{Locus, LocusPoint};
use crate::continuation::cycle::CycleBranch;
use crate::continuation::diagram::Diagram;
use crate::continuation::event::{Cycle, Event, EventKind};
use crate::continuation::problem::Problem;
use crate::continuation::settings::Settings;
use crate::error::{ContinuationError, Error, Remark, Result};
use places::{is_at, is_between, is_of_cycles, parameters_of, place_on};

/// Curves of folds, Hopf points, folds of cycles, period doublings and tori in two parameters.
///
/// ```
/// use brainsweep::continuation::{Chart, NodeProblem, Settings};
/// use brainsweep::model::find;
///
/// let node = NodeProblem::new(find("fitzhugh-nagumo")?, &[], &["x_ext", "gamma"])?;
/// let mut settings = Settings::new(0.0, 2.0);
/// settings.cycles = false;
/// let chart = Chart::new(&node, node.start(), [[0.0, 2.0], [-2.0, -0.5]], &settings)?;
/// let bautin = chart.curves.iter().flat_map(|curve| curve.events()).next().expect("there are two");
/// assert_eq!(bautin.kind.name(), "generalized-hopf");
/// # Ok::<(), brainsweep::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chart {
    /// The curves; none twice.
    pub curves: Vec<Locus>,
    /// What could not be done: where, and what to try.
    pub stopped: Vec<Remark>,
}

impl Chart {
    /// Follows the curves of `problem` in both of its parameters over `ranges`; `parameters` are
    /// its values where it is described.
    ///
    /// Curves are met in diagrams over the first parameter at six values of the second, and at
    /// points of codimension two, where others begin. Without `settings.cycles`, those of cycles are
    /// left out.
    ///
    /// # Errors
    /// [`crate::Error::Continuation`] for a problem without two parameters.
    pub fn new(
        problem: &dyn Problem,
        parameters: &[f64],
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Self> {
        let width = ranges[0][1] - ranges[0][0];
        let coarse = Settings {
            range: ranges[0],
            step_max: settings.step_max.max(0.05 * width),
            ..settings.clone()
        };
        let mut search = Search {
            problem,
            ranges,
            settings,
            coarse,
            chart: Self {
                curves: Vec::new(),
                stopped: Vec::new(),
            },
        };
        let [low, high] = ranges[1];
        // Not at round fractions: symmetric charts have their special points there.
        let spread = [0.0, 1.0, 0.487, 0.241, 0.763].map(|t| low + t * (high - low));
        let own = parameters.get(1).copied();
        let own = own.filter(|second| (low..=high).contains(second));
        for second in own.into_iter().chain(spread) {
            if settings.control.is_stopped() {
                break;
            }
            search.slice(second)?;
        }
        Ok(search.chart)
    }
}

struct Search<'a> {
    problem: &'a dyn Problem,
    ranges: [[f64; 2]; 2],
    settings: &'a Settings,
    /// Of what is only looked for, and of curves of cycles, where a step costs most.
    coarse: Settings,
    chart: Chart,
}

impl Search<'_> {
    /// The curves through the bifurcations at one value of the second parameter.
    fn slice(&mut self, second: f64) -> Result<()> {
        let at = [self.ranges[0][0], second];
        let diagram = match Diagram::new(self.problem, &at, &self.coarse) {
            Ok(diagram) => diagram,
            // Without an equilibrium there is nothing to bifurcate.
            Err(Error::Continuation(ContinuationError::NotConverged { .. })) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.chart.stopped.extend(diagram.stopped.iter().cloned());
        for (_, event) in diagram.events() {
            let kind = match event.kind {
                EventKind::Fold => EventKind::Fold,
                kind if kind.is_hopf() => EventKind::Hopf,
                _ => continue,
            };
            let mut event = event.clone();
            event.parameters.push(second);
            self.add(&event, kind)?;
        }
        for branch in &diagram.cycles {
            let failed = self.add_of_cycles(branch, second).err();
            self.chart.stopped.extend(failed.flatten());
            self.add_homoclinics(branch, second);
        }
        Ok(())
    }

    /// The curve of one kind through an event, and those that begin on it, unless they are known.
    fn add(&mut self, event: &Event, kind: EventKind) -> Result<()> {
        let mut todo = vec![(event.clone(), kind)];
        while let Some((event, kind)) = todo.pop() {
            let at = parameters_of(&event);
            if self.settings.control.is_stopped() || self.passes(kind, &at) {
                continue;
            }
            let second = event.parameters[1];
            let locus = Locus::through(
                self.problem,
                &event,
                kind,
                second,
                self.ranges,
                self.settings,
            );
            let locus = match locus {
                Ok(locus) => locus,
                Err(error) if !error.is_numerical() => return Err(error),
                Err(error) => {
                    self.chart.stopped.push(error.into());
                    continue;
                }
            };
            self.chart.stopped.extend(locus.stopped.iter().cloned());
            todo.extend(locus.events().flat_map(beginning));
            let mut locus = locus;
            if self.settings.cycles && kind == EventKind::Fold {
                locus.find_cycles(self.problem, &self.settings.control);
            }
            self.chart.curves.push(locus.clone());
            if self.settings.cycles {
                self.leave_generalized_hopf(&locus);
                self.leave_bogdanov_takens(&locus);
            }
        }
        Ok(())
    }

    /// Folds of cycles begin at generalised Hopf points: on the curve of Hopf points, where the
    /// small cycle and the larger one both exist, the branch of cycles turns.
    fn leave_generalized_hopf(&mut self, hopfs: &Locus) {
        const TRIES: usize = 6;
        for k in 0..hopfs.points.len() {
            for event in &hopfs.points[k].events {
                let (EventKind::GeneralizedHopf, Some(l2)) = (event.kind, event.coefficient) else {
                    continue;
                };
                if self.ends_in(EventKind::CycleFold, event) {
                    continue;
                }
                let mut failed = None;
                let before = hopfs.points[..k].iter().rev().take(TRIES);
                let after = hopfs.points[k..].iter().take(TRIES);
                for point in before.chain(after) {
                    let l1 = point.omega.and(point.coefficient).unwrap_or(l2);
                    if l1 * l2 > 0.0 {
                        continue;
                    }
                    match self.leave_hopf(point, event, 60, Self::add_of_cycles) {
                        Ok(Ok(())) => {
                            failed = None;
                            break;
                        }
                        Ok(Err(why)) => failed = why.or(failed),
                        Err(error) => failed = Some(error.into()),
                    }
                }
                self.chart.stopped.extend(failed);
            }
        }
    }

    /// Homoclinic connections begin at Bogdanov-Takens points: cycles born on the curve of Hopf points
    /// near there end in them.
    fn leave_bogdanov_takens(&mut self, hopfs: &Locus) {
        let points = hopfs
            .events()
            .filter(|e| e.kind == EventKind::BogdanovTakens);
        for event in points {
            if self.ends_in(EventKind::Homoclinic, event) || self.connects(hopfs, event) {
                continue;
            }
            // At the next point of the curve cycles may end elsewhere already.
            let hopf = Event {
                kind: EventKind::Hopf,
                ..event.clone()
            };
            if let Ok(fine) = Locus::around(self.problem, &hopf, self.settings) {
                self.connects(&fine, event);
            }
        }
    }

    /// Whether cycles born beside a Bogdanov-Takens point of a curve of Hopf points end in a connection whose curve begins there.
    fn connects(&mut self, hopfs: &Locus, event: &Event) -> bool {
        // Points on both sides, ever farther away: too near to the point the cycles are too small.
        const AWAY: [usize; 6] = [1, 2, 4, 8, 16, 32];
        let has_it = |point: &LocusPoint| point.events.iter().any(|e| is_at(e, event));
        let Some(k) = hopfs.points.iter().position(has_it) else {
            return false;
        };
        let beside = AWAY
            .into_iter()
            .flat_map(|m| [k.checked_sub(m), Some(k + m - 1)]);
        let points = beside.flatten().filter_map(|at| hopfs.points.get(at));
        for point in points.filter(|p| p.kind == EventKind::Hopf) {
            self.leave_hopf(point, event, 200, Self::add_homoclinics)
                .ok();
            if self.ends_in(EventKind::Homoclinic, event) {
                return true;
            }
        }
        false
    }

    /// Gives `then` the branch of at most `most` cycles born at a point of a curve of Hopf points.
    fn leave_hopf<T>(
        &mut self,
        point: &LocusPoint,
        event: &Event,
        most: usize,
        then: impl FnOnce(&mut Self, &CycleBranch, f64) -> T,
    ) -> Result<T> {
        let [first, second] = point.parameters;
        let omega = point.omega.unwrap_or(f64::NAN);
        let hopf = Event {
            kind: EventKind::Hopf,
            parameters: vec![first],
            state: point.state.clone(),
            omega: Some(omega),
            period: Some(std::f64::consts::TAU / omega),
            ..event.clone()
        };
        let settings = Settings {
            max_cycles: most,
            ..self.coarse.clone()
        };
        let hopfs = std::slice::from_ref(&hopf);
        let at = [first, second];
        let branch = CycleBranch::from_hopf(self.problem, &at, 0, &hopf, hopfs, &settings)?;
        Ok(then(self, &branch, second))
    }

    /// Whether a known curve of a kind ends in this point of codimension two; no other one does.
    fn ends_in(&self, kind: EventKind, end: &Event) -> bool {
        let curves = self.chart.curves.iter().filter(|c| c.kind == kind);
        let mut events = curves.flat_map(Locus::events);
        events.any(|event| is_at(event, end))
    }

    /// The curves through the bifurcations of a branch of cycles; if none comes of it, why, unless it
    /// has none.
    fn add_of_cycles(&mut self, branch: &CycleBranch, second: f64) -> Result<(), Option<Remark>> {
        let mut outcome = Err(None);
        for cycle in &branch.cycles {
            for event in &cycle.events {
                if !is_of_cycles(event.kind) {
                    continue;
                }
                let near = event.cycle.as_deref().unwrap_or(cycle);
                match self.add_through_cycle(event, near, second) {
                    Ok(()) => outcome = Ok(()),
                    Err(error) => outcome = outcome.or(Err(Some(error.into()))),
                }
            }
        }
        outcome
    }

    /// The curves of homoclinic connections that a branch of cycles ends in.
    fn add_homoclinics(&mut self, branch: &CycleBranch, second: f64) {
        let longest = branch
            .cycles
            .first()
            .into_iter()
            .chain(branch.cycles.last());
        let longest = longest.max_by(|a, b| a.period.total_cmp(&b.period));
        for event in branch.events() {
            let (EventKind::Homoclinic, Some(cycle)) = (event.kind, longest) else {
                continue;
            };
            let mut placed = event.clone();
            placed.parameters.push(second);
            if self.passes(EventKind::Homoclinic, &parameters_of(&placed)) {
                continue;
            }
            let locus = Locus::of_homoclinics(
                self.problem,
                event,
                cycle,
                second,
                self.ranges,
                &self.coarse,
            );
            match locus {
                Ok(locus) => {
                    self.chart.stopped.extend(locus.stopped.iter().cloned());
                    self.chart.curves.push(locus);
                }
                Err(error) => self.chart.stopped.push(error.into()),
            }
        }
    }

    fn add_through_cycle(&mut self, event: &Event, cycle: &Cycle, second: f64) -> Result<()> {
        let mut placed = event.clone();
        placed.parameters.push(second);
        if self.passes(event.kind, &parameters_of(&placed)) {
            return Ok(());
        }
        let locus = Locus::of_cycles(
            self.problem,
            event,
            cycle,
            second,
            self.ranges,
            &self.coarse,
        )?;
        self.chart.stopped.extend(locus.stopped.iter().cloned());
        self.chart.curves.push(locus);
        Ok(())
    }

    /// Whether a known curve of this kind passes `at`.
    fn passes(&self, kind: EventKind, at: &[f64]) -> bool {
        self.chart.curves.iter().any(|curve| {
            curve.kind == kind
                && curve.points.windows(2).any(|pair| {
                    let ends = [&pair[0], &pair[1]].map(|point| place_on(kind, point));
                    is_between(at, &ends[0], &ends[1])
                })
        })
    }
}

/// The curves that begin at a point of codimension two, beside the one that it was met on.
fn beginning(event: &Event) -> Vec<(Event, EventKind)> {
    let fold = (event.clone(), EventKind::Fold);
    let hopf = (event.clone(), EventKind::Hopf);
    match event.kind {
        EventKind::BogdanovTakens | EventKind::ZeroHopf => vec![fold, hopf],
        EventKind::HopfHopf => {
            let pairs = event.eigenvalues.iter().filter(|e| e.im > 0.0);
            let at = |pair: &Complex64| {
                let event = Event {
                    omega: Some(pair.im),
                    ..event.clone()
                };
                (event, EventKind::Hopf)
            };
            pairs.filter(|e| e.re.abs() < 1e-6).map(at).collect()
        }
        _ => Vec::new(),
    }
}
