//! Finds every limit cycle in reach, stable or not: as a fixed point of a return map, or as what
//! orbits wind onto.
//!
//! A cycle goes round at least one equilibrium that is no saddle (Poincare's index), so it crosses
//! any ray from there. The map sends a point of the ray to where its orbit is back on it, once
//! round. Its fixed points are the cycles; they are bracketed by changes of sign along the ray and
//! then corrected by orthogonal collocation, as those of a branch are. The map ends, or jumps, where
//! a saddle's stable manifold crosses the ray, and a cycle may hide beside that; orbits from the
//! saddle find it.

use super::{Maker, PlaneEquilibrium, extent};
use crate::continuation::curve::root;
use crate::continuation::cycle::{CycleBranch, Lap};
use crate::continuation::event::Cycle;
use crate::continuation::plane::{Flow, JUMP, Rest, Winding, contradictions, laps, laps_beside};
use crate::continuation::settings::Settings;
use crate::continuation::stability::Stability;
use crate::error::Remark;

/// Starting points on a ray.
const STARTS: usize = 240;
/// The nearest start, over the farthest.
const NEAREST: f64 = 1e-4;
/// A return this close to its start, relative to its distance, tells nothing about the side it is
/// on.
const UNDECIDED: f64 = 1e-8;
/// Halvings, and more, of the part of a ray in which the map comes nearest to its start.
const NEARER: usize = 14;
/// Cycles of the same stability whose extrema agree to this share of their extent are the same.
const SAME: f64 = 1e-3;
/// Equilibria with an eigenvalue of 0 that may be points of bifurcation, each by itself; more of
/// them fill a curve.
const MOST_DEGENERATE: usize = 4;

/// A lap near a cycle that could not be made exact.
struct Failure {
    lap: Lap,
    /// What is said of it.
    remark: Remark,
}

/// A distance on a ray, and by how much, relative to it, its orbit is farther out after once round.
type Sample = (f64, f64);

impl Maker<'_> {
    pub(super) fn cycles(
        &mut self,
        wide: [[f64; 2]; 2],
        equilibria: &[PlaneEquilibrium],
    ) -> Vec<Cycle> {
        let fill_a_curve = fill_a_curve(equilibria);
        if fill_a_curve {
            self.stopped.push(Remark::new(format!(
                "equilibria are not isolated: {} were found with an eigenvalue of 0, and they fill a curve; no cycles \
                 are looked for round them",
                equilibria.iter().filter(|e| is_degenerate(e)).count()
            )));
        }
        let rests = rests(equilibria);
        let (mut all, mut failed) = (Vec::new(), Vec::new());
        for equilibrium in equilibria {
            if equilibrium.stability == Stability::Saddle
                || fill_a_curve && is_degenerate(equilibrium)
            {
                continue;
            }
            failed.extend(self.add_around(wide, equilibrium.state, &rests, &mut all));
        }
        if !fill_a_curve {
            failed.extend(self.add_wound(wide, &rests, &mut all));
        }
        // Another lap may have led to the same cycle.
        let is_known = |lap: &Lap| {
            all.iter()
                .any(|cycle| agree(&extrema(cycle), &lap.extrema()))
        };
        failed.retain(|failure| !is_known(&failure.lap));
        let remarks = failed.into_iter().map(|failure| failure.remark);
        self.stopped.extend(remarks);
        all.sort_by(|a, b| a.period.total_cmp(&b.period));
        all
    }

    /// Adds the cycles round `centre`.
    fn add_around(
        &self,
        wide: [[f64; 2]; 2],
        centre: [f64; 2],
        rests: &[Rest<'_>],
        all: &mut Vec<Cycle>,
    ) -> Vec<Failure> {
        // Farther than the plane reaches: a cycle may go round all of it.
        let along = [2.0 * extent(wide[0]), 0.0];
        let mut failed = Vec::new();
        let flow = self.flow(wide);
        for (low, high) in brackets(&flow, (centre, along), rests) {
            let there = root(low, high, 1e-13, |s| {
                let (end, path) = flow.lap(centre, along, s, rests)?;
                Some((end / s - 1.0, path))
            });
            let Some((at, off, path)) = there else {
                continue;
            };
            if off.abs() > JUMP {
                continue;
            }
            let lap = flow.lap_of(&path);
            match self.on_lap(&lap) {
                Ok(cycle) => add(all, cycle),
                Err(residual) => {
                    let remark = Remark::new(format!(
                        "a cycle {:.6} from the equilibrium at ({:.6}, {:.6}), of period about {:.6} ms, could not be made exact \
                         (residual {residual:.1e})",
                        at * along[0],
                        centre[0],
                        centre[1],
                        lap.period()
                    ));
                    failed.push(Failure { lap, remark });
                }
            }
        }
        failed
    }

    /// Adds the cycles that orbits wind onto which leave equilibria, and cycles: stable ones forward
    /// in time, unstable ones backward.
    fn add_wound(
        &self,
        wide: [[f64; 2]; 2],
        rests: &[Rest<'_>],
        all: &mut Vec<Cycle>,
    ) -> Vec<Failure> {
        let flow_to = |stable: bool| match stable {
            true => self.flow(wide),
            false => self.flow(wide).backward(),
        };
        let mut failed = Vec::new();
        for stable in [true, false] {
            let windings = laps(&flow_to(stable), (self.problem, self.parameters), rests);
            failed.extend(self.add_windings(windings, stable, all));
        }
        let mut k = 0;
        while k < all.len() && !self.settings.control.is_stopped() {
            let stable = !all[k].is_stable();
            let windings = laps_beside(&flow_to(stable), rests, &all[k]);
            failed.extend(self.add_windings(windings, stable, all));
            k += 1;
        }
        failed
    }

    /// Adds the cycles that orbits wind onto, all stable or all unstable.
    fn add_windings(
        &self,
        windings: Vec<Winding>,
        stable: bool,
        all: &mut Vec<Cycle>,
    ) -> Vec<Failure> {
        let direction = if stable { "forward" } else { "backward" };
        let mut failed = Vec::new();
        for winding in windings {
            let Winding {
                from: [x, y],
                lap,
                is_closed,
            } = winding;
            let known = |cycle: &Cycle| {
                cycle.is_stable() == stable && agree(&extrema(cycle), &lap.extrema())
            };
            if all.iter().any(known) {
                continue;
            }
            let why = match self.on_lap(&lap) {
                Ok(cycle) if cycle.is_stable() == stable => {
                    add(all, cycle);
                    continue;
                }
                Ok(_) => "the cycle near its last lap has the other stability".to_string(),
                Err(residual) => format!("residual {residual:.1e}"),
            };
            let what = match is_closed {
                true => "winds onto a cycle that could not be made exact",
                false => "has settled on nothing after hundreds of laps",
            };
            let remark = Remark::new(format!(
                "the orbit from ({x:.6}, {y:.6}), {direction} in time, {what}: its last lap takes {:.6} ms ({why})",
                lap.period()
            ));
            failed.push(Failure { lap, remark });
        }
        failed
    }

    /// The cycle that a lap is near.
    fn on_lap(&self, lap: &Lap) -> Result<Cycle, f64> {
        let mut settings = Settings::new(self.parameters[0] - 1.0, self.parameters[0] + 1.0);
        settings.control = self.settings.control.clone();
        CycleBranch::on_lap(self.problem, self.parameters, 0, lap, &settings)
    }

    /// Says what equilibria and cycles lack.
    pub(super) fn check(&mut self, equilibria: &[PlaneEquilibrium], cycles: &[Cycle]) {
        if !self.settings.control.is_stopped() {
            let lacking = contradictions(&rests(equilibria), cycles);
            self.stopped.extend(lacking);
        }
    }
}

fn is_degenerate(equilibrium: &PlaneEquilibrium) -> bool {
    equilibrium.eigenvalues.iter().any(|v| v.norm() == 0.0)
}

/// Whether equilibria are not isolated.
pub(super) fn fill_a_curve(equilibria: &[PlaneEquilibrium]) -> bool {
    equilibria.iter().filter(|e| is_degenerate(e)).count() > MOST_DEGENERATE
}

pub(super) fn rests(equilibria: &[PlaneEquilibrium]) -> Vec<Rest<'_>> {
    let all = equilibria.iter();
    all.map(|e| Rest::new(&e.state, &e.eigenvalues)).collect()
}

/// Between which distances from `centre` along `along` the return map changes its sign.
fn brackets(
    flow: &Flow<'_>,
    (centre, along): ([f64; 2], [f64; 2]),
    rests: &[Rest<'_>],
) -> Vec<(Sample, Sample)> {
    let sample = |distance: f64| -> Option<Sample> {
        let (end, _) = flow.lap(centre, along, distance, rests)?;
        let off = end / distance - 1.0;
        (off.abs() > UNDECIDED).then_some((distance, off))
    };
    let distances = (0..STARTS).map(|k| NEAREST.powf(1.0 - k as f64 / (STARTS - 1) as f64));
    let samples: Vec<Option<Sample>> = distances.map(sample).collect();
    let differ = |a: &Sample, b: &Sample| (a.1 > 0.0) != (b.1 > 0.0);
    let mut found = Vec::new();
    for pair in samples.windows(2) {
        if let [Some(a), Some(b)] = pair
            && differ(a, b)
        {
            found.push((*a, *b));
        }
    }
    // Two cycles between neighbouring starts, as beside a fold of cycles.
    for three in samples.windows(3) {
        if let [Some(a), Some(b), Some(c)] = three
            && !differ(a, b)
            && !differ(b, c)
            && b.1.abs() < a.1.abs().min(c.1.abs())
            && let Some(between) = across([*a, *b, *c], sample)
        {
            found.extend([(*a, between), (between, *c)]);
        }
    }
    found
}

/// A start between `a` and `c` from which the map goes to the other side than from these: looked for
/// where it comes nearest to its start, as near `b`.
fn across([a, b, c]: [Sample; 3], sample: impl Fn(f64) -> Option<Sample>) -> Option<Sample> {
    let (mut low, mut best, mut high) = (a.0, b, c.0);
    for _ in 0..NEARER {
        // In the longer part, as golden sections are.
        let longer = if high - best.0 > best.0 - low {
            high
        } else {
            low
        };
        let tried = sample(best.0 + 0.381966 * (longer - best.0))?;
        if (tried.1 > 0.0) != (b.1 > 0.0) {
            return Some(tried);
        }
        let (near, far) = match tried.1.abs() < best.1.abs() {
            true => (tried, best.0),
            false => (best, tried.0),
        };
        best = near;
        match far < best.0 {
            true => low = far,
            false => high = far,
        }
    }
    None
}

/// Adds a cycle, unless it is there.
fn add(all: &mut Vec<Cycle>, cycle: Cycle) {
    let is_same = |known: &Cycle| {
        known.is_stable() == cycle.is_stable() && agree(&extrema(known), &extrema(&cycle))
    };
    if !all.iter().any(is_same) {
        all.push(cycle);
    }
}

fn extrema(cycle: &Cycle) -> Vec<[f64; 2]> {
    let states = cycle.minima.iter().zip(&cycle.maxima);
    states.map(|(low, high)| [*low, *high]).collect()
}

/// Whether extrema are the same, as far as meshes and laps tell.
fn agree(a: &[[f64; 2]], b: &[[f64; 2]]) -> bool {
    a.iter()
        .zip(b)
        .all(|([low, high], [other_low, other_high])| {
            let off = (low - other_low).abs().max((high - other_high).abs());
            off < SAME * (other_high - other_low)
        })
}
