//! The files of `--beside`.

use std::path::PathBuf;

use crate::branches::{Beside, Varied};
use crate::error::{Error, Result};
use crate::io::auto;

/// What they hold; each has to have the number that varies.
pub(super) fn beside(files: &[PathBuf], varied: &[Varied]) -> Result<Vec<Beside>> {
    let read = |file: &PathBuf| {
        let beside = auto::read(file)?;
        let pieces = &beside.pieces;
        if pieces
            .iter()
            .all(|piece| piece.column_of(varied, 0).is_none())
        {
            let problem = format!("has no column of {}", varied[0].name);
            let hint = format!("its columns are {}", pieces[0].columns.join(", "));
            return Err(Error::data_hint(file, problem, hint));
        }
        Ok(beside)
    };
    files.iter().map(read).collect()
}
