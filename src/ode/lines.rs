//! The lines of an .ode file: which says what.

use std::rc::Rc;

use super::Fault;
use super::expression::{Node, parse};

/// What a line says.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// `x' = ...`
    Equation(Node),
    /// `u = ...`
    Fixed(Node),
    /// `!a = ...`
    Derived(Node),
    /// `f(x, y) = ...`
    Function(Vec<String>, Node),
    /// `aux a = ...`
    Aux(Node),
    /// `par a = 1`; `number a = 1` cannot be changed there.
    Parameter(f64, &'static str),
    /// `init x = 1` or `x(0) = 1`
    Initial(f64),
}

/// A name of which something is said.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) line: usize,
    /// The line as it stands.
    pub(super) text: Rc<str>,
    pub(super) name: String,
    pub(super) said: Said,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) items: Vec<Item>,
    pub(super) faults: Vec<Fault>,
    /// Of the study: `total=200` and the like.
    pub(super) study: Vec<String>,
    /// What was left out, in words.
    pub(super) notes: Vec<String>,
    /// The first line that is a comment.
    pub(super) title: Option<String>,
}

/// Options that say something of the study rather than of the drawing.
const STUDY: [&str; 10] = [
    "total", "dt", "meth", "method", "bounds", "bound", "t0", "trans", "delay", "njmp",
];

pub(super) fn lines(text: &str) -> Lines {
    let mut read = Lines::default();
    let mut ignored = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let number = index + 1;
        let mut whole = line.trim_end().to_owned();
        while let Some(begun) = whole.strip_suffix('\\') {
            whole = begun.to_owned();
            match lines.next() {
                Some((_, more)) => whole += more.trim_end(),
                None => break,
            }
        }
        let shown = whole.trim().to_owned();
        let comment = shown.strip_prefix(['#', '"']);
        if let Some(comment) = comment {
            let comment = comment.trim_matches(|c: char| c.is_whitespace() || "#\"-=*".contains(c));
            if read.title.is_none()
                && read.items.is_empty()
                && comment.contains(|c: char| c.is_alphabetic())
            {
                read.title = Some(comment.to_owned());
            }
            continue;
        }
        let code = shown
            .split('#')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        if code.is_empty() {
            continue;
        }
        if code == "done" || code == "d" {
            break;
        }
        let before = read.items.len();
        let said = read.line(number, &code, &mut ignored);
        let text: Rc<str> = shown.as_str().into();
        read.items[before..]
            .iter_mut()
            .for_each(|item| item.text = Rc::clone(&text));
        if let Err(message) = said {
            read.faults.push(Fault {
                line: Some(number),
                text: shown,
                message,
            });
        }
    }
    if !ignored.is_empty() {
        read.notes.push(format!(
            "options of XPPAUT's screen and solvers were left out: {}",
            ignored.join(", ")
        ));
    }
    read
}

impl Lines {
    fn push(&mut self, line: usize, name: &str, said: Said) {
        self.items.push(Item {
            line,
            text: Rc::from(""),
            name: name.into(),
            said,
        });
    }

    fn line(&mut self, line: usize, code: &str, ignored: &mut Vec<String>) -> Result<(), String> {
        if let Some(options) = code.strip_prefix('@') {
            for option in options
                .split([',', ' ', '\t'])
                .filter(|option| !option.is_empty())
            {
                let key = option.split('=').next().unwrap_or_default();
                if STUDY.contains(&key) {
                    self.study.push(option.into());
                } else {
                    ignored.push(key.into());
                }
            }
            return Ok(());
        }
        if let Some(derived) = code.strip_prefix('!') {
            let (name, expression) = assigned(derived)?;
            let said = Said::Derived(parse(expression)?);
            self.push(line, name, said);
            return Ok(());
        }
        if let Some((word, rest)) = keyword(code) {
            return self.keyword(line, word, rest);
        }
        if code.starts_with('%')
            || code
                .split('=')
                .next()
                .is_some_and(|left| left.contains('['))
        {
            return Err("arrays `[...]` are not translated; write each equation out".into());
        }
        let (left, right) = assigned_to(code)?;
        if right.contains(['{', '}']) {
            return Err("integrals (Volterra equations, `int{}`) are not translated".into());
        }
        if left == "0" {
            return Err("algebraic equations `0 = ...` are not translated".into());
        }
        let slashed = left
            .split_once('/')
            .map(|(above, below)| (above.trim(), below.trim()));
        if let Some((above, "dt")) = slashed
            && let Some(name) = above.strip_prefix('d')
        {
            let said = Said::Equation(parse(right)?);
            self.push(line, is_name(name)?, said);
        } else if let Some(name) = left.strip_suffix('\'') {
            let said = Said::Equation(parse(right)?);
            self.push(line, is_name(name.trim())?, said);
        } else if let Some((name, arguments)) =
            left.strip_suffix(')').and_then(|left| left.split_once('('))
        {
            self.called(line, is_name(name.trim())?, arguments.trim(), right)?;
        } else {
            let said = Said::Fixed(parse(right)?);
            self.push(line, is_name(left)?, said);
        }
        Ok(())
    }

    /// `x(0) = 1`, `x(t) = ...`, `x(t+1) = ...` or `f(x, y) = ...`
    fn called(
        &mut self,
        line: usize,
        name: &str,
        arguments: &str,
        right: &str,
    ) -> Result<(), String> {
        if arguments == "0" {
            let value = number(right).map_err(|_| {
                format!("a start is a number here, `{right}` is none; a past that varies is `initial.history` of a study")
            })?;
            self.push(line, name, Said::Initial(value));
            return Ok(());
        }
        if arguments == "t" {
            return Err("equations of the form `x(t) = ...` (Volterra) are not translated".into());
        }
        if arguments.starts_with('t') && arguments.contains(['+', '-']) {
            return Err(
                "maps, `x(t+1) = ...`, are not translated: a model has rates of change".into(),
            );
        }
        let names: Vec<String> = arguments
            .split(',')
            .map(|argument| is_name(argument.trim()).map(String::from))
            .collect::<Result<_, _>>()?;
        if let Some(twice) = names
            .iter()
            .enumerate()
            .find(|(k, name)| names[..*k].contains(name))
        {
            return Err(format!("two arguments are called `{}`", twice.1));
        }
        let said = Said::Function(names, parse(right)?);
        self.push(line, name, said);
        Ok(())
    }

    fn keyword(&mut self, line: usize, word: Word, rest: &str) -> Result<(), String> {
        match word {
            Word::Parameter(kind) => {
                for (name, value) in assignments(rest)? {
                    let value = number(value)?;
                    self.push(line, name, Said::Parameter(value, kind));
                }
            }
            Word::Initial => {
                for (name, value) in assignments(rest)? {
                    let value = number(value)?;
                    self.push(line, name, Said::Initial(value));
                }
            }
            Word::Aux => {
                let (name, expression) = assigned(rest)?;
                let said = Said::Aux(parse(expression)?);
                self.push(line, name, said);
            }
            Word::Ignored(what) => self.notes.push(format!("line {line}: {what}")),
            Word::Refused(why) => return Err(why.into()),
        }
        Ok(())
    }
}

/// What a line is that begins with a word of XPPAUT's.
#[derive(Debug, Clone, Copy)]
enum Word {
    Parameter(&'static str),
    Initial,
    Aux,
    Ignored(&'static str),
    Refused(&'static str),
}

/// The word that a line begins with, and the rest of it.
fn keyword(code: &str) -> Option<(Word, &str)> {
    let end = code.find(char::is_whitespace)?;
    let (word, rest) = code.split_at(end);
    let rest = rest.trim();
    // `p = 3` and `i' = ...` are of a quantity p, of a state i.
    if rest.starts_with(['=', '\'', '(']) {
        return None;
    }
    let word = match word {
        "p" | "par" | "para" | "param" | "params" | "parameter" | "parameters" => {
            Word::Parameter("parameter")
        }
        "n" | "num" | "number" | "numbers" => Word::Parameter("constant"),
        "i" | "init" | "initial" => Word::Initial,
        "a" | "aux" | "auxiliary" => Word::Aux,
        "wiener" | "w" => Word::Refused(
            "noise is not translated: it belongs to the study ([noise]); take this line and its variables out of the equations",
        ),
        "markov" | "m" => Word::Refused("Markov processes are not translated"),
        "table" | "tab" => Word::Refused("tables are not translated; a function fitted to it is"),
        "global" | "g" => Word::Refused(
            "`global`, a jump where a condition holds, is not translated: states of a model change smoothly",
        ),
        "volt" | "volterra" => Word::Refused("integrals (Volterra equations) are not translated"),
        "solv" | "solve" => Word::Refused("algebraic equations are not translated"),
        "special" => Word::Refused(
            "`special` (networks, convolutions) is not translated; a connectome is a study's",
        ),
        "var" | "variable" | "variables" | "v" | "odes" | "o" => Word::Refused(
            "the oldest form of .ode files is not translated; write `x' = ...` for each variable",
        ),
        "bdry" | "bndry" | "b" => Word::Ignored("a boundary condition was left out"),
        "only" => Word::Ignored("`only`, what is drawn, was left out"),
        "set" => Word::Ignored("a set of parameters (`set`) was left out"),
        "export" | "vector" | "options" | "opt" | "group" => {
            Word::Ignored("this line says nothing of the equations and was left out")
        }
        _ => return None,
    };
    Some((word, rest))
}

/// `name = expression`
fn assigned(text: &str) -> Result<(&str, &str), String> {
    let (name, expression) = assigned_to(text)?;
    Ok((is_name(name)?, expression))
}

fn assigned_to(text: &str) -> Result<(&str, &str), String> {
    let (left, right) = text.split_once('=').ok_or(
        "neither an equation, nor a definition, nor a line that begins with a word of XPPAUT's",
    )?;
    let (left, right) = (left.trim(), right.trim());
    if right.is_empty() {
        return Err("nothing stands behind `=`".into());
    }
    Ok((left, right))
}

/// `a=1, b = 2 c=3`: names and what is written behind them.
fn assignments(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else {
            return Err(format!("expected `name=number`, found `{rest}`"));
        };
        let after = after.trim_start();
        let end = after
            .find(|c: char| c == ',' || c.is_whitespace())
            .unwrap_or(after.len());
        found.push((is_name(name.trim())?, &after[..end]));
        rest = after[end..].trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    }
    if found.is_empty() {
        return Err("expected `name=number`, found the end of the line".into());
    }
    Ok(found)
}

fn is_name(text: &str) -> Result<&str, String> {
    if text.contains('[') {
        return Err("arrays `[...]` are not translated; write each equation out".into());
    }
    if crate::language::is_name(text) {
        return Ok(text);
    }
    Err(format!(
        "`{text}` is no name: a letter, then letters, digits and `_`"
    ))
}

fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value)
            if value.is_finite()
                && !text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e') =>
        {
            Ok(value)
        }
        _ => Err(format!(
            "`{text}` is no number; what is worked out from parameters is written `!name=expression`"
        )),
    }
}
