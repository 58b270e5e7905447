//! A formula: one expression over numbers that have names.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::expression::Kind;
use super::{Compiler, Fault, Meaning, Statement, parse};
use crate::program::Program;

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
