//! Says what went wrong and what to do about it.
//!
//! [`Error`] has a variant for each layer of the crate, and each layer has an enum with the facts
//! as fields. An error's text says what happened; [`Error::hint`] says what to do, where there is
//! something to do; [`Error::exit_code`] is what the program ends with.
//!
//! | layer | enum | what it is about |
//! |---|---|---|
//! | study | [`StudyError`] | keys, values and files of a study, and sweeps of it |
//! | text | [`TextError`] | the equations of a model or a coupling |
//! | data | [`DataError`] | connectomes, arrays, tables, result files |
//! | plan | [`PlanError`] | studies that do not become a plan |
//! | figure | [`FigureError`] | what cannot be drawn |
//! | device | [`DeviceError`] | GPUs, drivers, threads |
//! | disk | [`DiskError`] | what the operating system refuses |
//! | continuation | [`ContinuationError`] | equilibria and cycles that are not found |
//! | usage | [`UsageError`] | flags of the program |

mod continuation;
mod data;
mod device;
mod disk;
mod figure;
mod nearest;
mod place;
mod plan;
mod printable;
mod remark;
mod study;
mod text;
mod usage;

use std::path::PathBuf;

pub use continuation::ContinuationError;
pub use data::DataError;
pub use device::DeviceError;
pub use disk::DiskError;
pub use figure::FigureError;
pub(crate) use nearest::nearest;
pub use place::Place;
pub use plan::PlanError;
pub(crate) use printable::{cut, one_line, printable};
pub use remark::Remark;
pub use study::StudyError;
pub use text::TextError;
pub use usage::UsageError;

/// Weights from here on look like counts of streamlines.
pub(crate) const COUNTS: f64 = 1000.0;

/// What every fallible function of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, in the user's words.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that is not in its list (a model, a state, a parameter, an array of a file).
    #[error("no {what} named {name:?}; known: {}", .known.join(", "))]
    Unknown {
        /// What was looked up, for example "model".
        what: String,
        /// The name as given.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A study, or a sweep of one, that is not right.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// A text of a model or a coupling that does not read.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Data that cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A study that does not become a plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A figure that cannot be drawn.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// A device that fails.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A refusal of the operating system.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A continuation that cannot start, or that found no solution.
    #[error(transparent)]
    Continuation(#[from] ContinuationError),
    /// A command that is not used as it must be.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A simulation whose state became NaN or infinite.
    #[error(
        "simulation {simulation} diverged: {label} (node {node}) became NaN or infinite at \
         {time_ms} ms; what was recorded until then is in {}",
        .kept.display()
    )]
    Diverged {
        /// The simulation, counted within its plan.
        simulation: usize,
        /// The first node seen to have diverged.
        node: usize,
        /// That region's name.
        label: String,
        /// When, ms.
        time_ms: f64,
        /// The step, ms.
        dt_ms: f64,
        /// The largest weight of the connectome.
        largest_weight: f64,
        /// The folder of what was recorded.
        kept: PathBuf,
    },
    /// Ctrl-C.
    #[error("interrupted; what was finished is kept")]
    Interrupted,
}

/// What is wrong, and what to do about it where a rule says so: the two parts of `FACT; WAY OUT`.
///
/// Rules stand beside what they rule (`study::range`, `language`), each as one text.
pub(crate) fn parted(rule: &str) -> (String, Option<String>) {
    match rule.split_once("; ") {
        Some((fact, hint)) => (fact.into(), Some(hint.into())),
        None => (rule.into(), None),
    }
}

impl Error {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { name, known, .. } => {
                let last = |known: &'_ String| known.rsplit('.').next().map(String::from);
                let lasts: Vec<String> = known.iter().filter_map(last).collect();
                let whole = nearest(name, known.iter().map(String::as_str));
                // `alhpa` is near to the end of `parameters.alpha`.
                let near = whole.or_else(|| {
                    // One letter is near to every other.
                    if name.len() < 2 {
                        return None;
                    }
                    let near = nearest(name, lasts.iter().map(String::as_str))?;
                    let at = lasts.iter().position(|last| last == near)?;
                    Some(known[at].as_str())
                });
                near.map(|near| format!("did you mean {near:?}?"))
            }
            Self::Study(error) => error.hint(),
            Self::Data(error) => error.hint(),
            Self::Plan(error) => error.hint(),
            Self::Device(error) => error.hint(),
            Self::Disk(error) => error.hint(),
            Self::Continuation(error) => error.hint(),
            Self::Usage(error) => error.hint(),
            // Raw counts of streamlines: no step is small enough for them.
            Self::Diverged { largest_weight, .. } if *largest_weight >= COUNTS => Some(format!(
                "the weights are as large as {largest_weight}: try connectome.normalise = \"max\", or a smaller coupling.g"
            )),
            Self::Diverged { dt_ms, .. } => Some(format!(
                "try a smaller protocol.dt (now {dt_ms} ms), and check the parameters and inputs"
            )),
            Self::Text(error) => error.hint.clone(),
            Self::Figure(_) | Self::Interrupted => None,
        }
    }

    /// The error and, on a line of its own that begins with `hint: `, what to do about it, fit for a
    /// terminal: long lines are cut, control characters escaped.
    pub fn report(&self) -> String {
        let report = match self.hint() {
            Some(hint) => format!("{self}\nhint: {hint}"),
            None => self.to_string(),
        };
        printable(&report)
    }

    /// The program's exit code for this error.
    ///
    /// | code | meaning |
    /// |---|---|
    /// | 1 | a bug of brainsweep; please report it |
    /// | 2 | wrong usage or bad input; also a file or folder that is not there, or an output that is |
    /// | 3 | no device that can do it, or a device that failed |
    /// | 4 | diverged, did not converge, or stopped short |
    /// | 5 | the disk: the system refused to read or to write |
    /// | 130 | interrupted |
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Study(StudyError::At { error, .. } | StudyError::Value { error, .. }) => {
                error.exit_code()
            }
            Self::Device(DeviceError::Shader { .. }) => 1,
            Self::Device(_) => 3,
            Self::Diverged { .. } => 4,
            Self::Continuation(_) if self.is_numerical() => 4,
            Self::Disk(error) if !error.is_usage() => 5,
            Self::Interrupted => 130,
            Self::Unknown { .. }
            | Self::Study(_)
            | Self::Text(_)
            | Self::Data(_)
            | Self::Plan(_)
            | Self::Figure(_)
            | Self::Disk(_)
            | Self::Continuation(_)
            | Self::Usage(_) => 2,
        }
    }

    /// Whether the input is sound and an iteration or the numbers failed.
    pub fn is_numerical(&self) -> bool {
        matches!(self, Self::Continuation(error) if error.is_numerical())
    }

    /// [`Error::Unknown`] from its parts.
    pub(crate) fn unknown<'a>(
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::Unknown {
            what: what.into(),
            name: cut(name).into(),
            known: known.into_iter().map(String::from).collect(),
        }
    }
}
