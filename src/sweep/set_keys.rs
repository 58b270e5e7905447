//! What `--set` says of a table such as `[sweep]`, whose keys have flags of their own as well.

use crate::error::{Error, Result};
use crate::study::key::Key;

/// The keys of a table that `--set` says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SetKeys {
    /// Each key, and the flag as it is written.
    said: Vec<(&'static str, String)>,
}

impl SetKeys {
    /// Notes that `flag` says the `key`.
    pub fn note(&mut self, key: &'static Key, flag: &str) {
        self.said.push((key.path, flag.into()));
    }

    /// The flag that says the `key`, as it is written.
    pub fn of(&self, key: &Key) -> Option<&str> {
        let mut said = self.said.iter();
        let found = said.find(|(path, _)| *path == key.path);
        found.map(|(_, flag)| flag.as_str())
    }

    /// Puts what the key's own `flag` says, if that is given, in the place of what the study says.
    ///
    /// # Errors
    /// [`Error::Usage`] where `--set` says something else.
    pub fn put<T: PartialEq>(
        &self,
        (key, flag): (&Key, &str),
        given: Option<T>,
        place: &mut T,
    ) -> Result<()> {
        let Some(given) = given else {
            return Ok(());
        };
        if *place != given
            && let Some(set) = self.of(key)
        {
            let problem = format!("{flag} and {set} say different things of {}", key.path);
            return Err(Error::usage(problem, "leave out one of the two"));
        }
        *place = given;
        Ok(())
    }
}
