//! Counter-based random numbers: a value depends on seed, simulation, stream, step and node, and on nothing else.
//!
//! Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC'11, doi 10.1145/2063384.2063405): key = seed, counter = (step, node
//! pair, simulation, stream). Four words make, by Box and Muller's transform, the normals of two states at two nodes: node
//! p and node p + h, where h is half the number of nodes, rounded up. So noise is the same on every backend, whatever the
//! batch, the lanes, the threads, or the simulations beside it.

use std::convert::Infallible;

use rand::TryRng;

use crate::scalar::functions::cos_sin_turn;
use crate::scalar::{Bits, Single};

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
}

/// One block of Philox4x32-10.
#[inline(always)]
pub fn philox<B: Bits>(counter: [B; 4], key: [B; 2]) -> [B; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    let (m0, m1) = (B::lit(0xd251_1f53), B::lit(0xcd9e_8d57));
    for round in 0..10 {
        if round > 0 {
            k0 = k0.add(B::lit(0x9e37_79b9));
            k1 = k1.add(B::lit(0xbb67_ae85));
        }
        (c0, c1, c2, c3) = (
            m1.mul_high(c2).xor(c1).xor(k0),
            m1.mul(c2),
            m0.mul_high(c0).xor(c3).xor(k1),
            m0.mul(c0),
        );
    }
    [c0, c1, c2, c3]
}

/// Two independent standard normal numbers from two random words (Box & Muller 1958, doi 10.1214/aoms/1177706645).
///
/// The largest magnitude is 6.66.
#[inline(always)]
pub fn normals<S: Single>(words: [S::Bits; 2]) -> [S; 2] {
    // In (0, 1]: 31 bits, half a unit off zero.
    let uniform =
        words[0].shr(1).signed_to_float() * S::lit(2f64.powi(-31)) + S::lit(2f64.powi(-32));
    let radius = (S::lit(-2.0) * uniform.log()).sqrt();
    let (cos, sin) = cos_sin_turn::<S>(words[1]);
    [radius * cos, radius * sin]
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
}
