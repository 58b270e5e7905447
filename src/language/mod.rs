//! The language of models and couplings: expressions and equations as written in papers, to programs.
//!
//! [`parse`] reads a block of equations; [`compile`](Compiler) turns what they say into [`Program`](crate::program::Program)s, apart
//! what depends on parameters alone. Every fault knows its place in the text ([`Fault`]), and [`Text`] shows it with the line.

mod compile;
mod expression;
mod formula;
mod lexer;
mod parser;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod unit;

pub use compile::{Compiler, Meaning, Prepared};
pub(crate) use compile::{IN_COUPLINGS, is_reserved};
pub use expression::Expression;
pub use formula::{Formula, with_plain_names};
pub(crate) use lexer::number_length;
pub use parser::{Statement, Target, parse};
pub use table::{Axis, Lookup};
pub use text::{Fault, Text, nearest};
pub use unit::check as check_unit;

/// Names that mean something to the language, so that nothing else may be called so.
pub const RESERVED: [&str; 8] = [
    "pi",
    "abs",
    "min",
    "max",
    "heaviside",
    "piecewise",
    "delayed",
    "t",
];

/// Whether `name` can be a symbol: a letter, then letters, digits and underscores.
pub fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
