//! What is to be large: an expression over the measures of a run, in the language of models.

use crate::error::{Error, Place, Result, TextError, nearest};
use crate::language::{Formula, number_length, with_plain_names};

/// An expression over terms, to be made as large as can be.
#[derive(Debug, Clone)]
pub struct Objective {
    text: String,
    formula: Formula,
}

impl Objective {
    /// Reads an expression such as `fc - 0.5 fcd_ks` over `terms`. Where a number stands before a name, a `*` may be left out. It may go
    /// over several lines.
    ///
    /// # Errors
    /// [`Error::Text`] with the place of what does not read, and of a name that is no term.
    pub fn new(text: &str, terms: &[&str]) -> Result<Self> {
        let unknown = |name: &str| match nearest(name, terms.iter().copied()) {
            Some(meant) => format!("no measure named {name:?}; did you mean {meant:?}?"),
            None => format!("no measure named {name:?}; known: {}", terms.join(", ")),
        };
        let text = &text.replace(['\n', '\r'], " ");
        let written = with_plain_names(&with_products(text));
        let names: Vec<String> = terms.iter().map(|term| with_plain_names(term)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let formula = Formula::new("objective", &written, &names, unknown);
        let formula = formula.map_err(|fault| {
            let shown = format!("objective {text}");
            let moved = |at: usize| at + "objective ".len();
            let span = moved(fault.span.start)..moved(fault.span.end);
            TextError::new(Place::in_flag(&shown, span), &fault.message)
        })?;
        if !(0..terms.len()).any(|term| formula.uses(term)) {
            let problem = format!("the objective {text:?} speaks of no measure");
            let hint = format!("the measures are {}", terms.join(", "));
            return Err(Error::usage(problem, hint));
        }
        Ok(Self {
            text: text.trim().into(),
            formula,
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value where the terms are `values`; NaN where one that it speaks of is.
    pub fn value(&self, values: &[f64]) -> f64 {
        let is_undefined = |term: usize| self.uses(term) && values[term].is_nan();
        if (0..values.len()).any(is_undefined) {
            return f64::NAN;
        }
        self.formula.value(&[values])
    }

    /// Whether it speaks of the term in this place.
    pub fn uses(&self, term: usize) -> bool {
        self.formula.uses(term)
    }
}

/// The text with a `*` for the first blank between a number and a name; as long as before.
fn with_products(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_in_name = made.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if !c.is_ascii_digit() || is_in_name {
            made.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let length = number_length(rest);
        made += &rest[..length];
        rest = &rest[length..];
        let after = rest.trim_start_matches(' ');
        let is_name = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '(');
        if after.len() < rest.len() && is_name {
            made.push('*');
            rest = &rest[1..];
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: [&str; 4] = ["fc", "fcd_ks", "mean", "distance.hopf"];

    fn value(text: &str) -> f64 {
        Objective::new(text, &TERMS)
            .unwrap()
            .value(&[0.5, 0.2, 3.0, -0.25])
    }

    #[test]
    fn expressions_have_their_values() {
        for (text, expected) in [
            ("fc", 0.5),
            ("-fcd_ks", -0.2),
            ("fc - 0.5 fcd_ks", 0.4),
            ("fc - 2e-1  fcd_ks", 0.46),
            ("fc\n  - 0.5\r\nfcd_ks\n", 0.4),
            ("2 (fc + mean)", 7.0),
            ("-abs(mean - 2)", -1.0),
            ("fc*fc - 3*mean^2", 0.25 - 27.0),
            ("fc - 0.5 abs(distance.hopf)", 0.5 - 0.125),
            ("distance.hopf^2", 0.0625),
            ("-abs(mean - 2)/pi*pi", -1.0),
        ] {
            assert!((value(text) - expected).abs() < 1e-15, "{text}");
        }
    }

    #[test]
    fn what_it_does_not_speak_of_may_be_undefined() {
        let objective = Objective::new("fc + 1", &TERMS).unwrap();
        assert_eq!(objective.value(&[0.5, f64::NAN, f64::NAN, f64::NAN]), 1.5);
        assert!(objective.value(&[f64::NAN, 0.0, 0.0, 0.0]).is_nan());
        assert!(objective.uses(0) && !objective.uses(1));
    }

    #[test]
    fn what_means_nothing_is_said() {
        let said = |text: &str| Objective::new(text, &TERMS).unwrap_err().report();
        assert!(said("fc - fcd_kz").contains("did you mean \"fcd_ks\"?"));
        assert!(said("1 + 2").contains("speaks of no measure"));
        assert!(said("fc +").contains("^"), "{}", said("fc +"));
        assert!(!said("fc\nx = 2").is_empty());
        assert!(!said("").is_empty() && !said("delayed(fc, 2)").is_empty());
    }
}
