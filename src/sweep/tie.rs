//! Numbers that follow from a swept one: `tau_e, tau_i = 2*tau_e` is one axis, which sets both.

use std::sync::Arc;

use super::axis::short;
use crate::error::{Error, Place, Result, TextError};
use crate::language::{Formula, with_plain_names};

/// The keys of an axis as written: those that take its values, and those that follow, each with its formula.
#[derive(Debug, PartialEq)]
pub(super) struct Keys<'a> {
    pub plain: Vec<&'a str>,
    pub tied: Vec<(&'a str, &'a str)>,
}

impl<'a> Keys<'a> {
    /// Reads `KEY, KEY, KEY = FORMULA, ...`; commas within brackets are the formula's.
    ///
    /// # Errors
    /// [`UsageError::Conflict`](crate::error::UsageError::Conflict) where every key has a formula.
    pub fn parse(text: &'a str) -> Result<Self> {
        let mut keys = Self {
            plain: Vec::new(),
            tied: Vec::new(),
        };
        let mut depth = 0i32;
        let parts = text.split(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && depth == 0
        });
        for part in parts {
            match part.split_once('=') {
                None => keys.plain.push(part.trim()),
                Some((key, formula)) => keys.tied.push((key.trim(), formula.trim())),
            }
        }
        if keys.plain.is_empty() {
            let problem =
                format!("{text} has a formula for every key, and none that is varied itself");
            let hint = "write that one first, as in 'tau_e, tau_i=2*tau_e = 10:40'";
            return Err(Error::usage(problem, hint));
        }
        Ok(keys)
    }
}

/// What a number is, by the one that is swept.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    /// As it was written.
    pub text: String,
    formula: Arc<Formula>,
}

impl PartialEq for Tie {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Tie {
    /// Reads the formula of `key` over the number at `path`, which goes by its whole path, every end of it, or as `written`.
    ///
    /// # Errors
    /// [`Error::Text`] with the place of what does not read, and of a name that is not that number's; where it does not occur.
    pub fn new(key: &str, text: &str, path: &str, written: &str) -> Result<Self> {
        let ends = path.match_indices('.').map(|(at, _)| &path[at + 1..]);
        let mut names: Vec<&str> = [path, written].into_iter().chain(ends).collect();
        names.dedup();
        let unknown = |name: &str| format!("`{name}` is not the number that is varied, {path}");
        let at_its_place = |span: std::ops::Range<usize>, message: &str| {
            let before = format!("{key}=");
            let moved = span.start + before.len()..span.end + before.len();
            let place = Place::in_flag(&(before + text), moved);
            Error::from(TextError::new(place, message))
        };
        let names: Vec<String> = names.into_iter().map(with_plain_names).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        // Not the key, of which the number's own names may be ends.
        let formula = Formula::new("tied", &with_plain_names(text), &names, unknown);
        let formula = formula.map_err(|fault| at_its_place(fault.span, &fault.message))?;
        if !(0..names.len()).any(|name| formula.uses(name)) {
            let message = format!(
                "{path} does not occur in the formula; a number that does not follow from it is set with --set"
            );
            return Err(at_its_place(0..text.len(), &message));
        }
        Ok(Self {
            text: text.into(),
            formula: Arc::new(formula),
        })
    }

    /// The number, with 12 digits, so that what is printed is what runs.
    pub fn value(&self, swept: f64) -> f64 {
        short(self.formula.value(&[&vec![swept; self.formula.n_names()]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_formulas_are_told_apart() {
        let keys = Keys::parse("a.x, b[3]=max(a.x, 2) ,c").unwrap();
        assert_eq!(keys.plain, ["a.x", "c"]);
        assert_eq!(keys.tied, [("b[3]", "max(a.x, 2)")]);
        assert!(Keys::parse("b=2*a").is_err());
    }

    #[test]
    fn a_number_goes_by_its_path_and_every_end_of_it() {
        for text in ["2*noise.sigma.x", "2*sigma.x", "2*x", "x + sigma.x", "2*s"] {
            let tie = Tie::new("noise.sigma.y", text, "noise.sigma.x", "s").unwrap();
            assert_eq!(tie.value(0.25), 0.5, "{text}");
        }
        let said = |text: &str| {
            let tie = Tie::new("noise.sigma.y", text, "noise.sigma.x", "sigma.x");
            tie.unwrap_err().report()
        };
        let unknown = said("2*sigma.y");
        assert!(
            unknown.contains("sigma_y") && unknown.contains("noise.sigma.x"),
            "{unknown}"
        );
        assert!(unknown.contains("^^^^^^^"), "{unknown}");
        assert!(said("0.5").contains("does not occur"));
        assert!(said("").contains("noise.sigma.y"));
    }
}
