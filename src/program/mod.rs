//! Arithmetic as data: what a model's text becomes, and what a step of a node is.
//!
//! A [`Program`] is a list of operations, each assigned once, in an order in which every operand stands before what needs it. It
//! runs on any [`Scalar`]: on `f64` and derivatives for continuation, on `f32` as the plain reference, on
//! [`Trace`](crate::scalar::Trace) to write WGSL. The CPU backend translates it for its vector machine.
//!
//! Programs are made by a [`Builder`], or by running a generic function on [`Symbol`]s ([`record`]). Running a program on
//! `Dual<Symbol>` is how derivatives become programs.

mod builder;
mod formula;
mod symbol;
#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use formula::Formulas;
pub use symbol::{Symbol, record};

use crate::scalar::Scalar;
pub use crate::scalar::Table;

/// The place of a value: the arguments come first, then one for each operation.
pub type Id = u32;

/// One operation on earlier values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Op {
    /// A constant, rounded to the type that the program runs on.
    Literal(f64),
    /// `a + b`
    Add(Id, Id),
    /// `a - b`
    Sub(Id, Id),
    /// `a * b`
    Mul(Id, Id),
    /// `-a`
    Neg(Id),
    /// A function of one number.
    Call(Function, Id),
    /// The entry of a table in a place that is a whole number; see [`Scalar::look`].
    Look(&'static Table, Id),
    /// `yes` where `a < b`, else `no`.
    Select {
        /// What is compared: `a`, `b`.
        less: [Id; 2],
        /// The value where `a < b`.
        yes: Id,
        /// The value elsewhere.
        no: Id,
    },
}

impl Op {
    /// The values it reads.
    pub fn operands(&self) -> impl Iterator<Item = Id> + use<> {
        let (ids, n) = match *self {
            Self::Literal(_) => ([0; 4], 0),
            Self::Add(a, b) | Self::Sub(a, b) | Self::Mul(a, b) => ([a, b, 0, 0], 2),
            Self::Neg(a) | Self::Call(_, a) | Self::Look(_, a) => ([a, 0, 0, 0], 1),
            Self::Select {
                less: [a, b],
                yes,
                no,
            } => ([a, b, yes, no], 4),
        };
        ids.into_iter().take(n)
    }

    /// The same operation on values that `place` has moved.
    #[must_use]
    pub fn moved(self, place: impl Fn(Id) -> Id) -> Self {
        match self {
            Self::Literal(value) => Self::Literal(value),
            Self::Add(a, b) => Self::Add(place(a), place(b)),
            Self::Sub(a, b) => Self::Sub(place(a), place(b)),
            Self::Mul(a, b) => Self::Mul(place(a), place(b)),
            Self::Neg(a) => Self::Neg(place(a)),
            Self::Call(function, a) => Self::Call(function, place(a)),
            Self::Look(table, a) => Self::Look(table, place(a)),
            Self::Select { less, yes, no } => Self::Select {
                less: less.map(&place),
                yes: place(yes),
                no: place(no),
            },
        }
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $variant:ident => $method:ident),* $(,)?) => {
        /// The functions of one number that a program can call: those of [`Scalar`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Function {
            $($(#[$doc])* $variant),*
        }

        impl Function {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in texts.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($method)),*
                }
            }

            /// Its value.
            #[inline(always)]
            pub fn apply<S: Scalar>(self, x: S) -> S {
                match self {
                    $(Self::$variant => x.$method()),*
                }
            }
        }
    };
}

functions! {
    /// `e^x`
    Exp => exp,
    /// `(e^x - 1)/x`
    Exprel => exprel,
    /// Natural logarithm.
    Log => log,
    /// `1/x`
    Recip => recip,
    /// Square root.
    Sqrt => sqrt,
    /// Hyperbolic tangent.
    Tanh => tanh,
    /// `1/(1 + e^-x)`
    Sigmoid => sigmoid,
    /// Sine.
    Sin => sin,
    /// Cosine.
    Cos => cos,
    /// Complementary error function.
    Erfc => erfc,
    /// The largest whole number not above `x`.
    Floor => floor,
}

/// Results as functions of arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    n_arguments: usize,
    ops: Vec<Op>,
    results: Vec<Id>,
}

impl Program {
    /// The number of arguments.
    pub fn n_arguments(&self) -> usize {
        self.n_arguments
    }

    /// The operations; the value of the first has the [`Id`] `n_arguments`.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The number of operations, constants not counted.
    pub fn cost(&self) -> usize {
        let ops = self.ops.iter();
        ops.filter(|op| !matches!(op, Op::Literal(_))).count()
    }

    /// Which values are the results.
    pub fn results(&self) -> &[Id] {
        &self.results
    }

    /// The same operations with other results.
    #[must_use]
    pub fn with_results(&self, results: &[Id]) -> Self {
        let all: Vec<Id> = (0..self.n_arguments as Id).collect();
        self.part(&all, results)
    }

    /// The same results for `f64` and what derives from it: operations on constants are done.
    #[must_use]
    pub(crate) fn folded(&self) -> Self {
        let varies = self.depends(|_| true);
        let mut values = vec![0.0; self.n_values()];
        self.run(&mut values);
        let fold = |(id, op): (Id, Op)| match varies[id as usize] {
            true => op,
            false => Op::Literal(values[id as usize]),
        };
        let ops = self.ids().map(fold).collect();
        Self {
            ops,
            ..self.clone()
        }
        .with_results(&self.results)
    }

    /// The same operations where every literal is an argument, after those that there are; and what the literals are.
    #[must_use]
    pub(crate) fn with_literals_as_arguments(&self) -> (Self, Vec<f64>) {
        let mut arguments: Vec<Id> = (0..self.n_arguments as Id).collect();
        let mut literals = Vec::new();
        for (id, op) in self.ids() {
            if let Op::Literal(value) = op {
                arguments.push(id);
                literals.push(value);
            }
        }
        (self.part(&arguments, &self.results), literals)
    }

    /// What `id` is made by; `None` for an argument.
    pub fn op(&self, id: Id) -> Option<Op> {
        let place = (id as usize).checked_sub(self.n_arguments)?;
        Some(self.ops[place])
    }

    /// The [`Id`] of each operation, in order.
    pub fn ids(&self) -> impl Iterator<Item = (Id, Op)> + '_ {
        let ids = self.n_arguments as Id..;
        ids.zip(self.ops.iter().copied())
    }

    /// The number of values: arguments and operations.
    pub fn n_values(&self) -> usize {
        self.n_arguments + self.ops.len()
    }

    /// The tables that it looks up, each once, in the order in which they are first needed.
    pub fn tables(&self) -> Vec<&'static Table> {
        let mut tables = Vec::new();
        for op in &self.ops {
            if let Op::Look(table, _) = *op
                && !tables.contains(&table)
            {
                tables.push(table);
            }
        }
        tables
    }

    /// Runs the operations: `values` begins with the arguments, and is filled with every value, `[n_values]`.
    pub fn run<S: Scalar>(&self, values: &mut [S]) {
        let values = &mut values[..self.n_values()];
        for k in 0..self.ops.len() {
            let (known, next) = values.split_at_mut(self.n_arguments + k);
            let at = |id: Id| known[id as usize];
            next[0] = match self.ops[k] {
                Op::Literal(value) => S::lit(value),
                Op::Add(a, b) => at(a) + at(b),
                Op::Sub(a, b) => at(a) - at(b),
                Op::Mul(a, b) => at(a) * at(b),
                Op::Neg(a) => -at(a),
                Op::Call(function, a) => function.apply(at(a)),
                Op::Look(table, a) => at(a).look(table),
                Op::Select {
                    less: [a, b],
                    yes,
                    no,
                } => S::select(at(a).less(at(b)), at(yes), at(no)),
            };
        }
    }

    /// Writes the results at these arguments to `results`. Both may come in several parts.
    pub fn write<S: Scalar>(&self, arguments: &[&[S]], results: &mut [&mut [S]]) {
        // On the stack where there is room: a model's equations are evaluated many times.
        let zero = S::lit(0.0);
        match self.n_values() {
            0..=16 => self.write_with(&mut [zero; 16], arguments, results),
            17..=32 => self.write_with(&mut [zero; 32], arguments, results),
            33..=64 => self.write_with(&mut [zero; 64], arguments, results),
            n => self.write_with(&mut vec![zero; n], arguments, results),
        }
    }

    /// As [`Program::write`], with room for the values.
    fn write_with<S: Scalar>(
        &self,
        values: &mut [S],
        arguments: &[&[S]],
        results: &mut [&mut [S]],
    ) {
        let mut at = 0;
        for part in arguments {
            // The parts are too short for a call.
            for &argument in *part {
                values[at] = argument;
                at += 1;
            }
        }
        assert_eq!(at, self.n_arguments, "one number per argument");
        self.run(values);
        let mut ids = self.results.as_slice();
        for part in results {
            let n = part.len().min(ids.len());
            let part = &mut part[..n];
            for k in 0..n {
                part[k] = values[ids[k] as usize];
            }
            ids = &ids[n..];
        }
    }

    /// The results at these arguments, which may come in several parts.
    pub fn evaluate<S: Scalar>(&self, arguments: &[&[S]]) -> Vec<S> {
        let mut results = vec![S::lit(0.0); self.results.len()];
        self.write(arguments, &mut [&mut results]);
        results
    }

    /// For each value whether it depends on one of the arguments that `varies` names.
    pub fn depends(&self, varies: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut depends: Vec<bool> = (0..self.n_arguments).map(varies).collect();
        for op in &self.ops {
            let varies = op.operands().any(|id| depends[id as usize]);
            depends.push(varies);
        }
        depends
    }

    /// The part of the program that gives `results`, where the values `arguments` are taken as given, in this order.
    ///
    /// # Panics
    /// If a result needs an argument of the whole that is not among `arguments`.
    fn part(&self, arguments: &[Id], results: &[Id]) -> Self {
        let n_values = self.n_values();
        let mut needed = vec![false; n_values];
        let mut place = vec![None; n_values];
        for (index, &id) in arguments.iter().enumerate() {
            place[id as usize] = Some(index as Id);
        }
        for &id in results {
            needed[id as usize] = true;
        }
        for (id, op) in self.ids().collect::<Vec<_>>().into_iter().rev() {
            if needed[id as usize] && place[id as usize].is_none() {
                op.operands().for_each(|id| needed[id as usize] = true);
            }
        }
        let mut ops = Vec::new();
        for (id, op) in self.ids() {
            if needed[id as usize] && place[id as usize].is_none() {
                ops.push(op.moved(|id| place[id as usize].expect("operands stand before")));
                place[id as usize] = Some((arguments.len() + ops.len() - 1) as Id);
            }
        }
        let result = |&id: &Id| place[id as usize].expect("every result was made or given");
        Self {
            n_arguments: arguments.len(),
            ops,
            results: results.iter().map(result).collect(),
        }
    }

    /// Cuts off what depends only on the arguments that `is_early` names: it can be worked out once, beforehand.
    pub fn split(&self, is_early: impl Fn(usize) -> bool) -> Split {
        let late = self.depends(|argument| !is_early(argument));
        let is_made = |id: Id| {
            let early = !late[id as usize];
            early && !matches!(self.op(id), None | Some(Op::Literal(_)))
        };
        let mut read: Vec<Id> = self.results.clone();
        for (id, op) in self.ids() {
            if late[id as usize] {
                read.extend(op.operands());
            }
        }
        read.sort_unstable();
        read.dedup();
        let made: Vec<Id> = read.iter().copied().filter(|&id| is_made(id)).collect();
        let is_argument = |id: &Id| (*id as usize) < self.n_arguments;
        let kept: Vec<Id> = read.into_iter().filter(is_argument).collect();
        let early_arguments: Vec<Id> = (0..self.n_arguments)
            .filter(|&argument| is_early(argument))
            .map(|argument| argument as Id)
            .collect();
        let late_arguments: Vec<Id> = kept.iter().chain(&made).copied().collect();
        Split {
            early: self.part(&early_arguments, &made),
            early_arguments: early_arguments.iter().map(|&id| id as usize).collect(),
            late: self.part(&late_arguments, &self.results),
            late_arguments: kept.iter().map(|&id| id as usize).collect(),
        }
    }
}

/// A program in two parts.
#[derive(Debug, Clone)]
pub struct Split {
    /// What can be worked out beforehand.
    pub early: Program,
    /// Which arguments of the whole the first part takes.
    pub early_arguments: Vec<usize>,
    /// The rest. It takes some arguments of the whole, then the results of the first part.
    pub late: Program,
    /// Which arguments of the whole these are.
    pub late_arguments: Vec<usize>,
}
