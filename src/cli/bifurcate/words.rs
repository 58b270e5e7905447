//! The words of the flags.

use crate::branches::Varied;
use crate::cli::target::range;
use crate::error::{Error, Result};
use crate::run::{Export, varied};
use crate::study::Study;
use crate::word::Word;

/// The format that a word names.
pub(super) fn named(word: &str) -> Result<Export> {
    Export::from_word(word).ok_or_else(|| Error::unknown("format", word, Export::words()))
}

/// Reads `NUMBER=LOW:HIGH`.
pub(super) fn parse(study: &Study, flag: &str, text: &str) -> Result<Varied> {
    let (name, values) = text
        .split_once('=')
        .ok_or_else(|| Error::malformed(flag, text, "write NUMBER=LOW:HIGH, as in x_ext=0:2"))?;
    varied(study, name.trim(), range(flag, values)?)
}
