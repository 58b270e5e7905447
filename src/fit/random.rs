//! Draws the random numbers of a search.
//!
//! They come from the counter-based generator of [`crate::noise`]. Its key is the seed of the search; its counter is (word,
//! generation, candidate, restart). So a candidate depends on no other, nor on when or where it is drawn.

use std::f64::consts::TAU;

use rand::distr::{Distribution, StandardUniform};

use crate::noise::{Philox, stream};

/// Who draws for a whole generation, not for one of its candidates.
const NOBODY: u32 = u32::MAX;

/// The random numbers of one generation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Generation {
    pub seed: u64,
    pub restart: u32,
    pub number: u32,
}

/// The random numbers of one candidate.
pub(super) struct Draws(Philox);

impl Generation {
    /// Those of candidate number `candidate`.
    pub fn candidate(self, candidate: usize) -> Draws {
        self.draws(candidate as u32)
    }

    /// Those of the generation as a whole.
    pub fn whole(self) -> Draws {
        self.draws(NOBODY)
    }

    fn draws(self, candidate: u32) -> Draws {
        let words = Philox::new(self.seed, candidate, stream::FIT + self.restart);
        Draws(words.in_generation(self.number))
    }
}

impl Draws {
    /// A number from 0 up to 1, uniform, of 53 bits.
    pub fn uniform(&mut self) -> f64 {
        StandardUniform.sample(&mut self.0)
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n - 1)
    }

    /// So many independent standard normal numbers (Box & Muller 1958, doi 10.1214/aoms/1177706645).
    pub fn normals(&mut self, n: usize) -> Vec<f64> {
        let mut all = Vec::with_capacity(n + 1);
        while all.len() < n {
            // In (0, 1], whose logarithm is finite.
            let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
            let angle = TAU * self.uniform();
            all.push(radius * libm::cos(angle));
            all.push(radius * libm::sin(angle));
        }
        all.truncate(n);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Generation = Generation {
        seed: 7,
        restart: 0,
        number: 0,
    };

    #[test]
    fn a_candidate_has_numbers_of_its_own() {
        let of = |generation: Generation, candidate| generation.candidate(candidate).normals(3);
        let others = [
            of(FIRST, 1),
            of(Generation { seed: 8, ..FIRST }, 0),
            of(
                Generation {
                    restart: 1,
                    ..FIRST
                },
                0,
            ),
            of(Generation { number: 1, ..FIRST }, 0),
            FIRST.whole().normals(3),
        ];
        assert_eq!(of(FIRST, 0), of(FIRST, 0));
        for other in others {
            assert!(of(FIRST, 0).iter().all(|x| !other.contains(x)));
        }
    }

    /// Mean, variance and fourth moment within four standard errors: 1, sqrt 2, sqrt 96 over the root of their number.
    #[test]
    fn normals_have_the_moments_of_the_standard_normal() {
        let n = 1 << 16;
        let numbers = FIRST.candidate(0).normals(n);
        let moment = |power| numbers.iter().map(|x| x.powi(power)).sum::<f64>() / n as f64;
        let error = 4.0 / (n as f64).sqrt();
        assert!(moment(1).abs() < error, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 2f64.sqrt() * error);
        assert!((moment(4) - 3.0).abs() < 96f64.sqrt() * error);
        let counts = (0..6000).fold([0; 3], |mut counts, k| {
            counts[FIRST.candidate(k).below(3)] += 1;
            counts
        });
        // Five standard deviations of a count: 5 sqrt(6000/3 * 2/3).
        assert!(
            counts.iter().all(|n| (n - 2000i32).abs() < 183),
            "{counts:?}"
        );
    }
}
