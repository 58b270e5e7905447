//! From equations to programs: names get their meaning, functions their bodies, and what depends on parameters alone is split off.

mod interpolate;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::expression::{Comparison, Expression, Kind, Operator};
use super::parser::{Statement, Target};
use super::table::Lookup;
use super::text::{Fault, nearest};
use crate::program::{Builder, Function, Id, Program};

/// What a name stands for, other than a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The argument in this place of the programs: a state, an input.
    Varying(usize),
    /// The parameter in this place.
    Parameter(usize),
}

/// A number on the way to a program.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Constant(f64),
    /// A value of the program over the parameters.
    Prepared(Id),
    /// A value of the program over states, inputs and coefficients.
    Varying(Id),
}

/// Where the arguments that are numbered as they come lie while a program is made.
const DELAYED: usize = 1 << 20;
const SUMS: usize = 1 << 22;
const COEFFICIENTS: usize = 1 << 24;
/// In couplings: what the sender transmits, what the node itself does, the sums of its incoming weights and of their squares.
const SENDER: usize = 0;
const OWN: [usize; 3] = [1, 2, 3];
/// Names with a meaning in couplings, in the order of their arguments.
pub(crate) const IN_COUPLINGS: [&str; 4] = ["x_j", "x_i", "row_sum", "row_sum_squares"];
/// More sums than any coupling needs.
const MOST_SUMS: usize = 16;
/// More operations than any model needs, and fewer than a machine chokes on.
const MOST_OPERATIONS: usize = 100_000;
/// The highest whole power that is written as a product.
const HIGHEST_PRODUCT: f64 = 64.0;

/// Makes programs of the statements of one text.
#[derive(Debug)]
pub struct Compiler<'a> {
    statements: &'a [Statement],
    definitions: HashMap<&'a str, &'a Statement>,
    functions: HashMap<&'a str, (&'a Statement, Vec<&'a str>)>,
    symbols: HashMap<String, Meaning>,
    tables: HashMap<String, Lookup>,
    /// Which names may stand in `delayed`.
    can_be_delayed: BTreeSet<String>,
    n_parameters: usize,
    n_varying: usize,
    prepare: Builder,
    main: Builder,
    coefficients: Vec<Id>,
    coefficient_of: HashMap<Id, usize>,
    delayed: Vec<(String, usize)>,
    /// In couplings: what is summed over connections, and whether times squared weights.
    sums: Option<Vec<(Id, bool)>>,
    known: HashMap<&'a str, Value>,
    /// Definitions and functions being worked out, to find circles.
    open: Vec<&'a str>,
    used: BTreeSet<String>,
    /// Definitions and functions that were needed.
    needed: BTreeSet<&'a str>,
    kinks: BTreeSet<String>,
    locals: Vec<HashMap<&'a str, Value>>,
    /// Expressions worked out so far: functions of functions multiply.
    n_worked_out: usize,
}

/// The program over parameters, and those that need its results.
#[derive(Debug)]
pub struct Prepared {
    /// Parameters to coefficients.
    pub prepare: Program,
    /// Each of arguments, delayed values and coefficients to what was asked for.
    pub programs: Vec<Program>,
    /// What is read late: the name, and the parameter that says how late.
    pub delayed: Vec<(String, usize)>,
    /// Names that occurred.
    pub used: BTreeSet<String>,
    /// Functions of what varies whose derivatives do not exist everywhere.
    pub kinks: BTreeSet<String>,
    /// Definitions and functions that nothing needs, in the order of the text.
    pub unused: Vec<String>,
}

/// The programs of a coupling.
#[derive(Debug)]
pub struct PreparedCoupling {
    /// Parameters to coefficients.
    pub prepare: Program,
    /// What is transmitted and coefficients to what is sent.
    pub sent: Program,
    /// Which of these each sum is of, and whether it is over squared weights.
    pub sums: Vec<(usize, bool)>,
    /// Sums, what the node itself transmits, the sums of weights and of squared weights, and coefficients to what was asked for.
    pub received: Program,
    /// Names that occurred.
    pub used: BTreeSet<String>,
    /// Functions of what varies whose derivatives do not exist everywhere.
    pub kinks: BTreeSet<String>,
    /// Definitions and functions that nothing needs, in the order of the text.
    pub unused: Vec<String>,
}

impl<'a> Compiler<'a> {
    /// For these statements, where `symbols` are names with a meaning from elsewhere.
    ///
    /// # Errors
    /// A name that is defined twice, or means something to the language.
    pub fn new(
        statements: &'a [Statement],
        symbols: HashMap<String, Meaning>,
        can_be_delayed: BTreeSet<String>,
    ) -> Result<Self, Fault> {
        let (mut definitions, mut functions) = (HashMap::new(), HashMap::new());
        for statement in statements {
            let name = match &statement.target {
                Target::Derivative(_) => continue,
                Target::Definition(name) | Target::Function { name, .. } => name.as_str(),
            };
            let fault = |message| Err(Fault::at(statement.at.clone(), message));
            if is_of_language(name) {
                return fault(format!(
                    "`{name}` means something to the language; choose another name"
                ));
            }
            if symbols.contains_key(name) {
                return fault(format!(
                    "`{name}` is a state, parameter or input already; choose another name"
                ));
            }
            if definitions.contains_key(name) || functions.contains_key(name) {
                return fault(format!("`{name}` is defined twice"));
            }
            match &statement.target {
                Target::Function { arguments, .. } => {
                    let mut names: Vec<&str> = Vec::new();
                    for (argument, at) in arguments {
                        // `t` it may be: a letter for a number, not time.
                        let is_word = is_of_language(argument) && argument != "t";
                        if is_word || names.contains(&argument.as_str()) {
                            let message = format!(
                                "`{argument}` cannot be an argument's name here; choose another"
                            );
                            return Err(Fault::at(at.clone(), message));
                        }
                        names.push(argument);
                    }
                    functions.insert(name, (statement, names));
                }
                _ => {
                    definitions.insert(name, statement);
                }
            }
        }
        let count = |of: fn(&Meaning) -> Option<usize>| {
            symbols
                .values()
                .filter_map(of)
                .map(|place| place + 1)
                .max()
                .unwrap_or(0)
        };
        Ok(Self {
            n_parameters: count(|m| match m {
                Meaning::Parameter(place) => Some(*place),
                Meaning::Varying(_) => None,
            }),
            n_varying: count(|m| match m {
                Meaning::Varying(place) => Some(*place),
                Meaning::Parameter(_) => None,
            }),
            statements,
            definitions,
            functions,
            symbols,
            tables: HashMap::new(),
            can_be_delayed,
            prepare: Builder::default(),
            main: Builder::default(),
            coefficients: Vec::new(),
            coefficient_of: HashMap::new(),
            delayed: Vec::new(),
            sums: None,
            known: HashMap::new(),
            open: Vec::new(),
            used: BTreeSet::new(),
            needed: BTreeSet::new(),
            kinks: BTreeSet::new(),
            locals: Vec::new(),
            n_worked_out: 0,
        })
    }

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
            let place = sent.iter().position(|&other| other == id);
            let sent = place.unwrap_or_else(|| {
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
    fn sum(
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
        let place = sums.iter().position(|sum| *sum == key).unwrap_or_else(|| {
            sums.push(key);
            sums.len() - 1
        });
        if place >= MOST_SUMS {
            let message = format!("more than {MOST_SUMS} different sums");
            return Err(Fault::at(span.clone(), message));
        }
        Ok(Value::Varying(self.main.argument(SUMS + place)))
    }

    /// With functions that tables give.
    ///
    /// # Errors
    /// A name that the text defines, too.
    pub fn with_tables(mut self, tables: HashMap<String, Lookup>) -> Result<Self, Fault> {
        for statement in self.statements {
            if let Target::Definition(name) | Target::Function { name, .. } = &statement.target
                && tables.contains_key(name)
            {
                let message = format!("`{name}` is a table already; choose another name");
                return Err(Fault::at(statement.at.clone(), message));
            }
        }
        self.tables = tables;
        Ok(self)
    }

    /// The programs of groups of expressions, one for each group.
    ///
    /// # Errors
    /// The first fault of an expression, or of a definition that it needs; then of those that nothing needs.
    pub fn programs(mut self, groups: &[Vec<&'a Expression>]) -> Result<Prepared, Fault> {
        let mut results = Vec::new();
        for group in groups {
            let mut ids = Vec::new();
            for expression in group {
                let value = self.value(expression)?;
                ids.push(self.varying(value));
            }
            results.push(ids);
        }
        let unused = self.check_unused(groups)?;
        let (n_varying, n_delayed) = (self.n_varying, self.delayed.len());
        let place = |argument: usize| {
            if argument >= COEFFICIENTS {
                n_varying + n_delayed + argument - COEFFICIENTS
            } else if argument >= DELAYED {
                n_varying + argument - DELAYED
            } else {
                argument
            }
        };
        let n_arguments = n_varying + n_delayed + self.coefficients.len();
        let programs = results.iter();
        Ok(Prepared {
            programs: programs
                .map(|ids| self.main.finish_at(n_arguments, ids, place))
                .collect(),
            prepare: self.prepare.finish(self.n_parameters, &self.coefficients),
            delayed: self.delayed,
            used: self.used,
            kinks: self.kinks,
            unused,
        })
    }

    /// What nothing needs has to have a meaning, but leaves no trace: its names, in the order of the text.
    fn check_unused(&mut self, groups: &[Vec<&'a Expression>]) -> Result<Vec<String>, Fault> {
        let (used, kinks) = (self.used.clone(), self.kinks.clone());
        let (n_delayed, n_coefficients) = (self.delayed.len(), self.coefficients.len());
        // An expression that is asked for is used, also where it is no part of another.
        let asked = |statement: &Statement| {
            groups
                .iter()
                .flatten()
                .any(|e| std::ptr::eq(*e, &statement.expression))
        };
        let needed = self.needed.clone();
        let mut unused = Vec::new();
        for statement in self.statements {
            let (name, arguments) = match &statement.target {
                Target::Derivative(_) => continue,
                Target::Definition(name) => (name, None),
                Target::Function { name, arguments } => (name, Some(arguments)),
            };
            if !needed.contains(name.as_str()) && !asked(statement) {
                unused.push(name.clone());
            }
            let Some(arguments) = arguments else {
                self.definition(name, statement.at.clone())?;
                continue;
            };
            // What it comes to depends on what it is called with; that its words mean something does not.
            let mut fault = None;
            statement.expression.each(&mut |part| {
                if let Kind::Name(word) = &part.kind
                    && !arguments.iter().any(|(argument, _)| argument == word)
                    && !self.means_something(word)
                {
                    let advice = nearest(
                        word,
                        arguments
                            .iter()
                            .map(|(a, _)| a.as_str())
                            .chain(self.names()),
                    );
                    let message = format!(
                        "`{word}` is no argument, state, parameter, input or definition{advice}"
                    );
                    fault.get_or_insert(Fault::at(part.span.clone(), message));
                }
            });
            if let Some(fault) = fault {
                return Err(fault);
            }
        }
        self.delayed.truncate(n_delayed);
        self.coefficients.truncate(n_coefficients);
        (self.used, self.kinks) = (used, kinks);
        Ok(unused)
    }

    fn means_something(&self, name: &str) -> bool {
        let is_given = self.symbols.contains_key(name) || self.definitions.contains_key(name);
        is_given || is_of_language(name) || self.is_function(name)
    }

    /// Whether the text gives a function of this name.
    fn is_function(&self, name: &str) -> bool {
        self.functions.contains_key(name) || self.tables.contains_key(name)
    }

    /// What a name may be here.
    fn kinds(&self) -> &'static str {
        if self.sums.is_some() {
            "parameter or definition of the coupling"
        } else {
            "state, parameter, input or definition"
        }
    }

    /// Names that an expression here may contain.
    fn names(&self) -> Vec<&str> {
        let locals = self.locals.last().into_iter().flat_map(HashMap::keys);
        let symbols = self.symbols.keys().map(String::as_str);
        let definitions = self.definitions.keys().copied();
        locals
            .copied()
            .chain(symbols)
            .chain(definitions)
            .chain(["pi"])
            .collect()
    }

    fn value(&mut self, expression: &'a Expression) -> Result<Value, Fault> {
        self.n_worked_out += 1;
        let n_operations = self.main.len() + self.prepare.len();
        if n_operations > MOST_OPERATIONS || self.n_worked_out > 20 * MOST_OPERATIONS {
            let message = format!("the equations come to more than {MOST_OPERATIONS} operations");
            return Err(Fault::at(expression.span.clone(), message));
        }
        match &expression.kind {
            Kind::Number(value) => Ok(Value::Constant(*value)),
            Kind::Name(name) => self.named(name, &expression.span),
            Kind::Negative(inner) => {
                let inner = self.value(inner)?;
                Ok(self.negative(inner))
            }
            Kind::Binary(Operator::Power, both) => {
                let [base, exponent] = &**both;
                self.power(base, exponent)
            }
            Kind::Binary(operator, both) => {
                let (a, b) = (self.value(&both[0])?, self.value(&both[1])?);
                if *operator == Operator::Divide && matches!(b, Value::Constant(0.0)) {
                    return Err(Fault::at(both[1].span.clone(), "division by a constant 0"));
                }
                Ok(self.binary(*operator, a, b))
            }
            Kind::Compare(..) => Err(Fault::at(
                expression.span.clone(),
                "a condition is no number; it can be the first, third, ... argument of piecewise",
            )),
            Kind::Call {
                name,
                at,
                arguments,
            } => self.call(name, at, arguments, &expression.span),
        }
    }

    fn named(&mut self, name: &'a str, span: &Range<usize>) -> Result<Value, Fault> {
        if let Some(value) = self.locals.last().and_then(|locals| locals.get(name)) {
            return Ok(*value);
        }
        if let Some(meaning) = self.symbols.get(name).copied() {
            self.used.insert(name.into());
            return Ok(match meaning {
                Meaning::Varying(place) => Value::Varying(self.main.argument(place)),
                Meaning::Parameter(place) => Value::Prepared(self.prepare.argument(place)),
            });
        }
        if self.definitions.contains_key(name) {
            return self.definition(name, span.clone());
        }
        if name == "pi" {
            return Ok(Value::Constant(std::f64::consts::PI));
        }
        if name != "t" && is_of_language(name) || self.is_function(name) {
            let message = format!("`{name}` is a function; write `{name}(...)`");
            return Err(Fault::at(span.clone(), message));
        }
        let advice = if name == "t" {
            "; equations do not depend on time: drive an input instead".into()
        } else {
            nearest(name, self.names())
        };
        Err(Fault::at(
            span.clone(),
            format!("`{name}` is no {}{advice}", self.kinds()),
        ))
    }

    fn definition(&mut self, name: &str, span: Range<usize>) -> Result<Value, Fault> {
        let (name, statement) = self
            .definitions
            .get_key_value(name)
            .map(|(name, statement)| (*name, *statement))
            .expect("asked for definitions only");
        self.needed.insert(name);
        if let Some(value) = self.known.get(name) {
            return Ok(*value);
        }
        self.enter(name, &span)?;
        // A definition does not see the arguments of the function that uses it.
        let outer = std::mem::take(&mut self.locals);
        let value = self.value(&statement.expression)?;
        self.locals = outer;
        self.open.pop();
        self.known.insert(name, value);
        Ok(value)
    }

    fn enter(&mut self, name: &'a str, span: &Range<usize>) -> Result<(), Fault> {
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

    fn call(
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

    fn piecewise(
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

    fn delayed_value(&mut self, arguments: &'a [Expression]) -> Result<Value, Fault> {
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
                Some(Meaning::Parameter(place)) => {
                    self.used.insert(name.clone());
                    Some(*place)
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
        let place = self
            .delayed
            .iter()
            .position(|d| *d == key)
            .unwrap_or_else(|| {
                self.delayed.push(key);
                self.delayed.len() - 1
            });
        Ok(Value::Varying(self.main.argument(DELAYED + place)))
    }

    fn kink(&mut self, function: &str, of: &[Value]) {
        if of.iter().any(|value| matches!(value, Value::Varying(_))) {
            self.kinks.insert(function.into());
        }
    }

    /// In the program over parameters.
    fn prepared(&mut self, value: Value) -> Id {
        match value {
            Value::Constant(x) => self.prepare.literal(x),
            Value::Prepared(id) => id,
            Value::Varying(_) => unreachable!("what varies is never prepared"),
        }
    }

    /// In the program over what varies: what was prepared becomes a coefficient.
    fn varying(&mut self, value: Value) -> Id {
        match value {
            Value::Constant(x) => self.main.literal(x),
            Value::Varying(id) => id,
            Value::Prepared(id) => {
                let place = *self.coefficient_of.entry(id).or_insert_with(|| {
                    self.coefficients.push(id);
                    self.coefficients.len() - 1
                });
                self.main.argument(COEFFICIENTS + place)
            }
        }
    }

    /// An operation on two numbers, in the program where it belongs.
    fn both(&mut self, a: Value, b: Value, op: fn(&mut Builder, Id, Id) -> Id) -> Value {
        if matches!(a, Value::Varying(_)) || matches!(b, Value::Varying(_)) {
            let (a, b) = (self.varying(a), self.varying(b));
            Value::Varying(op(&mut self.main, a, b))
        } else {
            let (a, b) = (self.prepared(a), self.prepared(b));
            Value::Prepared(op(&mut self.prepare, a, b))
        }
    }

    fn binary(&mut self, operator: Operator, a: Value, b: Value) -> Value {
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

    fn negative(&mut self, value: Value) -> Value {
        match value {
            Value::Constant(x) => Value::Constant(-x),
            Value::Prepared(id) => Value::Prepared(self.prepare.neg(id)),
            Value::Varying(id) => Value::Varying(self.main.neg(id)),
        }
    }

    fn function(&mut self, function: Function, value: Value) -> Value {
        match value {
            Value::Constant(x) => Value::Constant(function.apply(x)),
            Value::Prepared(id) => Value::Prepared(self.prepare.call(function, id)),
            Value::Varying(id) => Value::Varying(self.main.call(function, id)),
        }
    }

    fn select(&mut self, less: [Value; 2], yes: Value, no: Value) -> Value {
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

    fn power(&mut self, base: &'a Expression, exponent: &'a Expression) -> Result<Value, Fault> {
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
    fn whole_power(&mut self, x: Value, p: u32) -> Value {
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

/// Whether `name` means something to the language itself.
fn is_of_language(name: &str) -> bool {
    super::RESERVED.contains(&name) || Function::ALL.iter().any(|f| f.name() == name)
}

/// [`is_of_language`], for whoever gives names.
pub(crate) fn is_reserved(name: &str) -> bool {
    is_of_language(name)
}
