//! Counter-based random numbers: a value depends on seed, simulation, stream, step and node, and on nothing else.
//!
//! Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC'11, doi 10.1145/2063384.2063405): key = seed, counter = (step, node
//! pair, simulation, stream). Four words make, by Box and Muller's transform, the normals of two states at two nodes: node
//! p and node p + h, where h is half the number of nodes, rounded up. So noise is the same on every backend, whatever the
//! batch, the lanes, the threads, or the simulations beside it.

use std::convert::Infallible;

use rand::TryRng;

use crate::scalar::functions::{cos_sin_turn, log_of_positive, root_of_positive};
use crate::scalar::{Bits, Scalar, Single};

/// Streams of random words that never meet.
pub mod stream {
    /// Noise during the run, states 0 and 1; states 2 and 3 take the next number, and so on.
    pub const NOISE: u32 = 0;
    /// State `s` at t = 0 takes `INITIAL + s`.
    pub const INITIAL: u32 = 0x1000;
    /// The delay line's content before t = 0.
    pub const HISTORY: u32 = 0x2000;
    /// Points drawn for a sweep; axis `k` takes simulation `k`.
    pub const SWEEP: u32 = 0x3000;
    /// What halving a step adds to its noise; halving `h` takes `HALVING + HALVING_LENGTH h`, and on like [`NOISE`].
    pub const HALVING: u32 = 0x4000;
    /// Streams of one halving; two states share one, and there are at most 128 noise targets.
    pub const HALVING_LENGTH: u32 = 0x100;
    /// Noise of a stimulus; two numbers that are held share four words.
    pub const STIMULUS: u32 = 0x5000;
    /// Candidates drawn by a search, which take the place of simulations; restart `r` takes `FIT + r`.
    pub const FIT: u32 = 0x1_0000;
}

/// What Philox computes with: 32-bit words, one or many side by side.
///
/// Apart from [`Bits`], because a product of 64 bits is cheapest where a vector holds its words in halves of 64 bits.
pub trait Word: Copy {
    /// A constant.
    fn literal(value: u32) -> Self;
    /// `self + other`, wrapping.
    fn plus(self, other: Self) -> Self;
    /// `self ^ other`
    fn exclusive_or(self, other: Self) -> Self;
    /// High and low word of `self * other`.
    fn product(self, other: Self) -> [Self; 2];
}

impl<B: Bits> Word for B {
    #[inline(always)]
    fn literal(value: u32) -> Self {
        B::lit(value)
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.add(other)
    }
    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        self.xor(other)
    }
    #[inline(always)]
    fn product(self, other: Self) -> [Self; 2] {
        [self.mul_high(other), self.mul(other)]
    }
}

/// The keys of each of the ten rounds.
pub type Schedule<W> = [[W; 2]; 10];

/// The keys of the rounds, from the key of the first.
#[inline(always)]
pub fn schedule<W: Word>(key: [W; 2]) -> Schedule<W> {
    let mut keys = [key; 10];
    for round in 1..10 {
        let [k0, k1] = keys[round - 1];
        keys[round] = [
            k0.plus(W::literal(0x9e37_79b9)),
            k1.plus(W::literal(0xbb67_ae85)),
        ];
    }
    keys
}

/// One block of Philox4x32-10, with the keys of its rounds.
#[inline(always)]
pub fn rounds<W: Word>(counter: [W; 4], keys: &Schedule<W>) -> [W; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let (m0, m1) = (W::literal(0xd251_1f53), W::literal(0xcd9e_8d57));
    for &[k0, k1] in keys {
        let ([high0, low0], [high1, low1]) = (m0.product(c0), m1.product(c2));
        (c0, c1, c2, c3) = (
            high1.exclusive_or(c1).exclusive_or(k0),
            low1,
            high0.exclusive_or(c3).exclusive_or(k1),
            low0,
        );
    }
    [c0, c1, c2, c3]
}

/// One block of Philox4x32-10.
#[inline(always)]
pub fn philox<W: Word>(counter: [W; 4], key: [W; 2]) -> [W; 4] {
    rounds(counter, &schedule(key))
}

/// Two independent standard normal numbers from two random words (Box & Muller 1958, doi 10.1214/aoms/1177706645).
///
/// The largest magnitude is 6.66.
#[inline(always)]
pub fn normals<S: Single>(words: [S::Bits; 2]) -> [S; 2] {
    // In (0, 1]: 31 bits, half a unit off zero.
    let uniform =
        words[0].shr(1).signed_to_float() * S::lit(2f64.powi(-31)) + S::lit(2f64.powi(-32));
    let radius = root_of_positive(S::lit(-2.0) * log_of_positive(uniform));
    let (cos, sin) = cos_sin_turn::<S>(words[1]);
    [radius * cos, radius * sin]
}

/// Cosine and sine of the turn that makes the normal numbers of two half steps of one: see [`half`].
///
/// `decay` is what is left of a kick half a step later: 1 of white noise, `1 - dt/(2 tau)` of an Ornstein-Uhlenbeck process that
/// advances by Euler's method.
pub fn turn(decay: f64) -> [f32; 2] {
    let length = decay.hypot(1.0);
    [decay / length, 1.0 / length].map(|part| part as f32)
}

/// The normal number of the first or the second half of a step, made of the whole step's and a `fresh` one.
///
/// The halves are `cos t whole - sin t fresh` and `sin t whole + cos t fresh`, with `tan t = 1/decay` ([`turn`]). They are standard
/// normal and independent, for the turn is orthogonal; and `decay first + second` is `sqrt(1 + decay^2) whole`: what two kicks of half
/// a step have left at its end is what the whole step's kick has. It is Levy's construction of a Brownian path (Kloeden & Platen 1992,
/// section 1.8), for paths that decay.
#[inline(always)]
pub fn half<S: Scalar>(is_second: bool, whole: S, fresh: S, [cos, sin]: [S; 2]) -> S {
    match is_second {
        false => cos * whole - sin * fresh,
        true => sin * whole + cos * fresh,
    }
}

/// A stream of [`philox`] words for what is drawn on the host, through the traits of `rand`.
#[derive(Debug, Clone)]
pub struct Philox {
    key: [u32; 2],
    counter: [u32; 4],
    words: [u32; 4],
    used: usize,
}

impl Philox {
    /// The words of one `stream` (see [`stream`]) of one simulation.
    pub fn new(seed: u64, simulation: u32, stream: u32) -> Self {
        Self {
            key: key(seed),
            counter: [0, 0, simulation, stream],
            words: [0; 4],
            used: 4,
        }
    }

    /// The words of one generation of a search, up to 2^32 of them.
    #[must_use]
    pub fn in_generation(mut self, generation: u32) -> Self {
        self.counter[1] = generation;
        self
    }

    fn next_word(&mut self) -> u32 {
        if self.used == 4 {
            self.words = philox(self.counter, self.key);
            let (low, carry) = self.counter[0].overflowing_add(1);
            self.counter[0] = low;
            self.counter[1] = self.counter[1].wrapping_add(u32::from(carry));
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }
}

/// The generator's key for a seed.
pub fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

impl TryRng for Philox {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.next_word());
        Ok(low | (u64::from(self.next_word()) << 32))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.next_word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator's published test vectors (Random123, kat_vectors, philox4x32 with 10 rounds).
    #[test]
    fn philox_meets_its_published_test_vectors() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn normals_have_the_moments_of_a_standard_normal() {
        let n = 1 << 18;
        let mut sums = [0.0f64; 5];
        for step in 0..n {
            let words = philox([step, 3, 1, 0], key(7));
            let [a, b] = normals::<f32>([words[0], words[1]]);
            for z in [f64::from(a), f64::from(b)] {
                for (power, sum) in sums.iter_mut().enumerate() {
                    *sum += z.powi(power as i32);
                }
            }
        }
        let moment = |k: usize| sums[k] / sums[0];
        // Standard errors over 2^19 numbers: 1/sqrt(n) times 1, sqrt 2, sqrt 15, sqrt 96.
        assert!(moment(1).abs() < 4.0 * 0.0014, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 4.0 * 0.0020, "{}", moment(2));
        assert!(moment(3).abs() < 4.0 * 0.0054, "{}", moment(3));
        assert!((moment(4) - 3.0).abs() < 4.0 * 0.0136, "{}", moment(4));
    }

    /// What two half steps leave of their kicks is the whole step's; each half is standard normal, and they do not correlate.
    #[test]
    fn halves_of_a_step_add_up_to_it_and_are_independent() {
        let n = 1 << 17;
        for decay in [1.0, 0.99, 0.5, -0.2] {
            let turn = turn(decay);
            // Of first, second; their squares and product; products with the whole and the fresh one of the same number.
            let mut sums = [0.0f64; 5];
            for step in 0..n {
                let normal = |stream: u32| {
                    let words = philox([step, 3, 1, stream], key(7));
                    normals::<f32>([words[0], words[1]])[0]
                };
                let (whole, fresh) = (normal(stream::NOISE), normal(stream::HALVING));
                let [first, second] = [false, true].map(|k| half(k, whole, fresh, turn));
                let [first, second] = [first, second].map(f64::from);
                let left = decay * first + second - decay.hypot(1.0) * f64::from(whole);
                assert!(left.abs() < 2e-6, "{left}");
                let products = [
                    first,
                    second,
                    first * first,
                    second * second,
                    first * second,
                ];
                sums.iter_mut().zip(products).for_each(|(sum, x)| *sum += x);
            }
            // Four standard errors: 1, 1, sqrt 2, sqrt 2, 1 over sqrt n.
            for (k, (sum, expected)) in sums.iter().zip([0.0, 0.0, 1.0, 1.0, 0.0]).enumerate() {
                let found = sum / f64::from(n);
                assert!(
                    (found - expected).abs() < 4.0 * 0.0040,
                    "{decay}, {k}: {found}"
                );
            }
        }
    }

    /// No two of the streams that a run can draw from share a number.
    #[test]
    fn streams_do_not_meet() {
        let most_targets = 128;
        let most_halvings = 16;
        let noise = |first: u32| first..first + most_targets / 2;
        let halving = |h: u32| noise(stream::HALVING + stream::HALVING_LENGTH * h);
        let mut all: Vec<u32> = noise(stream::NOISE).collect();
        all.extend((0..most_halvings).flat_map(halving));
        for first in [stream::INITIAL, stream::HISTORY, stream::SWEEP] {
            all.extend(first..first + most_targets);
        }
        let most_restarts = 1 << 16;
        all.extend(stream::FIT..stream::FIT + most_restarts);
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
    }
}
