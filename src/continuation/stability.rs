//! Classifies equilibria by their eigenvalues.

use std::fmt;

use num_complex::Complex64;

/// The type of an equilibrium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stability {
    /// All eigenvalues lie left of the imaginary axis, the rightmost is real.
    StableNode,
    /// All eigenvalues lie left of the imaginary axis, the rightmost are a complex pair.
    StableFocus,
    /// Eigenvalues lie on both sides of the axis, the rightmost is real (BrainPy says saddle node).
    Saddle,
    /// All eigenvalues lie right of the imaginary axis, the rightmost is real.
    UnstableNode,
    /// The rightmost eigenvalues are a complex pair right of the imaginary axis.
    UnstableFocus,
    /// The rightmost eigenvalues are a pair on the imaginary axis, to rounding: they do not tell
    /// whether the equilibrium is stable.
    Centre,
}

impl Stability {
    /// Classifies an equilibrium by all of its eigenvalues, rightmost first.
    pub fn of(eigenvalues: &[Complex64]) -> Self {
        let n_unstable = n_unstable(eigenvalues);
        let rotates = eigenvalues.first().is_some_and(|e| e.im != 0.0);
        let on_axis = eigenvalues.first().is_some_and(|e| e.re == 0.0);
        match n_unstable {
            0 if rotates && on_axis => Self::Centre,
            0 if rotates => Self::StableFocus,
            0 => Self::StableNode,
            _ if rotates => Self::UnstableFocus,
            k if k == eigenvalues.len() => Self::UnstableNode,
            _ => Self::Saddle,
        }
    }
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::StableNode => "stable node",
            Self::StableFocus => "stable focus",
            Self::Saddle => "saddle",
            Self::UnstableNode => "unstable node",
            Self::UnstableFocus => "unstable focus",
            Self::Centre => "centre",
        })
    }
}

/// How many eigenvalues lie right of the imaginary axis.
pub(super) fn n_unstable(eigenvalues: &[Complex64]) -> usize {
    eigenvalues.iter().filter(|e| e.re > 0.0).count()
}
