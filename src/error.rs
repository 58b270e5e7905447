//! The one error type of the crate. A variant holds the facts; its message prints them and ends with the way out.

use std::path::PathBuf;

/// What every fallible function of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, in the user's words.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that is not in its list (a model, a state, a parameter, a key).
    #[error("no {what} named {name:?}{}; known: {}", hint_at(.name, .known), .known.join(", "))]
    Unknown {
        /// What was looked up, for example "model".
        what: String,
        /// The name as given.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A short name that several keys end in.
    #[error("{name} could be {}; write one of them", .candidates.join(", "))]
    Ambiguous {
        /// The name as given.
        name: String,
        /// The keys that it could mean.
        candidates: Vec<String>,
    },
    /// A number that the study may not hold.
    #[error("{key} is {found}, but {rule}")]
    BadValue {
        /// The study's key, for example `protocol.dt`.
        key: String,
        /// The value as given.
        found: String,
        /// What is allowed, and how to get there.
        rule: String,
    },
    /// A study file that does not read.
    #[error("{origin}: {message}")]
    Study {
        /// File (with line, where known) or flag.
        origin: String,
        /// What is wrong with it and what to write instead.
        message: String,
    },
    /// A text, of a model or a coupling, that does not read.
    #[error("{origin}: {message}\n{excerpt}")]
    Text {
        /// File, line and column.
        origin: String,
        /// What is wrong and what would be right.
        message: String,
        /// The line, with a mark below the place.
        excerpt: String,
    },
    /// An array of the wrong shape.
    #[error("{key:?} in {} has shape {found:?}, expected {expected}", .path.display())]
    WrongShape {
        /// The file.
        path: PathBuf,
        /// The array's key in it.
        key: String,
        /// The shape found.
        found: Vec<usize>,
        /// The shape wanted and why.
        expected: String,
    },
    /// A file that holds something else than it should.
    #[error("{}: {message}", .path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried, for example "write".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An output that is in the way.
    #[error("{} exists already; choose another --out, or say --force to replace it", .path.display())]
    Exists {
        /// The file or folder in the way.
        path: PathBuf,
    },
    /// No adapter, a lost device, a shader the driver refuses.
    #[error("{message}")]
    Device {
        /// What happened and what to do.
        message: String,
    },
    /// A simulation grew beyond all bounds.
    #[error(
        "simulation {simulation} left the finite numbers at {label} (node {node}) at {time_ms} ms; what was recorded until \
         then is in {}. Try a smaller protocol.dt (now {dt_ms} ms), and look at the parameters and inputs",
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
        /// The folder of what was recorded.
        kept: PathBuf,
    },
    /// A continuation that found no solution where it looked.
    #[error("no convergence to {what} at {at} (residual {residual:.1e}); {advice}")]
    NotConverged {
        /// What was to be found.
        what: String,
        /// Where: parameters and their values.
        at: String,
        /// The residual when it was given up.
        residual: f64,
        /// What to try.
        advice: String,
    },
    /// Ctrl-C.
    #[error("interrupted; what was finished is kept")]
    Interrupted,
}

impl Error {
    /// The process's exit code: 2 bad input, 3 device, 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Device { .. } => 3,
            Self::Interrupted => 130,
            _ => 2,
        }
    }

    /// [`Error::Unknown`] from its parts.
    pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Unknown {
            what: what.into(),
            name: name.into(),
            known: known.into_iter().map(String::from).collect(),
        }
    }

    /// [`Error::BadValue`] from its parts.
    pub fn bad_value(
        key: impl Into<String>,
        found: impl ToString,
        rule: impl Into<String>,
    ) -> Self {
        Self::BadValue {
            key: key.into(),
            found: found.to_string(),
            rule: rule.into(),
        }
    }

    /// [`Error::Data`] from its parts.
    pub fn data(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self::Data {
            path: path.into(),
            message: message.into(),
        }
    }

    /// Turns an operating-system error into [`Error::Io`]; for use in `map_err`.
    pub fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// ", nearest is ..." where a known name is close to `name`.
fn hint_at(name: &str, known: &[String]) -> String {
    nearest(name, known.iter().map(String::as_str))
        .map(|near| format!(", nearest is {near:?}"))
        .unwrap_or_default()
}

/// The known name nearest to `name`, if one is near: at most one edit, and one more for every three letters. Case does not count.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.chars().take(64).collect::<String>().to_lowercase();
    let distance = |known: &&str| strsim::damerau_levenshtein(&name, &known.to_lowercase());
    let near = known.into_iter().min_by_key(distance)?;
    let limit = 1 + near.chars().count() / 3;
    (distance(&near) <= limit).then_some(near)
}
