//! Operations between values: in the program over parameters where they depend on nothing else, and
//! without operations where both are constants.

use super::{Builder, COEFFICIENTS, Compiler, HIGHEST_PRODUCT, Value};
use crate::language::expression::{Expression, Operator};
use crate::language::text::Fault;
use crate::program::{Function, Id};

impl<'a> Compiler<'a> {
    pub(super) fn kink(&mut self, function: &str, of: &[Value]) {
        if of.iter().any(|value| matches!(value, Value::Varying(_))) {
            self.kinks.insert(function.into());
        }
    }

    /// In the program over parameters.
    pub(super) fn prepared(&mut self, value: Value) -> Id {
        match value {
            Value::Constant(x) => self.prepare.literal(x),
            Value::Prepared(id) => id,
            Value::Varying(_) => unreachable!("what varies is never prepared"),
        }
    }

    /// In the program over what varies: what was prepared becomes a coefficient.
    pub(super) fn varying(&mut self, value: Value) -> Id {
        match value {
            Value::Constant(x) => self.main.literal(x),
            Value::Varying(id) => id,
            Value::Prepared(id) => {
                let index = *self.coefficient_of.entry(id).or_insert_with(|| {
                    self.coefficients.push(id);
                    self.coefficients.len() - 1
                });
                self.main.argument(COEFFICIENTS + index)
            }
        }
    }

    /// An operation on two numbers, in the program where it belongs.
    pub(super) fn both(&mut self, a: Value, b: Value, op: fn(&mut Builder, Id, Id) -> Id) -> Value {
        if matches!(a, Value::Varying(_)) || matches!(b, Value::Varying(_)) {
            let (a, b) = (self.varying(a), self.varying(b));
            Value::Varying(op(&mut self.main, a, b))
        } else {
            let (a, b) = (self.prepared(a), self.prepared(b));
            Value::Prepared(op(&mut self.prepare, a, b))
        }
    }

    pub(super) fn binary(&mut self, operator: Operator, a: Value, b: Value) -> Value {
        if let (Value::Constant(a), Value::Constant(b)) = (a, b) {
            return Value::Constant(match operator {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                Operator::Divide => a / b,
                Operator::Power => a.powf(b),
            });
        }
        match operator {
            Operator::Add => self.both(a, b, Builder::add),
            Operator::Subtract => self.both(a, b, Builder::sub),
            Operator::Multiply => self.both(a, b, Builder::mul),
            Operator::Divide => {
                let inverse = self.function(Function::Recip, b);
                self.both(a, inverse, Builder::mul)
            }
            Operator::Power => unreachable!("powers are worked out apart"),
        }
    }

    pub(super) fn negative(&mut self, value: Value) -> Value {
        match value {
            Value::Constant(x) => Value::Constant(-x),
            Value::Prepared(id) => Value::Prepared(self.prepare.neg(id)),
            Value::Varying(id) => Value::Varying(self.main.neg(id)),
        }
    }

    pub(super) fn function(&mut self, function: Function, value: Value) -> Value {
        match value {
            Value::Constant(x) => Value::Constant(function.apply(x)),
            Value::Prepared(id) => Value::Prepared(self.prepare.call(function, id)),
            Value::Varying(id) => Value::Varying(self.main.call(function, id)),
        }
    }

    pub(super) fn select(&mut self, less: [Value; 2], yes: Value, no: Value) -> Value {
        if let [Value::Constant(a), Value::Constant(b)] = less {
            return if a < b { yes } else { no };
        }
        let all = [less[0], less[1], yes, no];
        if all.iter().any(|value| matches!(value, Value::Varying(_))) {
            let [a, b, yes, no] = all.map(|value| self.varying(value));
            Value::Varying(self.main.select([a, b], yes, no))
        } else {
            let [a, b, yes, no] = all.map(|value| self.prepared(value));
            Value::Prepared(self.prepare.select([a, b], yes, no))
        }
    }

    pub(super) fn power(
        &mut self,
        base: &'a Expression,
        exponent: &'a Expression,
    ) -> Result<Value, Fault> {
        let (x, p) = (self.value(base)?, self.value(exponent)?);
        match (x, p) {
            (Value::Constant(x), Value::Constant(p)) => {
                let value = x.powf(p);
                if value.is_finite() {
                    return Ok(Value::Constant(value));
                }
                let message = format!("{x}^{p} is no number");
                Err(Fault::at(base.span.start..exponent.span.end, message))
            }
            (_, Value::Constant(p)) if p == p.trunc() && p.abs() <= HIGHEST_PRODUCT => {
                let product = self.whole_power(x, p.abs() as u32);
                Ok(if p < 0.0 {
                    self.function(Function::Recip, product)
                } else {
                    product
                })
            }
            (_, Value::Constant(0.5)) => Ok(self.function(Function::Sqrt, x)),
            (_, Value::Varying(_)) if !matches!(x, Value::Constant(c) if c > 0.0) => {
                let message = "an exponent that varies needs a positive constant below it; write `exp(p*log(x))` if that is meant";
                Err(Fault::at(exponent.span.clone(), message))
            }
            _ => {
                let log = self.function(Function::Log, x);
                let product = self.binary(Operator::Multiply, p, log);
                Ok(self.function(Function::Exp, product))
            }
        }
    }

    /// By squares: `x^5 = ((x x)(x x)) x`.
    pub(super) fn whole_power(&mut self, x: Value, p: u32) -> Value {
        match p {
            0 => Value::Constant(1.0),
            1 => x,
            _ if p.is_multiple_of(2) => {
                let half = self.whole_power(x, p / 2);
                self.binary(Operator::Multiply, half, half)
            }
            _ => {
                let rest = self.whole_power(x, p - 1);
                self.binary(Operator::Multiply, rest, x)
            }
        }
    }
}
