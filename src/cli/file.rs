//! Flags of commands that write a single file.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Where a command writes its one file, if it writes one.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// Write the result to this file instead of printing it.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Replace --out if it exists.
    #[arg(long, requires = "out")]
    force: bool,
}

impl FileArgs {
    /// The file, if one is named, where nothing is in its way.
    pub(super) fn free(&self) -> Result<Option<&Path>> {
        self.out
            .as_deref()
            .map(|out| free(out, self.force))
            .transpose()
    }
}

/// Where a command writes its arrays.
#[derive(Debug, clap::Args)]
pub(super) struct NpzArgs {
    /// The npz file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace --out if it exists.
    #[arg(long)]
    force: bool,
}

impl NpzArgs {
    /// The file, where nothing is in its way.
    pub(super) fn free(&self) -> Result<&Path> {
        free(&self.out, self.force)
    }
}

fn free(path: &Path, force: bool) -> Result<&Path> {
    match path.exists() && !force {
        true => Err(Error::exists(path)),
        false => Ok(path),
    }
}
