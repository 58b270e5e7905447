//! What can go wrong when a study becomes a plan.

/// A study, or a batch of studies, that cannot be planned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A batch without studies, or a connectome without nodes.
    #[error("there is no {what}: at least one is needed")]
    Empty {
        /// What is missing: "study", "node", "recorded state".
        what: &'static str,
    },
    /// A value that all simulations of a batch must share.
    #[error("{key} differs between simulations of one batch, which must share it")]
    Differs {
        /// The key.
        key: String,
    },
    /// An array of a study with the wrong shape.
    #[error("{key} has shape {found:?}, expected {expected}")]
    WrongShape {
        /// The key.
        key: String,
        /// The shape found.
        found: Vec<usize>,
        /// The shape wanted.
        expected: String,
    },
    /// A number that a 32-bit float cannot hold.
    #[error("{key} holds a number that is not finite in 32 bits")]
    NotFinite {
        /// The key.
        key: String,
    },
    /// A constant that is computed from values of the study and is not finite.
    #[error("{} cannot be simulated: {why}", .given.join(" with "))]
    Derived {
        /// The values that it is computed from, as in `parameters.tau = 1e-40`.
        given: Vec<String>,
        /// What is not finite.
        why: String,
    },
    /// A delay that is too long to be counted in steps.
    #[error("{key} makes a delay of {steps:.3e} steps, but a delay has at most 1e9 steps")]
    DelayTooLong {
        /// The key that sets the delay.
        key: String,
        /// The delay in steps.
        steps: f64,
        /// The key of the step.
        dt: &'static str,
    },
    /// A delay line that does not fit into memory.
    #[error(
        "{key} makes a delay of {steps} steps: the delay line of one simulation would need {needs}"
    )]
    DelayLine {
        /// The key that sets the delay.
        key: String,
        /// The longest delay in steps.
        steps: usize,
        /// The memory that it needs, with its unit.
        needs: String,
        /// The key of the step.
        dt: &'static str,
    },
    /// A coupling that this model cannot have.
    #[error("the coupling {coupling} does not go with this study: {why}")]
    Coupling {
        /// The coupling.
        coupling: String,
        /// Why it does not.
        why: String,
    },
    /// A way to step that this study cannot take.
    #[error("{key} = \"{value}\" does not go with this study: {why}")]
    Scheme {
        /// The key.
        key: &'static str,
        /// Its value.
        value: &'static str,
        /// Why it cannot be.
        why: String,
        /// What to say instead.
        hint: String,
    },
    /// More simulations than one plan can hold.
    #[error("{n_simulations} simulations are too many for one plan")]
    TooMany {
        /// The number of simulations.
        n_simulations: usize,
    },
}

impl PlanError {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::DelayTooLong { dt, .. } => {
                Some(format!("check the units (mm/ms, ms), or raise {dt}"))
            }
            Self::DelayLine { key, dt, .. } => Some(format!("raise {key} or {dt}")),
            Self::TooMany { .. } => Some("run fewer at a time".into()),
            Self::Scheme { hint, .. } => Some(hint.clone()),
            Self::Empty { .. }
            | Self::Differs { .. }
            | Self::WrongShape { .. }
            | Self::NotFinite { .. }
            | Self::Derived { .. }
            | Self::Coupling { .. } => None,
        }
    }
}
