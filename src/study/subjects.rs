//! People who each have a connectome of their own.

use std::sync::Arc;

use super::{Study, key};
use crate::connectome::Connectome;
use crate::error::{Error, Result};

/// A person, and the connectome that is theirs.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What the files of the data call them.
    pub name: String,
    /// Its measured functional connectivity, where there is any, is of this person alone.
    pub connectome: Arc<Connectome>,
}

impl Study {
    /// The study on the connectome of one of its [`Study::subjects`].
    ///
    /// # Panics
    /// Without such a subject.
    pub fn of_subject(&self, subject: usize) -> Self {
        Self {
            connectome: self.subjects[subject].connectome.clone(),
            subjects: Vec::new(),
            ..self.clone()
        }
    }

    /// Checks that it has a single connectome: what is not a fit runs on one.
    ///
    /// # Errors
    /// [`Error::Study`] that names the people.
    pub fn check_single(&self) -> Result<()> {
        let Some(first) = self.subjects.first() else {
            return Ok(());
        };
        let names: Vec<&str> = self.subjects.iter().map(|one| one.name.as_str()).collect();
        let problem = format!(
            "{} names the connectomes of {} people ({}), and only a fit takes them together",
            key::CONNECTOME_FILE.path,
            names.len(),
            names.join(", ")
        );
        let hint = format!(
            "say whose it is: --set {}={}",
            key::SUBJECT.path,
            first.name
        );
        Err(Error::conflict(problem, hint))
    }
}
