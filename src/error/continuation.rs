//! What can go wrong while equilibria and cycles are followed.

use std::path::PathBuf;

use super::Error;

/// A continuation that cannot start, or that found no solution.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContinuationError {
    /// An iteration that found no solution where it looked.
    #[error("no convergence to {what} at {at} (residual {residual:.1e})")]
    NotConverged {
        /// What was to be found.
        what: String,
        /// Where: parameters and their values.
        at: String,
        /// The residual when it was given up; NaN where there is none.
        residual: f64,
        /// What to try.
        advice: String,
    },
    /// A step of a branch that changes stability by more than the bifurcations found on it.
    #[error(
        "found fewer bifurcations near {parameter} = {value} than the change of stability needs \
         ({n_unstable} unstable roots before)"
    )]
    MissedEvents {
        /// The parameter.
        parameter: String,
        /// Its value where the step was given up.
        value: f64,
        /// The number of unstable roots before the step.
        n_unstable: usize,
    },
    /// Characteristic roots that may not be all there are.
    #[error("cannot prove that all characteristic roots were found: {why}")]
    IncompleteSpectrum {
        /// What the proof lacks.
        why: String,
        /// The roots found.
        n_found: usize,
        /// The longest delay, ms.
        longest_delay_ms: f64,
    },
    /// Branches that ended before the bounds of the range; the others went on.
    #[error("{n_stopped} of the branches stopped short; what was found is in {}", .kept.display())]
    StoppedShort {
        /// The number of branches that did.
        n_stopped: usize,
        /// Those of them that have as many points as a branch may have, and did not fail.
        n_full: usize,
        /// The folder of what was found.
        kept: PathBuf,
    },
    /// A periodic orbit whose series would have to be longer than it may be.
    #[error(
        "the periodic orbit of {period_ms:.3} ms at {parameter} = {value:.9} needs more than {most} \
         harmonics"
    )]
    TooManyHarmonics {
        /// The parameter.
        parameter: String,
        /// Its value.
        value: f64,
        /// The orbit's period, ms.
        period_ms: f64,
        /// The number of harmonics that it may have.
        most: usize,
    },
    /// A Jacobian with numbers that are not finite.
    #[error("the Jacobian holds numbers that are not finite, so it has no eigenvalues")]
    NotFinite,
    /// A Hopf point whose first Lyapunov coefficient is 0 to rounding.
    #[error(
        "the Hopf point at {parameter} = {value:.9} is degenerate: its first Lyapunov coefficient \
         is 0 to rounding"
    )]
    Degenerate {
        /// The parameter.
        parameter: String,
        /// Its value at the Hopf point.
        value: f64,
    },
    /// A model or a coupling that has no derivatives.
    #[error("{what} cannot be continued: continuation needs derivatives, and {why}")]
    NotSmooth {
        /// The model or the coupling.
        what: String,
        /// Where it has no derivative.
        why: String,
    },
    /// A problem that this kind of continuation does not take.
    #[error("{what} cannot be continued so: {why}")]
    Unsupported {
        /// What is not taken.
        what: String,
        /// Why it is not.
        why: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// Nodes that differ although they must be alike.
    #[error(
        "node {node} differs from node 0, but modes need the same state, parameters and input at \
         every node"
    )]
    NodesDiffer {
        /// The first node that differs.
        node: usize,
    },
    /// An event from which no branch of the wanted kind starts.
    #[error("no {branch} starts at a {event}: {rule}")]
    WrongEvent {
        /// What was to start there.
        branch: &'static str,
        /// The kind of the event.
        event: String,
        /// Where it does start.
        rule: &'static str,
    },
    /// An argument of the wrong number, size or order.
    #[error("{what} is {found}, but {rule}")]
    Argument {
        /// The argument.
        what: String,
        /// What was given.
        found: String,
        /// What is allowed.
        rule: String,
    },
}

impl ContinuationError {
    pub(super) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotConverged { advice, .. } => return Some(advice.clone()),
            Self::MissedEvents { .. } => {
                "several may coincide, as in symmetric networks: make the nodes slightly different"
            }
            Self::IncompleteSpectrum {
                longest_delay_ms, ..
            } => {
                return Some(format!(
                    "long delays bring many roots (here up to {longest_delay_ms:.1} ms): change \
                     the parameter slightly, or ask for fewer roots"
                ));
            }
            Self::StoppedShort {
                n_stopped, n_full, ..
            } => match n_stopped - n_full {
                0 => "allow more --points, or go on from their ends with --from",
                _ if *n_full > 0 => {
                    "the notes above say where, why, and what to try; branches with as many points as --points allows go on with more"
                }
                _ => "the notes above say where, why, and what to try",
            },
            Self::TooManyHarmonics { .. } => {
                "cycles rest long near an equilibrium, as where periods grow without end: the branch \
                 holds up to there"
            }
            Self::NotFinite => "check the parameters and the range",
            Self::Degenerate { .. } => {
                "start elsewhere: round a centre, cycles of all sizes lie at one parameter value"
            }
            Self::NotSmooth { .. } => "simulate it instead",
            Self::NodesDiffer { .. } => "use the full spectrum",
            Self::Unsupported { hint, .. } => return hint.clone(),
            Self::WrongEvent { .. } | Self::Argument { .. } => return None,
        };
        Some(hint.into())
    }

    /// Whether the input is sound and the numbers failed.
    pub fn is_numerical(&self) -> bool {
        match self {
            Self::NotConverged { .. }
            | Self::MissedEvents { .. }
            | Self::IncompleteSpectrum { .. }
            | Self::StoppedShort { .. }
            | Self::TooManyHarmonics { .. }
            | Self::NotFinite
            | Self::Degenerate { .. } => true,
            Self::NotSmooth { .. }
            | Self::Unsupported { .. }
            | Self::NodesDiffer { .. }
            | Self::WrongEvent { .. }
            | Self::Argument { .. } => false,
        }
    }
}

impl Error {
    /// [`ContinuationError::NotConverged`] from its parts.
    pub(crate) fn not_converged(
        what: impl Into<String>,
        at: impl Into<String>,
        residual: f64,
        advice: impl Into<String>,
    ) -> Self {
        ContinuationError::NotConverged {
            what: what.into(),
            at: at.into(),
            residual,
            advice: advice.into(),
        }
        .into()
    }

    /// [`ContinuationError::NotSmooth`] from its parts.
    pub(crate) fn not_smooth(what: impl Into<String>, why: impl Into<String>) -> Self {
        let (what, why) = (what.into(), why.into());
        ContinuationError::NotSmooth { what, why }.into()
    }

    /// [`ContinuationError::Unsupported`] from its parts.
    pub(crate) fn not_continued(
        what: impl Into<String>,
        why: impl Into<String>,
        hint: &str,
    ) -> Self {
        let (what, why, hint) = (what.into(), why.into(), Some(hint.into()));
        ContinuationError::Unsupported { what, why, hint }.into()
    }

    /// [`ContinuationError::Argument`] from its parts.
    pub(crate) fn argument(
        what: impl Into<String>,
        found: impl ToString,
        rule: impl Into<String>,
    ) -> Self {
        let (what, found, rule) = (what.into(), found.to_string(), rule.into());
        ContinuationError::Argument { what, found, rule }.into()
    }
}
