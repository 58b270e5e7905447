//! The stages of a search: points that fill the ranges, then the evolution strategy from the best of them; or, of several objectives,
//! a front.

use super::state::Distribution;
use super::{HopfCurves, Settings};
use crate::fit::{Guided, Method, Nsga2, Policy, Restarts, Search, Sobol, Start};

/// The first steps of the strategy, as a part of every range.
const FIRST_STEP: f64 = 0.2;

/// A search in stages.
pub(super) struct Engine {
    settings: Settings,
    n: usize,
    n_told: usize,
    /// The curves on which half of the first points lie.
    curves: Option<HopfCurves>,
    stage: Stage,
}

enum Stage {
    Start(Sobol),
    Strategy(Box<Restarts>),
    Guided(Box<Guided>),
    Front(Nsga2),
}

impl Engine {
    /// A search for `n` numbers, for which the first Hopf points lie on these `curves`, where they are known.
    pub fn new(settings: &Settings, n: usize, curves: Option<&HopfCurves>) -> Self {
        let Settings {
            population, search, ..
        } = *settings;
        Self {
            n,
            n_told: 0,
            curves: curves.filter(|_| settings.start_at == Start::Hopf).cloned(),
            stage: match settings.method {
                Method::Nsga2 => Stage::Front(Nsga2::new(n, population, search)),
                _ => Stage::Start(Sobol::new(n, settings.start, search)),
            },
            settings: settings.clone(),
        }
    }

    /// Candidates that were told.
    pub fn n_told(&self) -> usize {
        self.n_told
    }

    /// The run of the strategy that asks for the next generation, from 0; none before it begins, and of a front.
    pub fn restart(&self) -> Option<u32> {
        match &self.stage {
            Stage::Strategy(search) => Some(search.n_restarts()),
            Stage::Guided(search) => Some(search.restarts().n_restarts()),
            Stage::Start(_) | Stage::Front(_) => None,
        }
    }

    /// The points of the next generation.
    pub fn ask(&self) -> Vec<Vec<f64>> {
        match &self.stage {
            Stage::Start(search) => self.half_on_curves(search.ask()),
            Stage::Strategy(search) => search.ask(),
            Stage::Guided(search) => search.ask(),
            Stage::Front(search) => search.ask(),
        }
    }

    /// Moves the second half of the points onto the curves, if there are any: the first of the two numbers says how far along.
    fn half_on_curves(&self, mut points: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        let Some(curves) = &self.curves else {
            return points;
        };
        let half = points.len() / 2;
        for point in &mut points[half..] {
            if let Some(place) = curves.at(point[curves.axes[0]]) {
                for (k, share) in curves.axes.into_iter().zip(place) {
                    point[k] = share;
                }
            }
        }
        points
    }

    /// Takes their losses.
    pub fn tell(&mut self, points: &[Vec<f64>], losses: &[Vec<f64>]) {
        self.n_told += points.len();
        match &mut self.stage {
            Stage::Strategy(search) => return search.tell(losses),
            Stage::Guided(search) => return search.tell(losses),
            Stage::Front(search) => return search.tell(losses),
            Stage::Start(search) => search.tell(losses),
        }
        let policy = match self.settings.method {
            Method::Cma | Method::Guided => Policy::Ipop,
            Method::Bipop => Policy::Bipop,
            Method::Sobol | Method::Nsga2 => return,
        };
        let known = (0..points.len()).filter(|&k| losses[k][0].is_finite());
        let best = known.min_by(|&a, &b| losses[a][0].total_cmp(&losses[b][0]));
        let start = best.map_or(vec![0.5; self.n], |k| points[k].clone());
        let Settings {
            population, search, ..
        } = self.settings;
        self.stage = match self.settings.method {
            Method::Guided => {
                let mut search = Guided::new(policy, &start, FIRST_STEP, population, search);
                search.remember(points, losses);
                Stage::Guided(Box::new(search))
            }
            _ => {
                let search = Restarts::new(policy, &start, FIRST_STEP, population, search);
                Stage::Strategy(Box::new(search))
            }
        };
    }

    /// The distribution of the next generation; none unless the strategy has begun.
    pub fn distribution(&self) -> Option<Distribution> {
        let run = match &self.stage {
            Stage::Strategy(search) => search.run(),
            Stage::Guided(search) => search.restarts().run(),
            Stage::Start(_) | Stage::Front(_) => return None,
        };
        Some(Distribution {
            mean: run.mean(),
            covariance: run.covariance(),
            learnt: run.learnt(),
        })
    }
}
