//! The stages of a search: points that fill the ranges, then the evolution strategy from the best of them.

use super::Settings;
use super::state::Distribution;
use crate::fit::{Method, Policy, Restarts, Search, Sobol};

/// The first steps of the strategy, as a part of every range.
const FIRST_STEP: f64 = 0.2;

/// A search in stages.
pub(super) struct Engine {
    settings: Settings,
    n: usize,
    n_told: usize,
    start: Sobol,
    then: Option<Restarts>,
}

impl Engine {
    /// A search for `n` numbers.
    pub fn new(settings: &Settings, n: usize) -> Self {
        Self {
            n,
            n_told: 0,
            start: Sobol::new(n, settings.start, settings.search),
            then: None,
            settings: settings.clone(),
        }
    }

    /// Candidates that were told.
    pub fn n_told(&self) -> usize {
        self.n_told
    }

    /// The points of the next generation.
    pub fn ask(&self) -> Vec<Vec<f64>> {
        match &self.then {
            Some(search) => search.ask(),
            None => self.start.ask(),
        }
    }

    /// Takes their losses.
    pub fn tell(&mut self, points: &[Vec<f64>], losses: &[Vec<f64>]) {
        self.n_told += points.len();
        if let Some(search) = &mut self.then {
            return search.tell(losses);
        }
        self.start.tell(losses);
        let policy = match self.settings.method {
            Method::Sobol => return,
            Method::Cma => Policy::Ipop,
            Method::Bipop => Policy::Bipop,
        };
        let known = (0..points.len()).filter(|&k| losses[k][0].is_finite());
        let best = known.min_by(|&a, &b| losses[a][0].total_cmp(&losses[b][0]));
        let start = best.map_or(vec![0.5; self.n], |k| points[k].clone());
        let Settings {
            population, search, ..
        } = self.settings;
        self.then = Some(Restarts::new(
            policy, &start, FIRST_STEP, population, search,
        ));
    }

    /// The distribution of the next generation; none unless the strategy has begun.
    pub fn distribution(&self) -> Option<Distribution> {
        let run = self.then.as_ref()?.run();
        Some(Distribution {
            mean: run.mean(),
            covariance: run.covariance(),
            learnt: run.learnt(),
        })
    }
}
