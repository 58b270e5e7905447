//! Classifies equilibria by their eigenvalues.

use std::fmt;

use num_complex::Complex64;

/// What an equilibrium is, in the words of BrainPy's analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stability {
    /// All eigenvalues left of the imaginary axis, the rightmost real.
    StableNode,
    /// All eigenvalues left of the imaginary axis, the rightmost a pair.
    StableFocus,
    /// Eigenvalues on both sides: what BrainPy calls a saddle node.
    Saddle,
    /// All eigenvalues right of the imaginary axis, the leftmost real; in more than two dimensions also: on both sides, the
    /// rightmost real and at least two of them unstable.
    UnstableNode,
    /// A pair right of the imaginary axis, and nothing right of it.
    UnstableFocus,
    /// A pair on the imaginary axis, to rounding, and nothing right of it: the eigenvalues do not tell whether it is stable.
    Centre,
}

impl Stability {
    /// From all eigenvalues, rightmost first.
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
            Self::Saddle => "saddle node",
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
