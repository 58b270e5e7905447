//! Expressions of XPPAUT, written in our language.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::expression::Node;

/// Functions that our language lacks, and how they are written in it.
pub(super) const HELPERS: [(&str, &str); 7] = [
    ("tan", "tan(x) = sin(x)/cos(x)"),
    ("sinh", "sinh(x) = 0.5*(exp(x) - exp(-x))"),
    ("cosh", "cosh(x) = 0.5*(exp(x) + exp(-x))"),
    ("log10", "log10(x) = log(x)/log(10)"),
    ("sign", "sign(x) = piecewise(x < 0, -1, x > 0, 1, 0)"),
    ("erf", "erf(x) = 1 - erfc(x)"),
    ("equal", "equal(x, y) = piecewise(x < y, 0, x > y, 0, 1)"),
];

/// What a name of the file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    State,
    Parameter,
    /// Worked out from parameters.
    Derived,
    Quantity,
    Function(usize),
}

/// The names of a file, and what was needed of them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In lower case, to what they are here and what that is.
    pub(super) known: BTreeMap<String, (String, Kind)>,
    /// Helpers that were needed.
    pub(super) helpers: BTreeSet<&'static str>,
    /// Parameters made for delays that were written as numbers: name and value.
    pub(super) delays: Vec<(String, f64)>,
    /// What may not be as it was, in words.
    pub(super) notes: BTreeSet<String>,
    /// Our names that are taken.
    taken: BTreeSet<String>,
    /// Words of lines that cannot be translated, and which lines.
    broken: BTreeMap<String, usize>,
    /// Whether a power is written with exp and log also where its exponent is a function's argument.
    pub(super) by_logarithms: bool,
}

/// How strongly a text holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Sum,
    Product,
    Sign,
    Power,
    Whole,
}

type Written = Result<(String, Binds), String>;

/// An expression, being written.
struct Writer<'a> {
    names: &'a mut Names,
    /// The arguments of the function that it is of, and what they are called here.
    arguments: &'a [(String, String)],
}

impl Names {
    pub(super) fn new(by_logarithms: bool, faults: &[Fault]) -> Self {
        let mut broken = BTreeMap::new();
        for fault in faults {
            let text = fault.text.to_lowercase();
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                broken
                    .entry(word.to_owned())
                    .or_insert(fault.line.unwrap_or(0));
            }
        }
        Self {
            by_logarithms,
            broken,
            ..Self::default()
        }
    }

    /// `name` of the file, which is called `ours` here.
    pub(super) fn add(&mut self, name: &str, ours: String, kind: Kind) {
        self.taken.insert(ours.clone());
        self.known.insert(name.into(), (ours, kind));
    }

    /// The expression in our language.
    ///
    /// # Errors
    /// What cannot be said in it, in words.
    pub(super) fn write(
        &mut self,
        node: &Node,
        arguments: &[(String, String)],
    ) -> Result<String, String> {
        let mut writer = Writer {
            names: self,
            arguments,
        };
        Ok(writer.node(node)?.0)
    }

    /// Whether only numbers and parameters are in it.
    pub(super) fn is_constant(&self, node: &Node, arguments: &[(String, String)]) -> bool {
        let mut constant = true;
        node.each(&mut |part| {
            if let Node::Name(name) = part {
                let is_argument = arguments.iter().any(|(argument, _)| argument == name);
                constant &= match self.known.get(name) {
                    _ if is_argument => !self.by_logarithms,
                    Some((_, kind)) => matches!(kind, Kind::Parameter | Kind::Derived),
                    None => name == "pi",
                };
            }
            constant &= !matches!(part, Node::Call(name, _) if name == "delay" || name == "t");
        });
        constant
    }

    /// Whether an argument may be called so without being taken for something else.
    pub(super) fn can_be_argument(&self, argument: &str, ours: &str) -> bool {
        let means_itself = self
            .known
            .get(argument)
            .is_some_and(|(name, _)| name == ours);
        !crate::language::is_reserved(ours) && (means_itself || !self.taken.contains(ours))
    }

    /// A name that nothing else has.
    pub(super) fn free(&self, wish: &str) -> String {
        let taken = |name: &str| {
            let is_helper = HELPERS.iter().any(|(helper, _)| *helper == name);
            // Not another's name in the file either, which it may keep.
            is_helper
                || self.taken.contains(name)
                || (name != wish && self.known.contains_key(name))
                || crate::language::is_reserved(name)
        };
        let mut name = wish.to_owned();
        while taken(&name) {
            name.push('_');
        }
        name
    }
}

fn bracketed((text, binds): (String, Binds), at_least: Binds) -> String {
    if binds < at_least || (at_least > Binds::Sum && text.starts_with('-')) {
        format!("({text})")
    } else {
        text
    }
}

/// `1 - exp(...)` or `exp(...) - 1`
fn is_exponential_less_one(node: &Node) -> bool {
    let is_one = |node: &Node| matches!(node, Node::Number(text) if text.parse() == Ok(1.0));
    let is_exponential = |node: &Node| matches!(node, Node::Call(name, _) if name == "exp");
    match node {
        Node::Binary('-', both) => {
            is_one(&both[0]) && is_exponential(&both[1])
                || is_exponential(&both[0]) && is_one(&both[1])
        }
        _ => false,
    }
}

impl Writer<'_> {
    fn node(&mut self, node: &Node) -> Written {
        Ok(match node {
            Node::Number(text) => (text.clone(), Binds::Whole),
            Node::Name(name) => (self.name(name)?, Binds::Whole),
            Node::Negative(inner) => (
                format!("-{}", bracketed(self.node(inner)?, Binds::Sign)),
                Binds::Sign,
            ),
            Node::Binary('^', both) => self.power(&both[0], &both[1])?,
            Node::Binary(sign @ ('&' | '|'), both) => {
                let (first, yes, no) = if *sign == '&' {
                    (&both[0], "", ", 0")
                } else {
                    (&both[0], ", 1", "")
                };
                let condition = self.condition(first)?;
                let second = self.condition(&both[1])?;
                let second = format!("piecewise({second}, 1, 0)");
                let text = match *sign {
                    '&' => format!("piecewise({condition}, {second}{no})"),
                    _ => format!("piecewise({condition}{yes}, {second})"),
                };
                (text, Binds::Whole)
            }
            Node::Binary(sign, both) => {
                if *sign == '/' && is_exponential_less_one(&both[1]) {
                    let below = self.node(&both[1])?.0;
                    self.names.notes.insert(format!(
                        "a division by `{below}` is 0/0 where the exponent is 0; there `x/(1 - exp(-x))` is better written `1/exprel(-x)`"
                    ));
                }
                let (left, right) = (self.node(&both[0])?, self.node(&both[1])?);
                match sign {
                    // A sum may begin with a sign, and what a sign stands before may be multiplied.
                    '+' | '-' => (
                        format!("{} {sign} {}", left.0, bracketed(right, Binds::Product)),
                        Binds::Sum,
                    ),
                    _ => {
                        let left = if left.1 == Binds::Sum {
                            format!("({})", left.0)
                        } else {
                            left.0
                        };
                        (
                            format!("{left}{sign}{}", bracketed(right, Binds::Sign)),
                            Binds::Product,
                        )
                    }
                }
            }
            Node::Compare(sign @ ("==" | "!="), both) => {
                self.names.helpers.insert("equal");
                let (left, right) = (self.node(&both[0])?.0, self.node(&both[1])?.0);
                match *sign {
                    "==" => (format!("equal({left}, {right})"), Binds::Whole),
                    _ => (format!("1 - equal({left}, {right})"), Binds::Sum),
                }
            }
            Node::Compare(..) => (
                format!("piecewise({}, 1, 0)", self.condition(node)?),
                Binds::Whole,
            ),
            Node::If(parts) => {
                let condition = self.condition(&parts[0])?;
                let (yes, no) = (self.node(&parts[1])?.0, self.node(&parts[2])?.0);
                (format!("piecewise({condition}, {yes}, {no})"), Binds::Whole)
            }
            Node::Call(name, arguments) => self.call(name, arguments)?,
        })
    }

    /// As a condition of `piecewise`: a comparison, or whether a number is not 0.
    fn condition(&mut self, node: &Node) -> Result<String, String> {
        match node {
            Node::Compare(sign @ ("<" | "<=" | ">" | ">="), both) => {
                let (left, right) = (self.node(&both[0])?.0, self.node(&both[1])?.0);
                Ok(format!("{left} {sign} {right}"))
            }
            // These are 0 or 1.
            Node::Compare(..) | Node::Binary('&' | '|', _) => {
                Ok(format!("{} > 0", self.node(node)?.0))
            }
            Node::Call(name, _) if name == "not" => Ok(format!("{} > 0", self.node(node)?.0)),
            _ => {
                self.names.helpers.insert("equal");
                Ok(format!("equal({}, 0) < 1", self.node(node)?.0))
            }
        }
    }

    fn power(&mut self, base: &Node, exponent: &Node) -> Written {
        let number = match exponent {
            Node::Number(text) => Some(text.clone()),
            Node::Negative(inner) => match &**inner {
                Node::Number(text) => Some(format!("-{text}")),
                _ => None,
            },
            _ => None,
        };
        let is_positive =
            matches!(base, Node::Number(text) if text.parse::<f64>().is_ok_and(|x| x > 0.0));
        let is_constant = self.names.is_constant(exponent, self.arguments);
        let base = self.node(base)?;
        let whole = bracketed(base.clone(), Binds::Whole);
        if let Some(number) = number {
            return Ok((format!("{whole}^{number}"), Binds::Power));
        }
        let exponent = self.node(exponent)?;
        let power = format!("{whole}^{}", bracketed(exponent.clone(), Binds::Whole));
        if is_positive {
            return Ok((power, Binds::Power));
        }
        let by_logarithm = format!(
            "exp({}*log({}))",
            bracketed(exponent, Binds::Product),
            base.0
        );
        self.names.notes.insert(format!("`{power}` is worked out as `{by_logarithm}`: what stands below the power has to stay above 0"));
        if is_constant {
            return Ok((power, Binds::Power));
        }
        Ok((by_logarithm, Binds::Whole))
    }

    fn name(&self, name: &str) -> Result<String, String> {
        if let Some((_, ours)) = self.arguments.iter().find(|(argument, _)| argument == name) {
            return Ok(ours.clone());
        }
        match self.names.known.get(name) {
            Some((_, Kind::Function(_))) => {
                Err(format!("`{name}` is a function; write `{name}(...)`"))
            }
            Some((ours, _)) => Ok(ours.clone()),
            None if name == "pi" => Ok(name.into()),
            None if name == "t" => Err(
                "equations do not depend on time here; drive an input of a study instead".into(),
            ),
            None if self.names.broken.contains_key(name) => Err(format!(
                "`{name}` stands in line {}, which cannot be translated",
                self.names.broken[name]
            )),
            None => Err(format!(
                "`{name}` is no variable, parameter or fixed quantity{}",
                crate::language::nearest(name, self.names.known.keys().map(String::as_str))
            )),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Node]) -> Written {
        let count = |wanted: usize| {
            let few = if wanted == 1 {
                "one argument".into()
            } else {
                format!("{wanted} arguments")
            };
            match arguments.len() == wanted {
                true => Ok(()),
                false => Err(format!("`{name}` takes {few}, {} given", arguments.len())),
            }
        };
        let whole = |text: String| Ok((text, Binds::Whole));
        if let Some((ours, kind)) = self.names.known.get(name).cloned() {
            return match kind {
                Kind::Function(n) => {
                    count(n)?;
                    let texts = self.texts(arguments)?;
                    whole(format!("{ours}({texts})"))
                }
                // x(t - tau)
                Kind::State if arguments.len() == 1 => match &arguments[0] {
                    Node::Binary('-', both) if both[0] == Node::Name("t".into()) => {
                        self.delayed(&ours, &both[1])
                    }
                    _ => Err(format!(
                        "`{name}` is a variable, no function; its past is `delay({name}, tau)`"
                    )),
                },
                _ => Err(format!(
                    "`{name}` is no function; a product is written with `*`"
                )),
            };
        }
        if let Some(&(helper, _)) = HELPERS
            .iter()
            .find(|(helper, _)| *helper == name && *helper != "equal")
        {
            count(1)?;
            self.names.helpers.insert(helper);
            let text = self.texts(arguments)?;
            return whole(format!("{helper}({text})"));
        }
        match name {
            "exp" | "sqrt" | "sin" | "cos" | "tanh" | "abs" | "erfc" | "ln" | "log" | "heav"
            | "flr" => {
                count(1)?;
                let ours = match name {
                    "ln" => "log",
                    "heav" => "heaviside",
                    "flr" => "floor",
                    same => same,
                };
                let text = self.texts(arguments)?;
                whole(format!("{ours}({text})"))
            }
            "min" | "max" => {
                count(2)?;
                let text = self.texts(arguments)?;
                whole(format!("{name}({text})"))
            }
            "not" => {
                count(1)?;
                let condition = self.condition(&arguments[0])?;
                whole(format!("piecewise({condition}, 0, 1)"))
            }
            "delay" => {
                count(2)?;
                let Node::Name(signal) = &arguments[0] else {
                    return Err("`delay` takes the name of a variable and how late it is".into());
                };
                match self.names.known.get(signal).cloned() {
                    Some((ours, Kind::State)) => self.delayed(&ours, &arguments[1]),
                    Some(_) => Err(format!(
                        "`{signal}` is no variable; only those can be delayed"
                    )),
                    None => self
                        .name(signal)
                        .and(Err(format!("`{signal}` cannot be delayed"))),
                }
            }
            "ran" | "normal" | "poisson" => Err(format!(
                "`{name}` draws random numbers; noise belongs to the study ([noise])"
            )),
            "asin" | "acos" | "atan" | "atan2" | "ceil" | "mod" | "besselj" | "bessely"
            | "besseli" | "lgamma" | "shift" | "ishift" | "del_shft" | "sum" | "hom_bcs"
            | "set" => Err(format!("`{name}` has no counterpart in our equations")),
            _ => {
                let functions = self
                    .names
                    .known
                    .iter()
                    .filter(|(_, (_, kind))| matches!(kind, Kind::Function(_)));
                let functions = functions.map(|(name, _)| name.as_str());
                let nearest = crate::language::nearest(
                    name,
                    functions.chain(["exp", "sqrt", "tanh", "heav", "delay"]),
                );
                Err(format!("`{name}` is no function{nearest}"))
            }
        }
    }

    fn texts(&mut self, arguments: &[Node]) -> Result<String, String> {
        let texts: Vec<String> = arguments
            .iter()
            .map(|node| Ok(self.node(node)?.0))
            .collect::<Result<_, String>>()?;
        Ok(texts.join(", "))
    }

    fn delayed(&mut self, signal: &str, delay: &Node) -> Written {
        let parameter = match delay {
            Node::Name(name) => match self.names.known.get(name) {
                Some((ours, Kind::Parameter)) if !self.arguments.iter().any(|(argument, _)| argument == name) => ours.clone(),
                _ => return Err(format!("a delay is a parameter or a number here, `{name}` is neither")),
            },
            Node::Number(text) => {
                let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
                match self.names.delays.iter().find(|(_, other)| *other == value) {
                    Some((name, _)) => name.clone(),
                    None => {
                        let name = self.names.free(&format!("delay{}", self.names.delays.len() + 1));
                        self.names.taken.insert(name.clone());
                        self.names.delays.push((name.clone(), value));
                        name
                    }
                }
            }
            _ => return Err("a delay is a parameter or a number here, not something worked out; make it a parameter of its own".into()),
        };
        Ok((format!("delayed({signal}, {parameter})"), Binds::Whole))
    }
}
