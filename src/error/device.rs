//! What can go wrong with devices: GPUs, their drivers, threads.

use super::Error;

/// A device that cannot do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// No device that was asked for can be used.
    #[error("{problem}")]
    NotFound {
        /// What was looked for and what was found.
        problem: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A device that is there and does not open.
    #[error("{device} cannot be opened: {why}")]
    NotOpened {
        /// The device.
        device: String,
        /// What its driver said.
        why: String,
    },
    /// Something that the device cannot do.
    #[error("{device} {cannot}")]
    Unsupported {
        /// The device.
        device: String,
        /// What it cannot do, as the rest of a sentence.
        cannot: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Not enough memory on the device.
    #[error("{problem}")]
    Memory {
        /// What does not fit, with the numbers.
        problem: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A device that stopped working.
    #[error("the device {device} was lost ({reason}); what was recorded until then is kept")]
    Lost {
        /// The device.
        device: String,
        /// What its driver said.
        reason: String,
    },
    /// Results that could not be fetched from the device.
    #[error("{action} failed: {why}")]
    Failed {
        /// What failed.
        action: &'static str,
        /// What the driver said.
        why: String,
    },
    /// Threads that the system refused.
    #[error("the system gives no threads to run on: {why}")]
    Threads {
        /// What the system said.
        why: String,
    },
    /// A shader of ours that does not pass its checks: a bug.
    #[error("a shader of brainsweep is invalid: {problem}")]
    Shader {
        /// What the check said.
        problem: String,
    },
}

impl DeviceError {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { hint, .. }
            | Self::Unsupported { hint, .. }
            | Self::Memory { hint, .. } => hint.clone(),
            Self::Lost { .. } => {
                Some("close other programs that use it and run again, or say --backend cpu".into())
            }
            Self::Threads { .. } => Some(
                "take fewer with --threads, or allow this process more \
                 (`ulimit -u`, `ulimit -v`, the limits of its container)"
                    .into(),
            ),
            Self::Shader { .. } => Some("this is a bug: please report it".into()),
            Self::NotOpened { .. } | Self::Failed { .. } => None,
        }
    }
}

impl Error {
    /// [`DeviceError::Unsupported`] from its parts.
    pub(crate) fn unsupported(
        device: impl Into<String>,
        cannot: impl Into<String>,
        hint: Option<&str>,
    ) -> Self {
        DeviceError::Unsupported {
            device: device.into(),
            cannot: cannot.into(),
            hint: hint.map(String::from),
        }
        .into()
    }
}
