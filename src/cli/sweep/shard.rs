//! What `--shard` says.

use std::str::FromStr;

use super::array;
use crate::error::Result;
use crate::run::Shard;

/// What `--shard` says.
#[derive(Debug, Clone, Copy)]
pub(super) enum ShardArg {
    /// K/N.
    Given(Shard),
    /// By the array of a queueing system.
    Auto,
}

impl FromStr for ShardArg {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            text => text.parse().map(Self::Given),
        }
    }
}

impl ShardArg {
    /// The part of the sweep to run.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is to be told by a queueing system, and none of them does.
    pub fn shard(self) -> Result<Shard> {
        match self {
            Self::Given(shard) => Ok(shard),
            Self::Auto => array::shard(|name| std::env::var(name).ok()),
        }
    }
}
