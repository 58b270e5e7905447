//! Runs of [`Cma`] one after the other, each from another point.
//!
//! IPOP doubles the candidates every time: A. Auger & N. Hansen (2005), IEEE CEC, 1769, doi 10.1109/CEC.2005.1554902. BIPOP has runs
//! with few candidates and small steps between these, for as many evaluations: N. Hansen (2009), GECCO, 2389,
//! doi 10.1145/1570256.1570333.

use super::random::Generation;
use super::{Cma, Search};

/// What follows on a run that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// A run with twice the candidates.
    #[default]
    Ipop,
    /// The same, or a run with few, whichever have had fewer evaluations.
    Bipop,
}

/// Candidates of a run, at most, over those of the first.
const MOST_TIMES: usize = 512;
/// The word of a restart's own random numbers; no run has so many generations.
const BETWEEN: u32 = u32::MAX;

/// Runs one after the other.
#[derive(Debug, Clone)]
pub struct Restarts {
    policy: Policy,
    seed: u64,
    n: usize,
    first_step: f64,
    first_population: usize,
    run: Cma,
    restart: u32,
    /// Runs with more and more candidates after the first.
    n_large: u32,
    is_small: bool,
    /// Evaluations in runs with few candidates, and in the others.
    n_evaluations: [usize; 2],
}

impl Restarts {
    /// The first run goes from `start`, `[n]`, with this `step` and `population`, as in [`Cma::new`]; the others from points drawn
    /// evenly from the box.
    ///
    /// # Panics
    /// As [`Cma::new`].
    pub fn new(policy: Policy, start: &[f64], step: f64, population: usize, seed: u64) -> Self {
        Self {
            policy,
            seed,
            n: start.len(),
            first_step: step,
            first_population: population,
            run: Cma::new(start, step, population, seed, 0),
            restart: 0,
            n_large: 0,
            is_small: false,
            n_evaluations: [0, 0],
        }
    }

    /// The run of now.
    pub fn run(&self) -> &Cma {
        &self.run
    }

    /// Runs that have ended.
    pub fn n_restarts(&self) -> u32 {
        self.restart
    }

    /// Lets the last candidate of the next generation stand at `z`, as [`Cma::seen`] sees it.
    pub(super) fn inject(&mut self, z: &[f64]) {
        self.run.inject(z);
    }

    /// Begins another run.
    fn restart(&mut self) {
        self.restart += 1;
        let between = Generation {
            seed: self.seed,
            restart: self.restart,
            number: BETWEEN,
        };
        let mut draws = between.whole();
        let [small, large] = self.n_evaluations;
        self.is_small = self.policy == Policy::Bipop && self.n_large > 0 && small < large;
        let (mut population, mut step) = (self.first_population, self.first_step);
        if self.is_small {
            let times = f64::from(self.times()) / 2.0;
            let (u, v) = (draws.uniform(), draws.uniform());
            population = (population as f64 * libm::pow(times.max(1.0), u * u)) as usize;
            step *= libm::pow(10.0, -2.0 * v);
        } else {
            self.n_large += 1;
            population *= self.times() as usize;
        }
        let start: Vec<f64> = (0..self.n).map(|_| draws.uniform()).collect();
        self.run = Cma::new(&start, step, population, self.seed, self.restart);
    }

    /// How many times the first candidates the largest run has.
    fn times(&self) -> u32 {
        (1 << self.n_large.min(16)).min(MOST_TIMES as u32)
    }
}

impl Search for Restarts {
    fn ask(&self) -> Vec<Vec<f64>> {
        self.run.ask()
    }

    fn tell(&mut self, losses: &[Vec<f64>]) {
        self.n_evaluations[usize::from(!self.is_small)] += losses.len();
        self.run.tell(losses);
        if self.run.stop().is_some() {
            self.restart();
        }
    }
}
