//! Parts of a sweep that different processes run.

use std::fmt;
use std::str::FromStr;

/// A part of a sweep: one chunk in so many.
///
/// ```
/// use brainsweep::run::Shard;
///
/// let shard: Shard = "3/16".parse().unwrap();
/// assert_eq!((shard.number, shard.of), (3, 16));
/// assert!(shard.has(2) && shard.has(18) && !shard.has(3));
/// assert!("17/16".parse::<Shard>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

impl Shard {
    /// Whether a chunk, by its number, is one of this part.
    pub fn has(self, chunk: usize) -> bool {
        chunk % self.of == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(k, n)| Some((k.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("it is written K/N, as in 3/16, with K from 1 to N".into()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}
