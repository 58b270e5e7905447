//! Functions: those of the language, those of a text, tables, and what was.

use std::collections::HashMap;
use std::ops::Range;

use super::{Compiler, DELAYED, Meaning, Value};
use crate::language::expression::{Comparison, Expression, Kind};
use crate::language::parser::Target;
use crate::language::text::{Fault, nearest};
use crate::program::Function;

impl<'a> Compiler<'a> {
    pub(super) fn enter(&mut self, name: &'a str, span: &Range<usize>) -> Result<(), Fault> {
        if let Some(first) = self.open.iter().position(|open| *open == name) {
            let circle: Vec<String> = self.open[first..]
                .iter()
                .chain([&name])
                .map(|name| format!("`{name}`"))
                .collect();
            let message = format!("a circle: {}", circle.join(" needs "));
            return Err(Fault::at(span.clone(), message));
        }
        self.open.push(name);
        Ok(())
    }

    pub(super) fn call(
        &mut self,
        name: &'a str,
        at: &Range<usize>,
        arguments: &'a [Expression],
        span: &Range<usize>,
    ) -> Result<Value, Fault> {
        let count = |wanted: usize, how: &str| {
            if arguments.len() == wanted {
                return Ok(());
            }
            let message = format!("`{name}` takes {how}, {} given", arguments.len());
            Err(Fault::at(span.clone(), message))
        };
        if let Some((statement, names)) = self.functions.get(name).cloned() {
            let name: &'a str = match &statement.target {
                Target::Function { name, .. } => name,
                _ => unreachable!("functions are defined as such"),
            };
            let how = match names.len() {
                1 => "one argument".into(),
                n => format!("{n} arguments ({})", names.join(", ")),
            };
            count(names.len(), &how)?;
            self.needed.insert(name);
            let mut locals = HashMap::new();
            for (argument, expression) in names.into_iter().zip(arguments) {
                let value = self.value(expression)?;
                locals.insert(argument, value);
            }
            self.enter(name, at)?;
            self.locals.push(locals);
            let value = self.value(&statement.expression)?;
            self.locals.pop();
            self.open.pop();
            return Ok(value);
        }
        if let Some(lookup) = self.tables.get(name).cloned() {
            let axes: Vec<&str> = lookup.axes.iter().map(|axis| axis.name.as_str()).collect();
            let how = match axes.as_slice() {
                [one] => format!("one argument ({one})"),
                _ => format!("{} arguments ({})", axes.len(), axes.join(", ")),
            };
            count(axes.len(), &how)?;
            self.used.insert(name.into());
            let values = arguments.iter().map(|argument| self.value(argument));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            self.kink(&format!("{name} (a table)"), &values);
            return Ok(self.interpolated(&lookup, &values));
        }
        let of_one = Function::ALL.iter().find(|f| f.name() == name);
        match (name, of_one) {
            ("recip", _) | (_, None) => {}
            (_, Some(&function)) => {
                count(1, "one argument")?;
                let value = self.value(&arguments[0])?;
                if function == Function::Floor {
                    self.kink("floor", &[value]);
                }
                return Ok(self.function(function, value));
            }
        }
        match name {
            "abs" => {
                count(1, "one argument")?;
                let value = self.value(&arguments[0])?;
                self.kink("abs", &[value]);
                let negative = self.negative(value);
                Ok(self.select([value, Value::Constant(0.0)], negative, value))
            }
            "heaviside" => {
                count(1, "one argument")?;
                let value = self.value(&arguments[0])?;
                self.kink("heaviside", &[value]);
                let (zero, one) = (Value::Constant(0.0), Value::Constant(1.0));
                Ok(self.select([value, zero], zero, one))
            }
            "min" | "max" => {
                count(2, "two arguments")?;
                let (a, b) = (self.value(&arguments[0])?, self.value(&arguments[1])?);
                self.kink(if name == "min" { "min" } else { "max" }, &[a, b]);
                let less = if name == "max" { [a, b] } else { [b, a] };
                Ok(self.select(less, b, a))
            }
            "piecewise" => self.piecewise(arguments, span),
            "sum" | "sum_squares" if self.sums.is_some() => {
                count(1, "one argument")?;
                self.sum(name, &arguments[0], span)
            }
            "delayed" => {
                count(2, "a state or output and a parameter")?;
                self.delayed_value(arguments)
            }
            _ => {
                let tables = self.tables.keys().map(String::as_str);
                let functions = self.functions.keys().copied().chain(tables);
                let known = Function::ALL
                    .iter()
                    .map(|f| f.name())
                    .filter(|f| *f != "recip");
                let others: &[&str] = match self.sums {
                    None => &["abs", "min", "max", "heaviside", "piecewise", "delayed"],
                    Some(_) => &[
                        "abs",
                        "min",
                        "max",
                        "heaviside",
                        "piecewise",
                        "sum",
                        "sum_squares",
                    ],
                };
                let others = others.iter().copied();
                let known: Vec<&str> = functions.chain(known).chain(others).collect();
                let advice = if self.names().contains(&name) {
                    "; a product is written with `*`".into()
                } else {
                    nearest(name, known)
                };
                let message = format!("`{name}` is no function{advice}");
                Err(Fault::at(at.clone(), message))
            }
        }
    }

    pub(super) fn piecewise(
        &mut self,
        arguments: &'a [Expression],
        span: &Range<usize>,
    ) -> Result<Value, Fault> {
        if arguments.len() < 3 || arguments.len().is_multiple_of(2) {
            let message = format!(
                "`piecewise` takes conditions, each with its value, and a last value for where none holds, not {} arguments",
                arguments.len()
            );
            return Err(Fault::at(span.clone(), message));
        }
        let mut value = self.value(&arguments[arguments.len() - 1])?;
        for pair in arguments[..arguments.len() - 1].chunks_exact(2).rev() {
            let Kind::Compare(comparison, both) = &pair[0].kind else {
                let message =
                    "expected a condition here: `<`, `<=`, `>` or `>=` between two numbers";
                return Err(Fault::at(pair[0].span.clone(), message));
            };
            let (a, b) = (self.value(&both[0])?, self.value(&both[1])?);
            let yes = self.value(&pair[1])?;
            self.kink("piecewise", &[a, b]);
            value = match comparison {
                Comparison::Less => self.select([a, b], yes, value),
                Comparison::Greater => self.select([b, a], yes, value),
                Comparison::AtMost => self.select([b, a], value, yes),
                Comparison::AtLeast => self.select([a, b], value, yes),
            };
        }
        Ok(value)
    }

    pub(super) fn delayed_value(&mut self, arguments: &'a [Expression]) -> Result<Value, Fault> {
        let Kind::Name(signal) = &arguments[0].kind else {
            let message = "expected the name of a state or output; give the expression a name and list it in [outputs]";
            return Err(Fault::at(arguments[0].span.clone(), message));
        };
        if !self.can_be_delayed.contains(signal) {
            let advice = if self.definitions.contains_key(signal.as_str()) {
                "; list it in [outputs]".into()
            } else {
                nearest(signal, self.can_be_delayed.iter().map(String::as_str))
            };
            let message = format!("`{signal}` is no state and no output{advice}");
            return Err(Fault::at(arguments[0].span.clone(), message));
        }
        let parameter = match &arguments[1].kind {
            Kind::Name(name) => match self.symbols.get(name) {
                Some(Meaning::Parameter(index)) => {
                    self.used.insert(name.clone());
                    Some(*index)
                }
                _ => None,
            },
            _ => None,
        };
        let Some(parameter) = parameter else {
            let message = "expected the name of a parameter, which is the delay in ms";
            return Err(Fault::at(arguments[1].span.clone(), message));
        };
        self.used.insert(signal.clone());
        let key = (signal.clone(), parameter);
        let index = self
            .delayed
            .iter()
            .position(|d| *d == key)
            .unwrap_or_else(|| {
                self.delayed.push(key);
                self.delayed.len() - 1
            });
        Ok(Value::Varying(self.main.argument(DELAYED + index)))
    }
}
