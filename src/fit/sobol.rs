//! Points that fill the box evenly.

use super::Search;
use super::random::Generation;
use crate::sweep::sobol_point;

/// A Sobol sequence, its points a generation at a time.
///
/// All coordinates are shifted by one random number each, bit by bit (exclusive or), so that another seed gives other points that
/// fill the box as evenly: R. Cranley & T. N. L. Patterson (1976), SIAM J. Numer. Anal. 13, 904, doi 10.1137/0713071, in base 2.
#[derive(Debug, Clone)]
pub struct Sobol {
    shifts: Vec<u32>,
    n_candidates: usize,
    first: u32,
}

impl Sobol {
    /// Dimensions that there are, at most.
    pub const MOST: usize = crate::sweep::SOBOL_DIMENSIONS;

    /// Points of `n` numbers, so many in a generation.
    ///
    /// # Panics
    /// With more than [`Sobol::MOST`] numbers.
    pub fn new(n: usize, n_candidates: usize, seed: u64) -> Self {
        assert!(n <= Self::MOST);
        let mut draws = Generation {
            seed,
            restart: 0,
            number: u32::MAX,
        }
        .whole();
        let shift = |_| (draws.uniform() * 2f64.powi(32)) as u32;
        Self {
            shifts: (0..n).map(shift).collect(),
            n_candidates,
            first: 0,
        }
    }
}

impl Search for Sobol {
    fn ask(&self) -> Vec<Vec<f64>> {
        let point = |k: u32| {
            let bits = self.shifts.iter().enumerate();
            let bits = bits.map(|(axis, shift)| sobol_point(axis, k) ^ shift);
            bits.map(|bits| f64::from(bits) * 2f64.powi(-32)).collect()
        };
        let all = self.first..self.first + self.n_candidates as u32;
        all.map(point).collect()
    }

    fn tell(&mut self, _losses: &[Vec<f64>]) {
        self.first += self.n_candidates as u32;
    }
}
