//! What an expression is made of.

use std::ops::Range;

/// An expression and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What an expression can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number.
    Number(f64),
    /// A symbol.
    Name(String),
    /// `-a`
    Negative(Box<Expression>),
    /// `a + b` and the like.
    Binary(Operator, Box<[Expression; 2]>),
    /// `f(a, b, ...)`
    Call {
        /// The function's name.
        name: String,
        /// Where the name stands.
        at: Range<usize>,
        /// What it is called with.
        arguments: Vec<Expression>,
    },
    /// `a < b` and the like: the conditions of `piecewise`.
    Compare(Comparison, Box<[Expression; 2]>),
}

/// What stands between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Expression {
    /// Calls `visit` with this expression and all in it.
    pub fn each(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match &self.kind {
            Kind::Number(_) | Kind::Name(_) => {}
            Kind::Negative(a) => a.each(visit),
            Kind::Binary(_, both) | Kind::Compare(_, both) => {
                both.iter().for_each(|part| part.each(visit));
            }
            Kind::Call { arguments, .. } => arguments.iter().for_each(|part| part.each(visit)),
        }
    }
}
