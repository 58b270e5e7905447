//! A [`Scalar`] that records: running a generic function on symbols makes its program.

use std::cell::RefCell;
use std::ops::{Add, Mul, Neg, Sub};

use super::{Builder, Function, Id, Program, Table};
use crate::scalar::Scalar;

/// A value of the program that this thread is recording (see [`record`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol(Id);

thread_local! {
    static BUILDER: RefCell<Builder> = RefCell::default();
}

fn build(with: impl FnOnce(&mut Builder) -> Id) -> Symbol {
    Symbol(BUILDER.with_borrow_mut(with))
}

/// The program of what `body` gives; it names its arguments by [`Symbol::argument`] and says how many there are.
pub fn record(body: impl FnOnce() -> (usize, Vec<Symbol>)) -> Program {
    let outer = BUILDER.take();
    let (n_arguments, results) = body();
    let builder = BUILDER.replace(outer);
    let results: Vec<Id> = results.into_iter().map(|symbol| symbol.0).collect();
    builder.finish(n_arguments, &results)
}

impl Symbol {
    /// The argument in this place.
    pub fn argument(index: usize) -> Self {
        build(|builder| builder.argument(index))
    }

    fn call(self, function: Function) -> Self {
        build(|builder| builder.call(function, self.0))
    }
}

macro_rules! operator {
    ($($trait:ident :: $method:ident),*) => {$(
        impl $trait for Symbol {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                build(|builder| builder.$method(self.0, other.0))
            }
        }
    )*};
}
operator!(Add::add, Sub::sub, Mul::mul);

impl Neg for Symbol {
    type Output = Self;
    fn neg(self) -> Self {
        build(|builder| builder.neg(self.0))
    }
}

macro_rules! functions {
    ($($method:ident => $function:ident),* $(,)?) => {$(
        fn $method(self) -> Self {
            self.call(Function::$function)
        }
    )*};
}

impl Scalar for Symbol {
    /// What is compared: the first is less than the second.
    type Mask = [Self; 2];

    fn lit(value: f64) -> Self {
        build(|builder| builder.literal(value))
    }
    fn less(self, other: Self) -> [Self; 2] {
        [self, other]
    }
    fn select([a, b]: [Self; 2], yes: Self, no: Self) -> Self {
        build(|builder| builder.select([a.0, b.0], yes.0, no.0))
    }
    functions! {
        exp => Exp, exprel => Exprel, log => Log, recip => Recip, sqrt => Sqrt, tanh => Tanh, sigmoid => Sigmoid,
        sin => Sin, cos => Cos, erfc => Erfc, floor => Floor,
    }
    fn look(self, table: &'static Table) -> Self {
        build(|builder| builder.look(table, self.0))
    }
}
