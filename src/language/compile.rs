//! From equations to programs: names get their meaning, functions their bodies, and what depends on parameters alone is split off.

mod arithmetic;
mod calls;
mod couplings;
mod interpolate;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::expression::{Expression, Kind, Operator};
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
                .map(|index| index + 1)
                .max()
                .unwrap_or(0)
        };
        Ok(Self {
            n_parameters: count(|m| match m {
                Meaning::Parameter(index) => Some(*index),
                Meaning::Varying(_) => None,
            }),
            n_varying: count(|m| match m {
                Meaning::Varying(index) => Some(*index),
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
        let index = |argument: usize| {
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
                .map(|ids| self.main.finish_at(n_arguments, ids, index))
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
        let n_operations = self.main.n_values() + self.prepare.n_values();
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
                Meaning::Varying(index) => Value::Varying(self.main.argument(index)),
                Meaning::Parameter(index) => Value::Prepared(self.prepare.argument(index)),
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
}

/// Whether `name` means something to the language itself.
fn is_of_language(name: &str) -> bool {
    super::RESERVED.contains(&name) || Function::ALL.iter().any(|f| f.name() == name)
}

/// [`is_of_language`], for whoever gives names.
pub(crate) fn is_reserved(name: &str) -> bool {
    is_of_language(name)
}
