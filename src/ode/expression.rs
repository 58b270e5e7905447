//! Expressions as XPPAUT reads them.
//!
//! It knows three levels, each from left to right: `+ - |`, then `* / &` and a sign, then `^ **` and comparisons. So `x + 1 > y` is
//! `x + (1 > y)` there, which is hardly ever meant: where the levels make a difference to a comparison, brackets are asked for.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A number, as written.
    Number(String),
    Name(String),
    Negative(Box<Node>),
    /// `+ - * / ^ & |`
    Binary(char, Box<[Node; 2]>),
    /// `< > <= >= == !=`
    Compare(&'static str, Box<[Node; 2]>),
    Call(String, Vec<Node>),
    /// `if(c)then(a)else(b)`
    If(Box<[Node; 3]>),
}

impl Node {
    /// Calls `visit` with this expression and all in it.
    pub(super) fn each(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Number(_) | Self::Name(_) => {}
            Self::Negative(a) => a.each(visit),
            Self::Binary(_, both) | Self::Compare(_, both) => {
                both.iter().for_each(|part| part.each(visit))
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|part| part.each(visit)),
            Self::If(parts) => parts.iter().for_each(|part| part.each(visit)),
        }
    }
}

/// Brackets and signs deeper than this are refused rather than the stack overrun.
const DEEPEST: usize = 150;
/// Words in one line beyond which it is refused likewise.
const LONGEST: usize = 2000;

#[derive(Debug, Clone, PartialEq)]
enum Word {
    Number(String),
    Name(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 20] = [
    "**", "<=", ">=", "==", "!=", "+", "-", "*", "/", "^", "(", ")", ",", "<", ">", "&", "|", "'",
    "[", "]",
];

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_whitespace() {
            c.len_utf8()
        } else if c.is_ascii_digit()
            || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit()))
        {
            let length = crate::language::number_length(rest);
            let number = &rest[..length];
            if !number.parse::<f64>().is_ok_and(f64::is_finite) {
                return Err(format!("`{number}` is no number"));
            }
            if rest[length..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '.')
            {
                return Err(format!(
                    "`{number}` runs into what follows it; write `*` between a number and what it multiplies"
                ));
            }
            words.push(Word::Number(number.into()));
            length
        } else if c.is_ascii_alphabetic() || c == '_' {
            let length = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            words.push(Word::Name(rest[..length].into()));
            length
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            if *sign == "[" || *sign == "]" {
                return Err("arrays `[...]` are not translated; write each equation out".into());
            }
            words.push(Word::Sign(sign));
            sign.len()
        } else {
            return Err(match c {
                '{' | '}' => "integrals and sets in `{}` are not translated".into(),
                '=' => "a second `=`; equality is written `==`".into(),
                _ => format!("`{c}` means nothing in an expression"),
            });
        };
        rest = &rest[length..];
        if words.len() > LONGEST {
            return Err(format!(
                "more than {LONGEST} words in one line; give parts of it names"
            ));
        }
    }
    words.push(Word::End);
    Ok(words)
}

/// The expression that a text is.
///
/// # Errors
/// What does not read, in words.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser {
        words: words(text)?,
        next: 0,
        depth: 0,
    };
    let (node, _) = parser.sum()?;
    match parser.peek() {
        Word::End => Ok(node),
        _ => Err(parser.expected("an operator, or the end of the line")),
    }
}

struct Parser {
    words: Vec<Word>,
    next: usize,
    depth: usize,
}

/// An expression, and whether it is a comparison without brackets around it.
type Read = (Node, bool);

const BRACKETS: &str = "XPPAUT compares before it adds, multiplies and takes the sign, and from left to right (`x + 1 > y` is \
     `x + (1 > y)`); put brackets on both sides of the comparison where they are meant";

impl Parser {
    fn peek(&self) -> &Word {
        &self.words[self.next]
    }

    fn take(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        match self.peek() {
            Word::Sign(sign) if signs.contains(sign) => {
                let sign = *sign;
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn expected(&self, what: &str) -> String {
        let found = match self.peek() {
            Word::Number(text) => format!("the number {text}"),
            Word::Name(name) => format!("`{name}`"),
            Word::Sign(sign) => format!("`{sign}`"),
            Word::End => "the end of the line".into(),
        };
        format!("expected {what}, found {found}")
    }

    fn sum(&mut self) -> Result<Read, String> {
        if self.depth == DEEPEST {
            return Err(format!(
                "brackets and signs stand more than {DEEPEST} deep in each other; give parts of it names"
            ));
        }
        self.depth += 1;
        let mut left = self.product()?;
        while let Some(sign) = self.take(&["+", "-", "|"]) {
            let right = self.product()?;
            left = joined(sign, left, right)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Read, String> {
        let mut left = self.sign()?;
        while let Some(sign) = self.take(&["*", "/", "&"]) {
            let right = self.sign()?;
            left = joined(sign, left, right)?;
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Read, String> {
        let mut n_minus = 0;
        let mut n_signs = 0;
        while let Some(sign) = self.take(&["-", "+"]) {
            n_minus += usize::from(sign == "-");
            n_signs += 1;
        }
        let (mut node, is_bare) = self.power()?;
        if n_signs > 0 && is_bare {
            return Err(BRACKETS.into());
        }
        if n_minus % 2 == 1 {
            node = Node::Negative(Box::new(node));
        }
        Ok((node, is_bare))
    }

    fn power(&mut self) -> Result<Read, String> {
        let (mut left, mut is_bare) = (self.atom()?, false);
        while let Some(sign) = self.take(&["^", "**", "<=", ">=", "==", "!=", "<", ">"]) {
            if is_bare {
                return Err(BRACKETS.into());
            }
            // A sign may stand here; where XPPAUT takes it, it means this.
            let is_negative = self.take(&["-"]).is_some();
            let mut right = self.atom()?;
            if is_negative {
                right = Node::Negative(Box::new(right));
            }
            let both = Box::new([left, right]);
            left = match sign {
                "^" | "**" => Node::Binary('^', both),
                comparison => {
                    is_bare = true;
                    Node::Compare(comparison, both)
                }
            };
        }
        Ok((left, is_bare))
    }

    fn bracket(&mut self) -> Result<Node, String> {
        if self.take(&["("]).is_none() {
            return Err(self.expected("`(`"));
        }
        let (node, _) = self.sum()?;
        if self.take(&[")"]).is_none() {
            return Err(self.expected("`)`"));
        }
        Ok(node)
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        if *self.peek() == Word::Name(word.into()) {
            self.next += 1;
            return Ok(());
        }
        Err(self.expected(&format!("`{word}`")))
    }

    fn atom(&mut self) -> Result<Node, String> {
        match self.peek().clone() {
            Word::Number(text) => {
                self.next += 1;
                Ok(Node::Number(text))
            }
            Word::Name(name) if name == "if" => {
                self.next += 1;
                let condition = self.bracket()?;
                self.word("then")?;
                let yes = self.bracket()?;
                self.word("else")?;
                let no = self.bracket()?;
                Ok(Node::If(Box::new([condition, yes, no])))
            }
            Word::Name(name) => {
                self.next += 1;
                if self.take(&["("]).is_none() {
                    return Ok(Node::Name(name));
                }
                let mut arguments = Vec::new();
                loop {
                    arguments.push(self.sum()?.0);
                    if self.take(&[")"]).is_some() {
                        return Ok(Node::Call(name, arguments));
                    }
                    if self.take(&[","]).is_none() {
                        return Err(self.expected("`,` or `)`"));
                    }
                }
            }
            Word::Sign("(") => self.bracket(),
            _ => Err(self.expected("a number, a name, or `(`")),
        }
    }
}

fn joined(sign: &str, left: Read, right: Read) -> Result<Read, String> {
    let is_logic = sign == "&" || sign == "|";
    if !is_logic && (left.1 || right.1) {
        return Err(BRACKETS.into());
    }
    let sign = sign.chars().next().expect("a sign has a character");
    Ok((Node::Binary(sign, Box::new([left.0, right.0])), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_powers_bind_as_in_xppaut() {
        let name = |name: &str| Node::Name(name.into());
        let x2 = Node::Binary('^', Box::new([name("x"), Node::Number("2".into())]));
        assert_eq!(parse("-x^2"), Ok(Node::Negative(Box::new(x2.clone()))));
        assert_eq!(parse("x**2"), Ok(x2.clone()));
        let left_first = Node::Binary('^', Box::new([x2, name("y")]));
        assert_eq!(parse("x^2^y"), Ok(left_first));
    }

    #[test]
    fn comparisons_that_read_otherwise_than_they_look_ask_for_brackets() {
        for text in ["x+1>y", "x>y+1", "2*x>y", "x>2*y", "-x>y", "x>y^2", "x>y>z"] {
            assert!(parse(text).unwrap_err().contains("brackets"), "{text}");
        }
        for text in [
            "(x+1)>y",
            "x>(y+1)",
            "x^2>y",
            "x>-1",
            "x>y&y>z|z>1",
            "(x>y)*z",
            "if(x>1)then(2)else(3)",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }
}
