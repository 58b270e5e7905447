//! Couplings: what stands inside of a sum is a program of the sender, the rest one of the receiver.

use std::ops::Range;

use super::{COEFFICIENTS, Compiler, MOST_SUMS, OWN, PreparedCoupling, SENDER, SUMS, Value};
use crate::language::expression::Expression;
use crate::language::text::Fault;
use crate::program::Id;

impl<'a> Compiler<'a> {
    /// The programs of a coupling: what each of `received` comes to. Here `sum` and `sum_squares` mean something.
    ///
    /// # Errors
    /// As [`Compiler::programs`]; and what does not belong inside of a sum, or outside.
    pub fn coupling(mut self, received: &[&'a Expression]) -> Result<PreparedCoupling, Fault> {
        for name in ["sum", "sum_squares"] {
            let definition = self.definitions.get(name).copied();
            let function = self.functions.get(name).map(|(statement, _)| *statement);
            if let Some(statement) = definition.or(function) {
                let message = format!("`{name}` means something in couplings; choose another name");
                return Err(Fault::at(statement.at.clone(), message));
            }
        }
        self.sums = Some(Vec::new());
        let mut results = Vec::new();
        for expression in received {
            let value = self.value(expression)?;
            let id = self.varying(value);
            if self.main.needs(id, |argument| argument == SENDER) {
                let message = "`x_j` is the sender's: it stands inside of `sum(...)` only";
                return Err(Fault::at(expression.span.clone(), message));
            }
            results.push(id);
        }
        let n_sums = self.sums.as_ref().map_or(0, Vec::len);
        let unused = self.check_unused(&[received.to_vec()])?;
        let mut sums = self.sums.take().unwrap_or_default();
        sums.truncate(n_sums);
        let mut sent: Vec<Id> = Vec::new();
        let sums = sums.into_iter().map(|(id, squared)| {
            let index = sent.iter().position(|&other| other == id);
            let sent = index.unwrap_or_else(|| {
                sent.push(id);
                sent.len() - 1
            });
            (sent, squared)
        });
        let sums: Vec<(usize, bool)> = sums.collect();
        let n_coefficients = self.coefficients.len();
        let of_sender = |argument: usize| match argument {
            SENDER => 0,
            _ => 1 + argument - COEFFICIENTS,
        };
        let of_receiver = |argument: usize| {
            if argument >= COEFFICIENTS {
                sums.len() + OWN.len() + argument - COEFFICIENTS
            } else if argument >= SUMS {
                argument - SUMS
            } else {
                sums.len() + argument - OWN[0]
            }
        };
        Ok(PreparedCoupling {
            sent: self.main.finish_at(1 + n_coefficients, &sent, of_sender),
            received: self.main.finish_at(
                sums.len() + OWN.len() + n_coefficients,
                &results,
                of_receiver,
            ),
            prepare: self.prepare.finish(self.n_parameters, &self.coefficients),
            sums,
            used: self.used,
            kinks: self.kinks,
            unused,
        })
    }

    /// `sum(...)` and `sum_squares(...)`: what is inside is the sender's.
    pub(super) fn sum(
        &mut self,
        name: &str,
        argument: &'a Expression,
        span: &Range<usize>,
    ) -> Result<Value, Fault> {
        let value = self.value(argument)?;
        let fault = |message: String| Err(Fault::at(argument.span.clone(), message));
        let is_summed = |argument: usize| (SUMS..COEFFICIENTS).contains(&argument);
        let Value::Varying(id) = value else {
            return fault(format!(
                "`{name}` is of what senders transmit, x_j; the sum of the weights is called row_sum"
            ));
        };
        if self.main.needs(id, is_summed) {
            return fault("a sum within a sum".into());
        }
        if self.main.needs(id, |argument| OWN.contains(&argument)) {
            return fault(format!(
                "x_i and row_sum are the receiver's and stand outside of `{name}(...)`"
            ));
        }
        if !self.main.needs(id, |argument| argument == SENDER) {
            return fault(format!("`{name}` is of what senders transmit, x_j"));
        }
        let sums = self.sums.as_mut().expect("asked for in couplings only");
        let key = (id, name == "sum_squares");
        let index = sums.iter().position(|sum| *sum == key).unwrap_or_else(|| {
            sums.push(key);
            sums.len() - 1
        });
        if index >= MOST_SUMS {
            let message = format!("more than {MOST_SUMS} different sums");
            return Err(Fault::at(span.clone(), message));
        }
        Ok(Value::Varying(self.main.argument(SUMS + index)))
    }
}
