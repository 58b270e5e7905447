//! From words to equations.
//!
//! ```text
//! statement  = ("d" NAME "/dt" | NAME "'" | NAME | NAME "(" NAME, ... ")") "=" sum
//! condition  = sum [("<" | "<=" | ">" | ">=") sum]
//! sum        = product { ("+" | "-") product }
//! product    = sign { ("*" | "/") sign }
//! sign       = ["-" | "+"] sign | power
//! power      = atom ["^" sign]
//! atom       = NUMBER | NAME | NAME "(" condition, ... ")" | "(" sum ")"
//! ```

use std::ops::Range;

use super::expression::{Comparison, Expression, Kind, Operator};
use super::lexer::{Token, tokens};
use super::text::Fault;

/// One line of the equations.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it defines.
    pub target: Target,
    /// Where the name that it defines stands.
    pub at: Range<usize>,
    /// What that is.
    pub expression: Expression,
}

/// What a line defines.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// `dx/dt = ...`
    Derivative(String),
    /// `u = ...`
    Definition(String),
    /// `F(a, b) = ...`
    Function {
        /// Its name.
        name: String,
        /// The names of its arguments, and where they stand.
        arguments: Vec<(String, Range<usize>)>,
    },
}

/// Nesting beyond which a text is refused rather than the stack overrun.
const DEEPEST: usize = 200;
/// Words of a statement beyond which a text is refused likewise.
const LONGEST: usize = 4000;

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    /// Where the statement being read begins.
    start: usize,
    depth: usize,
}

/// The statements of a block of equations.
///
/// # Errors
/// The first place that cannot be read, and what was expected there.
pub fn parse(text: &str) -> Result<Vec<Statement>, Fault> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        start: 0,
        depth: 0,
    };
    let mut statements = Vec::new();
    loop {
        while parser.peek() == &Token::Newline {
            parser.next += 1;
        }
        if parser.peek() == &Token::End {
            return Ok(statements);
        }
        if let Token::Sign(sign @ ("+" | "-" | "*" | "/" | "^")) = parser.peek() {
            let message = format!(
                "a line cannot begin with `{sign}`; an operator at the end of a line carries it on"
            );
            return Err(Fault::at(parser.span(), message));
        }
        parser.start = parser.next;
        statements.push(parser.statement()?);
        match parser.peek() {
            Token::Newline | Token::End => {}
            _ => return Err(parser.expected("an operator, or the end of the line")),
        }
    }
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.next].1.clone()
    }

    /// Where the last word that was taken ends.
    fn end(&self) -> usize {
        self.tokens[self.next.saturating_sub(1)].1.end
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str, what: &str) -> Result<(), Fault> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.expected(what))
    }

    fn expected(&self, what: &str) -> Fault {
        let found = match self.peek() {
            Token::Number(x) => format!("the number {x}"),
            Token::Name(name) => format!("`{name}`"),
            Token::Sign(sign @ ("<" | "<=" | ">" | ">=")) => {
                format!("`{sign}`; a comparison is no number, `piecewise` takes it")
            }
            Token::Sign("=") => "`=`; every equation has a line of its own, and the one before may not end in an operator".into(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Newline => "the end of the line".into(),
            Token::End => "the end of the equations".into(),
        };
        Fault::at(self.span(), format!("expected {what}, found {found}"))
    }

    /// Takes the bracket that closes the one at `open`.
    fn close(&mut self, open: &Range<usize>, what: &str) -> Result<(), Fault> {
        if self.take(")") {
            return Ok(());
        }
        let here = self.span();
        // Line ends mean nothing in brackets: what is found may belong to another equation.
        if self.text[open.end..here.start].contains('\n') || self.peek() == &Token::End {
            return Err(Fault::at(open.clone(), "this bracket is not closed"));
        }
        Err(self.expected(what))
    }

    fn name(&mut self, what: &str) -> Result<(String, Range<usize>), Fault> {
        let Token::Name(name) = self.peek().clone() else {
            return Err(self.expected(what));
        };
        let span = self.span();
        self.next += 1;
        Ok((name, span))
    }

    fn statement(&mut self) -> Result<Statement, Fault> {
        const WHAT: &str = "an equation (`dx/dt = ...`) or a definition (`u = ...`)";
        let (name, at) = self.name(WHAT)?;
        let is_derivative = matches!(self.peek(), Token::Sign("/")) && name.starts_with('d');
        let target = if is_derivative {
            self.next += 1;
            let (per, span) = self.name("`dt`")?;
            if per != "dt" || name.len() < 2 {
                return Err(Fault::at(
                    at.start..span.end,
                    "an equation begins with `dx/dt =`, x being a state",
                ));
            }
            Target::Derivative(name[1..].into())
        } else if self.take("'") {
            Target::Derivative(name)
        } else if self.take("(") {
            let mut arguments = Vec::new();
            if !self.take(")") {
                loop {
                    arguments.push(self.name("the name of an argument")?);
                    if self.take(")") {
                        break;
                    }
                    self.expect(",", "`,` or `)`")?;
                }
            }
            Target::Function { name, arguments }
        } else {
            Target::Definition(name)
        };
        self.expect("=", "`=`")?;
        let expression = self.sum()?;
        Ok(Statement {
            target,
            at,
            expression,
        })
    }

    fn condition(&mut self) -> Result<Expression, Fault> {
        let left = self.sum()?;
        let comparison = match self.peek() {
            Token::Sign("<") => Comparison::Less,
            Token::Sign("<=") => Comparison::AtMost,
            Token::Sign(">") => Comparison::Greater,
            Token::Sign(">=") => Comparison::AtLeast,
            _ => return Ok(left),
        };
        self.next += 1;
        let right = self.sum()?;
        Ok(Expression {
            span: left.span.start..right.span.end,
            kind: Kind::Compare(comparison, Box::new([left, right])),
        })
    }

    fn sum(&mut self) -> Result<Expression, Fault> {
        self.deeper(|parser| {
            let mut left = parser.product()?;
            loop {
                let operator = match parser.peek() {
                    Token::Sign("+") => Operator::Add,
                    Token::Sign("-") => Operator::Subtract,
                    _ => return Ok(left),
                };
                parser.next += 1;
                parser.one_more()?;
                let right = parser.product()?;
                left = binary(operator, left, right);
            }
        })
    }

    fn product(&mut self) -> Result<Expression, Fault> {
        let mut left = self.sign()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => Operator::Multiply,
                Token::Sign("/") => Operator::Divide,
                _ => return Ok(left),
            };
            self.next += 1;
            self.one_more()?;
            let right = self.sign()?;
            left = binary(operator, left, right);
        }
    }

    fn sign(&mut self) -> Result<Expression, Fault> {
        let start = self.span().start;
        if self.take("-") {
            let inner = self.deeper(Self::sign)?;
            return Ok(Expression {
                span: start..inner.span.end,
                kind: Kind::Negative(Box::new(inner)),
            });
        }
        if self.take("+") {
            return self.deeper(Self::sign);
        }
        self.power()
    }

    fn power(&mut self) -> Result<Expression, Fault> {
        let base = self.atom()?;
        if !self.take("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::sign)?;
        Ok(binary(Operator::Power, base, exponent))
    }

    fn atom(&mut self) -> Result<Expression, Fault> {
        const WHAT: &str = "a number, a name, or `(`";
        let span = self.span();
        match self.peek().clone() {
            Token::Number(value) => {
                self.next += 1;
                Ok(Expression {
                    span,
                    kind: Kind::Number(value),
                })
            }
            Token::Name(name) => {
                self.next += 1;
                let open = self.span();
                if !self.take("(") {
                    let kind = Kind::Name(name);
                    return Ok(Expression { span, kind });
                }
                let mut arguments = Vec::new();
                if !self.take(")") {
                    arguments.push(self.condition()?);
                    while self.take(",") {
                        arguments.push(self.condition()?);
                    }
                    self.close(&open, "`,` or `)`")?;
                }
                Ok(Expression {
                    span: span.start..self.end(),
                    kind: Kind::Call {
                        name,
                        at: span,
                        arguments,
                    },
                })
            }
            Token::Sign("(") => {
                self.next += 1;
                let inner = self.sum()?;
                self.close(&span, "`)`")?;
                Ok(inner)
            }
            _ => Err(self.expected(WHAT)),
        }
    }

    /// A statement may not grow without end: what is made of it is worked through in depth.
    fn one_more(&self) -> Result<(), Fault> {
        if self.next - self.start <= LONGEST {
            return Ok(());
        }
        let message = format!("more than {LONGEST} words in one line; give parts of it names");
        Err(Fault::at(self.span(), message))
    }

    /// One level further in.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == DEEPEST {
            let message = format!(
                "brackets and signs stand more than {DEEPEST} deep in each other; give parts of it names"
            );
            return Err(Fault::at(self.span(), message));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    Expression {
        span: left.span.start..right.span.end,
        kind: Kind::Binary(operator, Box::new([left, right])),
    }
}
