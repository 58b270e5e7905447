//! Random numbers for tests that draw parameters: the same on every machine.

/// Uniform numbers from a linear congruence (Knuth's MMIX generator).
pub struct Random(pub u64);

impl Random {
    /// The next number, from `low` up to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        let Self(state) = self;
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * (*state >> 11) as f64 / (1u64 << 53) as f64
    }
}
