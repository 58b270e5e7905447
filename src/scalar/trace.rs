//! A [`Scalar`] that writes WGSL: running a generic function on it records every operation once, in order.
//!
//! Equal operations on equal operands are recorded once, and what no result needs is left out; neither changes a bit. Every
//! float sum, difference and product is wrapped in `exact(...)`, which the shader defines to suit the device.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::{Add, Mul, Neg, Sub};

use super::{Bits, Scalar, Single, Table, functions};

/// A float in a traced program.
#[derive(Debug, Clone, Copy)]
pub struct Trace(u32);

/// An unsigned integer in a traced program.
#[derive(Debug, Clone, Copy)]
pub struct TraceBits(u32);

/// A truth in a traced program.
#[derive(Debug, Clone, Copy)]
pub struct TraceMask(u32);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Operation {
    /// A literal or an expression over the function's arguments, as text.
    Text(String),
    /// `exact(a op b)`
    Float(&'static str),
    /// `a op b`
    Infix(&'static str),
    /// `name(a, b, ...)`
    Call(&'static str),
    /// `a op constant`
    Constant(&'static str, u32),
    /// What [`lookup`] writes for this table, of `a`.
    Look(&'static Table),
    /// The entry of this table in place `a`, an integer.
    Entry(&'static Table),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    operation: Operation,
    operands: Vec<u32>,
}

#[derive(Debug, Default)]
struct Tape {
    nodes: Vec<Node>,
    seen: HashMap<Node, u32>,
}

thread_local! {
    static TAPE: RefCell<Tape> = RefCell::default();
}

fn record(operation: Operation, operands: &[u32]) -> u32 {
    let node = Node {
        operation,
        operands: operands.to_vec(),
    };
    TAPE.with_borrow_mut(|tape| {
        let next = tape.nodes.len() as u32;
        *tape.seen.entry(node.clone()).or_insert_with(|| {
            tape.nodes.push(node);
            next
        })
    })
}

impl Tape {
    fn name(&self, index: u32) -> String {
        match &self.nodes[index as usize].operation {
            Operation::Text(text) => text.clone(),
            _ => format!("v{index}"),
        }
    }

    fn expression(&self, node: &Node) -> String {
        let operands: Vec<String> = node
            .operands
            .iter()
            .map(|&index| self.name(index))
            .collect();
        match &node.operation {
            Operation::Text(text) => text.clone(),
            Operation::Float(op) => format!("exact({} {op} {})", operands[0], operands[1]),
            Operation::Infix(op) => format!("{} {op} {}", operands[0], operands[1]),
            Operation::Call(function) => format!("{function}({})", operands.join(", ")),
            Operation::Constant(op, constant) => format!("{} {op} {constant}u", operands[0]),
            Operation::Look(table) => format!("look_{}({})", table.name(), operands[0]),
            Operation::Entry(table) => {
                let (name, last, place) = (table.name(), table.last(), &operands[0]);
                format!("{TABLES}[FIRST_{name} + select({last}u, {place}, {place} < {last}u)]")
            }
        }
    }

    /// The statements that the `results` need.
    fn statements(&self, results: &[u32]) -> String {
        let mut needed = vec![false; self.nodes.len()];
        for &result in results {
            needed[result as usize] = true;
        }
        for index in (0..self.nodes.len()).rev() {
            if needed[index] {
                for &operand in &self.nodes[index].operands {
                    needed[operand as usize] = true;
                }
            }
        }
        let mut text = String::new();
        for (index, node) in self.nodes.iter().enumerate() {
            if needed[index] && !matches!(node.operation, Operation::Text(_)) {
                let _ = writeln!(text, "    let v{index} = {};", self.expression(node));
            }
        }
        text
    }
}

/// A WGSL function written by running a generic function on [`Trace`].
#[derive(Debug)]
pub struct Function {
    results: Vec<u32>,
}

impl Function {
    /// No results yet.
    pub fn results() -> Self {
        Self {
            results: Vec::new(),
        }
    }

    /// Adds floats to the results.
    pub fn floats(mut self, values: impl IntoIterator<Item = Trace>) -> Self {
        self.results.extend(values.into_iter().map(|value| value.0));
        self
    }

    /// Adds integers to the results.
    pub fn bits(mut self, values: impl IntoIterator<Item = TraceBits>) -> Self {
        self.results.extend(values.into_iter().map(|value| value.0));
        self
    }

    /// The text of `fn signature { ... return expression; }`: `body` says what it computes, `expression` turns the names
    /// of the results into what is returned.
    pub fn write(
        signature: &str,
        expression: impl FnOnce(&[String]) -> String,
        body: impl FnOnce() -> Function,
    ) -> String {
        let outer = TAPE.take();
        let results = body().results;
        let tape = TAPE.replace(outer);
        let names: Vec<String> = results.iter().map(|&index| tape.name(index)).collect();
        format!(
            "fn {signature} {{\n{}    return {};\n}}\n",
            tape.statements(&results),
            expression(&names)
        )
    }
}

impl Trace {
    /// An argument of the function being written, or an expression over them.
    pub fn argument(text: impl Into<String>) -> Self {
        Self(record(Operation::Text(text.into()), &[]))
    }
}

impl TraceBits {
    /// An argument of the function being written, or an expression over them.
    pub fn argument(text: impl Into<String>) -> Self {
        Self(record(Operation::Text(text.into()), &[]))
    }
}

/// The array in which shaders find the entries of tables.
const TABLES: &str = "numbers_of_all";

/// The WGSL of the look-up of a table whose entries begin at `first` in the array `numbers_of_all`.
pub fn lookup(table: &'static Table, first: usize) -> String {
    let name = table.name();
    let function = Function::write(
        &format!("look_{name}(x: f32) -> f32"),
        |results| results[0].clone(),
        || Function::results().floats([functions::look(Trace::argument("x"), table)]),
    );
    format!("const FIRST_{name}: u32 = {first}u;\n\n{function}")
}

/// The shared functions that `text` calls, directly or through each other, as WGSL.
pub fn library(text: &str) -> String {
    type Body = fn(Trace) -> Trace;
    const BODIES: [(&str, Body); 11] = [
        ("scalar_exp", functions::exp::<Trace>),
        ("scalar_exprel", functions::exprel::<Trace>),
        ("scalar_log", functions::log::<Trace>),
        ("scalar_recip", functions::recip::<Trace>),
        ("scalar_sqrt", functions::sqrt::<Trace>),
        ("scalar_tanh", functions::tanh::<Trace>),
        ("scalar_sigmoid", functions::sigmoid::<Trace>),
        ("scalar_sin", functions::sin::<Trace>),
        ("scalar_cos", functions::cos::<Trace>),
        ("scalar_erfc", functions::erfc::<Trace>),
        ("scalar_floor", functions::floor::<Trace>),
    ];
    let written = BODIES.map(|(name, body)| {
        Function::write(
            &format!("{name}(x: f32) -> f32"),
            |results| results[0].clone(),
            || Function::results().floats([body(Trace::argument("x"))]),
        )
    });
    let mut needed = BTreeSet::new();
    let mut texts = vec![text];
    while let Some(text) = texts.pop() {
        for (index, (name, _)) in BODIES.iter().enumerate() {
            if text.contains(&format!("{name}(")) && needed.insert(index) {
                texts.push(&written[index]);
            }
        }
    }
    needed
        .into_iter()
        .map(|index| format!("{}\n", written[index]))
        .collect()
}

macro_rules! float_operation {
    ($trait:ident, $method:ident, $op:literal) => {
        impl $trait for Trace {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self(record(Operation::Float($op), &[self.0, other.0]))
            }
        }
    };
}
float_operation!(Add, add, "+");
float_operation!(Sub, sub, "-");
float_operation!(Mul, mul, "*");

impl Neg for Trace {
    type Output = Self;
    fn neg(self) -> Self {
        Self(record(Operation::Call("-"), &[self.0]))
    }
}

impl Trace {
    fn call(self, function: &'static str) -> Self {
        Self(record(Operation::Call(function), &[self.0]))
    }
}

impl Scalar for Trace {
    type Mask = TraceMask;

    fn lit(value: f64) -> Self {
        // The shortest decimal that reads back as this very number.
        Self::argument(format!("{:?}f", value as f32))
    }
    fn less(self, other: Self) -> TraceMask {
        TraceMask(record(Operation::Infix("<"), &[self.0, other.0]))
    }
    fn select(mask: TraceMask, yes: Self, no: Self) -> Self {
        Self(record(Operation::Call("select"), &[no.0, yes.0, mask.0]))
    }
    fn exp(self) -> Self {
        self.call("scalar_exp")
    }
    fn exprel(self) -> Self {
        self.call("scalar_exprel")
    }
    fn log(self) -> Self {
        self.call("scalar_log")
    }
    fn recip(self) -> Self {
        self.call("scalar_recip")
    }
    fn sqrt(self) -> Self {
        self.call("scalar_sqrt")
    }
    fn tanh(self) -> Self {
        self.call("scalar_tanh")
    }
    fn sigmoid(self) -> Self {
        self.call("scalar_sigmoid")
    }
    fn sin(self) -> Self {
        self.call("scalar_sin")
    }
    fn cos(self) -> Self {
        self.call("scalar_cos")
    }
    fn erfc(self) -> Self {
        self.call("scalar_erfc")
    }
    fn floor(self) -> Self {
        self.call("scalar_floor")
    }
    fn look(self, table: &'static Table) -> Self {
        Self(record(Operation::Look(table), &[self.0]))
    }
}

impl Single for Trace {
    type Bits = TraceBits;

    fn to_bits(self) -> TraceBits {
        TraceBits(record(Operation::Call("bitcast<u32>"), &[self.0]))
    }
    fn from_bits(bits: TraceBits) -> Self {
        Self(record(Operation::Call("bitcast<f32>"), &[bits.0]))
    }
    fn entry(table: &'static Table, place: TraceBits) -> Self {
        Self(record(Operation::Entry(table), &[place.0]))
    }
}

impl TraceBits {
    fn infix(self, op: &'static str, other: Self) -> Self {
        Self(record(Operation::Infix(op), &[self.0, other.0]))
    }
}

impl Bits for TraceBits {
    type Single = Trace;

    fn lit(value: u32) -> Self {
        Self::argument(format!("{value}u"))
    }
    fn add(self, other: Self) -> Self {
        self.infix("+", other)
    }
    fn sub(self, other: Self) -> Self {
        self.infix("-", other)
    }
    fn mul(self, other: Self) -> Self {
        self.infix("*", other)
    }
    fn mul_high(self, other: Self) -> Self {
        Self(record(Operation::Call("mul_high"), &[self.0, other.0]))
    }
    fn and(self, other: Self) -> Self {
        self.infix("&", other)
    }
    fn xor(self, other: Self) -> Self {
        self.infix("^", other)
    }
    fn shl(self, by: u32) -> Self {
        Self(record(Operation::Constant("<<", by), &[self.0]))
    }
    fn shr(self, by: u32) -> Self {
        Self(record(Operation::Constant(">>", by), &[self.0]))
    }
    fn signed_to_float(self) -> Trace {
        Trace(record(Operation::Call("signed_to_float"), &[self.0]))
    }
    fn is_zero(self) -> TraceMask {
        TraceMask(record(Operation::Constant("==", 0), &[self.0]))
    }
}
