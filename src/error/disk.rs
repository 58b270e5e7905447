//! What the operating system refuses, and the one table of what to do about it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Error;

/// A file or a folder that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried, for example "write".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The same in a store, whose command can be said again.
    #[error("cannot {action} {}: {source}", .path.display())]
    Store {
        /// What was tried, for example "write".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Results that could not take their place.
    #[error("{}: {problem}; the results are in {} instead", .path.display(), .kept.display())]
    Misplaced {
        /// The place.
        path: PathBuf,
        /// Why they could not take it.
        problem: String,
        /// Where they are.
        kept: PathBuf,
    },
    /// An output that is in the way.
    #[error("{} exists already", .path.display())]
    Exists {
        /// The file or folder in the way.
        path: PathBuf,
    },
}

impl DiskError {
    pub(super) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Io { action, source, .. } => return hint(action, source.kind()).map(Into::into),
            Self::Store { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    "free some space, and the same command goes on from here"
                }
                ErrorKind::NotFound => "the folder is gone while it was being filled",
                _ => "once that is mended, the same command goes on from here",
            },
            Self::Misplaced { .. } => return None,
            Self::Exists { .. } => "choose another --out, or say --force to replace it",
        };
        Some(hint.into())
    }

    /// Whether the user named a file or a folder that is not there, or an output that is.
    pub(super) fn is_usage(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == ErrorKind::NotFound,
            Self::Exists { .. } => true,
            Self::Store { .. } | Self::Misplaced { .. } => false,
        }
    }
}

/// What to do about a refusal of the system.
fn hint(action: &str, kind: ErrorKind) -> Option<&'static str> {
    if action == "read" {
        return None;
    }
    Some(match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, or write to another disk"
        }
        ErrorKind::NotFound if action == "write" => "create the folder first",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem if action == "write" => {
            "choose a folder you may write to"
        }
        ErrorKind::IsADirectory => "that name is a folder's; choose another",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a part of that path is a file; name another place with --out"
        }
        ErrorKind::InvalidFilename => "shorten the name",
        ErrorKind::ResourceBusy | ErrorKind::CrossesDevices => {
            "it is a mount point, or cannot be moved for another reason; name a new folder in it with --out"
        }
        _ if action != "write" => "name another place with --out",
        _ => return None,
    })
}

/// What the system said, without the name of a hidden file that was tried on the way: the error says where the file was to be.
fn plain(error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() {
        return error;
    }
    // The crate `tempfile` wraps what the system said, and keeps its number in the text alone.
    let text = error.to_string();
    let number = text.split_once("(os error ").and_then(|(_, rest)| {
        let (number, _) = rest.split_once(')')?;
        number.parse().ok()
    });
    number.map_or(error, io::Error::from_raw_os_error)
}

impl Error {
    /// The same error for what is being written to `hidden` and will be at `shown`.
    pub(crate) fn shown_at(mut self, hidden: &Path, shown: &Path) -> Self {
        if let Self::Disk(DiskError::Io { path, .. } | DiskError::Store { path, .. }) = &mut self
            && let Ok(inside) = path.strip_prefix(hidden)
        {
            *path = match inside.as_os_str().is_empty() {
                true => shown.to_path_buf(),
                false => shown.join(inside),
            };
        }
        self
    }

    /// Turns an error of the operating system into [`DiskError::Io`]; for use in `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| {
            DiskError::Io {
                action,
                path,
                source: plain(source),
            }
            .into()
        }
    }

    /// Turns an error of the operating system in a store into [`DiskError::Store`].
    pub(crate) fn store(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| {
            DiskError::Store {
                action,
                path,
                source: plain(source),
            }
            .into()
        }
    }

    /// [`DiskError::Exists`] for `path`.
    pub(crate) fn exists(path: &Path) -> Self {
        DiskError::Exists { path: path.into() }.into()
    }
}
