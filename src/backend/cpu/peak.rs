//! What this processor can do at most: loads from the caches, products and sums in registers. The yardstick of `brainsweep bench`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::aligned::Aligned;
use super::lanes::{Lanes, Work};
use super::pack::Pack;
use crate::scalar::Bits;

/// Rates of one thread, in 32-bit numbers per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakRates {
    /// Numbers loaded from the first-level cache.
    pub l1_loads: f64,
    /// Numbers loaded from the second-level cache.
    pub l2_loads: f64,
    /// Products added to sums in registers, each rounded separately.
    pub multiply_adds: f64,
}

/// Numbers that lie in any first-level cache, and such that lie in most second-level ones but in no first.
const IN_L1: usize = 16 << 8;
const IN_L2: usize = 768 << 8;
/// How long each rate is looked for; the best of many short runs counts, since a run is slowed by others but never sped up.
const PATIENCE: Duration = Duration::from_millis(50);

impl PeakRates {
    /// Measures these lanes, about half a second long.
    pub fn measure(lanes: Lanes) -> Self {
        let mut peaks = Self {
            l1_loads: 0.0,
            l2_loads: 0.0,
            multiply_adds: 0.0,
        };
        lanes.run(Measure(&mut peaks));
        peaks
    }

    /// Edges per second that no kernel can exceed: each is a load, a product and a sum.
    pub fn edges(&self) -> f64 {
        self.l1_loads.min(self.multiply_adds)
    }
}

struct Measure<'a>(&'a mut PeakRates);

impl Work for Measure<'_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        *self.0 = PeakRates {
            l1_loads: loads::<V>(IN_L1),
            l2_loads: loads::<V>(IN_L2),
            multiply_adds: multiply_adds::<V>(),
        };
    }
}

/// The loops stand here without closures, which would be compiled without the lanes' instructions.
///
/// With several numbers of independent chains: more than the latency of an operation times those begun in a cycle, but no more than there
/// are registers, and the lanes of some packs take several of these.
#[inline(always)]
fn loads<E: Pack>(n: usize) -> f64 {
    let few = loads_in::<E, 3>(n).max(loads_in::<E, 6>(n));
    few.max(loads_in::<E, 12>(n))
}

/// Loads, each met by an `xor`, of which a processor does at least as many in a cycle.
#[inline(always)]
fn loads_in<E: Pack, const CHAINS: usize>(n: usize) -> f64 {
    let mut numbers = Aligned::zeros(n.next_multiple_of(CHAINS * E::WIDTH));
    // Pages never written to would all be one page of zeros.
    numbers.fill(1.0);
    let rounds = (1 << 22) / numbers.len();
    let (begin, mut best) = (Instant::now(), f64::INFINITY);
    while begin.elapsed() < PATIENCE {
        let start = Instant::now();
        let mut sums = [E::Bits::lit(0); CHAINS];
        for _ in 0..rounds {
            for row in black_box(&numbers[..]).chunks_exact(CHAINS * E::WIDTH) {
                for k in 0..CHAINS {
                    sums[k] = sums[k].xor(E::load(&row[k * E::WIDTH..]).to_bits());
                }
            }
        }
        black_box(&sums);
        best = best.min(start.elapsed().as_secs_f64());
    }
    (rounds * numbers.len()) as f64 / best
}

/// As [`loads`].
#[inline(always)]
fn multiply_adds<E: Pack>() -> f64 {
    let few = multiply_adds_in::<E, 3>().max(multiply_adds_in::<E, 6>());
    few.max(multiply_adds_in::<E, 12>())
}

#[inline(always)]
fn multiply_adds_in<E: Pack, const CHAINS: usize>() -> f64 {
    const ROUNDS: usize = 1 << 16;
    let (factor, addend) = (black_box(E::splat(0.5)), black_box(E::splat(1.0)));
    let (begin, mut best) = (Instant::now(), f64::INFINITY);
    while begin.elapsed() < PATIENCE {
        let start = Instant::now();
        let mut sums = black_box([E::splat(0.0); CHAINS]);
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = *sum * factor + addend;
            }
        }
        black_box(&sums);
        best = best.min(start.elapsed().as_secs_f64());
    }
    (ROUNDS * CHAINS * E::WIDTH) as f64 / best
}
