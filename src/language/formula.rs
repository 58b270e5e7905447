//! A formula: one expression over numbers that have names.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::expression::Kind;
use super::{Compiler, Fault, Meaning, Statement, number_length, parse};
use crate::program::Program;

/// The text with `_` for the points and square brackets within names, as `noise.sigma.x` has them; as long as before.
pub fn with_plain_names(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut is_name = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !is_name && (c.is_ascii_digit() || c == '.') {
            let length = number_length(rest).max(1);
            made += &rest[..length];
            rest = &rest[length..];
            continue;
        }
        let goes_on = c.is_ascii_alphanumeric() || ['_', '.', '[', ']'].contains(&c);
        is_name = goes_on && (is_name || c.is_ascii_alphabetic());
        let is_plain = !is_name || c.is_ascii_alphanumeric();
        made.push(if is_plain { c } else { '_' });
        rest = &rest[c.len_utf8()..];
    }
    made
}

/// An expression over named numbers, in 64 bits.
#[derive(Debug, Clone)]
pub struct Formula {
    /// From the numbers and the coefficients to the value.
    program: Arc<Program>,
    coefficients: Arc<[f64]>,
    used: Vec<bool>,
}

impl Formula {
    /// Reads `text`, the formula of the quantity `name`, over the numbers that `names` lists.
    ///
    /// # Errors
    /// A fault at its place in `text`: what does not read, and the first name that is not among `names`, as `unknown` says it.
    pub fn new(
        name: &str,
        text: &str,
        names: &[&str],
        unknown: impl Fn(&str) -> String,
    ) -> Result<Self, Fault> {
        let before = format!("{name} = ");
        let moved = |fault: Fault| {
            let at = |at: usize| at.saturating_sub(before.len());
            Fault::at(at(fault.span.start)..at(fault.span.end), fault.message)
        };
        let statements = parse(&format!("{before}{text}")).map_err(moved)?;
        let [Statement { expression, .. }] = statements.as_slice() else {
            return Err(Fault::at(0..text.len(), "a formula is one expression"));
        };
        let mut strange = None;
        expression.each(&mut |part| {
            if let Kind::Name(name) = &part.kind
                && !names.contains(&name.as_str())
                && name != "pi"
            {
                strange.get_or_insert(Fault::at(part.span.clone(), unknown(name)));
            }
        });
        if let Some(strange) = strange {
            return Err(moved(strange));
        }
        let symbols = names.iter().enumerate();
        let symbols = symbols.map(|(k, name)| (name.to_string(), Meaning::Varying(k)));
        let symbols: HashMap<String, Meaning> = symbols.collect();
        let compiler = Compiler::new(&statements, symbols, BTreeSet::new()).map_err(moved)?;
        let mut made = compiler.programs(&[vec![expression]]).map_err(moved)?;
        Ok(Self {
            coefficients: made.prepare.evaluate::<f64>(&[&[]]).into(),
            program: Arc::new(made.programs.swap_remove(0)),
            used: names.iter().map(|name| made.used.contains(*name)).collect(),
        })
    }

    /// Whether number `k` occurs.
    pub fn uses(&self, k: usize) -> bool {
        self.used[k]
    }

    /// How many numbers have names.
    pub fn n_names(&self) -> usize {
        self.used.len()
    }

    /// Its value at these numbers, which may come in several parts.
    pub fn value(&self, numbers: &[&[f64]]) -> f64 {
        let arguments: Vec<&[f64]> = numbers
            .iter()
            .copied()
            .chain([&*self.coefficients])
            .collect();
        self.program.evaluate(&arguments)[0]
    }
}

#[cfg(test)]
mod tests {
    use super::with_plain_names;

    #[test]
    fn points_in_names_give_way_and_those_of_numbers_stay() {
        for (text, expected) in [
            ("2.5*noise.sigma.x + .5", "2.5*noise_sigma_x + .5"),
            ("alpha[12]/2.", "alpha_12_/2."),
            ("exp(x)^2e-1", "exp(x)^2e-1"),
            ("0.5 distance.hopf", "0.5 distance_hopf"),
            ("2 . y1.z", "2 . y1_z"),
        ] {
            assert_eq!(with_plain_names(text), expected);
        }
    }
}
