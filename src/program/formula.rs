//! Programs as formulas, to be read by people.
//!
//! What is used once is written where it is used, what is shared gets a name. Formulas are tidied as one would by hand: `x + x` is
//! `2*x`, `a*(1/b)` is `a/b`. They are equal to the program as mathematics, not in the last bit.

use super::{Function, Id, Op, Program};

/// Results as formulas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formulas {
    /// Names of what is shared and their formulas; each needs only those above it.
    pub shared: Vec<(String, String)>,
    /// One formula for each result; "0" where there is nothing.
    pub results: Vec<String>,
}

/// Texts up to this long are written out rather than named, however often they occur.
const SHORT: usize = 12;

/// A product: a number, and factors with whole powers, in the order of [`Rank`].
#[derive(Debug, Clone, PartialEq)]
struct Term {
    number: f64,
    factors: Vec<(Rank, String, i32)>,
}

/// What stands first in a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Constant,
    Name,
    Call,
    Bracket,
}

/// A sum of products; nothing is 0.
type Sum = Vec<Term>;

impl Program {
    /// Results as formulas over arguments with these names; those after the first `n_varying` are constants, and stand first in products.
    /// The last `known.len()` results are not asked for: they are values that have names already, and are called so in the others.
    pub fn formulas(&self, arguments: &[String], n_varying: usize, known: &[String]) -> Formulas {
        let n_wanted = self.results.len() - known.len();
        let mut name_of: Vec<Option<&str>> = vec![None; self.n_values()];
        for (&id, name) in self.results[n_wanted..].iter().zip(known) {
            if !matches!(self.op(id), None | Some(Op::Literal(_))) {
                name_of[id as usize].get_or_insert(name);
            }
        }
        let wanted = &self.results[..n_wanted];
        let uses = self.uses(wanted, &name_of);
        let prefix = free_prefix(arguments.iter().chain(known));
        let mut shared = Vec::new();
        let rank = |index| {
            if index < n_varying {
                Rank::Name
            } else {
                Rank::Constant
            }
        };
        let named = arguments.iter().enumerate();
        let mut sums: Vec<Sum> = named
            .map(|(index, name)| factor(rank(index), name.clone()))
            .collect();
        for (id, op) in self.ids() {
            let index = id as usize;
            let mut sum = match (uses[index], name_of[index]) {
                (0, _) => Sum::new(),
                (_, Some(name)) => factor(Rank::Name, name.into()),
                _ => made(op, &sums),
            };
            if uses[index] > 1 && name_of[index].is_none() {
                let text = written(&sum);
                if text.len() > SHORT {
                    let name = format!("{prefix}{}", shared.len() + 1);
                    sum = factor(Rank::Name, name.clone());
                    shared.push((name, text));
                }
            }
            sums.push(sum);
        }
        let results = wanted
            .iter()
            .map(|&id| written(&sums[id as usize]))
            .collect();
        Formulas { shared, results }
    }

    /// How often each value is needed for `wanted`, where those that have names need nothing.
    fn uses(&self, wanted: &[Id], name_of: &[Option<&str>]) -> Vec<usize> {
        let mut uses = vec![0; self.n_values()];
        for &id in wanted {
            uses[id as usize] += 1;
        }
        for (id, op) in self.ids().collect::<Vec<_>>().into_iter().rev() {
            if uses[id as usize] > 0 && name_of[id as usize].is_none() {
                let mut operands: Vec<Id> = op.operands().collect();
                // `x x` and the like are one use.
                operands.sort_unstable();
                operands.dedup();
                operands.into_iter().for_each(|id| uses[id as usize] += 1);
            }
        }
        uses
    }
}

/// A beginning of names, such that with a number after it none is taken.
fn free_prefix<'a>(taken: impl Iterator<Item = &'a String> + Clone) -> String {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let mut prefixes = ["v", "w", "z"]
        .into_iter()
        .map(String::from)
        .chain((1..).map(|n| "v_".repeat(n)));
    prefixes
        .find(|prefix| {
            let clashes = |name: &String| name.strip_prefix(prefix.as_str()).is_some_and(is_number);
            !taken.clone().any(clashes)
        })
        .expect("there is no end of prefixes")
}

fn factor(rank: Rank, text: String) -> Sum {
    vec![Term {
        number: 1.0,
        factors: vec![(rank, text, 1)],
    }]
}

fn number(value: f64) -> Sum {
    if value == 0.0 {
        return Sum::new();
    }
    if value == std::f64::consts::PI {
        return factor(Rank::Constant, "pi".into());
    }
    vec![Term {
        number: value,
        factors: Vec::new(),
    }]
}

fn made(op: Op, sums: &[Sum]) -> Sum {
    let at = |id: Id| &sums[id as usize];
    match op {
        Op::Literal(value) => number(value),
        Op::Add(a, b) => added(at(a), at(b), 1.0),
        Op::Sub(a, b) => added(at(a), at(b), -1.0),
        Op::Mul(a, b) => product(at(a), at(b)),
        Op::Neg(a) => added(&Sum::new(), at(a), -1.0),
        Op::Call(Function::Recip, a) => inverse(at(a)),
        Op::Call(function, a) => factor(
            Rank::Call,
            format!("{}({})", function.name(), written(at(a))),
        ),
        Op::Look(table, a) => factor(Rank::Call, format!("{}[{}]", table.name(), written(at(a)))),
        Op::Select { less, yes, no } => select(less.map(at), at(yes), at(no)),
    }
}

fn select([a, b]: [&Sum; 2], yes: &Sum, no: &Sum) -> Sum {
    let zero = Sum::new();
    let one = number(1.0);
    if yes == no {
        return yes.clone();
    }
    let negative = added(&zero, no, -1.0);
    if *b == zero && a == no && *yes == negative {
        return factor(Rank::Call, format!("abs({})", written(a)));
    }
    if *b == zero && *yes == zero && *no == one {
        return factor(Rank::Call, format!("heaviside({})", written(a)));
    }
    if a == no && b == yes {
        return factor(Rank::Call, format!("max({}, {})", written(a), written(b)));
    }
    if a == yes && b == no {
        return factor(Rank::Call, format!("min({}, {})", written(a), written(b)));
    }
    let texts = [a, b, yes, no].map(written);
    let [a, b, yes, no] = texts;
    factor(Rank::Call, format!("piecewise({a} < {b}, {yes}, {no})"))
}

/// `a + sign b`, like terms together.
fn added(a: &Sum, b: &Sum, sign: f64) -> Sum {
    let mut sum = a.clone();
    for term in b {
        let value = sign * term.number;
        let sorted = sorted(&term.factors);
        match sum
            .iter_mut()
            .find(|other| self::sorted(&other.factors) == sorted)
        {
            Some(other) => other.number += value,
            None => sum.push(Term {
                number: value,
                factors: term.factors.clone(),
            }),
        }
    }
    sum.retain(|term| term.number != 0.0);
    sum
}

fn sorted(factors: &[(Rank, String, i32)]) -> Vec<&(Rank, String, i32)> {
    let mut factors: Vec<_> = factors.iter().collect();
    factors.sort();
    factors
}

/// A sum as one product: itself in brackets unless it is one.
fn single(sum: &Sum) -> Term {
    match sum.as_slice() {
        [term] => term.clone(),
        _ => Term {
            number: 1.0,
            factors: vec![(Rank::Bracket, format!("({})", written(sum)), 1)],
        },
    }
}

fn product(a: &Sum, b: &Sum) -> Sum {
    if a.is_empty() || b.is_empty() {
        return Sum::new();
    }
    for (one, other) in [(a, b), (b, a)] {
        if *one == number(-1.0) {
            return added(&Sum::new(), other, -1.0);
        }
    }
    let mut all = single(a);
    let more = single(b);
    all.number *= more.number;
    for (rank, text, power) in more.factors {
        match all.factors.iter_mut().find(|(_, other, _)| *other == text) {
            Some((_, _, sum)) => *sum += power,
            None => all.factors.push((rank, text, power)),
        }
    }
    all.factors.retain(|(_, _, power)| *power != 0);
    all.factors.sort_by_key(|(rank, _, _)| *rank);
    vec![all]
}

fn inverse(sum: &Sum) -> Sum {
    if sum.is_empty() {
        return factor(Rank::Bracket, "(1/0)".into());
    }
    let mut term = single(sum);
    term.factors
        .iter_mut()
        .for_each(|(_, _, power)| *power = -*power);
    let magnitude = term.number.abs();
    // A number below the line stays there: a third is not 0.3333.
    if magnitude != 1.0 {
        term.number = term.number.signum();
        term.factors
            .insert(0, (Rank::Constant, digits(magnitude), -1));
    }
    vec![term]
}

/// As short as it goes without another value.
fn digits(value: f64) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), String::from)
}

fn written(sum: &Sum) -> String {
    let mut text = String::new();
    for (index, term) in sum.iter().enumerate() {
        text += match (index, term.number < 0.0) {
            (0, false) => "",
            (0, true) => "-",
            (_, false) => " + ",
            (_, true) => " - ",
        };
        text += &term.written();
    }
    if text.is_empty() { "0".into() } else { text }
}

impl Term {
    /// Without its sign.
    fn written(&self) -> String {
        let power = |(_, text, power): &(Rank, String, i32)| match power.abs() {
            1 => text.clone(),
            n => format!("{text}^{n}"),
        };
        let magnitude = self.number.abs();
        let above = self.factors.iter().filter(|(_, _, power)| *power > 0);
        let mut above: Vec<String> = above.map(power).collect();
        if magnitude != 1.0 || above.is_empty() {
            above.insert(0, digits(magnitude));
        }
        let below = self.factors.iter().filter(|(_, _, power)| *power < 0);
        let below: Vec<String> = below.map(power).collect();
        let above = above.join("*");
        match below.as_slice() {
            [] => above,
            [one] => format!("{above}/{one}"),
            _ => format!("{above}/({})", below.join("*")),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::program::{Symbol, record};
    use crate::scalar::{Dual, Scalar};

    fn slope(of: impl Fn(Dual<Symbol>, Dual<Symbol>) -> Dual<Symbol>) -> String {
        let program = record(|| {
            let [x, a] = [0, 1].map(Symbol::argument);
            (
                2,
                vec![of(Dual::variable(x), Dual::constant(a)).derivative()],
            )
        });
        let formulas = program.formulas(&["x".into(), "a".into()], 1, &[]);
        assert_eq!(formulas.shared, []);
        formulas.results[0].clone()
    }

    #[test]
    fn derivatives_are_written_as_by_hand() {
        assert_eq!(slope(|x, a| a * x * x), "2*a*x");
        assert_eq!(slope(|x, _| x * x * x), "3*x^2");
        assert_eq!(slope(|_, a| a), "0");
        assert_eq!(slope(|x, a| x * a.recip()), "1/a");
        assert_eq!(slope(|x, a| (a * x).exp()), "a*exp(a*x)");
        assert_eq!(slope(|x, a| (x + a).recip()), "-1/(x + a)^2");
        assert_eq!(slope(|x, _| Dual::lit(3.0).recip() * x), "1/3");
        assert_eq!(slope(|x, a| a - x), "-1");
        assert_eq!(
            slope(|x, _| x.positive_part() * x),
            "max(x, 0) + x*heaviside(x)"
        );
    }

    #[test]
    fn what_is_shared_is_named_once_and_not_by_a_taken_name() {
        let program = record(|| {
            let [x, y] = [0, 1].map(Symbol::argument);
            let shared = (x + y * y * Symbol::lit(0.5)).sigmoid();
            let known = x * y;
            (2, vec![shared * x, shared * y + known, known])
        });
        let formulas = program.formulas(&["v1".into(), "y".into()], 2, &["uu".into()]);
        assert_eq!(
            formulas.shared,
            [("w1".into(), "sigmoid(v1 + 0.5*y^2)".into())]
        );
        assert_eq!(formulas.results, ["v1*w1", "uu + y*w1"]);
    }
}
