//! A waveform of one's own, as a formula.

use crate::language::{Fault, Formula};

/// An expression of the time since the onset.
#[derive(Debug, Clone)]
pub struct Expression {
    /// As it was written.
    pub text: String,
    /// The names of its own numbers.
    pub names: Vec<String>,
    /// Over `t`, `duration` and its own numbers.
    pub(super) formula: Formula,
}

impl Expression {
    /// Reads `text` over `t`, `duration` and the numbers that `names` lists.
    ///
    /// # Errors
    /// A fault at its place in `text`: what does not read, unknown names, names that do not occur.
    pub fn new(text: &str, names: Vec<String>) -> Result<Self, Fault> {
        let all: Vec<&str> = ["t", "duration"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        let unknown = |name: &str| {
            format!(
                "`{name}` is no number of the stimulus; there are {}",
                all.join(", ")
            )
        };
        let formula = Formula::new("formula", text, &all, unknown)?;
        let mut own = names.iter().enumerate();
        if let Some((_, unused)) = own.find(|(k, _)| !formula.uses(k + 2)) {
            let message = format!("`{unused}` does not occur in the formula");
            return Err(Fault::at(0..text.len(), message));
        }
        let text = text.into();
        Ok(Self {
            text,
            names,
            formula,
        })
    }
}
